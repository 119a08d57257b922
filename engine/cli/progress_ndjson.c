#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "cli/progress.h"
#include "schema/contract/change.h"

/* The interface: minor = more is said, major = something means something else. */
#define UI_VERSION "1.2"

enum { PROGRESS_EVERY_MS = 10000 };

typedef struct Ndjson {
    Cli *cli;
    const Plan *plan;
    int64_t sequence;
    int64_t *told_ms; /* by action: last apply_progress */
} Ndjson;

static void write_object(Ndjson *ndjson, const Value *object)
{
    CLEANUP(text_release) Text line = TEXT_INIT;
    json_write(&line, object);
    fprintf(ndjson->cli->screen.out, "%s\n", text_get(&line));
    fflush(ndjson->cli->screen.out);
}

static Value *new_line(Ndjson *ndjson, Arena *arena, const char *run, int64_t wall_ms,
                       const char *type, const char *message)
{
    Value *object = value_map(arena);
    bool is_error = strcmp(type, "apply_errored") == 0;
    value_set_text(arena, object, "@level", is_error ? "error" : "info");
    value_set_text(arena, object, "@message", message);
    value_set_text(arena, object, "@module", "pgsteer.ui");
    value_set_text(arena, object, "@timestamp", clock_rfc3339(arena, wall_ms));
    value_set_text(arena, object, "run_id", run);
    value_set_int(arena, object, "seq", ndjson->sequence++);
    value_set_text(arena, object, "type", type);
    return object;
}

static Value *new_object(Ndjson *ndjson, Arena *arena, const Event *event, const char *type,
                         const char *message)
{
    return new_line(ndjson, arena, event->execution->run, event->wall_ms, type, message);
}

static const char *action_word(const Action *action)
{
    static const char *const words[CHANGE_OP_COUNT] = {
        [CHANGE_NONE] = "noop",     [CHANGE_CREATE] = "create",   [CHANGE_UPDATE] = "update",
        [CHANGE_DELETE] = "delete", [CHANGE_REPLACE] = "replace", [CHANGE_WITHHOLD] = "noop",
    };
    return words[action->op];
}

static Value *hook_of(Ndjson *ndjson, Arena *arena, const Event *event)
{
    const Action *action = &ndjson->plan->actions[event->action];
    const ActionResult *result = &event->execution->results[event->action];
    Value *resource = value_map(arena);
    value_set_text(arena, resource, "addr", action->address);
    value_set_text(arena, resource, "module", action->block);
    value_set_text(arena, resource, "resource", action->address);
    value_set_text(arena, resource, "resource_type", action->kind);
    value_set_text(arena, resource, "resource_name", action->scope);
    Value *hook = value_map(arena);
    value_set(arena, hook, "resource", resource);
    value_set_text(arena, hook, "action", action_word(action));
    value_set_int(arena, hook, "action_id", (int64_t)action->id);
    value_set_text(arena, hook, "verb", action->verb->name);
    value_set_text(arena, hook, "host", result->host ? result->host : action->host);
    int64_t elapsed_ms =
        result->state == ACTION_RUNNING ? event->elapsed_ms - result->start_ms : result->took_ms;
    value_set_int(arena, hook, "elapsed_seconds", elapsed_ms / 1000);
    value_set_int(arena, hook, "elapsed_ms", elapsed_ms);
    value_set_int(arena, hook, "planned_ms", action->expected_ms);
    return hook;
}

static void write_action(Ndjson *ndjson, const Event *event, const char *type, const char *verb)
{
    CLEANUP(arena_freep) Arena *arena = arena_new();
    const Action *action = &ndjson->plan->actions[event->action];
    const ActionResult *result = &event->execution->results[event->action];
    const char *why = progress_why(arena, event->execution, event->action);
    char *message = arena_printf(arena, "%s: %s%s%s", action->address, verb, *why ? ": " : "", why);
    Value *object = new_object(ndjson, arena, event, type, message);
    Value *hook = hook_of(ndjson, arena, event);
    value_set_text(arena, hook, "state", action_state_name(result->state));
    if (*why)
        value_set_text(arena, hook, "error", why);
    value_set(arena, object, "hook", hook);
    write_object(ndjson, object);
}

static void write_progress(Ndjson *ndjson, const Event *event)
{
    for (size_t i = 0; i < ndjson->plan->action_count; i++) {
        const ActionResult *result = &event->execution->results[i];
        int64_t since =
            result->start_ms > ndjson->told_ms[i] ? result->start_ms : ndjson->told_ms[i];
        if (result->state != ACTION_RUNNING || event->elapsed_ms - since < PROGRESS_EVERY_MS)
            continue;
        ndjson->told_ms[i] = event->elapsed_ms;
        char activity[128];
        Event about = *event;
        about.action = i;
        execution_activity(event->execution, i, activity, sizeof(activity));
        write_action(ndjson, &about, "apply_progress", *activity ? activity : "still running");
    }
}

static void write_version(Ndjson *ndjson, const Event *event)
{
    CLEANUP(arena_freep) Arena *arena = arena_new();
    char *message = arena_printf(arena, "pgsteer %s", ndjson->cli->program->version);
    Value *object = new_object(ndjson, arena, event, "version", message);
    value_set_text(arena, object, "pgsteer", ndjson->cli->program->version);
    value_set_text(arena, object, "ui", UI_VERSION);
    write_object(ndjson, object);
}

