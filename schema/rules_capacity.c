/* Does it all fit: connections into servers, buffers into memory. */
#include <string.h>

#include "base/text.h"
#include "schema/pool_limits.h"
#include "schema/rules_internal.h"
#include "schema/tuning.h"

/* -- Connections ----------------------------------------------------------------------------- */

static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* A limit of PgBouncer, where 0 means none and -1 what all have. */
static int64_t limit_of(const Value *entry, const char *field, int64_t fallback)
{
    int64_t limit = value_get_int(entry, field, fallback);
    if (limit < 0)
        limit = fallback;
    return limit > 0 ? limit : INT64_MAX;
}

static int64_t pool_size(const Value *database)
{
    return value_get_int(database, "pool_size", POOL_DEFAULT_SIZE) +
           value_get_int(database, "pool_reserve", POOL_DEFAULT_RESERVE);
}

typedef struct Entries {
    const Value **items;
    size_t count, capacity;
} Entries;

static void add_pooled(Arena *arena, Entries *entries, const Value *list, bool fallback)
{
    for (size_t i = 0; i < value_count(list); i++) {
        if (rule_is_pooled(value_at(list, i), fallback))
            ARENA_PUSH(arena, entries->items, entries->count, entries->capacity, value_at(list, i));
    }
}

/* Each user has a pool of its own to each database. */
typedef struct Pools {
    Entries users, databases;
} Pools;

static Pools pools_of(Arena *arena, const Host *host)
{
    Pools pools = {0};
    add_pooled(arena, &pools.users, host_param(host, "pg_default_roles"), false);
    add_pooled(arena, &pools.users, host_param(host, "pg_users"), false);
    add_pooled(arena, &pools.databases, host_param(host, "pg_databases"), true);
    return pools;
}

static int64_t most_to_database(const Pools *pools, const Value *database)
{
    int64_t limit = limit_of(database, "pool_connlimit", POOL_MAX_DATABASE), sum = 0;
    for (size_t i = 0; i < pools->users.count && sum < limit; i++)
        sum += smaller(limit_of(pools->users.items[i], "pool_connlimit", POOL_MAX_USER),
                       pool_size(database));
    return smaller(sum, limit);
}

static int64_t most_of_user(const Pools *pools, const Value *user)
{
    int64_t limit = limit_of(user, "pool_connlimit", POOL_MAX_USER), sum = 0;
    for (size_t i = 0; i < pools->databases.count && sum < limit; i++)
        sum += pool_size(pools->databases.items[i]);
    return smaller(sum, limit);
}

static int64_t most_of_pools(const Pools *pools)
{
    int64_t to_databases = 0, of_users = 0;
    for (size_t i = 0; i < pools->databases.count; i++)
        to_databases += most_to_database(pools, pools->databases.items[i]);
    for (size_t i = 0; i < pools->users.count; i++)
        of_users += most_of_user(pools, pools->users.items[i]);
    return smaller(to_databases, of_users);
}

/* What services that lead around the pool let through, where they say how much. */
static int64_t most_of_services(const Host *host)
{
    const Value *services = host_param(host, "pg_services");
    const char *usual = host_text(host, "pg_default_service_dest");
    int64_t sum = 0;
    for (size_t i = 0; i < value_count(services); i++) {
        const Value *service = value_at(services, i);
        const char *dest = value_get_text(service, "dest");
        if (!*dest || strcmp(dest, "default") == 0)
            dest = usual;
        bool is_direct = strcmp(dest, "postgres") == 0 && !value_get_int(service, "dest", 0);
        sum += is_direct ? value_get_int(service, "maxconn", 0) : 0;
    }
    return sum;
}

static void report_full(const RuleRun *run, const PgCluster *cluster, int64_t pools, int64_t direct,
                        int64_t room)
{
    const Host *host = cluster->members[0];
    const char *more =
        direct ? arena_printf(run->scratch, " and %lld past them", (long long)direct) : "";
    int64_t wanted = pools + direct + TUNING_RESERVED_CONNECTIONS;
    const char *advice =
        arena_printf(run->scratch,
                     "Beyond that clients wait or are refused. Lower pool_connlimit, pool_size or "
                     "pool_reserve of databases, or write pg_max_conn: %lld",
                     (long long)wanted);
    Diagnostic *problem = diagnostics_add(
        run->diagnostics, "W058", host_param_origin(host, "pg_max_conn"), advice,
        "the pools of %s can take %lld connections%s, the server has %lld (max_connections %lld, "
        "%d of them reserved)",
        cluster->name, (long long)pools, more, (long long)room,
        (long long)room + TUNING_RESERVED_CONNECTIONS, TUNING_RESERVED_CONNECTIONS);
    diagnostic_add_place(problem, rule_origin(host, "pg_databases"));
}

static void connections(const RuleRun *run, const PgCluster *cluster)
{
    const Host *host = cluster->members[0];
    bool is_local =
        host_bool(host, "pgbouncer_enabled", true) && !*host_text(host, "pgbouncer_redirect_to");
    if (!is_local)
        return;
    TuningInput input = tuning_input(host);
    Pools pools = pools_of(run->scratch, host);
    int64_t most = most_of_pools(&pools), direct = most_of_services(host);
    int64_t room = tuning_max_connections(&input) - TUNING_RESERVED_CONNECTIONS;
    if (most + direct > room)
        report_full(run, cluster, most, direct, room);
}

/* -- Memory ---------------------------------------------------------------------------------- */

/* The server takes all of shared_buffers from huge pages, or none of it. */
static void huge_pages(const RuleRun *run, const PgCluster *cluster)
{
    const Host *host = cluster->members[0];
    int64_t pages = tuning_thousandths(host_text(host, "node_hugepage_ratio"));
    int64_t buffers = tuning_thousandths(host_text(host, "pg_shared_buffer_ratio"));
    if (pages == 0 || pages >= buffers || host_int(host, "node_hugepage_count", 0) > 0)
        return;
    int64_t enough = buffers + buffers / 20;
    Diagnostic *problem = diagnostics_add(
        run->diagnostics, "W056", host_param_origin(host, "pg_shared_buffer_ratio"),
        arena_printf(run->scratch,
                     "Then it takes ordinary memory, and nobody the huge pages. Write "
                     "node_hugepage_ratio: 0.%03lld or more, or 0.",
                     (long long)enough),
        "shared_buffers of %s, %g %% of memory, does not fit into the huge pages, %g %%",
        cluster->name, (double)buffers / 10, (double)pages / 10);
    diagnostic_add_place(problem, rule_origin(host, "node_hugepage_ratio"));
}

static const Rule rows[] = {
    {"W058", "a server has the connections that its pools can take", .cluster = connections},
    {"W056", "shared_buffers fits into the huge pages", .cluster = huge_pages},
};

const RuleTable rules_capacity = {rows, COUNT_OF(rows)};
