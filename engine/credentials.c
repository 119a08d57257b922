#include "engine/credentials.h"

#include <string.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/map.h"
#include "base/text.h"

#define SCRAM_PREFIX "scram|"

enum { READ_LIMIT_MS = 20000 };

struct Credentials {
    Arena *arena;
    const Inventory *inventory;
    const Facts *facts;
    World *world;
    const Registry *registry;
    Diagnostics *diagnostics;
    Map *verifiers; /* address -> verifier of this run */
    Map *roles;     /* cluster -> Value: its roles, or value_null when nobody answered */
};

Credentials *credentials_new(Arena *arena, const Inventory *inventory, const Facts *facts,
                             World *world, const Registry *registry, Diagnostics *diagnostics)
{
    Credentials *credentials = ARENA_NEW(arena, Credentials);
    *credentials = (Credentials){.arena = arena,
                                 .inventory = inventory,
                                 .facts = facts,
                                 .world = world,
                                 .registry = registry,
                                 .diagnostics = diagnostics,
                                 .verifiers = map_new(arena),
                                 .roles = map_new(arena)};
    return credentials;
}

/* Any member will do: every standby has the same catalog. */
static const Value *ask_member(Credentials *credentials, const char *host, const char *cluster)
{
    const Source *source = registry_source(credentials->registry, "sql.roles");
    ReadRequest request = {.source = source, .subject = cluster};
    Reading reading = {0};
    if (!source)
        return NULL;
    Error *error = credentials->world->read(credentials->world, host, &request, 1,
                                            clock_now_ms(credentials->world->clock) + READ_LIMIT_MS,
                                            credentials->arena, &reading);
    if (error) {
        /* Another member may answer; a cluster that is not there yet has no verifiers. */
        error_free(error);
        return NULL;
    }
    return value_get(reading.value, "roles");
}

static const Value *roles_of(Credentials *credentials, const char *name)
{
    const Value *known = map_get(credentials->roles, name);
    if (known)
        return known;
    const PgCluster *cluster = inventory_cluster(credentials->inventory, name);
    const Value *roles =
        credentials->facts ? facts_path(credentials->facts, "sql.roles", name, "roles") : NULL;
    for (size_t i = 0; !credentials->facts && !roles && cluster && i < cluster->member_count; i++)
        roles = ask_member(credentials, host_address(cluster->members[i]), name);
    Value *kept = value_copy(credentials->arena, roles ? roles : &value_null);
    map_set(credentials->roles, arena_strdup(credentials->arena, name), kept);
    return kept;
}

/* The parts of "scram|CLUSTER|ROLE|ADDRESS"; the address itself may hold bars. */
static bool split_address(Arena *arena, const char *address, const char **ret_cluster,
                          const char **ret_role, const char **ret_password)
{
    const char *cluster = address + strlen(SCRAM_PREFIX);
    const char *role = strchr(cluster, '|');
    const char *password = role ? strchr(role + 1, '|') : NULL;
    if (!password)
        return false;
    *ret_cluster = arena_strndup(arena, cluster, (size_t)(role - cluster));
    *ret_role = arena_strndup(arena, role + 1, (size_t)(password - role - 1));
    *ret_password = password + 1;
    return true;
}

static const char *text_of(const Credentials *credentials, const char *address)
{
    return inventory_secret_needed(credentials->inventory, address, credentials->diagnostics);
}

static const char *verifier(Credentials *credentials, const char *address)
{
    const char *cluster, *role, *password_address;
    if (!split_address(credentials->arena, address, &cluster, &role, &password_address))
        return NULL;
    const char *plain = text_of(credentials, password_address);
    if (!plain || scram_is_verifier(plain))
        return plain;
    const Value *roles = roles_of(credentials, cluster);
    const char *stored = value_as_text(value_get(value_get(roles, role), "password"), NULL);
    if (stored && text_starts_with(stored, "SCRAM-SHA-256$") &&
        inventory_secret_fits(credentials->inventory, password_address, stored, role))
        return stored;
    char *made = map_get(credentials->verifiers, address);
    if (!made) {
        made = scram_verifier(credentials->arena, plain);
        map_set(credentials->verifiers, arena_strdup(credentials->arena, address), made);
    }
    return made;
}

const char *credentials_text(void *context, const char *address)
{
    Credentials *credentials = context;
    if (text_starts_with(address, SCRAM_PREFIX))
        return verifier(credentials, address);
    return text_of(credentials, address);
}
