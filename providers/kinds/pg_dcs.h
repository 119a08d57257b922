/*
 * providers/kinds/pg_dcs.h - what the parameter pg_dcs adds to Patroni's dynamic configuration.
 *
 * What it says wins over templates and fixed values; what other parameters own it cannot say
 * (schema/rules_dcs.c). A key that it does not mention is as if there were no pg_dcs. Pure.
 */
#pragma once

#include "schema/inventory.h"

/* Patroni's own keys, flat and '/'-separated, over `keys`. Null: the key must not be there, as a
 * slot with the state absent. */
void pg_dcs_add_keys(Arena *arena, const Host *host, Value *keys);

/* PostgreSQL settings over `settings`; null as above. */
void pg_dcs_add_settings(Arena *arena, const Host *host, Value *settings);

/* Why a key or a setting has its value: key -> text, for those that come from pg_dcs. */
void pg_dcs_add_key_reasons(Arena *arena, const Host *host, Value *reasons);
void pg_dcs_add_setting_reasons(Arena *arena, const Host *host, Value *reasons);
