#include "engine/takeover.h"

#include <string.h>

#include "base/clock.h"
#include "base/map.h"
#include "base/queue.h"
#include "engine/executor.h"
#include "engine/target.h"

enum { LIMIT_MS = 20000 };

/* One node to be told, and what came of it. */
typedef struct Telling {
    const char *host;
    const Fence *fence;
    Error *error;
} Telling;

typedef struct Round {
    Arena *arena;
    const Takeover *takeover;
    Map *seen; /* "domain host" */
    Telling *items;
    size_t count, capacity;
} Round;

static void add(Round *round, const char *domain, const char *host)
{
    char *key = arena_printf(round->arena, "%s %s", domain, host);
    if (!*host || map_set(round->seen, key, round))
        return;
    Telling telling = {.host = host,
                       .fence = leases_fence_of(round->takeover->leases, round->arena, domain)};
    ARENA_PUSH(round->arena, round->items, round->count, round->capacity, telling);
}

/* The hosts of all that is shown with the domain, and wherever else the plan has something to do
 * for it. */
static void add_domain(Round *round, const char *domain)
{
    const Takeover *takeover = round->takeover;
    for (size_t i = 0; i < takeover->domain_count; i++) {
        const Domain *shown = &takeover->domains[i];
        if (strcmp(fence_word(round->arena, shown->block), domain) != 0)
            continue;
        for (size_t k = 0; k < shown->host_count; k++)
            add(round, domain, host_address(shown->hosts[k]));
    }
    for (size_t i = 0; i < takeover->plan->action_count; i++) {
        const Action *action = &takeover->plan->actions[i];
        if (strcmp(lease_domain_of(round->arena, action), domain) == 0 &&
            !target_is_leader(action->host))
            add(round, domain, action->host);
    }
}

/* To take a note away that is not there changes nothing: it carries the token. */
static void tell(void *context, size_t i)
{
    Round *round = context;
    Telling *telling = &round->items[i];
    World *world = round->takeover->world;
    CLEANUP(arena_freep) Arena *arena = arena_new();
    Value *args = value_map(arena);
    value_set_text(arena, args, "key", "takeover");
    Effect effect = {EFFECT_MARKER, telling->host, args, telling->fence};
    telling->error = world->perform(world, telling->host, &effect, 1,
                                    clock_now_ms(world->clock) + LIMIT_MS, arena, NULL);
}

static Error *settle(const Round *round, const Value **ret_silent)
{
    Value *silent = value_list(round->arena);
    Error *fenced = NULL;
    for (size_t i = 0; i < round->count; i++) {
        Telling *telling = &round->items[i];
        if (telling->error)
            value_push(round->arena, silent, value_text(round->arena, telling->host));
        if (telling->error && !fenced && error_root(telling->error)->code == ERROR_FENCED)
            fenced = telling->error;
        else
            error_free(telling->error);
    }
    *ret_silent = silent;
    return fenced;
}

Error *takeover_announce(Arena *arena, const Takeover *takeover, const Value **ret_silent)
{
    Round round = {.arena = arena, .takeover = takeover, .seen = map_new(arena)};
    const char *const *domains;
    size_t count = leases_taken_over(takeover->leases, arena, &domains);
    for (size_t i = 0; i < count; i++)
        add_domain(&round, domains[i]);
    pool_each(takeover->world->clock,
              takeover->workers > 0 ? takeover->workers : (size_t)EXECUTOR_WORKERS, round.count,
              tell, &round);
    return settle(&round, ret_silent);
}
