/* Settings of PostgreSQL, Patroni and backups. */
#include <string.h>

#include "base/text.h"
#include "schema/rules_internal.h"
#include "schema/server_settings.h"
#include "schema/setting_places.h"
#include "schema/setting_value.h"
#include "schema/tuning.h"

static void check_setting(const RuleRun *run, const Host *host, const char *name,
                          const Value *value)
{
    const SettingPlace *place = setting_place(name);
    const Origin *origin = rule_value_origin(host, "pg_parameters", value);
    if (!place)
        return;
    if (!setting_is_free_in_parameters(place))
        diagnostics_add(run->diagnostics, "E033", origin, setting_advice(run->scratch, place),
                        "%s does not belong into pg_parameters: Patroni sets it", name);
    else if (place->owner)
        diagnostics_add(run->diagnostics, "W033", origin, "Keep one of the two.",
                        "%s in pg_parameters goes before %s", name, place->owner);
}

static void controlled_settings(const RuleRun *run, const Host *host, const char *param,
                                const Value *settings)
{
    (void)param;
    for (size_t i = 0; i < value_count(settings); i++)
        check_setting(run, host, settings->map.keys[i], settings->map.values[i]);
}

/* -- Settings of the version ------------------------------------------------------------------- */

static void check_version(const RuleRun *run, const Host *host, const char *name,
                          const Origin *origin, const char *advice)
{
    ServerSetting setting;
    int64_t version = host_int(host, "pg_version", 0);
    bool is_known = server_setting_find(name, &setting);
    if (strchr(name, '.') ||
        (!is_known && !typing_has_word("pgsql|citus", host_text(host, "pg_mode"))))
        return; /* an extension's, or another kernel's */
    if (!is_known) {
        const char *near = server_setting_nearest(run->scratch, name);
        diagnostics_add(run->diagnostics, "W033", origin,
                        near ? arena_printf(run->scratch, "Did you mean %s?", near) : advice,
                        "PostgreSQL has no setting %s", name);
    } else if (version < setting.since) {
        diagnostics_add(run->diagnostics, "E033", origin, advice,
                        "%s needs PostgreSQL %lld, %s has %lld", name, (long long)setting.since,
                        host->cluster, (long long)version);
    } else if (setting.until > 0 && version >= setting.until) {
        diagnostics_add(run->diagnostics, "E033", origin, advice,
                        "PostgreSQL %lld has no %s any more, %s has %lld", (long long)setting.until,
                        name, host->cluster, (long long)version);
    }
}

/* Of roles and databases: back to what the server has. */
static bool is_reset(const char *param, const char *text)
{
    return strcmp(text, "DEFAULT") == 0 && strcmp(param, "pg_parameters") != 0 &&
           strcmp(param, "pg_dcs") != 0;
}

/* One that may not stand there at all has another rule's report. */
static bool is_free(const char *param, const char *name)
{
    const SettingPlace *place = setting_place(name);
    bool is_dcs = strcmp(param, "pg_dcs") == 0;
    return !place ||
           (is_dcs ? setting_is_free_in_dcs(place)
                   : setting_is_free_in_parameters(place) || strcmp(param, "pg_parameters") != 0);
}

static void check_setting_value(const RuleRun *run, const Host *host, const char *param,
                                const char *name, const Value *value)
{
    const char *text = value_as_text(value, NULL);
    if (!text || is_reset(param, text) || !is_free(param, name))
        return;
    const SettingProblem *problem = setting_value_problem(run->scratch, name, text);
    if (problem)
        diagnostics_add(run->diagnostics, "E065", rule_value_origin(host, param, value),
                        problem->advice, "%s must be %s, this is \"%s\"", name, problem->wanted,
                        text);
}

void rule_check_settings(const RuleRun *run, const Host *host, const char *param,
                         const Value *settings)
{
    const char *advice = strcmp(param, "pg_parameters") == 0 || strcmp(param, "pg_dcs") == 0
                             ? "The server would not start with it."
                             : "The server would refuse it.";
    if (!settings || !*host->cluster)
        return;
    for (size_t i = 0; i < value_count(settings); i++) {
        const char *name = settings->map.keys[i];
        const Value *value = settings->map.values[i];
        check_version(run, host, name, rule_value_origin(host, param, value), advice);
        check_setting_value(run, host, param, name, value);
    }
}

