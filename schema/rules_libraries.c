/* Libraries that the server loads when it starts: who needs them, where they come from. */
#include <ctype.h>
#include <string.h>

#include "base/text.h"
#include "schema/rules_internal.h"

/* Extensions that work only when their library, which has their name, was loaded at the start.
 * `category` is the alias that brings their package with others of its kind, as in pgsql-time. */
static const struct {
    const char *name, *category; /* category NULL: it comes with the server */
    const char *package;         /* a part of its package's name, "-" being "_" */
} preloaded[] = {
    {"pg_stat_statements", NULL, NULL},
    {"citus", "olap", "citus"},
    {"timescaledb", "time", "timescaledb"},
    {"pg_cron", "time", "cron"},
    {"pg_partman_bgw", "olap", "partman"},
    {"pg_net", "util", "pg_net"},
    {"pg_squeeze", "admin", "squeeze"},
    {"pg_wait_sampling", "stat", "wait_sampling"},
    {"pg_stat_kcache", "stat", "stat_kcache"},
    {"pg_qualstats", "stat", "qualstats"},
    {"pg_stat_monitor", "stat", "stat_monitor"},
    {"pgaudit", "sec", "pgaudit"},
    {"pgsodium", "sec", "pgsodium"},
    {"supautils", "sec", "supautils"},
    {"babelfishpg_tds", "babelfish", "babelfish"},
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
            if (strcmp(preloaded[p].name, name) != 0 ||
                is_word_in(host_text(host, "pg_libs"), name))
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

/* -- Packages -------------------------------------------------------------------------------- */

/* Does a word of a package list bring a library? "pgsql-time" and "pg18-time" are categories. */
static bool brings(Arena *arena, const char *word, size_t library)
{
    size_t head = text_starts_with(word, "pgsql-") ? strlen("pgsql-") : 0;
    if (text_starts_with(word, "pg") && isdigit((unsigned char)word[2]))
        head = 2 + strspn(word + 2, "0123456789") + 1;
    if (head > 0 && strcmp(word + head, preloaded[library].category) == 0)
        return true;
    char *name = arena_strdup(arena, word);
    for (char *c = name; *c; c++) {
        if (*c == '-')
            *c = '_';
    }
    return strstr(name, preloaded[library].package);
}

static bool is_in_list(Arena *arena, const Value *list, size_t library)
{
    for (size_t i = 0; i < value_count(list); i++) {
        char **words;
        size_t count = text_words(arena, value_as_text(value_at(list, i), ""), true, &words);
        for (size_t w = 0; w < count; w++) {
            if (brings(arena, words[w], library))
                return true;
        }
    }
    return false;
}

/* Packages of extensions that databases name are installed, too. */
static bool is_an_extension(const Host *host, size_t library)
{
    const Value *databases = host_param(host, "pg_databases");
    for (size_t i = 0; i < value_count(databases); i++) {
        const Value *extensions = value_get(value_at(databases, i), "extensions");
        for (size_t e = 0; e < value_count(extensions); e++) {
            const char *name = value_get_text(value_at(extensions, e), "name");
            if (strcmp(name, preloaded[library].name) == 0)
                return true;
        }
    }
    return false;
}

static bool is_installed(Arena *arena, const Host *host, size_t library)
{
    static const char *const params[] = {"pg_packages", "pg_extensions", "node_packages",
                                         "node_default_packages"};
    for (size_t i = 0; i < COUNT_OF(params); i++) {
        if (is_in_list(arena, host_param(host, params[i]), library))
            return true;
    }
    return is_an_extension(host, library);
}

static void packages(const RuleRun *run, const PgCluster *cluster)
{
    const Host *host = cluster->members[0];
    const Origin *origin = rule_value_origin(host, "pg_libs", host_param(host, "pg_libs"));
    if (!typing_has_word("pgsql|citus", host_text(host, "pg_mode")))
        return; /* the packages of another kernel may hold anything */
    for (size_t i = 0; i < COUNT_OF(preloaded); i++) {
        const char *name = preloaded[i].name;
        bool is_loaded = is_word_in(host_text(host, "pg_libs"), name);
        if (!is_loaded || !preloaded[i].category || is_installed(run->scratch, host, i) ||
            !rule_first(
                run, arena_printf(run->scratch, "%s %s", name, rule_place(run->scratch, origin))))
            continue;
        diagnostics_add(run->diagnostics, "W019", origin,
                        "Add it to pg_extensions: the servers do not start without it.",
                        "%s of %s loads %s, but no list of packages brings it", "pg_libs",
                        cluster->name, name);
    }
}

/* -- Order ----------------------------------------------------------------------------------- */

static void order(const RuleRun *run, const Host *host, const char *param, const Value *value)
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
    {"W019", "extensions that need their library have it in pg_libs", .value = preloads,
     .params = {"pg_databases"}},
    {"W019", "libraries of pg_libs have a package", .cluster = packages},
    {"W039", "citus and timescaledb are loaded first", .value = order, .params = {"pg_libs"}},
};

const RuleTable rules_libraries = {rows, COUNT_OF(rows)};
