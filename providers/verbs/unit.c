/* Services of systemd on a node. */
#include "providers/verbs/action_args.h"
#include "providers/verbs/verbs.h"

enum { HTTP_PORT = 80 };

static const char *unit_of(const Action *action)
{
    return value_get_text(action->args, "name");
}

static void set_effects_one(Arena *arena, const Action *action, EffectList *out)
{
    const Value *before = value_get(action->args, "before");
    if (before && arg_differs(action, "current"))
        effect_add_unit(arena, out, action, unit_of(action), "daemon-reload");
    if (arg_differs(action, "enabled"))
        effect_add_unit(arena, out, action, unit_of(action), "enable");
    if (arg_differs(action, "active"))
        effect_add_unit(arena, out, action, unit_of(action), "start");
}

FOR_ALL_PARTS(set_effects, EffectList)

static void set_post_one(Arena *arena, const Action *action, CheckList *out)
{
    look_add(arena, out, action,
             (Look){.source = "node.units",
                    .asked = unit_of(action),
                    .path = "enabled",
                    .relation = RELATION_EQUAL,
                    .value = value_text(arena, "enabled"),
                    .sentence = "the service starts with the node"});
    look_add(arena, out, action,
             (Look){.source = "node.units",
                    .asked = unit_of(action),
                    .path = "need_reload",
                    .relation = RELATION_EQUAL,
                    .value = &value_false,
                    .sentence = "systemd has read the unit's file"});
    if (value_as_bool(arg_param(action, "active"), false))
        look_add(arena, out, action,
                 (Look){.source = "node.units",
                        .asked = unit_of(action),
                        .path = "active",
                        .relation = RELATION_EQUAL,
                        .value = value_text(arena, "active"),
                        .bound_ms = SECONDS(10),
                        .sentence = "the service runs"});
}

FOR_ALL_PARTS(set_post, CheckList)

const Verb verb_unit_set = {
    .name = "unit.set",
    .doc = "Let a service start with the node; start it if it should run.",
    .half_done = HALF_REPEAT,
    .expected_ms = 300,
    .deadline_ms = SECONDS(60),
    .progress = "enabling",
    .effects = set_effects,
    .post = set_post,
};

/* Restarted, not just started: the package has started it before our site was there. */
static void web_effects(Arena *arena, const Action *action, EffectList *out)
{
    effect_add_unit(arena, out, action, unit_of(action), "enable");
    effect_add_unit(arena, out, action, unit_of(action), "restart");
}

static void web_post(Arena *arena, const Action *action, CheckList *out)
{
    set_post(arena, action, out);
    look_add(arena, out, action,
             (Look){.source = "node.listen",
                    .path = "tcp",
                    .relation = RELATION_CONTAINS,
                    .value = value_int(arena, HTTP_PORT),
                    .bound_ms = SECONDS(10),
                    .sentence = "the web server listens"});
}

const Verb verb_unit_web = {
    .name = "unit.web",
    .doc = "Start the web server that other nodes fetch packages from.",
    .half_done = HALF_REPEAT,
    .expected_ms = 500,
    .deadline_ms = SECONDS(60),
    .progress = "starting",
    .effects = web_effects,
    .post = web_post,
};
