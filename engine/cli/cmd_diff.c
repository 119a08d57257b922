/* Two revisions of the inventory, compared by what they want. */
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "cli/commands.h"
#include "cli/session.h"
#include "engine/git/revision.h"
#include "plans/difference.h"

static const char working_tree[] = "the working tree";

/* The two ends of a range; an empty one is HEAD, `after` NULL is the working tree. */
typedef struct Range {
    const char *before, *after;
} Range;

static const char *or_head(const char *name)
{
    return *name ? name : "HEAD";
}

static Error *read_range(Arena *arena, const char *text, Range *ret)
{
    const char *dots = text ? strstr(text, "..") : NULL;
    if (!text || !dots) {
        *ret = (Range){.before = text ? text : "HEAD"};
        return NULL;
    }
    if (dots[2] == '.' || strstr(dots + 2, ".."))
        return error_new(ERROR_INVALID, "'%s' is no range; write REV1..REV2", text);
    *ret = (Range){.before = or_head(arena_strndup(arena, text, (size_t)(dots - text))),
                   .after = or_head(arena_strdup(arena, dots + 2))};
    return NULL;
}

/* The directory that the first inventory is in, or was: the nearest one that is there. */
static const char *start_of(Arena *arena, const char *path)
{
    while (file_type(path) != FILE_DIRECTORY)
        path = file_dirname(arena, path);
    return path;
}

/* Warnings alone are not shown: they are for validate to tell. */
static Error *check(const Session *session, const char *name, Diagnostics *diagnostics,
                    const Inventory *inventory)
{
    Cli *cli = session->cli;
    if (inventory && diagnostics_error_count(diagnostics) == 0)
        return NULL;
    fprintf(cli->screen.err, "In %s:\n", name);
    session_report(session, diagnostics, "No node was contacted.");
    cli->is_reported = true;
    return error_new(ERROR_INVALID, "the inventory has errors");
}

static Error *load(const Session *session, const FileTree *tree, DifferenceSide *side)
{
    Arena *arena = session->cli->arena;
    Inventory *inventory;
    Diagnostics *diagnostics = diagnostics_new(arena);
    diagnostics_set_today(diagnostics, clock_date(arena, clock_wall_ms()));
    TRY(inventory_load_from(arena, tree, session->paths, session->path_count, diagnostics,
                            &inventory));
    TRY(check(session, side->name, diagnostics, inventory));
    inventory_use_vault(inventory, session->vault);
    side->inventory = inventory;
    side->domain_count = domains_of(arena, inventory, &side->domains);
    return NULL;
}

static Error *load_side(const Session *session, const char *name, DifferenceSide *ret)
{
    *ret = (DifferenceSide){.name = name ? name : working_tree};
    if (!name)
        return load(session, file_tree_disk(), ret);
    CLEANUP(revision_freep) Revision *revision = NULL;
    TRY(revision_open(start_of(session->cli->arena, session->paths[0]), name, &revision));
    ret->commit = arena_strdup(session->cli->arena, revision_id(revision));
    return load(session, revision_files(revision), ret);
}

static void print(const Session *session, const Plan *difference, const DifferenceSide *before,
                  const DifferenceSide *after)
{
    Cli *cli = session->cli;
    RenderOptions options = session_render_options(session);
    if (cli->common.json)
        difference_render_json(cli->screen.out, difference, before, after,
                               outcome_value(cli->arena, &cli->outcome));
    else
        difference_render_text(cli->screen.out, difference, before, after, &options);
}

static Error *diff(Cli *cli, const Range *range, bool detailed_exitcode)
{
    CLEANUP(session_end) Session session = {.cli = cli};
    DifferenceSide before = {0}, after = {0};
    Plan *difference = NULL;
    TRY(session_begin(cli, &session));
    TRY(session_take_passwords(&session));
    TRY(load_side(&session, range->before, &before));
    TRY(load_side(&session, range->after, &after));
    TRY(difference_make(cli->arena, cli->program->registry, &before, &after, &difference));
    if (detailed_exitcode && !difference_is_empty(difference))
        outcome_add(&cli->outcome, CONDITION_CHANGES);
    print(&session, difference, &before, &after);
    return NULL;
}

static Error *run(Cli *cli, const Command *command, char **argv)
{
    bool detailed_exitcode = false, is_done;
    const Option own[] = {
        {"detailed-exitcode", OPTION_FLAG, &detailed_exitcode, NULL,
         "exit 2 when they want different things"},
        {"v", OPTION_FLAG, &cli->common.verbose, NULL, "list everything one by one"},
    };
    TRY(cli_parse(cli, command, OPTIONS_SCREEN | OPTIONS_INVENTORY, own, COUNT_OF(own), &argv,
                  &is_done));
    if (is_done)
        return NULL;
    TRY(cli_expect(argv, 1));
    Range range = {0};
    TRY(read_range(cli->arena, argv[0], &range));
    return diff(cli, &range, detailed_exitcode);
}

const Command command_diff = {
    "diff", "[options] [REV | REV1..REV2]",
    "what two git revisions of the inventory want differently",
    "REV alone is compared with the working tree; without it, HEAD is. No node is contacted: it\n"
    "says what a change needs; whom that touches says pgsteer plan. What means the same is no\n"
    "difference. Passwords that come from files or variables are compared by their names.",
    run};
