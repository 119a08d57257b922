#include "plans/builder.h"

#include <assert.h>
#include <stdarg.h>
#include <string.h>

#include "plans/compare.h"
#include "schema/codes.h"

/* Not in the registry: the executor has nothing to do for it. */
const Verb plan_barrier_verb = {
    .name = "plan.milestone",
    .doc = "Wait until everything before it is done.",
    .interruptible = true,
    .half_done = HALF_REPEAT,
    .progress = "waiting",
};

Builder *builder_new(Arena *arena, const Registry *registry)
{
    Builder *builder = ARENA_NEW(arena, Builder);
    *builder = (Builder){.arena = arena,
                         .registry = registry,
                         .by_address = map_new(arena),
                         .limit_by_name = map_new(arena),
                         .new_units = map_new(arena)};
    return builder;
}

Arena *builder_arena(Builder *builder)
{
    return builder->arena;
}

static bool is_planned(const Builder *builder, const Action *action)
{
    return action && action->id < builder->action_count && builder->actions[action->id] == action;
}

/* An action that counts: it has an id, and edges may point at it. */
static Action *enlist(Builder *builder, Action *action)
{
    action->id = builder->action_count;
    ARENA_PUSH(builder->arena, builder->actions, builder->action_count, builder->action_capacity,
               action);
    map_set(builder->by_address, action->address, action);
    return action;
}

/* With an unknown verb the action is made, but not planned: plan_build reports the problem. */
static Action *add_action(Builder *builder, const Domain *domain, const char *verb_name,
                          Action template)
{
    Action *action = ARENA_NEW(builder->arena, Action);
    *action = template;
    action->id = SIZE_MAX;
    action->domain = domain->name;
    action->block = domain->block;
    action->cluster = domain->cluster ? domain->cluster->name : "";
    action->verb = registry_verb(builder->registry, verb_name);
    if (!action->verb) {
        if (!builder->problem)
            builder->problem =
                arena_printf(builder->arena, "%s: there is no verb %s", action->address, verb_name);
        return action;
    }
    action->guess_ms = action->verb->expect ? action->verb->expect(builder->arena, action)
                                            : action->verb->expected_ms;
    enlist(builder, action);
    if (action->verb->disruptive && *action->cluster)
        builder_add_limit(builder, action,
                          arena_printf(builder->arena, "disrupt.%s", action->cluster), 1);
    return action;
}

Action *builder_add_barrier(Builder *builder, const char *address, const char *reason)
{
    Action *action = ARENA_NEW(builder->arena, Action);
    *action = (Action){.verb = &plan_barrier_verb,
                       .address = address,
                       .domain = "",
                       .block = "",
                       .kind = "",
                       .scope = "",
                       .host = "",
                       .cluster = "",
                       .args = &value_empty_map,
                       .reason = reason};
    return enlist(builder, action);
}

static bool is_changed(const Change *change, const ParamRow *row)
{
    for (size_t i = 0; i < change->param_count; i++) {
        if (change->params[i].row == row)
            return true;
    }
    return false;
}

/* A secret that stays as it is, and may not even be at hand, is not needed. One that its source
 * never tells may have to be given again. */
static bool is_left_out(const Change *change, size_t i)
{
    const ParamRow *row = &change->desired->kind->params[i];
    return change->op == CHANGE_UPDATE && change->desired->slots[i].value->type == VALUE_SECRET &&
           change->observed->slots[i].state != SLOT_UNMANAGED && !is_changed(change, row);
}

static const Value *desired_values(Arena *arena, const Change *change)
{
    Value *values = value_map(arena);
    const Resource *resource = change->desired;
    for (size_t i = 0; resource && i < resource->kind->param_count; i++) {
        const Slot *slot = &resource->slots[i];
        if ((slot->state == SLOT_SET || slot->state == SLOT_LATE) && !is_left_out(change, i))
            value_set(arena, values, resource->kind->params[i].name, slot->value);
    }
    return values;
}

/* Only the keys that are managed: the server tells hundreds that nobody asked for. */
static const Value *managed_keys(Arena *arena, const Value *observed, const Value *desired)
{
    Value *values = value_map(arena);
    for (size_t i = 0; i < value_count(desired); i++) {
        const Value *value = value_get(observed, desired->map.keys[i]);
        if (value)
            value_set(arena, values, desired->map.keys[i], value);
    }
    return values;
}

static const Value *observed_values(Arena *arena, const Change *change)
{
    Value *values = value_map(arena);
    const Kind *kind = change->observed->kind;
    for (size_t i = 0; i < kind->param_count; i++) {
        const Slot *slot = &change->observed->slots[i];
        const Value *desired = change->desired ? change->desired->slots[i].value : NULL;
        if (slot->state != SLOT_SET || !slot->value)
            continue;
        bool only_managed = compare_is_keyed(&kind->params[i]) &&
                            (kind->params[i].flags & PARAM_FLAG_ADD_ONLY) && desired &&
                            desired->type == VALUE_MAP;
        value_set(arena, values, kind->params[i].name,
                  only_managed ? managed_keys(arena, slot->value, desired) : slot->value);
    }
    return values;
}

