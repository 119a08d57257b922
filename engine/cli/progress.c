#include "cli/progress.h"

#include <stdlib.h>

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

const char *progress_mark(const Action *action)
{
    static const char *const marks[AVAILABILITY_COUNT] = {
        [AVAILABLE] = " ",         [AVAILABLE_RELOAD] = "r",    [AVAILABLE_RECONNECT] = "c",
        [AVAILABLE_RESTART] = "R", [AVAILABLE_WRITE_GAP] = "S", [AVAILABLE_REBUILD] = "!",
    };
    return marks[action->verb->availability];
}
