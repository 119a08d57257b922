/*
 * Services of a cluster on the proxy of one node: a listener that leads to those members whose
 * Patroni says that they are what the service is for (Patroni's documentation, "REST API", health
 * checks). The members come from the inventory; who of them leads is found out by the checks.
 *
 * A file of this cluster whose service the inventory no longer has is known by its first line, and
 * goes away.
 */
#include <stdlib.h>
#include <string.h>

#include "providers/kinds/kinds.h"
#include "providers/kinds/pg_layout.h"
#include "providers/kinds/pg_roles.h"
#include "providers/kinds/place.h"
#include "providers/kinds/proxy_file.h"
#include "schema/selector.h"

#define SERVICE_PARAM(NAME, TYPE, DOC, FROM)                                                       \
    {                                                                                              \
        .name = (NAME), .type = (TYPE), .need = NEED_RELOAD, .service = SERVICE_HAPROXY,           \
        .doc = (DOC), .inventory = (FROM)                                                          \
    }

static const ParamRow params[] = {
    SERVICE_PARAM("bind", PARAM_STRING, "Address and port that clients connect to.",
                  "pg_services pg_default_services"),
    SERVICE_PARAM("check", PARAM_STRING, "What Patroni is asked to find out who serves.",
                  "pg_services pg_default_services"),
    SERVICE_PARAM("members", PARAM_MAP, "The members that may serve, and how each is reached.",
                  "pg_services pg_default_services pg_default_service_dest pg_role "
                  "pg_offline_query pg_weight pg_port pgbouncer_port patroni_port "
                  "patroni_ssl_enabled"),
    SERVICE_PARAM("maxconn", PARAM_INT, "How many clients it takes at once.",
                  "pg_services pg_default_services"),
    SERVICE_PARAM("balance", PARAM_STRING, "How clients are spread over the members.",
                  "pg_services pg_default_services"),
    SERVICE_PARAM("options", PARAM_STRING, "How often members are checked, and what follows.",
                  "pg_rto pg_rto_plan"),
    {.name = "lines",
     .type = PARAM_LINES,
     .need = NEED_RELOAD,
     .service = SERVICE_HAPROXY,
     .flags = PARAM_FLAG_FOLD,
     .doc = "The other lines of its file, the same for every service."},
};

static const char *const sources[] = {"node.files", "node.proxy", NULL};

enum { DEFAULT_MAXCONN = 5000 };

/* One service while its resource is made. */
typedef struct Listener {
    Arena *arena;
    const Domain *domain;
    const Host *proxy;
    const Value *entry;
    Selector *selector;
    Selector *backup; /* or NULL */
} Listener;

/* --- what the inventory says ------------------------------------------------------------------ */

/* All services of a proxy by name: the cluster's own replace defaults of the same name. */
static const Value *services_of(Arena *arena, const Host *proxy)
{
    static const char *const lists[] = {"pg_default_services", "pg_services"};
    Value *services = value_map(arena);
    for (size_t i = 0; i < COUNT_OF(lists); i++) {
        const Value *list = host_param(proxy, lists[i]);
        for (size_t j = 0; j < value_count(list); j++)
            value_set(arena, services, pg_entry_name(value_at(list, j)), value_at(list, j));
    }
    return services;
}

static const char *text_or(const Value *entry, const char *key, const char *fallback)
{
    const char *text = value_get_text(entry, key);
    return text[0] ? text : fallback;
}

/* "default" is what pg_default_service_dest says; a number is a port. */
static bool leads_to_pool(const Listener *service)
{
    const char *dest = text_or(service->entry, "dest", "default");
    if (value_get_int(service->entry, "dest", 0) > 0)
        return false;
    if (strcmp(dest, "default") == 0)
        dest = host_text(service->proxy, "pg_default_service_dest");
    return strcmp(dest, "pgbouncer") == 0;
}

static long long port_of(const Listener *service, const Host *member)
{
    int64_t port = value_get_int(service->entry, "dest", 0);
    if (port > 0)
        return port;
    return host_int(member, leads_to_pool(service) ? "pgbouncer_port" : "pg_port", 0);
}

/* Patroni is asked on its own port, with TLS where it insists on that. */
static const char *server_line(const Listener *service, const Host *member, bool is_backup)
{
    bool has_tls = host_bool(member, "patroni_ssl_enabled", false);
    return arena_printf(service->arena, "%s:%lld check%s port %lld weight %lld%s",
                        host_address(member), port_of(service, member),
                        has_tls ? " check-ssl verify required ca-file /pg/cert/ca.crt" : "",
                        (long long)host_int(member, "patroni_port", 0),
                        (long long)host_int(member, "pg_weight", 0), is_backup ? " backup" : "");
}

