#include "schema/contract/facts.h"

#include "base/map.h"

struct Facts {
    Arena *arena;
    const Facts *base; /* or NULL */
    Map *by_source;    /* source -> Map of subject -> Reading */
    Reading **items;
    size_t count, capacity;
};

Facts *facts_new(Arena *arena)
{
    Facts *facts = ARENA_NEW(arena, Facts);
    facts->arena = arena;
    facts->by_source = map_new(arena);
    return facts;
}

Facts *facts_new_over(Arena *arena, const Facts *base)
{
    Facts *facts = facts_new(arena);
    facts->base = base;
    return facts;
}

static Map *subjects_of(Facts *facts, const char *source)
{
    Map *subjects = map_get(facts->by_source, source);
    if (!subjects) {
        subjects = map_new(facts->arena);
        map_set(facts->by_source, source, subjects);
    }
    return subjects;
}

void facts_put(Facts *facts, const Reading *reading)
{
    Map *subjects = subjects_of(facts, reading->source);
    Reading *stored = map_get(subjects, reading->subject);
    if (!stored) {
        stored = ARENA_NEW(facts->arena, Reading);
        map_set(subjects, reading->subject, stored);
        ARENA_PUSH(facts->arena, facts->items, facts->count, facts->capacity, stored);
    }
    *stored = *reading;
}

void facts_put_known(Facts *facts, const char *source, const char *subject, const Value *value)
{
    facts_put(facts, &(Reading){.source = source, .subject = subject, .value = value});
}

void facts_put_unknown(Facts *facts, const char *source, const char *subject, ErrorCode code,
                       const char *reason)
{
    facts_put(facts, &(Reading){.source = source,
                                .subject = subject,
                                .unknown_reason = reason,
                                .unknown_code = code});
}

const Reading *facts_get(const Facts *facts, const char *source, const char *subject)
{
    const Reading *reading = NULL;
    for (; facts && !reading; facts = facts->base) {
        const Map *subjects = map_get(facts->by_source, source);
        reading = subjects ? map_get(subjects, subject) : NULL;
    }
    return reading;
}

const Value *facts_value(const Facts *facts, const char *source, const char *subject)
{
    const Reading *reading = facts_get(facts, source, subject);
    return reading ? reading->value : NULL;
}

const Value *facts_path(const Facts *facts, const char *source, const char *subject,
                        const char *path)
{
    const Value *value = facts_value(facts, source, subject);
    return value ? value_path(value, path) : NULL;
}

bool facts_is_unknown(const Facts *facts, const char *source, const char *subject,
                      const char **ret_reason)
{
    const Reading *reading = facts_get(facts, source, subject);
    if (!reading || reading->value)
        return false;
    if (ret_reason)
        *ret_reason = reading->unknown_reason ? reading->unknown_reason : "no reason given";
    return true;
}

size_t facts_count(const Facts *facts)
{
    return facts->count;
}

const Reading *facts_at(const Facts *facts, size_t i)
{
    return facts->items[i];
}
