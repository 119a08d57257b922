#include <string.h>
#include <time.h>

#include "base/duration.h"
#include "cli/progress.h"

enum {
    SIGN_OF_LIFE_MS = 10000,
    ADDRESS_COLUMNS_MAX = 44,
    BLOCK_COLUMNS_MAX = 20,
    CLOCK_BYTES = 24
};

typedef struct Plain {
    Cli *cli;
    const Plan *plan;
    int block_columns, address_columns;
    int64_t last_line_ms; /* since the beginning */
} Plain;

static int widest(int so_far, const char *text, int most)
{
    int columns = (int)text_columns(text);
    columns = columns < most ? columns : most;
    return columns > so_far ? columns : so_far;
}

/* "02:10:23.1", local time. */
static void print_clock(FILE *out, int64_t wall_ms)
{
    char text[CLOCK_BYTES];
    struct tm local;
    time_t seconds = wall_ms / 1000;
    localtime_r(&seconds, &local);
    strftime(text, sizeof(text), "%H:%M:%S", &local);
    fprintf(out, "%s.%d  ", text, (int)(wall_ms % 1000 / 100));
}

static void print_line(Plain *plain, const Event *event, const char *what, const char *text)
{
    FILE *err = plain->cli->screen.err;
    const Action *action = &plain->plan->actions[event->action];
    print_clock(err, event->wall_ms);
    fprintf(err, "%-*s  %-*s  %-8s %s\n", plain->block_columns, action->block,
            plain->address_columns, action->address, what, text);
    plain->last_line_ms = event->elapsed_ms;
}

static const char *took(Arena *arena, int64_t duration_ms)
{
    CLEANUP(text_release) Text text = TEXT_INIT;
    duration_format(&text, duration_ms);
    return text_copy(&text, arena);
}

static void print_start(Plain *plain, const Event *event)
{
    const Action *action = &plain->plan->actions[event->action];
    Arena *arena = plain->cli->arena;
    const char *doing = action->verb->progress ? action->verb->progress : action->verb->name;
    const char *text = doing;
    if (action->verb->availability > AVAILABLE_RELOAD && action->verb->deadline_ms > 0)
        text = arena_printf(arena, "%s, limit %s", doing, took(arena, action->verb->deadline_ms));
    print_line(plain, event, "start", text);
}

static void print_finish(Plain *plain, const Event *event)
{
    const ActionResult *result = &event->execution->results[event->action];
    Arena *arena = plain->cli->arena;
    const char *state = result->state == ACTION_DONE ? "ok" : action_state_name(result->state);
    const char *why = progress_why(arena, event->execution, event->action);
    if (result->was_done_before)
        why = "was done already";
    else if (result->attempt_count > 1 && result->state == ACTION_DONE)
        why = arena_printf(arena, "at the %zu. try", result->attempt_count);
    const char *text = arena_printf(arena, "%-7s %s", took(arena, result->took_ms), why);
    print_line(plain, event, state, *why ? text : took(arena, result->took_ms));
}

static void print_skip(Plain *plain, const Event *event)
{
    const ActionResult *result = &event->execution->results[event->action];
    print_line(plain, event, action_state_name(result->state),
               progress_why(plain->cli->arena, event->execution, event->action));
}

/* What is being waited for, when nothing was printed for a while. */
static void print_life(Plain *plain, const Event *event)
{
    if (event->elapsed_ms - plain->last_line_ms < SIGN_OF_LIFE_MS)
        return;
    for (size_t i = 0; i < plain->plan->action_count; i++) {
        const ActionResult *result = &event->execution->results[i];
        if (result->state != ACTION_RUNNING)
            continue;
        char activity[128];
        Event about = *event;
        about.action = i;
        execution_activity(event->execution, i, activity, sizeof(activity));
        const char *since = took(plain->cli->arena, event->elapsed_ms - result->start_ms);
        print_line(plain, &about, "runs",
                   arena_printf(plain->cli->arena, "%-7s %s", since, activity));
    }
    plain->last_line_ms = event->elapsed_ms;
}

static void emit(void *context, const Event *event)
{
    Plain *plain = context;
    switch (event->type) {
    case EVENT_START:
        print_start(plain, event);
        break;
    case EVENT_FINISH:
        print_finish(plain, event);
        break;
    case EVENT_SKIP:
        print_skip(plain, event);
        break;
    case EVENT_CANCEL:
        fprintf(plain->cli->screen.err, "%s\n%s",
                progress_cancel_text(event->execution->cancel_level),
                progress_running_text(plain->cli->arena, event));
        break;
    case EVENT_BUDGET:
        fprintf(plain->cli->screen.err, "%s\n%s",
                progress_budget_text(plain->cli->arena, event->execution),
                progress_running_text(plain->cli->arena, event));
        break;
    case EVENT_TICK:
        print_life(plain, event);
        break;
    case EVENT_BEGIN:
    case EVENT_END:
    case EVENT_TYPE_COUNT:
        break;
    }
    fflush(plain->cli->screen.err);
}

EventSink progress_plain_new(Cli *cli, const Plan *plan)
{
    Plain *plain = ARENA_NEW(cli->arena, Plain);
    *plain = (Plain){.cli = cli, .plan = plan};
    for (size_t i = 0; i < plan->action_count; i++) {
        const Action *action = &plan->actions[i];
        plain->block_columns = widest(plain->block_columns, action->block, BLOCK_COLUMNS_MAX);
        plain->address_columns =
            widest(plain->address_columns, action->address, ADDRESS_COLUMNS_MAX);
    }
    return (EventSink){plain, emit};
}
