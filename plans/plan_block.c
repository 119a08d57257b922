/*
 * The headings of a plan: which domains stand under one, what state they are in, what is told.
 */
#include <stdlib.h>
#include <string.h>

#include "plans/plan_parts.h"

/* A block while it is put together. */
typedef struct Pile {
    const char *name;
    const Draft *main; /* the domain that the block is named after, or the first one */
    size_t rank;       /* order among blocks of one class: first appearance */
    Change *changes;
    size_t change_count, change_capacity;
    PlanNote *notes;
    size_t note_count, note_capacity;
    size_t unchanged_count, node_count;
} Pile;

typedef struct Piles {
    Arena *arena;
    Map *by_name;
    Map *not_compared_seen;
    PlanNote *not_compared;
    size_t not_compared_count, not_compared_capacity;
} Piles;

static Pile *pile_of(Piles *piles, const Draft *draft)
{
    const char *name = draft->domain->block;
    Pile *pile = map_get(piles->by_name, name);
    if (!pile) {
        pile = ARENA_NEW(piles->arena, Pile);
        *pile = (Pile){.name = name, .main = draft, .rank = map_count(piles->by_name)};
        map_set(piles->by_name, name, pile);
    }
    if (draft->domain->type != DOMAIN_NODE)
        pile->main = draft;
    pile->node_count += draft->domain->type == DOMAIN_NODE;
    return pile;
}

static void add_note(Arena *arena, Pile *pile, PlanNote note)
{
    ARENA_PUSH(arena, pile->notes, pile->note_count, pile->note_capacity, note);
}

/* Many domains see one definition. */
static void add_not_compared(Piles *piles, PlanNote note)
{
    CLEANUP(text_release) Text key = TEXT_INIT;
    const Origin *origin = note.origin;
    text_addf(&key, "%s %d %s", origin ? origin->file : "", origin ? origin->line : 0, note.text);
    if (!map_set(piles->not_compared_seen, text_copy(&key, piles->arena), piles))
        ARENA_PUSH(piles->arena, piles->not_compared, piles->not_compared_count,
                   piles->not_compared_capacity, note);
}

static void take_draft(Piles *piles, Pile *pile, const Draft *draft)
{
    pile->unchanged_count += draft->unchanged_count;
    for (size_t i = 0; i < draft->change_count; i++)
        ARENA_PUSH(piles->arena, pile->changes, pile->change_count, pile->change_capacity,
                   draft->changes[i]);
    for (size_t i = 0; i < draft->note_count; i++) {
        if (strcmp(draft->notes[i].kind, PLAN_NOT_COMPARED) == 0)
            add_not_compared(piles, draft->notes[i]);
        else
            add_note(piles->arena, pile, draft->notes[i]);
    }
}

/* The cluster first, then its nodes. */
static void fill(Piles *piles, const Draft *drafts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        pile_of(piles, &drafts[i]);
    for (size_t i = 0; i < count; i++) {
        if (drafts[i].domain->type != DOMAIN_NODE)
            take_draft(piles, pile_of(piles, &drafts[i]), &drafts[i]);
    }
    for (size_t i = 0; i < count; i++) {
        if (drafts[i].domain->type == DOMAIN_NODE)
            take_draft(piles, map_get(piles->by_name, drafts[i].domain->block), &drafts[i]);
    }
}

static bool is_all_new(const Pile *pile)
{
    for (size_t i = 0; i < pile->change_count; i++) {
        if (pile->changes[i].op != CHANGE_CREATE)
            return false;
    }
    return pile->unchanged_count == 0 && pile->change_count > 0;
}

static const char *running_title(Arena *arena, const Topology *topology)
{
    CLEANUP(text_release) Text title = TEXT_INIT;
    if (topology->leader)
        text_addf(&title, "leader %s, ", topology->leader->name);
    text_addf(&title, "%zu of %zu healthy", topology->healthy_count, topology->member_count);
    if (topology->is_paused)
        text_add(&title, ", paused");
    return text_copy(&title, arena);
}

