/* The definitions of one parameter, by the one that counts. */
#include <string.h>

#include "cli/explain.h"

/* -- names ----------------------------------------------------------------------------------- */

static Error *unknown_parameter(Arena *arena, const char *name)
{
    const ParameterRename *rename = params_renamed(name);
    const char *module = params_foreign_module(name), *near = params_nearest(name);
    if (rename)
        return error_new(ERROR_INVALID, "%s %s", name, params_rename_text(arena, rename));
    if (module)
        return error_new(ERROR_INVALID, "%s belongs to %s, which is not managed: nothing reads it",
                         name, module);
    return error_new(ERROR_INVALID, "there is no parameter '%s'%s", name,
                     near ? arena_printf(arena, ", did you mean '%s'?", near)
                          : " (pgsteer schema lists them)");
}

static Error *unknown_name(Arena *arena, const char *what, const char *name,
                           const char *const *names, size_t count)
{
    const char *near = text_nearest(name, names, count);
    return error_new(ERROR_INVALID, "there is no %s '%s' in the inventory%s", what, name,
                     near ? arena_printf(arena, ", did you mean '%s'?", near) : "");
}

static bool is_called(const Host *host, const char *name)
{
    return strcmp(host_address(host), name) == 0 || strcmp(host_name(host), name) == 0 ||
           strcmp(host_instance(host), name) == 0;
}

static Error *find_host(Arena *arena, const Inventory *inventory, const char *name,
                        const Host **ret)
{
    size_t count = inventory_host_count(inventory), name_count = 0;
    const char **names = ARENA_ARRAY(arena, const char *, count * 3);
    for (size_t i = 0; i < count; i++) {
        const Host *host = inventory_host_at(inventory, i);
        if (is_called(host, name)) {
            *ret = host;
            return NULL;
        }
        names[name_count++] = host_address(host);
        names[name_count++] = host_name(host);
        names[name_count++] = host_instance(host);
    }
    return unknown_name(arena, "host", name, names, name_count);
}

static Error *check_cluster(Arena *arena, const Inventory *inventory, const char *name)
{
    if (!name || inventory_cluster(inventory, name))
        return NULL;
    size_t count = inventory_cluster_count(inventory);
    const char **names = ARENA_ARRAY(arena, const char *, count);
    for (size_t i = 0; i < count; i++)
        names[i] = inventory_cluster_at(inventory, i)->name;
    return unknown_name(arena, "cluster", name, names, count);
}

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
                         .value = value,
                         .is_filled = winner->written && !same_text(winner->written, value)};
        ARENA_PUSH(arena, answer->winners, answer->winner_count, answer->winner_capacity, new);
        known = &answer->winners[answer->winner_count - 1];
    }
    known->differs = known->differs || !same_text(known->value, value);
    known->is_mixed = known->is_mixed || !same_chain(known, definitions, count);
    ARENA_PUSH(arena, known->hosts, known->host_count, known->host_capacity, host);
    answer->host_count++;
}

Error *explain_var(const Session *session, const char *name, const char *host, const char *cluster,
                   VarAnswer *ret)
{
    Arena *arena = session->cli->arena;
    const Host *only = NULL;
    *ret = (VarAnswer){.row = params_find(name, NULL), .cluster = cluster};
    if (!ret->row)
        return unknown_parameter(arena, name);
    if (host)
        TRY(find_host(arena, session->inventory, host, &only));
    TRY(check_cluster(arena, session->inventory, cluster));
    for (size_t i = 0; i < inventory_host_count(session->inventory); i++) {
        const Host *one = inventory_host_at(session->inventory, i);
        if ((!only || one == only) && (!cluster || strcmp(host_cluster(one), cluster) == 0))
            add_host(arena, ret, one);
    }
    return ret->host_count > 0 ? NULL : error_new(ERROR_INVALID, "the inventory has no hosts");
}
