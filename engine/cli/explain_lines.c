/* What a resource wants of a param, and where that comes from. */
#include <string.h>

#include "cli/explain.h"
#include "plans/compare.h"

Error *explain_wanted(const Session *session, const Kind *kind, const Domain *domain,
                      ResourceSet **ret)
{
    Arena *arena = session->cli->arena;
    *ret = resource_set_new(arena, kind, domain);
    Error *error = kind->desired(domain, facts_new(arena), *ret);
    return error ? error_wrap(error, "asking what %s %s wants", kind->name, domain->name) : NULL;
}

/* Is it this very value, or in it? NOLINTNEXTLINE(misc-no-recursion): the document's depth */
static bool is_inside(const Value *tree, const Value *value)
{
    if (tree == value)
        return true;
    for (size_t i = 0; i < value_count(tree); i++) {
        const Value *item = tree->type == VALUE_MAP ? tree->map.values[i] : value_at(tree, i);
        if (is_inside(item, value))
            return true;
    }
    return false;
}

/* The parameter that gave the value as it is. Constants could be anybody's. */
static const char *param_of(Arena *arena, const Host *host, const ParamRow *row, const Value *value)
{
    char **names;
    size_t count = row->inventory ? text_words(arena, row->inventory, false, &names) : 0;
    bool is_constant = value == &value_true || value == &value_false || value == &value_null ||
                       value == &value_empty_list || value == &value_empty_map;
    for (size_t i = 0; i < count && !is_constant; i++) {
        if (is_inside(host_param(host, names[i]), value))
            return names[i];
    }
    return NULL;
}

/* The parameter that a reason names: "pooled by default (pg_max_conn: auto)". */
static const char *param_in(Arena *arena, const ParamRow *row, const char *reason)
{
    static const char name_bytes[] = "abcdefghijklmnopqrstuvwxyz0123456789_";
    char **names;
    size_t count = row->inventory ? text_words(arena, row->inventory, false, &names) : 0;
    for (const char *word = reason; word && *word; word += strcspn(word, name_bytes)) {
        size_t length = strspn(word, name_bytes);
        for (size_t i = 0; i < count; i++) {
            if (strlen(names[i]) == length && strncmp(names[i], word, length) == 0)
                return names[i];
        }
        word += length;
    }
    return NULL;
}

/* What is made from a secret bears its address at the end: "scram|CLUSTER|ROLE|ADDRESS". */
static void set_secret(Arena *arena, const Inventory *inventory, const Value *value,
                       ObjectLine *line)
{
    const char *address = value->type == VALUE_SECRET ? value->text : NULL;
    while (address && !line->secret) {
        line->secret = inventory_secret_source(arena, inventory, address, &line->origin);
        address = strchr(address, '|');
        address = address ? address + 1 : NULL;
    }
}

static const Value *masked(Arena *arena, const ParamRow *row, const char *key, const Value *value)
{
    bool is_secret = (row->flags & PARAM_FLAG_SECRET) && value->type != VALUE_LATE;
    if (is_secret && value->type != VALUE_SECRET)
        return value_secret(arena, row->name);
    if (!key)
        return explain_mask(arena, value, "");
    Value *pair = value_map(arena);
    value_set(arena, pair, key, value);
    return value_get(explain_mask(arena, pair, ""), key);
}

static void add_line(Arena *arena, const Inventory *inventory, const Slot *slot, ObjectLine line,
                     ObjectAnswer *answer)
{
    const Value *value = line.value;
    if (value) {
        line.param = param_of(arena, answer->host, line.row, value);
        line.origin = inventory_origin(inventory, value);
        set_secret(arena, inventory, value, &line);
        line.value = masked(arena, line.row, line.key, value);
    }
    if (!line.param)
        line.param = param_in(arena, line.row, line.reason);
    if (!line.origin && line.param)
        line.origin = host_param_origin(answer->host, line.param);
    if (!line.origin && !line.key && !line.param)
        line.origin = slot->origin;
    line.is_default = line.param && !host_param_is_set(answer->host, line.param);
    ARENA_PUSH(arena, answer->lines, answer->line_count, answer->line_capacity, line);
}

void explain_key(Arena *arena, const Inventory *inventory, const Resource *resource,
                 const ParamRow *row, const char *key, ObjectAnswer *answer)
{
    const Slot *slot = resource_slot(resource, row->name);
    ObjectLine line = {.row = row,
                       .key = key,
                       .value = value_get(slot->value, key),
                       .reason = value_as_text(value_get(slot->key_reasons, key), NULL)};
    add_line(arena, inventory, slot, line, answer);
}

void explain_lines(Arena *arena, const Inventory *inventory, const Resource *resource,
                   const ParamRow *row, ObjectAnswer *answer)
{
    const Slot *slot = resource_slot(resource, row->name);
    const Value *value = slot->state == SLOT_UNMANAGED ? NULL : slot->value;
    if (!value || value_count(value) == 0 || value->type != VALUE_MAP || !compare_is_keyed(row)) {
        ObjectLine line = {.row = row, .value = value, .reason = slot->reason};
        add_line(arena, inventory, slot, line, answer);
        return;
    }
    for (size_t i = 0; i < value_count(value); i++)
        explain_key(arena, inventory, resource, row, value->map.keys[i], answer);
}

/* -- for people ------------------------------------------------------------------------------ */

const char *explain_line_source(Arena *arena, const ObjectLine *line)
{
    if (line->origin)
        return explain_place(arena, line->origin);
    return line->is_default ? "default" : "";
}

const char *explain_line_value(Arena *arena, const ObjectLine *line)
{
    size_t count = value_count(line->value);
    if (!line->value)
        return "(not managed)";
    if (line->row->type == PARAM_LINES && count > 1)
        return arena_printf(arena, "%zu lines", count);
    return explain_brief(arena, line->value);
}

static void add_word(Text *text, const char *word)
{
    if (word)
        text_addf(text, "%s%s", text->length ? "; " : "", word);
}

/* "pg_max_conn", "a !vault value", "25 % of the memory (pg_shared_buffer_ratio)" */
const char *explain_line_reason(Arena *arena, const ObjectLine *line)
{
    CLEANUP(text_release) Text text = TEXT_INIT;
    const char *late = line->value && line->value->type == VALUE_LATE ? line->value->text : NULL;
    add_word(&text, line->reason ? line->reason : late);
    if (!line->reason)
        add_word(&text, line->param);
    add_word(&text, line->secret);
    return text_copy(&text, arena);
}
