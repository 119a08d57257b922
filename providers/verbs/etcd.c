/* How things are done to etcd and its members. */
#include <string.h>

#include "base/digest.h"
#include "providers/kinds/etcd_view.h"
#include "providers/kinds/yaml_file.h"
#include "providers/verbs/action_args.h"
#include "providers/verbs/verbs.h"
#include "schema/contract/content.h"

#define ETCD_FILE "/etc/etcd/etcd.yml"
#define ETCD_UNIT "etcd.service"

enum { QUORUM_BOUND_MS = 60000 };

static const Value *file_content(Arena *arena, const Action *action)
{
    return yaml_file_render(arena, "# Written by pgsteer; a change here is undone.\n",
                            arg_param(action, "config"));
}

static void add_config(Arena *arena, const Action *action, EffectList *out)
{
    Value *args = value_map(arena);
    value_set_text(arena, args, "path", ETCD_FILE);
    value_set(arena, args, "content", file_content(arena, action));
    value_set_text(arena, args, "owner", "root");
    value_set_text(arena, args, "group", "root");
    value_set_text(arena, args, "mode", "0644");
    effect_add(arena, out, EFFECT_FILE_PUT, action->host, args);
}

/* Not waited for: a first member tells that it is ready only when others are there, too. */
static void add_start(Arena *arena, const Action *action, EffectList *out)
{
    Value *args = value_map(arena);
    value_set_text(arena, args, "name", ETCD_UNIT);
    value_set_text(arena, args, "action", "restart");
    value_set_bool(arena, args, "block", false);
    effect_add(arena, out, EFFECT_UNIT, action->host, args);
}

/* All of args/hosts answer. */
static void look_add_hosts(Arena *arena, const Action *action, CheckList *out, int64_t bound_ms)
{
    const Value *hosts = value_get(action->args, "hosts");
    for (size_t i = 0; i < value_count(hosts); i++)
        check_add(arena, out,
                  (Check){.source = "etcd.member",
                          .subject = value_as_text(value_at(hosts, i), ""),
                          .path = "healthy",
                          .relation = RELATION_EQUAL,
                          .value = &value_true,
                          .bound_ms = bound_ms,
                          .sentence = "the member answers, with a quorum behind it"});
}

static void create_effects(Arena *arena, const Action *action, EffectList *out)
{
    add_config(arena, action, out);
    add_start(arena, action, out);
}

static void create_pre(Arena *arena, const Action *action, CheckList *out)
{
    look_add(arena, out, action,
             (Look){.source = "etcd.member",
                    .path = "data_initialized",
                    .relation = RELATION_EQUAL,
                    .value = &value_false,
                    .sentence = "the member has no data"});
}

static void look_add_config(Arena *arena, const Action *action, CheckList *out)
{
    const char *text = "";
    char hex[SHA256_HEX + 1];
    error_free(content_render(arena, file_content(arena, action), &text));
    sha256_hex(text, strlen(text), hex);
    look_add(arena, out, action,
             (Look){.source = "node.files",
                    .asked = ETCD_FILE,
                    .path = "sha256",
                    .relation = RELATION_EQUAL,
                    .value = value_text(arena, hex),
                    .sentence = "the member has its configuration"});
}

/* What a voter tells of one that is on the list: {key: value}. */
static void check_add_member(Arena *arena, CheckList *out, const char *voter, const Value *peer_url,
                             Check check)
{
    Value *urls = value_list(arena), *member = value_map(arena);
    value_push(arena, urls, peer_url);
    value_set(arena, member, "peer_urls", urls);
    value_set(arena, member, check.path, check.value);
    check.source = "etcd.member";
    check.subject = voter;
    check.path = "members";
    check.relation = RELATION_CONTAINS;
    check.value = member;
    check_add(arena, out, check);
}

/* One that has no vote yet answers no more than this; that it has joined the others tell. */
static void look_add_started(Arena *arena, const Action *action, CheckList *out)
{
    Value *states = value_list(arena);
    value_push(arena, states, value_text(arena, "active"));
    value_push(arena, states, value_text(arena, "activating"));
    look_add(arena, out, action,
             (Look){.source = "node.units",
                    .asked = ETCD_UNIT,
                    .path = "active",
                    .relation = RELATION_IN,
                    .value = states,
                    .bound_ms = SECONDS(10),
                    .sentence = "the member runs or waits for the others"});
    const char *promoter = arg_param_text(action, "promoter");
    if (*promoter)
        check_add_member(arena, out, promoter, arg_param(action, "peer_url"),
                         (Check){.path = "started",
                                 .value = &value_true,
                                 .bound_ms = QUORUM_BOUND_MS,
                                 .sentence = "the newcomer has joined"});
}

static void create_post(Arena *arena, const Action *action, CheckList *out)
{
    look_add_config(arena, action, out);
    look_add_started(arena, action, out);
}

const Verb verb_etcd_create = {
    .name = "etcd.create",
    .doc = "Configure and start a member of etcd.",
    .half_done = HALF_REPEAT,
    .expected_ms = 300,
    .deadline_ms = SECONDS(90),
    .progress = "starting",
    .effects = create_effects,
    .pre = create_pre,
    .post = create_post,
};

