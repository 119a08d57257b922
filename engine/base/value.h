/*
 * base/value.h - an immutable tree of values: what JSON can say, plus two things it cannot.
 *
 * A *secret* is a hole with the address of where the real value comes from: the program plans with
 * holes and fills them just before an effect. A *late* value does not exist before a named action
 * has made it (a system identifier, a certificate serial). Both print as their marker, never as a
 * guess. Values live in an arena and are shared freely once made; any thread may read them.
 * Texts are NUL-terminated UTF-8. Maps keep insertion order and have unique keys.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/key_index.h"
#include "base/text.h"

typedef enum ValueType {
    VALUE_NULL,
    VALUE_BOOL,
    VALUE_INT,
    VALUE_REAL, /* only where foreign JSON has one; our own data uses int and text */
    VALUE_TEXT,
    VALUE_LIST,
    VALUE_MAP,
    VALUE_SECRET, /* text = address of the secret */
    VALUE_LATE,   /* text = what makes it         */
    VALUE_TYPE_COUNT
} ValueType;

typedef struct Value Value;
struct Value {
    ValueType type;
    union {
        bool boolean;
        int64_t integer;
        double real;
        const char *text;
        struct {
            const Value **items;
            size_t count;
            size_t capacity;
        } list;
        struct {
            const char **keys;
            const Value **values;
            KeyIndex index; /* private */
            uint32_t count;
            uint32_t capacity;
        } map;
    };
};

/* Constants that need no arena. */
extern const Value value_null, value_true, value_false, value_empty_list, value_empty_map;

Value *value_int(Arena *arena, int64_t integer);
const Value *value_bool(bool boolean);
Value *value_real(Arena *arena, double real);
Value *value_text(Arena *arena, const char *text); /* copies; NULL gives VALUE_NULL */
Value *value_textf(Arena *arena, const char *fmt, ...) PRINTF_LIKE(2, 3);
Value *value_secret(Arena *arena, const char *address);
Value *value_late(Arena *arena, const char *maker);

/* Lists and maps are built, then only read. Keys are copied; a key set again is replaced. */
Value *value_list(Arena *arena);
void value_push(Arena *arena, Value *list, const Value *item);
Value *value_map(Arena *arena);
void value_set(Arena *arena, Value *map, const char *key, const Value *item);
void value_set_text(Arena *arena, Value *map, const char *key, const char *text);
void value_set_int(Arena *arena, Value *map, const char *key, int64_t integer);
void value_set_bool(Arena *arena, Value *map, const char *key, bool boolean);

/* For what is made by the million: room for all entries of an empty list or map, and a key that is
 * not there yet and lives as long as the map. */
void value_reserve(Arena *arena, Value *list_or_map, size_t count);
void value_add(Arena *arena, Value *map, const char *key, const Value *item);

/* Reading never fails: a missing key or a wrong type gives NULL, "" or the fallback. */
const Value *value_get(const Value *map, const char *key);
const Value *value_at(const Value *list, size_t i);
size_t value_count(const Value *list_or_map); /* 0 for anything else and NULL */
const char *value_as_text(const Value *value, const char *fallback); /* only VALUE_TEXT */
int64_t value_as_int(const Value *value, int64_t fallback);
bool value_as_bool(const Value *value, bool fallback);
const char *value_get_text(const Value *map, const char *key); /* "" when not there */
int64_t value_get_int(const Value *map, const char *key, int64_t fallback);
bool value_get_bool(const Value *map, const char *key, bool fallback);

/* Follow "a/b/0/c" through maps and lists ("~1" for '/', "~0" for '~', as in RFC 6901 but without
 * the leading slash); "" is the value itself. NULL when a step is missing. */
const Value *value_path(const Value *value, const char *path);

/* Same type and content; maps without regard to order. NULL equals VALUE_NULL. */
bool value_equal(const Value *a, const Value *b);

Value *value_copy(Arena *arena, const Value *value);

/* A copy in which each secret hole was replaced by what `fill` returns (an arena text, or NULL to
 * leave the hole). */
const Value *value_fill(Arena *arena, const Value *value,
                        const char *(*fill)(void *context, const char *address), void *context);

/* True if a secret hole is anywhere inside. */
bool value_has_secret(const Value *value);

/* For people: texts in double quotes, lists as ["a", "b"], secrets as (sensitive value),
 * late values as (known later). */
void value_format(Text *out, const Value *value);
