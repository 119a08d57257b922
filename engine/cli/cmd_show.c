#include "cli/commands.h"
#include "plans/plan_file.h"
#include "plans/render.h"

enum { PAGE_COLUMNS = 100 };

/* -- show ------------------------------------------------------------------------------------ */

static Error *show(Cli *cli, const char *path)
{
    Plan *plan;
    TRY(plan_file_read(cli->arena, path, cli->program->registry, &plan));
    RenderOptions options = {.color = cli_color(cli, false),
                             .unicode = cli->screen.unicode,
                             .verbose = cli->common.verbose,
                             .columns = PAGE_COLUMNS,
                             .saved_as = path};
    if (cli->common.json)
        plan_render_json(cli->screen.out, plan, NULL);
    else
        plan_render_text(cli->screen.out, plan, &options);
    return NULL;
}

static Error *run_show(Cli *cli, const Command *command, char **argv)
{
    const Option own[] = {
        {"v", OPTION_FLAG, &cli->common.verbose, NULL, "list everything one by one"},
    };
    bool is_done;
    TRY(cli_parse(cli, command, OPTIONS_SCREEN, own, COUNT_OF(own), &argv, &is_done));
    if (is_done)
        return NULL;
    TRY(cli_expect(argv, 1));
    if (!argv[0])
        return error_new(ERROR_INVALID, "say which plan file to show: pgsteer show FILE");
    return show(cli, argv[0]);
}

const Command command_show = {"show", "[options] FILE", "print a saved plan; -json for tools", NULL,
                              run_show};
