/*
 * The local etcd: members, users, roles and the keys of Patroni clusters below /pg/. Output
 * formats: etcdctl 3.4 and 3.5 ("member list" simple, "role get" simple, "get -w json").
 */
#include <string.h>

#include "base/digest.h"
#include "base/json.h"
#include "providers/sources/answer.h"
#include "providers/sources/fragments.h"
#include "providers/sources/rows.h"

static const char namespace_prefix[] = "/pg/";

typedef struct Etcd {
    Arena *arena;
    Answer answer;
    Value *map, *members, *users, *roles, *clusters;
    Value *grants;         /* of the role that is being told */
    const char **readable; /* its prefixes that may be read */
    size_t readable_count, readable_capacity;
    bool is_write;
} Etcd;

/* "8e9e05c52164694d, started, etcd-1, https://..:2380, https://..:2379, false" */
static void add_member(Etcd *etcd, const char *line)
{
    enum { ID, STATUS, NAME, PEERS, CLIENTS, LEARNER, FIELDS };
    Arena *arena = etcd->arena;
    const char *fields[FIELDS] = {"", "", "", "", "", ""};
    const char *rest = line;
    for (size_t i = 0; i < FIELDS && rest; i++) {
        const char *end = strstr(rest, ", ");
        fields[i] = end ? arena_strndup(arena, rest, (size_t)(end - rest)) : rest;
        rest = end ? end + 2 : NULL;
    }
    if (!*fields[ID] || !*fields[STATUS])
        return;
    Value *member = value_map(arena);
    value_set_text(arena, member, "id", fields[ID]);
    value_set_text(arena, member, "name", fields[NAME]);
    for (size_t i = PEERS; i <= CLIENTS; i++) {
        Value *urls = value_list(arena);
        char **parts = NULL;
        size_t count = text_words(arena, fields[i], true, &parts);
        for (size_t j = 0; j < count; j++)
            value_push(arena, urls, value_text(arena, parts[j]));
        value_set(arena, member, i == PEERS ? "peer_urls" : "client_urls", urls);
    }
    value_set_bool(arena, member, "started", strcmp(fields[STATUS], "started") == 0);
    value_set_bool(arena, member, "learner", strcmp(fields[LEARNER], "true") == 0);
    value_push(arena, etcd->members, member);
}

static void start_role(Etcd *etcd, const char *name)
{
    etcd->grants = value_list(etcd->arena);
    etcd->readable_count = 0;
    etcd->is_write = false;
    value_set(etcd->arena, etcd->roles, name, etcd->grants);
}

static bool is_readable(const Etcd *etcd, const char *prefix)
{
    for (size_t i = 0; i < etcd->readable_count; i++) {
        if (strcmp(etcd->readable[i], prefix) == 0)
            return true;
    }
    return false;
}

/* "KV Read:", "KV Write:", "\t[/pg/x/, /pg/x0) (prefix /pg/x/)": a prefix counts when it stands in
 * both lists. */
static void add_grant(Etcd *etcd, const char *line)
{
    static const char mark[] = "(prefix ";
    if (!etcd->grants)
        return;
    if (text_starts_with(line, "KV Read"))
        etcd->is_write = false;
    else if (text_starts_with(line, "KV Write"))
        etcd->is_write = true;
    const char *at = strstr(line, mark);
    if (!at)
        return;
    at += strlen(mark);
    const char *end = strrchr(at, ')');
    const char *prefix = arena_strndup(etcd->arena, at, end ? (size_t)(end - at) : strlen(at));
    if (!etcd->is_write)
        ARENA_PUSH(etcd->arena, etcd->readable, etcd->readable_count, etcd->readable_capacity,
                   prefix);
    else if (is_readable(etcd, prefix))
        value_push(etcd->arena, etcd->grants, value_text(etcd->arena, prefix));
}

static const char *decoded(Arena *arena, const Value *kv, const char *name)
{
    size_t length = 0;
    const unsigned char *bytes = base64_decode(arena, value_get_text(kv, name), &length);
    bool is_text =
        bytes && text_is_valid_utf8((const char *)bytes, length) && !memchr(bytes, '\0', length);
    return is_text ? arena_strndup(arena, (const char *)bytes, length) : "";
}

