/* A plan from lines: nothing in it is believed before it was checked. */
#include <string.h>

#include "base/digest.h"
#include "base/json.h"
#include "plans/graph.h"
#include "plans/plan_lines.h"
#include "plans/verify/start.h"
#include "plans/verify/verification.h"

/* What the header promises, and how much of it has come. */
typedef struct Parser {
    Arena *arena;
    const Registry *registry;
    Plan *plan;
    PlanBlock *blocks;
    Action *actions;
    int64_t *start_ms;
    PlanEdge *edges;
    PlanLimit *limits;
    PlanBracket *brackets;
    PlanStart *starts;
    size_t blocks_wanted, actions_wanted, edges_wanted, limits_wanted, brackets_wanted,
        starts_wanted;
} Parser;

static Error *get_size(const Value *map, const char *key, size_t max, size_t *ret)
{
    const Value *value = value_get(map, key);
    if (!value || value->type != VALUE_INT || value->integer < 0 || (uint64_t)value->integer > max)
        return error_new(ERROR_INVALID, "'%s' is not a number from 0 to %zu", key, max);
    *ret = (size_t)value->integer;
    return NULL;
}

static const char *get_text(const Value *map, const char *key)
{
    return value_as_text(value_get(map, key), NULL);
}

static Error *get_ids(Arena *arena, const Value *list, size_t below, size_t **ret,
                      size_t *ret_count)
{
    size_t count = value_count(list);
    size_t *ids = ARENA_ARRAY(arena, size_t, count);
    for (size_t i = 0; i < count; i++) {
        int64_t id = value_as_int(value_at(list, i), -1);
        if (id < 0 || (uint64_t)id >= below)
            return error_new(ERROR_INVALID, "%lld is no action of the plan", (long long)id);
        ids[i] = (size_t)id;
    }
    *ret = ids;
    *ret_count = count;
    return NULL;
}

static const char **get_texts(Arena *arena, const Value *list, size_t *ret_count)
{
    size_t count = value_count(list);
    const char **items = ARENA_ARRAY(arena, const char *, count + 1);
    for (size_t i = 0; i < count; i++)
        items[i] = value_as_text(value_at(list, i), "");
    if (ret_count)
        *ret_count = count;
    return items;
}

static Error *parse_impact(Arena *arena, const Value *value, PlanImpact *ret)
{
    PlanImpact impact = {.write_gap_ms = value_get_int(value, "write_gap_ms", 0),
                         .data_lost = value_get_bool(value, "data_lost", false)};
    TRY(get_size(value, "reloads", SIZE_MAX, &impact.reloads));
    TRY(get_size(value, "reconnects", SIZE_MAX, &impact.reconnects));
    TRY(get_size(value, "restarts", SIZE_MAX, &impact.restarts));
    TRY(get_size(value, "switchovers", SIZE_MAX, &impact.switchovers));
    TRY(get_size(value, "rebuilds", SIZE_MAX, &impact.rebuilds));
    impact.restarted = get_texts(arena, value_get(value, "restarted"), &impact.restarted_count);
    *ret = impact;
    return NULL;
}

static Error *parse_counts(const Value *value, Plan *plan)
{
    TRY(get_size(value, "hosts_wanted", SIZE_MAX, &plan->hosts_wanted));
    TRY(get_size(value, "hosts_observed", SIZE_MAX, &plan->hosts_observed));
    TRY(get_size(value, "matching_blocks", SIZE_MAX, &plan->matching_block_count));
    TRY(get_size(value, "to_add", SIZE_MAX, &plan->add_count));
    TRY(get_size(value, "to_change", SIZE_MAX, &plan->change_count));
    TRY(get_size(value, "to_destroy", SIZE_MAX, &plan->destroy_count));
    TRY(get_size(value, "withheld", SIZE_MAX, &plan->withheld_count));
    return NULL;
}

/* How much follows. An item takes eight bytes at least, so no lie makes us allocate without bound.
 */
