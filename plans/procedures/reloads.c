/*
 * Folding reloads: ten files that one service must read again are one reload.
 */
#include <string.h>

#include "plans/builder.h"
#include "plans/procedures/procedures.h"
#include "schema/contract/owed.h"

/* What makes a service take its changes. A need without a row of its own takes the largest one
 * below it: a setting that waits for a restart must still be read to be seen as pending. */
static const struct {
    Service service;
    Need need;
    const char *verb;
    const char *unit; /* NULL: no unit of its own, so it is always there to be told */
} rows[] = {
    {SERVICE_ETCD, NEED_RESTART, "etcd.restart", "etcd"},
    {SERVICE_PATRONI, NEED_RELOAD, "patroni.reload", "patroni"},
    {SERVICE_POSTGRES, NEED_RELOAD, "postgres.reload", NULL},
    {SERVICE_PGBOUNCER, NEED_RESTART, "pgbouncer.restart", "pgbouncer"},
    {SERVICE_PGBOUNCER, NEED_RELOAD, "pgbouncer.reload", "pgbouncer"},
    {SERVICE_HAPROXY, NEED_RELOAD, "haproxy.reload", "haproxy"},
    {SERVICE_NGINX, NEED_RELOAD, "nginx.reload", "nginx"},
    {SERVICE_SYSTEMD, NEED_RELOAD, "systemd.reload", NULL},
    {SERVICE_APT, NEED_RELOAD, "apt.update", NULL},
};

static Need row_need(const Change *change, Service service)
{
    const Resource *resource = change_resource(change);
    Need need = NEED_NOTHING;
    if (change->op == CHANGE_CREATE && resource->kind->starts == service)
        return NEED_NOTHING;
    for (size_t i = 0; i < resource->kind->param_count; i++) {
        const ParamRow *row = &resource->kind->params[i];
        bool is_there = resource->slots[i].state != SLOT_UNMANAGED;
        if (is_there && row->service == service && row->need > need)
            need = row->need;
    }
    return need;
}

static Need difference_need(const Change *change, Service service)
{
    Need need = NEED_NOTHING;
    for (size_t i = 0; i < change->param_count; i++) {
        const ParamChange *param = &change->params[i];
        if (param->row->service == service && param->need > need)
            need = param->need;
    }
    return need;
}

/* A kind of plain files says by a param "service" whose file it is. */
static bool is_file_of(const Change *change, Service service)
{
    const Resource *resource = change_resource(change);
    return kind_param(resource->kind, "service") >= 0 && change->op != CHANGE_NONE &&
           change->op != CHANGE_WITHHOLD &&
           strcmp(resource_text(resource, "service"), service_name(service)) == 0;
}

Need change_need(const Change *change, Service service)
{
    if (is_file_of(change, service))
        return NEED_RELOAD;
    switch (change->op) {
    case CHANGE_UPDATE:
        return difference_need(change, service);
    case CHANGE_CREATE:
    case CHANGE_DELETE:
    case CHANGE_REPLACE:
        return row_need(change, service);
    case CHANGE_NONE:
    case CHANGE_WITHHOLD:
    case CHANGE_OP_COUNT:
        break;
    }
    return NEED_NOTHING;
}

Need changes_need(const Change *changes, size_t count, Service service, const char *host)
{
    Need largest = NEED_NOTHING;
    for (size_t i = 0; i < count; i++) {
        if (*host && strcmp(change_resource(&changes[i])->host, host) != 0)
            continue;
        Need need = change_need(&changes[i], service);
        largest = need > largest ? need : largest;
    }
    return largest;
}

/* The name of the node, for addresses that people read. */
static const char *node_name(const Domain *domain, const char *host)
{
    for (size_t i = 0; i < domain->host_count; i++) {
        if (strcmp(host_address(domain->hosts[i]), host) == 0)
            return host_name(domain->hosts[i]);
    }
    return host;
}

