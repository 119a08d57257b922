/*
 * providers/kinds/pg_restart.h - settings that PostgreSQL reads only at its start ("postmaster" in
 * pg_settings.context), for when no server can be asked: PostgreSQL 13 to 18, without those of
 * extensions. Source: src/backend/utils/misc/guc_tables.c. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

bool pg_reads_at_start(const char *setting, int64_t version);
