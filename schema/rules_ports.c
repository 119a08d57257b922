/* Ports: of nodes, and of shared proxies. */
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

typedef struct Listeners {
    Arena *arena;
    Listener *items;
    size_t count, capacity;
} Listeners;

static void add_listener(Listeners *list, int64_t port, const char *name, const Origin *origin)
{
    if (port > 0)
        ARENA_PUSH(list->arena, list->items, list->count, list->capacity,
                   ((Listener){port, name, origin}));
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

static void add_services(Listeners *list, const Host *host, const char *param)
{
    const Value *services = host_param(host, param);
    for (size_t i = 0; i < value_count(services); i++) {
        const Value *service = value_at(services, i);
        add_listener(list, value_get_int(service, "port", 0),
                     ARENA_JOIN(list->arena, "the service ", value_get_text(service, "name")),
                     inventory_origin(host->inventory, value_get(service, "port")));
    }
}

static int compare_listeners(const void *left, const void *right)
{
    const Listener *a = left, *b = right;
    if (a->port != b->port)
        return a->port < b->port ? -1 : 1;
    return strcmp(a->name, b->name);
}

static ParamSet port_params(const Inventory *inventory)
{
    ParamSet params = {0};
    for (size_t i = 0; i < inventory->defaults->count; i++) {
        const char *name = inventory->defaults->names[i];
        if (strstr(name, "port") || strstr(name, "service") || strstr(name, "enabled"))
            paramset_add(&params, i);
    }
    return params;
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

static void check_ports(const RuleRun *run, const Host *host)
{
    CLEANUP(arena_freep) Arena *arena = arena_new();
    Listeners list = {.arena = arena};
    for (size_t i = 0; i < COUNT_OF(listeners); i++) {
        if (listens(host, i))
            add_listener(&list, host_int(host, listeners[i].port, 0), listeners[i].port,
                         host_param_origin(host, listeners[i].port));
    }
    bool has_services = *host->cluster && host_bool(host, "haproxy_enabled", true) &&
                        !*host_text(host, "pg_service_provider");
    if (has_services) {
        add_services(&list, host, "pg_default_services");
        add_services(&list, host, "pg_services");
    }
    add_services(&list, host, "haproxy_services");
    qsort(list.items, list.count, sizeof(Listener), compare_listeners);
    for (size_t i = 1; i < list.count; i++) {
        if (list.items[i].port == list.items[i - 1].port)
            report_clash(run, host, &list.items[i - 1], &list.items[i]);
    }
}

/* Members differ in little: only the first one and those with settings of their own are looked
 * at, and each clash is said once. */
static void ports(const RuleRun *run)
{
    ParamSet params = port_params(run->inventory);
    for (size_t i = 0; i < run->inventory->host_count; i++) {
        const Host *host = run->inventory->hosts[i];
        if (host->lead == host || hosts_may_differ(host, host->lead, &params))
            check_ports(run, host);
    }
}

/* A port of shared proxies that has a service. */
typedef struct Shared {
    const PgCluster *cluster;
    const char *who;
    const Origin *place;
} Shared;

static void check_shared_service(const RuleRun *run, Map *taken, const PgCluster *cluster,
                                 const char *provider, const Value *service)
{
    const Value *port = value_get(service, "port");
    const char *name = value_get_text(service, "name");
    const char *key =
        arena_printf(run->scratch, "%s %lld", provider, (long long)value_as_int(port, 0));
    const char *who = arena_printf(run->scratch, "the service %s of %s", name, cluster->name);
    const Shared *other = map_get(taken, key);
    const Origin *place = inventory_origin(run->inventory, port);
    if (!other) {
        Shared *shared = ARENA_NEW(run->scratch, Shared);
        *shared = (Shared){cluster, who, place ? place : &cluster->origin};
        map_set(taken, key, shared);
        return;
    }
    if (other->cluster == cluster || !rule_first(run, key))
        return; /* ports of one cluster are compared on its members, too */
    Diagnostic *problem = diagnostics_add(
        run->diagnostics, "E023", other->place,
        "The proxies serve all clusters that name them: give one of the services another port.",
        "%s and %s both want port %lld of the proxies in %s", other->who, who,
        (long long)value_as_int(port, 0), provider);
    diagnostic_add_place(problem, place ? place : &cluster->origin);
}

static void shared_ports(const RuleRun *run)
{
    static const char *const params[] = {"pg_default_services", "pg_services"};
    Map *taken = map_new(run->scratch);
    for (size_t i = 0; i < run->inventory->cluster_count; i++) {
        const PgCluster *cluster = run->inventory->clusters[i];
        const Host *host = cluster->members[0];
        const char *provider = host_text(host, "pg_service_provider");
        for (size_t p = 0; *provider && p < COUNT_OF(params); p++) {
            const Value *services = host_param(host, params[p]);
            for (size_t s = 0; s < value_count(services); s++)
                check_shared_service(run, taken, cluster, provider, value_at(services, s));
        }
    }
}

static const Rule rows[] = {
    {"E023", "each port of a node has one listener", .all = ports},
    {"E023", "each port of shared proxies has one service", .all = shared_ports},
};

const RuleTable rules_ports = {rows, COUNT_OF(rows)};
