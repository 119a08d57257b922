#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "cli/commands.h"
#include "cli/session.h"
#include "engine/git/store.h"
#include "engine/paces.h"

enum { LOG_MOST = 200, SHORT_ID = 7, THOUSAND = 1000 };

static void print_json(const Cli *cli, const Value *value)
{
    CLEANUP(text_release) Text text = TEXT_INIT;
    json_write_pretty(&text, value);
    fprintf(cli->screen.out, "%s\n", text_get(&text));
}

static Value *commit_value(const Cli *cli, const StoreCommit *commit)
{
    Value *item = value_map(cli->arena);
    value_set_text(cli->arena, item, "commit", commit->id);
    value_set_text(cli->arena, item, "time", clock_rfc3339(cli->arena, commit->wall_ms));
    value_set_text(cli->arena, item, "message", commit->message);
    return item;
}

static Error *state_log(Cli *cli, Store *store)
{
    StoreCommit *commits;
    size_t count;
    TRY(store_log(store, cli->arena, LOG_MOST, &commits, &count));
    Value *list = value_list(cli->arena);
    for (size_t i = 0; i < count; i++) {
        if (cli->common.json)
            value_push(cli->arena, list, commit_value(cli, &commits[i]));
        else
            fprintf(cli->screen.out, "%.*s  %.19s  %.*s\n", SHORT_ID, commits[i].id,
                    clock_rfc3339(cli->arena, commits[i].wall_ms),
                    (int)strcspn(commits[i].message, "\n"), commits[i].message);
    }
    if (cli->common.json)
        print_json(cli, list);
    return NULL;
}

static Error *state_show(Cli *cli, Store *store, const char *revision)
{
    CLEANUP(text_release) Text patch = TEXT_INIT;
    const char *id;
    StoreCommit commit;
    TRY(store_resolve(store, cli->arena, revision, &id));
    TRY(store_show(store, cli->arena, id, &commit, &patch));
    if (cli->common.json) {
        Value *item = commit_value(cli, &commit);
        value_set_text(cli->arena, item, "patch", text_get(&patch));
        print_json(cli, item);
        return NULL;
    }
    fprintf(cli->screen.out, "commit %s\ntime   %s\n\n%s\n%s", commit.id,
            clock_rfc3339(cli->arena, commit.wall_ms), commit.message, text_get(&patch));
    return NULL;
}

static Error *state_diff(Cli *cli, Store *store, const char *from, const char *to)
{
    CLEANUP(text_release) Text patch = TEXT_INIT;
    const char *from_id, *to_id;
    TRY(store_resolve(store, cli->arena, from, &from_id));
    TRY(store_resolve(store, cli->arena, to, &to_id));
    TRY(store_diff(store, from_id, to_id, &patch));
    fputs(text_get(&patch), cli->screen.out);
    return NULL;
}

static Error *history(Cli *cli, const StateDir *dir, char **argv)
{
    CLEANUP(store_freep) Store *store = NULL;
    TRY(store_open(dir->repository, false, &store));
    if (strcmp(argv[0], "log") == 0)
        return state_log(cli, store);
    return strcmp(argv[0], "show") == 0 ? state_show(cli, store, argv[1])
                                        : state_diff(cli, store, argv[1], argv[2]);
}

/* Seconds, and how many times its first guess a verb takes. */
static Error *timings(Cli *cli, const StateDir *dir, char **argv)
{
    (void)argv;
    const Value *verbs = paces_read(cli->arena, dir->timings);
    if (cli->common.json) {
        print_json(cli, verbs);
        return NULL;
    }
    fprintf(cli->screen.out, "%-28s %9s %9s %7s %10s\n", "VERB", "PLANNED", "TOOK", "PACE",
            "EXECUTIONS");
    for (size_t i = 0; i < value_count(verbs); i++) {
        const Value *verb = verbs->map.values[i];
        fprintf(cli->screen.out, "%-28s %7.1f s %7.1f s %6.2fx %10lld\n", verbs->map.keys[i],
                (double)value_get_int(verb, "planned_ms", 0) / THOUSAND,
                (double)value_get_int(verb, "took_ms", 0) / THOUSAND,
                (double)value_get_int(verb, "pace", PACE_OF_GUESS) / THOUSAND,
                (long long)value_get_int(verb, "executions", 0));
    }
    return NULL;
}

typedef struct StateVerb {
    const char *name;
    size_t least, most; /* arguments */
    Error *(*perform)(Cli *cli, const StateDir *dir, char **argv);
} StateVerb;

static const StateVerb state_verbs[] = {
    {"log", 0, 0, history},
    {"show", 0, 1, history},
    {"diff", 2, 2, history},
    {"timings", 0, 0, timings},
};

static const StateVerb *find_verb(char **argv)
{
    size_t count = 0;
    while (argv[0] && argv[count + 1])
        count++;
    for (size_t i = 0; argv[0] && i < COUNT_OF(state_verbs); i++) {
        const StateVerb *verb = &state_verbs[i];
        if (strcmp(verb->name, argv[0]) == 0 && count >= verb->least && count <= verb->most)
            return verb;
    }
    return NULL;
}

static Error *perform(Cli *cli, char **argv)
{
    const StateVerb *verb = find_verb(argv);
    if (!verb)
        return error_new(ERROR_INVALID, "say what to do: pgsteer state log | show [REV] | "
                                        "diff REV REV | timings");
    StateDir dir;
    TRY(session_state_dir(cli, &dir));
    return verb->perform(cli, &dir, argv);
}

static Error *run(Cli *cli, const Command *command, char **argv)
{
    bool is_done;
    TRY(cli_parse(cli, command, OPTIONS_SCREEN | OPTIONS_INVENTORY, NULL, 0, &argv, &is_done));
    return is_done ? NULL : perform(cli, argv);
}

const Command command_state = {
    "state", "[options] log | show [REV] | diff REV REV | timings",
    "the history of what was applied",
    "REV is a commit, its beginning, or HEAD~1; without it, the newest.\n"
    "timings: how long verbs were planned to take and took, last and in general; plans go by it.",
    run};
