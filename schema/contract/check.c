#include "schema/contract/check.h"

#include <string.h>

static const char *const relation_names[RELATION_COUNT] = {
    [RELATION_EQUAL] = "equal",
    [RELATION_NOT_EQUAL] = "not_equal",
    [RELATION_AT_LEAST] = "at_least",
    [RELATION_AT_MOST] = "at_most",
    [RELATION_EXISTS] = "exists",
    [RELATION_ABSENT] = "absent",
    [RELATION_IN] = "in",
    [RELATION_CONTAINS] = "contains",
};

static bool exists(const Value *fact)
{
    return fact && fact->type != VALUE_NULL;
}

static bool list_has(const Value *list, const Value *item)
{
    if (!list || list->type != VALUE_LIST)
        return false;
    for (size_t i = 0; i < value_count(list); i++) {
        if (value_equal(value_at(list, i), item))
            return true;
    }
    return false;
}

static bool map_has(const Value *map, const Value *part)
{
    for (size_t i = 0; i < value_count(part); i++) {
        if (!value_equal(value_get(map, part->map.keys[i]), part->map.values[i]))
            return false;
    }
    return true;
}

/* Is there a map that has all of this one? */
static bool list_has_map(const Value *list, const Value *part)
{
    for (size_t i = 0; list && list->type == VALUE_LIST && i < value_count(list); i++) {
        const Value *map = value_at(list, i);
        if (map->type == VALUE_MAP && map_has(map, part))
            return true;
    }
    return false;
}

static bool contains(const Value *fact, const Value *item)
{
    if (item && item->type == VALUE_MAP)
        return list_has_map(fact, item);
    if (fact && fact->type == VALUE_TEXT)
        return item && strstr(fact->text, value_as_text(item, "")) != NULL;
    if (fact && fact->type == VALUE_MAP)
        return value_get(fact, value_as_text(item, "")) != NULL;
    return list_has(fact, item);
}

static bool both_are_integers(const Value *a, const Value *b)
{
    return a && b && a->type == VALUE_INT && b->type == VALUE_INT;
}

static bool holds(const Check *check, const Value *fact)
{
    switch (check->relation) {
    case RELATION_EQUAL:
        return value_equal(fact, check->value);
    case RELATION_NOT_EQUAL:
        return !value_equal(fact, check->value);
    case RELATION_AT_LEAST:
        return both_are_integers(fact, check->value) && fact->integer >= check->value->integer;
    case RELATION_AT_MOST:
        return both_are_integers(fact, check->value) && fact->integer <= check->value->integer;
    case RELATION_EXISTS:
        return exists(fact);
    case RELATION_ABSENT:
        return !exists(fact);
    case RELATION_IN:
        return list_has(check->value, fact);
    case RELATION_CONTAINS:
        return contains(fact, check->value);
    case RELATION_COUNT:
        break;
    }
    return false;
}

CheckResult check_evaluate(const Check *check, const Facts *facts)
{
    const Value *reading = facts_value(facts, check->source, check->subject);
    if (!reading)
        return CHECK_UNKNOWN;
    return holds(check, value_path(reading, check->path)) ? CHECK_HOLDS : CHECK_FAILS;
}

const char *relation_name(Relation relation)
{
    return relation_names[relation];
}
