/* Users and roles. */
#include <ctype.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "schema/rules_internal.h"

/* An entry of a list of objects by its name, or NULL. */
static const Value *find_named(const Value *list, const char *name)
{
    for (size_t i = 0; i < value_count(list); i++) {
        if (strcmp(value_get_text(value_at(list, i), "name"), name) == 0)
            return value_at(list, i);
    }
    return NULL;
}

bool rule_role_exists(const Host *host, const char *name)
{
    return text_starts_with(name, "pg_") || strcmp(name, host_text(host, "pg_dbsu")) == 0 ||
           find_named(host_param(host, "pg_default_roles"), name) ||
           find_named(host_param(host, "pg_users"), name);
}

static bool is_good_name(const char *name)
{
    if (!islower((unsigned char)name[0]) && name[0] != '_')
        return false;
    for (const char *c = name; *c; c++) {
        if (!islower((unsigned char)*c) && !isdigit((unsigned char)*c) && !strchr("_@.-", *c))
            return false;
    }
    return strlen(name) <= 63;
}

static bool is_reserved(const char *name)
{
    return text_starts_with(name, "pg_") || strcmp(name, "public") == 0 ||
           strcmp(name, "none") == 0;
}

static const Origin *entry_origin(const Host *host, const char *param, const Value *entry)
{
    return rule_value_origin(host, param, value_get(entry, "name"));
}

static void check_name(const RuleRun *run, const Host *host, const char *param, const Value *user)
{
    const char *name = value_get_text(user, "name");
    if (!is_good_name(name))
        diagnostics_add(run->diagnostics, "E049", entry_origin(host, param, user),
                        "Small letters, digits and _ @ . - are allowed, 63 at most.",
                        "\"%s\" cannot be the name of a user", name);
    else if (is_reserved(name))
        diagnostics_add(run->diagnostics, "E050", entry_origin(host, param, user), NULL,
                        "the role name %s is reserved by PostgreSQL", name);
}

static void check_duplicates(const RuleRun *run, const Host *host, const char *param,
                             const Value *list, const char *what)
{
    Map *names = map_new(run->scratch);
    for (size_t i = 0; i < value_count(list); i++) {
        const Value *entry = value_at(list, i);
        const Value *other = rule_remember(run, names, value_get_text(entry, "name"), entry);
        if (!other)
            continue;
        Diagnostic *problem = diagnostics_add(
            run->diagnostics, "E048", entry_origin(host, param, other), "Merge the two.",
            "the %s %s is there twice", what, value_get_text(entry, "name"));
        diagnostic_add_place(problem, entry_origin(host, param, entry));
    }
}

static void user_names(const RuleRun *run, const Host *host, const char *param, const Value *users)
{
    for (size_t i = 0; i < value_count(users); i++)
        check_name(run, host, param, value_at(users, i));
    check_duplicates(run, host, param, users, "user");
}

static void database_names(const RuleRun *run, const Host *host, const char *param,
                           const Value *list)
{
    static const char *const reserved[] = {"template0", "template1", "pgbouncer", "replication"};
    check_duplicates(run, host, param, list, "database");
    for (size_t i = 0; i < value_count(list); i++) {
        const Value *database = value_at(list, i);
        const char *name = value_get_text(database, "name");
        for (size_t r = 0; r < COUNT_OF(reserved); r++) {
            if (strcmp(name, reserved[r]) == 0)
                diagnostics_add(run->diagnostics, "E050", entry_origin(host, param, database), NULL,
                                "the database name %s is reserved", name);
        }
        if (!*name || strlen(name) > 63 || strpbrk(name, "\n\r\t"))
            diagnostics_add(run->diagnostics, "E050", entry_origin(host, param, database),
                            "1 to 63 bytes, without line breaks and tabs.",
                            "\"%s\" cannot be the name of a database", name);
    }
}

/* Names to the first entry that bears them. */
static Map *entries_by_name(const RuleRun *run, const Value *list)
{
    Map *entries = map_new(run->scratch);
    for (size_t i = 0; i < value_count(list); i++)
        rule_remember(run, entries, value_get_text(value_at(list, i), "name"), value_at(list, i));
    return entries;
}

static void report_missing_role(const RuleRun *run, const Host *host, const char *param,
                                const char *user, const Value *role)
{
    const char *name = value_get_text(role, "name");
    if (!rule_role_exists(host, name))
        diagnostics_add(run->diagnostics, "W016", entry_origin(host, param, role),
                        arena_printf(run->scratch, "Add it to %s, before its members.", param),
                        "%s is to be a member of %s, which no list defines", user, name);
}

/* Roles that a user is a member of: they exist, and stand before it. */
static void memberships(const RuleRun *run, const Host *host, const char *param, const Value *users)
{
    Map *defined = entries_by_name(run, users), *before = map_new(run->scratch);
    for (size_t i = 0; *host->cluster && i < value_count(users); i++) {
        const char *user = value_get_text(value_at(users, i), "name");
        const Value *roles = value_get(value_at(users, i), "roles");
        rule_remember(run, before, user, value_at(users, i));
        for (size_t r = 0; r < value_count(roles); r++) {
            const char *role = value_get_text(value_at(roles, r), "name");
            if (!map_get(defined, role))
                report_missing_role(run, host, param, user, value_at(roles, r));
            else if (!map_get(before, role))
                diagnostics_add(run->diagnostics, "W017",
                                entry_origin(host, param, value_at(roles, r)),
                                "Put the role above its member.",
                                "%s is a member of %s, which is defined after it", user, role);
        }
    }
}

/* One user on the way from members to roles. */
typedef struct Membership {
    const Value *user;
    size_t next; /* role to look at */
    bool is_on_way, is_done;
} Membership;

