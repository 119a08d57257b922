/* A PostgreSQL server: its settings, its start, what SQL says of it. */
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/text.h"
#include "providers/sim/settings.h"
#include "providers/sim/wal.h"

#define AUTOCONF_FILE "/pg/data/postgresql.auto.conf"
enum { POSTGRES_PORT = 5432, VERSION_NUM = 150020 };

/* A standby does not start with less than its upstream has: PostgreSQL documentation, "Hot Standby,
 * Administrator's Overview". */
static const char *const standby_limits[STANDBY_LIMITS] = {
    "max_connections", "max_worker_processes", "max_wal_senders", "max_prepared_transactions",
    "max_locks_per_transaction"};

/* -- which settings should be in effect ------------------------------------------------------- */

static void put_setting(Arena *arena, Value *into, const char *name, const char *text)
{
    const SimSetting *row = sim_setting(name);
    value_set_text(arena, into, name, row ? pg_setting_text(arena, row, text) : text);
}

static void take(Arena *arena, Value *into, const char *name, const Value *value)
{
    CLEANUP(text_release) Text text = TEXT_INIT;
    if (value->type == VALUE_TEXT)
        text_add(&text, value->text);
    else
        value_format(&text, value);
    put_setting(arena, into, arena_strdup(arena, name), text_get(&text));
}

/* name = 'value' */
static void take_line(Arena *arena, Value *into, const char *line)
{
    const char *equal = strchr(line, '=');
    if (*line == '#' || !equal)
        return;
    size_t length = strcspn(line, " =");
    const char *text = equal + 1 + strspn(equal + 1, " '");
    size_t end = strlen(text);
    while (end > 0 && strchr(" '", text[end - 1]))
        end--;
    put_setting(arena, into, arena_strndup(arena, line, length), arena_strndup(arena, text, end));
}

static void take_map(Arena *arena, Value *into, const Value *map)
{
    for (size_t i = 0; map && i < value_count(map); i++)
        take(arena, into, map->map.keys[i], map->map.values[i]);
}

/* What ALTER SYSTEM wrote. */
static Value *auto_conf(Arena *arena, Node *node)
{
    const char *text = node_content(node, AUTOCONF_FILE);
    Value *settings = value_map(arena);
    char **lines = NULL;
    size_t count = text_split(arena, text ? text : "", '\n', &lines);
    for (size_t i = 0; i < count; i++)
        take_line(arena, settings, lines[i]);
    return settings;
}

/* "0.0.0.0:5432" and the scope: Patroni makes settings of them. */
static void take_identity(Arena *arena, Value *into, const Value *keys)
{
    const char *listen = value_get_text(keys, "postgresql/listen");
    value_set_text(arena, into, "cluster_name", value_get_text(keys, "scope"));
    value_set_text(arena, into, "listen_addresses",
                   arena_strndup(arena, listen, strcspn(listen, ":")));
}

/* Without etcd Patroni goes by what it last saw there (patroni.dynamic.json). */
static const Cluster *known_cluster(Node *node)
{
    const Cluster *cluster = patroni_cluster(node);
    return cluster ? cluster : node->patroni.cluster;
}

/* From the weakest to the strongest: the cluster's, the member's own, ALTER SYSTEM's. */
static Value *wanted_settings(Arena *arena, Node *node)
{
    static const char own[] = "postgresql/parameters/";
    const Cluster *cluster = known_cluster(node);
    Value *wanted = value_map(arena);
    if (cluster)
        take_map(arena, wanted, value_path(cluster->config, "postgresql/parameters"));
    for (size_t i = 0; i < value_count(node->patroni.keys); i++) {
        const char *key = node->patroni.keys->map.keys[i];
        if (text_starts_with(key, own))
            take(arena, wanted, key + strlen(own), node->patroni.keys->map.values[i]);
    }
    take_identity(arena, wanted, node->patroni.keys);
    take_map(arena, wanted, auto_conf(arena, node));
    return wanted;
}

