#include "providers/real/pool.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <time.h>

#include "base/map.h"

enum { SESSIONS_PER_HOST = 4, IDLE_DEFAULT = 256 };

typedef struct HostSessions {
    SshSession *idle[SESSIONS_PER_HOST]; /* used last stands last */
    size_t idle_count;
    size_t open_count; /* idle, lent, or being opened */
    size_t round_trips;
    TAILQ_ENTRY(HostSessions) by_use; /* while it has an idle one */
} HostSessions;

struct SessionPool {
    Arena *arena;
    SshClient *client;
    WorldSettings settings;
    size_t idle_max;
    pthread_mutex_t lock; /* all below */
    pthread_cond_t freed;
    Map *hosts;                            /* address -> HostSessions */
    TAILQ_HEAD(, HostSessions) idle_hosts; /* used last stands last */
    size_t idle_count;
};

static const char *kept(Arena *arena, const char *text)
{
    return text ? arena_strdup(arena, text) : NULL;
}

/* Its own words win. */
static const char *word_of(const Host *host, const char *param, const char *otherwise)
{
    const char *own = host ? host_text(host, param) : "";
    return *own ? own : otherwise;
}

SshTarget session_target(const WorldSettings *settings, const char *address)
{
    const Host *host = settings->inventory ? inventory_host(settings->inventory, address) : NULL;
    int64_t port = host ? host_int(host, "ansible_port", 0) : 0;
    return (SshTarget){
        .host = word_of(host, "ansible_host", address),
        .port = port > 0 && port <= 65535 ? (int)port : settings->port,
        .user = word_of(host, "ansible_user", settings->user),
        .key_file = word_of(host, "ansible_ssh_private_key_file", settings->key_file),
        .become_user = word_of(host, "ansible_become_user", NULL),
    };
}

SessionPool *session_pool_new(const WorldSettings *settings)
{
    SessionPool *pool = must_malloc(sizeof(*pool));
    Arena *arena = arena_new();
    *pool = (SessionPool){
        .arena = arena,
        .client = ssh_client_new(&settings->ssh),
        .settings = {.user = kept(arena, settings->user),
                     .key_file = kept(arena, settings->key_file),
                     .port = settings->port,
                     .inventory = settings->inventory},
        .idle_max = settings->idle_sessions ? settings->idle_sessions : IDLE_DEFAULT,
        .hosts = map_new(arena),
    };
    TAILQ_INIT(&pool->idle_hosts);
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->freed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    return pool;
}

void session_pool_free(SessionPool *pool)
{
    for (size_t i = 0; i < map_count(pool->hosts); i++) {
        HostSessions *host = map_value_at(pool->hosts, i);
        for (size_t j = 0; j < host->idle_count; j++)
            ssh_close(host->idle[j]);
    }
    ssh_client_free(pool->client);
    pthread_cond_destroy(&pool->freed);
    pthread_mutex_destroy(&pool->lock);
    arena_free(pool->arena);
    free(pool);
}

/* Locked. */
static HostSessions *host_of(SessionPool *pool, const char *address)
{
    HostSessions *host = map_get(pool->hosts, address);
    if (!host) {
        host = ARENA_NEW(pool->arena, HostSessions);
        map_set(pool->hosts, arena_strdup(pool->arena, address), host);
    }
    return host;
}

/* Locked. The i-th of the idle ones leaves. */
static SshSession *take_out(SessionPool *pool, HostSessions *host, size_t i)
{
    SshSession *session = host->idle[i];
    pool->idle_count--;
    host->idle_count--;
    memmove(&host->idle[i], &host->idle[i + 1], (host->idle_count - i) * sizeof(host->idle[0]));
    if (host->idle_count == 0)
        TAILQ_REMOVE(&pool->idle_hosts, host, by_use);
    return session;
}

/* Locked. The session used last is the likeliest to live. */
static SshSession *take_idle(SessionPool *pool, HostSessions *host)
{
    return host->idle_count > 0 ? take_out(pool, host, host->idle_count - 1) : NULL;
}

