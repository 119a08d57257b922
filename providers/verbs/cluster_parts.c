#include "providers/verbs/cluster_parts.h"

Value *cluster_file_args(Arena *arena, const char *path, const Value *content, const char *mode,
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

/* A question to Patroni on the action's node. */
void patroni_check(Arena *arena, CheckList *out, const Action *action, const char *path, Want want,
                   int64_t bound_ms, const char *sentence)
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

/* Our note that the cluster is ours, written before it exists ("forming": a creation that was cut
 * short is then recognised as our own) and again when it stands ("formed"). */
void cluster_marker_add(Arena *arena, EffectList *out, const Action *action, const char *host,
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

const Value *value_either(Arena *arena, const char *a, const char *b)
{
    Value *list = value_list(arena);
    value_push(arena, list, value_text(arena, a));
    value_push(arena, list, value_text(arena, b));
    return list;
}
