#include "cli/cli.h"

#include <string.h>
#include <unistd.h>

#include "cli/box.h"

static const Option screen_options[] = {
    {"json", OPTION_FLAG, NULL, NULL, "machine-readable output on stdout"},
    {"no-color", OPTION_FLAG, NULL, NULL, "no colours"},
    {"chdir", OPTION_TEXT, NULL, "DIR", "work in this directory"},
};

bool cli_color(const Cli *cli, bool is_stderr)
{
    bool is_tty = is_stderr ? cli->screen.err_is_tty : cli->screen.out_is_tty;
    return cli->screen.color && is_tty && !cli->common.no_color;
}

static void add(Option *options, size_t *count, Option option)
{
    options[(*count)++] = option;
}

static void add_screen(Common *common, Option *options, size_t *count)
{
    void *targets[] = {&common->json, &common->no_color, &common->chdir};
    for (size_t i = 0; i < COUNT_OF(screen_options); i++) {
        Option option = screen_options[i];
        option.target = targets[i];
        add(options, count, option);
    }
}

static void add_inventory(Common *common, Option *options, size_t *count)
{
    add(options, count,
        (Option){
            "i", OPTION_LIST, &common->inventories, "PATH",
            "an inventory file, or a directory of them; repeated: the later one wins (default: "
            "pgsteer.yml, pigsty.yml or inventory.yml)"});
    add(options, count,
        (Option){"vault-password-file", OPTION_LIST, &common->vault_password_files, "[ID@]FILE",
                 "the password of !vault values; read, never run; may be repeated"});
    add(options, count,
        (Option){"state-dir", OPTION_TEXT, &common->state_dir, "DIR",
                 "where history is kept (default: .pgsteer beside the file, or in the directory)"});
}

static void add_nodes(Common *common, Option *options, size_t *count)
{
    Connection *connection = &common->connection;
    add(options, count,
        (Option){"parallelism", OPTION_COUNT, &common->parallelism, "N",
                 "how much is done at the same time (default 128)"});
    add(options, count,
        (Option){"u", OPTION_TEXT, &connection->user, "USER", "log in as this user"});
    add(options, count,
        (Option){"private-key", OPTION_TEXT, &connection->private_key, "FILE",
                 "log in with this key"});
    add(options, count,
        (Option){"ssh-config", OPTION_TEXT, &connection->ssh_config, "FILE",
                 "instead of ~/.ssh/config"});
    add(options, count,
        (Option){"known-hosts", OPTION_TEXT, &connection->known_hosts, "FILE",
                 "instead of ~/.ssh/known_hosts"});
    add(options, count,
        (Option){"accept-new-host-keys", OPTION_FLAG, &connection->accept_new_host_keys, NULL,
                 "trust nodes that were never seen before, and remember their keys"});
    add(options, count,
        (Option){"ssh-backend", OPTION_TEXT, &connection->ssh_backend, "NAME",
                 "libssh2 or openssh (default: what each node can)"});
}

static bool wants_help(char **argv)
{
    static const char *const names[] = {"-h", "-help", "--help"};
    for (; *argv && strcmp(*argv, "--") != 0; argv++) {
        for (size_t i = 0; i < COUNT_OF(names); i++) {
            if (strcmp(*argv, names[i]) == 0)
                return true;
        }
    }
    return false;
}

static void print_help(const Cli *cli, const Command *command, const Option *options, size_t count)
{
    FILE *out = cli->screen.out;
    fprintf(out, "Usage: pgsteer %s %s\n\n%s.\n\nOptions:\n", command->name, command->usage,
            command->summary);
    options_help(out, options, count);
    if (command->details)
        fprintf(out, "\n%s\n", command->details);
}

static Error *go_to(const char *directory)
{
    if (directory && chdir(directory) != 0)
        return error_new(ERROR_INVALID, "there is no directory '%s'", directory);
    return NULL;
}

Error *cli_parse(Cli *cli, const Command *command, unsigned groups, const Option *own,
                 size_t own_count, char ***argv, bool *ret_is_done)
{
    Option options[OPTIONS_MAX];
    size_t count = 0;
    for (size_t i = 0; i < own_count; i++)
        add(options, &count, own[i]);
    if (groups & OPTIONS_INVENTORY)
        add_inventory(&cli->common, options, &count);
    if (groups & OPTIONS_SCREEN)
        add_screen(&cli->common, options, &count);
    if (groups & OPTIONS_NODES)
        add_nodes(&cli->common, options, &count);
    *ret_is_done = wants_help(*argv);
    if (*ret_is_done) {
        print_help(cli, command, options, count);
        return NULL;
    }
    Error *error = options_parse(cli->arena, options, count, *argv, argv);
    if (error)
        return error_wrap(error, "reading the command line (pgsteer %s -help)", command->name);
    return go_to(cli->common.chdir);
}

