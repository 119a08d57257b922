#include "plans/compare.h"

#include <string.h>

#include "base/duration.h"
#include "base/json.h"
#include "plans/pg_setting.h"

bool compare_is_keyed(const ParamRow *row)
{
    return row->type == PARAM_MAP || row->type == PARAM_SETTINGS;
}

static bool is_nothing(const Value *value)
{
    if (!value || value->type == VALUE_NULL)
        return true;
    if (value->type == VALUE_TEXT)
        return value->text[0] == '\0';
    return (value->type == VALUE_LIST || value->type == VALUE_MAP) && value_count(value) == 0;
}

/* What a value is when its JSON type does not matter: 5 is "5". */
static void add_canonical(Text *out, const Value *value)
{
    if (value->type == VALUE_TEXT)
        text_add(out, value->text);
    else
        json_write_canonical(out, value);
}

static bool same_text(const Value *a, const Value *b)
{
    CLEANUP(text_release) Text left = TEXT_INIT;
    CLEANUP(text_release) Text right = TEXT_INIT;
    add_canonical(&left, a);
    add_canonical(&right, b);
    return strcmp(text_get(&left), text_get(&right)) == 0;
}

static bool scalars_equal(const Value *a, const Value *b)
{
    return value_equal(a, b) || same_text(a, b);
}

static bool sizes_equal(const Value *a, const Value *b)
{
    int64_t left = value_as_int(a, 0), right = value_as_int(b, 0);
    CLEANUP(error_freep)
    Error *bad_left = a->type == VALUE_TEXT ? size_parse(a->text, &left) : NULL;
    CLEANUP(error_freep)
    Error *bad_right = b->type == VALUE_TEXT ? size_parse(b->text, &right) : NULL;
    return bad_left || bad_right ? scalars_equal(a, b) : left == right;
}

static bool durations_equal(const Value *a, const Value *b)
{
    int64_t left = value_as_int(a, 0), right = value_as_int(b, 0);
    CLEANUP(error_freep)
    Error *bad_left = a->type == VALUE_TEXT ? duration_parse(a->text, &left) : NULL;
    CLEANUP(error_freep)
    Error *bad_right = b->type == VALUE_TEXT ? duration_parse(b->text, &right) : NULL;
    return bad_left || bad_right ? scalars_equal(a, b) : left == right;
}

static Map *members_of(Arena *arena, const Value *list)
{
    Map *members = map_new(arena);
    for (size_t i = 0; i < value_count(list); i++) {
        CLEANUP(text_release) Text key = TEXT_INIT;
        add_canonical(&key, value_at(list, i));
        map_set(members, arena_strdup(arena, text_get(&key)), members);
    }
    return members;
}

static bool sets_equal(const Value *desired, const Value *observed, bool add_only)
{
    CLEANUP(arena_freep) Arena *scratch = arena_new();
    Map *wanted = members_of(scratch, desired), *seen = members_of(scratch, observed);
    if (!add_only && map_count(wanted) != map_count(seen))
        return false;
    for (size_t i = 0; i < map_count(wanted); i++) {
        if (!map_get(seen, map_key_at(wanted, i)))
            return false;
    }
    return true;
}

/* In order; with `add_only` other entries may stand between. */
static bool lists_equal(const Value *desired, const Value *observed, bool add_only)
{
    size_t seen = 0;
    for (size_t i = 0; i < value_count(desired); i++) {
        while (add_only && seen < value_count(observed) &&
               !scalars_equal(value_at(desired, i), value_at(observed, seen)))
            seen++;
        if (seen >= value_count(observed) ||
            !scalars_equal(value_at(desired, i), value_at(observed, seen)))
            return false;
        seen++;
    }
    return add_only || seen == value_count(observed);
}

static bool is_list(const Value *value)
{
    return value && value->type == VALUE_LIST;
}

static bool values_equal(const ParamRow *row, const Value *desired, const Value *observed)
{
    bool add_only = row->flags & PARAM_FLAG_ADD_ONLY;
    switch (row->type) {
    case PARAM_BOOL:
    case PARAM_SETTINGS:
        return pg_setting_equal("", desired, observed);
    case PARAM_SIZE:
        return sizes_equal(desired, observed);
    case PARAM_DURATION:
        return durations_equal(desired, observed);
    case PARAM_SET:
        if (is_list(desired) && is_list(observed))
            return sets_equal(desired, observed, add_only);
        break;
    case PARAM_LIST:
        if (is_list(desired) && is_list(observed))
            return lists_equal(desired, observed, add_only);
        break;
    case PARAM_INT:
    case PARAM_STRING:
    case PARAM_MAP:
    case PARAM_TEXT:
    case PARAM_LINES:
        break;
    }
    return scalars_equal(desired, observed);
}

/* The kind that read a secret says whether it is the one that is wanted. */
static Comparison compare_secret(const Value *observed)
{
    const char *word = value_as_text(observed, "");
    const Value *matches = value_get(observed, "matches");
    if (strcmp(word, "match") == 0 || value_as_bool(matches, false))
        return COMPARE_EQUAL;
    if (strcmp(word, "differ") == 0 || matches || observed->type == VALUE_NULL)
        return COMPARE_DIFFER;
    return COMPARE_NOT_POSSIBLE;
}

Comparison compare_param(const ParamRow *row, const Value *desired, const Value *observed)
{
    if (desired->type == VALUE_LATE)
        return COMPARE_NOT_POSSIBLE;
    if (value_has_secret(desired))
        return compare_secret(observed);
    if (is_nothing(desired) || is_nothing(observed))
        return is_nothing(desired) == is_nothing(observed) ||
                       (is_nothing(desired) && (row->flags & PARAM_FLAG_ADD_ONLY))
                   ? COMPARE_EQUAL
                   : COMPARE_DIFFER;
    return values_equal(row, desired, observed) ? COMPARE_EQUAL : COMPARE_DIFFER;
}

Comparison compare_key(const ParamRow *row, const char *key, const Value *desired,
                       const Value *observed)
{
    bool wanted = desired && desired->type != VALUE_NULL;
    bool seen = observed && observed->type != VALUE_NULL;
    if (!wanted)
        return seen ? COMPARE_DIFFER : COMPARE_EQUAL;
    if (!seen)
        return COMPARE_DIFFER;
    if (desired->type == VALUE_LATE)
        return COMPARE_NOT_POSSIBLE;
    if (value_has_secret(desired))
        return compare_secret(observed);
    bool equal = row->type == PARAM_SETTINGS ? pg_setting_equal(key, desired, observed)
                                             : scalars_equal(desired, observed);
    return equal ? COMPARE_EQUAL : COMPARE_DIFFER;
}
