/*
 * A PostgreSQL instance under Patroni: its patroni.yml, its data directory, its process.
 *
 * What patroni.yml holds and in which section: Patroni documentation, "YAML Configuration
 * Settings". `bootstrap` matters once, on the member that creates the cluster; later changes of
 * dynamic settings are the business of kind config.
 */
#include <string.h>

#include "providers/kinds/kinds.h"
#include "providers/kinds/pg_layout.h"
#include "providers/kinds/pg_settings.h"
#include "providers/kinds/yaml_file.h"
#include "schema/contract/topology.h"
#include "schema/tuning.h"

static const ParamRow params[] = {
    {.name = "config",
     .type = PARAM_MAP,
     .need = NEED_RELOAD,
     .service = SERVICE_PATRONI,
     .flags = PARAM_FLAG_FOLD,
     .doc = "The keys of patroni.yml, without the bootstrap section.",
     .inventory = "patroni_port patroni_log_dir patroni_ssl_enabled patroni_watchdog_mode "
                  "patroni_username patroni_password pg_listen pg_port pg_role pg_upstream "
                  "etcd_port pg_etcd_password pg_namespace pg_replication_username "
                  "pg_replication_password pg_dbsu_password pg_bin_dir pg_data"},
    {.name = "bootstrap",
     .type = PARAM_MAP,
     .flags = PARAM_FLAG_CREATE_ONLY | PARAM_FLAG_FOLD,
     .doc = "What creates the cluster: initdb options and the first dynamic configuration.",
     .inventory = "pg_encoding pg_locale pg_lc_collate pg_lc_ctype pg_checksum pg_conf"},
    {.name = "unfinished",
     .type = PARAM_STRING,
     .flags = PARAM_FLAG_CREATE_ONLY,
     .doc = "The data directory in which a copy or an initdb was cut short: it holds no data."},
    {.name = "running",
     .type = PARAM_BOOL,
     .doc = "Whether Patroni runs the instance.",
     .inventory = "patroni_enabled"},
};

static const char *const sources[] = {
    "node.data",   "node.secret_files", "node.units",      "node.size",      "node.markers",
    "etcd.member", "patroni.member",    "patroni.cluster", "patroni.config", "sql.member",
    NULL};

typedef struct Config {
    Arena *arena;
    const Host *host;
    Value *keys;
} Config;

static void set_text(Config *config, const char *key, const char *text)
{
    value_set_text(config->arena, config->keys, key, text);
}

static void set_flag(Config *config, const char *key, bool flag)
{
    value_set(config->arena, config->keys, key, value_bool(flag));
}

/* A key straight from an inventory parameter; secrets stay holes. */
static void set_param(Config *config, const char *key, const char *param)
{
    value_set(config->arena, config->keys, key, host_param(config->host, param));
}

static const char *etcd_hosts(Arena *arena, const Domain *domain)
{
    const Host *const *hosts;
    size_t count = inventory_group_hosts(domain->inventory, "etcd", &hosts);
    CLEANUP(text_release) Text list = TEXT_INIT;
    for (size_t i = 0; i < count; i++)
        text_addf(&list, "%s%s:%lld", i ? "," : "", host_address(hosts[i]),
                  (long long)host_int(hosts[i], "etcd_port", 2379));
    return text_copy(&list, arena);
}

/* The scope's own etcd user; its password is the scope's name when none is given (as Pigsty). */
static const Value *etcd_password(Arena *arena, const Domain *domain, const Host *host)
{
    const Value *password = host_param(host, "pg_etcd_password");
    if (password && password->type == VALUE_SECRET) {
        const char *text = inventory_secret(domain->inventory, password->text);
        if (!text || text[0] != '\0')
            return password;
    }
    return value_text(arena, domain->name);
}

static void add_dcs(Config *config, const Domain *domain)
{
    set_text(config, "etcd3/hosts", etcd_hosts(config->arena, domain));
    set_text(config, "etcd3/protocol", "https");
    set_text(config, "etcd3/cacert", "/pg/cert/ca.crt");
    set_text(config, "etcd3/cert", "/pg/cert/dcs.crt");
    set_text(config, "etcd3/key", "/pg/cert/dcs.key");
    set_text(config, "etcd3/username", domain->name);
    value_set(config->arena, config->keys, "etcd3/password",
              etcd_password(config->arena, domain, config->host));
}

