#include "plans/difference.h"

#include <string.h>

#include "plans/compare.h"
#include "plans/diff.h"
#include "plans/draft.h"
#include "plans/plan_parts.h"

/* One domain on both sides, while it is compared. */
typedef struct Comparer {
    Arena *arena;   /* of the result */
    Arena *scratch; /* of the domain */
    const Facts *facts;
    const Inventory *before, *after;
    Draft draft;
    Map *anew; /* "cert days": what matters only when something is made */
} Comparer;

static void add_note(Comparer *comparer, const char *text)
{
    PlanNote note = {.kind = "info", .code = "", .text = arena_strdup(comparer->arena, text)};
    ARENA_PUSH(comparer->arena, comparer->draft.notes, comparer->draft.note_count,
               comparer->draft.note_capacity, note);
}

/* -- values ---------------------------------------------------------------------------------- */

typedef struct Filler {
    Arena *arena;
    const Inventory *inventory;
} Filler;

static const char *identity(void *context, const char *address)
{
    const Filler *filler = context;
    return inventory_secret_identity(filler->arena, filler->inventory, address);
}

/* With identities in place of secrets. */
static const Value *filled(const Comparer *comparer, const Inventory *inventory, const Value *value)
{
    Filler filler = {comparer->scratch, inventory};
    return value && value_has_secret(value)
               ? value_fill(comparer->scratch, value, identity, &filler)
               : value;
}

static bool is_same(const Comparer *comparer, const ParamRow *row, const Value *before,
                    const Value *after)
{
    before = filled(comparer, comparer->before, before);
    after = filled(comparer, comparer->after, after);
    return compare_is_keyed(row) || !before || !after
               ? value_equal(before, after)
               : compare_param(row, after, before) == COMPARE_EQUAL;
}

/* The diff's words for a secret that was compared. */
static const Value *verdict(const Comparer *comparer, bool is_equal)
{
    return value_text(comparer->scratch, is_equal ? "match" : "differ");
}

static const Value *with_verdicts(const Comparer *comparer, const ParamRow *row,
                                  const Value *before, const Value *after)
{
    if (!compare_is_keyed(row) || after->type != VALUE_MAP)
        return verdict(comparer, is_same(comparer, row, before, after));
    Value *map = value_map(comparer->scratch);
    for (size_t i = 0; i < value_count(before); i++) {
        const Value *old = before->map.values[i], *new = value_get(after, before->map.keys[i]);
        bool is_secret = new &&value_has_secret(new);
        bool is_equal = is_secret && value_equal(filled(comparer, comparer->before, old),
                                                 filled(comparer, comparer->after, new));
        value_set(comparer->scratch, map, before->map.keys[i],
                  is_secret ? verdict(comparer, is_equal) : old);
    }
    return map;
}

/* Keys that are computed later as the formulas that compute them. */
static void tell_formulas(const Comparer *comparer, Slot *slot)
{
    if (slot->state != SLOT_SET || slot->value->type != VALUE_MAP || !slot->key_reasons)
        return;
    Value *map = value_map(comparer->scratch), *reasons = value_map(comparer->scratch);
    for (size_t i = 0; i < value_count(slot->value); i++) {
        const char *key = slot->value->map.keys[i];
        const Value *value = slot->value->map.values[i],
                    *reason = value_get(slot->key_reasons, key);
        bool is_formula = reason && value->type == VALUE_LATE;
        value_set(comparer->scratch, map, key, is_formula ? reason : value);
        if (reason && !is_formula)
            value_set(comparer->scratch, reasons, key, reason);
    }
    slot->value = map;
    slot->key_reasons = reasons;
}

/* -- what a plan would leave alone ----------------------------------------------------------- */

static bool matters_when_made(const ParamRow *row)
{
    const unsigned flags = PARAM_FLAG_CREATE_ONLY | PARAM_FLAG_FOLD;
    return (row->flags & flags) == flags;
}

static void take_anew(Comparer *comparer, const Resource *resource, const ParamRow *row, Slot *old,
                      const Slot *new)
{
    if (!is_same(comparer, row, old->value, new->value)) {
        const char *name =
            arena_printf(comparer->scratch, "%s %s", resource->kind->name, row->name);
        map_set(comparer->anew, name, comparer);
    }
    *old = (Slot){.state = SLOT_UNMANAGED};
}