static const Value *change_args(Arena *arena, const Change *change, const Value *extra)
{
    const Resource *resource = change_resource(change);
    Value *args = value_map(arena);
    value_set_text(arena, args, "name", resource->name);
    value_set_text(arena, args, "scope", resource->scope);
    value_set(arena, args, "params", desired_values(arena, change));
    if (change->observed)
        value_set(arena, args, "before", observed_values(arena, change));
    for (size_t i = 0; extra && i < value_count(extra); i++)
        value_set(arena, args, extra->map.keys[i], extra->map.values[i]);
    return args;
}

static const char *change_reason(Arena *arena, const Change *change)
{
    if (change->op == CHANGE_CREATE)
        return "it is not there";
    if (change->op == CHANGE_DELETE)
        return "the inventory does not want it";
    CLEANUP(text_release) Text text = TEXT_INIT;
    for (size_t i = 0; i < change->param_count; i++) {
        const ParamChange *param = &change->params[i];
        text_addf(&text, "%s%s", i ? ", " : "", param->key ? param->key : param->row->name);
    }
    text_add(&text, change->param_count == 1 ? " differs" : " differ");
    return text_copy(&text, arena);
}

static Action *add_change(Builder *builder, const Change *change, const char *verb_name,
                          const Value *extra)
{
    const Resource *resource = change_resource(change);
    return add_action(builder, change->domain, verb_name,
                      (Action){.address = resource->address,
                               .kind = resource->kind->name,
                               .scope = resource->scope,
                               .host = resource->host,
                               .op = (int)change->op,
                               .args = change_args(builder->arena, change, extra),
                               .reason = change_reason(builder->arena, change)});
}

static Action *add_replacement(Builder *builder, const Change *change, const char *verb_name,
                               const Value *extra)
{
    const Kind *kind = change_resource(change)->kind;
    Action *removal = add_change(builder, change, kind->delete_verb, extra);
    Action *creation =
        add_change(builder, change, verb_name ? verb_name : kind->create_verb, extra);
    removal->op = CHANGE_DELETE;
    builder_add_edge(builder, removal, creation, "what is replaced goes first");
    return creation;
}

static const char *verb_of(const Kind *kind, ChangeOp op)
{
    switch (op) {
    case CHANGE_CREATE:
        return kind->create_verb;
    case CHANGE_UPDATE:
        return kind->update_verb;
    case CHANGE_DELETE:
        return kind->delete_verb;
    case CHANGE_REPLACE:
        return kind->delete_verb ? kind->create_verb : NULL;
    case CHANGE_NONE:
    case CHANGE_WITHHOLD:
    case CHANGE_OP_COUNT:
        break;
    }
    return NULL;
}

Action *builder_add_change(Builder *builder, const Change *change, const char *verb_name,
                           const Value *extra)
{
    const char *verb = verb_of(change_resource(change)->kind, change->op);
    bool is_planned_at_all = change->op != CHANGE_NONE && change->op != CHANGE_WITHHOLD;
    if (!is_planned_at_all || (!verb && !verb_name))
        return NULL;
    if (change->op == CHANGE_REPLACE && verb)
        return add_replacement(builder, change, verb_name, extra);
    return add_change(builder, change, verb_name ? verb_name : verb, extra);
}

static const Value *change_items(Arena *arena, const Change *const *changes, size_t count)
{
    Value *items = value_list(arena);
    for (size_t i = 0; i < count; i++) {
        Value *address = value_map(arena);
        value_set_text(arena, address, "address", change_resource(changes[i])->address);
        value_push(arena, items, change_args(arena, changes[i], address));
    }
    Value *args = value_map(arena);
    value_set(arena, args, "items", items);
    return args;
}

static ChangeOp common_op(const Change *const *changes, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        if (changes[i]->op != changes[0]->op)
            return CHANGE_UPDATE;
    }
    return changes[0]->op;
}

Action *builder_add_changes(Builder *builder, const Change *const *changes, size_t count,
                            const char *verb_name, const char *address)
{
    if (count <= 1)
        return count ? builder_add_change(builder, changes[0], verb_name, NULL) : NULL;
    const Resource *first = change_resource(changes[0]);
    Action *action =
        add_action(builder, changes[0]->domain, verb_name,
                   (Action){.address = address,
                            .kind = first->kind->name,
                            .scope = first->scope,
                            .host = first->host,
                            .op = (int)common_op(changes, count),
                            .args = change_items(builder->arena, changes, count),
                            .reason = arena_printf(
                                builder->arena, "%zu of them are not as they should be", count)});
    for (size_t i = 0; i < count; i++)
        map_set(builder->by_address, change_resource(changes[i])->address, action);
    return action;
}

