#include <string.h>

#include "base/duration.h"
#include "cli/progress.h"

enum {
    REDRAW_MS = 100,
    BAR_CELLS = 30,
    ROWS_DEFAULT = 24,
    ROWS_LEAST = 6,
    RUNNING_SHOWN = 12,
    ADDRESS_COLUMNS = 36,
    ACTIVITY_COLUMNS = 40
};

/* A heading of the plan while it is worked on. */
typedef struct LiveBlock {
    const char *name;
    size_t total, settled, running, failed;
    bool is_folded; /* its one line was printed for good */
} LiveBlock;

typedef struct Live {
    Cli *cli;
    const Plan *plan;
    LiveBlock *blocks;
    size_t block_count, block_capacity;
    size_t *block_of;   /* by action */
    size_t drawn_lines; /* below what is printed for good */
    int64_t drawn_ms;
} Live;

static size_t block_number(Live *live, const char *name)
{
    for (size_t i = 0; i < live->block_count; i++) {
        if (strcmp(live->blocks[i].name, name) == 0)
            return i;
    }
    LiveBlock block = {.name = name};
    ARENA_PUSH(live->cli->arena, live->blocks, live->block_count, live->block_capacity, block);
    return live->block_count - 1;
}

static void count_blocks(Live *live, const Execution *execution)
{
    for (size_t i = 0; i < live->block_count; i++) {
        LiveBlock *block = &live->blocks[i];
        block->total = block->settled = block->running = block->failed = 0;
    }
    for (size_t i = 0; i < live->plan->action_count; i++) {
        LiveBlock *block = &live->blocks[live->block_of[i]];
        ActionState state = execution->results[i].state;
        block->total++;
        block->running += state == ACTION_RUNNING;
        block->settled += state != ACTION_WAITING && state != ACTION_RUNNING;
        block->failed += state == ACTION_FAILED || state == ACTION_STALE || state == ACTION_HALF;
    }
}

static const char *paint(const Live *live, const char *code)
{
    return cli_color(live->cli, true) ? code : "";
}

/* -- what is redrawn ------------------------------------------------------------------------- */

static void erase(Live *live)
{
    FILE *err = live->cli->screen.err;
    if (live->drawn_lines > 0)
        fprintf(err, "\033[%zuA\r\033[J", live->drawn_lines);
    live->drawn_lines = 0;
}

/* Lines that can be moved over again: what scrolled away cannot. */
static size_t rows_of(const Live *live)
{
    size_t rows = live->cli->screen.rows ? live->cli->screen.rows : ROWS_DEFAULT;
    return (rows > ROWS_LEAST ? rows : ROWS_LEAST) - 1;
}

/* One line, cut at the screen's edge so that it never takes two. */
static void draw_line(Live *live, const char *text)
{
    if (live->drawn_lines >= rows_of(live))
        return;
    size_t columns = 0, end = 0, most = live->cli->screen.columns - 1;
    for (; text[end]; end++) {
        if (((unsigned char)text[end] & 0xC0) != 0x80 && ++columns > most)
            break;
    }
    fprintf(live->cli->screen.err, "%.*s\n", (int)end, text);
    live->drawn_lines++;
}

static void draw_head(Live *live, const Event *event)
{
    CLEANUP(text_release) Text text = TEXT_INIT;
    text_addf(&text, "pgsteer apply   run %s   ", event->execution->run);
    duration_format(&text, event->elapsed_ms);
    text_add(&text, " of ~");
    duration_format(&text, live->plan->critical_path_ms);
    draw_line(live, "");
    draw_line(live, text_get(&text));
}

static void draw_block(Live *live, const LiveBlock *block)
{
    CLEANUP(text_release) Text text = TEXT_INIT;
    size_t cells = block->total ? block->settled * BAR_CELLS / block->total : 0;
    bool unicode = live->cli->screen.unicode;
    text_addf(&text, "  %-16s ", block->name);
    text_add_repeat(&text, unicode ? "█" : "#", cells);
    text_add_repeat(&text, unicode ? "░" : ".", BAR_CELLS - cells);
    text_addf(&text, "  %zu of %zu", block->settled, block->total);
    if (block->failed > 0)
        text_addf(&text, ", %zu failed", block->failed);
    draw_line(live, text_get(&text));
}

static void draw_running(Live *live, const Event *event, size_t i)
{
    CLEANUP(text_release) Text text = TEXT_INIT;
    const Action *action = &live->plan->actions[i];
    char activity[128];
    execution_activity(event->execution, i, activity, sizeof(activity));
    text_addf(&text, "    >>  %s %-*s  %-*s ", progress_mark(action), ADDRESS_COLUMNS,
              action->address, ACTIVITY_COLUMNS, activity);
    duration_format(&text, event->elapsed_ms - event->execution->results[i].start_ms);
    if (action->expected_ms > 0) {
        text_add(&text, "   planned ");
        duration_format(&text, action->expected_ms);
    }
    draw_line(live, text_get(&text));
}