/* The step that makes a service of a node take its changes; made when it is first asked for. */
static Action *step_for(Builder *builder, const Situation *situation, const char *host, size_t row,
                        const char *reason)
{
    Arena *arena = builder_arena(builder);
    const char *name = node_name(situation->domain, host);
    const char *service = service_name(rows[row].service);
    const char *address = arena_printf(arena, "reload.%s/%s", name, service);
    Action *step = builder_action_of(builder, address);
    if (step)
        return step;
    Value *args = value_map(arena);
    value_set_text(arena, args, "name", service);
    value_set_text(arena, args, "scope", name);
    value_set_text(arena, args, "settles", owed_key(arena, situation->domain->name, service));
    step = builder_add_step(builder, situation->domain, rows[row].verb, address, name, host, args,
                            reason);
    if (step && step->verb->disruptive)
        builder_add_limit(builder, step, arena_printf(arena, "disrupt.%s", situation->domain->name),
                          1);
    return step;
}

/* An apply that was cut short between a file and its reload. */
static void reload_owed(Builder *builder, const Situation *situation, const char *host, size_t row)
{
    Arena *arena = builder_arena(builder);
    const char *service = service_name(rows[row].service);
    const Value *notes = facts_value(situation->facts, OWED_SOURCE, host);
    const Value *note = value_get(notes, owed_key(arena, situation->domain->name, service));
    if (!note || strcmp(owed_verb(note), rows[row].verb) != 0)
        return;
    if (rows[row].unit && builder_creates_unit(builder, host, rows[row].unit))
        return;
    builder_note(
        builder, situation->domain, "found", "", NULL,
        "An earlier apply was cut short before %s on %s read its files; this plan reloads it.",
        service, node_name(situation->domain, host));
    step_for(builder, situation, host, row,
             arena_printf(arena, "%s has not read its files yet", service));
}

/* Written down before the change is made, taken away when the service knows it. */
static void note_debt(Builder *builder, const Situation *situation, Action *changed,
                      const Action *step, size_t row)
{
    Arena *arena = builder_arena(builder);
    const Value *old = value_get(changed->args, "owes");
    Value *owes = value_map(arena), *args = value_map(arena);
    for (size_t i = 0; i < value_count(old); i++)
        value_set(arena, owes, old->map.keys[i], old->map.values[i]);
    value_set_text(arena, owes,
                   owed_key(arena, situation->domain->name, service_name(rows[row].service)),
                   step->verb->name);
    for (size_t i = 0; i < value_count(changed->args); i++)
        value_set(arena, args, changed->args->map.keys[i], changed->args->map.values[i]);
    value_set(arena, args, "owes", owes);
    changed->args = args;
}

static void reload_after(Builder *builder, const Situation *situation, const Change *change,
                         size_t row)
{
    const char *host = change_resource(change)->host;
    Action *changed = builder_action_of(builder, change_resource(change)->address);
    if (!changed || !*host || change_need(change, rows[row].service) < rows[row].need)
        return;
    if (rows[row].unit && builder_creates_unit(builder, host, rows[row].unit))
        return;
    const char *reason = arena_printf(builder_arena(builder), "%s must take its changes",
                                      service_name(rows[row].service));
    Action *step = step_for(builder, situation, host, row, reason);
    /* A unit is touched when systemd knows it as it is now; everything else is read afterwards. */
    if (strcmp(changed->kind, "unit") == 0) {
        builder_add_edge(builder, step, changed, "systemd reads a unit's file before it is used");
        return;
    }
    builder_add_edge(builder, changed, step, "a service takes what was written before");
    note_debt(builder, situation, changed, step, row);
}

void procedure_reloads(Builder *builder, const Situation *situation)
{
    for (size_t row = 0; row < COUNT_OF(rows); row++) {
        for (size_t i = 0; i < situation->domain->host_count; i++)
            reload_owed(builder, situation, host_address(situation->domain->hosts[i]), row);
        for (size_t i = 0; i < situation->change_count; i++)
            reload_after(builder, situation, &situation->changes[i], row);
    }
}
