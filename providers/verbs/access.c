/*
 * Files of PgBouncer and HAProxy are put as sets: what belongs together is staged, judged by the
 * service's own checker where there is one, and moved; what is refused changes nothing.
 */
#include "providers/verbs/access.h"

#include <string.h>

#include "base/digest.h"
#include "providers/kinds/pool_files.h"
#include "providers/kinds/proxy_file.h"
#include "providers/verbs/action_args.h"

enum { SECOND_MS = 1000 };

/* --- file sets -------------------------------------------------------------------------------- */

typedef struct FileSet {
    Arena *arena;
    Value *files, *remove;
    const char *owner, *group;
} FileSet;

static FileSet file_set(Arena *arena, const char *owner, const char *group)
{
    return (FileSet){arena, value_list(arena), value_list(arena), owner, group};
}

static void file_set_add(FileSet *set, const char *path, const char *mode, const Value *content)
{
    Value *file = value_map(set->arena);
    value_set_text(set->arena, file, "path", path);
    value_set(set->arena, file, "content", content);
    value_set_text(set->arena, file, "owner", set->owner);
    value_set_text(set->arena, file, "group", set->group);
    value_set_text(set->arena, file, "mode", mode);
    value_push(set->arena, set->files, file);
}

static void file_set_put(const FileSet *set, const Action *action, EffectList *out,
                         const char *checker)
{
    Value *args = value_map(set->arena);
    value_set(set->arena, args, "files", set->files);
    value_set(set->arena, args, "remove", set->remove);
    value_set_text(set->arena, args, "checker", checker);
    effect_add(set->arena, out, EFFECT_FILE_SET_PUT, action->host, args);
}

/* --- looks ------------------------------------------------------------------------------------ */

static void look_active(Arena *arena, CheckList *out, const Action *action, const char *unit)
{
    look_add(arena, out, action,
             (Look){.source = "node.units",
                    .asked = unit,
                    .path = "active",
                    .relation = RELATION_EQUAL,
                    .value = value_text(arena, "active"),
                    .bound_ms = 10L * SECOND_MS,
                    .sentence = "the service runs"});
}

static void look_listens(Arena *arena, CheckList *out, const Action *action, int64_t port)
{
    look_add(arena, out, action,
             (Look){.source = "node.listen",
                    .path = "tcp",
                    .relation = RELATION_CONTAINS,
                    .value = value_int(arena, port),
                    .bound_ms = 10L * SECOND_MS,
                    .sentence = "its port takes connections"});
}

static void look_written(Arena *arena, CheckList *out, const Action *action, const char *path,
                         const char *content)
{
    char hex[SHA256_HEX + 1];
    sha256_hex(content, strlen(content), hex);
    look_add(arena, out, action,
             (Look){.source = "node.files",
                    .asked = path,
                    .path = "sha256",
                    .relation = RELATION_EQUAL,
                    .value = value_text(arena, hex),
                    .sentence = "the file is there as it should be"});
}

/* --- PgBouncer -------------------------------------------------------------------------------- */

static void pooler_files(Arena *arena, const Action *action, EffectList *out)
{
    FileSet set = file_set(arena, value_get_text(action->args, "owner"),
                           value_get_text(action->args, "group"));
    file_set_add(&set, POOL_USERLIST_FILE, "0600",
                 pool_userlist_render(arena, arg_param(action, "userlist")));
    file_set_add(&set, POOL_HBA_FILE, "0600", arg_param(action, "hba_content"));
    file_set_add(&set, POOL_USEROPTS_FILE, "0600",
                 value_text(arena, pool_lines_render(arena, arg_param(action, "users"))));
    file_set_add(&set, POOL_INI_FILE, "0640",
                 value_text(arena, pool_ini_render(arena, arg_param(action, "ini"))));
    file_set_add(&set, POOL_DATABASE_FILE, "0600",
                 value_text(arena, pool_lines_render(arena, arg_param(action, "databases"))));
    file_set_put(&set, action, out, "none");
}

