/* A parameter for people. The first line is the answer. */
#include <string.h>

#include "cli/explain.h"
#include "schema/manual_parts.h"

enum {
    LABEL_COLUMN = 15,
    WINNERS_NAMED = 4,

    READERS_SHOWN = 6,
    PLACE_LEAST = 2
};

static const char *layer_text(Arena *arena, const Definition *definition)
{
    switch (definition->layer) {
    case DEFINITION_ALL:
        return "all";
    case DEFINITION_GROUP:
        return arena_printf(arena, "group %s", definition->owner);
    case DEFINITION_HOST:
        return arena_printf(arena, "host %s", definition->owner);
    case DEFINITION_DEFAULT:
        break;
    }
    return "";
}

static const char *place_text(Arena *arena, const Definition *definition)
{
    return definition->origin ? explain_place(arena, definition->origin)
                              : "default of set " PARAMS_DEFAULT_SET;
}

static const char *written_text(Arena *arena, const Definition *definition)
{
    const char *text = "empty";
    if (definition->written)
        text = explain_brief(arena, definition->written);
    else if (definition->layer == DEFINITION_DEFAULT)
        text = "none";
    return definition->secret ? arena_printf(arena, "%s: %s", text, definition->secret) : text;
}

/* What can be said of all its hosts: the value, or what was written. */
static const Value *common_value(const VarWinner *winner)
{
    return winner->differs ? winner->winner->written : winner->value;
}

/* "500", "not set" */
static const char *value_text_of(Arena *arena, const VarWinner *winner)
{
    if (winner->value->type == VALUE_NULL)
        return "not set";
    return explain_brief(arena, common_value(winner));
}

static const char *source_text(Arena *arena, const Definition *definition)
{
    const char *secret = definition->secret ? arena_printf(arena, ": %s", definition->secret) : "";
    if (!definition->written && definition->layer == DEFINITION_DEFAULT)
        return "there is no default";
    if (definition->layer == DEFINITION_DEFAULT)
        return arena_printf(arena, "the %s%s", place_text(arena, definition), secret);
    return arena_printf(arena, "from %s (%s)%s", place_text(arena, definition),
                        layer_text(arena, definition), secret);
}

static const char *first_line(Arena *arena, const VarAnswer *answer)
{
    CLEANUP(text_release) Text text = TEXT_INIT;
    const char *name = answer->row->name;
    const VarWinner *winners = answer->winners;
    if (answer->winner_count == 1)
        return arena_printf(arena, "%s is %s on %s, %s", name, value_text_of(arena, &winners[0]),
                            explain_asked(arena, answer->hosts),
                            source_text(arena, winners[0].winner));
    if (answer->winner_count > WINNERS_NAMED)
        return arena_printf(arena, "%s comes from %zu places on %s", name, answer->winner_count,
                            explain_asked(arena, answer->hosts));
    for (size_t i = 0; i < answer->winner_count; i++)
        text_addf(&text, "%s%s on %s", i > 0 ? ", " : "", value_text_of(arena, &winners[i]),
                  explain_count(arena, winners[i].host_count));
    return arena_printf(arena, "%s is %s", name, text_get(&text));
}

/* -- definitions ----------------------------------------------------------------------------- */

typedef struct Columns {
    size_t place, layer;
} Columns;

static Columns measure(Arena *arena, const VarWinner *winner)
{
    Columns columns = {0, 0};
    for (size_t i = 0; i < winner->definition_count; i++) {
        size_t place = text_columns(place_text(arena, &winner->definitions[i]));
        size_t layer = text_columns(layer_text(arena, &winner->definitions[i]));
        columns.place = place > columns.place ? place : columns.place;
        columns.layer = layer > columns.layer ? layer : columns.layer;
    }
    return columns;
}

static void put_definition(const Page *page, Arena *arena, const Definition *definition,
                           Columns columns)
{
    CLEANUP(text_release) Text text = TEXT_INIT;
    size_t layer_column = 4 + columns.place + PLACE_LEAST;
    size_t value_column = layer_column + columns.layer + PLACE_LEAST;
    text_addf(&text, "  %s %s", definition->counts ? ">" : " ", place_text(arena, definition));
    page_pad(&text, layer_column, 1);
    text_add(&text, layer_text(arena, definition));
    page_pad(&text, value_column, 1);
    text_add(&text, written_text(arena, definition));
    page_put(page, COLOR_PLAIN, text_get(&text), value_column, "");
}