/* Of a server, or of the sessions of roles and databases. */
static void known_settings(const RuleRun *run, const Host *host, const char *param,
                           const Value *value)
{
    rule_check_settings(run, host, param, value->type == VALUE_MAP ? value : NULL);
    for (size_t i = 0; value->type == VALUE_LIST && i < value_count(value); i++)
        rule_check_settings(run, host, param, value_get(value_at(value, i), "parameters"));
}

static void rto_plan(const RuleRun *run, const Host *host, const char *param, const Value *plan)
{
    (void)param;
    for (size_t i = 0; i < value_count(plan); i++) {
        const Value *row = plan->map.values[i];
        int64_t ttl = value_as_int(value_at(row, 0), 0), loop = value_as_int(value_at(row, 1), 0);
        int64_t retry = value_as_int(value_at(row, 2), 0);
        if (loop + 2 * retry > ttl)
            diagnostics_add(run->diagnostics, "E026", rule_value_origin(host, "pg_rto_plan", row),
                            "ttl must be at least loop_wait + 2 * retry_timeout.",
                            "the profile %s would lose its leader without a fault (%lld + 2 * "
                            "%lld > %lld)",
                            plan->map.keys[i], (long long)loop, (long long)retry, (long long)ttl);
    }
}

static const char *rto_advice(Arena *arena, const Value *plan, const char *profile)
{
    CLEANUP(text_release) Text advice = TEXT_INIT;
    text_add(&advice, "Its rows are");
    for (size_t i = 0; i < value_count(plan); i++)
        text_addf(&advice, "%s %s", i > 0 ? "," : "", plan->map.keys[i]);
    text_add_char(&advice, '.');
    int64_t seconds;
    if (text_to_int(profile, &seconds))
        text_add(&advice, " Until Pigsty 4.0 it was a number of seconds; 30 is norm today.");
    return text_copy(&advice, arena);
}

static void rto_known(const RuleRun *run, const PgCluster *cluster)
{
    const Host *host = cluster->members[0];
    const char *profile = host_text(host, "pg_rto");
    const Value *plan = host_param(host, "pg_rto_plan");
    if (!value_get(plan, profile) && rule_first(run, profile))
        diagnostics_add(run->diagnostics, "E026", rule_origin(host, "pg_rto"),
                        rto_advice(run->scratch, plan, profile),
                        "pg_rto %s is no row of pg_rto_plan", profile);
}

static void check_repo(const RuleRun *run, const Host *host, const Value *repo)
{
    for (size_t i = 0; i < value_count(repo); i++) {
        const Value *value = repo->map.values[i];
        const char *text = value_as_text(value, "");
        if (typing_has_word("true|false|yes|no|on|off|True|False", text))
            diagnostics_add(run->diagnostics, "E038",
                            rule_value_origin(host, "pgbackrest_repo", value), "Write y or n.",
                            "%s: %s is not understood by pgBackRest", repo->map.keys[i], text);
        if (strpbrk(text, "\n\r"))
            diagnostics_add(run->diagnostics, "E042",
                            rule_value_origin(host, "pgbackrest_repo", value), NULL,
                            "%s holds a line break", repo->map.keys[i]);
    }
}

/* What a sort of storage cannot do without (pgBackRest, "Configuration Reference"). A key is not
 * needed when the machine itself is let in. */
static const struct {
    const char *type, *field;
    const char *unless, *words; /* "s3_key_type", "auto|web-id": not with these words there */
} needs[] = {
    {"posix", "path", NULL, NULL},
    {"cifs", "path", NULL, NULL},
    {"s3", "s3_bucket", NULL, NULL},
    {"s3", "s3_endpoint", NULL, NULL},
    {"s3", "s3_region", NULL, NULL},
    {"s3", "s3_key", "s3_key_type", "auto|web-id|pod-id"},
    {"s3", "s3_key_secret", "s3_key_type", "auto|web-id|pod-id"},
    {"azure", "azure_account", NULL, NULL},
    {"azure", "azure_container", NULL, NULL},
    {"azure", "azure_key", "azure_key_type", "auto"},
    {"gcs", "gcs_bucket", NULL, NULL},
    {"gcs", "gcs_key", "gcs_key_type", "auto"},
    {"sftp", "sftp_host", NULL, NULL},
    {"sftp", "sftp_host_user", NULL, NULL},
    {"sftp", "sftp_private_key_file", NULL, NULL},
};

