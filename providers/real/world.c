#include "providers/real/world.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/digest.h"
#include "providers/real/effects.h"
#include "providers/real/gateway.h"
#include "providers/real/pool.h"
#include "providers/real/probe.h"
#include "providers/real/rest.h"
#include "providers/real/sql.h"
#include "providers/real/sql_read.h"

enum { SALT_DIGITS = 32, PG_PORT = 5432, PATRONI_PORT = 8008, ETCD_PORT = 2379 };

typedef struct RealWorld {
    World world;
    Arena *arena;
    SessionPool *pool;
    const Inventory *inventory;
    const char *run;
    char
        salt[SALT_DIGITS + 1]; /* of the digests of secrets; never leaves memory but to the nodes */
} RealWorld;

/* One piece of work over a session. */
typedef struct Work {
    RealWorld *real;
    const char *host;
    const ReadRequest *requests;
    const Effect *effects;
    size_t count;
    int64_t deadline_ms;
    Arena *arena;
    Reading *readings;
    const Value **outcome;
    const EtcdRequest *etcd_request;
    EtcdAnswer *etcd_answer;
} Work;

static NodeContext context_of(const Work *work, Loan *loan)
{
    NodeContext context = {
        .pool = work->real->pool,
        .loan = loan,
        .host = work->host,
        .run = work->real->run,
        .dbsu = "postgres",
        .monitor = "dbuser_monitor",
        .pg_port = PG_PORT,
        .rest_port = PATRONI_PORT,
        .etcd_port = ETCD_PORT,
        .fence = work->effects && work->count > 0 ? work->effects[0].fence : NULL,
        .deadline_ms = work->deadline_ms,
        .arena = work->arena,
    };
    const Inventory *inventory = work->real->inventory;
    const Host *host = inventory ? inventory_host(inventory, work->host) : NULL;
    if (!host)
        return context;
    const char *dbsu = host_text(host, "pg_dbsu");
    if (*dbsu)
        context.dbsu = dbsu;
    const char *monitor = host_text(host, "pg_monitor_username");
    if (*monitor)
        context.monitor = monitor;
    context.pg_port = (int)host_int(host, "pg_port", PG_PORT);
    context.rest_port = (int)host_int(host, "patroni_port", PATRONI_PORT);
    context.etcd_port = (int)host_int(host, "etcd_port", ETCD_PORT);
    context.rest_is_https = host_bool(host, "patroni_ssl_enabled", false);
    return context;
}

/* Requests of one stage go one way, but a caller may mix: each way gets its own. */
static size_t requests_via(const Work *work, SourceVia via, ReadRequest *ret, size_t *ret_places)
{
    size_t count = 0;
    for (size_t i = 0; i < work->count; i++) {
        if (work->requests[i].source->via != via)
            continue;
        ret_places[count] = i;
        ret[count++] = work->requests[i];
    }
    return count;
}

static Error *read_via(const Work *work, Loan *loan, SourceVia via)
{
    NodeContext context = context_of(work, loan);
    ReadRequest *requests = ARENA_ARRAY(work->arena, ReadRequest, work->count);
    Reading *readings = ARENA_ARRAY(work->arena, Reading, work->count);
    size_t *places = ARENA_ARRAY(work->arena, size_t, work->count);
    size_t count = requests_via(work, via, requests, places);
    if (count == 0)
        return NULL;
    if (via == VIA_PROBE)
        TRY(probe_run(loan->session, requests, count, work->real->salt, work->deadline_ms,
                      work->arena, readings));
    else if (via == VIA_REST)
        rest_read(&context, requests, count, readings);
    else
        sql_read(&context, requests, count, readings);
    for (size_t i = 0; i < count; i++)
        work->readings[places[i]] = readings[i];
    return NULL;
}

static Error *do_read(const Work *work, Loan *loan)
{
    TRY(read_via(work, loan, VIA_PROBE));
    TRY(read_via(work, loan, VIA_REST));
    return read_via(work, loan, VIA_SQL);
}

