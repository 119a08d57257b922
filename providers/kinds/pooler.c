/*
 * PgBouncer beside an instance: its settings, who may log in, to which databases.
 *
 * A login needs the same SCRAM verifier in the user list as in the server (PgBouncer documentation,
 * "Authentication file format"): the list holds verifiers, never passwords, and is compared with
 * what the cluster has stored.
 */
#include <stdlib.h>
#include <string.h>

#include "providers/kinds/kinds.h"
#include "providers/kinds/pg_layout.h"
#include "providers/kinds/pg_roles.h"
#include "providers/kinds/place.h"
#include "providers/kinds/pool_files.h"
#include "schema/hba.h"
#include "schema/pool_limits.h"

static const ParamRow params[] = {
    {.name = "ini",
     .type = PARAM_MAP,
     .need = NEED_RELOAD,
     .service = SERVICE_PGBOUNCER,
     .flags = PARAM_FLAG_FOLD,
     .doc = "The settings of pgbouncer.ini.",
     .inventory = "pgbouncer_poolmode pgbouncer_port pgbouncer_sslmode pgbouncer_ignore_param "
                  "pgbouncer_auth_query pgbouncer_log_dir pg_listen "
                  "pg_admin_username pg_monitor_username"},
    {.name = "databases",
     .type = PARAM_MAP,
     .need = NEED_RELOAD,
     .service = SERVICE_PGBOUNCER,
     .doc = "The databases that it leads to, and how they are pooled.",
     .inventory = "pg_databases pgbouncer_redirect_to"},
    {.name = "users",
     .type = PARAM_MAP,
     .need = NEED_RELOAD,
     .service = SERVICE_PGBOUNCER,
     .doc = "How the sessions of single users are pooled.",
     .inventory = "pg_users pg_default_roles"},
    {.name = "userlist",
     .type = PARAM_MAP,
     .need = NEED_RELOAD,
     .service = SERVICE_PGBOUNCER,
     .flags = PARAM_FLAG_SECRET,
     .doc = "Who may log in, with the verifier that the server has.",
     .inventory = "pg_users pg_default_roles pg_admin_password pg_monitor_password"},
    {.name = "hba",
     .type = PARAM_LINES,
     .need = NEED_RELOAD,
     .service = SERVICE_PGBOUNCER,
     .doc = "From where they may, in the order in which rules are tried.",
     .inventory = "pgb_hba_rules pgb_default_hba_rules pg_role pg_offline_query admin_ip "
                  "node_firewall_intranet pg_pwd_enc pg_dbsu pg_admin_username "
                  "pg_monitor_username"},
    {.name = "hba_content",
     .type = PARAM_TEXT,
     .flags = PARAM_FLAG_FOLD,
     .doc = "The file with these rules as it is written, with titles as comments."},
    {.name = "running",
     .type = PARAM_BOOL,
     .doc = "Whether it runs.",
     .inventory = "pgbouncer_enabled"},
};

static const char *const sources[] = {"node.files",    "node.secret_files", "node.units",
                                      "node.packages", "sql.roles",         NULL};

static const char *const plain_files[] = {POOL_INI_FILE, POOL_DATABASE_FILE, POOL_USEROPTS_FILE,
                                          POOL_HBA_FILE};

/* --- pgbouncer.ini ---------------------------------------------------------------------------- */

#define POOL "pgbouncer/"

/* Pigsty's values; server_login_retry is short, so that a restart of the server is over for clients
 * when it is over for the server. */
static const char *const fixed[][2] = {
    {POOL "auth_type", "hba"},
    {POOL "auth_file", POOL_USERLIST_FILE},
    {POOL "auth_hba_file", POOL_HBA_FILE},
    {POOL "unix_socket_dir", PG_SOCKET_DIR},
    {POOL "pidfile", PG_SOCKET_DIR "/pgbouncer.pid"},
    {POOL "max_client_conn", "20000"},
    {POOL "default_pool_size", POOL_LIMIT_TEXT(POOL_DEFAULT_SIZE)},
    {POOL "reserve_pool_size", POOL_LIMIT_TEXT(POOL_DEFAULT_RESERVE)},
    {POOL "reserve_pool_timeout", "1"},
    {POOL "max_db_connections", POOL_LIMIT_TEXT(POOL_MAX_DATABASE)},
    {POOL "max_user_connections", POOL_LIMIT_TEXT(POOL_MAX_USER)},
    {POOL "server_lifetime", "600"},
    {POOL "server_login_retry", "1"},
};

