/* Services of systemd: what telling them something does. */
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/text.h"
#include "providers/sim/state.h"

/* Calls open(port) for every number behind `mark` in a text. */
static void open_ports(Node *node, const char *text, const char *mark)
{
    for (const char *at = text; at && (at = strstr(at, mark)); at++) {
        int64_t port = strtol(at + strlen(mark), NULL, 10);
        if (port > 0)
            node_listen(node, port, true);
    }
}

static Error *nginx_service(Node *node, const char *action)
{
    enum { HTTP_PORT = 80 };
    if (strcmp(action, "start") == 0)
        node_listen(node, HTTP_PORT, true);
    return NULL;
}

static Error *pgbouncer_service(Node *node, const char *action)
{
    const char *file = node_content(node, "/etc/pgbouncer/pgbouncer.ini");
    if (!file)
        return error_new(ERROR_REFUSED, "pgbouncer has no configuration");
    if (strcmp(action, "start") == 0)
        open_ports(node, file, "listen_port = ");
    return NULL;
}

static Error *haproxy_service(Node *node, const char *action)
{
    if (strcmp(action, "stop") == 0)
        return NULL;
    for (size_t i = 0; i < map_count(node->paths); i++) {
        const Path *file = map_value_at(node->paths, i);
        if (text_starts_with(map_key_at(node->paths, i), "/etc/haproxy/") && file->content)
            open_ports(node, file->content, "bind *:");
    }
    return NULL;
}

/* Told "start", "stop" or "reload"; a restart is a stop and a start. */
static const struct {
    const char *unit;
    Error *(*tell)(Node *node, const char *action);
    int64_t takes_ms;
} services[] = {
    {"nginx", nginx_service, 100},     {"etcd", etcd_service, 300},
    {"patroni", patroni_service, 300}, {"pgbouncer", pgbouncer_service, 200},
    {"haproxy", haproxy_service, 200},
};

static bool is_unit(const char *name, const char *unit)
{
    size_t length = strlen(unit);
    return strncmp(name, unit, length) == 0 &&
           (name[length] == '\0' || strcmp(name + length, ".service") == 0);
}

static Error *tell_service(Doing *doing, const char *name, const char *action)
{
    for (size_t i = 0; i < COUNT_OF(services); i++) {
        if (!is_unit(name, services[i].unit))
            continue;
        doing->takes_ms += services[i].takes_ms;
        return services[i].tell(doing->node, action);
    }
    return NULL;
}

static Error *stop(Doing *doing, Unit *unit, const char *name)
{
    if (strcmp(unit->active, "active") != 0)
        return NULL;
    unit->active = "inactive";
    unit->pid = 0;
    return tell_service(doing, name, "stop");
}

static Error *start(Doing *doing, Unit *unit, const char *name)
{
    if (strcmp(unit->active, "active") == 0)
        return NULL;
    unit->active = "failed";
    TRY(tell_service(doing, name, "start"));
    unit->active = "active";
    unit->pid = doing->node->next_pid++;
    unit->started_us = sim_now_ms(doing->node->sim) * 1000;
    return NULL;
}

static Error *reload(Doing *doing, Unit *unit, const char *name)
{
    if (strcmp(unit->active, "active") != 0)
        return error_new(ERROR_REFUSED, "%s does not run", name);
    return tell_service(doing, name, "reload");
}

static void read_unit_files(Node *node)
{
    for (size_t i = 0; i < map_count(node->units); i++) {
        Unit *unit = map_value_at(node->units, i);
        unit->need_reload = false;
    }
}

Error *do_unit(Doing *doing)
{
    const char *name = value_get_text(doing->args, "name");
    const char *action = value_get_text(doing->args, "action");
    if (strcmp(action, "daemon-reload") == 0) {
        read_unit_files(doing->node);
        return NULL;
    }
    Unit *unit = node_unit(doing->node, name);
    if (!unit)
        return error_new(ERROR_REFUSED, "there is no unit %s", name);
    if (strcmp(action, "enable") == 0 || strcmp(action, "disable") == 0)
        unit->is_enabled = *action == 'e';
    else if (strcmp(action, "stop") == 0)
        return stop(doing, unit, name);
    else if (strcmp(action, "start") == 0)
        return start(doing, unit, name);
    else if (strcmp(action, "reload") == 0)
        return reload(doing, unit, name);
    else if (strcmp(action, "restart") == 0) {
        TRY(stop(doing, unit, name));
        return start(doing, unit, name);
    }
    return NULL;
}

/* -- power --------------------------------------------------------------------------------------
 */

static void forget_services(Node *node)
{
    for (size_t i = 0; i < map_count(node->units); i++) {
        Unit *unit = map_value_at(node->units, i);
        unit->active = "inactive";
        unit->pid = 0;
    }
}

/* Nobody says goodbye: the leader's key stays until it expires. */
void node_power_off(Node *node)
{
    node->is_down = true;
    node->etcd.runs = false;
    node->patroni.life++;
    node->patroni.runs = false;
    node->patroni.task = TASK_NONE;
    postgres_stop(node);
    forget_services(node);
}

void node_power_on(Node *node)
{
    node->is_down = false;
    for (size_t i = 0; i < map_count(node->units); i++) {
        Unit *unit = map_value_at(node->units, i);
        Doing doing = {.node = node};
        if (unit->is_enabled)
            error_free(start(&doing, unit, map_key_at(node->units, i)));
    }
}