static void draw(Live *live, const Event *event)
{
    count_blocks(live, event->execution);
    draw_head(live, event);
    for (size_t i = 0; i < live->block_count; i++) {
        const LiveBlock *block = &live->blocks[i];
        if (!block->is_folded && block->settled + block->running > 0)
            draw_block(live, block);
    }
    size_t shown = 0;
    for (size_t i = 0; i < live->plan->action_count; i++) {
        if (event->execution->results[i].state != ACTION_RUNNING)
            continue;
        if (shown++ < RUNNING_SHOWN)
            draw_running(live, event, i);
    }
    if (shown > RUNNING_SHOWN) {
        CLEANUP(text_release) Text text = TEXT_INIT;
        text_addf(&text, "    and %zu more at work", shown - RUNNING_SHOWN);
        draw_line(live, text_get(&text));
    }
    if (event->execution->cancel_level == 0)
        draw_line(live, progress_cancel_text(0));
    live->drawn_ms = event->elapsed_ms;
}

/* -- what stays ------------------------------------------------------------------------------ */

static void print_outcome(Live *live, const Event *event)
{
    static const char *const words[ACTION_STATE_COUNT] = {
        [ACTION_DONE] = "ok",      [ACTION_FAILED] = "FAILED",   [ACTION_STALE] = "STALE",
        [ACTION_HALF] = "HALF",    [ACTION_SKIPPED] = "skipped", [ACTION_CANCELLED] = "stopped",
        [ACTION_WAITING] = "wait", [ACTION_RUNNING] = "runs",
    };
    CLEANUP(text_release) Text text = TEXT_INIT;
    const Action *action = &live->plan->actions[event->action];
    const ActionResult *result = &event->execution->results[event->action];
    const char *why = progress_why(live->cli->arena, event->execution, event->action);
    const char *color = result->state == ACTION_DONE ? "\033[32m" : "\033[31m";
    text_addf(&text, "  %s%-7s%s %s %-*s  ", paint(live, color), words[result->state],
              paint(live, "\033[0m"), progress_mark(action), ADDRESS_COLUMNS, action->address);
    if (result->took_ms > 0 || result->has_begun)
        duration_format(&text, result->took_ms);
    text_addf(&text, "  %s", why);
    fprintf(live->cli->screen.err, "%s\n", text_get(&text));
}

/* A block that is finished without a failure is one line, and its actions none. */
static void fold_finished(Live *live, const Event *event)
{
    count_blocks(live, event->execution);
    for (size_t i = 0; i < live->block_count; i++) {
        LiveBlock *block = &live->blocks[i];
        if (block->is_folded || block->settled < block->total)
            continue;
        block->is_folded = true;
        fprintf(live->cli->screen.err, "  %s%-7s%s   %-*s  %zu of %zu\n",
                paint(live, block->failed ? "\033[31m" : "\033[32m"),
                block->failed ? "FAILED" : "ok", paint(live, "\033[0m"), ADDRESS_COLUMNS,
                block->name, block->settled - block->failed, block->total);
    }
}

/* Of what succeeded, only what somebody could notice is worth a line of its own. */
static bool is_worth_a_line(const Live *live, const Event *event)
{
    const Action *action = &live->plan->actions[event->action];
    return event->execution->results[event->action].state != ACTION_DONE ||
           action->verb->availability > AVAILABLE_RELOAD || live->cli->common.verbose;
}

static void print_stop(const Live *live, const Event *event)
{
    Arena *arena = live->cli->arena;
    const char *why = event->type == EVENT_CANCEL
                          ? progress_cancel_text(event->execution->cancel_level)
                          : progress_budget_text(arena, event->execution);
    fprintf(live->cli->screen.err, "%s\n%s", why, progress_running_text(arena, event));
}

static void emit(void *context, const Event *event)
{
    Live *live = context;
    bool is_over = event->type == EVENT_END;
    bool is_outcome = event->type == EVENT_FINISH || event->type == EVENT_SKIP;
    if (event->type == EVENT_START || event->type == EVENT_BEGIN)
        return;
    bool is_stop = event->type == EVENT_CANCEL || event->type == EVENT_BUDGET;
    bool is_printed = is_stop || (is_outcome && is_worth_a_line(live, event));
    if (!is_over && !is_printed && live->drawn_lines > 0 &&
        event->elapsed_ms - live->drawn_ms < REDRAW_MS)
        return;
    erase(live);
    if (is_outcome && is_worth_a_line(live, event))
        print_outcome(live, event);
    if (is_stop)
        print_stop(live, event);
    fold_finished(live, event);
    if (!is_over)
        draw(live, event);
    fflush(live->cli->screen.err);
}

EventSink progress_live_new(Cli *cli, const Plan *plan)
{
    Live *live = ARENA_NEW(cli->arena, Live);
    *live = (Live){.cli = cli, .plan = plan};
    live->block_of = ARENA_ARRAY(cli->arena, size_t, plan->action_count);
    for (size_t i = 0; i < plan->action_count; i++)
        live->block_of[i] = block_number(live, plan->actions[i].block);
    return (EventSink){live, emit};
}
