#include "schema/inventory_resolved.h"

#include <string.h>

#include "schema/inventory_internal.h"
#include "schema/yaml_text.h"

enum { COMMENT_COLUMN = 64, INDENT = 2 };

static const char mask[] = "(sensitive value)";

/* Waivers count in the vars of all and nowhere else. */
static const char only_in_all[] = "pgsteer_waivers";

/* -- what counts on a host ------------------------------------------------------------------- */

typedef struct VarList {
    const Var **items;
    size_t count, capacity;
} VarList;

static void take_row(Arena *arena, const ResolvedView *view, const Host *host, const char *name,
                     VarList *list)
{
    const Var *var = host_var(host, name);
    if (var->typed.value && (var->key || view->with_defaults))
        ARENA_PUSH(arena, list->items, list->count, list->capacity, var);
}

static bool has_var(const VarList *list, const Var *var)
{
    for (size_t i = 0; i < list->count; i++) {
        if (list->items[i] == var)
            return true;
    }
    return false;
}

/* What is in no table, as written. */
static void take_strangers(Arena *arena, const Host *host, const VarSet *set, VarList *list)
{
    for (size_t i = 0; i < set->count; i++) {
        const Var *var = &set->vars[i];
        bool is_read = !var->row && var->typed.value && host_var(host, var->name) == var;
        if (is_read && !has_var(list, var))
            ARENA_PUSH(arena, list->items, list->count, list->capacity, var);
    }
}

/* In the order of the table, then what is not in it. */
static VarList vars_of(Arena *arena, const ResolvedView *view, const Host *host)
{
    VarList list = {0};
    for (size_t i = 0; i < params_count(); i++)
        take_row(arena, view, host, params_at(i)->name, &list);
    for (size_t l = 0; l < host->layers.count; l++)
        take_strangers(arena, host, host->layers.items[l], &list);
    return list;
}

/* -- what hosts have in common --------------------------------------------------------------- */

static void add_var_value(Text *out, const Host *host, const Var *var, size_t indent)
{
    const Value *value = host_var_value(host, var);
    bool is_real = var->row && var->row->type == TYPE_REAL && value->type == VALUE_TEXT;
    if (is_real)
        text_addf(out, " %s", value->text);
    else
        yaml_add_value(out, value, indent);
}

static bool is_same(const Host *a, const Host *b, const Var *var)
{
    if (host_var(b, var->name) != var)
        return false;
    if (host_var_value(a, var) == host_var_value(b, var))
        return true;
    CLEANUP(text_release) Text left = TEXT_INIT, right = TEXT_INIT;
    add_var_value(&left, a, var, 0);
    add_var_value(&right, b, var, 0);
    return strcmp(text_get(&left), text_get(&right)) == 0;
}

static bool is_common(const Var *var, const Host *const *hosts, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        if (!is_same(hosts[0], hosts[i], var))
            return false;
    }
    return true;
}

/* The variables of some hosts that they all have from one definition with one value, without those
 * of `above`. One host has nothing in common. */
static VarList common_vars(Arena *arena, const ResolvedView *view, const Host *const *hosts,
                           size_t count, const VarList *above)
{
    VarList common = {0};
    if (count < 2)
        return common;
    VarList vars = vars_of(arena, view, hosts[0]);
    for (size_t i = 0; i < vars.count; i++) {
        if (!has_var(above, vars.items[i]) && is_common(vars.items[i], hosts, count))
            ARENA_PUSH(arena, common.items, common.count, common.capacity, vars.items[i]);
    }
    return common;
}

/* -- YAML ------------------------------------------------------------------------------------ */

typedef struct Writer {
    Arena *arena;
    const ResolvedView *view;
    Text *out;
    VarList all; /* what stands in the vars of all */
} Writer;

static void add_comment(Text *line, const Var *var)
{
    size_t columns = text_columns(text_get(line));
    text_add_repeat(line, " ",
                    columns + INDENT < COMMENT_COLUMN ? COMMENT_COLUMN - columns : INDENT);
    if (var->key)
        text_addf(line, "# %s:%d", var->key->origin.file, var->key->origin.line);
    else
        text_add(line, "# default");
}

/* The comment stands on the first line. */
static void add_var(const Writer *writer, const Host *host, const Var *var, size_t indent)
{
    CLEANUP(text_release) Text line = TEXT_INIT, value = TEXT_INIT;
    add_var_value(&value, host, var, indent);
    const char *rest = strchr(text_get(&value), '\n');
    text_add_repeat(&line, " ", indent);
    yaml_add_text(&line, var->name);
    text_add_char(&line, ':');
    text_add_bytes(&line, text_get(&value), rest ? (size_t)(rest - value.bytes) : value.length);
    add_comment(&line, var);
    text_addf(writer->out, "%s%s\n", text_get(&line), rest ? rest : "");
}

static void add_vars(const Writer *writer, const Host *host, const VarList *vars, size_t indent)
{
    if (vars->count == 0)
        return;
    text_add_repeat(writer->out, " ", indent);
    text_add(writer->out, "vars:\n");
    for (size_t i = 0; i < vars->count; i++)
        add_var(writer, host, vars->items[i], indent + INDENT);
}

