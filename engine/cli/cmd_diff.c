/* What lies between two revisions of the inventory, as objects. No node is contacted. */
#include <string.h>

#include "base/json.h"
#include "cli/commands.h"
#include "cli/session.h"
#include "engine/git/tree.h"
#include "plans/desired_diff.h"

/* One side: a commit, or the files as they are. */
typedef struct Side {
    const char *name; /* "HEAD~1", or "the files here" */
    GitTree *tree;    /* or NULL */
    Inventory *inventory;
} Side;

typedef struct Comparison {
    Cli *cli;
    Session session; /* for where the inventory is */
    Side earlier, later;
    const DesiredDiff *diffs;
    size_t count;
} Comparison;

static void comparison_end(Comparison *comparison)
{
    git_tree_freep(&comparison->earlier.tree);
    git_tree_freep(&comparison->later.tree);
    session_end(&comparison->session);
}

/* -- both sides ----------------------------------------------------------------------------------
 */

static Error *load(Comparison *comparison, const char *revision, Side *ret)
{
    Cli *cli = comparison->cli;
    const Session *session = &comparison->session;
    Diagnostics *diagnostics = diagnostics_new(cli->arena);
    *ret = (Side){.name = *revision ? revision : "the files here"};
    if (*revision)
        TRY(git_tree_open(revision, &ret->tree));
    Error *error =
        inventory_load_from(cli->arena, ret->tree ? git_tree_files(ret->tree) : file_tree_disk(),
                            session->paths, session->path_count, diagnostics, &ret->inventory);
    if (error)
        return error_wrap(error, "the inventory of %s", ret->name);
    if (ret->inventory && diagnostics_error_count(diagnostics) == 0)
        return NULL;
    session_report(session, diagnostics, arena_printf(cli->arena, "That is %s.", ret->name));
    cli->is_reported = true;
    return error_new(ERROR_INVALID, "the inventory of %s has errors", ret->name);
}

/* "A..B", "A.." and "A" (to the files here). */
static Error *load_both(Comparison *comparison, const char *range)
{
    Arena *arena = comparison->cli->arena;
    const char *dots = strstr(range, "..");
    const char *earlier = dots ? arena_strndup(arena, range, (size_t)(dots - range)) : range;
    if (!*earlier)
        return error_new(ERROR_INVALID, "say which revisions: pgsteer diff HEAD~1..HEAD");
    TRY(load(comparison, earlier, &comparison->earlier));
    return load(comparison, dots ? dots + strlen("..") : "", &comparison->later);
}

/* -- as text -------------------------------------------------------------------------------------
 */

static const char *mark_of(const Change *change)
{
    static const char *const marks[CHANGE_OP_COUNT] = {
        [CHANGE_CREATE] = "+",  [CHANGE_UPDATE] = "~",   [CHANGE_DELETE] = "-",
        [CHANGE_REPLACE] = "±", [CHANGE_WITHHOLD] = "?",
    };
    return marks[change->op] ? marks[change->op] : " ";
}

static const char *words(Arena *arena, const Value *value)
{
    CLEANUP(text_release) Text text = TEXT_INIT;
    if (!value)
        return "nothing";
    if (value_has_secret(value) || text_equal(value_as_text(value, NULL), "differ"))
        return "(sensitive value)";
    value_format(&text, value);
    return text_copy(&text, arena);
}

static void print_place(FILE *out, const Origin *origin)
{
    if (origin && origin->file && origin->line > 0)
        fprintf(out, "   %s:%d", origin->file, (int)origin->line);
}

static void print_param(const Comparison *comparison, const ParamChange *param)
{
    FILE *out = comparison->cli->screen.out;
    Arena *arena = comparison->cli->arena;
    fprintf(out, "      %s%s%s: %s -> %s", param->row->name, param->key ? "." : "",
            param->key ? param->key : "", words(arena, param->before), words(arena, param->after));
    if (param->need != NEED_NOTHING)
        fprintf(out, "   (%s)", need_name(param->need));
    print_place(out, param->origin);
    fputs("\n", out);
}

static void print_change(const Comparison *comparison, const Change *change)
{
    FILE *out = comparison->cli->screen.out;
    const Resource *resource = change_resource(change);
    fprintf(out, "  %s %s", mark_of(change), resource->address);
    if (change->op == CHANGE_DELETE && !change->desired)
        fputs("   (no longer mentioned: a plan leaves it alone and says so)", out);
    else if (change->op != CHANGE_UPDATE)
        print_place(out, resource->origin);
    fputs("\n", out);
    for (size_t i = 0; change->op == CHANGE_UPDATE && i < change->param_count; i++)
        print_param(comparison, &change->params[i]);
}

