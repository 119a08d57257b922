/*
 * schema/setting_places.h - PostgreSQL settings that are not free: what gives them and where they
 * land.
 *
 * A setting can come from three places. Of patroni.yml and the DCS (Patroni's dynamic
 * configuration) Patroni makes postgresql.conf and a part of the command line; postgresql.auto.conf
 * (pg_parameters) is read after postgresql.conf and wins over it, but never over the command line
 * (PostgreSQL documentation, "Setting Parameters"; Patroni documentation, "Important configuration
 * rules"). A setting without a row here may be written in pg_dcs for the cluster and in
 * pg_parameters for an instance.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

typedef enum SettingHome {
    SETTING_IN_DCS,        /* on every member                              */
    SETTING_IN_LOCAL_FILE, /* patroni.yml of the member                    */
    SETTING_OF_PATRONI,    /* Patroni writes it as the situation demands   */
} SettingHome;

typedef struct SettingPlace {
    const char *setting;
    SettingHome home;
    bool on_command_line; /* pg_parameters has no effect */
    const char *owner;    /* the parameter that gives it; NULL: it may be written in pg_dcs, unless
                             it is Patroni's own */
    const char *note;     /* where its value comes from, a sentence; NULL: from the owner */
} SettingPlace;

/* NULL: a setting like any other. */
const SettingPlace *setting_place(const char *setting);

/* The i-th row, NULL behind the last. */
const SettingPlace *setting_place_at(size_t i);

/* May it be written there? */
bool setting_is_free_in_parameters(const SettingPlace *place); /* pg_parameters */
bool setting_is_free_in_dcs(const SettingPlace *place);        /* pg_dcs */

/* "Use pg_max_conn.": what to do instead of writing it in pg_parameters or pg_dcs. */
const char *setting_advice(Arena *arena, const SettingPlace *place);

/* The advice when pg_parameters may not hold a setting, else NULL. */
const char *setting_refusal(Arena *arena, const char *setting);

/* "the DCS, for every member". */
const char *setting_home_name(SettingHome home);