static int64_t number(const Value *settings, const char *name)
{
    const SimSetting *row = sim_setting(name);
    const char *text = value_as_text(value_get(settings, name), row ? row->boot_val : "0");
    return strtoll(text, NULL, 10);
}

/* Patroni starts a standby with what the control file says of its upstream, where that is more. */
static void keep_limits(Arena *arena, Node *node, Value *settings)
{
    const Cluster *cluster = known_cluster(node);
    const Node *leader = cluster ? cluster->leader : NULL;
    if (!leader || leader == node)
        return;
    for (size_t i = 0; i < COUNT_OF(standby_limits); i++) {
        const char *name = standby_limits[i];
        int64_t upstream = number(leader->server.settings, name);
        if (number(settings, name) >= upstream)
            continue;
        value_set(arena, settings, name, value_textf(arena, "%lld", (long long)upstream));
    }
}

static bool needs_restart(const SimSetting *row)
{
    return row && strcmp(row->context, "postmaster") == 0;
}

/* What is in effect, not wanted any more, and stays so until a restart. */
static void add_removed(Arena *arena, const Node *node, const Value *wanted, Value *pending)
{
    const Value *now = node->server.settings;
    for (size_t i = 0; i < value_count(now); i++) {
        const char *name = now->map.keys[i];
        const SimSetting *row = sim_setting(name);
        bool is_removed = needs_restart(row) && !value_get(wanted, name);
        if (is_removed && !text_equal(value_as_text(now->map.values[i], NULL), row->boot_val))
            value_set_text(arena, pending, name, row->boot_val);
    }
}

/* What of the wanted is not in effect and needs a restart. */
static Value *pending_of(Arena *arena, const Node *node, const Value *wanted)
{
    const Server *server = &node->server;
    Value *pending = value_map(arena);
    for (size_t i = 0; i < value_count(wanted); i++) {
        const char *name = wanted->map.keys[i];
        const SimSetting *row = sim_setting(name);
        const char *now =
            value_as_text(value_get(server->settings, name), row ? row->boot_val : "");
        if (needs_restart(row) && !text_equal(value_as_text(wanted->map.values[i], NULL), now))
            value_set(arena, pending, name, wanted->map.values[i]);
    }
    add_removed(arena, node, wanted, pending);
    return pending;
}

void postgres_reload(Node *node)
{
    CLEANUP(arena_freep) Arena *scratch = arena_new();
    Server *server = &node->server;
    const Value *wanted = wanted_settings(scratch, node);
    Value *settings = value_map(scratch);
    server->pending = sim_keep(node->sim, pending_of(scratch, node, wanted));
    for (size_t i = 0; i < value_count(wanted); i++) {
        const char *name = wanted->map.keys[i];
        const Value *kept = value_get(server->settings, name);
        if (!value_get(server->pending, name))
            value_set(scratch, settings, name, wanted->map.values[i]);
        else if (kept)
            value_set(scratch, settings, name, kept);
    }
    for (size_t i = 0; i < value_count(server->pending); i++) {
        const char *name = server->pending->map.keys[i];
        const Value *kept = value_get(server->settings, name);
        if (kept && !value_get(wanted, name))
            value_set(scratch, settings, name, kept);
    }
    server->settings = sim_keep(node->sim, settings);
}

static void read_from(Node *node)
{
    const Cluster *cluster = known_cluster(node);
    node->server.read_config = cluster ? cluster->config : NULL;
    node->server.read_keys = node->patroni.keys;
}

void postgres_look(Node *node, const Cluster *cluster)
{
    if (node->server.read_config == cluster->config && node->server.read_keys == node->patroni.keys)
        return;
    postgres_reload(node);
    node->patroni.tells_pending = value_count(node->server.pending) > 0;
    read_from(node);
}

