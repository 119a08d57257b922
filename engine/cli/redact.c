#include "cli/redact.h"

#include <string.h>

/* Shown for none of the sources. */
static const char *const hidden_keys[] = {"nonce", "password", "verifier", "secret", "token"};

/* Whose "content" is of a file that holds secrets. */
static const char secret_files[] = "node.secret_files";

static bool is_hidden(const char *key, const char *source)
{
    for (size_t i = 0; i < COUNT_OF(hidden_keys); i++) {
        if (strcmp(hidden_keys[i], key) == 0)
            return true;
    }
    return strcmp(key, "content") == 0 && strcmp(source, secret_files) == 0;
}

// NOLINTNEXTLINE(misc-no-recursion): readings are parsed JSON: JSON_MAX_DEPTH
static const Value *redact(Arena *arena, const Value *value, const char *source)
{
    if (value->type == VALUE_LIST) {
        Value *list = value_list(arena);
        for (size_t i = 0; i < value_count(value); i++)
            value_push(arena, list, redact(arena, value_at(value, i), source));
        return list;
    }
    if (value->type != VALUE_MAP)
        return value;
    Value *map = value_map(arena);
    for (size_t i = 0; i < value->map.count; i++) {
        const char *key = value->map.keys[i];
        const Value *item = value->map.values[i];
        if (is_hidden(key, source) && item->type != VALUE_NULL)
            item = value_text(arena, "(sensitive value)");
        value_set(arena, map, key, redact(arena, item, source));
    }
    return map;
}

const Value *redact_reading(Arena *arena, const Reading *reading)
{
    return redact(arena, reading->value, reading->source);
}
