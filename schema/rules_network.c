/* Ports and floating addresses. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "schema/rules_internal.h"

/* Who listens on a node, and when. */
static const struct {
    const char *port, *switched_by; /* switched_by NULL: always */
    const char *group;              /* only there; NULL: on cluster members, "": everywhere */
} listeners[] = {
    {"pg_port", NULL, NULL},
    {"patroni_port", "patroni_enabled", NULL},
    {"pgbouncer_port", "pgbouncer_enabled", NULL},
    {"pg_exporter_port", "pg_exporter_enabled", NULL},
    {"pgbouncer_exporter_port", "pgbouncer_exporter_enabled", NULL},
    {"pgbackrest_exporter_port", "pgbackrest_exporter_enabled", NULL},
    {"haproxy_exporter_port", "haproxy_enabled", ""},
    {"node_exporter_port", "node_exporter_enabled", ""},
    {"vector_port", "vector_enabled", ""},
    {"vip_exporter_port", "vip_enabled", ""},
    {"etcd_port", NULL, "etcd"},
    {"etcd_peer_port", NULL, "etcd"},
};

typedef struct Listener {
    int64_t port;
    const char *name;
    const Origin *origin;
} Listener;

enum { MAX_LISTENERS = 256 };

typedef struct Listeners {
    Listener items[MAX_LISTENERS];
    size_t count;
} Listeners;

static void add_listener(Listeners *list, int64_t port, const char *name, const Origin *origin)
{
    if (port > 0 && list->count < MAX_LISTENERS)
        list->items[list->count++] = (Listener){port, name, origin};
}

static bool listens(const Host *host, size_t i)
{
    const char *group = listeners[i].group;
    if (!group && !*host->cluster)
        return false;
    if (group && *group && !host_in_group(host, group))
        return false;
    return !listeners[i].switched_by || host_bool(host, listeners[i].switched_by, true);
}

static void add_services(const RuleRun *run, Listeners *list, const Host *host, const char *param)
{
    const Value *services = host_param(host, param);
    for (size_t i = 0; i < value_count(services); i++) {
        const Value *service = value_at(services, i);
        add_listener(list, value_get_int(service, "port", 0),
                     arena_printf(run->scratch, "the service %s", value_get_text(service, "name")),
                     inventory_origin(run->inventory, value_get(service, "port")));
    }
}

static int compare_listeners(const void *left, const void *right)
{
    const Listener *a = left, *b = right;
    if (a->port != b->port)
        return a->port < b->port ? -1 : 1;
    return strcmp(a->name, b->name);
}

/* Members differ in little: only the first one and those with settings of their own are looked
 * at, and each clash is said once. */
static bool is_like_lead(const Host *host)
{
    if (host->lead == host || host->layers.count != host->lead->layers.count)
        return false;
    for (size_t i = 0; i + host->own.count < host->layers.count; i++) {
        if (host->layers.items[i] != host->lead->layers.items[i])
            return false;
    }
    for (size_t i = 0; i < host->own.count; i++) {
        for (size_t v = 0; v < host->own.items[i]->count; v++) {
            const char *name = host->own.items[i]->names[v];
            if (strstr(name, "port") || strstr(name, "service") || strstr(name, "enabled"))
                return false;
        }
    }
    return true;
}

static void report_clash(const RuleRun *run, const Host *host, const Listener *a, const Listener *b)
{
    const Origin *places[] = {a->origin, b->origin};
    if (!places[0] && !places[1])
        places[0] = &host->origin; /* two defaults */
    const char *key =
        arena_printf(run->scratch, "%lld %s %s %d %d", (long long)a->port, a->name, b->name,
                     a->origin ? a->origin->line : 0, b->origin ? b->origin->line : 0);
    if (!rule_first(run, key))
        return;
    Diagnostic *problem = diagnostics_add(
        run->diagnostics, "E023", places[0], "Give one of them another port.",
        "%s and %s of %s both want port %lld", a->name, b->name, host->name, (long long)a->port);
    diagnostic_add_place(problem, places[1]);
}