static Error *parse_lengths(Parser *parser, const Value *value, size_t file_bytes)
{
    size_t max = file_bytes / 8;
    TRY(get_size(value, "blocks", max, &parser->blocks_wanted));
    TRY(get_size(value, "actions", max, &parser->actions_wanted));
    TRY(get_size(value, "edges", max, &parser->edges_wanted));
    TRY(get_size(value, "limits", max, &parser->limits_wanted));
    TRY(get_size(value, "brackets", max, &parser->brackets_wanted));
    if (value_get(value, "starts")) /* since plans are verified */
        TRY(get_size(value, "starts", max, &parser->starts_wanted));
    Arena *arena = parser->arena;
    parser->blocks = ARENA_ARRAY(arena, PlanBlock, parser->blocks_wanted);
    parser->actions = ARENA_ARRAY(arena, Action, parser->actions_wanted);
    parser->start_ms = ARENA_ARRAY(arena, int64_t, parser->actions_wanted);
    parser->edges = ARENA_ARRAY(arena, PlanEdge, parser->edges_wanted);
    parser->limits = ARENA_ARRAY(arena, PlanLimit, parser->limits_wanted);
    parser->brackets = ARENA_ARRAY(arena, PlanBracket, parser->brackets_wanted);
    parser->starts = ARENA_ARRAY(arena, PlanStart, parser->starts_wanted);
    return NULL;
}

static PlanNote parse_note(Arena *arena, const Value *value)
{
    return (PlanNote){.kind = value_get_text(value, "kind"),
                      .code = value_get_text(value, "code"),
                      .text = value_get_text(value, "text"),
                      .origin = plan_origin_parse(arena, value_get(value, "origin"))};
}

static const PlanNote *parse_notes(Arena *arena, const Value *list, size_t *ret_count)
{
    PlanNote *notes = ARENA_ARRAY(arena, PlanNote, value_count(list));
    for (size_t i = 0; i < value_count(list); i++)
        notes[i] = parse_note(arena, value_at(list, i));
    *ret_count = value_count(list);
    return notes;
}

static Error *parse_header(Parser *parser, const Value *line, size_t file_bytes)
{
    const Value *value = value_get(line, "plan");
    int64_t format = value_get_int(value, "format", 0);
    if (format < 1)
        return error_new(ERROR_INVALID, "it is not a plan of pgsteer");
    if (format > PLAN_FORMAT)
        return error_new(ERROR_INVALID,
                         "it has format %lld and this version reads up to %d: made by pgsteer %s",
                         (long long)format, PLAN_FORMAT, value_get_text(value, "program_version"));
    Plan *plan = parser->plan;
    plan->program_version = get_text(value, "program_version");
    plan->created_wall_ms = value_get_int(value, "created_wall_ms", 0);
    plan->inventory_paths = get_texts(parser->arena, value_get(value, "inventory_paths"), NULL);
    plan->inventory_digest = get_text(value, "inventory_digest");
    plan->observe_ms = value_get_int(value, "observe_ms", 0);
    plan->critical_path_ms = value_get_int(value, "critical_path_ms", 0);
    plan->transition = get_text(value, "transition");
    plan->world = get_text(value, "world");
    plan->not_compared =
        parse_notes(parser->arena, value_get(value, "not_compared"), &plan->not_compared_count);
    if (value_get(value, "verification"))
        plan->verification = verification_parse(parser->arena, value_get(value, "verification"));
    TRY(parse_counts(value, plan));
    TRY(parse_lengths(parser, value, file_bytes));
    return parse_impact(parser->arena, value_get(value, "impact"), &plan->impact);
}

static Error *parse_block(Parser *parser, const Value *value)
{
    Arena *arena = parser->arena;
    const Value *changes = value_get(value, "changes");
    PlanBlock block = {.name = value_get_text(value, "name"),
                       .title = value_get_text(value, "title"),
                       .member_noun = value_get_text(value, "member_noun"),
                       .change_count = value_count(changes)};
    TRY(get_size(value, "member_count", SIZE_MAX, &block.member_count));
    TRY(get_size(value, "unchanged_count", SIZE_MAX, &block.unchanged_count));
    Change *parsed = ARENA_ARRAY(arena, Change, block.change_count);
    for (size_t i = 0; i < block.change_count; i++)
        TRY(plan_change_parse(arena, parser->registry, block.name, value_at(changes, i),
                              &parsed[i]));
    block.changes = parsed;
    block.notes = parse_notes(arena, value_get(value, "notes"), &block.note_count);
    parser->blocks[parser->plan->block_count++] = block;
    return NULL;
}

static const Verb *find_verb(const Registry *registry, const char *name)
{
    if (strcmp(name, plan_barrier_verb.name) == 0)
        return &plan_barrier_verb;
    return registry_verb(registry, name);
}

