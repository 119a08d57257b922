/* A plan to lines. Each line is built, written and forgotten. */
#include "base/digest.h"
#include "base/json.h"
#include "plans/plan_lines.h"
#include "plans/verify/start.h"
#include "plans/verify/verification.h"

enum { EDGES_PER_LINE = 1000 };

typedef struct Lines {
    PlanLineTake take;
    void *context;
    Sha256 *digest; /* of all so far; NULL: it is written */
    Text line;
} Lines;

static void add_line(Lines *out, Arena *scratch, const char *what, const Value *value)
{
    Value *line = value_map(scratch);
    value_set(scratch, line, what, value);
    text_clear(&out->line);
    json_write(&out->line, line);
    text_add_char(&out->line, '\n');
    if (out->digest)
        sha256_more(out->digest, text_get(&out->line), out->line.length);
    out->take(out->context, text_get(&out->line), out->line.length);
}

static const Value *texts(Arena *arena, const char *const *items, size_t count)
{
    Value *list = value_list(arena);
    for (size_t i = 0; i < count; i++)
        value_push(arena, list, value_text(arena, items[i]));
    return list;
}

static const Value *ids(Arena *arena, const size_t *items, size_t count)
{
    Value *list = value_list(arena);
    for (size_t i = 0; i < count; i++)
        value_push(arena, list, value_int(arena, (int64_t)items[i]));
    return list;
}

static void set_size(Arena *arena, Value *map, const char *key, size_t number)
{
    value_set_int(arena, map, key, (int64_t)number);
}

static const Value *impact_value(Arena *arena, const PlanImpact *impact)
{
    Value *value = value_map(arena);
    set_size(arena, value, "reloads", impact->reloads);
    set_size(arena, value, "reconnects", impact->reconnects);
    set_size(arena, value, "restarts", impact->restarts);
    set_size(arena, value, "switchovers", impact->switchovers);
    set_size(arena, value, "rebuilds", impact->rebuilds);
    value_set_int(arena, value, "write_gap_ms", impact->write_gap_ms);
    value_set_bool(arena, value, "data_lost", impact->data_lost);
    value_set(arena, value, "restarted", texts(arena, impact->restarted, impact->restarted_count));
    return value;
}

static size_t path_count(const Plan *plan)
{
    size_t count = 0;
    while (plan->inventory_paths && plan->inventory_paths[count])
        count++;
    return count;
}

static const Value *note_value(Arena *arena, const PlanNote *note)
{
    Value *value = value_map(arena);
    value_set_text(arena, value, "kind", note->kind);
    value_set_text(arena, value, "code", note->code);
    value_set_text(arena, value, "text", note->text);
    value_set(arena, value, "origin", plan_origin_value(arena, note->origin));
    return value;
}

static const Value *notes_value(Arena *arena, const PlanNote *notes, size_t count)
{
    Value *list = value_list(arena);
    for (size_t i = 0; i < count; i++)
        value_push(arena, list, note_value(arena, &notes[i]));
    return list;
}

static void add_header(Lines *out, const Plan *plan)
{
    CLEANUP(arena_freep) Arena *scratch = arena_new();
    Value *value = value_map(scratch);
    value_set_int(scratch, value, "format", PLAN_FORMAT);
    value_set_text(scratch, value, "program_version", plan->program_version);
    value_set_int(scratch, value, "created_wall_ms", plan->created_wall_ms);
    value_set(scratch, value, "inventory_paths",
              texts(scratch, plan->inventory_paths, path_count(plan)));
    value_set_text(scratch, value, "inventory_digest", plan->inventory_digest);
    set_size(scratch, value, "hosts_wanted", plan->hosts_wanted);
    set_size(scratch, value, "hosts_observed", plan->hosts_observed);
    value_set_int(scratch, value, "observe_ms", plan->observe_ms);
    set_size(scratch, value, "blocks", plan->block_count);
    set_size(scratch, value, "matching_blocks", plan->matching_block_count);
    set_size(scratch, value, "actions", plan->action_count);
    set_size(scratch, value, "edges", plan->edge_count);
    set_size(scratch, value, "limits", plan->limit_count);
    set_size(scratch, value, "brackets", plan->bracket_count);
    set_size(scratch, value, "starts", plan->start_count);
    value_set_int(scratch, value, "critical_path_ms", plan->critical_path_ms);
    set_size(scratch, value, "to_add", plan->add_count);
    set_size(scratch, value, "to_change", plan->change_count);
    set_size(scratch, value, "to_destroy", plan->destroy_count);
    set_size(scratch, value, "withheld", plan->withheld_count);
    value_set(scratch, value, "impact", impact_value(scratch, &plan->impact));
    value_set(scratch, value, "not_compared",
              notes_value(scratch, plan->not_compared, plan->not_compared_count));
    if (plan->verification)
        value_set(scratch, value, "verification", verification_value(scratch, plan->verification));
    value_set_text(scratch, value, "transition", plan->transition);
    value_set_text(scratch, value, "world", plan->world);
    add_line(out, scratch, "plan", value);
}

static void add_block(Lines *out, const PlanBlock *block)
{
    CLEANUP(arena_freep) Arena *scratch = arena_new();
    Value *value = value_map(scratch);
    value_set_text(scratch, value, "name", block->name);
    value_set_text(scratch, value, "title", block->title);
    set_size(scratch, value, "member_count", block->member_count);
    value_set_text(scratch, value, "member_noun", block->member_noun);
    set_size(scratch, value, "unchanged_count", block->unchanged_count);
    Value *changes = value_list(scratch);
    for (size_t i = 0; i < block->change_count; i++)
        value_push(scratch, changes, plan_change_value(scratch, &block->changes[i]));
    value_set(scratch, value, "changes", changes);
    value_set(scratch, value, "notes", notes_value(scratch, block->notes, block->note_count));
    add_line(out, scratch, "block", value);
}

