/*
 * HAProxy on a node of a cluster: its main file and whether it runs. The services that it offers
 * are resources of their own (kind service).
 */
#include <string.h>

#include "providers/kinds/kinds.h"
#include "providers/kinds/pg_layout.h"
#include "providers/kinds/place.h"
#include "providers/kinds/proxy_file.h"
#include "schema/contract/content.h"

static const ParamRow params[] = {
    {.name = "config",
     .type = PARAM_MAP,
     .need = NEED_RELOAD,
     .service = SERVICE_HAPROXY,
     .flags = PARAM_FLAG_FOLD,
     .doc = "The lines of its main file.",
     .inventory = "haproxy_exporter_port haproxy_admin_username haproxy_admin_password "
                  "haproxy_client_timeout haproxy_server_timeout"},
    {.name = "keeper",
     .type = PARAM_TEXT,
     .flags = PARAM_FLAG_FOLD,
     .doc = "What notes which servers are up before HAProxy reads its files again."},
    {.name = "running",
     .type = PARAM_BOOL,
     .doc = "Whether it runs.",
     .inventory = "haproxy_enabled"},
    {.name = "port",
     .type = PARAM_INT,
     .flags = PARAM_FLAG_FOLD,
     .doc = "Where it shows its statistics, as a page and for Prometheus.",
     .inventory = "haproxy_exporter_port"},
};

static const char *const sources[] = {"node.secret_files", "node.files", "node.units", NULL};

#define STATS "listen stats/"

/* No limit of connections: HAProxy then takes what its file descriptors allow; a number above that
 * would keep it from starting. The checks begin at once instead of being spread: see keep-state. */
static const char *const fixed[][2] = {
    {"global/user", "haproxy"},
    {"global/group", "haproxy"},
    {"global/log", "/dev/log local0 notice"},
    {"global/stats socket", PROXY_SOCKET " mode 0600 level admin expose-fd listeners"},
    {"global/stats timeout", "30s"},
    {"global/max-spread-checks", "1"},
    {"global/server-state-file", PROXY_STATE_FILE},
    {"defaults/mode", "tcp"},
    {"defaults/log", "global"},
    {"defaults/option redispatch", ""},
    {"defaults/option tcpka", ""},
    {"defaults/retries", "3"},
    {"defaults/load-server-state-from-file", "global"},
    {"defaults/timeout connect", "5s"},
    {"defaults/timeout queue", "3s"},
    {"defaults/timeout check", "3s"},
};

static const Value *desired_config(Arena *arena, const Host *host)
{
    Value *keys = value_map(arena);
    for (size_t i = 0; i < COUNT_OF(fixed); i++)
        value_set_text(arena, keys, fixed[i][0], fixed[i][1]);
    value_set_text(arena, keys, "defaults/timeout client",
                   host_text(host, "haproxy_client_timeout"));
    value_set_text(arena, keys, "defaults/timeout server",
                   host_text(host, "haproxy_server_timeout"));
    value_set(arena, keys, STATS "bind",
              value_textf(arena, "*:%lld", (long long)host_int(host, "haproxy_exporter_port", 0)));
    value_set_text(arena, keys, STATS "mode", "http");
    value_set_text(arena, keys, STATS "http-request",
                   "use-service prometheus-exporter if { path /metrics }");
    value_set_text(arena, keys, STATS "stats enable", "");
    value_set_text(arena, keys, STATS "stats uri", "/");
    value_set_text(arena, keys, STATS "stats refresh", "1s");
    value_set(arena, keys,
              arena_printf(arena, STATS "stats auth %s", host_text(host, "haproxy_admin_username")),
              host_param(host, "haproxy_admin_password"));
    return keys;
}

static bool has_proxy(const Host *host)
{
    return (place_roles(host) & PLACE_PROXY) != 0;
}