/* These are read once, when PgBouncer starts ("This parameter is not reloadable"). */
static const char *const restart_keys[] = {POOL "listen_addr", POOL "listen_port",
                                           POOL "unix_socket_dir"};

/* Is an installed PgBouncer at least 1.21, which knows max_prepared_statements? */
static bool has_prepared_statements(const Facts *facts, const Host *host)
{
    const Value *installed = facts_path(facts, "node.packages", host_address(host), "installed");
    const char *version = value_get_text(installed, "pgbouncer");
    enum { NEEDED_MINOR = 21 };
    char *end = NULL;
    long major = strtol(version, &end, 10);
    long minor = *end == '.' ? strtol(end + 1, NULL, 10) : 0;
    return major > 1 || (major == 1 && minor >= NEEDED_MINOR);
}

static void add_tls(Arena *arena, Value *keys, const Host *host)
{
    const char *mode = host_text(host, "pgbouncer_sslmode");
    value_set_text(arena, keys, POOL "client_tls_sslmode", mode);
    if (strcmp(mode, "disable") == 0)
        return;
    value_set_text(arena, keys, POOL "client_tls_ca_file", "/pg/cert/ca.crt");
    value_set_text(arena, keys, POOL "client_tls_cert_file", "/pg/cert/server.crt");
    value_set_text(arena, keys, POOL "client_tls_key_file", "/pg/cert/server.key");
}

static const char *joined(Arena *arena, const Value *list)
{
    CLEANUP(text_release) Text out = TEXT_INIT;
    for (size_t i = 0; i < value_count(list); i++)
        text_addf(&out, "%s%s", i ? ", " : "", value_as_text(value_at(list, i), ""));
    return text_copy(&out, arena);
}

static void add_of_host(Arena *arena, Value *keys, const Host *host)
{
    const char *dbsu = host_text(host, "pg_dbsu"), *listen = host_text(host, "pg_listen");
    const char *monitor = host_text(host, "pg_monitor_username");
    value_set_text(arena, keys, POOL "pool_mode", host_text(host, "pgbouncer_poolmode"));
    value_set_text(arena, keys, POOL "listen_addr", listen[0] ? listen : "*");
    value_set(arena, keys, POOL "listen_port",
              value_textf(arena, "%lld", (long long)host_int(host, "pgbouncer_port", 0)));
    value_set(arena, keys, POOL "logfile",
              value_textf(arena, "%s/pgbouncer.log", host_text(host, "pgbouncer_log_dir")));
    value_set(arena, keys, POOL "admin_users",
              value_textf(arena, "%s, %s", dbsu, host_text(host, "pg_admin_username")));
    value_set(arena, keys, POOL "stats_users", value_textf(arena, "%s, %s", dbsu, monitor));
    value_set_text(arena, keys, POOL "ignore_startup_parameters",
                   joined(arena, host_param(host, "pgbouncer_ignore_param")));
    if (host_bool(host, "pgbouncer_auth_query", false)) {
        value_set_text(arena, keys, POOL "auth_user", monitor);
        value_set_text(arena, keys, POOL "auth_query", "SELECT * FROM monitor.user_lookup($1)");
    }
}

static const Value *desired_ini(Arena *arena, const Facts *facts, const Host *host)
{
    Value *keys = value_map(arena);
    value_set_text(arena, keys, "databases/%include", POOL_DATABASE_FILE);
    value_set_text(arena, keys, "users/%include", POOL_USEROPTS_FILE);
    add_of_host(arena, keys, host);
    for (size_t i = 0; i < COUNT_OF(fixed); i++)
        value_set_text(arena, keys, fixed[i][0], fixed[i][1]);
    if (has_prepared_statements(facts, host))
        value_set_text(arena, keys, POOL "max_prepared_statements", "256");
    add_tls(arena, keys, host);
    return keys;
}