static void add_rest(Config *config)
{
    const char *address = arena_printf(config->arena, "%s:%lld", host_address(config->host),
                                       (long long)host_int(config->host, "patroni_port", 8008));
    set_text(config, "restapi/listen", address);
    set_text(config, "restapi/connect_address", address);
    set_param(config, "restapi/authentication/username", "patroni_username");
    set_param(config, "restapi/authentication/password", "patroni_password");
    if (host_bool(config->host, "patroni_ssl_enabled", false)) {
        set_text(config, "restapi/certfile", "/pg/cert/server.crt");
        set_text(config, "restapi/keyfile", "/pg/cert/server.key");
        set_text(config, "restapi/cafile", "/pg/cert/ca.crt");
    }
}

/* Patroni matches replicatefrom with member names, the inventory says addresses. */
static const char *upstream_member(const Domain *domain, const char *upstream)
{
    const Host *host = inventory_host(domain->inventory, upstream);
    return host && strcmp(host_cluster(host), domain->name) == 0 ? host_instance(host) : upstream;
}

static void add_tags(Config *config, const Domain *domain)
{
    const char *role = host_text(config->host, "pg_role");
    const char *upstream = host_text(config->host, "pg_upstream");
    set_flag(config, "tags/nofailover", false);
    set_flag(config, "tags/clonefrom", true);
    set_flag(config, "tags/noloadbalance", false);
    set_flag(config, "tags/nosync", false);
    if (upstream[0] && strcmp(role, "primary") != 0)
        set_text(config, "tags/replicatefrom", upstream_member(domain, upstream));
}

static const Value *basebackup_options(Arena *arena)
{
    static const char *const options[][2] = {{"max-rate", "1000M"}, {"checkpoint", "fast"}};
    Value *list = value_list(arena);
    for (size_t i = 0; i < COUNT_OF(options); i++) {
        Value *option = value_map(arena);
        value_set_text(arena, option, options[i][0], options[i][1]);
        value_push(arena, list, option);
    }
    return list;
}

/* "${ip}", "${lo}", "${vip}" were expanded by the inventory; a list means all of them. */
static const char *listen_addresses(Arena *arena, const Host *host)
{
    const char *listen = host_text(host, "pg_listen");
    return arena_printf(arena, "%s:%lld", listen[0] ? listen : "0.0.0.0",
                        (long long)host_int(host, "pg_port", 5432));
}

static void add_authentication(Config *config)
{
    set_param(config, "postgresql/authentication/superuser/username", "pg_dbsu");
    set_param(config, "postgresql/authentication/replication/username", "pg_replication_username");
    set_param(config, "postgresql/authentication/replication/password", "pg_replication_password");
    set_param(config, "postgresql/authentication/rewind/username", "pg_replication_username");
    set_param(config, "postgresql/authentication/rewind/password", "pg_replication_password");
}

static void add_postgresql(Config *config)
{
    Arena *arena = config->arena;
    set_text(config, "postgresql/bin_dir", host_text(config->host, "pg_bin_dir"));
    set_text(config, "postgresql/data_dir", PG_DATA);
    set_text(config, "postgresql/pgpass", "/pg/conf/patroni.pgpass");
    set_text(config, "postgresql/listen", listen_addresses(arena, config->host));
    set_text(config, "postgresql/connect_address",
             arena_printf(arena, "%s:%lld", host_address(config->host),
                          (long long)host_int(config->host, "pg_port", 5432)));
    set_flag(config, "postgresql/use_unix_socket", true);
    set_flag(config, "postgresql/use_unix_socket_repl", true);
    set_flag(config, "postgresql/remove_data_directory_on_rewind_failure", true);
    set_flag(config, "postgresql/remove_data_directory_on_diverged_timelines", false);
    set_text(config, "postgresql/parameters/unix_socket_directories", PG_SOCKET_DIR);
    add_authentication(config);
    value_set(arena, config->keys, "postgresql/basebackup", basebackup_options(arena));
}

static const Value *desired_config(Arena *arena, const Domain *domain, const Host *host)
{
    Config config = {.arena = arena, .host = host, .keys = value_map(arena)};
    set_text(&config, "namespace", arena_printf(arena, "%s/", host_text(host, "pg_namespace")));
    set_text(&config, "scope", domain->name);
    set_text(&config, "name", host_instance(host));
    set_text(&config, "log/level", "INFO");
    set_text(&config, "log/dir", host_text(host, "patroni_log_dir"));
    value_set_int(arena, config.keys, "log/file_num", 4);
    value_set_int(arena, config.keys, "log/file_size", 33554432);
    add_dcs(&config, domain);
    add_rest(&config);
    add_tags(&config, domain);
    set_param(&config, "watchdog/mode", "patroni_watchdog_mode");
    add_postgresql(&config);
    return config.keys;
}

