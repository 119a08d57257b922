/* Databases: owners, locales. */
#include <string.h>

#include "base/text.h"
#include "schema/rules_internal.h"

static bool is_stranger(const Host *host, const Value *role)
{
    const char *name = value_as_text(role, "");
    return *name && !rule_role_exists(host, name);
}

static void report_owner(const RuleRun *run, const Host *host, const Value *role, const char *what)
{
    diagnostics_add(run->diagnostics, "W016", rule_value_origin(host, "pg_databases", role),
                    "Add it to pg_users.", "%s, %s, is in no list of users", role->text, what)
        ->width = strlen(role->text);
}

static void check_owners(const RuleRun *run, const Host *host, const Value *database)
{
    static const char *const fields[] = {"owner", "pool_auth_user"};
    const char *name = value_get_text(database, "name");
    const Value *schemas = value_get(database, "schemas");
    for (size_t f = 0; f < COUNT_OF(fields); f++) {
        const Value *role = value_get(database, fields[f]);
        if (is_stranger(host, role))
            report_owner(run, host, role,
                         arena_printf(run->scratch, "the %s of database %s", fields[f], name));
    }
    for (size_t i = 0; i < value_count(schemas); i++) {
        const Value *schema = value_at(schemas, i), *role = value_get(schema, "owner");
        if (is_stranger(host, role))
            report_owner(run, host, role,
                         arena_printf(run->scratch, "the owner of schema %s of database %s",
                                      value_get_text(schema, "name"), name));
    }
}

static void owners(const RuleRun *run, const Host *host, const char *param, const Value *list)
{
    (void)param;
    for (size_t i = 0; *host->cluster && i < value_count(list); i++)
        check_owners(run, host, value_at(list, i));
}

/* Fields and words that older servers do not know. */
static const struct {
    const char *field, *word; /* word NULL: any */
    int64_t since;
} versions[] = {
    {"strategy", NULL, 15},  {"locale_provider", NULL, 15}, {"icu_locale", NULL, 15},
    {"icu_rules", NULL, 16}, {"builtin_locale", NULL, 17},  {"locale_provider", "builtin", 17},
};

/* Fields that only one provider takes; it is libc or builtin unless the database says another. */
static const struct {
    const char *field, *provider;
} providers[] = {{"icu_locale", "icu"}, {"icu_rules", "icu"}, {"builtin_locale", "builtin"}};

static void check_provider(const RuleRun *run, const Host *host, const Value *database)
{
    const char *provider = value_get_text(database, "locale_provider");
    const char *template = value_get_text(database, "template");
    bool is_copy = *template && !typing_has_word("template0|template1", template);
    for (size_t i = 0; i < COUNT_OF(providers); i++) {
        const Value *value = value_get(database, providers[i].field);
        bool may_fit = !*provider && (is_copy || strcmp(providers[i].provider, "builtin") == 0);
        if (value && !may_fit && strcmp(provider, providers[i].provider) != 0)
            diagnostics_add(run->diagnostics, "E029",
                            rule_value_origin(host, "pg_databases", value),
                            arena_printf(run->scratch, "Write locale_provider: %s, too.",
                                         providers[i].provider),
                            "%s is of another locale provider than the database %s",
                            providers[i].field, value_get_text(database, "name"));
    }
}

static void check_locale(const RuleRun *run, const Host *host, const Value *database)
{
    static const char *const fields[] = {"encoding", "locale", "lc_collate", "lc_ctype",
                                         "locale_provider"};
    int64_t version = host_int(host, "pg_version", 0);
    for (size_t i = 0; i < COUNT_OF(versions); i++) {
        const Value *value = value_get(database, versions[i].field);
        bool is_used =
            value && (!versions[i].word || strcmp(value_as_text(value, ""), versions[i].word) == 0);
        if (is_used && version < versions[i].since)
            diagnostics_add(run->diagnostics, "E029",
                            rule_value_origin(host, "pg_databases", value), NULL,
                            "%s needs PostgreSQL %lld, %s has %lld", versions[i].field,
                            (long long)versions[i].since, host->cluster, (long long)version);
    }
    check_provider(run, host, database);
    const char *template = value_get_text(database, "template");
    for (size_t i = 0; i < COUNT_OF(fields); i++) {
        const Value *value = value_get(database, fields[i]);
        if (!value || strcmp(template, "template0") == 0)
            continue;
        diagnostics_add(run->diagnostics, "W029", rule_value_origin(host, "pg_databases", value),
                        "Write template: template0.", "%s other than template1's needs template0",
                        fields[i]);
        return;
    }
}

static void locales(const RuleRun *run, const Host *host, const char *param, const Value *list)
{
    (void)param;
    for (size_t i = 0; *host->cluster && i < value_count(list); i++)
        check_locale(run, host, value_at(list, i));
}

static void recreation(const RuleRun *run, const Host *host, const char *param, const Value *list)
{
    (void)param;
    for (size_t i = 0; i < value_count(list); i++) {
        const Value *state = value_get(value_at(list, i), "state");
        if (strcmp(value_as_text(state, ""), "recreate") == 0)
            diagnostics_add(run->diagnostics, "W034",
                            rule_value_origin(host, "pg_databases", state),
                            "Remove the line once it was done.",
                            "state: recreate drops the database %s with all its data",
                            value_get_text(value_at(list, i), "name"));
    }
}

static const Rule rows[] = {
    {"W016", "the owner of a database is a user", .value = owners, .params = {"pg_databases"}},
    {"E029 W029", "locale keys fit the version, the provider and the template", .value = locales,
     .params = {"pg_databases"}},
    {"W034", "recreate is said", .value = recreation, .params = {"pg_databases"}},
};

const RuleTable rules_databases = {rows, COUNT_OF(rows)};
