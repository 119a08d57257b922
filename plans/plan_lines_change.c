/* Changes in a plan file. Only what planning, showing and recording need: values, not readings. */
#include <string.h>

#include "plans/plan_lines.h"

const Value *plan_origin_value(Arena *arena, const Origin *origin)
{
    if (!origin || !origin->file)
        return &value_null;
    Value *value = value_map(arena);
    value_set_text(arena, value, "file", origin->file);
    value_set_int(arena, value, "line", origin->line);
    value_set_int(arena, value, "column", origin->column);
    return value;
}

static int small_int(const Value *map, const char *key)
{
    int64_t number = value_get_int(map, key, 0);
    return number < 0 || number > INT32_MAX ? 0 : (int)number;
}

const Origin *plan_origin_parse(Arena *arena, const Value *value)
{
    const char *file = value_get_text(value, "file");
    if (!*file)
        return NULL;
    Origin *origin = ARENA_NEW(arena, Origin);
    *origin = (Origin){
        .file = file, .line = small_int(value, "line"), .column = small_int(value, "column")};
    return origin;
}

static const Value *slots_value(Arena *arena, const Resource *resource)
{
    if (!resource)
        return &value_null;
    Value *values = value_map(arena);
    for (size_t i = 0; i < resource->kind->param_count; i++) {
        const Slot *slot = &resource->slots[i];
        if ((slot->state == SLOT_SET || slot->state == SLOT_LATE) && slot->value)
            value_set(arena, values, resource->kind->params[i].name, slot->value);
    }
    return values;
}

static const Value *or_null(const Value *value)
{
    return value ? value : &value_null;
}

static const Value *param_value(Arena *arena, const ParamChange *param)
{
    Value *value = value_map(arena);
    value_set_text(arena, value, "param", param->row->name);
    value_set_text(arena, value, "key", param->key);
    value_set(arena, value, "before", or_null(param->before));
    value_set(arena, value, "after", or_null(param->after));
    value_set_text(arena, value, "need", need_name(param->need));
    value_set(arena, value, "origin", plan_origin_value(arena, param->origin));
    value_set_text(arena, value, "reason", param->reason);
    return value;
}

const Value *plan_change_value(Arena *arena, const Change *change)
{
    const Resource *resource = change_resource(change);
    Value *value = value_map(arena);
    value_set_text(arena, value, "op", change_op_name(change->op));
    value_set_text(arena, value, "kind", resource->kind->name);
    value_set_text(arena, value, "address", resource->address);
    value_set_text(arena, value, "scope", resource->scope);
    value_set_text(arena, value, "name", resource->name);
    value_set_text(arena, value, "host", resource->host);
    value_set_text(arena, value, "domain", change->domain->name);
    value_set_text(arena, value, "domain_type", domain_type_name(change->domain->type));
    value_set_bool(arena, value, "absent", resource->ensure == ENSURE_ABSENT);
    value_set(arena, value, "origin", plan_origin_value(arena, resource->origin));
    value_set_text(arena, value, "note", resource->note);
    value_set(arena, value, "desired", slots_value(arena, change->desired));
    value_set(arena, value, "observed", slots_value(arena, change->observed));
    value_set_text(arena, value, "withheld", change->withhold_reason);
    Value *params = value_list(arena);
    for (size_t i = 0; i < change->param_count; i++)
        value_push(arena, params, param_value(arena, &change->params[i]));
    value_set(arena, value, "params", params);
    return value;
}

static const Resource *parse_resource(Arena *arena, const Kind *kind, const Value *value,
                                      const Value *slots)
{
    if (!slots || slots->type != VALUE_MAP)
        return NULL;
    Resource *resource = ARENA_NEW(arena, Resource);
    *resource = (Resource){
        .kind = kind,
        .address = value_get_text(value, "address"),
        .scope = value_get_text(value, "scope"),
        .name = value_get_text(value, "name"),
        .host = value_get_text(value, "host"),
        .ensure = value_get_bool(value, "absent", false) ? ENSURE_ABSENT : ENSURE_PRESENT,
        .slots = ARENA_ARRAY(arena, Slot, kind->param_count),
        .origin = plan_origin_parse(arena, value_get(value, "origin")),
        .note = value_as_text(value_get(value, "note"), NULL),
    };
    for (size_t i = 0; i < kind->param_count; i++) {
        const Value *slot = value_get(slots, kind->params[i].name);
        if (slot)
            resource_set(resource, kind->params[i].name, slot, NULL);
    }
    return resource;
}

