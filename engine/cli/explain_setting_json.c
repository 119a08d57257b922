/* A setting of PostgreSQL for tools. */
#include "cli/explain.h"
#include "schema/setting_places.h"

static const Value *sources_json(Arena *arena, const SettingSource *sources, size_t count)
{
    Value *list = value_list(arena);
    for (size_t i = 0; i < count; i++) {
        Value *map = value_map(arena);
        const Resource *resource = sources[i].resource;
        value_set_text(arena, map, "object", resource->address);
        value_set(arena, map, "wanted", explain_line_json(arena, resource->kind, &sources[i].line));
        value_push(arena, list, map);
    }
    return list;
}

const Value *explain_setting_json(Arena *arena, const SettingAnswer *answer)
{
    Value *map = value_map(arena), *winners = value_list(arena);
    const char *advice = setting_refusal(arena, answer->name);
    for (size_t i = 0; i < answer->winner_count; i++) {
        const SettingWinner *winner = &answer->winners[i];
        Value *item = value_map(arena);
        value_set(arena, item, "value", winner->sources[0].line.value);
        value_set(arena, item, "hosts",
                  explain_names_json(arena, winner->hosts, winner->host_count));
        value_set(arena, item, "sources",
                  sources_json(arena, winner->sources, winner->source_count));
        value_push(arena, winners, item);
    }
    value_set_text(arena, map, "setting", answer->name);
    value_set(arena, map, "winners", winners);
    value_set(arena, map, "sessions", sources_json(arena, answer->sessions, answer->session_count));
    if (advice)
        value_set_text(arena, map, "controlled", advice);
    return map;
}
