#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "cli/commands.h"
#include "cli/session.h"
#include "engine/git/store.h"

enum { LOG_MOST = 200, SHORT_ID = 7 };

static Error *open_store(Cli *cli, Store **ret)
{
    const char *repository;
    if (cli->common.state_dir) {
        repository = state_dir_of(cli->arena, "", cli->common.state_dir).repository;
    } else {
        CLEANUP(session_end) Session session;
        TRY(session_begin(cli, &session));
        repository = session.state_dir.repository;
    }
    return store_open(repository, false, ret);
}

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

static Error *perform(Cli *cli, char **argv)
{
    static const struct {
        const char *name;
        size_t least, most;
    } verbs[] = {{"log", 0, 0}, {"show", 0, 1}, {"diff", 2, 2}};
    size_t verb = 0, count = 0;
    while (argv[0] && argv[count + 1])
        count++;
    while (argv[0] && verb < COUNT_OF(verbs) && strcmp(verbs[verb].name, argv[0]) != 0)
        verb++;
    if (!argv[0] || verb == COUNT_OF(verbs) || count < verbs[verb].least ||
        count > verbs[verb].most)
        return error_new(ERROR_INVALID,
                         "say what to do: pgsteer state log | show [REV] | diff REV REV");
    CLEANUP(store_freep) Store *store = NULL;
    TRY(open_store(cli, &store));
    if (verb == 0)
        return state_log(cli, store);
    return verb == 1 ? state_show(cli, store, argv[1]) : state_diff(cli, store, argv[1], argv[2]);
}

static Error *run(Cli *cli, const Command *command, char **argv)
{
    bool is_done;
    TRY(cli_parse(cli, command, OPTIONS_SCREEN | OPTIONS_INVENTORY, NULL, 0, &argv, &is_done));
    return is_done ? NULL : perform(cli, argv);
}

const Command command_state = {
    "state", "[options] log | show [REV] | diff REV REV", "the history of what was applied",
    "REV is a commit, its beginning, or HEAD~1; without it, the newest.", run};
