/*
 * providers/sim/settings.h - the settings of a PostgreSQL server, as pg_settings has them; sorted
 * by name, as the bytes are.
 */
#pragma once

#include <stddef.h>

#include "base/arena.h"

typedef struct SimSetting {
    const char *name, *vartype, *context, *unit; /* unit: "" for none */
    const char *boot_val;
} SimSetting;

extern const SimSetting sim_settings[];
extern const size_t sim_setting_count;

/* The row, or NULL. */
const SimSetting *sim_setting(const char *name);

/* A value as the server keeps it: in the setting's unit, "on" or "off". */
const char *pg_setting_text(Arena *arena, const SimSetting *row, const char *text);