/* What is known of a cluster so far, as a new map: clusters are few, keys of interest three. */
static void set_cluster(Etcd *etcd, const char *cluster, const char *key, const char *text)
{
    Arena *arena = etcd->arena;
    const Value *old = value_get(etcd->clusters, cluster);
    Value *now = value_map(arena);
    value_set_text(arena, now, "initialize", value_get_text(old, "initialize"));
    if (value_get(old, "leader"))
        value_set(arena, now, "leader", value_get(old, "leader"));
    value_set_bool(arena, now, "has_config", value_get_bool(old, "has_config", false));
    if (strcmp(key, "config") == 0)
        value_set_bool(arena, now, "has_config", true);
    else if (strcmp(key, "initialize") == 0 || strcmp(key, "leader") == 0)
        value_set_text(arena, now, key, text);
    value_set(arena, etcd->clusters, cluster, now);
}

/* The JSON of so many bytes that follows. */
static Error *add_keys(Etcd *etcd, const char *length_text)
{
    int64_t length = 0;
    const Value *answer = NULL;
    const char *json = text_to_int(length_text, &length) && length >= 0
                           ? answer_bytes(&etcd->answer, (size_t)length)
                           : NULL;
    if (!json)
        return error_new(ERROR_REFUSED, "the keys of etcd arrived damaged");
    TRY(json_parse(etcd->arena, json, (size_t)length, &answer));
    const Value *kvs = value_get(answer, "kvs");
    for (size_t i = 0; i < value_count(kvs); i++) {
        const char *key = decoded(etcd->arena, value_at(kvs, i), "key");
        if (!text_starts_with(key, namespace_prefix))
            continue;
        key += strlen(namespace_prefix);
        const char *slash = strchr(key, '/');
        if (slash && slash > key)
            set_cluster(etcd, arena_strndup(etcd->arena, key, (size_t)(slash - key)), slash + 1,
                        decoded(etcd->arena, value_at(kvs, i), "value"));
    }
    return NULL;
}

static Error *add_line(Etcd *etcd, char *line)
{
    static const char *const flags[] = {"configured", "data_initialized", "healthy",
                                        "auth_enabled"};
    char *fields[2];
    char *key = NULL;
    char *text = NULL;
    if (answer_fields(line, fields, COUNT_OF(fields)) == 1) {
        if (!answer_pair(line, '=', &key, &text))
            return NULL;
        for (size_t i = 0; i < COUNT_OF(flags); i++) {
            if (strcmp(flags[i], key) == 0)
                value_set_bool(etcd->arena, etcd->map, key, strcmp(text, "true") == 0);
        }
        return NULL;
    }
    if (strcmp(fields[0], "member") == 0)
        add_member(etcd, fields[1]);
    else if (strcmp(fields[0], "user") == 0)
        value_push(etcd->arena, etcd->users, value_text(etcd->arena, fields[1]));
    else if (strcmp(fields[0], "role") == 0)
        start_role(etcd, fields[1]);
    else if (strcmp(fields[0], "grant") == 0)
        add_grant(etcd, fields[1]);
    else if (strcmp(fields[0], "keys") == 0)
        return add_keys(etcd, fields[1]);
    return NULL;
}

static Error *parse_member(Arena *arena, const char *bytes, size_t length, int status,
                           const Value **ret)
{
    (void)status;
    Etcd etcd = {.arena = arena,
                 .answer = answer_of(arena, bytes, length),
                 .map = value_map(arena),
                 .members = value_list(arena),
                 .users = value_list(arena),
                 .roles = value_map(arena),
                 .clusters = value_map(arena)};
    value_set_bool(arena, etcd.map, "configured", false);
    value_set_bool(arena, etcd.map, "data_initialized", false);
    value_set_bool(arena, etcd.map, "healthy", false);
    value_set(arena, etcd.map, "members", etcd.members);
    value_set(arena, etcd.map, "auth_enabled", &value_null);
    value_set(arena, etcd.map, "users", etcd.users);
    value_set(arena, etcd.map, "roles", etcd.roles);
    value_set(arena, etcd.map, "clusters", etcd.clusters);
    for (char *line = answer_line(&etcd.answer); line; line = answer_line(&etcd.answer))
        TRY(add_line(&etcd, line));
    *ret = etcd.map;
    return NULL;
}

const Source source_etcd_member = {
    .name = "etcd.member",
    .scope = SCOPE_NODE,
    .via = VIA_PROBE,
    .text = embedded_etcd_member,
    .budget_ms = 20000,
    .max_bytes = 8L * 1024 * 1024,
    .parse = parse_member,
    .doc = "the local etcd: members, users, clusters in it",
};