static const Value *running_value(Arena *arena, const Event *event)
{
    Value *list = value_list(arena);
    for (size_t i = 0; i < event->execution->plan->action_count; i++) {
        if (event->execution->results[i].state != ACTION_RUNNING)
            continue;
        Value *item = value_map(arena);
        value_set_text(arena, item, "addr", event->execution->plan->actions[i].address);
        value_set_text(arena, item, "latest", clock_rfc3339(arena, progress_latest_ms(event, i)));
        value_push(arena, list, item);
    }
    return list;
}

static void write_cancel(Ndjson *ndjson, const Event *event)
{
    CLEANUP(arena_freep) Arena *arena = arena_new();
    Value *object = new_object(ndjson, arena, event, "cancel",
                               progress_cancel_text(event->execution->cancel_level));
    value_set_int(arena, object, "level", event->execution->cancel_level);
    value_set(arena, object, "running", running_value(arena, event));
    write_object(ndjson, object);
}

static void write_budget(Ndjson *ndjson, const Event *event)
{
    CLEANUP(arena_freep) Arena *arena = arena_new();
    Value *object = new_object(ndjson, arena, event, "failure_budget",
                               progress_budget_text(arena, event->execution));
    value_set_int(arena, object, "failed_domains", (int64_t)event->execution->failed_domains);
    value_set(arena, object, "running", running_value(arena, event));
    write_object(ndjson, object);
}

static void write_end(Ndjson *ndjson, const Event *event)
{
    CLEANUP(arena_freep) Arena *arena = arena_new();
    Applied applied = execution_applied(arena, event->execution);
    char *message =
        arena_printf(arena, "Apply complete! Resources: %zu added, %zu changed, %zu destroyed.",
                     applied.added, applied.changed, applied.destroyed);
    Value *object = new_object(ndjson, arena, event, "change_summary", message);
    Value *changes = value_map(arena);
    value_set_int(arena, changes, "add", (int64_t)applied.added);
    value_set_int(arena, changes, "change", (int64_t)applied.changed);
    value_set_int(arena, changes, "import", 0);
    value_set_int(arena, changes, "remove", (int64_t)applied.destroyed);
    value_set_text(arena, changes, "operation", "apply");
    value_set(arena, object, "changes", changes);
    Value *states = value_map(arena);
    for (int i = 0; i < ACTION_STATE_COUNT; i++)
        value_set_int(arena, states, action_state_name((ActionState)i),
                      (int64_t)event->execution->counts[i]);
    value_set(arena, object, "actions", states);
    value_set_int(arena, object, "elapsed_ms", event->execution->took_ms);
    write_object(ndjson, object);
}

static void write_finish(Ndjson *ndjson, const Event *event)
{
    bool is_done = event->execution->results[event->action].state == ACTION_DONE;
    write_action(ndjson, event, is_done ? "apply_complete" : "apply_errored",
                 is_done ? "done" : "failed");
}

static void emit(void *context, const Event *event)
{
    Ndjson *ndjson = context;
    switch (event->type) {
    case EVENT_BEGIN:
        write_version(ndjson, event);
        break;
    case EVENT_START:
        write_action(ndjson, event, "apply_start", "begins");
        break;
    case EVENT_FINISH:
        write_finish(ndjson, event);
        break;
    case EVENT_SKIP:
        write_action(ndjson, event, "apply_skipped", "not run");
        break;
    case EVENT_CANCEL:
        write_cancel(ndjson, event);
        break;
    case EVENT_BUDGET:
        write_budget(ndjson, event);
        break;
    case EVENT_TICK:
        write_progress(ndjson, event);
        break;
    case EVENT_END:
        write_end(ndjson, event);
        break;
    case EVENT_TYPE_COUNT:
        break;
    }
}

void progress_ndjson_outcome(const EventSink *sink, const char *run)
{
    CLEANUP(arena_freep) Arena *arena = arena_new();
    Ndjson *ndjson = sink->context;
    const Outcome *outcome = &ndjson->cli->outcome;
    int status = outcome_exit_status(outcome);
    Value *line = new_line(ndjson, arena, run, clock_wall_ms(), "outcome",
                           arena_printf(arena, "exit %d", status));
    value_set_int(arena, line, "exit", status);
    value_set(arena, line, "conditions", outcome_value(arena, outcome));
    write_object(ndjson, line);
}

void progress_ndjson_lock(const EventSink *sink, const char *run, const char *reason)
{
    CLEANUP(arena_freep) Arena *arena = arena_new();
    Ndjson *ndjson = sink->context;
    Value *line =
        new_line(ndjson, arena, run, clock_wall_ms(), "lock_local",
                 arena_printf(arena, "leases are taken on this runner alone: %s", reason));
    value_set_text(arena, line, "reason", reason);
    write_object(ndjson, line);
}

EventSink progress_ndjson_new(Cli *cli, const Plan *plan)
{
    Ndjson *ndjson = ARENA_NEW(cli->arena, Ndjson);
    *ndjson = (Ndjson){
        .cli = cli, .plan = plan, .told_ms = ARENA_ARRAY(cli->arena, int64_t, plan->action_count)};
    return (EventSink){ndjson, emit};
}
