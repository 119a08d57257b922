/* The package repository and the certificate authority. */
#include "providers/verbs/action_args.h"
#include "providers/verbs/verbs.h"

enum { CA_DAYS = 36500 };

static void index_effects(Arena *arena, const Action *action, EffectList *out)
{
    static const char *const names[] = {"path", NULL};
    effect_add(arena, out, EFFECT_REPO_INDEX, action->host, arg_pick(arena, action, names));
}

static void index_post(Arena *arena, const Action *action, CheckList *out)
{
    look_add(arena, out, action,
             (Look){.source = "node.repo",
                    .asked = arg_param_text(action, "path"),
                    .path = "index_current",
                    .relation = RELATION_EQUAL,
                    .value = &value_true,
                    .sentence = "the index names every package in the folder"});
}

const Verb verb_repo_index = {
    .name = "repo.index",
    .doc = "Write the index of the package repository.",
    .interruptible = true,
    .half_done = HALF_REPEAT,
    .expected_ms = SECONDS(3),
    .deadline_ms = MINUTES(5),
    .progress = "indexing",
    .effects = index_effects,
    .post = index_post,
};

static const char *ca_cert(Arena *arena, const Action *action)
{
    return arena_printf(arena, "%s/ca.crt", arg_param_text(action, "path"));
}

static void ca_effects(Arena *arena, const Action *action, EffectList *out)
{
    static const char *const names[] = {"path", "cn", NULL};
    Value *args = arg_pick(arena, action, names);
    value_set_int(arena, args, "days", CA_DAYS);
    effect_add(arena, out, EFFECT_CA, action->host, args);
}

static void ca_pre(Arena *arena, const Action *action, CheckList *out)
{
    look_add(arena, out, action,
             (Look){.source = "node.certs",
                    .asked = ca_cert(arena, action),
                    .path = "",
                    .relation = RELATION_ABSENT,
                    .sentence = "there is no authority yet"});
}

static void ca_post(Arena *arena, const Action *action, CheckList *out)
{
    look_add(arena, out, action,
             (Look){.source = "node.certs",
                    .asked = ca_cert(arena, action),
                    .path = "cn",
                    .relation = RELATION_EQUAL,
                    .value = arg_param(action, "cn"),
                    .sentence = "the authority has its name"});
    look_add(arena, out, action,
             (Look){.source = "node.certs",
                    .asked = ca_cert(arena, action),
                    .path = "key_matches",
                    .relation = RELATION_EQUAL,
                    .value = &value_true,
                    .sentence = "the authority has its key"});
}

const Verb verb_ca_create = {
    .name = "ca.create",
    .doc = "Make the private certificate authority.",
    .interruptible = true,
    .half_done = HALF_REPEAT,
    .expected_ms = 500,
    .deadline_ms = MINUTES(1),
    .progress = "making the authority",
    .effects = ca_effects,
    .pre = ca_pre,
    .post = ca_post,
};
