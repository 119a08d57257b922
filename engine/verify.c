#include "engine/verify.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "engine/target.h"

enum { SHOWN_MAX_BYTES = 80 };

/* The checks that one round trip answers. */
typedef struct Group {
    const char *host;
    int stage;
    ReadRequest *requests;
    size_t count, capacity;
} Group;

typedef struct GroupList {
    Group *items;
    size_t count, capacity;
} GroupList;

static const char *host_of(const Verify *verify, const Source *source, const Check *check)
{
    return source->scope == SCOPE_NODE ? check->subject : verify->action->host;
}

/* "pg-test/app" -> "app". */
static const char *database_of(const Source *source, const Check *check)
{
    const char *slash = strchr(check->subject, '/');
    return source->scope == SCOPE_DATABASE && slash ? slash + 1 : NULL;
}

static Group *group_for(Arena *arena, GroupList *groups, const char *host, int stage)
{
    for (size_t i = 0; i < groups->count; i++) {
        if (groups->items[i].stage == stage && strcmp(groups->items[i].host, host) == 0)
            return &groups->items[i];
    }
    Group group = {.host = host, .stage = stage};
    ARENA_PUSH(arena, groups->items, groups->count, groups->capacity, group);
    return &groups->items[groups->count - 1];
}

static bool has_item(const Value *list, const Value *item)
{
    for (size_t i = 0; i < value_count(list); i++) {
        if (value_equal(value_at(list, i), item))
            return true;
    }
    return false;
}

/* Two checks of one source and subject are one question about both; about one thing once. */
static void add_question(Arena *arena, Group *group, ReadRequest request)
{
    for (size_t i = 0; i < group->count; i++) {
        ReadRequest *other = &group->requests[i];
        if (other->source != request.source || strcmp(other->subject, request.subject) != 0)
            continue;
        Value *both = value_list(arena);
        for (size_t k = 0; k < value_count(other->args); k++)
            value_push(arena, both, value_at(other->args, k));
        for (size_t k = 0; k < value_count(request.args); k++) {
            if (!has_item(both, value_at(request.args, k)))
                value_push(arena, both, value_at(request.args, k));
        }
        other->args = both;
        return;
    }
    ARENA_PUSH(arena, group->requests, group->count, group->capacity, request);
}

static Error *group_checks(const Verify *verify, Arena *arena, const CheckList *checks,
                           const bool *is_wanted, GroupList *ret)
{
    for (size_t i = 0; i < checks->count; i++) {
        const Check *check = &checks->items[i];
        const Source *source = registry_source(verify->registry, check->source);
        if (!source)
            return error_new(ERROR_INVALID, "a check of %s reads '%s', which is no source",
                             verify->action->verb->name, check->source);
        if (is_wanted && !is_wanted[i])
            continue;
        ReadRequest request = {.source = source,
                               .subject = check->subject,
                               .args = check->args ? check->args : &value_empty_list,
                               .database = database_of(source, check)};
        Group *group = group_for(arena, ret, host_of(verify, source, check), source->stage);
        add_question(arena, group, request);
    }
    return NULL;
}

static void read_group(const Verify *verify, Arena *arena, const Group *group, Facts *facts)
{
    Reading *readings = ARENA_ARRAY(arena, Reading, group->count);
    int64_t deadline_ms = clock_now_ms(verify->world->clock) + VERIFY_READ_LIMIT_MS;
    World *world = verify->world;
    Error *error = world->read(world, group->host, group->requests, group->count, deadline_ms,
                               arena, readings);
    char *why = error ? error_text(error) : NULL;
    for (size_t i = 0; i < group->count; i++) {
        Reading reading = error ? (Reading){.unknown_reason = arena_strdup(arena, why),
                                            .unknown_code = error_root(error)->code}
                                : readings[i];
        reading.source = group->requests[i].source->name;
        reading.subject = group->requests[i].subject;
        facts_put(facts, &reading);
    }
    free(why);
    error_free(error);
}

static void judge(const CheckList *checks, const bool *is_wanted, const Facts *facts,
                  Verdict *ret_verdicts)
{
    for (size_t i = 0; i < checks->count; i++) {
        const Check *check = &checks->items[i];
        if (is_wanted && !is_wanted[i])
            continue;
        Verdict *verdict = &ret_verdicts[i];
        *verdict = (Verdict){.result = check_evaluate(check, facts),
                             .now = facts_path(facts, check->source, check->subject, check->path)};
        facts_is_unknown(facts, check->source, check->subject, &verdict->why_unknown);
    }
}