/* Who is in `backup` only, serves as well. */
static const Value *members_of(const Listener *service)
{
    Value *members = value_map(service->arena);
    for (size_t i = 0; i < service->domain->host_count; i++) {
        const Host *member = service->domain->hosts[i];
        bool is_backup = service->backup && selector_matches(service->backup, member);
        if (is_backup || selector_matches(service->selector, member))
            value_set_text(service->arena, members, host_instance(member),
                           server_line(service, member, is_backup));
    }
    return members;
}

/* HAProxy knows no fractions: "0.5s" is 500ms to it. */
static void add_time(Text *out, const char *text)
{
    enum { SECOND_MS = 1000 };
    char *unit = NULL;
    double number = strtod(text, &unit);
    if (strchr(text, '.') && strcmp(unit, "s") == 0)
        text_addf(out, "%ldms ", (long)(number * SECOND_MS + 0.5));
    else
        text_addf(out, "%s ", text);
}

/* The times of the plan that pg_rto names; Pigsty's rules for what a failed check means. */
static const char *server_options(const Listener *service)
{
    static const char *const names[] = {"inter", "fastinter", "downinter", "rise", "fall"};
    const char *own = value_get_text(service->entry, "options");
    if (own[0])
        return own;
    CLEANUP(text_release) Text out = TEXT_INIT;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        const Value *value = pg_rto_time(service->proxy, names[i]);
        if (!value)
            continue;
        text_addf(&out, "%s ", names[i]);
        if (value->type == VALUE_INT)
            text_addf(&out, "%lld ", (long long)value->integer);
        else
            add_time(&out, value_as_text(value, ""));
    }
    text_add(&out, "on-marked-down shutdown-sessions slowstart 30s maxconn 3000 weight 100");
    return text_copy(&out, service->arena);
}

static const char *note_of(const Listener *service)
{
    static const struct {
        const char *check, *who;
    } rows[] = {{"/", "leader"},           {"/primary", "leader"},   {"/leader", "leader"},
                {"/read-write", "leader"}, {"/replica", "replicas"}, {"/read-only", "replicas"}};
    const char *check = text_or(service->entry, "check", "/"), *who = check;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (strcmp(rows[i].check, check) == 0)
            who = rows[i].who;
    }
    return arena_printf(service->arena, ":%lld %s%s",
                        (long long)value_get_int(service->entry, "port", 0), who,
                        leads_to_pool(service) ? ", through the pooler" : "");
}

static Error *parse_selectors(Listener *service, const char *name)
{
    const char *backup = value_get_text(service->entry, "backup");
    Error *error = selector_parse(service->arena, value_get_text(service->entry, "selector"),
                                  &service->selector);
    if (!error && backup[0])
        error = selector_parse(service->arena, backup, &service->backup);
    return error ? error_wrap(error, "selecting the members of service %s of %s", name,
                              service->domain->name)
                 : NULL;
}

static Error *add_service(ResourceSet *out, const Host *proxy, const char *name, const Value *entry)
{
    Arena *arena = out->arena;
    const char *cluster = out->domain->name;
    Listener service = {.arena = arena, .domain = out->domain, .proxy = proxy, .entry = entry};
    TRY(parse_selectors(&service, name));
    const Origin *origin = inventory_origin(out->domain->inventory, entry);
    Resource *resource = resource_add(out, host_instance(proxy), name, host_address(proxy));
    resource_ask(resource, arena, "node.files", proxy_service_path(arena, cluster, name));
    if (out->for_asking)
        return NULL;
    resource->origin = origin;
    resource->note = note_of(&service);
    resource_set(resource, "bind",
                 value_textf(arena, "%s:%lld", text_or(entry, "ip", "*"),
                             (long long)value_get_int(entry, "port", 0)),
                 origin);
    resource_set(resource, "check", value_text(arena, text_or(entry, "check", "/")), origin);
    resource_set(resource, "members", members_of(&service), origin);
    resource_set(resource, "maxconn",
                 value_int(arena, value_get_int(entry, "maxconn", DEFAULT_MAXCONN)), origin);
    resource_set(resource, "balance", value_text(arena, text_or(entry, "balance", "roundrobin")),
                 origin);
    resource_set(resource, "options", value_text(arena, server_options(&service)), origin);
    resource_set(resource, "lines", proxy_service_lines(arena, cluster, name), NULL);
    return NULL;
}

