/*
 * How things are done to a PostgreSQL cluster and its instances. Effects and checks are made from
 * an action's arguments alone (contract/verb.h).
 */
#include "providers/verbs/cluster.h"

#include <string.h>

#include "base/json.h"
#include "providers/kinds/yaml_file.h"
#include "schema/contract/content.h"

#define SECOND_MS INT64_C(1000)
#define MINUTE_MS (60 * SECOND_MS)

static const Value *param(const Action *action, const char *name)
{
    return value_get(value_get(action->args, "params"), name);
}

static Value *file_args(Arena *arena, const char *path, const Value *content, const char *mode,
                        const Action *action)
{
    Value *args = value_map(arena);
    value_set_text(arena, args, "path", path);
    value_set(arena, args, "content", content);
    value_set_text(arena, args, "owner", value_get_text(action->args, "owner"));
    value_set_text(arena, args, "group", value_get_text(action->args, "group"));
    value_set_text(arena, args, "mode", mode);
    return args;
}

static void add_unit(Arena *arena, EffectList *out, const Action *action, const char *name,
                     const char *verb)
{
    Value *args = value_map(arena);
    value_set_text(arena, args, "name", name);
    value_set_text(arena, args, "action", verb);
    value_set_bool(arena, args, "block", strcmp(verb, "stop") == 0);
    effect_add(arena, out, EFFECT_UNIT, action->host, args);
}

typedef struct Want {
    Relation relation;
    const Value *value;
} Want;

/* A question to Patroni on the action's node. */
static void add_check(Arena *arena, CheckList *out, const Action *action, const char *path,
                      Want want, int64_t bound_ms, const char *sentence)
{
    check_add(arena, out,
              (Check){.source = "patroni.member",
                      .subject = action->host,
                      .path = path,
                      .relation = want.relation,
                      .value = want.value,
                      .bound_ms = bound_ms,
                      .sentence = sentence});
}

/* The same about the configuration that it keeps for the cluster. */
static void add_config_check(Arena *arena, CheckList *out, const Action *action, const char *path,
                             Want want, const char *sentence)
{
    add_check(arena, out, action, path, want, MINUTE_MS, sentence);
    out->items[out->count - 1].source = "patroni.config";
}

static const Value *either(Arena *arena, const char *a, const char *b)
{
    Value *list = value_list(arena);
    value_push(arena, list, value_text(arena, a));
    value_push(arena, list, value_text(arena, b));
    return list;
}

/* --- instance --------------------------------------------------------------------------------- */

/* patroni.yml: the managed keys, then the bootstrap section. */
static void add_patroni_file(Arena *arena, EffectList *out, const Action *action)
{
    Value *keys = value_map(arena);
    const Value *parts[] = {param(action, "config"), param(action, "bootstrap")};
    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        for (size_t j = 0; j < value_count(parts[i]); j++)
            value_set(arena, keys, parts[i]->map.keys[j], parts[i]->map.values[j]);
    }
    const Value *content = yaml_file_render(
        arena, "# Written by pgsteer from the inventory; a change here is drift.\n", keys);
    effect_add(arena, out, EFFECT_FILE_PUT, action->host,
               file_args(arena, value_get_text(action->args, "path"), content, "0640", action));
}

/* Our note that the cluster is ours, written before it exists ("forming": a creation that was cut
 * short is then recognised as our own) and again when it stands ("formed"). */
static void add_marker(Arena *arena, EffectList *out, const Action *action, const char *host,
                       const char *state)
{
    Value *note = value_map(arena);
    value_set_text(arena, note, "cluster", action->cluster);
    value_set_text(arena, note, "managed_by", "pgsteer");
    value_set_text(arena, note, "state", state);
    Value *args = value_map(arena);
    value_set_text(arena, args, "key", arena_printf(arena, "cluster.%s", action->cluster));
    value_set(arena, args, "value", note);
    effect_add(arena, out, EFFECT_MARKER, host, args);
}