static Need key_need(const Domain *domain, const Facts *facts, const char *param, const char *key)
{
    (void)domain;
    (void)facts;
    for (size_t i = 0; strcmp(param, "ini") == 0 && i < COUNT_OF(restart_keys); i++) {
        if (strcmp(restart_keys[i], key) == 0)
            return NEED_RESTART;
    }
    return NEED_RELOAD;
}

/* --- databases and users ---------------------------------------------------------------------- */

typedef struct Attribute {
    const char *name;  /* PgBouncer's */
    const char *field; /* of the inventory */
} Attribute;

static const Attribute database_attributes[] = {
    {"auth_user", "pool_auth_user"},  {"pool_mode", "pool_mode"},
    {"pool_size", "pool_size"},       {"min_pool_size", "pool_size_min"},
    {"reserve_pool", "pool_reserve"}, {"max_db_connections", "pool_connlimit"},
};

static const Attribute user_attributes[] = {
    {"pool_mode", "pool_mode"},
    {"max_user_connections", "pool_connlimit"},
};

/* " name=value" for each field that the entry has; a value in quotes if it is no word. -1 is what
 * the pool has for all. */
static void add_attributes(Text *out, const Value *entry, const Attribute *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const Value *value = value_get(entry, rows[i].field);
        const char *text = value_as_text(value, "");
        if (value_as_int(value, 0) < 0)
            continue;
        if (value && value->type == VALUE_INT)
            text_addf(out, " %s=%lld", rows[i].name, (long long)value->integer);
        else if (text[0] && !strpbrk(text, " '\t"))
            text_addf(out, " %s=%s", rows[i].name, text);
        else if (text[0])
            text_addf(out, " %s='%s'", rows[i].name, text);
    }
}

static const Value *desired_databases(Arena *arena, const Host *host)
{
    const Value *list = host_param(host, "pg_databases");
    const char *elsewhere = host_text(host, "pgbouncer_redirect_to");
    Value *databases = value_map(arena);
    for (size_t i = 0; i < value_count(list); i++) {
        const Value *entry = value_at(list, i);
        if (pg_entry_is_absent(entry) || !value_get_bool(entry, "pgbouncer", true))
            continue;
        CLEANUP(text_release) Text line = TEXT_INIT;
        text_addf(&line, "host=%s port=%lld", elsewhere[0] ? elsewhere : PG_SOCKET_DIR,
                  (long long)host_int(host, "pg_port", 0));
        add_attributes(&line, entry, database_attributes, COUNT_OF(database_attributes));
        value_set_text(arena, databases, pg_entry_name(entry), text_get(&line));
    }
    return databases;
}

/* The monitor and the administrator use every pool. */
static bool is_pooled(const Host *host, const WantedRole *role)
{
    return !role->is_absent && (value_get_bool(role->entry, "pgbouncer", false) ||
                                strcmp(role->name, host_text(host, "pg_monitor_username")) == 0 ||
                                strcmp(role->name, host_text(host, "pg_admin_username")) == 0);
}

static const Value *desired_users(Arena *arena, const Host *host, const WantedRole *roles,
                                  size_t count)
{
    Value *users = value_map(arena);
    for (size_t i = 0; i < count; i++) {
        CLEANUP(text_release) Text line = TEXT_INIT;
        add_attributes(&line, roles[i].entry, user_attributes, COUNT_OF(user_attributes));
        if (line.length > 0 && is_pooled(host, &roles[i]))
            value_set_text(arena, users, roles[i].name, text_get(&line) + 1);
    }
    return users;
}

/* The superuser is known by its system user, so its verifier is empty. A user without a password in
 * the inventory is left out: only the server knows its verifier. */
