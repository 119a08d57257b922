/* What effects make of a node's files, users, packages and certificates. */
#include <string.h>

#include "base/attr.h"
#include "base/text.h"
#include "providers/sim/state.h"
#include "schema/contract/content.h"

static Arena *arena_of(const Doing *doing)
{
    return doing->node->sim->arena;
}

static const char *arg(const Doing *doing, const char *name)
{
    return value_get_text(doing->args, name);
}

static Unit *unit_new(Node *node, const char *active)
{
    Unit *unit = ARENA_NEW(node->sim->arena, Unit);
    unit->active = active;
    return unit;
}

/* Of an etcd, Patroni or any other unit file: systemd has to read it again. */
static void note_unit_file(Node *node, const char *path)
{
    static const char folder[] = "/etc/systemd/system/";
    if (!text_starts_with(path, folder))
        return;
    Unit *unit = node_unit(node, path + strlen(folder));
    if (unit)
        unit->need_reload = true;
    else if (text_ends_with(path, ".service"))
        map_set(node->units, arena_strdup(node->sim->arena, path + strlen(folder)),
                unit_new(node, "inactive"));
}

static void put_file(Node *node, const Value *file, const char *content)
{
    const char *path = value_get_text(file, "path");
    node_put(node, path,
             &(Path){.type = "file",
                     .owner = value_get_text(file, "owner"),
                     .group = value_get_text(file, "group"),
                     .mode = value_get_text(file, "mode"),
                     .content = content});
    note_unit_file(node, path);
}

static Error *put_rendered(Node *node, const Value *file)
{
    CLEANUP(arena_freep) Arena *scratch = arena_new();
    const char *content = "";
    TRY(content_render(scratch, value_get(file, "content"), &content));
    put_file(node, file, content);
    return NULL;
}

Error *do_file_put(Doing *doing)
{
    return put_rendered(doing->node, doing->args);
}

Error *do_file_set_put(Doing *doing)
{
    const Value *files = value_get(doing->args, "files");
    const Value *removed = value_get(doing->args, "remove");
    for (size_t i = 0; i < value_count(files); i++)
        TRY(put_rendered(doing->node, value_at(files, i)));
    for (size_t i = 0; i < value_count(removed); i++)
        node_remove(doing->node, value_as_text(value_at(removed, i), ""));
    return NULL;
}

/* At the end of the file; one that was there goes. */
Error *do_file_block(Doing *doing)
{
    CLEANUP(arena_freep) Arena *scratch = arena_new();
    const char *before = node_content(doing->node, arg(doing, "path"));
    const char *begin = arena_printf(scratch, "# BEGIN pgsteer %s\n", arg(doing, "block"));
    const char *end = arena_printf(scratch, "# END pgsteer %s\n", arg(doing, "block"));
    before = before ? before : "";
    const char *at = strstr(before, begin);
    const char *head = at ? arena_strndup(scratch, before, (size_t)(at - before)) : before;
    const char *tail = at && strstr(at, end) ? strstr(at, end) + strlen(end) : "";
    const Path *kept = node_path(doing->node, arg(doing, "path"));
    Path now =
        kept ? *kept : (Path){.type = "file", .owner = "root", .group = "root", .mode = "0644"};
    now.content =
        arena_printf(scratch, "%s%s%s%s%s", head, begin, arg(doing, "content"), end, tail);
    node_put(doing->node, arg(doing, "path"), &now);
    return NULL;
}

Error *do_file_remove(Doing *doing)
{
    node_remove(doing->node, arg(doing, "path"));
    return NULL;
}

Error *do_dir(Doing *doing)
{
    node_put(doing->node, arg(doing, "path"),
             &(Path){.type = "dir",
                     .owner = arg(doing, "owner"),
                     .group = arg(doing, "group"),
                     .mode = arg(doing, "mode")});
    return NULL;
}

Error *do_link(Doing *doing)
{
    node_put(doing->node, arg(doing, "path"),
             &(Path){.type = "link",
                     .owner = "root",
                     .group = "root",
                     .mode = "0777",
                     .target = arg(doing, "target")});
    return NULL;
}

Error *do_user(Doing *doing)
{
    static const char *const names[] = {"uid", "gid", "group", "home", "shell"};
    Arena *arena = arena_of(doing);
    Value *user = value_map(arena);
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        const Value *value = value_get(doing->args, names[i]);
        if (value)
            value_set(arena, user, names[i], value_copy(arena, value));
    }
    const Value *groups = value_get(doing->args, "groups");
    value_set(arena, user, "groups", groups ? value_copy(arena, groups) : value_list(arena));
    map_set(doing->node->users, arena_strdup(arena, arg(doing, "name")), user);
    return NULL;
}

