/*
 * Services of systemd: that they start with the node, and that the web server runs.
 *
 * Clusters, poolers and proxies are started by the procedures of their own domains.
 */
#include <string.h>

#include "providers/kinds/kinds.h"
#include "providers/kinds/place.h"

typedef struct UnitRow {
    unsigned roles;
    const char *name;
    bool is_active;
    const char *inventory;
} UnitRow;

static const UnitRow rows[] = {
    {PLACE_REPO, "nginx.service", true, "repo_enabled"},
    {PLACE_ETCD, "etcd.service", false, NULL},
    {PLACE_PATRONI, "patroni.service", false, "patroni_enabled"},
    {PLACE_POOLER, "pgbouncer.service", false, "pgbouncer_enabled"},
    {PLACE_PROXY, "haproxy.service", false, "haproxy_enabled"},
};

static const ParamRow params[] = {
    {.name = "enabled", .type = PARAM_BOOL, .doc = "Whether it starts with the node."},
    {.name = "active", .type = PARAM_BOOL, .doc = "Whether it runs."},
    {.name = "current",
     .type = PARAM_BOOL,
     .need = NEED_RELOAD,
     .service = SERVICE_SYSTEMD,
     .flags = PARAM_FLAG_FOLD,
     .doc = "Whether systemd has read the unit's file as it is now."},
    {.name = "web",
     .type = PARAM_BOOL,
     .flags = PARAM_FLAG_CREATE_ONLY | PARAM_FLAG_FOLD,
     .doc = "Whether other nodes fetch packages from it."},
};

static const char *const sources[] = {"node.units", NULL};

static void declare(ResourceSet *out, const Host *host, const UnitRow *row)
{
    Resource *unit = resource_add(out, host_name(host), row->name, host_address(host));
    unit->origin = row->inventory ? host_param_origin(host, row->inventory) : NULL;
    resource_set(unit, "enabled", &value_true, unit->origin);
    resource_set(unit, "active", row->is_active ? &value_true : NULL, NULL);
    resource_set(unit, "current", &value_true, NULL);
    resource_set(unit, "web", value_bool(row->is_active), NULL);
}

static Error *desired(const Domain *domain, const Facts *facts, ResourceSet *out)
{
    (void)facts;
    const Host *host = domain->hosts[0];
    unsigned roles = place_roles(host);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (roles & rows[i].roles)
            declare(out, host, &rows[i]);
    }
    return NULL;
}

/* A unit is there once systemd has loaded a file of that name. */
static void read_unit(ResourceSet *out, const Host *host, const UnitRow *row, const Value *units)
{
    const Value *entry = place_entry(out, units, host_name(host), row->name);
    if (!entry || strcmp(value_get_text(entry, "load"), "loaded") != 0)
        return;
    Resource *unit = resource_add(out, host_name(host), row->name, host_address(host));
    const char *enabled = value_get_text(entry, "enabled");
    resource_set(unit, "enabled", value_bool(strcmp(enabled, "enabled") == 0), NULL);
    resource_set(unit, "active", value_bool(strcmp(value_get_text(entry, "active"), "active") == 0),
                 NULL);
    resource_set(unit, "current", value_bool(!value_get_bool(entry, "need_reload", false)), NULL);
}

static Error *read(const Domain *domain, const Facts *facts, ResourceSet *out)
{
    const Host *host = domain->hosts[0];
    unsigned roles = place_roles(host);
    const Value *units = place_reading(out, facts, host, host_name(host), "node.units");
    for (size_t i = 0; units && i < COUNT_OF(rows); i++) {
        if (roles & rows[i].roles)
            read_unit(out, host, &rows[i], units);
    }
    return NULL;
}

const Kind kind_unit = {
    .name = "unit",
    .domain = DOMAIN_NODE,
    .doc = "A service of systemd.",
    .folds = true,
    .params = params,
    .param_count = COUNT_OF(params),
    .sources = sources,
    .create_verb = "unit.set",
    .update_verb = "unit.set",
    .desired = desired,
    .read = read,
};
