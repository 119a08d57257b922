/*
 * The two digests of a plan. Each is a chain over lines of canonical JSON, so that no plan, however
 * large, is held as one text.
 */
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/json.h"
#include "plans/plan_parts.h"

typedef struct Chain {
    char hex[SHA256_HEX + 1];
    Text line;
} Chain;

static void chain_add(Chain *chain, const Value *value)
{
    text_clear(&chain->line);
    text_add(&chain->line, chain->hex);
    text_add_char(&chain->line, '\n');
    json_write_canonical(&chain->line, value);
    sha256_hex(chain->line.bytes, chain->line.length, chain->hex);
}

static const char *chain_end(Chain *chain, Arena *arena)
{
    text_release(&chain->line);
    return arena_strdup(arena, chain->hex);
}

const char *plan_transition_digest(Arena *arena, const Plan *plan)
{
    Chain chain = {.line = TEXT_INIT};
    for (size_t i = 0; i < plan->action_count; i++) {
        CLEANUP(arena_freep) Arena *scratch = arena_new();
        const Action *action = &plan->actions[i];
        Value *line = value_map(scratch);
        value_set_text(scratch, line, "verb", action->verb->name);
        value_set_text(scratch, line, "address", action->address);
        value_set_text(scratch, line, "host", action->host);
        value_set_text(scratch, line, "op", change_op_name((ChangeOp)action->op));
        value_set(scratch, line, "args", action->args);
        chain_add(&chain, line);
    }
    for (size_t i = 0; i < plan->edge_count; i++) {
        Value ends[2] = {{.type = VALUE_INT, .integer = (int64_t)plan->edges[i].from},
                         {.type = VALUE_INT, .integer = (int64_t)plan->edges[i].to}};
        const Value *items[2] = {&ends[0], &ends[1]};
        Value line = {.type = VALUE_LIST, .list = {.items = items, .count = 2}};
        chain_add(&chain, &line);
    }
    return chain_end(&chain, arena);
}

static int reading_compare(const void *a, const void *b)
{
    const Reading *left = *(const Reading *const *)a, *right = *(const Reading *const *)b;
    int order = strcmp(left->source, right->source);
    return order ? order : strcmp(left->subject, right->subject);
}

void plan_world_digest(const Facts *facts, char digest[SHA256_HEX + 1])
{
    CLEANUP(arena_freep) Arena *scratch = arena_new();
    size_t count = facts_count(facts);
    const Reading **readings = ARENA_ARRAY(scratch, const Reading *, count);
    for (size_t i = 0; i < count; i++)
        readings[i] = facts_at(facts, i);
    qsort(readings, count, sizeof(*readings), reading_compare);
    Chain chain = {.line = TEXT_INIT};
    memcpy(chain.hex, digest, sizeof(chain.hex));
    for (size_t i = 0; i < count; i++) {
        Value *line = value_list(scratch);
        value_push(scratch, line, value_text(scratch, readings[i]->source));
        value_push(scratch, line, value_text(scratch, readings[i]->subject));
        value_push(scratch, line, readings[i]->value ? readings[i]->value : &value_null);
        chain_add(&chain, line);
    }
    memcpy(digest, chain.hex, sizeof(chain.hex));
    text_release(&chain.line);
}
