/* A parameter for tools. */
#include "cli/explain.h"
#include "schema/manual_parts.h"

static const char *const layers[] = {[DEFINITION_DEFAULT] = "default",
                                     [DEFINITION_ALL] = "all",
                                     [DEFINITION_GROUP] = "group",
                                     [DEFINITION_HOST] = "host"};

static Value *definition_json(Arena *arena, const Definition *definition)
{
    Value *map = value_map(arena);
    value_set_text(arena, map, "layer", layers[definition->layer]);
    if (*definition->owner)
        value_set_text(arena, map, "owner", definition->owner);
    if (definition->origin)
        value_set(arena, map, "place", explain_place_json(arena, definition->origin));
    else
        value_set_text(arena, map, "default_set", PARAMS_DEFAULT_SET);
    value_set(arena, map, "written", definition->written ? definition->written : &value_null);
    if (definition->secret)
        value_set_text(arena, map, "secret", definition->secret);
    value_set_bool(arena, map, "counts", definition->counts);
    return map;
}

static const Value *winner_json(Arena *arena, const VarWinner *winner)
{
    Value *map = definition_json(arena, winner->winner);
    Value *definitions = value_list(arena);
    for (size_t i = 0; i < winner->definition_count; i++)
        value_push(arena, definitions, definition_json(arena, &winner->definitions[i]));
    value_set(arena, map, "value", winner->value);
    value_set_bool(arena, map, "differs", winner->differs);
    value_set(arena, map, "hosts", explain_names_json(arena, winner->hosts, winner->host_count));
    value_set(arena, map, "definitions", definitions);
    value_set_bool(arena, map, "definitions_differ", winner->is_mixed);
    return map;
}

static const Value *warning_json(Arena *arena, const Diagnostic *warning)
{
    Value *map = value_map(arena);
    value_set_text(arena, map, "code", warning->code);
    value_set_text(arena, map, "message", warning->message);
    return map;
}

static void set_row(Arena *arena, Value *map, const Registry *registry, const Parameter *row)
{
    static const char *const names[MANUAL_FACTS] = {
        [MANUAL_TYPE] = "type",          [MANUAL_DEFAULT] = "default",
        [MANUAL_LEVELS] = "written_for", [MANUAL_PLACEHOLDERS] = "may_hold",
        [MANUAL_FEEDS] = "ends_in",      [MANUAL_CHANGE] = "change",
        [MANUAL_NOT_FOR] = "not_for",    [MANUAL_OLD_NAMES] = "was_called"};
    ManualFact facts[MANUAL_FACTS];
    manual_facts(arena, registry, row, facts);
    value_set_text(arena, map, "parameter", row->name);
    value_set_text(arena, map, "doc", row->doc);
    for (size_t i = 0; i < MANUAL_FACTS; i++) {
        if (facts[i].text && i != MANUAL_DEFAULT)
            value_set_text(arena, map, names[i], facts[i].text);
    }
}

static void set_readers(Arena *arena, Value *map, const VarAnswer *answer)
{
    Value *readers = value_list(arena);
    for (size_t i = 0; i < answer->reader_count; i++)
        value_push(arena, readers, value_text(arena, answer->readers[i]));
    if (answer->has_readers)
        value_set(arena, map, "read_by", readers);
}

const Value *explain_var_json(Arena *arena, const Registry *registry, const VarAnswer *answer)
{
    Value *map = value_map(arena), *winners = value_list(arena), *warnings = value_list(arena);
    for (size_t i = 0; i < answer->winner_count; i++)
        value_push(arena, winners, winner_json(arena, &answer->winners[i]));
    for (size_t i = 0; i < answer->warning_count; i++)
        value_push(arena, warnings, warning_json(arena, answer->warnings[i]));
    set_row(arena, map, registry, answer->row);
    set_readers(arena, map, answer);
    value_set(arena, map, "winners", winners);
    value_set(arena, map, "warnings", warnings);
    return map;
}
