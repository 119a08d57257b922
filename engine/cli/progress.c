#include "cli/progress.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/duration.h"

enum { RUNNING_NAMED = 6, CLOCK_AT = 11, CLOCK_COLUMNS = 8 };

EventSink progress_new(Cli *cli, const Plan *plan)
{
    if (cli->common.json)
        return progress_ndjson_new(cli, plan);
    if (cli->screen.err_is_tty)
        return progress_live_new(cli, plan);
    return progress_plain_new(cli, plan);
}

const char *progress_why(Arena *arena, const Execution *execution, size_t action)
{
    const ActionResult *result = &execution->results[action];
    if (result->error) {
        char *text = error_text(result->error);
        const char *copy = arena_strdup(arena, text);
        free(text);
        return copy;
    }
    if (result->state == ACTION_SKIPPED && result->cause < execution->plan->action_count)
        return arena_printf(arena, "because %s failed",
                            execution->plan->actions[result->cause].address);
    if (result->state == ACTION_CANCELLED)
        return "not begun";
    return "";
}

const char *progress_cancel_text(int cancel_level)
{
    static const char *const texts[] = {
        "Ctrl-C: finish what runs, then stop. What is open is closed in any case.",
        "Stopping: what runs comes to its end, nothing new is started; what is open is closed.\n"
        "Ctrl-C again: stop waiting.",
        "Stopping at once: no more waiting. What is open is still closed.\n"
        "Ctrl-C again: leave; what runs on the nodes goes on there, and the next plan sees it.",
        "Leaving.",
    };
    size_t level = cancel_level < 0 ? 0 : (size_t)cancel_level;
    return texts[level < COUNT_OF(texts) ? level : COUNT_OF(texts) - 1];
}

const char *progress_budget_text(Arena *arena, const Execution *execution)
{
    return arena_printf(arena,
                        "Stopping: %zu of the clusters and nodes failed, as many as -max-failures "
                        "allows. Nothing new is\nstarted; what is open is closed.",
                        execution->failed_domains);
}

int64_t progress_latest_ms(const Event *event, size_t action)
{
    const Execution *execution = event->execution;
    return execution->begin_wall_ms + execution->results[action].start_ms +
           execution->plan->actions[action].verb->deadline_ms;
}

static void add_running(Text *text, Arena *arena, const Event *event, size_t action)
{
    const Action *what = &event->execution->plan->actions[action];
    const ActionResult *result = &event->execution->results[action];
    int64_t left_ms = result->start_ms + what->expected_ms - event->elapsed_ms;
    text_addf(text, "  %s (%s): ", what->address, what->verb->name);
    if (left_ms > 0) {
        text_add(text, "about ");
        duration_format(text, left_ms);
        text_add(text, " more, ");
    }
    text_addf(text, "at most until %.*s UTC\n", CLOCK_COLUMNS,
              clock_rfc3339(arena, progress_latest_ms(event, action)) + CLOCK_AT);
}

const char *progress_running_text(Arena *arena, const Event *event)
{
    const Execution *execution = event->execution;
    CLEANUP(text_release) Text text = TEXT_INIT;
    size_t count = 0;
    for (size_t i = 0; i < execution->plan->action_count; i++) {
        if (execution->results[i].state != ACTION_RUNNING)
            continue;
        if (count == 0)
            text_add(&text, "Still running:\n");
        if (count++ < RUNNING_NAMED)
            add_running(&text, arena, event, i);
    }
    if (count > RUNNING_NAMED)
        text_addf(&text, "  and %zu more\n", count - RUNNING_NAMED);
    return text_copy(&text, arena);
}

const char *progress_mark(const Action *action)
{
    static const char *const marks[AVAILABILITY_COUNT] = {
        [AVAILABLE] = " ",         [AVAILABLE_RELOAD] = "r",    [AVAILABLE_RECONNECT] = "c",
        [AVAILABLE_RESTART] = "R", [AVAILABLE_WRITE_GAP] = "S", [AVAILABLE_REBUILD] = "!",
    };
    return marks[action->verb->availability];
}