/* What an earlier try left in the data directory, which Patroni would not touch. */
static void add_clearing(Arena *arena, EffectList *out, const Action *action)
{
    const Value *path = param(action, "unfinished");
    if (!path)
        return;
    Value *args = value_map(arena);
    value_set(arena, args, "path", path);
    value_set_bool(arena, args, "unfinished", true);
    add_unit(arena, out, action, "patroni", "stop");
    effect_add(arena, out, EFFECT_DATA_REMOVE, action->host, args);
}

/* The claim of the try that was cut short: Patroni would wait for it forever. */
static void add_claim_removal(Arena *arena, EffectList *out, const Action *action)
{
    const Value *claim = value_get(action->args, "claim");
    if (!claim)
        return;
    Value *args = value_map(arena);
    value_set_text(arena, args, "op", "key_delete");
    value_set(arena, args, "key", value_get(claim, "key"));
    effect_add(arena, out, EFFECT_ETCD, value_get_text(claim, "host"), args);
}

static void bootstrap_pre(Arena *arena, const Action *action, CheckList *out)
{
    const Value *claim = value_get(action->args, "claim");
    if (!claim)
        return;
    check_add(arena, out,
              (Check){.source = "etcd.member",
                      .subject = value_get_text(claim, "host"),
                      .path = arena_printf(arena, "clusters/%s/leader", action->cluster),
                      .relation = RELATION_ABSENT,
                      .sentence = "nobody leads the cluster"});
}

static void instance_start_effects(Arena *arena, const Action *action, EffectList *out)
{
    add_clearing(arena, out, action);
    bool joins = strcmp(action->verb->name, "instance.join") == 0;
    add_marker(arena, out, action, action->host, joins ? "formed" : "forming");
    add_patroni_file(arena, out, action);
    add_claim_removal(arena, out, action);
    add_unit(arena, out, action, "patroni", "start");
}

static void instance_update_effects(Arena *arena, const Action *action, EffectList *out)
{
    add_patroni_file(arena, out, action);
    if (!value_get_bool(value_get(action->args, "before"), "running", true))
        add_unit(arena, out, action, "patroni", "start");
}

static void bootstrap_post(Arena *arena, const Action *action, CheckList *out)
{
    add_check(arena, out, action, "state", (Want){RELATION_EQUAL, value_text(arena, "running")},
              2 * MINUTE_MS, "PostgreSQL runs");
    add_check(arena, out, action, "role", (Want){RELATION_IN, either(arena, "master", "primary")},
              MINUTE_MS, "it is the leader and takes writes");
}

static void join_post(Arena *arena, const Action *action, CheckList *out)
{
    add_check(arena, out, action, "state", (Want){RELATION_EQUAL, value_text(arena, "running")},
              60 * MINUTE_MS, "it was copied and PostgreSQL runs");
    add_check(arena, out, action, "timeline", (Want){RELATION_EXISTS, NULL}, MINUTE_MS,
              "it follows the leader");
}

static void update_post(Arena *arena, const Action *action, CheckList *out)
{
    add_check(arena, out, action, "state", (Want){RELATION_EQUAL, value_text(arena, "running")},
              2 * MINUTE_MS, "PostgreSQL runs");
}

const Verb verb_instance_bootstrap = {
    .name = "instance.bootstrap",
    .doc = "Create the cluster: initdb, start Patroni, wait for the leader.",
    .half_done = HALF_REPEAT,
    .expected_ms = 5 * SECOND_MS,
    .deadline_ms = 4 * MINUTE_MS,
    .progress = "initdb, then the first leader",
    .effects = instance_start_effects,
    .pre = bootstrap_pre,
    .post = bootstrap_post,
};

const Verb verb_instance_join = {
    .name = "instance.join",
    .doc = "Start Patroni on an empty node: a copy of the leader's data, then streaming.",
    .half_done = HALF_REPEAT,
    .expected_ms = 4 * SECOND_MS,
    .deadline_ms = 62 * MINUTE_MS,
    .progress = "being copied from the leader",
    .effects = instance_start_effects,
    .post = join_post,
};

