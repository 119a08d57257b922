/* Databases: owners, locales, extensions and the libraries that they need. */
#include <ctype.h>
#include <string.h>

#include "base/text.h"
#include "schema/rules_internal.h"

static void owners(const RuleRun *run, const Host *host, const char *param, const Value *list)
{
    (void)param;
    static const char *const fields[] = {"owner", "pool_auth_user"};
    for (size_t i = 0; *host->cluster && i < value_count(list); i++) {
        for (size_t f = 0; f < COUNT_OF(fields); f++) {
            const Value *role = value_get(value_at(list, i), fields[f]);
            const char *name = value_as_text(role, "");
            if (*name && !rule_role_exists(host, name))
                diagnostics_add(
                    run->diagnostics, "W016", rule_value_origin(host, "pg_databases", role),
                    "Add it to pg_users.", "the %s %s of database %s is in no list of users",
                    fields[f], name, value_get_text(value_at(list, i), "name"))
                    ->width = strlen(name);
        }
    }
}

/* Fields and words that older servers do not know. */
static const struct {
    const char *field, *word; /* word NULL: any */
    int64_t since;
} versions[] = {
    {"strategy", NULL, 15},  {"locale_provider", NULL, 15}, {"icu_locale", NULL, 15},
    {"icu_rules", NULL, 16}, {"builtin_locale", NULL, 17},  {"locale_provider", "builtin", 17},
};

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

/* Extensions that work only when their library was loaded at the start of the server. */
static const char *const preloaded[] = {
    "citus",      "timescaledb",      "pg_cron",        "pgaudit",         "pg_stat_statements",
    "pg_net",     "pg_wait_sampling", "pg_stat_kcache", "pg_qualstats",    "pg_partman_bgw",
    "pg_squeeze", "pgsodium",         "supautils",      "pg_stat_monitor", "babelfishpg_tds",
};

static bool is_word_in(const char *list, const char *word)
{
    size_t length = strlen(word);
    for (const char *at = strstr(list, word); at; at = strstr(at + 1, word)) {
        bool starts = at == list || strchr(" ,/", at[-1]);
        bool ends = at[length] == '\0' || strchr(" ,.", at[length]);
        if (starts && ends)
            return true;
    }
    return false;
}

static void check_preload(const RuleRun *run, const Host *host, const Value *extensions)
{
    for (size_t i = 0; i < value_count(extensions); i++) {
        const Value *extension = value_at(extensions, i);
        const char *name = value_get_text(extension, "name");
        for (size_t p = 0; p < COUNT_OF(preloaded); p++) {
            if (strcmp(preloaded[p], name) != 0 || is_word_in(host_text(host, "pg_libs"), name))
                continue;
            diagnostics_add(run->diagnostics, "W019",
                            rule_value_origin(host, "pg_databases", value_get(extension, "name")),
                            "Add it to pg_libs; the servers restart for that.",
                            "the extension %s needs its library loaded at the start", name);
        }
    }
}

static void preloads(const RuleRun *run, const Host *host, const char *param, const Value *list)
{
    (void)param;
    for (size_t i = 0; *host->cluster && i < value_count(list); i++)
        check_preload(run, host, value_get(value_at(list, i), "extensions"));
}

static void library_order(const RuleRun *run, const Host *host, const char *param,
                          const Value *value)
{
    static const char *const first_ones[] = {"citus", "timescaledb"};
    const char *libraries = value_as_text(value, "");
    for (size_t i = 0; i < COUNT_OF(first_ones); i++) {
        size_t before = strcspn(libraries, ",");
        bool is_later = is_word_in(libraries, first_ones[i]) && libraries[before] == ',' &&
                        !strstr(arena_strndup(run->scratch, libraries, before), "citus") &&
                        !text_starts_with(libraries, first_ones[i]);
        if (is_later)
            diagnostics_add(run->diagnostics, "W039", rule_origin(host, param),
                            "Put it in front of the others.", "%s wants to be the first of pg_libs",
                            first_ones[i]);
    }
}

static const Rule rows[] = {
    {"W016", "the owner of a database is a user", .value = owners, .params = {"pg_databases"}},
    {"E029 W029", "locale keys fit the version and the template", .value = locales,
     .params = {"pg_databases"}},
    {"W034", "recreate is said", .value = recreation, .params = {"pg_databases"}},
    {"W019", "extensions that need their library have it in pg_libs", .value = preloads,
     .params = {"pg_databases"}},
    {"W039", "citus and timescaledb are loaded first", .value = library_order,
     .params = {"pg_libs"}},
};

const RuleTable rules_databases = {rows, COUNT_OF(rows)};
