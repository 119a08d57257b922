#include "plans/desired_diff.h"

#include <string.h>

#include "base/text.h"

typedef struct Pair {
    Arena *arena;
    const Inventory *earlier, *later;
    const Registry *registry;
    const Facts *facts; /* none */
    DesiredDiff *diffs;
    size_t count, capacity;
} Pair;

/* A domain on both sides; one may be NULL. */
typedef struct Sides {
    const Domain *earlier, *later;
} Sides;

/* A role's verifier is made from a password: "scram|CLUSTER|ROLE|ADDRESS" (engine/credentials.c).
 */
static const char *password_address(const char *address)
{
    if (!text_starts_with(address, "scram|"))
        return address;
    for (int bars = 0; *address && bars < 3; address++)
        bars += *address == '|';
    return address;
}

/* The diff's words for a secret that was compared. */
static const char *sameness(void *context, const char *address)
{
    const Pair *pair = context;
    const char *password = password_address(address);
    return inventory_secret_is_same(pair->earlier, pair->later, password) ? "match" : "differ";
}

/* What is made only later (VALUE_LATE) is not there to be compared. */
static void copy_slots(Pair *pair, const Resource *from, Resource *to)
{
    for (size_t i = 0; i < from->kind->param_count; i++) {
        const Slot *slot = &from->slots[i];
        if (slot->state != SLOT_SET || !slot->value)
            continue;
        resource_set(to, from->kind->params[i].name,
                     value_fill(pair->arena, slot->value, sameness, pair), NULL);
    }
}

/* What an inventory wants, as what would be seen once it was applied. */
static ResourceSet *as_seen(Pair *pair, const ResourceSet *wanted)
{
    ResourceSet *seen = resource_set_new(pair->arena, wanted->kind, wanted->domain);
    seen->complete = true;
    for (size_t i = 0; i < resource_set_count(wanted); i++) {
        const Resource *from = resource_set_at(wanted, i);
        if (from->ensure == ENSURE_PRESENT)
            copy_slots(pair, from, resource_add(seen, from->scope, from->name, from->host));
    }
    return seen;
}

static Error *wanted(Pair *pair, const Kind *kind, const Domain *domain, ResourceSet **ret)
{
    *ret = resource_set_new(pair->arena, kind, domain);
    Error *error = domain ? kind->desired(domain, pair->facts, *ret) : NULL;
    return error ? error_wrap(error, "%s of %s", kind->name, domain->name) : NULL;
}

typedef struct Changes {
    Change *items;
    size_t count, capacity;
} Changes;

static void take(Pair *pair, Changes *changes, const Diff *diff)
{
    for (size_t i = 0; i < diff->change_count; i++)
        ARENA_PUSH(pair->arena, changes->items, changes->count, changes->capacity,
                   diff->changes[i]);
}

static void take_gone(Pair *pair, Changes *changes, const ResourceSet *later,
                      const ResourceSet *earlier, const Domain *domain)
{
    for (size_t i = 0; i < resource_set_count(earlier); i++) {
        const Resource *resource = resource_set_at(earlier, i);
        if (resource_set_get(later, resource->address))
            continue;
        Change gone = {.op = CHANGE_DELETE, .observed = resource, .domain = domain};
        ARENA_PUSH(pair->arena, changes->items, changes->count, changes->capacity, gone);
    }
}

static Error *compare_kind(Pair *pair, const Kind *kind, const Sides *sides, Changes *changes)
{
    ResourceSet *later = NULL, *earlier = NULL;
    const Domain *domain = sides->later ? sides->later : sides->earlier;
    TRY(wanted(pair, kind, sides->later, &later));
    TRY(wanted(pair, kind, sides->earlier, &earlier));
    ResourceSet *seen = as_seen(pair, earlier);
    Diff diff = diff_sets(pair->arena, domain, pair->facts, later, seen);
    take(pair, changes, &diff);
    take_gone(pair, changes, later, seen, domain);
    return NULL;
}

static Error *compare_domain(Pair *pair, const Sides *sides)
{
    const Domain *domain = sides->later ? sides->later : sides->earlier;
    Changes changes = {0};
    for (const Kind *const *kind = pair->registry->kinds; *kind; kind++) {
        if ((*kind)->domain == domain->type)
            TRY(compare_kind(pair, *kind, sides, &changes));
    }
    DesiredDiff diff = {domain->name, domain->type, changes.items, changes.count};
    if (changes.count > 0)
        ARENA_PUSH(pair->arena, pair->diffs, pair->count, pair->capacity, diff);
    return NULL;
}

static const char *key_of(Arena *arena, const Domain *domain)
{
    return arena_printf(arena, "%s %s", domain_type_name(domain->type), domain->name);
}

static Map *by_key(Arena *arena, const Domain *domains, size_t count)
{
    Map *map = map_new(arena);
    for (size_t i = 0; i < count; i++) {
        Sides *sides = ARENA_NEW(arena, Sides);
        sides->earlier = &domains[i];
        map_set(map, key_of(arena, &domains[i]), sides);
    }
    return map;
}

static Error *compare(Pair *pair)
{
    const Domain *earlier, *later;
    size_t earlier_count = domains_of(pair->arena, pair->earlier, &earlier);
    size_t later_count = domains_of(pair->arena, pair->later, &later);
    Map *sides_of = by_key(pair->arena, earlier, earlier_count);
    for (size_t i = 0; i < later_count; i++) {
        Sides *found = map_get(sides_of, key_of(pair->arena, &later[i]));
        Sides sides = {found ? found->earlier : NULL, &later[i]};
        TRY(compare_domain(pair, &sides));
        if (found)
            found->later = &later[i];
    }
    for (size_t i = 0; i < map_count(sides_of); i++) {
        const Sides *sides = map_value_at(sides_of, i);
        if (!sides->later)
            TRY(compare_domain(pair, sides));
    }
    return NULL;
}

Error *desired_diff(Arena *arena, const Registry *registry, const Inventory *earlier,
                    const Inventory *later, const DesiredDiff **ret, size_t *ret_count)
{
    Pair pair = {.arena = arena,
                 .earlier = earlier,
                 .later = later,
                 .registry = registry,
                 .facts = facts_new(arena)};
    TRY(compare(&pair));
    *ret = pair.diffs;
    *ret_count = pair.count;
    return NULL;
}