static Error *parse_op(const Value *value, ChangeOp *ret)
{
    const char *name = value_get_text(value, "op");
    for (int op = 0; op < CHANGE_OP_COUNT; op++) {
        if (strcmp(change_op_name((ChangeOp)op), name) == 0) {
            *ret = (ChangeOp)op;
            return NULL;
        }
    }
    return error_new(ERROR_INVALID, "'%s' is no operation", name);
}

static Error *parse_need(const Value *value, Need *ret)
{
    const char *name = value_get_text(value, "need");
    for (int need = 0; need < NEED_COUNT; need++) {
        if (strcmp(need_name((Need)need), name) == 0) {
            *ret = (Need)need;
            return NULL;
        }
    }
    return error_new(ERROR_INVALID, "'%s' is no need", name);
}

static Error *parse_domain(Arena *arena, const char *block, const Value *value, Domain **ret)
{
    const char *name = value_get_text(value, "domain_type");
    for (int type = 0; type < DOMAIN_TYPE_COUNT; type++) {
        if (strcmp(domain_type_name((DomainType)type), name) != 0)
            continue;
        *ret = ARENA_NEW(arena, Domain);
        **ret = (Domain){
            .type = (DomainType)type, .name = value_get_text(value, "domain"), .block = block};
        return NULL;
    }
    return error_new(ERROR_INVALID, "'%s' is no type of domain", name);
}

static const Value *null_to_none(const Value *value)
{
    return value && value->type != VALUE_NULL ? value : NULL;
}

static Error *parse_param(Arena *arena, const Kind *kind, const Value *value, ParamChange *ret)
{
    const char *name = value_get_text(value, "param");
    int index = kind_param(kind, name);
    if (index < 0)
        return error_new(ERROR_INVALID, "kind %s has no param '%s' in this version", kind->name,
                         name);
    Need need = NEED_NOTHING;
    TRY(parse_need(value, &need));
    *ret = (ParamChange){.row = &kind->params[index],
                         .key = value_as_text(value_get(value, "key"), NULL),
                         .before = null_to_none(value_get(value, "before")),
                         .after = null_to_none(value_get(value, "after")),
                         .need = need,
                         .origin = plan_origin_parse(arena, value_get(value, "origin")),
                         .reason = value_as_text(value_get(value, "reason"), NULL)};
    return NULL;
}

Error *plan_change_parse(Arena *arena, const Registry *registry, const char *block,
                         const Value *value, Change *ret)
{
    const char *name = value_get_text(value, "kind");
    const Kind *kind = registry_kind(registry, name);
    if (!kind)
        return error_new(ERROR_INVALID, "this version knows no kind '%s'", name);
    ChangeOp op = CHANGE_NONE;
    Domain *domain = NULL;
    TRY(parse_op(value, &op));
    TRY(parse_domain(arena, block, value, &domain));
    const Value *params = value_get(value, "params");
    ParamChange *changes = ARENA_ARRAY(arena, ParamChange, value_count(params));
    for (size_t i = 0; i < value_count(params); i++)
        TRY(parse_param(arena, kind, value_at(params, i), &changes[i]));
    *ret = (Change){
        .op = op,
        .desired = parse_resource(arena, kind, value, value_get(value, "desired")),
        .observed = parse_resource(arena, kind, value, value_get(value, "observed")),
        .params = changes,
        .param_count = value_count(params),
        .withhold_reason = value_as_text(value_get(value, "withheld"), NULL),
        .domain = domain,
    };
    if (op == CHANGE_WITHHOLD && !ret->withhold_reason)
        ret->withhold_reason = "no reason given";
    if (!change_resource(ret))
        return error_new(ERROR_INVALID, "the change of %s is empty",
                         value_get_text(value, "address"));
    return NULL;
}