static const Value *desired_userlist(Arena *arena, const Host *host, const WantedRole *roles,
                                     size_t count)
{
    Value *list = value_map(arena);
    const char *dbsu = host_text(host, "pg_dbsu");
    value_set_text(arena, list, dbsu, "");
    for (size_t i = 0; i < count; i++) {
        if (is_pooled(host, &roles[i]) && roles[i].verifier && strcmp(roles[i].name, dbsu) != 0)
            value_set(arena, list, roles[i].name, roles[i].verifier);
    }
    return list;
}

/* --- desired ---------------------------------------------------------------------------------- */

static bool has_pooler(const Host *host)
{
    return (place_roles(host) & PLACE_POOLER) != 0;
}

static void add_pooler(ResourceSet *out, const Facts *facts, const Host *host,
                       const WantedRole *roles, size_t count)
{
    Arena *arena = out->arena;
    Resource *pooler = resource_add(out, host_instance(host), "", host_address(host));
    for (size_t i = 0; i < COUNT_OF(plain_files); i++)
        resource_ask(pooler, arena, "node.files", plain_files[i]);
    resource_ask(pooler, arena, "node.secret_files", POOL_USERLIST_FILE);
    resource_ask(pooler, arena, "node.units", POOL_UNIT);
    if (out->for_asking)
        return;
    const HbaFile *hba = hba_file(arena, out->domain->inventory, host, HBA_PGBOUNCER);
    const Value *databases = desired_databases(arena, host);
    const Value *userlist = desired_userlist(arena, host, roles, count);
    pooler->origin = host_param_origin(host, "pgbouncer_enabled");
    pooler->note =
        arena_printf(arena, "%zu databases, %zu users, %s pooling", value_count(databases),
                     value_count(userlist), host_text(host, "pgbouncer_poolmode"));
    resource_set(pooler, "ini", desired_ini(arena, facts, host), NULL);
    resource_set(pooler, "databases", databases, host_param_origin(host, "pg_databases"));
    resource_set(pooler, "users", desired_users(arena, host, roles, count),
                 host_param_origin(host, "pg_users"));
    resource_set(pooler, "userlist", userlist, host_param_origin(host, "pg_users"));
    resource_set(pooler, "hba", hba->rules, host_param_origin(host, "pgb_hba_rules"));
    resource_set(pooler, "hba_content", value_text(arena, hba->content), NULL);
    resource_set(pooler, "running", &value_true, pooler->origin);
}

static Error *desired(const Domain *domain, const Facts *facts, ResourceSet *out)
{
    WantedRole *roles;
    size_t count = pg_wanted_roles(out->arena, domain, &roles);
    for (size_t i = 0; i < domain->host_count; i++) {
        if (has_pooler(domain->hosts[i]))
            add_pooler(out, facts, domain->hosts[i], roles, count);
    }
    return NULL;
}

/* --- read ------------------------------------------------------------------------------------- */

/* The verifiers that the user lists must have: what the cluster has stored, if it fits the password
 * of the inventory; "" if it does not, so that nothing is equal to it. NULL in a map: no telling.
 */
static const Value *right_verifiers(Arena *arena, const Domain *domain, const Facts *facts)
{
    const Value *stored = facts_path(facts, "sql.roles", domain->name, "roles");
    Value *right = value_map(arena);
    WantedRole *roles;
    size_t count = pg_wanted_roles(arena, domain, &roles);
    for (size_t i = 0; stored && i < count; i++) {
        const char *verifier = value_get_text(value_get(stored, roles[i].name), "password");
        const char *address = roles[i].password && is_pooled(domain->hosts[0], &roles[i])
                                  ? roles[i].password->text
                                  : NULL;
        if (!address || !inventory_secret(domain->inventory, address))
            continue;
        bool fits = inventory_secret_fits(domain->inventory, address, verifier, roles[i].name);
        value_set_text(arena, right, roles[i].name, fits ? verifier : "");
    }
    return right;
}

typedef struct Reader {
    ResourceSet *out;
    const Facts *facts;
    const Value *right; /* right_verifiers() */
} Reader;