// NOLINTNEXTLINE(readability-function-size): a step has that many facts
Action *builder_add_step(Builder *builder, const Domain *domain, const char *verb_name,
                         const char *address, const char *scope, const char *host,
                         const Value *args, const char *reason)
{
    return add_action(builder, domain, verb_name,
                      (Action){.address = address,
                               .kind = "",
                               .scope = scope,
                               .host = host,
                               .op = CHANGE_NONE,
                               .args = args ? args : &value_empty_map,
                               .reason = reason});
}

void builder_add_edge(Builder *builder, const Action *before, const Action *after,
                      const char *sentence)
{
    if (!is_planned(builder, before) || !is_planned(builder, after))
        return;
    PlanEdge edge = {.from = before->id, .to = after->id, .sentence = sentence};
    ARENA_PUSH(builder->arena, builder->edges, builder->edge_count, builder->edge_capacity, edge);
}

void builder_add_limit(Builder *builder, const Action *action, const char *limit, size_t capacity)
{
    if (!is_planned(builder, action))
        return;
    BuilderLimit *found = map_get(builder->limit_by_name, limit);
    if (!found) {
        found = ARENA_NEW(builder->arena, BuilderLimit);
        *found = (BuilderLimit){.name = arena_strdup(builder->arena, limit), .capacity = capacity};
        map_set(builder->limit_by_name, found->name, found);
        ARENA_PUSH(builder->arena, builder->limits, builder->limit_count, builder->limit_capacity,
                   found);
    }
    if (found->capacity > capacity)
        found->capacity = capacity;
    if (found->count == 0 || found->actions[found->count - 1] != action->id)
        ARENA_PUSH(builder->arena, found->actions, found->count, found->room, action->id);
}

void builder_add_bracket(Builder *builder, const Action *open, const Action *close)
{
    if (!is_planned(builder, open) || !is_planned(builder, close))
        return;
    BuilderBracket *bracket = ARENA_NEW(builder->arena, BuilderBracket);
    *bracket = (BuilderBracket){.open = open, .close = close};
    ARENA_PUSH(builder->arena, builder->brackets, builder->bracket_count, builder->bracket_capacity,
               bracket);
    builder_add_edge(builder, open, close, "what was opened is closed");
}

void builder_add_to_bracket(Builder *builder, const Action *open, const Action *action)
{
    if (!is_planned(builder, action))
        return;
    for (size_t i = builder->bracket_count; i-- > 0;) {
        BuilderBracket *bracket = builder->brackets[i];
        if (bracket->open != open)
            continue;
        ARENA_PUSH(builder->arena, bracket->body, bracket->count, bracket->room, action->id);
        builder_add_edge(builder, open, action, "the bracket is open");
        builder_add_edge(builder, action, bracket->close, "the bracket closes after its body");
        return;
    }
}

Action *builder_action_of(const Builder *builder, const char *address)
{
    Action *action = map_get(builder->by_address, address);
    return is_planned(builder, action) ? action : NULL;
}

void builder_note(Builder *builder, const Domain *domain, const char *kind, const char *code,
                  const Origin *origin, const char *fmt, ...)
{
    assert(!code || !*code || codes_find(code));
    va_list args;
    va_start(args, fmt);
    BuilderNote note = {.block = domain->block,
                        .note = {.kind = kind,
                                 .code = code ? code : "",
                                 .text = arena_vprintf(builder->arena, fmt, args),
                                 .origin = origin}};
    va_end(args);
    ARENA_PUSH(builder->arena, builder->notes, builder->note_count, builder->note_capacity, note);
}

BuilderMark builder_mark(const Builder *builder)
{
    return (BuilderMark){builder->action_count, builder->edge_count, builder->bracket_count};
}

void builder_rollback(Builder *builder, BuilderMark mark)
{
    for (size_t i = 0; i < builder->limit_count; i++) {
        BuilderLimit *limit = builder->limits[i];
        while (limit->count > 0 && limit->actions[limit->count - 1] >= mark.actions)
            limit->count--;
    }
    builder->action_count = mark.actions;
    builder->edge_count = mark.edges;
    builder->bracket_count = mark.brackets;
}

static const char *unit_key(Arena *arena, const char *host, const char *name)
{
    size_t length = strlen(name);
    if (text_ends_with(name, ".service"))
        length -= strlen(".service");
    return arena_printf(arena, "%s %.*s", host, (int)length, name);
}

static bool starts_unit(const Change *change)
{
    for (size_t i = 0; i < change->param_count; i++) {
        if (strcmp(change->params[i].row->name, "active") == 0 &&
            value_as_bool(change->params[i].after, false))
            return true;
    }
    return change->op == CHANGE_CREATE;
}

void builder_note_units(Builder *builder, const Change *changes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const Resource *resource = change_resource(&changes[i]);
        if (strcmp(resource->kind->name, "unit") == 0 && starts_unit(&changes[i]))
            map_set(builder->new_units, unit_key(builder->arena, resource->host, resource->name),
                    builder);
    }
}

bool builder_creates_unit(const Builder *builder, const char *host, const char *name)
{
    return map_get(builder->new_units, unit_key(builder->arena, host, name)) != NULL;
}