static const Value *initdb_options(Arena *arena, const Host *host)
{
    static const char *const options[][2] = {{"encoding", "pg_encoding"},
                                             {"locale", "pg_locale"},
                                             {"lc-collate", "pg_lc_collate"},
                                             {"lc-ctype", "pg_lc_ctype"}};
    Value *list = value_list(arena);
    for (size_t i = 0; i < COUNT_OF(options); i++) {
        Value *option = value_map(arena);
        value_set_text(arena, option, options[i][0], host_text(host, options[i][1]));
        value_push(arena, list, option);
    }
    if (host_bool(host, "pg_checksum", true) || tuning_is_critical(host))
        value_push(arena, list, value_text(arena, "data-checksums"));
    return list;
}

/* The dynamic configuration under bootstrap/dcs, flattened; what kind config wants, so that a new
 * cluster starts with it. The same for all members. */
static const Value *bootstrap_dcs(Arena *arena, const Domain *domain, const Facts *facts)
{
    Value *keys = value_map(arena);
    const Value *dcs = pg_desired_dcs(arena, domain, facts);
    for (size_t i = 0; i < value_count(dcs); i++)
        value_add(arena, keys, ARENA_JOIN(arena, "bootstrap/dcs/", dcs->map.keys[i]),
                  dcs->map.values[i]);
    return keys;
}

/* `dcs`: of bootstrap_dcs(). */
static const Value *desired_bootstrap(Arena *arena, const Value *dcs, const Host *host)
{
    Value *keys = value_map(arena);
    value_set_text(arena, keys, "bootstrap/method", "initdb");
    for (size_t i = 0; i < value_count(dcs); i++)
        value_add(arena, keys, dcs->map.keys[i], dcs->map.values[i]);
    value_set(arena, keys, "bootstrap/initdb", initdb_options(arena, host));
    return keys;
}

/* Does Patroni fill the data directory right now? With `starting`: or starts on it. */
static bool patroni_is_at_work(const Facts *facts, const Host *host, bool starting)
{
    static const char *const at_work[] = {"creating replica", "initializing new cluster",
                                          "running custom bootstrap script"};
    const Value *patroni = facts_value(facts, "patroni.member", host_address(host));
    const char *state = value_get_text(patroni, "state");
    for (size_t i = 0; i < COUNT_OF(at_work); i++) {
        if (strcmp(state, at_work[i]) == 0)
            return true;
    }
    return starting && strcmp(state, "starting") == 0;
}

/* Where something was begun that nobody goes on with: files, but no control file, which is the last
 * to be copied; or one without a database, even if Patroni took it for a cluster. NULL: nowhere. */
static const char *unfinished_data(const Facts *facts, const Host *host, const Member *member)
{
    const Value *data = facts_value(facts, "node.data", host_address(host));
    bool is_unborn = value_get_bool(data, "initialized", false) && !member->has_data;
    bool has_server = value_get_int(data, "postmaster_pid", 0) > 0;
    if (!data || value_get_bool(data, "empty", false) || member->has_data ||
        (has_server && !is_unborn) || patroni_is_at_work(facts, host, !is_unborn))
        return NULL;
    return value_get_text(data, "path");
}

static Error *desired(const Domain *domain, const Facts *facts, ResourceSet *out)
{
    Topology topology = topology_of(out->arena, domain, facts);
    const Value *dcs = out->for_asking ? NULL : bootstrap_dcs(out->arena, domain, facts);
    for (size_t i = 0; i < domain->host_count; i++) {
        const Host *host = domain->hosts[i];
        const Member *member = topology_member(&topology, host_instance(host));
        const char *unfinished = unfinished_data(facts, host, member);
        Resource *instance = resource_add(out, host_instance(host), "", host_address(host));
        resource_ask(instance, out->arena, "node.secret_files", pg_patroni_file(out->arena, host));
        resource_ask(instance, out->arena, "node.units", PATRONI_UNIT);
        if (out->for_asking)
            continue;
        const Origin *origin = host_param_origin(host, "pg_seq");
        instance->origin = origin;
        instance->note =
            host == domain->cluster->primary
                ? "first leader"
                : arena_printf(out->arena, "copied from %s",
                               domain->cluster->primary ? host_instance(domain->cluster->primary)
                                                        : "the leader");
        resource_set(instance, "config", desired_config(out->arena, domain, host), NULL);
        resource_set(instance, "bootstrap", desired_bootstrap(out->arena, dcs, host), NULL);
        if (unfinished)
            resource_set(instance, "unfinished", value_text(out->arena, unfinished), NULL);
        resource_set(instance, "running", &value_true, NULL);
    }
    return NULL;
}