/* --- files of services that are no longer wanted ---------------------------------------------- */

/* The services of this cluster that files on the proxy are of, beside the wanted ones. */
static const Value *stale_services(Arena *arena, const Domain *domain, const Facts *facts,
                                   const Host *proxy)
{
    const Value *files = facts_path(facts, "node.proxy", host_address(proxy), "files");
    const Value *wanted = services_of(arena, proxy);
    Value *stale = value_list(arena);
    for (size_t i = 0; i < value_count(files); i++) {
        const char *service =
            proxy_marked_service(arena, value_as_text(files->map.values[i], ""), domain->name);
        if (service && !value_get(wanted, service) &&
            strcmp(files->map.keys[i], proxy_service_path(arena, domain->name, service)) == 0)
            value_push(arena, stale, value_text(arena, service));
    }
    return stale;
}

static void add_stale(ResourceSet *out, const Facts *facts, const Host *proxy, Ensure ensure)
{
    const Value *stale = stale_services(out->arena, out->domain, facts, proxy);
    for (size_t i = 0; i < value_count(stale); i++) {
        Resource *resource = resource_add(
            out, host_instance(proxy), value_as_text(value_at(stale, i), ""), host_address(proxy));
        resource->ensure = ensure;
        resource->note = "not in the inventory any more";
    }
}

/* --- kind ------------------------------------------------------------------------------------- */

static bool has_proxy(const Host *host)
{
    return (place_roles(host) & PLACE_PROXY) != 0;
}

static Error *desired(const Domain *domain, const Facts *facts, ResourceSet *out)
{
    for (size_t i = 0; i < domain->host_count; i++) {
        const Host *proxy = domain->hosts[i];
        if (!has_proxy(proxy))
            continue;
        const Value *services = services_of(out->arena, proxy);
        for (size_t j = 0; j < value_count(services); j++)
            TRY(add_service(out, proxy, services->map.keys[j], services->map.values[j]));
        add_stale(out, facts, proxy, ENSURE_ABSENT);
    }
    return NULL;
}

/* A file as it was read; the proxies of a cluster mostly have the same. */
typedef struct ReadFile {
    const char *text;
    const Value *params;
} ReadFile;

/* `read_before`: service -> ReadFile. */
static const Value *read_file(Arena *arena, Map *read_before, const char *service, const char *text)
{
    const ReadFile *before = map_get(read_before, service);
    if (before && strcmp(before->text, text) == 0)
        return before->params;
    ReadFile *file = ARENA_NEW(arena, ReadFile);
    *file = (ReadFile){text, proxy_service_read(arena, text)};
    map_set(read_before, service, file);
    return file->params;
}

static void read_service(ResourceSet *out, const Host *proxy, const char *name, const Value *files,
                         Map *read_before)
{
    const char *path = proxy_service_path(out->arena, out->domain->name, name);
    const Value *entry = place_entry(out, files, host_instance(proxy), path);
    if (!value_get_bool(entry, "exists", false))
        return;
    Resource *resource = resource_add(out, host_instance(proxy), name, host_address(proxy));
    const Value *seen = read_file(out->arena, read_before, name, value_get_text(entry, "content"));
    for (size_t i = 0; i < COUNT_OF(params); i++) {
        const Value *value = value_get(seen, params[i].name);
        resource_set(resource, params[i].name, value ? value : &value_null, NULL);
    }
}

static void read_proxy(ResourceSet *out, const Facts *facts, const Host *proxy, Map *read_before)
{
    const Value *files = place_reading(out, facts, proxy, host_instance(proxy), "node.files");
    const Value *services = services_of(out->arena, proxy);
    for (size_t i = 0; files && i < value_count(services); i++)
        read_service(out, proxy, services->map.keys[i], files, read_before);
    add_stale(out, facts, proxy, ENSURE_PRESENT);
}

static Error *read(const Domain *domain, const Facts *facts, ResourceSet *out)
{
    Map *read_before = map_new(out->arena);
    out->complete = true;
    for (size_t i = 0; i < domain->host_count; i++) {
        if (has_proxy(domain->hosts[i]))
            read_proxy(out, facts, domain->hosts[i], read_before);
    }
    return NULL;
}

const Kind kind_service = {
    .name = "service",
    .domain = DOMAIN_CLUSTER,
    .doc = "A service of a cluster, as the proxy of one node offers it.",
    .params = params,
    .param_count = COUNT_OF(params),
    .sources = sources,
    .create_verb = "service.create",
    .update_verb = "service.update",
    .delete_verb = "service.delete",
    .desired = desired,
    .read = read,
};
