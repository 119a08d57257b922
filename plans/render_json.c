/*
 * A plan as one JSON document. OpenTofu's names where it has one for a thing (format_version,
 * resource_changes[].change.actions/before/after/after_unknown/after_sensitive), ours beside them.
 */
#include "base/clock.h"
#include "base/json.h"
#include "plans/difference.h"
#include "plans/plan_lines.h"
#include "plans/render.h"
#include "plans/verify/verification.h"

static const Value *op_actions(Arena *arena, ChangeOp op)
{
    Value *list = value_list(arena);
    if (op == CHANGE_DELETE || op == CHANGE_REPLACE)
        value_push(arena, list, value_text(arena, "delete"));
    if (op == CHANGE_CREATE || op == CHANGE_REPLACE)
        value_push(arena, list, value_text(arena, "create"));
    if (op == CHANGE_UPDATE)
        value_push(arena, list, value_text(arena, "update"));
    if (op == CHANGE_WITHHOLD || op == CHANGE_NONE)
        value_push(arena, list, value_text(arena, "no-op"));
    return list;
}

static bool is_secret(const Kind *kind, size_t i, const Slot *slot)
{
    return (kind->params[i].flags & PARAM_FLAG_SECRET) ||
           (slot->value && value_has_secret(slot->value));
}

typedef enum View { VIEW_VALUES, VIEW_UNKNOWN, VIEW_SENSITIVE } View;

/* Of an observed secret nothing is shown, not even that it matches. */
static const Value *slot_view(const Kind *kind, size_t i, const Slot *slot, View view,
                              bool is_observed)
{
    switch (view) {
    case VIEW_VALUES:
        if (slot->state != SLOT_SET || (is_observed && is_secret(kind, i, slot)))
            return NULL;
        return slot->value;
    case VIEW_UNKNOWN:
        return slot->state == SLOT_LATE ? &value_true : NULL;
    case VIEW_SENSITIVE:
        return slot->state == SLOT_SET && is_secret(kind, i, slot) ? &value_true : NULL;
    }
    return NULL;
}

static const Value *resource_view(Arena *arena, const Resource *resource, View view,
                                  bool is_observed)
{
    if (!resource)
        return view == VIEW_VALUES ? &value_null : &value_empty_map;
    Value *map = value_map(arena);
    for (size_t i = 0; i < resource->kind->param_count; i++) {
        const Value *value = slot_view(resource->kind, i, &resource->slots[i], view, is_observed);
        if (value)
            value_set(arena, map, resource->kind->params[i].name, value);
    }
    return map;
}

static const Value *change_view(Arena *arena, const Change *change)
{
    bool goes = change->op == CHANGE_DELETE;
    const Resource *after = goes ? NULL : change->desired;
    Value *map = value_map(arena);
    value_set(arena, map, "actions", op_actions(arena, change->op));
    value_set(arena, map, "before", resource_view(arena, change->observed, VIEW_VALUES, true));
    value_set(arena, map, "after", resource_view(arena, after, VIEW_VALUES, false));
    value_set(arena, map, "after_unknown", resource_view(arena, after, VIEW_UNKNOWN, false));
    value_set(arena, map, "before_sensitive",
              resource_view(arena, change->observed, VIEW_SENSITIVE, true));
    value_set(arena, map, "after_sensitive", resource_view(arena, after, VIEW_SENSITIVE, false));
    return map;
}

static bool hides_before(const ParamChange *param)
{
    return (param->row->flags & PARAM_FLAG_SECRET) ||
           (param->after && value_has_secret(param->after));
}

static const Value *param_views(Arena *arena, const Change *change)
{
    Value *list = value_list(arena);
    for (size_t i = 0; i < change->param_count; i++) {
        const ParamChange *param = &change->params[i];
        Value *map = value_map(arena);
        value_set_text(arena, map, "param", param->row->name);
        if (param->key)
            value_set_text(arena, map, "key", param->key);
        if (param->before && !hides_before(param))
            value_set(arena, map, "before", param->before);
        if (param->after)
            value_set(arena, map, "after", param->after);
        value_set_text(arena, map, "need", need_name(param->need));
        value_set(arena, map, "provenance", plan_origin_value(arena, param->origin));
        if (param->reason)
            value_set_text(arena, map, "reason", param->reason);
        value_push(arena, list, map);
    }
    return list;
}