static void ports(const RuleRun *run, const Host *host)
{
    if (is_like_lead(host))
        return;
    Listeners list = {.count = 0};
    for (size_t i = 0; i < COUNT_OF(listeners); i++) {
        if (listens(host, i))
            add_listener(&list, host_int(host, listeners[i].port, 0), listeners[i].port,
                         host_param_origin(host, listeners[i].port));
    }
    bool has_services = *host->cluster && host_bool(host, "haproxy_enabled", true) &&
                        !*host_text(host, "pg_service_provider");
    if (has_services) {
        add_services(run, &list, host, "pg_default_services");
        add_services(run, &list, host, "pg_services");
    }
    add_services(run, &list, host, "haproxy_services");
    qsort(list.items, list.count, sizeof(Listener), compare_listeners);
    for (size_t i = 1; i < list.count; i++) {
        if (list.items[i].port == list.items[i - 1].port)
            report_clash(run, host, &list.items[i - 1], &list.items[i]);
    }
}

/* Of an address whose form was checked. */
static uint32_t number_of(const char *address)
{
    uint32_t number = 0;
    for (int i = 0; i < 4; i++) {
        char *end;
        number = number << 8 | (uint32_t)strtoul(address, &end, 10);
        address = end + (*end == '.');
    }
    return number;
}

static const char *vip_problem(const RuleRun *run, const PgCluster *cluster, const char *address)
{
    const char *plain = arena_strndup(run->scratch, address, strcspn(address, "/"));
    const char *slash = strchr(address, '/');
    unsigned bits = slash ? (unsigned)strtoul(slash + 1, NULL, 10) : 24;
    uint32_t number = number_of(plain), rest = bits >= 32 ? 0 : UINT32_MAX >> bits;
    if (text_starts_with(plain, "127."))
        return "is a loopback address";
    if (inventory_host(run->inventory, plain))
        return "is the address of a host";
    if (bits < 31 && ((number & rest) == 0 || (number & rest) == rest))
        return "is the address of the network itself or its broadcast";
    for (size_t i = 0; i < cluster->member_count; i++) {
        if ((number_of(cluster->members[i]->address) & ~rest) != (number & ~rest))
            return "is not in the network of all members";
    }
    return NULL;
}

static void cluster_vip(const RuleRun *run, const PgCluster *cluster)
{
    const Host *host = cluster->members[0];
    if (!host_bool(host, "pg_vip_enabled", false))
        return;
    const char *address = host_text(host, "pg_vip_address");
    const char *problem = vip_problem(run, cluster, address);
    const char *plain = arena_strndup(run->scratch, address, strcspn(address, "/"));
    if (!problem && !rule_first(run, plain))
        problem = "is another cluster's, too";
    if (problem)
        diagnostics_add(run->diagnostics, "E024", rule_origin(host, "pg_vip_address"),
                        "Take a free address of the network that the members are in.",
                        "the floating address %s of %s %s", address, cluster->name, problem);
}

static void node_vip(const RuleRun *run, const Host *host)
{
    static const char *const params[] = {"vip_address", "vip_vrid"};
    if (!host_bool(host, "vip_enabled", false))
        return;
    for (size_t i = 0; i < COUNT_OF(params); i++) {
        if (!host_param_is_set(host, params[i]))
            diagnostics_add(run->diagnostics, "E024", rule_origin(host, "vip_enabled"), NULL,
                            "%s has vip_enabled, but no %s", host->name, params[i]);
    }
}

/* One router id, one address. */
static void router_ids(const RuleRun *run)
{
    Map *ids = map_new(run->scratch);
    for (size_t i = 0; i < run->inventory->host_count; i++) {
        Host *host = run->inventory->hosts[i];
        if (!host_bool(host, "vip_enabled", false) || !host_param_is_set(host, "vip_vrid"))
            continue;
        const Host *other = map_get(ids, host_text(host, "vip_vrid"));
        if (!other)
            map_set(ids, host_text(host, "vip_vrid"), host);
        else if (strcmp(host_text(other, "vip_address"), host_text(host, "vip_address")) != 0)
            diagnostics_add(run->diagnostics, "E024", rule_origin(host, "vip_vrid"), NULL,
                            "%s and %s have the vip_vrid %s for different addresses", other->name,
                            host->name, host_text(host, "vip_vrid"));
    }
}

static const Rule rows[] = {
    {"E023", "each port of a node has one listener", .host = ports},
    {"E024", "a cluster's floating address is free and in its network", .cluster = cluster_vip},
    {"E024", "a node's floating address has all it needs", .host = node_vip},
    {"E024", "a router id stands for one address", .all = router_ids},
};

const RuleTable rules_network = {rows, COUNT_OF(rows)};