const Verb verb_instance_update = {
    .name = "instance.update",
    .doc = "Write patroni.yml, start Patroni if it does not run.",
    .half_done = HALF_REPEAT,
    .expected_ms = SECOND_MS / 2,
    .deadline_ms = 4 * MINUTE_MS,
    .progress = "writing patroni.yml",
    .effects = instance_update_effects,
    .post = update_post,
};

/* --- restart ---------------------------------------------------------------------------------- */

static Value *rest_args(Arena *arena, const Action *action, const char *method, const char *path,
                        const Value *body)
{
    Value *args = value_map(arena);
    value_set_text(arena, args, "method", method);
    value_set_text(arena, args, "path", path);
    value_set(arena, args, "body", body);
    value_set(arena, args, "user", value_get(action->args, "user"));
    value_set(arena, args, "password", value_get(action->args, "password"));
    value_set_int(arena, args, "port", value_get_int(action->args, "port", 8008));
    return args;
}

static void restart_effects(Arena *arena, const Action *action, EffectList *out)
{
    effect_add(arena, out, EFFECT_REST, action->host,
               rest_args(arena, action, "POST", "/restart", &value_empty_map));
}

/* Patroni hands new settings out within loop_wait; a restart before that would change nothing. */
static void restart_pre(Arena *arena, const Action *action, CheckList *out)
{
    add_check(arena, out, action, "pending_restart", (Want){RELATION_EQUAL, &value_true},
              2 * MINUTE_MS, "Patroni has seen that a restart is needed");
}

/* A 200 is not proof (a decrease on a standby first keeps the old value): what is pending must be
 * gone. */
static void restart_post(Arena *arena, const Action *action, CheckList *out)
{
    add_check(arena, out, action, "state", (Want){RELATION_EQUAL, value_text(arena, "running")},
              5 * MINUTE_MS, "PostgreSQL runs again");
    add_check(arena, out, action, "pending_restart", (Want){RELATION_ABSENT, NULL}, MINUTE_MS,
              "no restart is pending any more");
}

const Verb verb_postgres_restart = {
    .name = "postgres.restart",
    .doc = "Restart PostgreSQL on one replica through Patroni.",
    .availability = AVAILABLE_RESTART,
    .disruptive = true,
    .half_done = HALF_REPEAT,
    .expected_ms = 3 * SECOND_MS,
    .deadline_ms = 6 * MINUTE_MS,
    .progress = "restarting",
    .effects = restart_effects,
    .pre = restart_pre,
    .post = restart_post,
};

const Verb verb_leader_restart = {
    .name = "leader.restart",
    .doc = "Restart PostgreSQL on the leader in place: writes stop for seconds.",
    .availability = AVAILABLE_WRITE_GAP,
    .disruptive = true,
    .half_done = HALF_REPEAT,
    .expected_ms = 3 * SECOND_MS,
    .deadline_ms = 6 * MINUTE_MS,
    .progress = "restarting",
    .effects = restart_effects,
    .pre = restart_pre,
    .post = restart_post,
};

/* --- switchover --------------------------------------------------------------------------------
 */

static void switchover_effects(Arena *arena, const Action *action, EffectList *out)
{
    Value *body = value_map(arena);
    value_set_text(arena, body, "leader", action->scope);
    value_set_text(arena, body, "candidate", value_get_text(action->args, "candidate"));
    effect_add(arena, out, EFFECT_REST, action->host,
               rest_args(arena, action, "POST", "/switchover", body));
}

static void switchover_pre(Arena *arena, const Action *action, CheckList *out)
{
    add_check(arena, out, action, "role", (Want){RELATION_IN, either(arena, "master", "primary")},
              0, "it leads the cluster");
    add_check(arena, out, action, "pause", (Want){RELATION_ABSENT, NULL}, 0,
              "Patroni is not paused");
}

/* A 200 means that the lock has moved, perhaps to another member, and the old leader is on its way
 * down: the new one must take writes and the old one follow it, with nothing pending. */
