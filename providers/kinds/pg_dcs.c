#include "providers/kinds/pg_dcs.h"

#include <string.h>

#include "base/duration.h"
#include "base/text.h"
#include "providers/kinds/pg_roles.h"

#define SLOTS "slots/"

static const Value *dcs_settings(const Host *host)
{
    return value_path(host_param(host, "pg_dcs"), "postgresql/parameters");
}

/* Patroni knows no "m" for minutes: seconds are understood by all. */
static const Value *as_seconds(Arena *arena, const char *interval)
{
    int64_t duration_ms = 0;
    error_free(duration_parse(interval, &duration_ms));
    return value_int(arena, duration_ms / 1000);
}

static const Value *as_patroni_writes(Arena *arena, const char *path, const Value *value)
{
    if (strcmp(path, "member_slots_ttl") == 0)
        return as_seconds(arena, value_as_text(value, "0"));
    return value;
}

/* A slot that is to go is one null; the state of others is not Patroni's. */
static bool is_gone(const char *path, const Value *value)
{
    return text_starts_with(path, SLOTS) && pg_entry_is_absent(value);
}

static bool is_ours(const char *path)
{
    return text_starts_with(path, SLOTS) && text_ends_with(path, "/state");
}

/* NOLINTNEXTLINE(misc-no-recursion): depth is bounded by the document's */
static void add_flat(Arena *arena, const char *path, const Value *value, Value *keys)
{
    if (is_ours(path) || strcmp(path, "postgresql/parameters") == 0)
        return;
    if (value->type != VALUE_MAP || is_gone(path, value)) {
        value_set(arena, keys, path,
                  is_gone(path, value) ? &value_null : as_patroni_writes(arena, path, value));
        return;
    }
    for (size_t i = 0; i < value_count(value); i++)
        add_flat(arena, arena_printf(arena, "%s/%s", path, value->map.keys[i]),
                 value->map.values[i], keys);
}

void pg_dcs_add_keys(Arena *arena, const Host *host, Value *keys)
{
    const Value *dcs = host_param(host, "pg_dcs");
    for (size_t i = 0; i < value_count(dcs); i++)
        add_flat(arena, dcs->map.keys[i], dcs->map.values[i], keys);
}

void pg_dcs_add_settings(Arena *arena, const Host *host, Value *settings)
{
    const Value *own = dcs_settings(host);
    for (size_t i = 0; i < value_count(own); i++)
        value_set(arena, settings, own->map.keys[i], own->map.values[i]);
}

void pg_dcs_add_key_reasons(Arena *arena, const Host *host, Value *reasons)
{
    Value *keys = value_map(arena);
    pg_dcs_add_keys(arena, host, keys);
    for (size_t i = 0; i < value_count(keys); i++) {
        const char *key = keys->map.keys[i];
        bool is_drop = text_starts_with(key, SLOTS) && keys->map.values[i]->type == VALUE_NULL;
        value_set_text(arena, reasons, key,
                       is_drop ? "dropped: who reads this slot loses its place" : "pg_dcs");
    }
}

void pg_dcs_add_setting_reasons(Arena *arena, const Host *host, Value *reasons)
{
    const Value *own = dcs_settings(host);
    for (size_t i = 0; i < value_count(own); i++)
        value_set_text(arena, reasons, own->map.keys[i], "pg_dcs");
}
