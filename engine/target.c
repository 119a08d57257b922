#include "engine/target.h"

#include <string.h>

#include "base/clock.h"

enum { POLL_MS = 500, READ_LIMIT_MS = 5000 };

bool target_is_leader(const char *host)
{
    return strcmp(host, TARGET_LEADER) == 0;
}

static bool leads(const Value *member)
{
    static const char *const roles[] = {"leader", "standby_leader", "master", "primary"};
    for (size_t i = 0; i < COUNT_OF(roles); i++) {
        if (strcmp(value_get_text(member, "role"), roles[i]) == 0)
            return true;
    }
    return false;
}

static const char *leader_of(const Value *view)
{
    const Value *members = value_get(view, "members");
    for (size_t i = 0; i < value_count(members); i++) {
        const Value *member = value_at(members, i);
        if (leads(member) && strcmp(value_get_text(member, "state"), "running") == 0)
            return value_get_text(member, "name");
    }
    return NULL;
}

static const char *host_of(const Value *members, const char *name)
{
    for (size_t i = 0; name && i < value_count(members); i++) {
        if (strcmp(value_get_text(value_at(members, i), "name"), name) == 0)
            return value_get_text(value_at(members, i), "host");
    }
    return NULL;
}

/* The host that leads as one member tells it, or NULL. */
static const char *ask_member(World *world, const Source *source, const Value *members, size_t i,
                              Arena *arena)
{
    const char *host = value_get_text(value_at(members, i), "host");
    ReadRequest request = {.source = source, .subject = host, .args = &value_empty_list};
    Reading reading = {0};
    Error *error = world->read(world, host, &request, 1, clock_now_ms(world->clock) + READ_LIMIT_MS,
                               arena, &reading);
    const char *leader = error ? NULL : host_of(members, leader_of(reading.value));
    error_free(error);
    return leader;
}

Error *target_resolve(World *world, const Registry *registry, const Action *action,
                      int64_t limit_ms, const Cancel *cancel, Arena *arena, Action *ret)
{
    *ret = *action;
    if (!target_is_leader(action->host))
        return NULL;
    const Source *source = registry_source(registry, "patroni.cluster");
    const Value *members = value_get(action->args, "members");
    if (!source || value_count(members) == 0)
        return error_new(ERROR_INVALID, "%s works on the leader, but names no members to ask",
                         action->address);
    int64_t deadline_ms = clock_now_ms(world->clock) + limit_ms;
    for (;;) {
        for (size_t i = 0; i < value_count(members); i++) {
            const char *host = ask_member(world, source, members, i, arena);
            if (host) {
                ret->host = host;
                return NULL;
            }
        }
        if (clock_until_ms(world->clock, deadline_ms) <= POLL_MS)
            return error_new(ERROR_UNREACHABLE, "no member of %s says who leads, after %.0f s",
                             action->cluster, (double)limit_ms / 1000);
        if (cancel_sleep(cancel, world->clock, POLL_MS, CANCEL_INTERRUPT))
            return error_new(ERROR_CANCELLED, "stopped looking for the leader of %s",
                             action->cluster);
    }
}

void target_replace(const Action *resolved, EffectList *effects, CheckList *checks)
{
    for (size_t i = 0; effects && i < effects->count; i++) {
        if (effects->items[i].host && target_is_leader(effects->items[i].host))
            effects->items[i].host = resolved->host;
    }
    for (size_t i = 0; checks && i < checks->count; i++) {
        if (checks->items[i].subject && target_is_leader(checks->items[i].subject))
            checks->items[i].subject = resolved->host;
    }
}