static void switchover_post(Arena *arena, const Action *action, CheckList *out)
{
    Action candidate = *action;
    candidate.host = value_get_text(action->args, "candidate_host");
    add_check(arena, out, &candidate, "role",
              (Want){RELATION_IN, either(arena, "master", "primary")}, MINUTE_MS,
              "the new leader takes writes");
    add_check(arena, out, action, "role", (Want){RELATION_EQUAL, value_text(arena, "replica")},
              5 * MINUTE_MS, "the old leader is a replica");
    restart_post(arena, action, out);
}

const Verb verb_cluster_switchover = {
    .name = "cluster.switchover",
    .doc = "Hand leadership to a replica; the old leader restarts as a replica.",
    .availability = AVAILABLE_WRITE_GAP,
    .disruptive = true,
    .half_done = HALF_ASK,
    .expected_ms = 3 * SECOND_MS,
    .deadline_ms = 6 * MINUTE_MS,
    .progress = "switching over",
    .effects = switchover_effects,
    .pre = switchover_pre,
    .post = switchover_post,
};

/* --- dynamic configuration -------------------------------------------------------------------- */

static const Value *seen_setting(const Value *seen)
{
    return seen && seen->type == VALUE_MAP ? value_get(seen, "setting") : seen;
}

/* Set body[a][b]... for a '/'-separated key. Sections are few and shallow. */
static void set_nested(Arena *arena, Value *body, const char *key, const Value *value)
{
    char **parts;
    size_t count = text_split(arena, key, '/', &parts);
    Value *section = body;
    for (size_t i = 0; i + 1 < count; i++) {
        const Value *inner = value_get(section, parts[i]);
        Value *copy = inner ? value_copy(arena, inner) : value_map(arena);
        value_set(arena, section, parts[i], copy);
        section = copy;
    }
    value_set(arena, section, parts[count - 1], value);
}

/* Only what differs; null removes (RFC 7396, Patroni's PATCH /config). */
static void add_differences(Arena *arena, Value *body, const char *prefix, const Value *want,
                            const Value *seen)
{
    for (size_t i = 0; i < value_count(want); i++) {
        const char *key = want->map.keys[i];
        if (!value_equal(want->map.values[i], seen_setting(value_get(seen, key))))
            set_nested(arena, body, arena_printf(arena, "%s%s", prefix, key), want->map.values[i]);
    }
    for (size_t i = 0; i < value_count(seen); i++) {
        const char *key = seen->map.keys[i];
        if (!value_get(want, key))
            set_nested(arena, body, arena_printf(arena, "%s%s", prefix, key), &value_null);
    }
}

static const Value *patch_body(Arena *arena, const Action *action)
{
    const Value *before = value_get(action->args, "before");
    Value *body = value_map(arena);
    add_differences(arena, body, "postgresql/parameters/", param(action, "settings"),
                    value_get(before, "settings"));
    add_differences(arena, body, "", param(action, "patroni"), value_get(before, "patroni"));
    return body;
}

static void patch_effects(Arena *arena, const Action *action, EffectList *out)
{
    effect_add(arena, out, EFFECT_REST, action->host,
               rest_args(arena, action, "PATCH", "/config", patch_body(arena, action)));
}

static void patch_post(Arena *arena, const Action *action, CheckList *out)
{
    const Value *settings = param(action, "settings");
    for (size_t i = 0; i < value_count(settings); i++) {
        const Value *value = settings->map.values[i];
        const char *path = arena_printf(arena, "postgresql/parameters/%s", settings->map.keys[i]);
        if (value->type != VALUE_LATE)
            add_config_check(arena, out, action, path, (Want){RELATION_EQUAL, value},
                             "Patroni has the new settings");
    }
}

static void config_exists_post(Arena *arena, const Action *action, CheckList *out)
{
    add_config_check(arena, out, action, "ttl", (Want){RELATION_EXISTS, NULL},
                     "Patroni has the settings");
}