static const char *title_of(Arena *arena, const Pile *pile)
{
    const Topology *topology = pile->main->topology;
    if (!topology)
        return is_all_new(pile) ? "new" : "";
    switch (topology->state) {
    case TOPOLOGY_NEW:
        return "new";
    case TOPOLOGY_FORMING:
        return "being created";
    case TOPOLOGY_RUNNING:
        return running_title(arena, topology);
    case TOPOLOGY_LEADERLESS:
        return "no leader";
    case TOPOLOGY_FOREIGN:
        return "not made by pgsteer: read-only";
    case TOPOLOGY_UNKNOWN:
        break;
    }
    return "state not known";
}

static bool is_unused(const Pile *pile)
{
    const Topology *topology = pile->main->topology;
    if (topology)
        return topology->state == TOPOLOGY_NEW || topology->state == TOPOLOGY_FORMING;
    return is_all_new(pile);
}

/* "system identifier, certificate": what only exists once an action has made it. */
static void note_late(Arena *arena, Pile *pile)
{
    CLEANUP(arena_freep) Arena *scratch = arena_new();
    CLEANUP(text_release) Text names = TEXT_INIT;
    Map *seen = map_new(scratch);
    for (size_t i = 0; i < pile->change_count; i++) {
        for (size_t k = 0; k < pile->changes[i].param_count; k++) {
            const ParamChange *param = &pile->changes[i].params[k];
            const char *name = param->key ? param->key : param->row->name;
            bool is_late = param->after && param->after->type == VALUE_LATE;
            if (!is_late || map_set(seen, name, pile))
                continue;
            text_addf(&names, "%s%s", names.length ? ", " : "", name);
        }
    }
    for (size_t i = 0; i < names.length; i++)
        names.bytes[i] = (char)(names.bytes[i] == '_' ? ' ' : names.bytes[i]);
    if (names.length > 0)
        add_note(arena, pile,
                 (PlanNote){.kind = "later", .code = "", .text = text_copy(&names, arena)});
}

static void add_fixed(Text *text, const Change *change)
{
    for (size_t k = 0; k < change->param_count; k++) {
        const ParamChange *param = &change->params[k];
        const unsigned hidden = PARAM_FLAG_SECRET | PARAM_FLAG_FOLD;
        if (!(param->row->flags & PARAM_FLAG_CREATE_ONLY) || (param->row->flags & hidden) ||
            param->after->type == VALUE_LATE ||
            (param->after->type == VALUE_TEXT && !param->after->text[0]))
            continue;
        text_addf(text, "%s%s ", text->length ? ", " : "",
                  param->key ? param->key : param->row->name);
        if (param->after->type == VALUE_TEXT)
            text_add(text, param->after->text);
        else
            value_format(text, param->after);
    }
}

/* What a later change of would mean a new cluster or database; the same words are said once. */
static void note_fixed(Arena *arena, Pile *pile)
{
    CLEANUP(arena_freep) Arena *scratch = arena_new();
    Map *seen = map_new(scratch);
    for (size_t i = 0; i < pile->change_count; i++) {
        const Change *change = &pile->changes[i];
        CLEANUP(text_release) Text text = TEXT_INIT;
        if (change->op == CHANGE_CREATE && change_resource(change)->kind->data_bearing)
            add_fixed(&text, change);
        if (text.length == 0 || map_set(seen, text_copy(&text, scratch), pile))
            continue;
        add_note(arena, pile,
                 (PlanNote){.kind = "fixed",
                            .code = "",
                            .text = arena_printf(arena, "%s: %s", change_resource(change)->address,
                                                 text_get(&text))});
    }
}

static bool has_note(const Pile *pile, const char *kind)
{
    for (size_t i = 0; i < pile->note_count; i++) {
        if (strcmp(pile->notes[i].kind, kind) == 0)
            return true;
    }
    return false;
}

/* What the procedure has said in its own words is not said again. */
static void note_creation(Arena *arena, Pile *pile)
{
    if (!has_note(pile, "fixed"))
        note_fixed(arena, pile);
    if (!has_note(pile, "later"))
        note_late(arena, pile);
}

static PlanBlock block_of(Arena *arena, const Pile *pile)
{
    bool has_members =
        pile->main->domain->type == DOMAIN_CLUSTER || pile->main->domain->type == DOMAIN_ETCD;
    size_t count = pile->main->domain->host_count;
    return (PlanBlock){
        .name = pile->name,
        .title = title_of(arena, pile),
        .member_count = count,
        .member_noun =
            has_members ? (count == 1 ? "member" : "members") : (count == 1 ? "node" : "nodes"),
        .changes = pile->changes,
        .change_count = pile->change_count,
        .unchanged_count = pile->unchanged_count,
        .notes = pile->notes,
        .note_count = pile->note_count,
    };
}