/* Does a list, set or map that is only added to say less than before? */
static bool is_less(const ParamRow *row, const Value *before, const Value *after)
{
    if (!(row->flags & PARAM_FLAG_ADD_ONLY))
        return false;
    bool is_less = false;
    for (size_t i = 0; before->type == VALUE_MAP && i < value_count(before); i++)
        is_less = is_less || !value_get(after, before->map.keys[i]);
    return is_less || (before->type == VALUE_LIST && value_count(before) > value_count(after));
}

static void note_left(Comparer *comparer, const Resource *resource, const Text *names)
{
    if (names->length > 0)
        add_note(comparer, arena_printf(comparer->scratch, "%s: what left the inventory stays: %s",
                                        resource->address, text_get(names)));
}

static bool is_left(const ParamRow *row, const Slot *old, const Slot *new)
{
    if (old->state != SLOT_SET || matters_when_made(row))
        return false;
    return new->state == SLOT_UNMANAGED ||
           (new->state == SLOT_SET &&is_less(row, old->value, new->value));
}

/* What was not said or not known counts as nothing, since that is the difference. */
static void prepare_param(Comparer *comparer, const Resource *resource, size_t i, Slot *old,
                          Slot *new, Text *left)
{
    const ParamRow *row = &resource->kind->params[i];
    if (is_left(row, old, new))
        text_addf(left, "%s%s", left->length ? ", " : "", row->name);
    if (new->state != SLOT_SET)
        return;
    if (old->state == SLOT_UNMANAGED)
        old->value = &value_null;
    old->state = SLOT_SET;
    tell_formulas(comparer, old);
    tell_formulas(comparer, new);
    if (matters_when_made(row))
        take_anew(comparer, resource, row, old, new);
    else if (value_has_secret(new->value) && old->value != &value_null)
        old->value = with_verdicts(comparer, row, old->value, new->value);
}

/* Make the earlier one comparable as something that was seen. */
static void prepare(Comparer *comparer, const Resource *before, const Resource *after)
{
    CLEANUP(text_release) Text left = TEXT_INIT;
    for (size_t i = 0; i < after->kind->param_count; i++)
        prepare_param(comparer, after, i, &before->slots[i], &after->slots[i], &left);
    note_left(comparer, after, &left);
}

/* -- objects --------------------------------------------------------------------------------- */

static Error *wanted(const Comparer *comparer, const Kind *kind, const Domain *domain,
                     ResourceSet **ret)
{
    *ret = resource_set_new(comparer->scratch, kind, domain);
    Error *error = domain ? kind->desired(domain, comparer->facts, *ret) : NULL;
    return error ? error_wrap(error, "comparing %s of %s", kind->name, domain->name) : NULL;
}

/* Those that are wanted to be there. */
static ResourceSet *as_seen(const Comparer *comparer, const ResourceSet *before)
{
    ResourceSet *seen = resource_set_new(comparer->scratch, before->kind, before->domain);
    for (size_t i = 0; i < resource_set_count(before); i++) {
        Resource *resource = resource_set_at(before, i);
        if (resource->ensure == ENSURE_PRESENT)
            map_set(seen->by_address, resource->address, resource);
    }
    return seen;
}

/* What the later one does not name; with a reason, since a plan would not name it either. */
static void take_removed(Comparer *comparer, const ResourceSet *seen, const ResourceSet *after)
{
    for (size_t i = 0; i < resource_set_count(seen); i++) {
        const Resource *resource = resource_set_at(seen, i);
        if (resource_set_get(after, resource->address))
            continue;
        Change change = {.op = CHANGE_DELETE,
                         .observed = resource,
                         .domain = comparer->draft.domain,
                         .withhold_reason = seen->kind->delete_verb
                                                ? "no longer in the inventory"
                                                : "no longer in the inventory: left alone"};
        Diff diff = {.changes = &change, .change_count = 1};
        draft_take(comparer->arena, &comparer->draft, &diff);
    }
}

/* Without "orphan" notes: what these name is listed as removed. */
static void take_diff(Comparer *comparer, Diff diff)
{
    PlanNote *notes = ARENA_ARRAY(comparer->scratch, PlanNote, diff.note_count);
    size_t kept = 0;
    for (size_t i = 0; i < diff.note_count; i++) {
        if (strcmp(diff.notes[i].kind, "orphan") != 0)
            notes[kept++] = diff.notes[i];
    }
    diff.notes = notes;
    diff.note_count = kept;
    draft_take(comparer->arena, &comparer->draft, &diff);
}

