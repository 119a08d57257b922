#include "schema/contract/resource.h"

#include <assert.h>

#include "schema/contract/kind.h"

ResourceSet *resource_set_new(Arena *arena, const Kind *kind, const Domain *domain)
{
    ResourceSet *set = ARENA_NEW(arena, ResourceSet);
    *set = (ResourceSet){
        .arena = arena,
        .kind = kind,
        .domain = domain,
        .by_address = map_new(arena),
        .complete = true,
        .unknown_scopes = map_new(arena),
    };
    return set;
}

Resource *resource_add(ResourceSet *set, const char *scope, const char *name, const char *host)
{
    Arena *arena = set->arena;
    const char *slash = *name ? "/" : "";
    Resource *resource = ARENA_NEW(arena, Resource);
    *resource = (Resource){
        .kind = set->kind,
        .address = ARENA_JOIN(arena, set->kind->name, ".", scope, slash, name),
        .scope = arena_strdup(arena, scope),
        .name = arena_strdup(arena, name),
        .host = arena_strdup(arena, host),
        .ensure = ENSURE_PRESENT,
        .slots = ARENA_ARRAY(arena, Slot, set->kind->param_count),
    };
    const void *before = map_set(set->by_address, resource->address, resource);
    assert(!before && "two resources have one address");
    (void)before;
    return resource;
}

static Slot *slot_of(const Resource *resource, const char *param)
{
    int index = kind_param(resource->kind, param);
    assert(index >= 0 && "the kind has no such param");
    return &resource->slots[index];
}

void resource_set(Resource *resource, const char *param, const Value *value, const Origin *origin)
{
    Slot *slot = slot_of(resource, param);
    slot->value = value;
    slot->origin = origin;
    if (!value)
        slot->state = SLOT_UNMANAGED;
    else
        slot->state = value->type == VALUE_LATE ? SLOT_LATE : SLOT_SET;
}

void resource_set_reason(Resource *resource, const char *param, const char *reason)
{
    slot_of(resource, param)->reason = reason;
}

void resource_set_key_reasons(Resource *resource, const char *param, const Value *reasons)
{
    slot_of(resource, param)->key_reasons = reasons;
}

void resource_set_unknown_param(Resource *resource, const char *param, Arena *arena,
                                const char *reason)
{
    Slot *slot = slot_of(resource, param);
    slot->state = SLOT_UNKNOWN;
    slot->value = value_text(arena, reason);
}

const Slot *resource_slot(const Resource *resource, const char *param)
{
    return slot_of(resource, param);
}

const Value *resource_value(const Resource *resource, const char *param)
{
    const Slot *slot = slot_of(resource, param);
    return slot->state == SLOT_SET ? slot->value : NULL;
}

const char *resource_text(const Resource *resource, const char *param)
{
    return value_as_text(resource_value(resource, param), "");
}

void resource_set_unknown_scope(ResourceSet *set, const char *scope, const char *reason)
{
    map_set(set->unknown_scopes, arena_strdup(set->arena, scope), arena_strdup(set->arena, reason));
}

size_t resource_set_count(const ResourceSet *set)
{
    return map_count(set->by_address);
}

Resource *resource_set_at(const ResourceSet *set, size_t i)
{
    return map_value_at(set->by_address, i);
}

Resource *resource_set_get(const ResourceSet *set, const char *address)
{
    return map_get(set->by_address, address);
}

void resource_ask(Resource *resource, Arena *arena, const char *source, const char *argument)
{
    if (!resource->asks)
        resource->asks = value_map(arena);
    Value *arguments = value_list(arena);
    const Value *before = value_get(resource->asks, source);
    for (size_t i = 0; i < value_count(before); i++)
        value_push(arena, arguments, value_at(before, i));
    value_push(arena, arguments, value_text(arena, argument));
    value_set(arena, resource->asks, source, arguments);
}
