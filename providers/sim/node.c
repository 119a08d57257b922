/* What a node says of itself: the probe's answers. */
#include <string.h>

#include "base/attr.h"
#include "base/digest.h"
#include "base/text.h"
#include "providers/sim/mask.h"
#include "providers/sim/wal.h"

enum { MEMORY_KB = 8 * 1024 * 1024, CPU_COUNT = 4, FIRST_PID = 1000, SSH_PORT = 22 };
#define DISK_BYTES (INT64_C(200) * 1024 * 1024 * 1024)

static void put_base_files(Node *node)
{
    static const Path hosts = {"file", "root", "root", "0644", "", "127.0.0.1 localhost\n"};
    static const char *const folders[] = {"/etc", "/var", "/var/lib", "/etc/systemd/system"};
    static const Path folder = {"dir", "root", "root", "0755", "", NULL};
    for (size_t i = 0; i < COUNT_OF(folders); i++)
        node_put(node, folders[i], &folder);
    node_put(node, "/etc/hosts", &hosts);
}

Node *node_new(Sim *sim, const char *address, const char *hostname)
{
    Arena *arena = sim->arena;
    Node *node = ARENA_NEW(arena, Node);
    *node = (Node){.sim = sim,
                   .address = arena_strdup(arena, address),
                   .hostname = hostname,
                   .size = {CPU_COUNT, MEMORY_KB, DISK_BYTES},
                   .next_pid = FIRST_PID,
                   .paths = map_new(arena),
                   .units = map_new(arena),
                   .certs = map_new(arena),
                   .users = map_new(arena),
                   .packages = value_map(arena),
                   .markers = value_map(arena),
                   .fences = map_new(arena),
                   .repos = map_new(arena),
                   .ports = value_list(arena)};
    node_listen(node, SSH_PORT, true);
    put_base_files(node);
    return node;
}

Path *node_path(Node *node, const char *path)
{
    Path *found = map_get(node->paths, path);
    return found && found->type ? found : NULL;
}

void node_remove(Node *node, const char *path)
{
    Path *found = node_path(node, path);
    if (found)
        *found = (Path){0};
}

const char *node_content(Node *node, const char *path)
{
    Path *found = node_path(node, path);
    if (found && strcmp(found->type, "link") == 0)
        found = node_path(node, found->target);
    return found ? found->content : NULL;
}

void node_put(Node *node, const char *path, const Path *state)
{
    Sim *sim = node->sim;
    Path *kept = map_get(node->paths, path);
    const Path now = {.type = state->type,
                      .owner = sim_keep_text(sim, state->owner),
                      .group = sim_keep_text(sim, state->group),
                      .mode = sim_keep_text(sim, state->mode),
                      .target = sim_keep_text(sim, state->target ? state->target : ""),
                      .content = sim_keep_text(sim, state->content)};
    if (!kept) {
        kept = ARENA_NEW(sim->arena, Path);
        map_set(node->paths, sim_keep_text(sim, path), kept);
    }
    *kept = now;
}

Unit *node_unit(Node *node, const char *name)
{
    CLEANUP(text_release) Text full = TEXT_INIT;
    Unit *unit = map_get(node->units, name);
    if (unit)
        return unit;
    text_addf(&full, "%s.service", name);
    return map_get(node->units, text_get(&full));
}

bool node_unit_is_active(Node *node, const char *name)
{
    const Unit *unit = node_unit(node, name);
    return unit && strcmp(unit->active, "active") == 0;
}

void node_listen(Node *node, int64_t port, bool is_open)
{
    Arena *arena = node->sim->arena;
    Value *ports = value_list(arena);
    for (size_t i = 0; i < value_count(node->ports); i++) {
        if (value_as_int(value_at(node->ports, i), 0) != port)
            value_push(arena, ports, value_at(node->ports, i));
    }
    if (is_open)
        value_push(arena, ports, value_int(arena, port));
    node->ports = ports;
}

/* -- one thing that is asked about by name ------------------------------------------------------
 */

static const Value *tell_path(const Answering *about, const char *name)
{
    const Path *path = node_path(about->node, name);
    Value *map = value_map(about->arena);
    value_set_text(about->arena, map, "type", path ? path->type : "absent");
    value_set_text(about->arena, map, "owner", path ? path->owner : "");
    value_set_text(about->arena, map, "group", path ? path->group : "");
    value_set_text(about->arena, map, "mode", path ? path->mode : "");
    value_set_text(about->arena, map, "target", path ? path->target : "");
    return map;
}

static Value *tell_file_head(const Answering *about, const Path *file)
{
    Value *map = value_map(about->arena);
    value_set_bool(about->arena, map, "exists", file != NULL);
    value_set_text(about->arena, map, "owner", file ? file->owner : "");
    value_set_text(about->arena, map, "group", file ? file->group : "");
    value_set_text(about->arena, map, "mode", file ? file->mode : "");
    return map;
}

