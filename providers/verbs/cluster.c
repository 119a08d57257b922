/*
 * How things are done to a PostgreSQL cluster as a whole, and to its members in turn. Effects and
 * checks are made from an action's arguments alone (contract/verb.h).
 */
#include "providers/verbs/cluster.h"

#include <string.h>

#include "base/json.h"
#include "providers/verbs/cluster_parts.h"

/* The same about the configuration that it keeps for the cluster. */
static void add_config_check(Arena *arena, CheckList *out, const Action *action, const char *path,
                             Want want, const char *sentence)
{
    patroni_check(arena, out, action, path, want, MINUTES(1), sentence);
    out->items[out->count - 1].source = "patroni.config";
}

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

/* A second member is not taken away while a first one is down. */
static void add_others(Arena *arena, const Action *action, CheckList *out)
{
    const Value *others = value_get(action->args, "others");
    for (size_t i = 0; i < value_count(others); i++) {
        Action other = *action;
        other.host = value_as_text(value_at(others, i), "");
        patroni_check(arena, out, &other, "state",
                      (Want){RELATION_EQUAL, value_text(arena, "running")}, MINUTES(1),
                      "every other member runs");
    }
}

/* A setting of the member's own file waits for a restart, or not any more. Patroni 3 knows only of
 * those that it hands out (reload_config() of patroni/postgresql), the server of those that are not
 * on its command line. */
static void own_setting_check(Arena *arena, const Action *action, CheckList *out, bool waits)
{
    const char *name = value_get_text(action->args, "own_setting");
    look_add(arena, out, action,
             (Look){.source = "sql.member",
                    .path = arena_printf(arena, "settings/%s/pending_restart", name),
                    .relation = RELATION_EQUAL,
                    .value = waits ? &value_true : &value_false,
                    .bound_ms = MINUTES(2),
                    .sentence = waits ? "the server knows that it needs a restart"
                                      : "the server needs no restart any more"});
}

/* Patroni hands new settings out within loop_wait; a restart before that would change nothing. */
static void add_pending(Arena *arena, const Action *action, CheckList *out)
{
    if (value_get(action->args, "own_setting"))
        own_setting_check(arena, action, out, true);
    else
        patroni_check(arena, out, action, "pending_restart", (Want){RELATION_EQUAL, &value_true},
                      MINUTES(2), "Patroni has seen that a restart is needed");
}

/* After a failover it could lead, and its restart would stop writes. */
static void replica_restart_pre(Arena *arena, const Action *action, CheckList *out)
{
    patroni_check(arena, out, action, "role", (Want){RELATION_EQUAL, value_text(arena, "replica")},
                  0, "it is a replica");
    add_others(arena, action, out);
    add_pending(arena, action, out);
}

static const Value *leading_roles(Arena *arena)
{
    Value *roles = value_list(arena);
    value_push(arena, roles, value_text(arena, "master"));
    value_push(arena, roles, value_text(arena, "primary"));
    value_push(arena, roles, value_text(arena, "standby_leader"));
    return roles;
}

/* After a failover it could follow, and a limit that falls must fall on the primary first. */
static void leader_restart_pre(Arena *arena, const Action *action, CheckList *out)
{
    patroni_check(arena, out, action, "role", (Want){RELATION_IN, leading_roles(arena)}, 0,
                  "it leads the cluster");
    add_others(arena, action, out);
    add_pending(arena, action, out);
}

/* A 200 is not proof (a decrease on a standby first keeps the old value): what is pending must be
 * gone. Nothing seems to be pending before Patroni has looked, either: so the server must be
 * another one than the plan saw. */
static void restart_post(Arena *arena, const Action *action, CheckList *out)
{
    const Value *started = value_get(action->args, "started");
    if (started)
        patroni_check(arena, out, action, "postmaster_start_time",
                      (Want){RELATION_NOT_EQUAL, started}, MINUTES(5),
                      "the server was started anew");
    patroni_check(arena, out, action, "state", (Want){RELATION_EQUAL, value_text(arena, "running")},
                  MINUTES(5), "PostgreSQL runs again");
    patroni_check(arena, out, action, "pending_restart", (Want){RELATION_ABSENT, NULL}, MINUTES(1),
                  "no restart is pending any more");
    if (value_get(action->args, "own_setting"))
        own_setting_check(arena, action, out, false);
}