/* The group where the variables of a host stand: that of its cluster, else its first. */
static const Group *home_of(const Host *host)
{
    for (size_t i = 0; i < host->group_count; i++) {
        if (strcmp(host->groups[i]->name, host->cluster) == 0)
            return host->groups[i];
    }
    return host->groups[0];
}

static void add_host(const Writer *writer, const Host *host, bool is_home, const VarList *common)
{
    const size_t indent = (size_t)4 * INDENT;
    VarList vars = {0};
    if (is_home)
        vars = vars_of(writer->arena, writer->view, host);
    text_add_repeat(writer->out, " ", indent);
    text_addf(writer->out, "%s:", host->address);
    bool is_empty = true;
    for (size_t i = 0; i < vars.count; i++) {
        const Var *var = vars.items[i];
        if (has_var(&writer->all, var) || has_var(common, var))
            continue;
        text_add(writer->out, is_empty ? "\n" : "");
        is_empty = false;
        add_var(writer, host, var, indent + INDENT);
    }
    text_add(writer->out, is_empty ? " {}\n" : "");
}

static void add_group(const Writer *writer, const Group *group)
{
    const ResolvedView *view = writer->view;
    const Host **members = ARENA_ARRAY(writer->arena, const Host *, view->host_count);
    size_t count = 0;
    bool is_home = false;
    for (size_t i = 0; i < view->host_count; i++) {
        if (!host_in_group(view->hosts[i], group->name))
            continue;
        members[count++] = view->hosts[i];
        is_home = is_home || home_of(view->hosts[i]) == group;
    }
    if (count == 0 && !view->is_whole)
        return;
    text_add_repeat(writer->out, " ", (size_t)2 * INDENT);
    yaml_add_text(writer->out, group->name);
    if (count == 0) {
        text_add(writer->out, ": {}\n");
        return;
    }
    VarList common = {0};
    if (is_home)
        common = common_vars(writer->arena, view, members, count, &writer->all);
    text_add(writer->out, ":\n      hosts:\n");
    for (size_t i = 0; i < count; i++)
        add_host(writer, members[i], home_of(members[i]) == group, &common);
    add_vars(writer, members[0], &common, (size_t)3 * INDENT);
}

static void take_waivers(Writer *writer, const Host *host)
{
    const Var *var = host_var(host, only_in_all);
    if (var->key && var->typed.value && !has_var(&writer->all, var))
        ARENA_PUSH(writer->arena, writer->all.items, writer->all.count, writer->all.capacity, var);
}

void inventory_resolved_yaml(Text *out, const Inventory *inventory, const ResolvedView *view)
{
    CLEANUP(arena_freep) Arena *scratch = arena_new();
    static const VarList none = {0};
    Writer writer = {.arena = scratch, .view = view, .out = out};
    if (view->host_count == 0)
        return;
    if (view->is_whole)
        writer.all = common_vars(scratch, view, view->hosts, view->host_count, &none);
    take_waivers(&writer, view->hosts[0]);
    text_add(out, "all:\n");
    add_vars(&writer, view->hosts[0], &writer.all, INDENT);
    text_add(out, "  children:\n");
    for (size_t i = 0; i < map_count(inventory->groups); i++)
        add_group(&writer, map_value_at(inventory->groups, i));
}

/* -- JSON ------------------------------------------------------------------------------------ */

static const char *masked(void *context, const char *address)
{
    (void)context;
    (void)address;
    return mask;
}

static const Value *var_value(Arena *arena, const Host *host, const Var *var)
{
    Value *item = value_map(arena);
    value_set(arena, item, "value", value_fill(arena, host_var_value(host, var), masked, NULL));
    if (!var->key) {
        value_set_bool(arena, item, "default", true);
        return item;
    }
    value_set_text(arena, item, "file", var->key->origin.file);
    value_set_int(arena, item, "line", var->key->origin.line);
    value_set_int(arena, item, "column", var->key->origin.column);
    return item;
}

static const Value *host_value(Arena *arena, const ResolvedView *view, const Host *host)
{
    Value *told = value_map(arena), *groups = value_list(arena), *vars = value_map(arena);
    VarList list = vars_of(arena, view, host);
    for (size_t i = 0; i < host->group_count; i++)
        value_push(arena, groups, value_text(arena, host->groups[i]->name));
    for (size_t i = 0; i < list.count; i++)
        value_set(arena, vars, list.items[i]->name, var_value(arena, host, list.items[i]));
    value_set_text(arena, told, "address", host->address);
    value_set_text(arena, told, "name", host->name);
    value_set_text(arena, told, "cluster", *host->cluster ? host->cluster : NULL);
    value_set(arena, told, "groups", groups);
    value_set(arena, told, "vars", vars);
    return told;
}

const Value *inventory_resolved_value(Arena *arena, const ResolvedView *view)
{
    Value *list = value_list(arena);
    for (size_t i = 0; i < view->host_count; i++)
        value_push(arena, list, host_value(arena, view, view->hosts[i]));
    return list;
}