static void update_effects(Arena *arena, const Action *action, EffectList *out)
{
    if (arg_differs(action, "config"))
        add_config(arena, action, out);
    if (arg_differs(action, "running"))
        add_start(arena, action, out);
}

static void update_post(Arena *arena, const Action *action, CheckList *out)
{
    if (arg_differs(action, "config"))
        look_add_config(arena, action, out);
    if (!arg_differs(action, "running"))
        return;
    if (arg_differs(action, "voter"))
        look_add_started(arena, action, out);
    else
        look_add(arena, out, action,
                 (Look){.source = "etcd.member",
                        .path = "healthy",
                        .relation = RELATION_EQUAL,
                        .value = &value_true,
                        .bound_ms = QUORUM_BOUND_MS,
                        .sentence = "the member answers"});
}

const Verb verb_etcd_update = {
    .name = "etcd.update",
    .doc = "Write the configuration of a member; start it if it is down.",
    .half_done = HALF_REPEAT,
    .expected_ms = 300,
    .deadline_ms = SECONDS(90),
    .progress = "configuring",
    .effects = update_effects,
    .post = update_post,
};

static Value *member_op(Arena *arena, const Action *action, const char *op)
{
    Value *args = value_map(arena);
    value_set_text(arena, args, "op", op);
    value_set(arena, args, "name", value_get(action->args, "member"));
    value_set(arena, args, "peer_url", value_get(action->args, "peer_url"));
    return args;
}

/* Arguments of the procedure: member and peer_url of the newcomer. It joins without a vote: until
 * it runs it must not count for the quorum (etcd documentation, "Learner"). */
static void member_add_effects(Arena *arena, const Action *action, EffectList *out)
{
    Value *args = member_op(arena, action, "member_add");
    value_set_bool(arena, args, "learner", true);
    effect_add(arena, out, EFFECT_ETCD, action->host, args);
}

static void member_add_post(Arena *arena, const Action *action, CheckList *out)
{
    check_add_member(arena, out, action->host, value_get(action->args, "peer_url"),
                     (Check){.path = "learner",
                             .value = &value_true,
                             .sentence = "the newcomer is on the list, as a learner"});
}

const Verb verb_etcd_member_add = {
    .name = "etcd.member_add",
    .doc = "Add a newcomer to the member list of a living etcd, as a learner.",
    .half_done = HALF_REPEAT,
    .expected_ms = 500,
    .deadline_ms = SECONDS(60),
    .progress = "adding",
    .effects = member_add_effects,
    .post = member_add_post,
};

/* Arguments of the procedure: member, peer_url and newcomer (its address). What has not caught up
 * etcd refuses for now. */
static void promote_effects(Arena *arena, const Action *action, EffectList *out)
{
    effect_add(arena, out, EFFECT_ETCD, action->host, member_op(arena, action, "member_promote"));
}

/* A learner answers no question about the whole. */
static void promote_post(Arena *arena, const Action *action, CheckList *out)
{
    check_add_member(
        arena, out, action->host, value_get(action->args, "peer_url"),
        (Check){.path = "learner", .value = &value_false, .sentence = "the newcomer has a vote"});
    check_add(arena, out,
              (Check){.source = "etcd.member",
                      .subject = value_get_text(action->args, "newcomer"),
                      .path = "healthy",
                      .relation = RELATION_EQUAL,
                      .value = &value_true,
                      .bound_ms = QUORUM_BOUND_MS,
                      .sentence = "the newcomer answers, with a quorum behind it"});
}

const Verb verb_etcd_promote = {
    .name = "etcd.promote",
    .doc = "Give a learner that has caught up its vote.",
    .half_done = HALF_REPEAT,
    .expected_ms = SECONDS(2),
    .deadline_ms = MINUTES(2),
    .progress = "waiting until it has caught up",
    .effects = promote_effects,
    .post = promote_post,
};

static void learner_remove_effects(Arena *arena, const Action *action, EffectList *out)
{
    Value *args = value_map(arena);
    value_set_text(arena, args, "op", "learner_remove");
    value_set(arena, args, "peer_url", arg_param(action, "peer_url"));
    effect_add(arena, out, EFFECT_ETCD, action->host, args);
}

const Verb verb_etcd_learner_remove = {
    .name = "etcd_learner.remove",
    .doc = "Take a learner off the member list of etcd.",
    .half_done = HALF_REPEAT,
    .expected_ms = 500,
    .deadline_ms = SECONDS(60),
    .progress = "removing",
    .effects = learner_remove_effects,
};

/* Arguments of the procedure: hosts, the addresses of all members that must answer. */
static void quorum_post(Arena *arena, const Action *action, CheckList *out)
{
    look_add_hosts(arena, action, out, QUORUM_BOUND_MS);
}

static void no_effects(Arena *arena, const Action *action, EffectList *out)
{
    (void)arena;
    (void)action;
    (void)out;
}

