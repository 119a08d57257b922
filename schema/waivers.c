/* Warnings that the owner of an inventory knows and wants to keep: not shown until a day comes. */
#include <ctype.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "schema/codes.h"
#include "schema/inventory_internal.h"

static const char where_advice[] = "Write it into the vars of all: it counts for the inventory.";

static const Value *list_in(const VarSets *sets)
{
    for (size_t i = sets->count; i-- > 0;) {
        const Var *var = varset_find(sets->items[i], "pgsteer_waivers");
        if (var)
            return var->typed.value;
    }
    return NULL;
}

static void refuse_sets(Diagnostics *diagnostics, const VarSets *sets)
{
    for (size_t i = 0; i < sets->count; i++) {
        const Var *var = varset_find(sets->items[i], "pgsteer_waivers");
        if (var)
            diagnostics_add(diagnostics, "E057", &var->key->origin, where_advice,
                            "pgsteer_waivers of a group or host is not read");
    }
}

static void refuse_elsewhere(const Inventory *inventory, Diagnostics *diagnostics)
{
    for (size_t i = 0; i < map_count(inventory->groups); i++) {
        const Group *group = map_value_at(inventory->groups, i);
        refuse_sets(diagnostics, &group->sets);
        for (size_t f = 0; group->beside && f < inventory->folder_count; f++)
            refuse_sets(diagnostics, &group->beside[f]);
    }
    for (size_t i = 0; i < inventory->host_count; i++)
        refuse_sets(diagnostics, &inventory->hosts[i]->own);
}

/* What is wrong with a field of a waiver, or NULL; *ret_field is its name. */
static const char *problem_of(const Value *waiver, const char **ret_field)
{
    const char *code = value_get_text(waiver, "code");
    *ret_field = "code";
    if (code[0] == 'E')
        return "is an error; only warnings can be waived";
    if (!codes_find(code))
        return "is no code of a warning, such as W032";
    *ret_field = "until";
    if (!clock_is_date(value_get_text(waiver, "until")))
        return "is no day; write YYYY-MM-DD";
    *ret_field = "reason";
    const char *reason = value_get_text(waiver, "reason");
    return reason[strspn(reason, " \t\r\n")] ? NULL
                                             : "says nothing; whoever reads it wants to know why";
}

static bool is_word_part(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '-';
}

/* Are the words in the message, as whole ones? */
static bool has_words(const char *message, const char *words)
{
    size_t length = strlen(words);
    for (const char *at = strstr(message, words); at; at = strstr(at + 1, words)) {
        bool starts = at == message || !is_word_part(at[-1]) || !is_word_part(*words);
        if (starts && !is_word_part(at[length]))
            return true;
    }
    return false;
}

static bool is_meant(const Value *waiver, const Diagnostic *diagnostic)
{
    const char *match = value_get_text(waiver, "match");
    return strcmp(diagnostic->code, value_get_text(waiver, "code")) == 0 &&
           (!*match || has_words(diagnostic->message, match));
}

/* Returns whether it waives anything, or did while its time was. */
static bool apply(Diagnostics *diagnostics, const Value *waiver)
{
    const char *until = value_get_text(waiver, "until"), *reason = value_get_text(waiver, "reason");
    bool is_over = strcmp(diagnostics_today(diagnostics), until) > 0;
    bool is_used = false;
    for (size_t i = 0; i < diagnostics_count(diagnostics); i++) {
        const Diagnostic *diagnostic = diagnostics_at(diagnostics, i);
        if (!is_meant(waiver, diagnostic))
            continue;
        is_used = true;
        CLEANUP(text_release) Text note = TEXT_INIT;
        text_addf(&note, "It was waived until %s: %s", until, reason);
        if (!is_over)
            diagnostics_waive(diagnostics, i, reason, until);
        else if (!diagnostic->waived_for)
            diagnostics_advise(diagnostics, i, text_get(&note));
    }
    return is_used;
}

static void take(const Inventory *inventory, Diagnostics *diagnostics, const Value *waiver,
                 const Value **unused, size_t *unused_count)
{
    const char *field, *problem = problem_of(waiver, &field);
    const Value *value = value_get(waiver, field);
    bool is_complete =
        value_get(waiver, "code") && value_get(waiver, "until") && value_get(waiver, "reason");
    if (!is_complete)
        return; /* E047 has been said */
    if (problem)
        diagnostics_add(diagnostics, "E057", inventory_origin(inventory, value), NULL,
                        "%s \"%s\" of a waiver %s", field, value_as_text(value, ""), problem);
    else if (!apply(diagnostics, waiver))
        unused[(*unused_count)++] = waiver;
}

void inventory_waive(const Inventory *inventory, Diagnostics *diagnostics)
{
    const Value *list = list_in(&inventory->all_beside);
    list = list ? list : list_in(&inventory->all);
    refuse_elsewhere(inventory, diagnostics);
    const Value **unused = ARENA_ARRAY(inventory->arena, const Value *, value_count(list) + 1);
    size_t unused_count = 0;
    for (size_t i = 0; i < value_count(list); i++)
        take(inventory, diagnostics, value_at(list, i), unused, &unused_count);
    for (size_t i = 0; i < unused_count; i++)
        diagnostics_add(diagnostics, "W057", inventory_origin(inventory, unused[i]),
                        "Take it out, so that it hides nothing later.",
                        "the waiver of %s waives nothing", value_get_text(unused[i], "code"));
}