static void tell_content(const Answering *about, Value *map, const char *content)
{
    char hex[SHA256_HEX + 1] = "";
    if (content)
        sha256_hex(content, strlen(content), hex);
    value_set(about->arena, map, "content",
              content ? value_text(about->arena, content) : &value_null);
    value_set_text(about->arena, map, "sha256", hex);
}

static const Path *file_at(const Answering *about, const char *name)
{
    const Path *file = node_path(about->node, name);
    if (file && strcmp(file->type, "link") == 0)
        file = node_path(about->node, file->target);
    return file && file->content ? file : NULL;
}

static const Value *tell_file(const Answering *about, const char *name)
{
    const Path *file = file_at(about, name);
    Value *map = tell_file_head(about, file);
    tell_content(about, map, file ? file->content : NULL);
    return map;
}

static const Value *tell_secret_file(const Answering *about, const char *name)
{
    const Path *file = file_at(about, name);
    Value *map = tell_file_head(about, file);
    tell_content(about, map, file ? mask_text(about->arena, name, file->content) : NULL);
    return map;
}

static const Value *tell_unit(const Answering *about, const char *name)
{
    static const Unit none = {"inactive", 0, 0, false, false};
    const Unit *found = node_unit(about->node, name);
    const Unit *unit = found ? found : &none;
    Value *map = value_map(about->arena);
    value_set_text(about->arena, map, "load", found ? "loaded" : "not-found");
    value_set_text(about->arena, map, "active", unit->active);
    value_set_text(about->arena, map, "sub",
                   strcmp(unit->active, "active") == 0 ? "running" : "dead");
    value_set_text(about->arena, map, "enabled",
                   !found             ? ""
                   : unit->is_enabled ? "enabled"
                                      : "disabled");
    value_set_int(about->arena, map, "pid", unit->pid);
    value_set_int(about->arena, map, "started_us", unit->started_us);
    value_set_bool(about->arena, map, "need_reload", unit->need_reload);
    value_set_text(about->arena, map, "result", "success");
    return map;
}

static const Value *tell_user(const Answering *about, const char *name)
{
    const Value *user = map_get(about->node->users, name);
    return user ? value_copy(about->arena, user) : &value_null;
}

static const Value *tell_cert(const Answering *about, const char *name)
{
    const Value *cert = map_get(about->node->certs, name);
    return cert ? value_copy(about->arena, cert) : &value_null;
}

/* Packages lie there before there is an index of them. */
static const Value *tell_repo(const Answering *about, const char *name)
{
    enum { DEB_COUNT = 5 };
    bool is_indexed = map_get(about->node->repos, name) != NULL;
    Value *map = value_map(about->arena);
    value_set_int(about->arena, map, "deb_count", DEB_COUNT);
    value_set_bool(about->arena, map, "index_exists", is_indexed);
    value_set_bool(about->arena, map, "index_current", is_indexed);
    return map;
}

/* -- the node as a whole ------------------------------------------------------------------------
 */

static const Value *tell_os(const Answering *about)
{
    static const char *const texts[][2] = {
        {"id", "debian"},   {"version_id", "12"},         {"codename", "bookworm"},
        {"arch", "x86_64"}, {"kernel", "6.1.0-18-amd64"}, {"virt", "kvm"},
    };
    Value *map = value_map(about->arena);
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        value_set_text(about->arena, map, texts[i][0], texts[i][1]);
    value_set_text(about->arena, map, "hostname", about->node->hostname);
    value_set_text(about->arena, map, "boot_id", about->node->address);
    return map;
}

static const Value *tell_size(const Answering *about)
{
    Value *map = value_map(about->arena);
    value_set_int(about->arena, map, "cpu_count", about->node->size.cpu_count);
    value_set_int(about->arena, map, "memory_kb", about->node->size.memory_kb);
    value_set_int(about->arena, map, "disk_bytes", about->node->size.disk_bytes);
    value_set_int(about->arena, map, "disk_free_bytes", about->node->size.disk_bytes / 2);
    return map;
}

static const Value *tell_clock(const Answering *about)
{
    Value *map = value_map(about->arena);
    value_set_int(about->arena, map, "wall_ms", node_wall_ms(about->node));
    return map;
}

static const Value *tell_packages(const Answering *about)
{
    Value *map = value_map(about->arena);
    value_set(about->arena, map, "installed", value_copy(about->arena, about->node->packages));
    value_set(about->arena, map, "half", value_list(about->arena));
    return map;
}

static const Value *tell_markers(const Answering *about)
{
    return value_copy(about->arena, about->node->markers);
}

static const Value *tell_jobs(const Answering *about)
{
    return value_map(about->arena);
}