/* One of the domains may be NULL. */
static Error *compare_kind(Comparer *comparer, const Kind *kind, const Domain *before,
                           const Domain *after)
{
    ResourceSet *old, *new;
    TRY(wanted(comparer, kind, before, &old));
    TRY(wanted(comparer, kind, after, &new));
    ResourceSet *seen = as_seen(comparer, old);
    for (size_t i = 0; i < resource_set_count(new); i++) {
        const Resource *resource = resource_set_at(new, i);
        const Resource *there = resource_set_get(seen, resource->address);
        if (there && resource->ensure == ENSURE_PRESENT)
            prepare(comparer, there, resource);
    }
    take_diff(comparer,
              diff_sets(comparer->scratch, comparer->draft.domain, comparer->facts, new, seen));
    take_removed(comparer, seen, new);
    return NULL;
}

/* -- domains --------------------------------------------------------------------------------- */

static void note_anew(Comparer *comparer)
{
    CLEANUP(text_release) Text text = TEXT_INIT;
    for (size_t i = 0; i < map_count(comparer->anew); i++)
        text_addf(&text, "%s%s",
                  i ? ", " : "counts only for what is made anew: ", map_key_at(comparer->anew, i));
    if (text.length > 0)
        add_note(comparer, text_get(&text));
}

static Error *compare_domain(Arena *arena, const Registry *registry, const Domain *before,
                             const Domain *after, Draft *ret)
{
    CLEANUP(arena_freep) Arena *scratch = arena_new();
    const Domain *domain = after ? after : before;
    Comparer comparer = {.arena = arena,
                         .scratch = scratch,
                         .facts = facts_new(scratch),
                         .before = before ? before->inventory : NULL,
                         .after = after ? after->inventory : NULL,
                         .draft = {.domain = domain},
                         .anew = map_new(scratch)};
    for (const Kind *const *kind = registry->kinds; kind && *kind; kind++) {
        if ((*kind)->domain == domain->type)
            TRY(compare_kind(&comparer, *kind, before, after));
    }
    note_anew(&comparer);
    *ret = comparer.draft;
    return NULL;
}

static const char *key_of(Arena *arena, const Domain *domain)
{
    return arena_printf(arena, "%s %s", domain_type_name(domain->type), domain->name);
}

static Map *by_key(Arena *arena, const DifferenceSide *side)
{
    Map *map = map_new(arena);
    for (size_t i = 0; i < side->domain_count; i++) {
        const Domain **box = ARENA_NEW(arena, const Domain *);
        *box = &side->domains[i];
        map_set(map, key_of(arena, *box), box);
    }
    return map;
}

static const Domain *same_in(Arena *arena, const Map *map, const Domain *domain)
{
    const Domain *const *box = map_get(map, key_of(arena, domain));
    return box ? *box : NULL;
}

static Error *compare_all(Arena *arena, Arena *scratch, const Registry *registry,
                          const DifferenceSide *before, const DifferenceSide *after, Draft *drafts,
                          size_t *ret_count)
{
    const Map *old = by_key(scratch, before), *new = by_key(scratch, after);
    for (size_t i = 0; i < after->domain_count; i++) {
        const Domain *domain = &after->domains[i];
        TRY(compare_domain(arena, registry, same_in(scratch, old, domain), domain,
                           &drafts[(*ret_count)++]));
    }
    for (size_t i = 0; i < before->domain_count; i++) {
        const Domain *domain = &before->domains[i];
        if (!same_in(scratch, new, domain))
            TRY(compare_domain(arena, registry, domain, NULL, &drafts[(*ret_count)++]));
    }
    return NULL;
}

Error *difference_make(Arena *arena, const Registry *registry, const DifferenceSide *before,
                       const DifferenceSide *after, Plan **ret)
{
    CLEANUP(arena_freep) Arena *scratch = arena_new();
    size_t count = 0;
    Draft *drafts = ARENA_ARRAY(scratch, Draft, before->domain_count + after->domain_count);
    TRY(compare_all(arena, scratch, registry, before, after, drafts, &count));
    Plan *difference = ARENA_NEW(arena, Plan);
    *difference = (Plan){.arena = arena};
    plan_make_blocks(difference, drafts, count, NULL);
    *ret = difference;
    return NULL;
}

bool difference_is_empty(const Plan *difference)
{
    return difference->block_count == 0;
}