static int class_of(const Pile *pile)
{
    switch (pile->main->domain->type) {
    case DOMAIN_INFRA:
        return 0;
    case DOMAIN_ETCD:
        return 1;
    case DOMAIN_NODE:
    case DOMAIN_CLUSTER:
    case DOMAIN_TYPE_COUNT:
        break;
    }
    return 2;
}

static int pile_compare(const void *a, const void *b)
{
    const Pile *left = *(const Pile *const *)a, *right = *(const Pile *const *)b;
    if (class_of(left) != class_of(right))
        return class_of(left) - class_of(right);
    return left->rank < right->rank ? -1 : left->rank > right->rank;
}

static void count_changes(Plan *plan, const Pile *pile)
{
    for (size_t i = 0; i < pile->change_count; i++) {
        ChangeOp op = pile->changes[i].op;
        plan->add_count += op == CHANGE_CREATE || op == CHANGE_REPLACE;
        plan->change_count += op == CHANGE_UPDATE;
        plan->destroy_count += op == CHANGE_DELETE || op == CHANGE_REPLACE;
        plan->withheld_count += op == CHANGE_WITHHOLD;
    }
}

/* What is merely left alone does not make a block worth showing. */
static bool is_worth_showing(const Pile *pile)
{
    for (size_t i = 0; i < pile->note_count; i++) {
        if (strcmp(pile->notes[i].kind, "orphan") != 0)
            return true;
    }
    return pile->change_count > 0;
}

static Pile **sorted_piles(Arena *scratch, const Piles *piles)
{
    size_t count = map_count(piles->by_name);
    Pile **sorted = ARENA_ARRAY(scratch, Pile *, count);
    for (size_t i = 0; i < count; i++)
        sorted[i] = map_value_at(piles->by_name, i);
    qsort(sorted, count, sizeof(Pile *), pile_compare);
    return sorted;
}

/* A block in which only a procedure has something to do (an interrupted creation) counts, too. */
static void add_builder_notes(Piles *piles, const Builder *builder)
{
    for (size_t i = 0; i < builder->note_count; i++) {
        Pile *pile = map_get(piles->by_name, builder->notes[i].block);
        if (pile)
            add_note(piles->arena, pile, builder->notes[i].note);
    }
}

void plan_make_blocks(Plan *plan, const Draft *drafts, size_t draft_count, const Builder *builder)
{
    CLEANUP(arena_freep) Arena *scratch = arena_new();
    Piles piles = {
        .arena = plan->arena, .by_name = map_new(scratch), .not_compared_seen = map_new(scratch)};
    fill(&piles, drafts, draft_count);
    if (builder)
        add_builder_notes(&piles, builder);
    Pile **sorted = sorted_piles(scratch, &piles);
    size_t count = map_count(piles.by_name);
    PlanBlock *blocks = ARENA_ARRAY(plan->arena, PlanBlock, count);
    for (size_t i = 0; i < count; i++) {
        count_changes(plan, sorted[i]);
        if (!is_worth_showing(sorted[i])) {
            plan->matching_block_count++;
            continue;
        }
        if (builder)
            note_creation(plan->arena, sorted[i]);
        blocks[plan->block_count++] = block_of(plan->arena, sorted[i]);
    }
    plan->blocks = blocks;
    plan->not_compared = piles.not_compared;
    plan->not_compared_count = piles.not_compared_count;
}

Map *plan_new_blocks(Arena *arena, const Draft *drafts, size_t draft_count)
{
    Piles piles = {.arena = arena, .by_name = map_new(arena), .not_compared_seen = map_new(arena)};
    fill(&piles, drafts, draft_count);
    Map *names = map_new(arena);
    for (size_t i = 0; i < map_count(piles.by_name); i++) {
        Pile *pile = map_value_at(piles.by_name, i);
        if (is_unused(pile))
            map_set(names, pile->name, pile);
    }
    return names;
}