static void add_action(Lines *out, const Action *action, int64_t start_ms)
{
    CLEANUP(arena_freep) Arena *scratch = arena_new();
    Value *value = value_map(scratch);
    set_size(scratch, value, "id", action->id);
    value_set_text(scratch, value, "verb", action->verb->name);
    value_set_text(scratch, value, "address", action->address);
    value_set_text(scratch, value, "domain", action->domain);
    value_set_text(scratch, value, "block", action->block);
    value_set_text(scratch, value, "kind", action->kind);
    value_set_text(scratch, value, "scope", action->scope);
    value_set_text(scratch, value, "host", action->host);
    value_set_text(scratch, value, "cluster", action->cluster);
    value_set_text(scratch, value, "op", change_op_name((ChangeOp)action->op));
    value_set(scratch, value, "args", action->args);
    value_set_text(scratch, value, "reason", action->reason);
    value_set_int(scratch, value, "guess_ms", action->guess_ms);
    value_set_int(scratch, value, "expected_ms", action->expected_ms);
    value_set_int(scratch, value, "start_ms", start_ms);
    add_line(out, scratch, "action", value);
}

/* Sentences repeat: they are listed once a line and named by position. */
static void add_edges(Lines *out, const PlanEdge *edges, size_t count)
{
    CLEANUP(arena_freep) Arena *scratch = arena_new();
    Map *positions = map_new(scratch);
    Value *sentences = value_list(scratch), *list = value_list(scratch);
    for (size_t i = 0; i < count; i++) {
        const char *sentence = edges[i].sentence ? edges[i].sentence : "";
        Value *position = map_get(positions, sentence);
        if (!position) {
            position = value_int(scratch, (int64_t)value_count(sentences));
            map_set(positions, sentence, position);
            value_push(scratch, sentences, value_text(scratch, sentence));
        }
        Value *edge = value_list(scratch);
        value_push(scratch, edge, value_int(scratch, (int64_t)edges[i].from));
        value_push(scratch, edge, value_int(scratch, (int64_t)edges[i].to));
        value_push(scratch, edge, position);
        value_push(scratch, list, edge);
    }
    Value *value = value_map(scratch);
    value_set(scratch, value, "sentences", sentences);
    value_set(scratch, value, "list", list);
    add_line(out, scratch, "edges", value);
}

static void add_limit(Lines *out, const PlanLimit *limit)
{
    CLEANUP(arena_freep) Arena *scratch = arena_new();
    Value *value = value_map(scratch);
    value_set_text(scratch, value, "name", limit->name);
    set_size(scratch, value, "capacity", limit->capacity);
    value_set(scratch, value, "actions", ids(scratch, limit->actions, limit->action_count));
    add_line(out, scratch, "limit", value);
}

static void add_bracket(Lines *out, const PlanBracket *bracket)
{
    CLEANUP(arena_freep) Arena *scratch = arena_new();
    Value *value = value_map(scratch);
    set_size(scratch, value, "open", bracket->open);
    set_size(scratch, value, "close", bracket->close);
    value_set(scratch, value, "body", ids(scratch, bracket->body, bracket->body_count));
    add_line(out, scratch, "bracket", value);
}

static void add_start(Lines *out, const PlanStart *start)
{
    CLEANUP(arena_freep) Arena *scratch = arena_new();
    add_line(out, scratch, "start", start_value(scratch, start));
}

static void add_trailer(Lines *out)
{
    CLEANUP(arena_freep) Arena *scratch = arena_new();
    char hex[SHA256_HEX + 1];
    sha256_end(out->digest, hex);
    out->digest = NULL;
    Value *value = value_map(scratch);
    value_set_text(scratch, value, "sha256", hex);
    add_line(out, scratch, "end", value);
}

static void add_all(Lines *out, const Plan *plan)
{
    add_header(out, plan);
    for (size_t i = 0; i < plan->block_count; i++)
        add_block(out, &plan->blocks[i]);
    for (size_t i = 0; i < plan->action_count; i++)
        add_action(out, &plan->actions[i], plan->start_ms[i]);
    for (size_t i = 0; i < plan->edge_count; i += EDGES_PER_LINE) {
        size_t left = plan->edge_count - i;
        add_edges(out, &plan->edges[i], left < EDGES_PER_LINE ? left : EDGES_PER_LINE);
    }
    for (size_t i = 0; i < plan->limit_count; i++)
        add_limit(out, &plan->limits[i]);
    for (size_t i = 0; i < plan->bracket_count; i++)
        add_bracket(out, &plan->brackets[i]);
    for (size_t i = 0; i < plan->start_count; i++)
        add_start(out, &plan->starts[i]);
    add_trailer(out);
}

void plan_lines_each(const Plan *plan, PlanLineTake take, void *context)
{
    Lines lines = {take, context, sha256_begin(), TEXT_INIT};
    add_all(&lines, plan);
    text_release(&lines.line);
}

static void keep_line(void *context, const char *line, size_t length)
{
    text_add_bytes(context, line, length);
}

void plan_lines_write(Text *out, const Plan *plan)
{
    plan_lines_each(plan, keep_line, out);
}