void postgres_start(Node *node, bool is_standby)
{
    CLEANUP(arena_freep) Arena *scratch = arena_new();
    Server *server = &node->server;
    const Value *wanted = wanted_settings(scratch, node);
    Value *settings = value_copy(scratch, wanted);
    if (is_standby)
        keep_limits(scratch, node, settings);
    server->settings = sim_keep(node->sim, settings);
    server->pending = sim_keep(node->sim, pending_of(scratch, node, wanted));
    node->patroni.tells_pending = value_count(server->pending) > 0;
    server->is_standby = is_standby;
    for (size_t i = 0; i < STANDBY_LIMITS; i++)
        server->limits[i] = number(server->settings, standby_limits[i]);
    read_from(node);
    server->state = SERVER_RUNS;
    server->has_run = true;
    server->pid = node->next_pid++;
    server->start_ms = node_wall_ms(node);
    node_listen(node, POSTGRES_PORT, true);
}

void postgres_stop(Node *node)
{
    if (node->server.state == SERVER_RUNS && !node->is_down)
        wal_send_rest(node);
    node->server.state = SERVER_STOPPED;
    node->server.pid = 0;
    node_listen(node, POSTGRES_PORT, false);
}

/* -- what it says -------------------------------------------------------------------------------
 */

static const Value *tell_member(const Answering *about)
{
    const Server *server = &about->node->server;
    Value *map = value_map(about->arena);
    value_set_bool(about->arena, map, "in_recovery", server->is_standby);
    value_set_int(about->arena, map, "version_num", VERSION_NUM);
    value_set_text(about->arena, map, "system_identifier", server->system_identifier);
    value_set_int(about->arena, map, "timeline", server->timeline);
    value_set_text(about->arena, map, "start_time", clock_rfc3339(about->arena, server->start_ms));
    value_set_text(about->arena, map, "wal_lsn", wal_text(about->arena, server->wal.bytes));
    value_set(about->arena, map, "settings",
              pg_settings_tell(about, auto_conf(about->arena, about->node)));
    value_set(about->arena, map, "hba_errors", value_list(about->arena));
    return map;
}

static const Value *tell_roles(const Answering *about)
{
    Value *map = value_map(about->arena);
    value_set(about->arena, map, "roles",
              value_copy(about->arena, about->node->server.catalog->roles));
    return map;
}

static const Value *tell_databases(const Answering *about)
{
    Value *map = value_map(about->arena);
    value_set(about->arena, map, "databases",
              value_copy(about->arena, about->node->server.catalog->databases));
    return map;
}

static const Value *tell_database(const Answering *about)
{
    const char *name = about->request->database ? about->request->database : "postgres";
    const Value *contents = map_get(about->node->server.catalog->contents, name);
    return contents ? value_copy(about->arena, contents) : NULL;
}

static const struct {
    const char *source;
    const Value *(*tell)(const Answering *about);
} tellers[] = {
    {"sql.member", tell_member},
    {"sql.roles", tell_roles},
    {"sql.databases", tell_databases},
    {"sql.database", tell_database},
};

Error *answer_sql(const Answering *about, const Value **ret)
{
    if (about->node->server.state != SERVER_RUNS)
        return error_new(ERROR_UNREACHABLE, "no server listens on the socket");
    for (size_t i = 0; i < COUNT_OF(tellers); i++) {
        if (strcmp(tellers[i].source, about->request->source->name) == 0)
            *ret = tellers[i].tell(about);
    }
    return *ret ? NULL : error_new(ERROR_REFUSED, "there is no such database");
}

/* -- its data directory --------------------------------------------------------------------------
 */

Error *do_data_remove(Doing *doing)
{
    Node *node = doing->node;
    bool is_unfinished = value_get_bool(doing->args, "unfinished", false);
    if (node->server.state != SERVER_STOPPED)
        return error_new(ERROR_REFUSED, "a server runs on %s", value_get_text(doing->args, "path"));
    if (is_unfinished && node->server.is_initialized)
        return error_new(ERROR_REFUSED, "%s has a control file",
                         value_get_text(doing->args, "path"));
    node->server = (Server){0};
    return NULL;
}
