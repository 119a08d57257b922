/*
 * schema/manual_parts.h - what the forms of the manual share: a row of the table in words.
 * All texts live in the arena.
 */
#pragma once

#include <stddef.h>

#include "base/arena.h"
#include "schema/codes.h"
#include "schema/contract/registry.h"
#include "schema/params.h"
#include "schema/setting_places.h"

typedef struct ManualFact {
    const char *label; /* "Default" */
    const char *text;  /* one line; NULL: not said */
    const char *block; /* YAML of several lines below it; NULL: none */
} ManualFact;

enum {
    MANUAL_TYPE,
    MANUAL_DEFAULT,
    MANUAL_LEVELS,
    MANUAL_PLACEHOLDERS,
    MANUAL_FEEDS,
    MANUAL_CHANGE,
    MANUAL_NOT_FOR,
    MANUAL_OLD_NAMES,
    MANUAL_FACTS,
};

/* Everything of a parameter but its name and its doc. */
void manual_facts(Arena *arena, const Registry *registry, const Parameter *row,
                  ManualFact facts[MANUAL_FACTS]);

/* Everything of a field of an object but its name, in one line. */
const char *manual_field(Arena *arena, const ParameterSchema *schema, const Parameter *field);

/* "a whole number of at least 1, in ms", "a list of user objects". */
const char *manual_type(Arena *arena, const Parameter *row);

/* "reload of pgbouncer, or more where a key needs it": what a change of a kind's param needs. */
const char *manual_need(Arena *arena, const Kind *kind, const ParamRow *row);

/* "reload of pgbouncer (pooler)": what the kinds that come from it need. NULL: none comes from it.
 */
const char *manual_change(Arena *arena, const Registry *registry, const char *name);

/* The old names of a parameter or, with `schema`, of a field of it; "" when there is none. */
const char *manual_old_names(Arena *arena, const ParameterSchema *schema, const Parameter *row);

enum { MANUAL_SETTING_FACTS = 4 };

/* What gives a PostgreSQL setting, where it lands and where it is refused; texts may be NULL. */
void manual_setting_facts(Arena *arena, const SettingPlace *place,
                          ManualFact facts[MANUAL_SETTING_FACTS]);

/* "a cluster has one primary; …": the rules that report a code; NULL: none does. */
const char *manual_rules(Arena *arena, const Code *code);

/* Every schema that parameters and fields refer to, once, in the order of first use. */
size_t manual_schemas(Arena *arena, const ParameterSchema *const **ret);

/* The same of one row alone. */
size_t manual_schemas_of(Arena *arena, const Parameter *row, const ParameterSchema *const **ret);
