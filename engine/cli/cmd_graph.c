#include "cli/commands.h"
#include "cli/session.h"
#include "plans/plan_file.h"

static Error *graph(Cli *cli, const char *file)
{
    CLEANUP(session_end) Session session = {.cli = cli};
    if (file) {
        TRY(plan_file_read(cli->arena, file, cli->program->registry, &session.plan));
    } else {
        TRY(session_begin(cli, &session));
        TRY(session_load(&session));
        TRY(session_connect(&session));
        TRY(session_plan(&session, NULL, NULL, false));
    }
    plan_render_dot(cli->screen.out, session.plan);
    return NULL;
}

static Error *run(Cli *cli, const Command *command, char **argv)
{
    bool is_done;
    TRY(cli_parse(cli, command, OPTIONS_ALL, NULL, 0, &argv, &is_done));
    if (is_done)
        return NULL;
    TRY(cli_expect(argv, 1));
    return graph(cli, argv[0]);
}

const Command command_graph = {"graph", "[options] [FILE]",
                               "the actions of a plan as a graph for Graphviz (DOT)",
                               "  pgsteer graph first.plan | dot -Tsvg > first.svg", run};