static const Value *verdict(Arena *arena, const Value *want, const char *plain, const char *masked,
                            const char *nonce)
{
    bool is_hole = want && want->type == VALUE_SECRET;
    if (is_hole && !plain)
        return value_text(arena, "not compared");
    bool is_same = pg_masked_equals(masked, nonce, plain);
    return is_same && want && !is_hole ? want : value_text(arena, is_same ? "match" : "differ");
}

/* Turn masked secrets into "match" or "differ", the diff's words for a secret that was compared. */
static const Value *compare_secrets(Arena *arena, const Domain *domain, const Value *wanted,
                                    const Value *seen, const char *nonce)
{
    Value *out = value_map(arena);
    for (size_t i = 0; i < value_count(seen); i++) {
        const char *key = seen->map.keys[i];
        const Value *value = seen->map.values[i];
        const Value *want = value_get(wanted, key);
        const char *masked = value_as_text(value, "");
        if (text_starts_with(masked, "sha256:")) {
            const char *plain = want && want->type == VALUE_SECRET
                                    ? inventory_secret(domain->inventory, want->text)
                                    : value_as_text(want, NULL);
            value = verdict(arena, want, plain, masked, nonce);
        }
        value_set(arena, out, key, value);
    }
    return out;
}

/* YAML knows only texts here; a wanted bool or int that is written the same is the same. */
static const Value *take_types(Arena *arena, const Value *wanted, const Value *seen)
{
    Value *out = value_map(arena);
    for (size_t i = 0; i < value_count(seen); i++) {
        const char *key = seen->map.keys[i];
        const Value *want = value_get(wanted, key);
        const Value *value = seen->map.values[i];
        CLEANUP(text_release) Text written = TEXT_INIT;
        if (want && value->type == VALUE_TEXT &&
            (want->type == VALUE_BOOL || want->type == VALUE_INT)) {
            value_format(&written, want);
            if (strcmp(text_get(&written), value->text) == 0)
                value = want;
        }
        value_set(arena, out, key, value);
    }
    return out;
}

static void read_config(Resource *instance, Arena *arena, const Domain *domain, const Host *host,
                        const Value *secret_files)
{
    const Value *file = value_get(value_get(secret_files, "files"), pg_patroni_file(arena, host));
    const char *content = value_as_text(value_get(file, "content"), NULL);
    const Value *seen = &value_empty_map;
    if (!content) {
        resource_set(instance, "config", seen, NULL);
        return;
    }
    Error *error = yaml_file_read(arena, content, "bootstrap", &seen);
    if (error) {
        /* Not YAML any more: every key of ours differs, the file is written anew. */
        error_free(error);
        seen = &value_empty_map;
    }
    const Value *wanted = desired_config(arena, domain, host);
    seen = compare_secrets(arena, domain, wanted, seen, value_get_text(secret_files, "nonce"));
    resource_set(instance, "config", take_types(arena, wanted, seen), NULL);
}

/* An instance is there when its data directory is initialised. */
static void read_instance(const Domain *domain, const Facts *facts, const Host *host,
                          const Topology *topology, ResourceSet *out)
{
    const char *address = host_address(host);
    const char *reason = "its node was not read";
    const Value *data = facts_value(facts, "node.data", address);
    const Value *files = facts_value(facts, "node.secret_files", address);
    const Value *units = facts_value(facts, "node.units", address);
    if (!data || !files || !units) {
        if (!facts_is_unknown(facts, "node.data", address, &reason) &&
            !facts_is_unknown(facts, "node.secret_files", address, &reason))
            facts_is_unknown(facts, "node.units", address, &reason);
        resource_set_unknown_scope(out, host_instance(host), reason);
        return;
    }
    if (!topology_member(topology, host_instance(host))->has_data)
        return;
    Resource *instance = resource_add(out, host_instance(host), "", address);
    read_config(instance, out->arena, domain, host, files);
    const Value *unit = value_get(units, PATRONI_UNIT);
    resource_set(instance, "running",
                 value_bool(strcmp(value_get_text(unit, "active"), "active") == 0), NULL);
}

static Error *read(const Domain *domain, const Facts *facts, ResourceSet *out)
{
    Topology topology = topology_of(out->arena, domain, facts);
    out->complete = true;
    for (size_t i = 0; i < domain->host_count; i++)
        read_instance(domain, facts, domain->hosts[i], &topology, out);
    return NULL;
}

const Kind kind_instance = {
    .name = "instance",
    .domain = DOMAIN_CLUSTER,
    .doc = "A member of a PostgreSQL cluster: Patroni with its data directory.",
    .data_bearing = true,
    .starts = SERVICE_PATRONI,
    .params = params,
    .param_count = COUNT_OF(params),
    .sources = sources,
    .create_verb = "instance.join",
    .update_verb = "instance.update",
    .desired = desired,
    .read = read,
};