typedef struct Way {
    Map *by_name; /* → Membership */
    Membership **steps;
    size_t length;
} Way;

static void way_add(Way *way, Membership *membership)
{
    membership->is_on_way = true;
    way->steps[way->length++] = membership;
}

/* One step further or back; the user that was met twice, or NULL. */
static const Value *way_step(Way *way)
{
    Membership *last = way->steps[way->length - 1];
    const Value *roles = value_get(last->user, "roles");
    if (last->next == value_count(roles)) {
        last->is_on_way = false;
        last->is_done = true;
        way->length--;
        return NULL;
    }
    const char *name = value_get_text(value_at(roles, last->next++), "name");
    Membership *role = map_get(way->by_name, name);
    if (role && role->is_on_way)
        return role->user;
    if (role && !role->is_done)
        way_add(way, role);
    return NULL;
}

static const Value *find_cycle(const RuleRun *run, const Value *users)
{
    size_t count = value_count(users);
    Membership *all = ARENA_ARRAY(run->scratch, Membership, count);
    Way way = {map_new(run->scratch), ARENA_ARRAY(run->scratch, Membership *, count), 0};
    for (size_t i = 0; i < count; i++) {
        all[i].user = value_at(users, i);
        map_set(way.by_name, value_get_text(all[i].user, "name"), &all[i]);
    }
    for (size_t i = 0; i < count; i++) {
        if (!all[i].is_done)
            way_add(&way, &all[i]);
        while (way.length > 0) {
            const Value *cycle = way_step(&way);
            if (cycle)
                return cycle;
        }
    }
    return NULL;
}

static void membership_cycles(const RuleRun *run, const Host *host, const char *param,
                              const Value *users)
{
    const Value *user = find_cycle(run, users);
    if (user)
        diagnostics_add(run->diagnostics, "E018", entry_origin(host, param, user), NULL,
                        "%s is a member of itself through other roles",
                        value_get_text(user, "name"));
}

static void expiry(const RuleRun *run, const Host *host, const char *param, const Value *users)
{
    for (size_t i = 0; i < value_count(users); i++) {
        const Value *user = value_at(users, i), *at = value_get(user, "expire_at");
        const char *date = value_as_text(at, "infinity");
        const Origin *origin = rule_value_origin(host, param, at);
        bool has_date = strcmp(date, "infinity") != 0;
        if (has_date && !clock_is_date(date))
            diagnostics_add(run->diagnostics, "E030", origin, NULL,
                            "expire_at must be YYYY-MM-DD or infinity, this is \"%s\"", date);
        else if (has_date && strcmp(date, diagnostics_today(run->diagnostics)) < 0)
            diagnostics_add(
                run->diagnostics, "W030", origin, "Write a later day, or take the user out.",
                "%s expired on %s and cannot log in", value_get_text(user, "name"), date);
        if (at && value_get(user, "expire_in"))
            diagnostics_add(run->diagnostics, "W030", origin, "Keep one of the two.",
                            "%s has both expire_at and expire_in", value_get_text(user, "name"));
    }
}

/* Options of a membership that older servers do not know. */
static void membership_options(const RuleRun *run, const Host *host, const char *param,
                               const Value *users)
{
    enum { SINCE = 16 };
    static const char *const options[] = {"set", "inherit"};
    int64_t version = host_int(host, "pg_version", 0);
    for (size_t i = 0; *host->cluster && version < SINCE && i < value_count(users); i++) {
        const Value *roles = value_get(value_at(users, i), "roles");
        for (size_t r = 0; r < value_count(roles); r++) {
            for (size_t o = 0; o < COUNT_OF(options); o++) {
                const Value *option = value_get(value_at(roles, r), options[o]);
                if (option)
                    diagnostics_add(run->diagnostics, "E029",
                                    rule_value_origin(host, param, option),
                                    "It is the inherit of the user that counts there.",
                                    "%s of a membership needs PostgreSQL %d, %s has %lld",
                                    options[o], SINCE, host->cluster, (long long)version);
            }
        }
    }
}

static void system_roles(const RuleRun *run, const PgCluster *cluster)
{
    static const char *const params[] = {"pg_replication_username", "pg_admin_username",
                                         "pg_monitor_username"};
    const Host *host = cluster->members[0];
    for (size_t i = 0; i < COUNT_OF(params); i++) {
        const char *name = host_text(host, params[i]);
        if (!find_named(host_param(host, "pg_default_roles"), name) && rule_first(run, name))
            diagnostics_add(run->diagnostics, "W022", rule_origin(host, params[i]),
                            "Rename the role there, too.", "%s %s is not in pg_default_roles",
                            params[i], name);
    }
}

static const Rule rows[] = {
    {"E049 E050 E048", "names of users are usable and unique", .value = user_names,
     .params = {"pg_users", "pg_default_roles"}},
    {"E050 E048", "names of databases are usable and unique", .value = database_names,
     .params = {"pg_databases"}},
    {"W016 W017", "a user's roles exist and stand before it", .value = memberships,
     .params = {"pg_users", "pg_default_roles"}},
    {"E018", "no role is a member of itself", .value = membership_cycles,
     .params = {"pg_users", "pg_default_roles"}},
    {"E030 W030", "a user expires at a date or in days", .value = expiry, .params = {"pg_users"}},
    {"E029", "options of memberships fit the version", .value = membership_options,
     .params = {"pg_users", "pg_default_roles"}},
    {"W022", "the system's users are among the default roles", .cluster = system_roles},
};

const RuleTable rules_roles = {rows, COUNT_OF(rows)};
