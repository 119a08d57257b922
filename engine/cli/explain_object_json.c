/* An object for tools. */
#include "cli/explain.h"
#include "schema/manual_parts.h"

static void set_text(Arena *arena, Value *map, const char *key, const char *text)
{
    if (text)
        value_set_text(arena, map, key, text);
}

const Value *explain_line_json(Arena *arena, const Kind *kind, const ObjectLine *line)
{
    Value *map = value_map(arena);
    value_set_text(arena, map, "param", line->row->name);
    set_text(arena, map, "key", line->key);
    value_set_bool(arena, map, "managed", line->value);
    if (line->value)
        value_set(arena, map, "value", line->value);
    if (line->origin)
        value_set(arena, map, "place", explain_place_json(arena, line->origin));
    set_text(arena, map, "parameter", line->param);
    if (line->is_default)
        value_set_text(arena, map, "default_set", PARAMS_DEFAULT_SET);
    set_text(arena, map, "reason", line->reason);
    set_text(arena, map, "secret", line->secret);
    value_set_text(arena, map, "change", manual_need(arena, kind, line->row));
    return map;
}

static const Value *param_json(Arena *arena, const Host *host, const char *name)
{
    Value *map = value_map(arena);
    const Origin *origin = host_param_origin(host, name);
    value_set_text(arena, map, "name", name);
    value_set(arena, map, "value", explain_mask(arena, host_param(host, name), ""));
    if (origin)
        value_set(arena, map, "place", explain_place_json(arena, origin));
    else
        value_set_text(arena, map, "default_set", PARAMS_DEFAULT_SET);
    return map;
}

const Value *explain_object_json(Arena *arena, const ObjectAnswer *answer)
{
    const Resource *resource = answer->resource;
    Value *map = value_map(arena), *lines = value_list(arena), *params = value_list(arena);
    for (size_t i = 0; i < answer->line_count; i++)
        value_push(arena, lines, explain_line_json(arena, resource->kind, &answer->lines[i]));
    for (size_t i = 0; i < answer->param_count; i++)
        value_push(arena, params, param_json(arena, answer->host, answer->params[i]));
    value_set_text(arena, map, "address", resource->address);
    value_set_text(arena, map, "kind", resource->kind->name);
    value_set_text(arena, map, "doc", resource->kind->doc);
    value_set_text(arena, map, "domain", answer->domain->name);
    set_text(arena, map, "host", *resource->host ? resource->host : NULL);
    value_set_bool(arena, map, "absent", resource->ensure == ENSURE_ABSENT);
    if (resource->origin)
        value_set(arena, map, "place", explain_place_json(arena, resource->origin));
    set_text(arena, map, "note", resource->note);
    value_set(arena, map, "values", lines);
    value_set(arena, map, "parameters", params);
    return map;
}
