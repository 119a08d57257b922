#include "aftermath.h"

#include <string.h>

#include "base/json.h"
#include "engine/git/store.h"
#include "engine/lease.h"
#include "engine/snapshot.h"
#include "providers/registry.h"
#include "unit.h"

const char *const aftermath_nodes[] = {"10.10.10.10", "10.10.10.11", "10.10.10.12", "10.10.10.13",
                                       NULL};

/* All domains whose snapshots are compared. */
static const struct {
    DomainType type;
    const char *name;
} domains[] = {
    {DOMAIN_INFRA, "infra"},      {DOMAIN_ETCD, "etcd"},      {DOMAIN_CLUSTER, "pg-test"},
    {DOMAIN_CLUSTER, "pg-other"}, {DOMAIN_NODE, "infra"},     {DOMAIN_NODE, "pg-test-1"},
    {DOMAIN_NODE, "pg-test-2"},   {DOMAIN_NODE, "pg-test-3"}, {DOMAIN_NODE, "pg-other-1"},
};

int aftermath_apply(FakeCli *f, const char *state)
{
    const char *line =
        arena_printf(f->arena, "apply -auto-approve -max-impact=switchover -state-dir=%s", state);
    return fake_cli(f, line);
}

static size_t complain(const char *what, const char *of, const char *detail)
{
    fprintf(stderr, "%s: %s\n%s\n", of, what, detail);
    return 1;
}

/* -- snapshots --------------------------------------------------------------------------------- */

typedef struct History {
    Store *store;
    const char *commit;
} History;

static void history_end(History *history)
{
    store_freep(&history->store);
}

static History history_of(Arena *arena, const char *state)
{
    History history = {0};
    check_fine(store_open(arena_printf(arena, "%s/state.git", state), false, &history.store));
    check_fine(store_resolve(history.store, arena, NULL, &history.commit));
    return history;
}

static const char *text_in(const History *history, Arena *arena, size_t domain)
{
    const char *text;
    const char *path = snapshot_path(arena, domains[domain].type, domains[domain].name);
    check_fine(store_read(history->store, arena, history->commit, path, &text));
    return text ? text : "";
}

static const Value *resources_in(Arena *arena, const char *text)
{
    const Value *file = NULL;
    if (*text)
        check_fine(json_parse_holes(arena, text, strlen(text), &file));
    return value_get(file, "resources");
}

/* All that is in place and that the snapshot of a run that nobody killed has. */
static size_t count_missing(Arena *arena, const char *mine, const char *theirs, const char *world)
{
    const Value *resources = resources_in(arena, mine), *names = resources_in(arena, theirs);
    const Value *in_place = resources_in(arena, world);
    size_t missing = 0;
    for (size_t i = 0; i < value_count(names); i++) {
        const char *name = names->map.keys[i];
        if (value_get(in_place, name) && !value_get(resources, name))
            missing += complain("the snapshot lacks it", name, "");
    }
    return missing;
}

static size_t compare(Arena *arena, const Trace *trace, const Trace *unharmed)
{
    size_t wrong = 0;
    CLEANUP(history_end) History state = history_of(arena, trace->state);
    CLEANUP(history_end) History world = history_of(arena, trace->world);
    CLEANUP(history_end) History wanted_state = history_of(arena, unharmed->state);
    CLEANUP(history_end) History wanted_world = history_of(arena, unharmed->world);
    for (size_t i = 0; i < COUNT_OF(domains); i++) {
        const char *is = text_in(&world, arena, i), *wanted = text_in(&wanted_world, arena, i);
        const char *mine = text_in(&state, arena, i), *theirs = text_in(&wanted_state, arena, i);
        if (strcmp(is, wanted) != 0)
            wrong += complain("it ended in another state", domains[i].name,
                              arena_printf(arena, "%s\nnot:\n%s", is, wanted));
        if (strcmp(mine, theirs) != 0)
            wrong += count_missing(arena, mine, theirs, is);
    }
    return wrong;
}

/* -- what the dead one left -------------------------------------------------------------------- */

static size_t count_journals(Arena *arena, const StateDir *directory)
{
    const char *const *names = NULL;
    size_t count = 0, open = 0;
    if (file_type(directory->journal) != FILE_DIRECTORY)
        return 0;
    check_fine(file_list(arena, directory->journal, &names, &count));
    for (size_t i = 0; i < count; i++) {
        if (text_ends_with(names[i], ".journal"))
            open += complain("the journal is left open", names[i], "");
    }
    return open;
}

static size_t count_leases(Arena *arena, const StateDir *directory)
{
    Lease *leases;
    size_t count, stuck = 0;
    CLEANUP(lease_authority_freep) LeaseAuthority *authority = lease_authority_local(directory);
    check_fine(lease_list(arena, authority, &leases, &count));
    for (size_t i = 0; i < count; i++) {
        if (leases[i].state != LEASE_FREE)
            stuck +=
                complain("the lease is stuck", leases[i].domain, lease_state_name(leases[i].state));
    }
    return stuck;
}

static const Value *look_at(Arena *arena, const char *address, const char *source)
{
    World *world = sim_cli_fleet()->world;
    ReadRequest request = {.source = registry_source(&pgsteer_registry, source)};
    Reading reading = {0};
    error_free(world->read(world, address, &request, 1, -1, arena, &reading));
    return reading.value;
}

static size_t count_pauses(Arena *arena)
{
    size_t paused = 0;
    for (const char *const *node = aftermath_nodes; *node; node++) {
        if (value_get_bool(look_at(arena, *node, "patroni.config"), "pause", false))
            paused += complain("Patroni is paused", *node, "");
        const Value *notes = look_at(arena, *node, "node.markers");
        for (size_t i = 0; i < value_count(notes); i++) {
            if (strcmp(value_get_text(notes->map.values[i], "state"), "forming") == 0)
                paused += complain("a note of it is left", *node, notes->map.keys[i]);
        }
    }
    return paused;
}

Aftermath aftermath_look(FakeCli *f, const Trace *trace, const Trace *unharmed,
                         const size_t *effects)
{
    Arena *arena = f->arena;
    Aftermath result = {0};
    StateDir directory = state_dir_of(arena, "", trace->state);
    size_t before = *effects;
    if (aftermath_apply(f, trace->world) != 0 || *effects != before)
        result.lost_actions += complain("it has something to do", "another apply",
                                        arena_printf(arena, "%s\n%s", f->out, f->err));
    result.lost_actions += count_journals(arena, &directory);
    result.stuck_leases = count_leases(arena, &directory);
    result.forgotten_pauses = count_pauses(arena);
    if (!unharmed)
        return result;
    result.lost_actions += compare(arena, trace, unharmed);
    return result;
}