static Error *parse_op(const char *name, int *ret)
{
    for (int op = 0; op < CHANGE_OP_COUNT; op++) {
        if (strcmp(change_op_name((ChangeOp)op), name) == 0) {
            *ret = op;
            return NULL;
        }
    }
    return error_new(ERROR_INVALID, "'%s' is no operation", name);
}

static Error *parse_action(Parser *parser, const Value *value)
{
    size_t id = parser->plan->action_count;
    const char *verb = value_get_text(value, "verb");
    const Value *args = value_get(value, "args");
    Action action = {.id = id,
                     .verb = find_verb(parser->registry, verb),
                     .address = value_get_text(value, "address"),
                     .domain = value_get_text(value, "domain"),
                     .block = value_get_text(value, "block"),
                     .kind = value_get_text(value, "kind"),
                     .scope = value_get_text(value, "scope"),
                     .host = value_get_text(value, "host"),
                     .cluster = value_get_text(value, "cluster"),
                     .args = args,
                     .reason = get_text(value, "reason"),
                     .guess_ms = value_get_int(value, "guess_ms", 0),
                     .expected_ms = value_get_int(value, "expected_ms", 0)};
    if (!action.verb)
        return error_new(ERROR_INVALID, "this version knows no verb '%s'", verb);
    if (value_get_int(value, "id", -1) != (int64_t)id)
        return error_new(ERROR_INVALID, "the actions are not in order");
    if (!args || args->type != VALUE_MAP)
        return error_new(ERROR_INVALID, "the arguments of %s are no map", action.address);
    TRY(parse_op(value_get_text(value, "op"), &action.op));
    parser->start_ms[id] = value_get_int(value, "start_ms", 0);
    parser->actions[id] = action;
    parser->plan->action_count++;
    return NULL;
}

static bool is_after(const PlanEdge *edge, const PlanEdge *before)
{
    return edge->to > before->to || (edge->to == before->to && edge->from > before->from);
}

static Error *parse_edge(Parser *parser, const Value *item, const Value *sentences)
{
    int64_t from = value_as_int(value_at(item, 0), -1), to = value_as_int(value_at(item, 1), -1);
    int64_t sentence = value_as_int(value_at(item, 2), -1);
    int64_t actions = (int64_t)parser->actions_wanted;
    size_t count = parser->plan->edge_count;
    if (from < 0 || to < 0 || from >= actions || to >= actions || sentence < 0)
        return error_new(ERROR_INVALID, "an edge leads nowhere");
    if (count == parser->edges_wanted)
        return error_new(ERROR_INVALID, "there are more edges than the header says");
    PlanEdge edge = {.from = (size_t)from,
                     .to = (size_t)to,
                     .sentence = value_as_text(value_at(sentences, (size_t)sentence), "")};
    if (count > 0 && !is_after(&edge, &parser->edges[count - 1]))
        return error_new(ERROR_INVALID, "the edges are not in order");
    parser->edges[parser->plan->edge_count++] = edge;
    return NULL;
}

static Error *parse_edges(Parser *parser, const Value *value)
{
    const Value *list = value_get(value, "list");
    for (size_t i = 0; i < value_count(list); i++)
        TRY(parse_edge(parser, value_at(list, i), value_get(value, "sentences")));
    return NULL;
}

static Error *parse_limit(Parser *parser, const Value *value)
{
    PlanLimit limit = {.name = value_get_text(value, "name")};
    TRY(get_size(value, "capacity", SIZE_MAX, &limit.capacity));
    TRY(get_ids(parser->arena, value_get(value, "actions"), parser->actions_wanted, &limit.actions,
                &limit.action_count));
    if (limit.capacity == 0)
        return error_new(ERROR_INVALID, "the limit %s lets nothing through", limit.name);
    parser->limits[parser->plan->limit_count++] = limit;
    return NULL;
}

static Error *parse_bracket(Parser *parser, const Value *value)
{
    PlanBracket bracket = {0};
    size_t last = parser->actions_wanted - 1;
    if (parser->actions_wanted == 0)
        return error_new(ERROR_INVALID, "a bracket without actions");
    TRY(get_size(value, "open", last, &bracket.open));
    TRY(get_size(value, "close", last, &bracket.close));
    TRY(get_ids(parser->arena, value_get(value, "body"), parser->actions_wanted, &bracket.body,
                &bracket.body_count));
    parser->brackets[parser->plan->bracket_count++] = bracket;
    return NULL;
}