const Verb verb_etcd_quorum = {
    .name = "etcd.quorum",
    .doc = "Wait until every member of etcd answers with a quorum behind it.",
    .interruptible = true,
    .half_done = HALF_REPEAT,
    .expected_ms = SECONDS(2),
    .deadline_ms = SECONDS(90),
    .progress = "waiting for the quorum",
    .effects = no_effects,
    .post = quorum_post,
};

/* Waited for: the one that answers afterwards is the new process. */
static void restart_effects(Arena *arena, const Action *action, EffectList *out)
{
    effect_add_unit(arena, out, action, ETCD_UNIT, "restart");
}

/* Arguments of the procedure: hosts, the addresses of all other members. */
static void restart_pre(Arena *arena, const Action *action, CheckList *out)
{
    look_add_hosts(arena, action, out, 0);
}

static void restart_post(Arena *arena, const Action *action, CheckList *out)
{
    look_add(arena, out, action,
             (Look){.source = "etcd.member",
                    .path = "healthy",
                    .relation = RELATION_EQUAL,
                    .value = &value_true,
                    .bound_ms = QUORUM_BOUND_MS,
                    .sentence = "the member answers"});
}

const Verb verb_etcd_restart = {
    .name = "etcd.restart",
    .doc = "Restart a member of etcd; the others keep the quorum.",
    .disruptive = true,
    .half_done = HALF_REPEAT,
    .expected_ms = SECONDS(3),
    .deadline_ms = SECONDS(90),
    .progress = "restarting",
    .effects = restart_effects,
    .pre = restart_pre,
    .post = restart_post,
};

static void add_role(Arena *arena, const Action *action, EffectList *out, const char *name,
                     const Value *prefix)
{
    Value *args = value_map(arena);
    value_set_text(arena, args, "op", "role_put");
    value_set_text(arena, args, "name", name);
    if (prefix)
        value_set(arena, args, "prefix", prefix);
    effect_add(arena, out, EFFECT_ETCD, action->host, args);
}

static void add_user(Arena *arena, const Action *action, EffectList *out, const char *name)
{
    Value *roles = value_list(arena);
    value_push(arena, roles, value_text(arena, name));
    Value *args = value_map(arena);
    value_set_text(arena, args, "op", "user_put");
    value_set_text(arena, args, "name", name);
    value_set(arena, args, "password", arg_param(action, "password"));
    value_set(arena, args, "roles", roles);
    effect_add(arena, out, EFFECT_ETCD, action->host, args);
}

/* The marker tells a later run that etcd was whole once: no quorum is then no unfinished work. */
static void auth_effects(Arena *arena, const Action *action, EffectList *out)
{
    Value *enable = value_map(arena);
    Value *note = value_map(arena);
    Value *marker = value_map(arena);
    add_role(arena, action, out, "root", NULL);
    add_user(arena, action, out, "root");
    value_set_text(arena, enable, "op", "auth_enable");
    effect_add(arena, out, EFFECT_ETCD, action->host, enable);
    value_set_text(arena, note, "cluster", action->scope);
    value_set_text(arena, marker, "key", ETCD_MARKER);
    value_set(arena, marker, "value", note);
    effect_add(arena, out, EFFECT_MARKER, action->host, marker);
}

static void auth_post(Arena *arena, const Action *action, CheckList *out)
{
    look_add(arena, out, action,
             (Look){.source = "etcd.member",
                    .path = "auth_enabled",
                    .relation = RELATION_EQUAL,
                    .value = &value_true,
                    .bound_ms = SECONDS(10),
                    .sentence = "etcd asks who somebody is"});
}

const Verb verb_etcd_auth_enable = {
    .name = "etcd_auth.enable",
    .doc = "Make etcd's user root and let nobody in without a user.",
    .half_done = HALF_REPEAT,
    .expected_ms = 600,
    .deadline_ms = SECONDS(60),
    .progress = "enabling",
    .effects = auth_effects,
    .post = auth_post,
};

static void user_effects(Arena *arena, const Action *action, EffectList *out)
{
    const char *name = value_get_text(action->args, "name");
    add_role(arena, action, out, name, arg_param(action, "prefix"));
    add_user(arena, action, out, name);
}

static void user_post(Arena *arena, const Action *action, CheckList *out)
{
    const char *name = value_get_text(action->args, "name");
    look_add(arena, out, action,
             (Look){.source = "etcd.member",
                    .path = "users",
                    .relation = RELATION_CONTAINS,
                    .value = value_text(arena, name),
                    .sentence = "the user is there"});
    look_add(arena, out, action,
             (Look){.source = "etcd.member",
                    .path = arena_printf(arena, "roles/%s", fact_path(arena, name, "")),
                    .relation = RELATION_CONTAINS,
                    .value = arg_param(action, "prefix"),
                    .sentence = "its role reaches the keys of its cluster"});
}

const Verb verb_etcd_user_put = {
    .name = "etcd_user.put",
    .doc = "Make the user of a PostgreSQL cluster in etcd, with its role.",
    .half_done = HALF_WRITE,
    .expected_ms = 500,
    .deadline_ms = SECONDS(60),
    .progress = "making the user",
    .effects = user_effects,
    .post = user_post,
};