static Error *desired(const Domain *domain, const Facts *facts, ResourceSet *out)
{
    (void)facts;
    for (size_t i = 0; i < domain->host_count; i++) {
        const Host *host = domain->hosts[i];
        if (!has_proxy(host))
            continue;
        Resource *proxy = resource_add(out, host_name(host), "", host_address(host));
        proxy->origin = host_param_origin(host, "haproxy_enabled");
        resource_ask(proxy, out->arena, "node.secret_files", PROXY_FILE);
        resource_ask(proxy, out->arena, "node.files", PROXY_KEEPER_FILE);
        resource_ask(proxy, out->arena, "node.units", PROXY_UNIT);
        resource_set(proxy, "config", desired_config(out->arena, host), NULL);
        resource_set(proxy, "keeper", value_text(out->arena, proxy_keeper_text), NULL);
        resource_set(proxy, "running", &value_true, proxy->origin);
        resource_set(proxy, "port", host_param(host, "haproxy_exporter_port"),
                     host_param_origin(host, "haproxy_exporter_port"));
    }
    return NULL;
}

/* Is the masked text what we would write for this password? */
static const Value *verdict(Arena *arena, const Domain *domain, const Value *wanted,
                            const char *masked, const char *nonce)
{
    const bool is_hole = wanted && wanted->type == VALUE_SECRET;
    const char *plain =
        is_hole ? inventory_secret(domain->inventory, wanted->text) : value_as_text(wanted, NULL);
    if (is_hole && !plain)
        return value_text(arena, "not compared");
    const char *written = "";
    Value *pieces = value_list(arena);
    value_push(arena, pieces, content_piece(arena, "haproxy", value_text(arena, plain)));
    Error *error = content_render(arena, pieces, &written);
    bool is_same = !error && pg_masked_equals(masked, nonce, written);
    error_free(error);
    if (is_same && !is_hole)
        return wanted;
    return value_text(arena, is_same ? "match" : "differ");
}

static const Value *read_config(Arena *arena, const Domain *domain, const Host *host,
                                const char *content, const char *nonce)
{
    const Value *wanted = desired_config(arena, host);
    const Value *seen = proxy_main_read(arena, content);
    Value *config = value_map(arena);
    for (size_t i = 0; i < value_count(seen); i++) {
        const char *key = seen->map.keys[i];
        const Value *value = seen->map.values[i];
        bool is_masked = text_starts_with(value_as_text(value, ""), "sha256:");
        value_set(arena, config, key,
                  is_masked ? verdict(arena, domain, value_get(wanted, key), value->text, nonce)
                            : value);
    }
    return config;
}

/* A file without our first line is the package's own: ours is not there yet. */
static void read_proxy(ResourceSet *out, const Facts *facts, const Host *host)
{
    const char *scope = host_name(host);
    const Value *secret = place_reading(out, facts, host, scope, "node.secret_files");
    const Value *files = place_reading(out, facts, host, scope, "node.files");
    const Value *units = place_reading(out, facts, host, scope, "node.units");
    if (!secret || !files || !units)
        return;
    const Value *file = place_entry(out, value_get(secret, "files"), scope, PROXY_FILE);
    const char *content = value_as_text(value_get(file, "content"), NULL);
    if (!content || !text_starts_with(content, PROXY_HEADER))
        return;
    Resource *proxy = resource_add(out, scope, "", host_address(host));
    resource_set(
        proxy, "config",
        read_config(out->arena, out->domain, host, content, value_get_text(secret, "nonce")), NULL);
    const Value *keeper = value_get(value_get(files, PROXY_KEEPER_FILE), "content");
    resource_set(proxy, "keeper", keeper ? keeper : &value_null, NULL);
    const char *active = value_get_text(value_get(units, PROXY_UNIT), "active");
    resource_set(proxy, "running", value_bool(strcmp(active, "active") == 0), NULL);
}

static Error *read(const Domain *domain, const Facts *facts, ResourceSet *out)
{
    out->complete = true;
    for (size_t i = 0; i < domain->host_count; i++) {
        if (has_proxy(domain->hosts[i]))
            read_proxy(out, facts, domain->hosts[i]);
    }
    return NULL;
}

const Kind kind_haproxy = {
    .name = "haproxy",
    .domain = DOMAIN_CLUSTER,
    .doc = "The proxy on a node: its main file and its process.",
    .folds = true,
    .params = params,
    .param_count = COUNT_OF(params),
    .sources = sources,
    .create_verb = "haproxy.create",
    .update_verb = "haproxy.update",
    .desired = desired,
    .read = read,
};