const Verb verb_config_patch = {
    .name = "config.patch",
    .doc = "Hand changed settings to Patroni, which applies them on every member.",
    .availability = AVAILABLE_RELOAD,
    .half_done = HALF_REPEAT,
    .expected_ms = SECOND_MS,
    .deadline_ms = 2 * MINUTE_MS,
    .progress = "handing the settings to Patroni",
    .effects = patch_effects,
    .post = patch_post,
};

const Verb verb_config_verify = {
    .name = "config.verify",
    .doc = "The first leader brought the settings with it: see that they are there.",
    .half_done = HALF_REPEAT,
    .expected_ms = SECOND_MS / 10,
    .deadline_ms = 2 * MINUTE_MS,
    .progress = "reading the settings back",
    .post = config_exists_post,
};

/* --- files of an instance --------------------------------------------------------------------- */

static void hba_effects(Arena *arena, const Action *action, EffectList *out)
{
    effect_add(arena, out, EFFECT_FILE_PUT, action->host,
               file_args(arena, "/pg/data/pg_hba.conf", param(action, "content"), "0600", action));
}

static void autoconf_effects(Arena *arena, const Action *action, EffectList *out)
{
    const Value *settings = param(action, "settings");
    Value *pieces = value_list(arena);
    value_push(arena, pieces,
               value_text(arena, "# Written by pgsteer from pg_parameters; ALTER SYSTEM here is "
                                 "drift.\n"));
    for (size_t i = 0; i < value_count(settings); i++) {
        value_push(arena, pieces, value_textf(arena, "%s = ", settings->map.keys[i]));
        value_push(arena, pieces, content_piece(arena, "conf", settings->map.values[i]));
        value_push(arena, pieces, value_text(arena, "\n"));
    }
    effect_add(arena, out, EFFECT_FILE_PUT, action->host,
               file_args(arena, "/pg/data/postgresql.auto.conf", pieces, "0600", action));
}

const Verb verb_hba_write = {
    .name = "hba.write",
    .doc = "Write pg_hba.conf.",
    .half_done = HALF_REPEAT,
    .expected_ms = SECOND_MS / 5,
    .deadline_ms = MINUTE_MS,
    .progress = "writing pg_hba.conf",
    .access_may_lock_out = true,
    .effects = hba_effects,
};

const Verb verb_autoconf_write = {
    .name = "autoconf.write",
    .doc = "Write postgresql.auto.conf.",
    .half_done = HALF_REPEAT,
    .expected_ms = SECOND_MS / 5,
    .deadline_ms = MINUTE_MS,
    .progress = "writing postgresql.auto.conf",
    .effects = autoconf_effects,
};

/* --- the whole cluster ------------------------------------------------------------------------ */

/* The leader streams to every other declared member: Patroni lists its WAL senders. */
static void cluster_verify_post(Arena *arena, const Action *action, CheckList *out)
{
    int64_t replicas = value_get_int(action->args, "replicas", 0);
    for (int64_t i = 0; i < replicas; i++)
        add_check(arena, out, action, arena_printf(arena, "replication/%lld/state", (long long)i),
                  (Want){RELATION_EQUAL, value_text(arena, "streaming")}, 5 * MINUTE_MS,
                  "every replica streams");
    add_check(arena, out, action, "state", (Want){RELATION_EQUAL, value_text(arena, "running")},
              MINUTE_MS, "the leader runs");
}

/* Every node of the cluster is told that it stands. */
static void cluster_verify_effects(Arena *arena, const Action *action, EffectList *out)
{
    const Value *members = value_get(action->args, "members");
    for (size_t i = 0; i < value_count(members); i++)
        add_marker(arena, out, action, value_get_text(value_at(members, i), "host"), "formed");
}

const Verb verb_cluster_verify = {
    .name = "cluster.verify",
    .doc = "See that the leader streams to every replica.",
    .half_done = HALF_REPEAT,
    .expected_ms = 5 * SECOND_MS, /* a standby retries every 5 s, its slot comes within loop_wait */
    .deadline_ms = 6 * MINUTE_MS,
    .progress = "waiting until every replica streams",
    .effects = cluster_verify_effects,
    .post = cluster_verify_post,
};