/* Locked. Until the deadline; false when it passed. */
static bool wait_freed(SessionPool *pool, int64_t deadline_ms)
{
    if (deadline_ms < 0)
        return pthread_cond_wait(&pool->freed, &pool->lock) == 0;
    struct timespec until = {.tv_sec = deadline_ms / 1000,
                             .tv_nsec = (deadline_ms % 1000) * 1000000};
    return pthread_cond_timedwait(&pool->freed, &pool->lock, &until) != ETIMEDOUT;
}

/* A place that is not used after all, or whose session is gone. */
static void free_place(SessionPool *pool, const char *address, size_t round_trips)
{
    pthread_mutex_lock(&pool->lock);
    HostSessions *host = host_of(pool, address);
    host->open_count--;
    host->round_trips += round_trips;
    pthread_cond_broadcast(&pool->freed);
    pthread_mutex_unlock(&pool->lock);
}

/* An idle session, or a place to open one in (*ret NULL). False: none came free in time. */
static bool take_place(SessionPool *pool, const char *address, int64_t deadline_ms,
                       SshSession **ret)
{
    bool is_taken = false;
    bool is_late = false;
    pthread_mutex_lock(&pool->lock);
    HostSessions *host = host_of(pool, address);
    while (!is_taken && !is_late) {
        *ret = take_idle(pool, host);
        is_taken = *ret || host->open_count < SESSIONS_PER_HOST;
        if (is_taken && !*ret)
            host->open_count++;
        is_late = !is_taken && !wait_freed(pool, deadline_ms);
    }
    pthread_mutex_unlock(&pool->lock);
    return is_taken;
}

static Error *open_in_place(SessionPool *pool, Loan *loan, int64_t deadline_ms)
{
    SshTarget target = session_target(&pool->settings, loan->host);
    Error *error = ssh_open(pool->client, &target, deadline_ms, &loan->session);
    if (error)
        free_place(pool, loan->host, 0);
    return error;
}

Error *session_borrow(SessionPool *pool, const char *host, bool fresh, int64_t deadline_ms,
                      Loan *ret)
{
    Loan loan = {.pool = pool, .host = host};
    if (!take_place(pool, host, deadline_ms, &loan.session))
        return error_new(ERROR_UNREACHABLE, "%s: all %d connections are in use", host,
                         SESSIONS_PER_HOST);
    if (loan.session && fresh) {
        ssh_close(loan.session);
        loan.session = NULL;
    }
    loan.is_reused = loan.session != NULL;
    if (!loan.session)
        TRY(open_in_place(pool, &loan, deadline_ms));
    else
        loan.round_trips_before = ssh_round_trips(loan.session);
    *ret = loan;
    return NULL;
}

/* Locked. One of the host that has been without use for longest. */
static SshSession *evict(SessionPool *pool)
{
    HostSessions *host = TAILQ_FIRST(&pool->idle_hosts);
    host->open_count--;
    return take_out(pool, host, 0);
}

/* Locked. */
static void put_in(SessionPool *pool, HostSessions *host, SshSession *session)
{
    if (host->idle_count > 0)
        TAILQ_REMOVE(&pool->idle_hosts, host, by_use);
    TAILQ_INSERT_TAIL(&pool->idle_hosts, host, by_use);
    host->idle[host->idle_count++] = session;
    pool->idle_count++;
}

static void keep(Loan *loan, size_t round_trips)
{
    SessionPool *pool = loan->pool;
    SshSession *evicted = NULL;
    pthread_mutex_lock(&pool->lock);
    HostSessions *host = host_of(pool, loan->host);
    host->round_trips += round_trips;
    put_in(pool, host, loan->session);
    if (pool->idle_count > pool->idle_max)
        evicted = evict(pool);
    pthread_cond_broadcast(&pool->freed);
    pthread_mutex_unlock(&pool->lock);
    if (evicted)
        ssh_close(evicted);
}

void session_give_back(Loan *loan, bool is_good)
{
    if (!loan->session)
        return;
    size_t round_trips = ssh_round_trips(loan->session) - loan->round_trips_before;
    if (is_good) {
        keep(loan, round_trips);
    } else {
        ssh_close(loan->session);
        free_place(loan->pool, loan->host, round_trips);
    }
    loan->session = NULL;
}

size_t session_round_trips(SessionPool *pool, const char *host)
{
    pthread_mutex_lock(&pool->lock);
    size_t count = host_of(pool, host)->round_trips;
    pthread_mutex_unlock(&pool->lock);
    return count;
}