static void put_definitions(const Page *page, Arena *arena, const VarWinner *winner)
{
    Columns columns = measure(arena, winner);
    for (size_t i = 0; i < winner->definition_count; i++) {
        if (!winner->is_mixed || &winner->definitions[i] == winner->winner)
            put_definition(page, arena, &winner->definitions[i], columns);
    }
    if (winner->is_mixed)
        page_line(page, COLOR_DIM, "    what it shadows differs from host to host: -host=NAME");
    if (!winner->winner->origin && winner->definition_count > 1)
        page_line(page, COLOR_DIM, "    an empty definition lets the default count");
    page_blank(page);
}

static void put_long_value(const Page *page, Arena *arena, const VarWinner *winner)
{
    explain_rest(page, arena, common_value(winner));
}

static void put_winner(const Page *page, Arena *arena, const VarWinner *winner)
{
    const char *line = arena_printf(arena, "%s on %s: %s", value_text_of(arena, winner),
                                    explain_count(arena, winner->host_count),
                                    explain_names(page, arena, winner->hosts, winner->host_count));
    page_put(page, COLOR_BOLD, line, 4, "");
    put_long_value(page, arena, winner);
    put_definitions(page, arena, winner);
}

/* -- the row --------------------------------------------------------------------------------- */

static void put_winners(const Page *page, Arena *arena, const VarAnswer *answer)
{
    size_t shown = explain_shown(page, answer->winner_count);
    for (size_t i = 0; i < shown; i++)
        put_winner(page, arena, &answer->winners[i]);
    explain_hidden(page, arena, answer->winner_count - shown);
}

static void put_fact(const Page *page, const char *label, const char *text)
{
    CLEANUP(text_release) Text line = TEXT_INIT;
    text_addf(&line, "  %s", label);
    page_pad(&line, LABEL_COLUMN, 1);
    text_add(&line, text);
    page_put(page, COLOR_PLAIN, text_get(&line), LABEL_COLUMN, "");
}

static void put_row(const Page *page, Arena *arena, const Registry *registry, const Parameter *row)
{
    ManualFact facts[MANUAL_FACTS];
    manual_facts(arena, registry, row, facts);
    put_fact(page, "Meaning", row->doc);
    for (size_t i = 0; i < MANUAL_FACTS; i++) {
        if (facts[i].text && i != MANUAL_DEFAULT)
            put_fact(page, facts[i].label, facts[i].text);
    }
}

static void put_readers(const Page *page, const VarAnswer *answer)
{
    CLEANUP(text_release) Text text = TEXT_INIT;
    size_t count = answer->reader_count;
    bool is_short = page->options->verbose || count <= READERS_SHOWN + 1;
    size_t shown = is_short ? count : READERS_SHOWN;
    for (size_t i = 0; i < shown; i++)
        text_addf(&text, "%s%s", i > 0 ? ", " : "", answer->readers[i]);
    if (shown < count)
        text_addf(&text, " and %zu more (-v lists them)", count - shown);
    if (answer->has_readers)
        put_fact(page, "Read by", count > 0 ? text_get(&text) : "nothing on these hosts");
}

void explain_var_text(const Page *page, Arena *arena, const Registry *registry,
                      const VarAnswer *answer)
{
    page_put(page, COLOR_BOLD, first_line(arena, answer), 4, "");
    if (answer->winner_count == 1)
        put_long_value(page, arena, &answer->winners[0]);
    page_blank(page);
    if (answer->winner_count == 1)
        put_definitions(page, arena, &answer->winners[0]);
    if (answer->winner_count > 1)
        put_winners(page, arena, answer);
    put_row(page, arena, registry, answer->row);
    put_readers(page, answer);
    for (size_t i = 0; i < answer->warning_count; i++)
        put_fact(page, arena_printf(arena, "Warning %s", answer->warnings[i]->code),
                 answer->warnings[i]->message);
}
