/* Wishes that are read and not carried out: they must not look like ones that were. */
#include <string.h>

#include "base/text.h"
#include "schema/rules_internal.h"

static const char by_hand[] = "Do it by hand; pgsteer leaves alone what is there.";

static void not_yet(const RuleRun *run, const Host *host, const char *param, const Value *value,
                    const char *what, const char *instead)
{
    diagnostics_add(run->diagnostics, "W054", rule_value_origin(host, param, value), instead,
                    "%s is not carried out by this version of pgsteer", what);
}

static bool is_unwanted(const Value *entry)
{
    const char *state = value_get_text(entry, "state");
    return *state && strcmp(state, "create") != 0 && strcmp(state, "grant") != 0;
}

static void check_user(const RuleRun *run, const Host *host, const char *param, const Value *user)
{
    const Value *roles = value_get(user, "roles"), *expire_in = value_get(user, "expire_in");
    if (is_unwanted(user))
        not_yet(run, host, param, value_get(user, "state"), "dropping a role", by_hand);
    if (expire_in)
        not_yet(run, host, param, expire_in, "expire_in", "Write expire_at.");
    for (size_t i = 0; i < value_count(roles); i++) {
        const Value *role = value_at(roles, i);
        if (role->type == VALUE_MAP && is_unwanted(role))
            not_yet(run, host, param, value_get(role, "state"), "taking away a membership",
                    by_hand);
    }
}

static void users(const RuleRun *run, const Host *host, const char *param, const Value *list)
{
    for (size_t i = 0; i < value_count(list); i++)
        check_user(run, host, param, value_at(list, i));
}

static void databases(const RuleRun *run, const Host *host, const char *param, const Value *list)
{
    for (size_t i = 0; i < value_count(list); i++) {
        const Value *database = value_at(list, i);
        if (is_unwanted(database))
            not_yet(run, host, param, value_get(database, "state"),
                    "dropping or recreating a database", by_hand);
    }
}

/* Parameters that would make another cluster than the one that is made, and the value that asks
 * for nothing. */
static const struct {
    const char *param, *nothing, *what;
} wishes[] = {
    {"pg_mode", "pgsql", "another kernel than PostgreSQL's own"},
    {"pg_vip_enabled", "false", "a floating address of a cluster"},
    {"vip_enabled", "false", "a floating address of a node"},
    {"pg_service_provider", "", "a service on shared proxies"},
    {"pg_delay", "0", "the delay of a standby cluster"},
    {"patroni_mode", "default", "another mode of Patroni"},
    {"pg_pitr", "", "a recovery to a point in time"},
};

static bool asks_for_nothing(const Value *value, const char *nothing)
{
    bool is_off = value->type == VALUE_BOOL && !value->boolean;
    return is_off || strcmp(value_as_text(value, "?"), nothing) == 0;
}

/* Once for all who have the wish. */
static void report_wish(const RuleRun *run, const char *param, const char *what,
                        const Origin *origin)
{
    Diagnostic *problem = map_get(run->seen, param);
    if (problem) {
        diagnostic_add_place(problem, origin);
        return;
    }
    problem = diagnostics_add(run->diagnostics, "W054", origin,
                              "The rest is done as if it were not written.",
                              "%s (%s) is not carried out by this version of pgsteer", what, param);
    map_set(run->seen, param, problem);
}

static void parameters(const RuleRun *run, const Host *host, const char *param, const Value *value)
{
    bool is_meant = *host->cluster || !text_starts_with(param, "pg_");
    for (size_t i = 0; is_meant && i < COUNT_OF(wishes); i++) {
        if (strcmp(wishes[i].param, param) == 0 && !asks_for_nothing(value, wishes[i].nothing))
            report_wish(run, wishes[i].param, wishes[i].what,
                        rule_value_origin(host, param, value));
    }
}

static void standby_clusters(const RuleRun *run, const Host *host, const char *param,
                             const Value *value)
{
    if (rule_is_primary(host))
        report_wish(run, param, "a cluster that follows another one",
                    rule_value_origin(host, param, value));
}

static const Rule rows[] = {
    {"W054", "what is asked of users is carried out", .value = users,
     .params = {"pg_users", "pg_default_roles"}},
    {"W054", "what is asked of databases is carried out", .value = databases,
     .params = {"pg_databases"}},
    {"W054", "parameters that would make another cluster are carried out", .value = parameters,
     .params = {"pg_mode", "pg_vip_enabled", "vip_enabled", "pg_service_provider", "pg_delay",
                "patroni_mode", "pg_pitr"}},
    {"W054", "standby clusters are carried out", .value = standby_clusters,
     .params = {"pg_upstream"}},
};

const RuleTable rules_unmet = {rows, COUNT_OF(rows)};