static Error *do_perform(const Work *work, Loan *loan)
{
    NodeContext context = context_of(work, loan);
    return effects_perform(&context, work->effects, work->count, work->outcome);
}

static Error *do_ask_etcd(const Work *work, Loan *loan)
{
    NodeContext context = context_of(work, loan);
    return gateway_ask(&context, work->etcd_request, work->etcd_answer);
}

/* Once, with an idle session if there is one. */
static Error *try_once(const Work *work, Error *(*run)(const Work *work, Loan *loan), bool fresh,
                       bool *ret_may_retry)
{
    Loan loan = {0};
    *ret_may_retry = false;
    TRY(session_borrow(work->real->pool, work->host, fresh, work->deadline_ms, &loan));
    bool is_reused = loan.is_reused;
    Error *error = run(work, &loan);
    bool is_good = !error || error->code != ERROR_UNREACHABLE;
    session_give_back(&loan, is_good);
    *ret_may_retry = is_reused && !is_good && clock_left_ms(work->deadline_ms) != 0;
    return error;
}

/* A session that was idle may have died meanwhile; all that we send may be repeated. */
static Error *run_work(const Work *work, Error *(*run)(const Work *work, Loan *loan))
{
    bool may_retry = false;
    Error *error = try_once(work, run, false, &may_retry);
    if (!may_retry)
        return error;
    error_free(error);
    return try_once(work, run, true, &may_retry);
}

static Error *real_read(World *world, const char *host_address, const ReadRequest *requests,
                        size_t count, int64_t deadline_ms, Arena *arena, Reading *ret_readings)
{
    Work work = {
        .real = world->context,
        .host = host_address,
        .requests = requests,
        .count = count,
        .deadline_ms = deadline_ms,
        .arena = arena,
        .readings = ret_readings,
    };
    Error *error = run_work(&work, do_read);
    return error ? error_wrap(error, "reading %s", host_address) : NULL;
}

static Error *real_perform(World *world, const char *host_address, const Effect *effects,
                           size_t count, int64_t deadline_ms, Arena *arena,
                           const Value **ret_outcome)
{
    Work work = {
        .real = world->context,
        .host = host_address,
        .effects = effects,
        .count = count,
        .deadline_ms = deadline_ms,
        .arena = arena,
        .outcome = ret_outcome,
    };
    Error *error = run_work(&work, do_perform);
    return error ? error_wrap(error, "on %s", host_address) : NULL;
}

static Error *real_ask_etcd(World *world, const char *host_address, const EtcdRequest *request,
                            int64_t deadline_ms, Arena *arena, EtcdAnswer *ret)
{
    Work work = {
        .real = world->context,
        .host = host_address,
        .deadline_ms = deadline_ms,
        .arena = arena,
        .etcd_request = request,
        .etcd_answer = ret,
    };
    return run_work(&work, do_ask_etcd);
}

static size_t real_round_trips(World *world, const char *host_address)
{
    RealWorld *real = world->context;
    return session_round_trips(real->pool, host_address);
}

static void real_free(World *world)
{
    RealWorld *real = world->context;
    session_pool_free(real->pool);
    arena_free(real->arena);
    free(real);
}

World *world_real_new(const WorldSettings *settings)
{
    RealWorld *real = must_malloc(sizeof(*real));
    Arena *arena = arena_new();
    *real = (RealWorld){
        .world = {.context = real,
                  .clock = clock_real(),
                  .read = real_read,
                  .perform = real_perform,
                  .round_trips = real_round_trips,
                  .free = real_free,
                  .ask_etcd = real_ask_etcd},
        .arena = arena,
        .pool = session_pool_new(settings),
        .inventory = settings->inventory,
        .run = arena_strdup(arena, settings->run ? settings->run : "run"),
    };
    random_hex(real->salt, SALT_DIGITS);
    return &real->world;
}

Error *world_real_global_init(void)
{
    sql_forget_environment();
    return rest_global_init();
}
