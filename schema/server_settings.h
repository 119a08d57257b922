/*
 * schema/server_settings.h - which settings PostgreSQL 14 to 19 know, by name.
 *
 * From the release notes and pg_settings of each major. Names with a point belong to extensions and
 * are not listed, nor is what nobody can set (block_size). Pure; any thread.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

typedef struct ServerSetting {
    const char *name; /* as it was asked for, or of the table */
    int64_t since;    /* the first major; 0: 14 knew it */
    int64_t until;    /* the first major without it; 0: 19 still knows it */
} ServerSetting;

/* The server does not tell small letters from capitals, either. */
bool server_setting_find(const char *name, ServerSetting *ret);

/* The name of the i-th one; NULL behind the last. */
const char *server_setting_at(size_t i);

/* The known name nearest to a misspelt one, or NULL. */
const char *server_setting_nearest(Arena *arena, const char *name);