Error *do_hostname(Doing *doing)
{
    doing->node->hostname = arena_strdup(arena_of(doing), arg(doing, "name"));
    return NULL;
}

/* -- packages ---------------------------------------------------------------------------------- */

/* What a package brings with it. Debian starts the service of some of them. */
static const struct {
    const char *package, *unit;
    bool is_started;
} services[] = {
    {"nginx", "nginx.service", true},
    {"etcd-server", "etcd.service", false},
    {"patroni", "patroni.service", false},
    {"pgbouncer", "pgbouncer.service", false},
    {"haproxy", "haproxy.service", true},
    {"vip-manager", "vip-manager.service", false},
    {"postgresql-common", "postgresql.service", false},
};

static void add_service(Node *node, const char *package)
{
    for (size_t i = 0; i < COUNT_OF(services); i++) {
        if (strcmp(services[i].package, package) != 0 || node_unit(node, services[i].unit))
            continue;
        Unit *unit = unit_new(node, services[i].is_started ? "active" : "inactive");
        unit->is_enabled = services[i].is_started;
        map_set(node->units, services[i].unit, unit);
    }
}

Error *do_packages(Doing *doing)
{
    enum { START_MS = 2000, PACKAGE_MS = 2600 };
    const Value *names = value_get(doing->args, "names");
    for (size_t i = 0; i < value_count(names); i++) {
        const char *name = value_as_text(value_at(names, i), "");
        value_set_text(arena_of(doing), doing->node->packages, name, "1.0-1");
        add_service(doing->node, name);
    }
    doing->takes_ms = START_MS + PACKAGE_MS * (int64_t)value_count(names);
    return NULL;
}

Error *do_apt_update(Doing *doing)
{
    enum { UPDATE_MS = 1000 };
    doing->takes_ms = UPDATE_MS;
    return NULL;
}

Error *do_repo_index(Doing *doing)
{
    map_set(doing->node->repos, arena_strdup(arena_of(doing), arg(doing, "path")), doing->node);
    return NULL;
}

/* -- certificates ------------------------------------------------------------------------------ */

static void put_cert(const Doing *doing, Node *node, const char *path, const char *issuer)
{
    enum { DAY_S = 86400 };
    Arena *arena = arena_of(doing);
    const Clock *clock = node->sim->clock;
    const Value *sans = value_get(doing->args, "sans");
    Value *cert = value_map(arena);
    value_set_text(arena, cert, "cn", arg(doing, "cn"));
    value_set_text(arena, cert, "issuer", issuer);
    value_set_text(arena, cert, "serial", "1");
    value_set_int(arena, cert, "not_after_s",
                  clock->wall_ms(clock) / 1000 + value_get_int(doing->args, "days", 0) * DAY_S);
    value_set_bool(arena, cert, "key_matches", true);
    value_set(arena, cert, "sans", sans ? value_copy(arena, sans) : value_list(arena));
    map_set(node->certs, arena_strdup(arena, path), cert);
}

Error *do_ca(Doing *doing)
{
    put_cert(doing, doing->node, arena_printf(arena_of(doing), "%s/ca.crt", arg(doing, "path")),
             arg(doing, "cn"));
    return NULL;
}

Error *do_cert(Doing *doing)
{
    Node *authority = map_get(doing->node->sim->nodes, arg(doing, "ca_host"));
    const char *path = arena_printf(arena_of(doing), "%s/ca.crt", arg(doing, "ca_path"));
    const Value *ca = authority ? map_get(authority->certs, path) : NULL;
    if (!ca)
        return error_new(ERROR_UNREACHABLE, "%s has no authority", arg(doing, "ca_host"));
    put_cert(doing, doing->node, arg(doing, "cert"), value_get_text(ca, "cn"));
    node_put(doing->node, arg(doing, "key"),
             &(Path){.type = "file",
                     .owner = arg(doing, "owner"),
                     .group = arg(doing, "group"),
                     .mode = arg(doing, "key_mode"),
                     .content = "-----BEGIN PRIVATE KEY-----\n"});
    return NULL;
}

Error *do_marker(Doing *doing)
{
    Arena *arena = arena_of(doing);
    const Value *value = value_get(doing->args, "value");
    Value *now = value_map(arena);
    for (size_t i = 0; i < value_count(doing->node->markers); i++) {
        const char *key = doing->node->markers->map.keys[i];
        if (strcmp(key, arg(doing, "key")) != 0)
            value_set(arena, now, key, doing->node->markers->map.values[i]);
    }
    if (value && value->type != VALUE_NULL)
        value_set(arena, now, arg(doing, "key"), value_copy(arena, value));
    doing->node->markers = now;
    return NULL;
}