Error *cli_expect(char **argv, size_t most)
{
    for (size_t i = 0; argv[i]; i++) {
        if (i >= most)
            return error_new(ERROR_INVALID, "'%s' is one argument too many", argv[i]);
    }
    return NULL;
}

/* -- the program ----------------------------------------------------------------------------- */

static void print_overview(FILE *out)
{
    fputs("Usage: pgsteer COMMAND [options] [arguments]\n\n"
          "Declares PostgreSQL clusters in an inventory, shows what differs, and applies it.\n\n"
          "Commands:\n",
          out);
    for (const Command *const *command = cli_commands; *command; command++)
        fprintf(out, "  %-10s %s\n", (*command)->name, (*command)->summary);
    fputs("\nOptions before the command:\n"
          "  -chdir=DIR  work in this directory\n\n"
          "pgsteer COMMAND -help tells the options of a command.\n"
          "Exit status: 0 success, 1 error, 2 changes pending (-detailed-exitcode),\n"
          "4 approval missing or impact too high, 5 invalid input, 6 another run holds the lease,\n"
          "7 the plan no longer fits, 8 cancelled, 9 some actions failed, 10 something unread,\n"
          "11 internal error, 12 a half-done action needs a person, 13 data would be lost.\n",
          out);
}

static const Command *find_command(const char *name)
{
    for (const Command *const *command = cli_commands; *command; command++) {
        if (strcmp((*command)->name, name) == 0)
            return *command;
    }
    return NULL;
}

static Error *unknown_command(Cli *cli, const char *name)
{
    const char *names[OPTIONS_MAX];
    size_t count = 0;
    for (; cli_commands[count]; count++)
        names[count] = cli_commands[count]->name;
    const char *near = text_nearest(name, names, count);
    (void)cli;
    if (near)
        return error_new(ERROR_INVALID, "there is no command '%s'; did you mean '%s'?", name, near);
    return error_new(ERROR_INVALID, "there is no command '%s' (pgsteer help lists them)", name);
}

static const char *after_prefix(const char *argument)
{
    static const char *const prefixes[] = {"-chdir=", "--chdir="};
    for (size_t i = 0; i < COUNT_OF(prefixes); i++) {
        if (text_starts_with(argument, prefixes[i]))
            return argument + strlen(prefixes[i]);
    }
    return NULL;
}

static const char *alias_of(const char *name)
{
    static const char *const aliases[][2] = {
        {"-h", "help"},    {"-help", "help"},       {"--help", "help"},
        {"-v", "version"}, {"-version", "version"}, {"--version", "version"},
    };
    for (size_t i = 0; i < COUNT_OF(aliases); i++) {
        if (strcmp(aliases[i][0], name) == 0)
            return aliases[i][1];
    }
    return name;
}

static Error *dispatch(Cli *cli, char **argv)
{
    const char *directory;
    while (*argv && (directory = after_prefix(*argv))) {
        TRY(go_to(directory));
        argv++;
    }
    const char *name = *argv ? alias_of(*argv) : "help";
    if (strcmp(name, "help") == 0 && (!*argv || !argv[1])) {
        print_overview(cli->screen.out);
        return NULL;
    }
    const Command *command = find_command(name);
    if (!command)
        return unknown_command(cli, name);
    return command->run(cli, command, argv + 1);
}

static void report(Cli *cli, const Error *error)
{
    const Screen *screen = &cli->screen;
    Box box = {screen->err, screen->unicode, cli_color(cli, true), screen->columns};
    if (!cli->is_reported)
        box_error(&box, error);
    if (!cli->is_classified)
        outcome_add(&cli->outcome, condition_of_error(error));
}

int cli_main(const Program *program, const Screen *screen, int argc, char **argv)
{
    CLEANUP(arena_freep) Arena *arena = arena_new();
    Cli *cli = ARENA_NEW(arena, Cli);
    *cli = (Cli){.program = program, .arena = arena, .screen = *screen, .common.input = true};
    Error *error = dispatch(cli, argc > 0 ? argv + 1 : argv);
    if (error)
        report(cli, error);
    error_free(error);
    if (fflush(screen->out) != 0 || ferror(screen->out)) {
        fputs("pgsteer: cannot write to standard output\n", screen->err);
        outcome_add(&cli->outcome, CONDITION_ERROR);
    }
    outcome_print(screen->err, &cli->outcome);
    return outcome_exit_status(&cli->outcome);
}

static Error *cmd_help(Cli *cli, const Command *command, char **argv)
{
    (void)command;
    const Command *other = find_command(argv[0]);
    if (!other)
        return unknown_command(cli, argv[0]);
    char help[] = "-help";
    char *arguments[] = {help, NULL};
    return other->run(cli, other, arguments);
}

const Command command_help;
const Command command_help = {"help", "[COMMAND]", "this list, or the options of a command", NULL,
                              cmd_help};