static const Value *tell_listen(const Answering *about)
{
    Value *map = value_map(about->arena);
    value_set(about->arena, map, "tcp", value_copy(about->arena, about->node->ports));
    return map;
}

static const Value *tell_signals(const Answering *about)
{
    Value *list = value_list(about->arena);
    if (about->node->server.is_initialized && about->node->server.is_standby)
        value_push(about->arena, list, value_text(about->arena, "standby.signal"));
    return list;
}

/* pg_control: of a standby that runs, and of one that does not, too. */
static void tell_control(const Answering *about, Value *map)
{
    static const char *const states[][2] = {{"shut down", "in production"},
                                            {"shut down in recovery", "in archive recovery"}};
    const Server *server = &about->node->server;
    const char *lsn = wal_text(about->arena, server->wal.bytes);
    value_set_text(about->arena, map, "state",
                   states[server->is_standby][server->state != SERVER_STOPPED]);
    value_set_text(about->arena, map, "checkpoint_lsn", lsn);
    value_set_text(about->arena, map, "redo_lsn", lsn);
    value_set_text(about->arena, map, "min_recovery", server->is_standby ? lsn : "0/0");
}

static const Value *tell_data(const Answering *about)
{
    const Server *server = &about->node->server;
    bool has_files = server->is_initialized || about->node->patroni.task == TASK_COPY ||
                     about->node->patroni.task == TASK_INITDB;
    Value *map = value_map(about->arena);
    value_set_text(about->arena, map, "path", "/pg/data");
    value_set_bool(about->arena, map, "initialized", server->is_initialized);
    value_set_bool(about->arena, map, "empty", !has_files);
    value_set_bool(about->arena, map, "no_database", false);
    value_set_text(about->arena, map, "version", server->is_initialized ? server->version : "");
    value_set_bool(about->arena, map, "has_backup_label", false);
    value_set_int(about->arena, map, "postmaster_pid",
                  server->state == SERVER_STOPPED ? 0 : server->pid);
    value_set_text(about->arena, map, "system_identifier",
                   server->is_initialized ? server->system_identifier : "");
    if (server->is_initialized)
        tell_control(about, map);
    else
        value_set_text(about->arena, map, "state", "");
    value_set_int(about->arena, map, "timeline", server->timeline);
    value_set(about->arena, map, "signals", tell_signals(about));
    return map;
}

/* The first line of every file in the proxy's folder. */
static const Value *tell_proxy(const Answering *about)
{
    Value *map = value_map(about->arena), *files = value_map(about->arena);
    for (size_t i = 0; i < map_count(about->node->paths); i++) {
        const char *path = map_key_at(about->node->paths, i);
        const Path *file = map_value_at(about->node->paths, i);
        if (text_starts_with(path, "/etc/haproxy/conf.d/") && file->content)
            value_set(about->arena, files, path,
                      value_textf(about->arena, "%.*s", (int)strcspn(file->content, "\n"),
                                  file->content));
    }
    value_set(about->arena, map, "files", files);
    return map;
}

static const struct {
    const char *source;
    const Value *(*whole)(const Answering *about);
    const Value *(*each)(const Answering *about, const char *name);
} tellers[] = {
    {"node.os", tell_os, NULL},           {"node.size", tell_size, NULL},
    {"node.clock", tell_clock, NULL},     {"node.packages", tell_packages, NULL},
    {"node.markers", tell_markers, NULL}, {"node.jobs", tell_jobs, NULL},
    {"node.listen", tell_listen, NULL},   {"node.data", tell_data, NULL},
    {"node.proxy", tell_proxy, NULL},     {"node.paths", NULL, tell_path},
    {"node.files", NULL, tell_file},      {"node.secret_files", NULL, tell_secret_file},
    {"node.units", NULL, tell_unit},      {"node.users", NULL, tell_user},
    {"node.certs", NULL, tell_cert},      {"node.repo", NULL, tell_repo},
};

Error *answer_node(const Answering *about, const Value **ret)
{
    const char *source = about->request->source->name;
    for (size_t i = 0; i < COUNT_OF(tellers); i++) {
        if (strcmp(tellers[i].source, source) != 0)
            continue;
        if (tellers[i].whole) {
            *ret = tellers[i].whole(about);
            return NULL;
        }
        Value *map = value_map(about->arena);
        for (size_t k = 0; k < value_count(about->request->args); k++) {
            const char *name = value_as_text(value_at(about->request->args, k), "");
            value_set(about->arena, map, name, tellers[i].each(about, name));
        }
        *ret = strcmp(source, "node.secret_files") == 0 ? mask_answer(about->arena, map) : map;
        return NULL;
    }
    return error_new(ERROR_INVALID, "the simulation has no source %s", source);
}