static const Value *resource_change(Arena *arena, const PlanBlock *block, const Change *change)
{
    const Resource *resource = change_resource(change);
    Value *map = value_map(arena);
    value_set_text(arena, map, "address", resource->address);
    value_set_text(arena, map, "mode", "managed");
    value_set_text(arena, map, "type", resource->kind->name);
    value_set_text(arena, map, "name", *resource->name ? resource->name : resource->scope);
    value_set_text(arena, map, "block", block->name);
    value_set_text(arena, map, "domain", change->domain->name);
    value_set(arena, map, "provenance", plan_origin_value(arena, resource->origin));
    value_set(arena, map, "change", change_view(arena, change));
    value_set(arena, map, "params", param_views(arena, change));
    if (change->withhold_reason)
        value_set_text(arena, map, "action_reason", change->withhold_reason);
    return map;
}

static const Value *note_views(Arena *arena, const PlanNote *notes, size_t count)
{
    Value *list = value_list(arena);
    for (size_t i = 0; i < count; i++) {
        const PlanNote *note = &notes[i];
        Value *map = value_map(arena);
        value_set_text(arena, map, "kind", note->kind);
        value_set_text(arena, map, "code", note->code);
        value_set_text(arena, map, "text", note->text);
        value_set(arena, map, "provenance", plan_origin_value(arena, note->origin));
        value_push(arena, list, map);
    }
    return list;
}

static void set_blocks(Arena *arena, Value *document, const Plan *plan)
{
    Value *changes = value_list(arena), *blocks = value_list(arena);
    for (size_t i = 0; i < plan->block_count; i++) {
        const PlanBlock *block = &plan->blocks[i];
        for (size_t k = 0; k < block->change_count; k++)
            value_push(arena, changes, resource_change(arena, block, &block->changes[k]));
        Value *map = value_map(arena);
        value_set_text(arena, map, "name", block->name);
        value_set_text(arena, map, "title", block->title);
        value_set_int(arena, map, "members", (int64_t)block->member_count);
        value_set_int(arena, map, "unchanged", (int64_t)block->unchanged_count);
        value_set(arena, map, "notes", note_views(arena, block->notes, block->note_count));
        value_push(arena, blocks, map);
    }
    value_set(arena, document, "resource_changes", changes);
    value_set(arena, document, "blocks", blocks);
    value_set(arena, document, "not_compared",
              note_views(arena, plan->not_compared, plan->not_compared_count));
}

static const Value *impact_view(Arena *arena, const Plan *plan)
{
    const PlanImpact *impact = &plan->impact;
    Value *map = value_map(arena);
    value_set_int(arena, map, "reloads", (int64_t)impact->reloads);
    value_set_int(arena, map, "reconnects", (int64_t)impact->reconnects);
    value_set_int(arena, map, "restarts", (int64_t)impact->restarts);
    value_set_int(arena, map, "switchovers", (int64_t)impact->switchovers);
    value_set_int(arena, map, "rebuilds", (int64_t)impact->rebuilds);
    value_set_int(arena, map, "write_gap_ms", impact->write_gap_ms);
    value_set_bool(arena, map, "data_lost", impact->data_lost);
    Value *restarted = value_list(arena);
    for (size_t i = 0; i < impact->restarted_count; i++)
        value_push(arena, restarted, value_text(arena, impact->restarted[i]));
    value_set(arena, map, "restarted", restarted);
    value_set_int(arena, map, "critical_path_ms", plan->critical_path_ms);
    return map;
}

static const Value *check_view(Arena *arena, const Check *check)
{
    Value *map = value_map(arena);
    value_set_text(arena, map, "source", check->source);
    value_set_text(arena, map, "subject", check->subject);
    value_set_text(arena, map, "path", check->path);
    value_set_text(arena, map, "relation", relation_name(check->relation));
    if (check->value)
        value_set(arena, map, "value", check->value);
    value_set_int(arena, map, "bound_ms", check->bound_ms);
    if (check->sentence)
        value_set_text(arena, map, "sentence", check->sentence);
    return map;
}

static const Value *check_views(Arena *arena, const Action *action,
                                void (*checks)(Arena *, const Action *, CheckList *))
{
    CheckList list = {0};
    Value *views = value_list(arena);
    if (checks)
        checks(arena, action, &list);
    for (size_t i = 0; i < list.count; i++)
        value_push(arena, views, check_view(arena, &list.items[i]));
    return views;
}