/* NULL for is_wanted: all. */
static Error *ask(const Verify *verify, Arena *arena, const CheckList *checks,
                  const bool *is_wanted, Verdict *ret_verdicts)
{
    GroupList groups = {0};
    TRY(group_checks(verify, arena, checks, is_wanted, &groups));
    Facts *facts = facts_new(arena);
    for (size_t i = 0; i < groups.count; i++)
        read_group(verify, arena, &groups.items[i], facts);
    judge(checks, is_wanted, facts, ret_verdicts);
    return NULL;
}

Error *verify_once(const Verify *verify, Arena *arena, const CheckList *checks,
                   Verdict *ret_verdicts)
{
    return ask(verify, arena, checks, NULL, ret_verdicts);
}

bool verdicts_hold(const Verdict *verdicts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (verdicts[i].result != CHECK_HOLDS)
            return false;
    }
    return count > 0;
}

/* -- waiting --------------------------------------------------------------------------------- */

static const char *shown(Arena *arena, const Value *value)
{
    CLEANUP(text_release) Text text = TEXT_INIT;
    value_format(&text, value ? value : &value_null);
    if (text.length > SHOWN_MAX_BYTES)
        return "something longer";
    return text_copy(&text, arena);
}

/* What could not be read says nothing: a node that is busy is asked again, however short the bound.
 */
static int64_t patience_ms(const Check *check, const Verdict *verdict)
{
    bool is_unread = verdict->result == CHECK_UNKNOWN && check->bound_ms < VERIFY_UNREAD_MS;
    return is_unread ? VERIFY_UNREAD_MS : check->bound_ms;
}

static Error *did_not_hold(Arena *arena, const Check *check, const Verdict *verdict)
{
    const char *sentence = check->sentence ? check->sentence : check->source;
    double waited_s = (double)patience_ms(check, verdict) / 1000;
    if (verdict->result == CHECK_UNKNOWN)
        return error_new(ERROR_UNREACHABLE, "waited %.1f s for: %s; it could not be read: %s",
                         waited_s, sentence,
                         verdict->why_unknown ? verdict->why_unknown : "no answer");
    if (!check->value || value_has_secret(check->value))
        return error_new(ERROR_REFUSED, "waited %.1f s for: %s", waited_s, sentence);
    return error_new(ERROR_REFUSED, "waited %.1f s for: %s; %s is %s, not %s %s", waited_s,
                     sentence, *check->path ? check->path : check->source,
                     shown(arena, verdict->now), relation_name(check->relation),
                     shown(arena, check->value));
}

/* Which still have to hold? Errors when one cannot wait any longer. */
static Error *sift(Arena *arena, const CheckList *checks, const Verdict *verdicts,
                   int64_t waited_ms, bool *is_wanted, const Check **ret_first)
{
    *ret_first = NULL;
    for (size_t i = 0; i < checks->count; i++) {
        if (!is_wanted[i])
            continue;
        is_wanted[i] = verdicts[i].result != CHECK_HOLDS;
        if (!is_wanted[i])
            continue;
        if (waited_ms >= patience_ms(&checks->items[i], &verdicts[i]))
            return did_not_hold(arena, &checks->items[i], &verdicts[i]);
        if (!*ret_first)
            *ret_first = &checks->items[i];
    }
    return NULL;
}

Error *verify_wait(const Verify *verify, Arena *arena, const CheckList *checks)
{
    int64_t start_ms = clock_now_ms(verify->world->clock), pause_ms = VERIFY_FIRST_POLL_MS;
    bool *is_wanted = ARENA_ARRAY(arena, bool, checks->count);
    memset(is_wanted, true, checks->count);
    Verdict *verdicts = ARENA_ARRAY(arena, Verdict, checks->count);
    while (checks->count > 0) {
        CLEANUP(arena_freep) Arena *scratch = arena_new();
        TRY(ask(verify, scratch, checks, is_wanted, verdicts));
        const Check *first;
        TRY(sift(scratch, checks, verdicts, clock_now_ms(verify->world->clock) - start_ms,
                 is_wanted, &first));
        if (!first)
            return NULL;
        if (verify->waiting)
            verify->waiting(verify->context, first->sentence ? first->sentence : first->source);
        if (cancel_sleep(verify->cancel, verify->world->clock, pause_ms, CANCEL_INTERRUPT))
            return error_new(ERROR_CANCELLED, "stopped waiting for: %s",
                             first->sentence ? first->sentence : first->source);
        pause_ms = pause_ms * 5 / 4 < VERIFY_LAST_POLL_MS ? pause_ms * 5 / 4 : VERIFY_LAST_POLL_MS;
    }
    return NULL;
}