const Verb verb_postgres_restart = {
    .name = "postgres.restart",
    .doc = "Restart PostgreSQL on one replica through Patroni.",
    .availability = AVAILABLE_RESTART,
    .disruptive = true,
    .half_done = HALF_REPEAT,
    .expected_ms = SECONDS(3),
    .deadline_ms = MINUTES(6),
    .progress = "restarting",
    .effects = restart_effects,
    .pre = replica_restart_pre,
    .post = restart_post,
};

const Verb verb_leader_restart = {
    .name = "leader.restart",
    .doc = "Restart PostgreSQL on the leader in place: writes stop for seconds.",
    .availability = AVAILABLE_WRITE_GAP,
    .disruptive = true,
    .half_done = HALF_REPEAT,
    .expected_ms = SECONDS(3),
    .deadline_ms = MINUTES(6),
    .progress = "restarting",
    .effects = restart_effects,
    .pre = leader_restart_pre,
    .post = restart_post,
};

/* --- switchover --------------------------------------------------------------------------------
 */

/* The role of those of whom Patroni chooses; NULL: one is named. */
static const char *heirs_of(const Action *action)
{
    return value_as_text(value_get(action->args, "heirs"), NULL);
}

/* The cluster as the old leader sees it has a member like this. */
static void member_check(Arena *arena, CheckList *out, const Action *action, Value *member,
                         int64_t bound_ms, const char *sentence)
{
    patroni_check(arena, out, action, "members", (Want){RELATION_CONTAINS, member}, bound_ms,
                  sentence);
    out->items[out->count - 1].source = "patroni.cluster";
}

static void switchover_effects(Arena *arena, const Action *action, EffectList *out)
{
    Value *body = value_map(arena);
    value_set_text(arena, body, "leader", action->scope);
    if (!heirs_of(action))
        value_set_text(arena, body, "candidate", value_get_text(action->args, "candidate"));
    effect_add(arena, out, EFFECT_REST, action->host,
               rest_args(arena, action, "POST", "/switchover", body));
}

/* Patroni answers 412 when the candidate is not ready: it may have been restarted just before. */
static void candidate_pre(Arena *arena, const Action *action, CheckList *out)
{
    Value *sender = value_map(arena);
    if (heirs_of(action)) {
        value_set_text(arena, sender, "role", heirs_of(action));
        member_check(arena, out, action, sender, MINUTES(2),
                     "there is a standby that commits wait for");
        return;
    }
    value_set_text(arena, sender, "application_name", value_get_text(action->args, "candidate"));
    value_set_text(arena, sender, "state", "streaming");
    patroni_check(arena, out, action, "replication", (Want){RELATION_CONTAINS, sender}, MINUTES(2),
                  "the leader streams to the candidate");
}

static void switchover_pre(Arena *arena, const Action *action, CheckList *out)
{
    patroni_check(arena, out, action, "role",
                  (Want){RELATION_IN, value_either(arena, "master", "primary")}, 0,
                  "it leads the cluster");
    patroni_check(arena, out, action, "pause", (Want){RELATION_ABSENT, NULL}, 0,
                  "Patroni is not paused");
    add_others(arena, action, out);
    candidate_pre(arena, action, out);
}

static void candidate_post(Arena *arena, const Action *action, CheckList *out)
{
    Action candidate = *action;
    candidate.host = value_get_text(action->args, "candidate_host");
    patroni_check(arena, out, &candidate, "role",
                  (Want){RELATION_IN, value_either(arena, "master", "primary")}, MINUTES(1),
                  "the new leader takes writes");
}

static void heir_post(Arena *arena, const Action *action, CheckList *out)
{
    Value *leader = value_map(arena);
    value_set_text(arena, leader, "role", "leader");
    value_set_text(arena, leader, "state", "running");
    member_check(arena, out, action, leader, MINUTES(1), "another member leads");
}

/* A 200 means that the lock has moved, perhaps to another member, and the old leader is on its way
 * down: the new one must take writes and the old one follow it, with nothing pending. */
static void switchover_post(Arena *arena, const Action *action, CheckList *out)
{
    if (!heirs_of(action))
        candidate_post(arena, action, out);
    patroni_check(arena, out, action, "role", (Want){RELATION_EQUAL, value_text(arena, "replica")},
                  MINUTES(5), "the old leader is a replica");
    if (heirs_of(action))
        heir_post(arena, action, out);
    restart_post(arena, action, out);
}

