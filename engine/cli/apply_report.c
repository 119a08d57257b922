#include "cli/apply_report.h"

#include <stdlib.h>
#include <string.h>

#include "base/duration.h"
#include "cli/box.h"
#include "cli/progress.h"

enum { BOXES_MAX = 10, MISFIT_COLUMNS = 28 };

static void add_duration(Text *out, int64_t duration_ms)
{
    duration_format(out, duration_ms);
}

/* -- failures -------------------------------------------------------------------------------- */

static void box_misfits(const Box *box, const ActionResult *result)
{
    box_line(box, "%s", "");
    box_line(box, "  %-*s %-*s %s", MISFIT_COLUMNS, "", MISFIT_COLUMNS, "when planned", "now");
    for (size_t i = 0; i < result->misfit_count; i++) {
        const Misfit *misfit = &result->misfits[i];
        box_line(box, "  %-*s %-*s %s", MISFIT_COLUMNS, *misfit->path ? misfit->path : "",
                 MISFIT_COLUMNS, misfit->planned, misfit->now);
        box_text(box, misfit->sentence);
    }
}

static const char *headline(Arena *arena, const Action *action, const ActionResult *result)
{
    switch (result->state) {
    case ACTION_STALE:
        return arena_printf(arena, "the plan no longer fits %s", action->address);
    case ACTION_HALF:
        return arena_printf(arena, "%s is half done", action->address);
    case ACTION_WAITING:
    case ACTION_RUNNING:
    case ACTION_DONE:
    case ACTION_FAILED:
    case ACTION_SKIPPED:
    case ACTION_CANCELLED:
    case ACTION_STATE_COUNT:
        break;
    }
    return arena_printf(arena, "%s failed (%s)", action->address, action->verb->doc);
}

static size_t count_skipped_by(const Execution *execution, size_t cause)
{
    size_t count = 0;
    for (size_t i = 0; i < execution->plan->action_count; i++)
        count +=
            execution->results[i].state == ACTION_SKIPPED && execution->results[i].cause == cause;
    return count;
}

static void print_failure(Cli *cli, const Execution *execution, size_t i)
{
    const Screen *screen = &cli->screen;
    const Action *action = &execution->plan->actions[i];
    const ActionResult *result = &execution->results[i];
    Box box = {screen->err, screen->unicode, cli_color(cli, true), screen->columns};
    box_begin(&box, "Error", headline(cli->arena, action, result));
    box_line(&box, "%s", "");
    box_text(&box, progress_why(cli->arena, execution, i));
    if (result->misfit_count > 0)
        box_misfits(&box, result);
    const char *where = result->host && *result->host ? result->host : action->host;
    if (*where)
        box_line(&box, "  on %s, tried %zu time%s", where, result->attempt_count,
                 result->attempt_count == 1 ? "" : "s");
    size_t skipped = count_skipped_by(execution, i);
    if (skipped > 0)
        box_line(&box, "  %zu action%s that wait%s for it %s skipped", skipped,
                 skipped == 1 ? "" : "s", skipped == 1 ? "s" : "", skipped == 1 ? "was" : "were");
    box_end(&box);
}

static bool is_failure(ActionState state)
{
    return state == ACTION_FAILED || state == ACTION_STALE || state == ACTION_HALF;
}

static void print_failures(Cli *cli, const Execution *execution)
{
    size_t shown = 0, total = execution->counts[ACTION_FAILED] + execution->counts[ACTION_STALE] +
                              execution->counts[ACTION_HALF];
    for (size_t i = 0; i < execution->plan->action_count && shown < BOXES_MAX; i++) {
        if (!is_failure(execution->results[i].state))
            continue;
        print_failure(cli, execution, i);
        shown++;
    }
    if (total > shown)
        fprintf(cli->screen.err, "%zu more failed; the lines above name them.\n", total - shown);
    if (execution->journal_error) {
        const Screen *screen = &cli->screen;
        Box box = {screen->err, screen->unicode, cli_color(cli, true), screen->columns};
        box_error(&box, execution->journal_error);
    }
}

/* -- counts ---------------------------------------------------------------------------------- */

typedef struct Disruption {
    size_t reloads, reconnects, restarts, switchovers, rebuilds;
} Disruption;

