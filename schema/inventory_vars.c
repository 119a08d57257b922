#include <assert.h>
#include <string.h>

#include "base/text.h"
#include "schema/inventory_internal.h"
#include "schema/secret_name.h"
#include "schema/stray_key.h"

static void report_refused(Inventory *inventory, const DocNode *key)
{
    static const char known[] =
        "Known are ansible_host, ansible_port, ansible_user, ansible_ssh_private_key_file and\n"
        "ansible_become_user.";
    const char *advice = params_refused_advice(key->text);
    diagnostics_add(inventory->diagnostics, "E043", &key->origin, advice ? advice : known,
                    "%s is not supported", key->text)
        ->width = strlen(key->text);
}

static void report_renamed(Inventory *inventory, const DocNode *key, const ParameterRename *rename)
{
    const char *advice = *rename->new_name ? NULL : "Remove it.";
    diagnostics_add(inventory->diagnostics, "E001", &key->origin,
                    rename->note ? rename->note : advice, "%s %s", key->text,
                    params_rename_text(inventory->arena, rename))
        ->width = strlen(key->text);
}

/* A misspelt password stays a secret, too. */
static const Parameter misspelt_password = {.name = "", .type = TYPE_PASSWORD};

/* As params_nearest(); looked for once, since all hosts may have the same name of their own. */
static const char *nearest_name(Inventory *inventory, const char *name)
{
    char *near = map_get(inventory->nearest, name);
    if (!near) {
        const char *found = params_nearest(name);
        near = arena_strdup(inventory->arena, found ? found : "");
        map_set(inventory->nearest, name, near);
    }
    return *near ? near : NULL;
}

/* What its value is to be read as; NULL: as it looks. */
static const Parameter *report_unknown(Inventory *inventory, const DocNode *key,
                                       const DocNode *node)
{
    const Parameter *read_as = NULL;
    const char *near = nearest_name(inventory, key->text);
    if (near && secret_name(near)) {
        diagnostics_hide(inventory->diagnostics, &node->origin, node->end_line, node->end_column);
        read_as = &misspelt_password;
    }
    const char *advice = near ? arena_printf(inventory->arena, "Did you mean %s?", near) : NULL;
    diagnostics_add(inventory->diagnostics, "W001", &key->origin, advice, "unknown key %s, ignored",
                    key->text)
        ->width = strlen(key->text);
    return read_as;
}

static void note_foreign(Inventory *inventory, const char *module, const Origin *origin)
{
    const Origin *first = &inventory->foreign_origin;
    bool is_first = inventory->foreign_uses++ == 0;
    if (is_first || (first->file == origin->file && origin->line < first->line))
        inventory->foreign_origin = *origin;
    for (size_t i = 0; i < inventory->foreign_count; i++) {
        if (strcmp(inventory->foreign[i], module) == 0)
            return;
    }
    ARENA_PUSH(inventory->arena, inventory->foreign, inventory->foreign_count,
               inventory->foreign_capacity, module);
}

/* Words of modules that share their first word with parameters may be misspelt ones. */
static bool is_misspelt(Inventory *inventory, const char *name)
{
    const char *near = nearest_name(inventory, name);
    size_t first_word = strcspn(name, "_") + 1;
    return near && strncmp(near, name, first_word) == 0;
}

/* The i-th key of a map is in no table. What its value is to be read as; NULL: as it looks. */
static const Parameter *take_stranger(Inventory *inventory, const DocNode *map, size_t i)
{
    const DocNode *key = map->map.key_nodes[i];
    const ParameterRename *rename = params_renamed(key->text);
    const char *module = params_foreign_module(key->text);
    if (text_starts_with(key->text, "ansible_"))
        report_refused(inventory, key);
    else if (rename)
        report_renamed(inventory, key, rename);
    else if (module && !is_misspelt(inventory, key->text))
        note_foreign(inventory, module, &key->origin);
    else if (!stray_key_report(inventory->diagnostics, map, i))
        return report_unknown(inventory, key, map->map.values[i]);
    return NULL;
}

static VarSet *varset_new(Inventory *inventory, size_t count)
{
    VarSet *set = ARENA_NEW(inventory->arena, VarSet);
    set->names = ARENA_ARRAY(inventory->arena, const char *, count);
    set->vars = ARENA_ARRAY(inventory->arena, Var, count);
    set->numbers = ARENA_ARRAY(inventory->arena, uint16_t, count);
    return set;
}

