/*
 * providers/kinds/pg_settings.h - the dynamic configuration that a cluster should have.
 *
 * Where each value comes from: fixed rows, inventory parameters, or formulas over the machine. The
 * machine's size (memory, CPUs, disk of the smallest member) is taken once, when the cluster is
 * created, and recorded in the DCS under "pgsteer/inputs/..."; later plans use the record, so a
 * different machine is a finding and never a change. Pure.
 */
#pragma once

#include "schema/contract/domain.h"
#include "schema/contract/facts.h"
#include "schema/tuning.h"

/* Everything but the PostgreSQL settings: Patroni's own keys and our record, flat, '/'-separated.
 */
const Value *pg_desired_patroni(Arena *arena, const Domain *domain, const Facts *facts);

/* PostgreSQL settings, name to text; VALUE_LATE where the machine is not known yet. */
const Value *pg_desired_settings(Arena *arena, const Domain *domain, const Facts *facts);

/* Both in one flat map, settings below "postgresql/parameters/": for the bootstrap section. */
const Value *pg_desired_dcs(Arena *arena, const Domain *domain, const Facts *facts);

/* Patroni's key to why it has its value, where that is worth a word: "pg_rpo: 0". */
const Value *pg_patroni_reasons(Arena *arena, const Domain *domain);

/* Setting name to the formula behind a computed value ("25 % of 8 GiB (pg_shared_buffer_ratio)").
 */
const Value *pg_setting_reasons(Arena *arena, const Domain *domain, const Facts *facts);