static const Value *compare_verifier(const Reader *reader, const Value *wanted, const char *name,
                                     const char *masked, const char *nonce)
{
    Arena *arena = reader->out->arena;
    if (!wanted)
        return value_text(arena, "differ");
    if (wanted->type == VALUE_TEXT)
        return pg_masked_equals(masked, nonce, wanted->text) ? wanted : value_text(arena, "differ");
    const char *right = value_as_text(value_get(reader->right, name), NULL);
    if (!right)
        return value_text(arena, "not compared");
    bool is_same = right[0] && pg_masked_equals(masked, nonce, right);
    return value_text(arena, is_same ? "match" : "differ");
}

static const Value *read_userlist(const Reader *reader, const Host *host, const Value *secret)
{
    Arena *arena = reader->out->arena;
    const Value *file = value_get(value_get(secret, "files"), POOL_USERLIST_FILE);
    const Value *seen = pool_userlist_read(arena, value_get_text(file, "content"));
    Value *list = value_map(arena);
    WantedRole *roles;
    size_t count = pg_wanted_roles(arena, reader->out->domain, &roles);
    const Value *wanted = desired_userlist(arena, host, roles, count);
    for (size_t i = 0; i < value_count(seen); i++) {
        const char *name = seen->map.keys[i];
        value_set(arena, list, name,
                  compare_verifier(reader, value_get(wanted, name), name,
                                   value_as_text(seen->map.values[i], ""),
                                   value_get_text(secret, "nonce")));
    }
    return list;
}

static const char *content_of(const Value *files, const char *path)
{
    return value_get_text(value_get(files, path), "content");
}

/* A pgbouncer.ini without our first line is the package's own: ours is not there yet. */
static void read_pooler(const Reader *reader, const Host *host)
{
    ResourceSet *out = reader->out;
    const char *scope = host_instance(host);
    const Value *files = place_reading(out, reader->facts, host, scope, "node.files");
    const Value *secret = place_reading(out, reader->facts, host, scope, "node.secret_files");
    const Value *units = place_reading(out, reader->facts, host, scope, "node.units");
    if (!files || !secret || !units || !place_entry(out, files, scope, POOL_INI_FILE))
        return;
    const char *ini = content_of(files, POOL_INI_FILE);
    if (!text_starts_with(ini, POOL_HEADER))
        return;
    Resource *pooler = resource_add(out, scope, "", host_address(host));
    const char *active = value_get_text(value_get(units, POOL_UNIT), "active");
    resource_set(pooler, "ini", pool_ini_read(out->arena, ini), NULL);
    resource_set(pooler, "databases",
                 pool_lines_read(out->arena, content_of(files, POOL_DATABASE_FILE)), NULL);
    resource_set(pooler, "users",
                 pool_lines_read(out->arena, content_of(files, POOL_USEROPTS_FILE)), NULL);
    resource_set(pooler, "userlist", read_userlist(reader, host, secret), NULL);
    resource_set(pooler, "hba", hba_rules_of(out->arena, content_of(files, POOL_HBA_FILE)), NULL);
    resource_set(pooler, "running", value_bool(strcmp(active, "active") == 0), NULL);
}

static Error *read(const Domain *domain, const Facts *facts, ResourceSet *out)
{
    Reader reader = {
        .out = out, .facts = facts, .right = right_verifiers(out->arena, domain, facts)};
    out->complete = true;
    for (size_t i = 0; i < domain->host_count; i++) {
        if (has_pooler(domain->hosts[i]))
            read_pooler(&reader, domain->hosts[i]);
    }
    return NULL;
}

const Kind kind_pooler = {
    .name = "pooler",
    .domain = DOMAIN_CLUSTER,
    .doc = "The connection pool beside an instance.",
    .params = params,
    .param_count = COUNT_OF(params),
    .sources = sources,
    .create_verb = "pooler.create",
    .update_verb = "pooler.update",
    .desired = desired,
    .read = read,
    .key_need = key_need,
};