static void pooler_create_effects(Arena *arena, const Action *action, EffectList *out)
{
    pooler_files(arena, action, out);
    effect_add_unit(arena, out, action, POOL_UNIT, "start");
}

static void pooler_update_effects(Arena *arena, const Action *action, EffectList *out)
{
    pooler_files(arena, action, out);
    if (arg_differs(action, "running"))
        effect_add_unit(arena, out, action, POOL_UNIT, "start");
}

static void pooler_update_post(Arena *arena, const Action *action, CheckList *out)
{
    look_written(arena, out, action, POOL_INI_FILE,
                 pool_ini_render(arena, arg_param(action, "ini")));
    look_written(arena, out, action, POOL_DATABASE_FILE,
                 pool_lines_render(arena, arg_param(action, "databases")));
    look_written(arena, out, action, POOL_HBA_FILE, arg_param_text(action, "hba_content"));
    look_active(arena, out, action, POOL_UNIT);
}

static void pooler_create_post(Arena *arena, const Action *action, CheckList *out)
{
    int64_t port = 0;
    const char *text = value_get_text(arg_param(action, "ini"), "pgbouncer/listen_port");
    pooler_update_post(arena, action, out);
    if (text_to_int(text, &port))
        look_listens(arena, out, action, port);
}

const Verb verb_pooler_create = {
    .name = "pooler.create",
    .doc = "Write PgBouncer's files and start it.",
    .half_done = HALF_WRITE,
    .expected_ms = 500,
    .deadline_ms = 60L * SECOND_MS,
    .progress = "starting the pool",
    .effects = pooler_create_effects,
    .post = pooler_create_post,
};

const Verb verb_pooler_update = {
    .name = "pooler.update",
    .doc = "Write PgBouncer's files; start it if it does not run.",
    .half_done = HALF_WRITE,
    .expected_ms = 300,
    .deadline_ms = 60L * SECOND_MS,
    .progress = "writing the pool's files",
    .access_may_lock_out = true,
    .effects = pooler_update_effects,
    .post = pooler_update_post,
};

/* Its unit sends SIGINT: open transactions end first, as long as its stop may take. */
static void pgbouncer_restart_effects(Arena *arena, const Action *action, EffectList *out)
{
    effect_add_unit(arena, out, action, POOL_UNIT, "restart");
}

static void pgbouncer_restart_post(Arena *arena, const Action *action, CheckList *out)
{
    look_active(arena, out, action, POOL_UNIT);
}

const Verb verb_pgbouncer_restart = {
    .name = "pgbouncer.restart",
    .doc = "Restart PgBouncer: its clients connect again.",
    .availability = AVAILABLE_RECONNECT,
    .disruptive = true,
    .half_done = HALF_REPEAT,
    .expected_ms = SECOND_MS,
    .deadline_ms = 90L * SECOND_MS,
    .progress = "restarting",
    .effects = pgbouncer_restart_effects,
    .post = pgbouncer_restart_post,
};

/* --- HAProxy ---------------------------------------------------------------------------------- */

static void haproxy_files(Arena *arena, const Action *action, EffectList *out)
{
    FileSet set = file_set(arena, "root", "root");
    file_set_add(&set, PROXY_FILE, "0600", proxy_main_render(arena, arg_param(action, "config")));
    file_set_add(&set, PROXY_KEEPER_FILE, "0755", arg_param(action, "keeper"));
    file_set_put(&set, action, out, "haproxy");
}

static void haproxy_create_effects(Arena *arena, const Action *action, EffectList *out)
{
    haproxy_files(arena, action, out);
    /* A node that was rebooted meanwhile runs the package's own configuration. */
    effect_add_unit(arena, out, action, PROXY_UNIT, "restart");
}

static void haproxy_update_effects(Arena *arena, const Action *action, EffectList *out)
{
    haproxy_files(arena, action, out);
    if (arg_differs(action, "running"))
        effect_add_unit(arena, out, action, PROXY_UNIT, "start");
}