const Verb verb_cluster_switchover = {
    .name = "cluster.switchover",
    .doc = "Hand leadership to a replica; the old leader restarts as a replica.",
    .availability = AVAILABLE_WRITE_GAP,
    .disruptive = true,
    .half_done = HALF_ASK,
    .expected_ms = SECONDS(3),
    .deadline_ms = MINUTES(6),
    .progress = "switching over",
    .effects = switchover_effects,
    .pre = switchover_pre,
    .post = switchover_post,
};

/* --- dynamic configuration -------------------------------------------------------------------- */

/* Settings as they were read: some with the server's unit beside them. */
static const Value *plain_settings(Arena *arena, const Value *seen)
{
    Value *settings = value_map(arena);
    for (size_t i = 0; i < value_count(seen); i++) {
        const Value *value = seen->map.values[i];
        value_set(arena, settings, seen->map.keys[i],
                  value->type == VALUE_MAP ? value_get(value, "setting") : value);
    }
    return settings;
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
        if (!value_equal(want->map.values[i], value_get(seen, key)))
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
    add_differences(arena, body, "postgresql/parameters/", arg_param(action, "settings"),
                    plain_settings(arena, value_get(before, "settings")));
    add_differences(arena, body, "", arg_param(action, "patroni"), value_get(before, "patroni"));
    return body;
}

static void patch_effects(Arena *arena, const Action *action, EffectList *out)
{
    effect_add(arena, out, EFFECT_REST, action->host,
               rest_args(arena, action, "PATCH", "/config", patch_body(arena, action)));
}

static void add_config_checks(Arena *arena, CheckList *out, const Action *action,
                              const char *prefix, const Value *wanted)
{
    for (size_t i = 0; i < value_count(wanted); i++) {
        const Value *value = wanted->map.values[i];
        const char *path = arena_printf(arena, "%s%s", prefix, wanted->map.keys[i]);
        Want want = value->type == VALUE_NULL ? (Want){RELATION_ABSENT, NULL}
                                              : (Want){RELATION_EQUAL, value};
        if (value->type != VALUE_LATE)
            add_config_check(arena, out, action, path, want, "Patroni has the new settings");
    }
}

static void patch_post(Arena *arena, const Action *action, CheckList *out)
{
    add_config_checks(arena, out, action, "postgresql/parameters/", arg_param(action, "settings"));
    add_config_checks(arena, out, action, "", arg_param(action, "patroni"));
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
    .expected_ms = SECONDS(1),
    .deadline_ms = MINUTES(2),
    .progress = "handing the settings to Patroni",
    .effects = patch_effects,
    .post = patch_post,
};

const Verb verb_config_verify = {
    .name = "config.verify",
    .doc = "The first leader brought the settings with it: see that they are there.",
    .half_done = HALF_REPEAT,
    .expected_ms = SECONDS(1) / 10,
    .deadline_ms = MINUTES(2),
    .progress = "reading the settings back",
    .post = config_exists_post,
};

/* --- the whole cluster ------------------------------------------------------------------------ */

/* The leader streams to every other declared member: Patroni lists its WAL senders. */
static void cluster_verify_post(Arena *arena, const Action *action, CheckList *out)
{
    int64_t replicas = value_get_int(action->args, "replicas", 0);
    for (int64_t i = 0; i < replicas; i++)
        patroni_check(arena, out, action,
                      arena_printf(arena, "replication/%lld/state", (long long)i),
                      (Want){RELATION_EQUAL, value_text(arena, "streaming")}, MINUTES(5),
                      "every replica streams");
    patroni_check(arena, out, action, "state", (Want){RELATION_EQUAL, value_text(arena, "running")},
                  MINUTES(1), "the leader runs");
}

/* Every node of the cluster is told that it stands. */
static void cluster_verify_effects(Arena *arena, const Action *action, EffectList *out)
{
    const Value *members = value_get(action->args, "members");
    for (size_t i = 0; i < value_count(members); i++)
        cluster_marker_add(arena, out, action, value_get_text(value_at(members, i), "host"),
                           "formed");
}

const Verb verb_cluster_verify = {
    .name = "cluster.verify",
    .doc = "See that the leader streams to every replica.",
    .half_done = HALF_REPEAT,
    .expected_ms = SECONDS(5), /* a standby retries every 5 s, its slot comes within loop_wait */
    .deadline_ms = MINUTES(6),
    .progress = "waiting until every replica streams",
    .effects = cluster_verify_effects,
    .post = cluster_verify_post,
};