static Error *parse_start(Parser *parser, const Value *value)
{
    return start_parse(parser->arena, value, &parser->starts[parser->plan->start_count++]);
}

/* What a line can be. More of them than the header says are refused; other keys are ignored. */
static Error *parse_line(Parser *parser, const Value *line)
{
    const struct {
        const char *key;
        Error *(*parse)(Parser *parser, const Value *value);
        size_t have, want;
    } rows[] = {
        {"block", parse_block, parser->plan->block_count, parser->blocks_wanted},
        {"action", parse_action, parser->plan->action_count, parser->actions_wanted},
        {"edges", parse_edges, 0, 1},
        {"limit", parse_limit, parser->plan->limit_count, parser->limits_wanted},
        {"bracket", parse_bracket, parser->plan->bracket_count, parser->brackets_wanted},
        {"start", parse_start, parser->plan->start_count, parser->starts_wanted},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const Value *value = value_get(line, rows[i].key);
        if (!value)
            continue;
        if (rows[i].have >= rows[i].want)
            return error_new(ERROR_INVALID, "there are more lines of %s than the header says",
                             rows[i].key);
        return rows[i].parse(parser, value);
    }
    return NULL;
}

static Error *check_complete(Parser *parser)
{
    Plan *plan = parser->plan;
    if (plan->block_count != parser->blocks_wanted ||
        plan->action_count != parser->actions_wanted || plan->edge_count != parser->edges_wanted ||
        plan->limit_count != parser->limits_wanted ||
        plan->bracket_count != parser->brackets_wanted ||
        plan->start_count != parser->starts_wanted)
        return error_new(ERROR_INVALID, "it is not complete");
    CLEANUP(arena_freep) Arena *scratch = arena_new();
    Graph graph = graph_new(scratch, plan->action_count, parser->edges, plan->edge_count);
    size_t *order, count;
    if (!graph_order(scratch, &graph, &order, &count))
        return error_new(ERROR_INVALID, "its actions wait for each other");
    plan->blocks = parser->blocks;
    plan->actions = parser->actions;
    plan->start_ms = parser->start_ms;
    plan->edges = parser->edges;
    plan->limits = parser->limits;
    plan->brackets = parser->brackets;
    plan->starts = parser->starts;
    return NULL;
}

/* The last line; *ret_length: of everything before it. */
static Error *check_trailer(Arena *arena, const char *bytes, size_t length, size_t *ret_length)
{
    if (length < 2 || bytes[length - 1] != '\n')
        return error_new(ERROR_INVALID, "it is torn: the last line is not complete");
    size_t start = length - 1;
    while (start > 0 && bytes[start - 1] != '\n')
        start--;
    const Value *line = NULL;
    TRY(json_parse(arena, bytes + start, length - 1 - start, &line));
    char hex[SHA256_HEX + 1];
    sha256_hex(bytes, start, hex);
    const Value *end = value_get(line, "end");
    if (!end)
        return error_new(ERROR_INVALID, "it is torn: the closing line is missing");
    if (strcmp(value_get_text(end, "sha256"), hex) != 0)
        return error_new(ERROR_INVALID, "it was changed after it was made");
    *ret_length = start;
    return NULL;
}

static Error *parse_lines(Parser *parser, const char *bytes, size_t length)
{
    size_t number = 1;
    for (size_t start = 0; start < length; number++) {
        const char *newline = memchr(bytes + start, '\n', length - start);
        size_t end = newline ? (size_t)(newline - bytes) : length;
        const Value *line = NULL;
        Error *error = json_parse_holes(parser->arena, bytes + start, end - start, &line);
        if (!error)
            error = number == 1 ? parse_header(parser, line, length) : parse_line(parser, line);
        if (error)
            return error_wrap(error, "line %zu", number);
        start = end + 1;
    }
    return NULL;
}

Error *plan_file_parse(Arena *arena, const char *bytes, size_t length, const Registry *registry,
                       Plan **ret)
{
    Plan *plan = ARENA_NEW(arena, Plan);
    plan->arena = arena;
    Parser parser = {.arena = arena, .registry = registry, .plan = plan};
    size_t body = 0;
    TRY(check_trailer(arena, bytes, length, &body));
    TRY(parse_lines(&parser, bytes, body));
    if (body == 0)
        return error_new(ERROR_INVALID, "it is empty");
    TRY(check_complete(&parser));
    *ret = plan;
    return NULL;
}
