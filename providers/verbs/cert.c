/* Certificates of our own authority. */
#include "providers/verbs/action_args.h"
#include "providers/verbs/verbs.h"

static void issue_effects_one(Arena *arena, const Action *action, EffectList *out)
{
    static const char *const names[] = {"ca_host", "ca_path", "cn",    "sans",  "days",     "key",
                                        "cert",    "ca",      "owner", "group", "key_mode", NULL};
    effect_add(arena, out, EFFECT_CERT, action->host, arg_pick(arena, action, names));
}

FOR_ALL_PARTS(issue_effects, EffectList)

/* Asked of the node that holds the authority, which is the same for all parts. */
static void issue_pre(Arena *arena, const Action *action, CheckList *out)
{
    Action part = action_part(action, 0);
    const char *path = arena_printf(arena, "%s/ca.crt", arg_param_text(&part, "ca_path"));
    Value *args = value_list(arena);
    value_push(arena, args, value_text(arena, path));
    check_add(arena, out,
              (Check){.source = "node.certs",
                      .subject = arg_param_text(&part, "ca_host"),
                      .path = fact_path(arena, path, "key_matches"),
                      .relation = RELATION_EQUAL,
                      .value = &value_true,
                      .sentence = "the authority can sign",
                      .args = args});
}

static void look_add_cert(Arena *arena, CheckList *out, const Action *action, const char *path,
                          const Value *value, const char *sentence)
{
    look_add(arena, out, action,
             (Look){.source = "node.certs",
                    .asked = arg_param_text(action, "cert"),
                    .path = path,
                    .relation = RELATION_EQUAL,
                    .value = value,
                    .bound_ms = SECONDS(10),
                    .sentence = sentence});
}

static void look_add_key(Arena *arena, CheckList *out, const Action *action, const char *path,
                         const char *param)
{
    look_add(arena, out, action,
             (Look){.source = "node.paths",
                    .asked = arg_param_text(action, "key"),
                    .path = path,
                    .relation = RELATION_EQUAL,
                    .value = arg_param(action, param),
                    .sentence = "nobody else can read the key"});
}

/* These names and no other: an older certificate may differ in nothing else. */
static void look_add_names(Arena *arena, CheckList *out, const Action *action)
{
    const Value *sans = arg_param(action, "sans");
    for (size_t i = 0; i < value_count(sans); i++)
        look_add(arena, out, action,
                 (Look){.source = "node.certs",
                        .asked = arg_param_text(action, "cert"),
                        .path = "sans",
                        .relation = RELATION_CONTAINS,
                        .value = value_at(sans, i),
                        .sentence = "the certificate has the names that it is to have"});
    look_add(arena, out, action,
             (Look){.source = "node.certs",
                    .asked = arg_param_text(action, "cert"),
                    .path = arena_printf(arena, "sans/%zu", value_count(sans)),
                    .relation = RELATION_ABSENT,
                    .sentence = "the certificate has no other names"});
}

static void issue_post_one(Arena *arena, const Action *action, CheckList *out)
{
    look_add_cert(arena, out, action, "cn", arg_param(action, "cn"),
                  "the certificate is for the right one");
    look_add_cert(arena, out, action, "issuer", arg_param(action, "issuer"),
                  "our authority has issued it");
    look_add_cert(arena, out, action, "key_matches", &value_true, "the certificate fits its key");
    look_add_names(arena, out, action);
    look_add_key(arena, out, action, "owner", "owner");
    look_add_key(arena, out, action, "mode", "key_mode");
}

FOR_ALL_PARTS(issue_post, CheckList)

const Verb verb_cert_member = {
    .name = "cert.member",
    .doc = "Make keys for a member of etcd and have certificates issued for them.",
    .half_done = HALF_REPEAT,
    .expected_ms = 800,
    .deadline_ms = SECONDS(60),
    .progress = "certifying",
    .effects = issue_effects,
    .pre = issue_pre,
    .post = issue_post,
};

const Verb verb_cert_issue = {
    .name = "cert.issue",
    .doc = "Make a key on the node and have a certificate issued for it.",
    .half_done = HALF_REPEAT,
    .expected_ms = 800,
    .deadline_ms = SECONDS(60),
    .progress = "certifying",
    .effects = issue_effects,
    .pre = issue_pre,
    .post = issue_post,
};
