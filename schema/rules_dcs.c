/* pg_dcs: the part of Patroni's dynamic configuration that no other parameter gives. */
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "schema/rules_internal.h"
#include "schema/setting_places.h"
#include "schema/setting_value.h"
#include "schema/tuning.h"

/* Keys of the dynamic configuration that other parameters give. */
static const struct {
    const char *key, *advice;
} owned[] = {
    {"ttl", "Use pg_rto, and pg_rto_plan for a profile of your own."},
    {"loop_wait", "Use pg_rto, and pg_rto_plan for a profile of your own."},
    {"retry_timeout", "Use pg_rto, and pg_rto_plan for a profile of your own."},
    {"primary_start_timeout", "Use pg_rto, and pg_rto_plan for a profile of your own."},
    {"master_start_timeout", "Use pg_rto, and pg_rto_plan for a profile of your own."},
    {"master_stop_timeout", "It is called primary_stop_timeout."},
    {"maximum_lag_on_failover", "Use pg_rpo."},
    {"pause", "Use patroni_mode."},
    {"standby_cluster", "Use pg_upstream of the primary, and pg_delay."},
    {"pgsteer", "It is what pgsteer remembers."},
    {"postgresql/pg_hba", "Use pg_hba_rules."},
    {"postgresql/pg_hba_primary", "Use pg_hba_rules, with a role."},
    {"postgresql/pg_hba_replica", "Use pg_hba_rules, with a role."},
    {"postgresql/pg_hba_standby_leader", "Use pg_hba_rules, with a role."},
    {"postgresql/listen", "Use pg_listen and pg_port."},
    {"postgresql/data_dir", "Use pg_data."},
    {"postgresql/bin_dir", "Use pg_bin_dir."},
    {"postgresql/authentication", "Use pg_replication_username and pg_replication_password."},
};

static const char *const setting_maps[] = {"parameters", "parameters_primary", "parameters_replica",
                                           "parameters_standby_leader"};

static const Parameter *dcs_row(void)
{
    return params_find("pg_dcs", NULL);
}

static void refuse(const RuleRun *run, const Host *host, const Value *at, const char *key,
                   const char *advice)
{
    diagnostics_add(run->diagnostics, "E033", rule_value_origin(host, "pg_dcs", at), advice,
                    "%s does not belong into pg_dcs", key);
}

/* -- keys -------------------------------------------------------------------------------------- */

static const char *owner_advice(const char *key)
{
    for (size_t i = 0; i < COUNT_OF(owned); i++) {
        if (strcmp(owned[i].key, key) == 0)
            return owned[i].advice;
    }
    return NULL;
}

/* Patroni ignores what it does not know; a newer one may know more. */
static void warn_unknown(const RuleRun *run, const Host *host, const ParameterSchema *schema,
                         const char *key, const Value *at)
{
    const char *near = params_nearest_field(schema, key);
    diagnostics_add(run->diagnostics, "W001", rule_value_origin(host, "pg_dcs", at),
                    near ? arena_printf(run->scratch, "Did you mean %s?", near) : NULL,
                    "%s is no key of a %s, written as it is", key, schema->name);
}

static void check_keys(const RuleRun *run, const Host *host, const ParameterSchema *schema,
                       const char *prefix, const Value *map)
{
    for (size_t i = 0; i < value_count(map); i++) {
        const char *key = map->map.keys[i];
        const char *advice = owner_advice(arena_printf(run->scratch, "%s%s", prefix, key));
        if (advice)
            refuse(run, host, map->map.values[i], key, advice);
        else if (!params_field(schema, key))
            warn_unknown(run, host, schema, key, map->map.values[i]);
    }
}

static void known_keys(const RuleRun *run, const Host *host, const char *param, const Value *dcs)
{
    (void)param;
    const ParameterSchema *schema = dcs_row()->schema;
    check_keys(run, host, schema, "", dcs);
    check_keys(run, host, params_field(schema, "postgresql")->schema, "postgresql/",
               value_get(dcs, "postgresql"));
}

/* Patroni gives these on the command line, and its own default where it finds too little (Patroni,
 * patroni/postgresql/config.py, CMDLINE_OPTIONS): in the setting's unit. */
static const struct {
    const char *setting;
    int least;
    const char *unit;
} minimums[] = {
    {"max_wal_senders", 3, ""},      {"max_replication_slots", 4, ""},
    {"wal_keep_size", 16, " MB"},    {"max_locks_per_transaction", 32, ""},
    {"max_worker_processes", 2, ""},
};

static void check_minimum(const RuleRun *run, const Host *host, const char *name,
                          const Value *value)
{
    double number;
    const char *text = value_as_text(value, "");
    bool is_too_little = strcasecmp(text, "minimal") == 0 || strcasecmp(text, "archive") == 0;
    if (strcasecmp(name, "wal_level") == 0 && is_too_little)
        diagnostics_add(run->diagnostics, "E065", rule_value_origin(host, "pg_dcs", value),
                        "Replicas need replica or logical; Patroni would take its own default.",
                        "wal_level %s is nothing that Patroni gives to a server", text);
    for (size_t i = 0; i < COUNT_OF(minimums); i++) {
        if (strcasecmp(minimums[i].setting, name) == 0 &&
            setting_value_number(name, text, &number) && number < minimums[i].least)
            diagnostics_add(run->diagnostics, "E065", rule_value_origin(host, "pg_dcs", value),
                            "With less, Patroni takes its own default instead.",
                            "Patroni wants %s to be at least %d%s, this is \"%s\"", name,
                            minimums[i].least, minimums[i].unit, text);
    }
}