static bool is_empty(const Value *value)
{
    return !value || value->type == VALUE_NULL || strcmp(value_as_text(value, "?"), "") == 0;
}

static void check_repo_needs(const RuleRun *run, const Host *host, const char *name,
                             const Value *repo)
{
    CLEANUP(text_release) Text missing = TEXT_INIT;
    const char *type = value_as_text(value_get(repo, "type"), "posix");
    for (size_t i = 0; i < COUNT_OF(needs); i++) {
        bool is_excused = needs[i].unless &&
                          typing_has_word(needs[i].words, value_get_text(repo, needs[i].unless));
        if (strcmp(needs[i].type, type) == 0 && is_empty(value_get(repo, needs[i].field)) &&
            !is_excused)
            text_addf(&missing, "%s%s", missing.length > 0 ? ", " : "", needs[i].field);
    }
    if (missing.length > 0)
        diagnostics_add(run->diagnostics, "E066", rule_value_origin(host, "pgbackrest_repo", repo),
                        "Write what is missing below it; a secret may be {from_env: NAME}.",
                        "the repository %s is of type %s and lacks %s", name, type,
                        text_get(&missing));
}

static void repo_words(const RuleRun *run, const Host *host, const char *param, const Value *repos)
{
    (void)param;
    for (size_t i = 0; i < value_count(repos); i++) {
        check_repo(run, host, repos->map.values[i]);
        check_repo_needs(run, host, repos->map.keys[i], repos->map.values[i]);
    }
}

/* The parameter that makes a cluster synchronous, or NULL. */
static const char *why_synchronous(const Host *host)
{
    const Value *mode = value_get(host_param(host, "pg_dcs"), "synchronous_mode");
    if (tuning_is_critical(host))
        return "pg_conf";
    if (host_int(host, "pg_rpo", 1) == 0)
        return "pg_rpo";
    return mode && (mode->type == VALUE_TEXT || mode->boolean) ? "pg_dcs" : NULL;
}

static void enough_replicas(const RuleRun *run, const PgCluster *cluster)
{
    const Host *host = cluster->members[0];
    const char *why = why_synchronous(host);
    if (!why || cluster->member_count >= 3)
        return;
    const Value *dcs = host_param(host, "pg_dcs");
    bool is_strict =
        tuning_is_critical(host) || value_get_bool(dcs, "synchronous_mode_strict", false);
    diagnostics_add(run->diagnostics, "W040", rule_origin(host, why),
                    is_strict ? "Writes stop while there is no replica. Add one."
                              : "The loss of its replica leaves nothing to be synchronous with.",
                    "%s is synchronous, but has %zu replica%s", cluster->name,
                    cluster->member_count - 1, cluster->member_count == 2 ? "" : "s");
}

static void plain_words(const RuleRun *run, const Host *host, const char *param, const Value *value)
{
    if (strpbrk(value_as_text(value, ""), "\n\r\"'\\;"))
        diagnostics_add(run->diagnostics, "E042", rule_value_origin(host, param, value), NULL,
                        "%s holds a quote, a backslash, a semicolon or a line break", param);
}

static const Rule rows[] = {
    {"E033 W033", "pg_parameters leaves to others what is theirs", .value = controlled_settings,
     .params = {"pg_parameters"}},
    {"E033 W033 E065", "settings exist in the version, and take their values",
     .value = known_settings,
     .params = {"pg_parameters", "pg_users", "pg_default_roles", "pg_databases"}},
    {"E026", "a row of pg_rto_plan keeps Patroni's inequality", .value = rto_plan,
     .params = {"pg_rto_plan"}},
    {"E026", "pg_rto is a row of pg_rto_plan", .cluster = rto_known},
    {"E038 E042 E066", "repositories have what their storage needs, in words that pgBackRest reads",
     .value = repo_words, .params = {"pgbackrest_repo"}},
    {"W040", "a synchronous cluster has replicas", .cluster = enough_replicas},
    {"E042", "words that end in configuration files are words", .value = plain_words,
     .params = {"pg_listen", "pg_libs", "pg_conf", "pg_primary_db", "pg_encoding", "pg_locale",
                "pg_lc_collate", "pg_lc_ctype", "nodename", "pg_dns_suffix"}},
};

const RuleTable rules_settings = {rows, COUNT_OF(rows)};
