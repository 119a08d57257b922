#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "cli/authority.h"
#include "cli/commands.h"
#include "cli/session.h"
#include "engine/lease.h"

typedef struct LeaseOptions {
    const char *lock, *reason;
} LeaseOptions;

static const Value *lease_value(Arena *arena, const LeaseAuthority *authority, const Lease *lease)
{
    Value *item = value_map(arena);
    value_set_text(arena, item, "domain", lease->domain);
    value_set_text(arena, item, "authority", authority->name);
    value_set_text(arena, item, "state", lease_state_name(lease->state));
    value_set_int(arena, item, "token", lease->token);
    value_set_text(arena, item, "run", lease->run);
    value_set_text(arena, item, "holder", lease->holder);
    value_set_text(arena, item, "since", clock_rfc3339(arena, lease->since_ms));
    value_set_text(arena, item, "expires", clock_rfc3339(arena, lease->expires_ms));
    value_set_text(arena, item, "note", lease->note);
    return item;
}

static void print_lease(const Cli *cli, const Lease *lease)
{
    fprintf(cli->screen.out, "%-24s %-8s run %s (%s) since %s\n", lease->domain,
            lease_state_name(lease->state), lease->run, lease->holder,
            clock_rfc3339(cli->arena, lease->since_ms));
    if (*lease->note)
        fprintf(cli->screen.out, "%-24s %s\n", "", lease->note);
}

static void print_leases(const Cli *cli, const LeaseAuthority *authority, const Lease *leases,
                         size_t count)
{
    Value *list = value_list(cli->arena);
    for (size_t i = 0; i < count; i++) {
        if (cli->common.json)
            value_push(cli->arena, list, lease_value(cli->arena, authority, &leases[i]));
        else
            print_lease(cli, &leases[i]);
    }
    if (!cli->common.json)
        return;
    CLEANUP(text_release) Text text = TEXT_INIT;
    json_write_pretty(&text, list);
    fprintf(cli->screen.out, "%s\n", text_get(&text));
}

static Error *list(Cli *cli, LeaseAuthority *authority)
{
    Lease *leases;
    size_t count;
    TRY(lease_list(cli->arena, authority, &leases, &count));
    if (!cli->common.json)
        fprintf(cli->screen.out, "Kept %s%s (%s)\n", count == 0 ? "by nobody yet in " : "in ",
                authority->place, authority->name);
    print_leases(cli, authority, leases, count);
    return NULL;
}

static Error *release(Cli *cli, LeaseAuthority *authority, const char *domain)
{
    Lease lease;
    Error *error = lease_release(cli->arena, authority, domain, &lease);
    if (error && error->code == ERROR_REFUSED) {
        cli->is_classified = true;
        outcome_add(&cli->outcome, CONDITION_LEASE);
    }
    TRY(error);
    print_leases(cli, authority, &lease, 1);
    return NULL;
}

static Error *steal(Cli *cli, LeaseAuthority *authority, const char *domain, const char *reason)
{
    Lease lease;
    if (!reason || !*reason)
        return error_new(ERROR_INVALID,
                         "say why: pgsteer lease steal %s -reason TEXT; it is kept with the lease",
                         domain);
    TRY(lease_steal(cli->arena, authority, domain, reason, &lease));
    print_leases(cli, authority, &lease, 1);
    return NULL;
}

static bool has_inventory(const Cli *cli)
{
    return cli->common.inventories.count > 0 || !cli->common.state_dir;
}

/* Where they are kept says the inventory; -lock=local and a mere -state-dir need none. */
static Error *open_authority(Cli *cli, const LeaseOptions *options, Session *session,
                             LeaseAuthority **ret)
{
    LockOptions lock = {options->lock, options->reason};
    if (options->lock || !has_inventory(cli)) {
        TRY(session_state_dir(cli, &session->state_dir));
        return authority_open(session, &lock, ret);
    }
    TRY(session_begin(cli, session));
    session->only_errors = true;
    TRY(session_load(session));
    return authority_open(session, &lock, ret);
}

static Error *do_it(Cli *cli, LeaseAuthority *authority, const LeaseOptions *options, char **argv)
{
    if (strcmp(argv[0], "list") == 0)
        return list(cli, authority);
    return strcmp(argv[0], "steal") == 0 ? steal(cli, authority, argv[1], options->reason)
                                         : release(cli, authority, argv[1]);
}

static Error *perform(Cli *cli, const LeaseOptions *options, char **argv)
{
    CLEANUP(session_end) Session session = {.cli = cli};
    CLEANUP(lease_authority_freep) LeaseAuthority *authority = NULL;
    bool is_list = argv[0] && strcmp(argv[0], "list") == 0 && !argv[1];
    bool has_domain = argv[0] && argv[1] && !argv[2];
    bool is_steal = has_domain && strcmp(argv[0], "steal") == 0;
    if (!is_list && !is_steal && !(has_domain && strcmp(argv[0], "release") == 0))
        return error_new(ERROR_INVALID, "say what to do: pgsteer lease list | release DOMAIN | "
                                        "steal DOMAIN -reason TEXT");
    if (options->lock && strcmp(options->lock, "local") != 0)
        return error_new(ERROR_INVALID, "-lock=%s: only -lock=local is known", options->lock);
    TRY(open_authority(cli, options, &session, &authority));
    return authority_failed(cli, authority->name, authority->place,
                            do_it(cli, authority, options, argv));
}

static Error *run(Cli *cli, const Command *command, char **argv)
{
    LeaseOptions options = {0};
    const Option own[] = {
        {"lock", OPTION_TEXT, &options.lock, "local",
         "-lock=local: the leases of this runner, whatever the inventory says"},
        {"reason", OPTION_TEXT, &options.reason, "TEXT", "why; kept with the lease"},
    };
    bool is_done;
    TRY(cli_parse(cli, command, OPTIONS_ALL, own, COUNT_OF(own), &argv, &is_done));
    return is_done ? NULL : perform(cli, &options, argv);
}

const Command command_lease = {
    "lease", "[options] list | release DOMAIN | steal DOMAIN -reason TEXT",
    "who may change what just now",
    "Kept where pgsteer_lease_authority says: on this runner, in etcd, or in a git repository.\n"
    "An apply holds the lease of each domain that it changes: a cluster with its nodes, etcd, "
    "infra.\n"
    "Whose holder is gone, or was not heard of for a minute, is free for the next apply.\n"
    "release gives back the lease of a holder that is gone; steal (with -reason) takes one from a\n"
    "holder that lives: whatever it still does is refused by the nodes as soon as the next apply "
    "begins.",
    run};
