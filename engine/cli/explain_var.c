/* The definitions of one parameter, by the one that counts. */
#include <string.h>

#include "cli/explain.h"

/* -- winners --------------------------------------------------------------------------------- */

static const Definition *winner_of(const Definition *definitions, size_t count)
{
    size_t i = 0;
    while (i + 1 < count && !definitions[i].counts)
        i++;
    return &definitions[i];
}

static bool same_chain(const VarWinner *known, const Definition *definitions, size_t count)
{
    bool is_same = known->definition_count == count;
    for (size_t i = 0; is_same && i < count; i++)
        is_same = definition_equal(&known->definitions[i], &definitions[i]);
    return is_same;
}

/* Holes bear the name of their host, but are the same secret. */
static bool same_text(const Value *a, const Value *b)
{
    CLEANUP(text_release) Text left = TEXT_INIT, right = TEXT_INIT;
    value_format(&left, a);
    value_format(&right, b);
    return text_equal(text_get(&left), text_get(&right));
}

static Definition *traced(Arena *arena, const Host *host, const char *name, size_t *ret_count)
{
    const Definition *found;
    *ret_count = inventory_trace(arena, host, name, &found);
    Definition *definitions = ARENA_ARRAY(arena, Definition, *ret_count);
    for (size_t i = 0; i < *ret_count; i++) {
        definitions[i] = found[i];
        if (found[i].written)
            definitions[i].written = explain_mask(arena, found[i].written, name);
    }
    return definitions;
}

static VarWinner *find_winner(VarAnswer *answer, const Definition *definition)
{
    for (size_t i = 0; i < answer->winner_count; i++) {
        if (definition_equal(answer->winners[i].winner, definition))
            return &answer->winners[i];
    }
    return NULL;
}

static void add_host(Arena *arena, VarAnswer *answer, const Host *host)
{
    size_t count;
    const Definition *definitions = traced(arena, host, answer->row->name, &count);
    const Definition *winner = winner_of(definitions, count);
    const Value *value = explain_mask(arena, host_param(host, answer->row->name), "");
    VarWinner *known = find_winner(answer, winner);
    if (!known) {
        VarWinner new = {.definitions = definitions,
                         .definition_count = count,
                         .winner = winner,
                         .value = value};
        ARENA_PUSH(arena, answer->winners, answer->winner_count, answer->winner_capacity, new);
        known = &answer->winners[answer->winner_count - 1];
    }
    known->differs = known->differs || !same_text(known->value, value);
    known->is_mixed = known->is_mixed || !same_chain(known, definitions, count);
    ARENA_PUSH(arena, known->hosts, known->host_count, known->host_capacity, host);
}

/* -- warnings -------------------------------------------------------------------------------- */

static bool is_line_of(const VarAnswer *answer, const Origin *place)
{
    for (size_t i = 0; i < answer->winner_count; i++) {
        const Origin *origin = answer->winners[i].winner->origin;
        if (origin && origin->line == place->line && text_equal(origin->file, place->file))
            return true;
    }
    return false;
}

static void take_warnings(const Session *session, VarAnswer *answer)
{
    for (size_t i = 0; i < diagnostics_count(session->diagnostics); i++) {
        const Diagnostic *diagnostic = diagnostics_at(session->diagnostics, i);
        bool is_meant = false;
        for (size_t k = 0; k < diagnostic->place_count; k++)
            is_meant = is_meant || is_line_of(answer, &diagnostic->places[k]);
        if (is_meant && !diagnostic->waived_for)
            ARENA_PUSH(session->cli->arena, answer->warnings, answer->warning_count,
                       answer->warning_capacity, diagnostic);
    }
}

Error *explain_var(const Session *session, const char *name, const ExplainHosts *hosts,
                   VarAnswer *ret)
{
    *ret = (VarAnswer){.row = params_find(name, NULL),
                       .hosts = hosts,
                       .has_readers = hosts->count == 1 || hosts->cluster};
    for (size_t i = 0; i < hosts->count; i++)
        add_host(session->cli->arena, ret, hosts->items[i]);
    take_warnings(session, ret);
    return ret->has_readers ? explain_readers(session, ret) : NULL;
}
