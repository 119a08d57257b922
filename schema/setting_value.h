/*
 * schema/setting_value.h - does PostgreSQL take this text for the value of this setting?
 *
 * As its own parser reads it (PostgreSQL, guc.c: parse_bool, parse_int, parse_real and
 * config_enum_lookup_by_name): unambiguous beginnings of true, false, yes, no; numbers in decimal,
 * hexadecimal and octal, with fractions and units; words in small or capital letters. Pure; any
 * thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

typedef struct SettingProblem {
    const char *wanted; /* "a whole number from 1 to 262143" */
    const char *advice; /* a sentence; NULL: none */
} SettingProblem;

/* NULL: it does, or nothing is known of the setting. */
const SettingProblem *setting_value_problem(Arena *arena, const char *name, const char *value);

/* The number that a good value of a setting is, in the setting's unit; false: it is none. */
bool setting_value_number(const char *name, const char *value, double *ret);

/* 1 and 0, as the server parses truth values; -1: it is none. */
int setting_value_truth(const char *text);

/* A unit that may stand behind a number (PostgreSQL documentation, "Parameter Names and Values").
 */
typedef struct SettingUnit {
    const char *name;
    double size; /* in bytes or in milliseconds */
    bool is_time;
} SettingUnit;

/* NULL: no unit has this name. */
const SettingUnit *setting_unit(const char *name, size_t length);

/* The i-th one, from small to large in each family; NULL behind the last. */
const SettingUnit *setting_unit_at(size_t i);