static void free_settings(const RuleRun *run, const Host *host, const char *param, const Value *dcs)
{
    for (size_t m = 0; m < COUNT_OF(setting_maps); m++) {
        const Value *settings = value_get(value_get(dcs, "postgresql"), setting_maps[m]);
        rule_check_settings(run, host, param, settings);
        for (size_t i = 0; i < value_count(settings); i++) {
            const SettingPlace *place = setting_place(settings->map.keys[i]);
            check_minimum(run, host, settings->map.keys[i], settings->map.values[i]);
            if (place && !setting_is_free_in_dcs(place))
                refuse(run, host, settings->map.values[i], place->setting,
                       setting_advice(run->scratch, place));
        }
    }
}

/* -- values that contradict each other --------------------------------------------------------- */

static void contradiction(const RuleRun *run, const Host *host, const char *key, const char *other)
{
    Diagnostic *problem = diagnostics_add(
        run->diagnostics, "E033",
        rule_value_origin(host, "pg_dcs", value_get(host_param(host, "pg_dcs"), key)),
        "Change one of the two.", "%s of pg_dcs contradicts %s", key, other);
    if (rule_origin(host, other) && host_param_is_set(host, other))
        diagnostic_add_place(problem, rule_origin(host, other));
}

static bool is_off(const Value *dcs, const char *key)
{
    const Value *value = value_get(dcs, key);
    return value && value->type == VALUE_BOOL && !value->boolean;
}

static void synchronous(const RuleRun *run, const PgCluster *cluster)
{
    const Host *host = cluster->members[0];
    const Value *dcs = host_param(host, "pg_dcs");
    bool is_critical = tuning_is_critical(host);
    if (is_off(dcs, "synchronous_mode") && (is_critical || host_int(host, "pg_rpo", 1) == 0))
        contradiction(run, host, "synchronous_mode", is_critical ? "pg_conf" : "pg_rpo");
    if (is_off(dcs, "synchronous_mode_strict") && is_critical)
        contradiction(run, host, "synchronous_mode_strict", "pg_conf");
}

/* -- slots ------------------------------------------------------------------------------------- */

/* PostgreSQL: lower-case letters, digits and underscores, up to 63. */
static bool is_slot_name(const char *name)
{
    size_t length = strlen(name);
    return length > 0 && length < 64 &&
           strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == length;
}

static bool is_absent(const Value *entry)
{
    return strcmp(value_get_text(entry, "state"), "absent") == 0;
}

static bool has_database(const Host *host, const char *name)
{
    const Value *databases = host_param(host, "pg_databases");
    for (size_t i = 0; i < value_count(databases); i++) {
        const Value *database = value_at(databases, i);
        if (strcmp(value_get_text(database, "name"), name) == 0)
            return !is_absent(database);
    }
    return strcmp(name, "postgres") == 0;
}

static void check_logical(const RuleRun *run, const Host *host, const char *name, const Value *slot)
{
    static const char *const needed[] = {"database", "plugin"};
    for (size_t i = 0; i < COUNT_OF(needed); i++) {
        if (!value_get(slot, needed[i]))
            diagnostics_add(run->diagnostics, "E063", rule_value_origin(host, "pg_dcs", slot), NULL,
                            "the logical slot %s without %s", name, needed[i]);
    }
    const Value *database = value_get(slot, "database");
    if (database && !has_database(host, value_as_text(database, "")))
        diagnostics_add(run->diagnostics, "W063", rule_value_origin(host, "pg_dcs", database),
                        "Patroni makes the slot once the database is there.",
                        "the slot %s is in %s, which is not in pg_databases", name,
                        value_as_text(database, ""));
}

static void check_slot(const RuleRun *run, const Host *host, const char *name, const Value *slot)
{
    if (!is_slot_name(name))
        diagnostics_add(run->diagnostics, "E063", rule_value_origin(host, "pg_dcs", slot),
                        "Lower-case letters, digits and _ are allowed, 63 at most.",
                        "\"%s\" cannot be the name of a slot", name);
    if (is_absent(slot))
        return;
    if (!value_get(slot, "type"))
        diagnostics_add(run->diagnostics, "E063", rule_value_origin(host, "pg_dcs", slot), NULL,
                        "the slot %s without type", name);
    if (strcmp(value_get_text(slot, "type"), "logical") == 0)
        check_logical(run, host, name, slot);
}

static void slots_are_whole(const RuleRun *run, const PgCluster *cluster)
{
    const Host *host = cluster->members[0];
    const Value *dcs = host_param(host, "pg_dcs"), *slots = value_get(dcs, "slots");
    for (size_t i = 0; i < value_count(slots); i++)
        check_slot(run, host, slots->map.keys[i], slots->map.values[i]);
    if (value_count(slots) > 0 && is_off(value_get(dcs, "postgresql"), "use_slots"))
        diagnostics_add(run->diagnostics, "E063", rule_value_origin(host, "pg_dcs", slots),
                        "Leave use_slots on.", "slots of pg_dcs have no effect without use_slots");
}

static const Rule rows[] = {
    {"E033 W001", "pg_dcs has keys that Patroni knows and no other parameter gives",
     .value = known_keys, .params = {"pg_dcs"}},
    {"E033 W033 E065", "pg_dcs has PostgreSQL settings that exist and no other parameter gives",
     .value = free_settings, .params = {"pg_dcs"}},
    {"E033", "pg_dcs does not contradict pg_rpo and pg_conf", .cluster = synchronous},
    {"E063 W063", "slots of pg_dcs are whole, with names that PostgreSQL knows",
     .cluster = slots_are_whole},
};

const RuleTable rules_dcs = {rows, COUNT_OF(rows)};
