#include "generator.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/random.h"
#include "base/text.h"
#include "generator_fragments.h"

enum { CLUSTERS_MAX = 3, MEMBERS_MAX = 4, NODES_EACH = 10 };

/* -- places ------------------------------------------------------------------------------------ */

static size_t place_count(const Fragment *fragment)
{
    static const size_t counts[WHERE_COUNT] = {[IN_FLEET] = 1,
                                               [IN_INFRA] = 1,
                                               [IN_ETCD] = 1,
                                               [IN_CLUSTER] = CLUSTERS_MAX,
                                               [IN_MEMBER] = (size_t)CLUSTERS_MAX * MEMBERS_MAX};
    return counts[fragment->where];
}

static size_t text_count(const Fragment *fragment)
{
    size_t count = 0;
    while (count < TEXTS_MAX && fragment->texts[count])
        count++;
    return count;
}

size_t generator_place_count(void)
{
    size_t count = 0;
    for (size_t i = 0; i < generator_fragment_count; i++)
        count += place_count(&generator_fragments[i]);
    assert(count <= PLACES_MAX);
    return count;
}

static size_t first_place(size_t fragment)
{
    size_t place = 0;
    for (size_t i = 0; i < fragment; i++)
        place += place_count(&generator_fragments[i]);
    return place;
}

bool generator_place_changes(size_t place)
{
    size_t fragment = 0;
    while (place >= place_count(&generator_fragments[fragment]))
        place -= place_count(&generator_fragments[fragment++]);
    return generator_fragments[fragment].rule != STAYS;
}

/* -- choices ----------------------------------------------------------------------------------- */

static unsigned char other(Random *random, const Fragment *fragment, unsigned char before)
{
    unsigned char choice = (unsigned char)random_below(random, text_count(fragment));
    if (fragment->rule == STAYS || (fragment->rule == GROWS && choice < before))
        return before;
    return choice;
}

/* Sizes differ more often than other things do. */
static bool is_picked(Random *random, const Fragment *fragment)
{
    enum { ONE_OF = 5 };
    return fragment->list == SIZES || random_below(random, ONE_OF) == 0;
}

Pair pair_from(uint64_t seed)
{
    static const Fragment *const all = generator_fragments;
    Random random = random_from(seed);
    Pair pair = {0};
    size_t place = 0;
    for (size_t i = 0; i < generator_fragment_count; i++) {
        for (size_t k = 0; k < place_count(&all[i]); k++, place++) {
            if (is_picked(&random, &all[i]))
                pair.from.at[place] = (unsigned char)random_below(&random, text_count(&all[i]));
            pair.to.at[place] = pair.from.at[place];
            if (is_picked(&random, &all[i]))
                pair.to.at[place] = other(&random, &all[i], pair.from.at[place]);
        }
    }
    return pair;
}

/* -- text -------------------------------------------------------------------------------------- */

typedef struct Writing {
    const Choices *choices;
    Text *out;
} Writing;

static const char *chosen(const Writing *it, size_t fragment, size_t instance)
{
    return generator_fragments[fragment].texts[it->choices->at[first_place(fragment) + instance]];
}

static unsigned size_of(const Writing *it, size_t fragment, size_t instance)
{
    return (unsigned)strtoul(chosen(it, fragment, instance), NULL, 10);
}

/* '#' is the number of the place. */
static void add_item(Text *list, const char *text, size_t instance)
{
    size_t length = strcspn(text, "#");
    text_add(list, list->length > 0 ? ", " : "");
    text_add_bytes(list, text, length);
    if (text[length])
        text_addf(list, "%zu%s", instance, text + length + 1);
}

/* A list with its items and the lists within; nothing if it has none. */
// NOLINTNEXTLINE(misc-no-recursion): lists are within lists as generator_lists says
static void add_list(const Writing *it, List list, Where where, size_t instance, Text *out)
{
    CLEANUP(text_release) Text items = TEXT_INIT;
    for (size_t i = FIRST_FRAGMENT; i < generator_fragment_count; i++) {
        const Fragment *fragment = &generator_fragments[i];
        if (fragment->list == list && fragment->where == where && *chosen(it, i, instance))
            add_item(&items, chosen(it, i, instance), instance);
    }
    for (size_t i = VARS + 1; i < LIST_COUNT; i++) {
        if (generator_lists[i].parent == list)
            add_list(it, (List)i, where, instance, &items);
    }
    if (items.length == 0)
        return;
    text_add(out, out->length > 0 ? ",\n          " : "");
    text_addf(out, "%s %s %s", generator_lists[list].open, text_get(&items),
              generator_lists[list].close);
}

/* name: { fixed, the variables of that place } */
static void add_vars(const Writing *it, const char *name, const char *fixed, Where where,
                     size_t instance)
{
    CLEANUP(text_release) Text vars = TEXT_INIT;
    add_list(it, VARS, where, instance, &vars);
    const char *more = vars.length > 0 ? text_get(&vars) + 1 : "}";
    bool has_both = *fixed && vars.length > 0;
    text_addf(it->out, "%s: { %s%s%s\n", name, fixed, has_both ? "," : "", more);
}

static void add_member(const Writing *it, size_t cluster, size_t member)
{
    CLEANUP(text_release) Text name = TEXT_INIT, fixed = TEXT_INIT;
    size_t instance = cluster * MEMBERS_MAX + member;
    unsigned primary = size_of(it, PRIMARY, cluster);
    bool is_primary =
        primary == member + 1 || (member == 0 && primary > size_of(it, MEMBERS, cluster));
    text_addf(&name, "        10.10.1%zu.%zu", cluster, NODES_EACH + member + 1);
    text_addf(&fixed, "pg_seq: %zu, pg_role: %s", member + 1,
              is_primary ? "primary" : chosen(it, ROLE, instance));
    add_vars(it, text_get(&name), text_get(&fixed), IN_MEMBER, instance);
}

static void add_cluster(const Writing *it, size_t cluster)
{
    CLEANUP(text_release) Text fixed = TEXT_INIT;
    text_addf(it->out, "    pg-c%zu:\n", cluster);
    text_addf(&fixed, "pg_cluster: pg-c%zu", cluster);
    add_vars(it, "      vars", text_get(&fixed), IN_CLUSTER, cluster);
    text_add(it->out, "      hosts:\n");
    for (size_t i = 0; i < size_of(it, MEMBERS, cluster); i++)
        add_member(it, cluster, i);
}

const char *choices_text(Arena *arena, const Choices *choices)
{
    CLEANUP(text_release) Text out = TEXT_INIT;
    Writing it = {choices, &out};
    text_add(&out, "all:\n");
    add_vars(&it, "  vars", "admin_ip: 10.10.10.10, pg_version: 15", IN_FLEET, 0);
    text_add(&out, "  children:\n"
                   "    infra: { hosts: { 10.10.10.10: { infra_seq: 1, nodename: infra } } }\n"
                   "    etcd:\n");
    add_vars(&it, "      vars", "", IN_ETCD, 0);
    text_add(&out, "      hosts:\n");
    for (size_t i = 1; i <= size_of(&it, ETCD_SIZE, 0); i++)
        text_addf(&out, "        10.10.10.%zu: { etcd_seq: %zu }\n", NODES_EACH + i, i);
    for (size_t i = 0; i < size_of(&it, CLUSTERS, 0); i++)
        add_cluster(&it, i);
    return text_copy(&out, arena);
}
