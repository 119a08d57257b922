#include "providers/kinds/pg_settings.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "providers/kinds/pg_dcs.h"
#include "providers/kinds/pg_layout.h"

/* Settings that are the same on every machine (the "oltp" profile; profiles and formulas:
 * schema/tuning.h). Names and meanings: PostgreSQL documentation, "Server Configuration". */
static const struct {
    const char *name, *value;
} fixed_settings[] = {
    {"superuser_reserved_connections", "10"},
    {"max_wal_senders", "50"},
    {"max_replication_slots", "50"},
    {"wal_level", "logical"},
    {"wal_log_hints", "on"},
    {"track_commit_timestamp", "on"},
    {"archive_mode", "on"},
    {"archive_command", "/bin/true"}, /* kept by nobody until backups are managed */
    {"archive_timeout", "300"},
    {"hot_standby_feedback", "on"},
    {"checkpoint_completion_target", "0.90"},
    {"checkpoint_timeout", "15min"},
    {"logging_collector", "on"},
    {"log_destination", "csvlog"},
    {"log_filename", "postgresql-%a.log"},
    {"log_truncate_on_rotation", "on"},
    {"log_rotation_age", "1d"},
    {"log_rotation_size", "0"},
    {"log_checkpoints", "on"},
    {"log_lock_waits", "on"},
    {"log_replication_commands", "on"},
    {"log_statement", "ddl"},
    {"track_io_timing", "on"},
    {"track_functions", "all"},
    {"track_activity_query_size", "8192"},
    {"ssl", "on"},
    {"ssl_ca_file", "/pg/cert/ca.crt"},
    {"ssl_cert_file", "/pg/cert/server.crt"},
    {"ssl_key_file", "/pg/cert/server.key"},
};

/* Settings that an inventory parameter gives as it is. */
static const struct {
    const char *name, *param;
} param_settings[] = {
    {"log_directory", "pg_log_dir"},
    {"password_encryption", "pg_pwd_enc"},
    {"shared_preload_libraries", "pg_libs"},
};

/* Of the plan that pg_rto names. */
static const char *const timing_keys[] = {"ttl", "loop_wait", "retry_timeout",
                                          "primary_start_timeout"};

static const Value *recorded_inputs(const Domain *domain, const Facts *facts)
{
    const char *address = pg_any_reading(domain, facts, "patroni.config");
    return address ? facts_path(facts, "patroni.config", address, "pgsteer/inputs") : NULL;
}

