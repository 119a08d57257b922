#include "plans/order.h"

#include <string.h>

/* Up to so many edges a group is joined directly: a plan with few actions stays easy to read. */
enum { DIRECT_EDGES_MAX = 16 };

typedef struct Actions {
    Action **items;
    size_t count, capacity;
} Actions;

/* The two sides of a row that belong together. */
typedef struct Group {
    Actions from, to;
} Group;

typedef struct Orderer {
    Builder *builder;
    Arena *scratch; /* of all rows */
    Map *by_verb;   /* name -> Actions */
} Orderer;

static void push(Arena *arena, Actions *actions, Action *action)
{
    ARENA_PUSH(arena, actions->items, actions->count, actions->capacity, action);
}

static void index_by_verb(Orderer *orderer)
{
    for (size_t i = 0; i < orderer->builder->action_count; i++) {
        Action *action = orderer->builder->actions[i];
        Actions *actions = map_get(orderer->by_verb, action->verb->name);
        if (!actions) {
            actions = ARENA_NEW(orderer->scratch, Actions);
            map_set(orderer->by_verb, action->verb->name, actions);
        }
        push(orderer->scratch, actions, action);
    }
}

/* "role.*" or the name itself. */
static bool matches(const char *pattern, const char *verb)
{
    size_t length = strlen(pattern);
    if (length >= 2 && strcmp(pattern + length - 2, ".*") == 0)
        return strncmp(pattern, verb, length - 1) == 0;
    return strcmp(pattern, verb) == 0;
}

/* The list in args/<param>, or in args/params/<param>; a text is a list of one, of a map the keys
 * count. */
static const Value *names_of(const Action *action, const char *param)
{
    const Value *names = value_path(action->args, param);
    return names ? names : value_path(value_get(action->args, "params"), param);
}

static Group *group_of(Arena *scratch, Map *groups, const char *key)
{
    Group *group = map_get(groups, key);
    if (!group) {
        group = ARENA_NEW(scratch, Group);
        map_set(groups, key, group);
    }
    return group;
}

static const char *named_key(Arena *scratch, const Action *action, const char *name)
{
    return arena_printf(scratch, "%s\n%s", action->domain, name);
}

static void add_named(Arena *scratch, Map *groups, const OrderRow *row, Action *action)
{
    const Value *names = names_of(action, row->param);
    if (names && names->type == VALUE_TEXT)
        push(scratch, &group_of(scratch, groups, named_key(scratch, action, names->text))->to,
             action);
    for (size_t i = 0; names && i < value_count(names); i++) {
        const char *name =
            names->type == VALUE_MAP ? names->map.keys[i] : value_as_text(value_at(names, i), "");
        push(scratch, &group_of(scratch, groups, named_key(scratch, action, name))->to, action);
    }
}

/* What an action has in common with those it is related to; NULL: nothing. */
static const char *key_of(Arena *scratch, const OrderRow *row, const Action *action, bool is_from)
{
    const char *host = action->host;
    switch (row->relation) {
    case ORDER_HOST_NAMED:
        host = is_from ? host : value_get_text(action->args, row->param);
        return *host ? host : NULL;
    case ORDER_SAME_HOST:
        return *host ? host : NULL;
    case ORDER_SAME_SCOPE:
        return *action->scope ? action->scope : NULL;
    case ORDER_SAME_DOMAIN:
        return *action->domain ? action->domain : NULL;
    case ORDER_ALL:
        return "";
    case ORDER_NAMED:
        return named_key(scratch, action, value_get_text(action->args, "name"));
    }
    return NULL;
}

static void collect(Arena *scratch, Map *groups, const OrderRow *row, const Actions *actions,
                    bool is_from)
{
    for (size_t i = 0; i < actions->count; i++) {
        Action *action = actions->items[i];
        if (!is_from && row->relation == ORDER_NAMED) {
            add_named(scratch, groups, row, action);
            continue;
        }
        const char *key = key_of(scratch, row, action, is_from);
        if (!key)
            continue;
        Group *group = group_of(scratch, groups, key);
        push(scratch, is_from ? &group->from : &group->to, action);
    }
}

static void join_directly(Builder *builder, const Group *group, const char *sentence)
{
    for (size_t i = 0; i < group->from.count; i++) {
        for (size_t k = 0; k < group->to.count; k++) {
            if (group->from.items[i] != group->to.items[k])
                builder_add_edge(builder, group->from.items[i], group->to.items[k], sentence);
        }
    }
}

/* An action on both sides cannot wait for a milestone that waits for it (`overlap`). */
static void join(Builder *builder, const OrderRow *row, const Group *group, const char *key,
                 bool overlap)
{
    size_t n = group->from.count, m = group->to.count;
    if (n < 2 || m < 2 || n * m <= DIRECT_EDGES_MAX || overlap) {
        join_directly(builder, group, row->sentence);
        return;
    }
    const char *slash = *key ? "/" : "";
    char *address =
        arena_printf(builder->arena, "milestone.%s..%s%s%s", row->from, row->to, slash, key);
    for (char *c = address; *c; c++)
        *c = (char)(*c == '\n' ? '/' : *c);
    Action *barrier = builder_add_barrier(builder, address, row->sentence);
    for (size_t i = 0; i < n; i++)
        builder_add_edge(builder, group->from.items[i], barrier, row->sentence);
    for (size_t i = 0; i < m; i++)
        builder_add_edge(builder, barrier, group->to.items[i], row->sentence);
}

static void apply_row(Orderer *orderer, const OrderRow *row)
{
    CLEANUP(arena_freep) Arena *scratch = arena_new();
    Map *groups = map_new(scratch);
    bool overlap = false;
    for (size_t i = 0; i < map_count(orderer->by_verb); i++) {
        const char *verb = map_key_at(orderer->by_verb, i);
        const Actions *actions = map_value_at(orderer->by_verb, i);
        bool is_from = matches(row->from, verb), is_to = matches(row->to, verb);
        overlap = overlap || (is_from && is_to);
        if (is_from)
            collect(scratch, groups, row, actions, true);
        if (is_to)
            collect(scratch, groups, row, actions, false);
    }
    for (size_t i = 0; i < map_count(groups); i++)
        join(orderer->builder, row, map_value_at(groups, i), map_key_at(groups, i), overlap);
}

void order_apply(Builder *builder, const OrderRow *rows, size_t count)
{
    CLEANUP(arena_freep) Arena *scratch = arena_new();
    Orderer orderer = {.builder = builder, .scratch = scratch, .by_verb = map_new(scratch)};
    index_by_verb(&orderer);
    for (size_t i = 0; i < count; i++)
        apply_row(&orderer, &rows[i]);
}