/* In what is new nobody is disturbed: the plan says so, and its word is taken for such steps. */
static Disruption disruption_of(const Execution *execution)
{
    Disruption done = {0};
    const PlanImpact *planned = &execution->plan->impact;
    for (size_t i = 0; i < execution->plan->action_count; i++) {
        const ActionResult *result = &execution->results[i];
        Availability availability = execution->plan->actions[i].verb->availability;
        if (!result->has_begun)
            continue;
        done.reloads += availability == AVAILABLE_RELOAD && planned->reloads > 0;
        done.reconnects += availability == AVAILABLE_RECONNECT && planned->reconnects > 0;
        done.restarts += availability == AVAILABLE_RESTART && planned->restarts > 0;
        done.switchovers += availability == AVAILABLE_WRITE_GAP && planned->switchovers > 0;
        done.rebuilds += availability == AVAILABLE_REBUILD && planned->rebuilds > 0;
    }
    return done;
}

static void add_count(Text *out, size_t count, const char *one, const char *many)
{
    if (count > 0)
        text_addf(out, "%s%zu %s", out->length ? ", " : "", count, count == 1 ? one : many);
}

static void print_impact(const Cli *cli, const Execution *execution)
{
    CLEANUP(text_release) Text text = TEXT_INIT;
    Disruption done = disruption_of(execution);
    add_count(&text, done.reloads, "reload", "reloads");
    add_count(&text, done.reconnects, "reconnect", "reconnects");
    add_count(&text, done.restarts, "restart", "restarts");
    add_count(&text, done.switchovers, "switchover", "switchovers");
    add_count(&text, done.rebuilds, "rebuild", "rebuilds");
    if (text.length == 0)
        text_add(&text, "none");
    text_add(&text, "; took ");
    add_duration(&text, execution->took_ms);
    text_add(&text, " (planned ~");
    add_duration(&text, execution->plan->critical_path_ms);
    text_add(&text, ")");
    fprintf(cli->screen.out, "Impact: %s.\n", text_get(&text));
}

static void print_rest(const Cli *cli, const Execution *execution)
{
    const size_t *counts = execution->counts;
    size_t failed = counts[ACTION_FAILED] + counts[ACTION_STALE] + counts[ACTION_HALF];
    if (failed + counts[ACTION_SKIPPED] + counts[ACTION_CANCELLED] == 0)
        return;
    fprintf(cli->screen.err, "Done %zu, failed %zu, skipped %zu, not begun %zu of %zu actions.\n",
            counts[ACTION_DONE], failed, counts[ACTION_SKIPPED],
            counts[ACTION_CANCELLED] + counts[ACTION_WAITING], execution->plan->action_count);
}

void apply_report(Cli *cli, const Execution *execution)
{
    print_failures(cli, execution);
    print_rest(cli, execution);
    if (cli->common.json)
        return;
    size_t done = execution->counts[ACTION_DONE];
    Applied applied = execution_applied(cli->arena, execution);
    fprintf(cli->screen.out, "\n%s Resources: %zu added, %zu changed, %zu destroyed.\n",
            done == execution->plan->action_count ? "Apply complete!" : "Apply incomplete.",
            applied.added, applied.changed, applied.destroyed);
    print_impact(cli, execution);
}

/* Another run took a lease over while this one had it. */
static bool was_fenced(const Execution *execution)
{
    for (size_t i = 0; i < execution->plan->action_count; i++) {
        const Error *error = execution->results[i].error;
        if (error && error_root(error)->code == ERROR_FENCED)
            return true;
    }
    return false;
}

void apply_classify(Cli *cli, const Execution *execution)
{
    static const struct {
        ActionState state;
        Condition condition;
    } rows[] = {
        {ACTION_FAILED, CONDITION_PARTIAL},
        {ACTION_STALE, CONDITION_STALE},
        {ACTION_HALF, CONDITION_HALF_DONE},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (execution->counts[rows[i].state] > 0)
            outcome_add(&cli->outcome, rows[i].condition);
    }
    if (was_fenced(execution))
        outcome_add(&cli->outcome, CONDITION_LEASE);
    if (execution->cancel_level > 0 &&
        execution->counts[ACTION_DONE] < execution->plan->action_count)
        outcome_add(&cli->outcome, CONDITION_CANCELLED);
    if (execution->is_stuck)
        outcome_add(&cli->outcome, CONDITION_INTERNAL);
    if (execution->journal_error)
        outcome_add(&cli->outcome, CONDITION_ERROR);
}
