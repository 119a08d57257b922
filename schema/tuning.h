/*
 * schema/tuning.h - PostgreSQL settings that follow from the size of the machine.
 *
 * A machine of size 0 is one that is not known: the values that are sized mean nothing then, and
 * the formulas say "the memory". Pure: the same input always gives the same settings, in the same
 * order. Sizes are written in the largest unit that needs no fraction ("2GB", "1638MB"). Templates
 * of other names than olap, crit and tiny follow oltp.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "schema/inventory.h"

typedef struct Machine {
    int64_t memory_mb; /* rounded up */
    int64_t cpu_count;
    int64_t disk_bytes; /* size of the file system of pg_fs_main */
} Machine;

typedef enum TuningTemplate {
    TUNING_OLTP,
    TUNING_OLAP,
    TUNING_CRIT,
    TUNING_TINY,
    TUNING_TEMPLATE_COUNT
} TuningTemplate;

typedef struct TuningInput {
    TuningTemplate template;
    int64_t version;            /* major */
    int64_t buffer_thousandths; /* pg_shared_buffer_ratio */
    int64_t max_connections;    /* pg_max_conn; 0: auto */
    bool pooled_by_default;     /* pg_default_service_dest is pgbouncer */
    const char *libraries;      /* pg_libs */
    const char *io_method;      /* pg_io_method */
} TuningInput;

typedef struct TuningSetting {
    const char *name;
    const char *value;
    const char *formula; /* "25 % of 8 GiB (pg_shared_buffer_ratio)" */
    bool is_sized;       /* another machine may have another value */
} TuningSetting;

enum { TUNING_RESERVED_CONNECTIONS = 10 }; /* superuser_reserved_connections */

/* What the inventory says about a host's cluster, and the settings for it, with those that pg_dcs
 * writes instead. Returns how many. */
size_t tuning_settings(Arena *arena, const Host *host, const Machine *machine,
                       const TuningSetting **ret_settings);

/* The two steps of it. */
TuningInput tuning_input(const Host *host);
size_t tuning_compute(Arena *arena, const TuningInput *input, const Machine *machine,
                      const TuningSetting **ret_settings);

/* Is it olap.yml, or olap, or another one that there are numbers of? */
bool tuning_has_template(const char *file);

/* The one that is meant, "olap.yml", or NULL. */
const char *tuning_nearest_template(const char *file);

/* Is the cluster of the host to lose nothing, whatever it costs? */
bool tuning_is_critical(const Host *host);

/* max_connections, which no machine changes. */
int64_t tuning_max_connections(const TuningInput *input);

/* A share such as "0.25" in thousandths; the inventory has checked its form. */
int64_t tuning_thousandths(const char *text);