static void haproxy_update_post(Arena *arena, const Action *action, CheckList *out)
{
    look_written(arena, out, action, PROXY_KEEPER_FILE, arg_param_text(action, "keeper"));
    look_active(arena, out, action, PROXY_UNIT);
}

static void haproxy_create_post(Arena *arena, const Action *action, CheckList *out)
{
    haproxy_update_post(arena, action, out);
    look_listens(arena, out, action, value_as_int(arg_param(action, "port"), 0));
}

const Verb verb_haproxy_create = {
    .name = "haproxy.create",
    .doc = "Write HAProxy's main file and start it.",
    .half_done = HALF_WRITE,
    .expected_ms = 500,
    .deadline_ms = 60L * SECOND_MS,
    .progress = "starting the proxy",
    .effects = haproxy_create_effects,
    .post = haproxy_create_post,
};

const Verb verb_haproxy_update = {
    .name = "haproxy.update",
    .doc = "Write HAProxy's main file; start it if it does not run.",
    .half_done = HALF_WRITE,
    .expected_ms = 300,
    .deadline_ms = 60L * SECOND_MS,
    .progress = "writing the proxy's file",
    .effects = haproxy_update_effects,
    .post = haproxy_update_post,
};

/* --- services --------------------------------------------------------------------------------- */

static const char *service_path(Arena *arena, const Action *action)
{
    return proxy_service_path(arena, action->cluster, value_get_text(action->args, "name"));
}

static const char *service_content(Arena *arena, const Action *action)
{
    return proxy_service_render(arena, action->cluster, value_get_text(action->args, "name"),
                                value_get(action->args, "params"));
}

/* A service that is no longer wanted has no params. */
static bool is_removal(const Action *part)
{
    return value_count(value_get(part->args, "params")) == 0;
}

/* All services that change on the proxy, as one set. */
static void service_effects(Arena *arena, const Action *action, EffectList *out)
{
    FileSet set = file_set(arena, "root", "root");
    for (size_t i = 0; i < action_part_count(action); i++) {
        Action part = action_part(action, i);
        if (is_removal(&part))
            value_push(arena, set.remove, value_text(arena, service_path(arena, &part)));
        else
            file_set_add(&set, service_path(arena, &part), "0644",
                         value_text(arena, service_content(arena, &part)));
    }
    file_set_put(&set, action, out, "haproxy");
}

static void service_post_one(Arena *arena, const Action *action, CheckList *out)
{
    const char *path = service_path(arena, action);
    if (!is_removal(action)) {
        look_written(arena, out, action, path, service_content(arena, action));
        return;
    }
    look_add(arena, out, action,
             (Look){.source = "node.files",
                    .asked = path,
                    .path = "exists",
                    .relation = RELATION_EQUAL,
                    .value = &value_false,
                    .sentence = "the file is gone"});
}

FOR_ALL_PARTS(service_post, CheckList)

const Verb verb_service_create = {
    .name = "service.create",
    .doc = "Add a service to a proxy.",
    .half_done = HALF_REPEAT,
    .expected_ms = 200,
    .deadline_ms = 60L * SECOND_MS,
    .progress = "writing the service",
    .effects = service_effects,
    .post = service_post,
};

const Verb verb_service_update = {
    .name = "service.update",
    .doc = "Change services of a proxy.",
    .half_done = HALF_REPEAT,
    .expected_ms = 200,
    .deadline_ms = 60L * SECOND_MS,
    .progress = "writing the service",
    .effects = service_effects,
    .post = service_post,
};

const Verb verb_service_delete = {
    .name = "service.delete",
    .doc = "Take a service from a proxy: it takes no new clients, and lets those it has finish.",
    .access_may_lock_out = true,
    .half_done = HALF_REPEAT,
    .expected_ms = 200,
    .deadline_ms = 60L * SECOND_MS,
    .progress = "removing the service",
    .effects = service_effects,
    .post = service_post,
};