static void varset_added(Inventory *inventory, VarSet *set, size_t number)
{
    const Var *var = &set->vars[set->count];
    set->names[set->count] = var->name;
    set->numbers[set->count] = (uint16_t)number;
    if (number != VAR_STRANGER)
        paramset_add(&set->has, number);
    if (var->typed.secrets || var->typed.placeholders)
        ARENA_PUSH(inventory->arena, set->differing, set->differing_count, set->differing_capacity,
                   (uint32_t)set->count);
    set->count++;
    key_index_added(inventory->arena, &set->index, set->names, set->count);
}

static void take_var(Inventory *inventory, const DocNode *map, size_t i, const Typing *typing,
                     VarSet *set)
{
    Var *var = &set->vars[set->count];
    const DocNode *key = map->map.key_nodes[i], *node = map->map.values[i];
    *var = (Var){.name = key->text, .key = key, .node = node};
    size_t number = inventory_number(inventory, key->text);
    var->row = number == VAR_STRANGER ? NULL : inventory->defaults->vars[number].row;
    const Parameter *read_as = var->row;
    if (!var->row)
        read_as = take_stranger(inventory, map, i);
    else if (var->row->flags & PARAMETER_DEAD)
        diagnostics_add(inventory->diagnostics, "W053", &key->origin, "Remove it.",
                        "nothing reads %s", key->text);
    var->typed = typing_read(typing, key->text, node, read_as);
    varset_added(inventory, set, number);
}

const VarSet *inventory_vars(Inventory *inventory, const DocNode *map, const char *directory)
{
    bool is_map = map && map->type == DOC_MAP;
    VarSet *set = varset_new(inventory, is_map ? map->map.count : 0);
    if (map && !is_map && !doc_is_null(map))
        diagnostics_add(inventory->diagnostics, "E041", &map->origin, NULL,
                        "variables must be a map, this is %s", doc_type_name(map));
    Typing typing = {inventory->arena, inventory->diagnostics, &inventory->places, directory,
                     false};
    for (size_t i = 0; is_map && i < map->map.count; i++)
        take_var(inventory, map, i, &typing, set);
    return set;
}

/* A default that needs YAML: lists, maps and quoted texts. */
static const DocNode *default_node(Inventory *inventory, const Parameter *row)
{
    bool is_container = row->type >= TYPE_TEXTS;
    if (!is_container)
        return document_text(inventory->arena, row->fallback);
    return document_parse(inventory->arena, row->name, row->fallback, strlen(row->fallback),
                          inventory->diagnostics);
}

static void take_default(Inventory *inventory, const Parameter *row, const Typing *typing, Var *var)
{
    *var = (Var){.name = row->name, .row = row};
    if (!row->fallback)
        return;
    var->node = default_node(inventory, row);
    var->typed = typing_read(typing, row->name, var->node, row);
}

const VarSet *inventory_defaults(Inventory *inventory)
{
    assert(params_count() <= VARS_MAX);
    VarSet *set = varset_new(inventory, params_count());
    Places places = {.arena = inventory->arena}; /* defaults have no place in a file */
    Typing typing = {inventory->arena, inventory->diagnostics, &places, ".", .is_default = true};
    for (size_t i = 0; i < params_table_count(); i++) {
        const ParameterTable *table = params_table_at(i);
        for (size_t r = 0; r < table->count; r++) {
            take_default(inventory, &table->rows[r], &typing, &set->vars[set->count]);
            varset_added(inventory, set, set->count);
        }
    }
    return set;
}

const Var *varset_find(const VarSet *set, const char *name)
{
    ptrdiff_t at = key_index_find(&set->index, set->names, set->count, name);
    return at == KEY_NOT_FOUND ? NULL : &set->vars[at];
}

size_t inventory_number(const Inventory *inventory, const char *name)
{
    const VarSet *table = inventory->defaults;
    ptrdiff_t at = key_index_find(&table->index, table->names, table->count, name);
    return at == KEY_NOT_FOUND ? VAR_STRANGER : (size_t)at;
}

const Var *varset_at(const VarSet *set, size_t number)
{
    if (!paramset_has(&set->has, number))
        return NULL;
    size_t i = 0;
    while (set->numbers[i] != number)
        i++;
    return &set->vars[i];
}

void paramset_join(ParamSet *set, const ParamSet *more)
{
    for (size_t i = 0; i < COUNT_OF(set->bits); i++)
        set->bits[i] |= more->bits[i];
}

bool paramset_meets(const ParamSet *a, const ParamSet *b)
{
    uint64_t common = 0;
    for (size_t i = 0; i < COUNT_OF(a->bits); i++)
        common |= a->bits[i] & b->bits[i];
    return common != 0;
}