static const Value *effect_views(Arena *arena, const Action *action)
{
    EffectList list = {0};
    Value *views = value_list(arena);
    if (action->verb->effects)
        action->verb->effects(arena, action, &list);
    for (size_t i = 0; i < list.count; i++) {
        Value *map = value_map(arena);
        value_set_text(arena, map, "effect", effect_rows[list.items[i].type].name);
        value_set_text(arena, map, "host", list.items[i].host);
        value_set(arena, map, "args", list.items[i].args);
        value_push(arena, views, map);
    }
    return views;
}

static const Value *action_view(Arena *arena, const Plan *plan, const Action *action)
{
    Value *map = value_map(arena);
    value_set_int(arena, map, "id", (int64_t)action->id);
    value_set_text(arena, map, "address", action->address);
    value_set_text(arena, map, "verb", action->verb->name);
    value_set_text(arena, map, "host", action->host);
    value_set_text(arena, map, "reason", action->reason ? action->reason : "");
    value_set_int(arena, map, "start_ms", plan->start_ms[action->id]);
    value_set_int(arena, map, "expected_ms", action->expected_ms);
    value_set(arena, map, "effects", effect_views(arena, action));
    Value *checks = value_map(arena);
    value_set(arena, checks, "pre", check_views(arena, action, action->verb->pre));
    value_set(arena, checks, "post", check_views(arena, action, action->verb->post));
    value_set(arena, map, "checks", checks);
    return map;
}

static void set_schedule(Arena *arena, Value *document, const Plan *plan)
{
    Value *actions = value_list(arena), *edges = value_list(arena);
    for (size_t i = 0; i < plan->action_count; i++)
        value_push(arena, actions, action_view(arena, plan, &plan->actions[i]));
    for (size_t i = 0; i < plan->edge_count; i++) {
        Value *map = value_map(arena);
        value_set_int(arena, map, "from", (int64_t)plan->edges[i].from);
        value_set_int(arena, map, "to", (int64_t)plan->edges[i].to);
        value_set_text(arena, map, "sentence",
                       plan->edges[i].sentence ? plan->edges[i].sentence : "");
        value_push(arena, edges, map);
    }
    value_set(arena, document, "schedule", actions);
    value_set(arena, document, "edges", edges);
}

void plan_render_json(FILE *out, const Plan *plan, const Value *conditions)
{
    CLEANUP(arena_freep) Arena *arena = arena_new();
    CLEANUP(text_release) Text text = TEXT_INIT;
    Value *document = value_map(arena);
    value_set_text(arena, document, "format_version", "1.2");
    value_set_text(arena, document, "pgsteer_version",
                   plan->program_version ? plan->program_version : "");
    value_set_text(arena, document, "timestamp", clock_rfc3339(arena, plan->created_wall_ms));
    value_set_bool(arena, document, "applyable", plan->action_count > 0);
    value_set_bool(arena, document, "complete", plan->withheld_count == 0);
    value_set_bool(arena, document, "errored", false);
    set_blocks(arena, document, plan);
    value_set(arena, document, "impact", impact_view(arena, plan));
    set_schedule(arena, document, plan);
    if (plan->verification)
        value_set(arena, document, "verification", verification_value(arena, plan->verification));
    value_set_text(arena, document, "transition", plan->transition ? plan->transition : "");
    value_set_text(arena, document, "world", plan->world ? plan->world : "");
    if (conditions)
        value_set(arena, document, "conditions", conditions);
    json_write(&text, document);
    fprintf(out, "%s\n", text_get(&text));
}

static const Value *side_view(Arena *arena, const DifferenceSide *side)
{
    Value *map = value_map(arena);
    value_set_text(arena, map, "name", side->name);
    value_set_text(arena, map, "commit", side->commit);
    return map;
}

void difference_render_json(FILE *out, const Plan *difference, const DifferenceSide *before,
                            const DifferenceSide *after, const Value *conditions)
{
    CLEANUP(arena_freep) Arena *arena = arena_new();
    CLEANUP(text_release) Text text = TEXT_INIT;
    Value *document = value_map(arena);
    value_set_text(arena, document, "format_version", "1.2");
    value_set(arena, document, "before", side_view(arena, before));
    value_set(arena, document, "after", side_view(arena, after));
    value_set_bool(arena, document, "different", !difference_is_empty(difference));
    value_set_int(arena, document, "add_count", (int64_t)difference->add_count);
    value_set_int(arena, document, "change_count", (int64_t)difference->change_count);
    value_set_int(arena, document, "remove_count", (int64_t)difference->destroy_count);
    set_blocks(arena, document, difference);
    if (conditions)
        value_set(arena, document, "conditions", conditions);
    json_write(&text, document);
    fprintf(out, "%s\n", text_get(&text));
}