static int64_t lesser(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* The machine that formulas see: the record, else the smallest member. False: not known yet. */
static bool machine_of(const Domain *domain, const Facts *facts, Machine *ret)
{
    const Value *recorded = recorded_inputs(domain, facts);
    if (value_get_int(recorded, "memory_mb", 0) > 0) {
        *ret = (Machine){.memory_mb = value_get_int(recorded, "memory_mb", 0),
                         .cpu_count = value_get_int(recorded, "cpu_count", 1),
                         .disk_bytes = value_get_int(recorded, "disk_gib", 1) << 30};
        return true;
    }
    *ret = (Machine){INT64_MAX, INT64_MAX, INT64_MAX};
    for (size_t i = 0; i < domain->host_count; i++) {
        const Value *size = facts_value(facts, "node.size", host_address(domain->hosts[i]));
        if (!size)
            return false;
        ret->memory_mb =
            lesser(ret->memory_mb, (value_get_int(size, "memory_kb", 0) + 1023) / 1024);
        ret->cpu_count = lesser(ret->cpu_count, value_get_int(size, "cpu_count", 1));
        ret->disk_bytes = lesser(ret->disk_bytes, value_get_int(size, "disk_bytes", 0));
    }
    ret->disk_bytes = (ret->disk_bytes >> 30) << 30;
    return domain->host_count > 0;
}

static size_t tuned_settings(Arena *arena, const Domain *domain, const Facts *facts,
                             const TuningSetting **ret)
{
    Machine machine;
    if (!machine_of(domain, facts, &machine))
        machine = (Machine){0};
    return tuning_settings(arena, domain->hosts[0], &machine, ret);
}

/* The computed ones first: they are what differs from machine to machine. */
const Value *pg_desired_settings(Arena *arena, const Domain *domain, const Facts *facts)
{
    const Host *host = domain->hosts[0];
    Machine machine;
    bool is_known = machine_of(domain, facts, &machine);
    Value *settings = value_map(arena);
    const TuningSetting *tuned;
    size_t count = tuned_settings(arena, domain, facts, &tuned);
    for (size_t i = 0; i < count; i++)
        value_set(arena, settings, tuned[i].name,
                  is_known || !tuned[i].is_sized ? value_text(arena, tuned[i].value)
                                                 : value_late(arena, "the size of the nodes"));
    for (size_t i = 0; i < COUNT_OF(param_settings); i++)
        value_set(arena, settings, param_settings[i].name,
                  host_param(host, param_settings[i].param));
    for (size_t i = 0; i < COUNT_OF(fixed_settings); i++) {
        if (!value_get(settings, fixed_settings[i].name))
            value_set_text(arena, settings, fixed_settings[i].name, fixed_settings[i].value);
    }
    pg_dcs_add_settings(arena, host, settings);
    return settings;
}

const Value *pg_setting_reasons(Arena *arena, const Domain *domain, const Facts *facts)
{
    const TuningSetting *tuned;
    Value *reasons = value_map(arena);
    size_t count = tuned_settings(arena, domain, facts, &tuned);
    for (size_t i = 0; i < count; i++) {
        if (tuned[i].formula)
            value_set_text(arena, reasons, tuned[i].name, tuned[i].formula);
    }
    pg_dcs_add_setting_reasons(arena, domain->hosts[0], reasons);
    return reasons;
}

static void add_timing(Arena *arena, Value *keys, const Host *host)
{
    for (size_t i = 0; i < COUNT_OF(timing_keys); i++) {
        const Value *value = pg_rto_time(host, timing_keys[i]);
        int64_t seconds = value_as_int(value, 0);
        if (seconds == 0)
            text_to_int(value_as_text(value, ""), &seconds);
        if (seconds > 0)
            value_set(arena, keys, timing_keys[i],
                      value->type == VALUE_INT ? value : value_int(arena, seconds));
    }
}

static bool loses_nothing(const Host *host)
{
    return host_int(host, "pg_rpo", 1) == 0;
}

static void add_synchronous(Arena *arena, Value *keys, const Host *host)
{
    value_set(arena, keys, "maximum_lag_on_failover", host_param(host, "pg_rpo"));
    value_set_int(arena, keys, "maximum_lag_on_syncnode", -1);
    value_set_bool(arena, keys, "synchronous_mode",
                   tuning_is_critical(host) || loses_nothing(host));
    value_set_bool(arena, keys, "synchronous_mode_strict", tuning_is_critical(host));
}

const Value *pg_patroni_reasons(Arena *arena, const Domain *domain)
{
    const Host *host = domain->hosts[0];
    Value *reasons = value_map(arena);
    const char *reason = tuning_is_critical(host) ? "pg_conf: crit.yml" : "pg_rpo: 0";
    if (tuning_is_critical(host) || loses_nothing(host))
        value_set_text(arena, reasons, "synchronous_mode", reason);
    if (tuning_is_critical(host))
        value_set_text(arena, reasons, "synchronous_mode_strict", reason);
    pg_dcs_add_key_reasons(arena, host, reasons);
    return reasons;
}

/* What the formulas were fed with, so that the next plan feeds them with the same. */
static void add_record(Arena *arena, Value *keys, const Domain *domain, const Facts *facts)
{
    Machine machine;
    const Value *late = value_late(arena, "the size of the nodes");
    bool is_known = machine_of(domain, facts, &machine);
    value_set(arena, keys, "pgsteer/inputs/memory_mb",
              is_known ? value_int(arena, machine.memory_mb) : late);
    value_set(arena, keys, "pgsteer/inputs/cpu_count",
              is_known ? value_int(arena, machine.cpu_count) : late);
    value_set(arena, keys, "pgsteer/inputs/disk_gib",
              is_known ? value_int(arena, machine.disk_bytes >> 30) : late);
}

const Value *pg_desired_patroni(Arena *arena, const Domain *domain, const Facts *facts)
{
    const Host *host = domain->hosts[0];
    Value *keys = value_map(arena);
    add_timing(arena, keys, host);
    value_set_int(arena, keys, "primary_stop_timeout", 30);
    add_synchronous(arena, keys, host);
    value_set_bool(arena, keys, "failsafe_mode", true);
    value_set_bool(arena, keys, "postgresql/use_pg_rewind", true);
    value_set_bool(arena, keys, "postgresql/use_slots", true);
    pg_dcs_add_keys(arena, host, keys);
    add_record(arena, keys, domain, facts);
    return keys;
}

/* Those of one section; "": those that are in none. What must not be there is left out. */
static void add_section(Arena *arena, Value *keys, const Value *from, const char *section,
                        const char *prefix)
{
    static const char *const others[] = {"postgresql/", "pgsteer/"};
    for (size_t i = 0; i < value_count(from); i++) {
        const char *key = from->map.keys[i];
        bool is_other =
            !*section && (text_starts_with(key, others[0]) || text_starts_with(key, others[1]));
        if (text_starts_with(key, section) && !is_other && from->map.values[i]->type != VALUE_NULL)
            value_set(arena, keys, arena_printf(arena, "%s%s", prefix, key), from->map.values[i]);
    }
}

/* Keys of one section must be neighbours in a YAML file. */
const Value *pg_desired_dcs(Arena *arena, const Domain *domain, const Facts *facts)
{
    const Value *patroni = pg_desired_patroni(arena, domain, facts);
    const Value *settings = pg_desired_settings(arena, domain, facts);
    Value *keys = value_map(arena);
    add_section(arena, keys, patroni, "", "");
    add_section(arena, keys, patroni, "postgresql/", "");
    add_section(arena, keys, settings, "", "postgresql/parameters/");
    add_section(arena, keys, patroni, "pgsteer/", "");
    return keys;
}