static void count_ops(const Comparison *comparison, size_t ret[CHANGE_OP_COUNT])
{
    memset(ret, 0, CHANGE_OP_COUNT * sizeof(*ret));
    for (size_t i = 0; i < comparison->count; i++) {
        for (size_t k = 0; k < comparison->diffs[i].change_count; k++)
            ret[comparison->diffs[i].changes[k].op]++;
    }
}

static void print_text(const Comparison *comparison)
{
    FILE *out = comparison->cli->screen.out;
    size_t ops[CHANGE_OP_COUNT];
    count_ops(comparison, ops);
    if (comparison->count == 0)
        fprintf(out, "No difference: %s and %s want the same.\n", comparison->earlier.name,
                comparison->later.name);
    for (size_t i = 0; i < comparison->count; i++) {
        const DesiredDiff *diff = &comparison->diffs[i];
        fprintf(out, "%s%s %s\n", i > 0 ? "\n" : "", domain_type_name(diff->type), diff->domain);
        for (size_t k = 0; k < diff->change_count; k++)
            print_change(comparison, &diff->changes[k]);
    }
    if (comparison->count > 0)
        fprintf(out, "\n%zu added, %zu changed, %zu no longer mentioned.\n", ops[CHANGE_CREATE],
                ops[CHANGE_UPDATE] + ops[CHANGE_REPLACE], ops[CHANGE_DELETE]);
}

/* -- as JSON -------------------------------------------------------------------------------------
 */

static const Value *param_value(Arena *arena, const ParamChange *param)
{
    Value *map = value_map(arena);
    value_set_text(arena, map, "param", param->row->name);
    if (param->key)
        value_set_text(arena, map, "key", param->key);
    value_set_text(arena, map, "before", words(arena, param->before));
    value_set_text(arena, map, "after", words(arena, param->after));
    value_set_text(arena, map, "need", need_name(param->need));
    return map;
}

static const Value *change_value(Arena *arena, const DesiredDiff *diff, const Change *change)
{
    Value *map = value_map(arena), *params = value_list(arena);
    value_set_text(arena, map, "domain", diff->domain);
    value_set_text(arena, map, "address", change_resource(change)->address);
    value_set_text(arena, map, "op", change_op_name(change->op));
    for (size_t i = 0; i < change->param_count; i++)
        value_push(arena, params, param_value(arena, &change->params[i]));
    value_set(arena, map, "params", params);
    return map;
}

static void print_json(const Comparison *comparison)
{
    Arena *arena = comparison->cli->arena;
    Value *map = value_map(arena), *changes = value_list(arena);
    CLEANUP(text_release) Text text = TEXT_INIT;
    for (size_t i = 0; i < comparison->count; i++) {
        const DesiredDiff *diff = &comparison->diffs[i];
        for (size_t k = 0; k < diff->change_count; k++)
            value_push(arena, changes, change_value(arena, diff, &diff->changes[k]));
    }
    value_set_text(arena, map, "earlier", comparison->earlier.name);
    value_set_text(arena, map, "later", comparison->later.name);
    value_set(arena, map, "changes", changes);
    json_write_pretty(&text, map);
    fprintf(comparison->cli->screen.out, "%s\n", text_get(&text));
}

/* -- the command ---------------------------------------------------------------------------------
 */

static Error *compare(Cli *cli, const char *range, bool has_exit_code)
{
    CLEANUP(comparison_end) Comparison comparison = {.cli = cli, .session = {.cli = cli}};
    TRY(session_begin(cli, &comparison.session));
    TRY(load_both(&comparison, range));
    TRY(desired_diff(cli->arena, cli->program->registry, comparison.earlier.inventory,
                     comparison.later.inventory, &comparison.diffs, &comparison.count));
    (cli->common.json ? print_json : print_text)(&comparison);
    if (has_exit_code && comparison.count > 0)
        outcome_add(&cli->outcome, CONDITION_CHANGES);
    return NULL;
}

static Error *run(Cli *cli, const Command *command, char **argv)
{
    bool is_done, has_exit_code = false;
    const Option own[] = {{"detailed-exitcode", OPTION_FLAG, &has_exit_code, NULL,
                           "exit with 2 when there is a difference"}};
    TRY(cli_parse(cli, command, OPTIONS_SCREEN | OPTIONS_INVENTORY, own, COUNT_OF(own), &argv,
                  &is_done));
    if (is_done)
        return NULL;
    TRY(cli_expect(argv, 1));
    if (!argv[0])
        return error_new(ERROR_INVALID, "say which revisions: pgsteer diff HEAD~1..HEAD");
    return compare(cli, argv[0], has_exit_code);
}

const Command command_diff = {
    "diff", "[options] REV1..REV2", "what lies between two revisions of the inventory, as objects",
    "REV is what git calls a revision: a commit, a branch, HEAD~1. Without REV2, up to the files "
    "as\n"
    "they are. No node is contacted; what a change costs on the real ones is told by plan.\n"
    "  pgsteer diff main..feature -i fleet.yml",
    run};
