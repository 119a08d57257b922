#include "base/queue.h"

#include <assert.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"

/* Sanitizers keep their own data on the stacks. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { STACK_FACTOR = 8 };
#else
enum { STACK_FACTOR = 1 };
#endif

typedef struct Node Node;
struct Node {
    Node *next;
    void *job;
};

typedef struct List {
    Node *first;
    Node **end;
    size_t count;
} List;

struct Pool {
    const Clock *clock;
    pthread_mutex_t lock;
    pthread_cond_t work; /* to the workers: a job, or the end */
    pthread_cond_t news; /* to the owner: a finished job, a wake-up, a worker's end */
    List todo;
    List done;
    bool is_woken;
    bool is_ending;
    size_t idle_count; /* workers that wait */
    pthread_t *threads;
    size_t thread_count;
    size_t ended_count;
    size_t max_threads;
    size_t stack_bytes;
    void (*run)(void *job);
};

static void list_init(List *list)
{
    *list = (List){.end = &list->first};
}

static void list_push(List *list, Node *node)
{
    node->next = NULL;
    *list->end = node;
    list->end = &node->next;
    list->count++;
}

static Node *list_pop(List *list)
{
    Node *node = list->first;
    if (!node)
        return NULL;
    list->first = node->next;
    if (!list->first)
        list->end = &list->first;
    list->count--;
    return node;
}

static void list_release(List *list)
{
    for (Node *node; (node = list_pop(list));)
        free(node);
}

Pool *pool_new(const Clock *clock, size_t workers, size_t stack_bytes, void (*run)(void *job))
{
    assert(workers > 0);
    Pool *pool = must_malloc(sizeof(*pool));
    *pool = (Pool){.clock = clock,
                   .max_threads = workers,
                   .stack_bytes = stack_bytes * STACK_FACTOR,
                   .run = run};
    pool->threads = must_malloc(workers * sizeof(*pool->threads));
    list_init(&pool->todo);
    list_init(&pool->done);
    pthread_mutex_init(&pool->lock, NULL);
    clock_condition_init(&pool->work);
    clock_condition_init(&pool->news);
    return pool;
}

/* With the lock. */
static void work_until_the_end(Pool *pool)
{
    while (!pool->is_ending) {
        Node *node = list_pop(&pool->todo);
        if (!node) {
            pool->idle_count++;
            pool->clock->wait(pool->clock, &pool->work, &pool->lock, -1);
            pool->idle_count--;
            continue;
        }
        pthread_mutex_unlock(&pool->lock);
        pool->run(node->job);
        pthread_mutex_lock(&pool->lock);
        list_push(&pool->done, node);
        pool->clock->wake(pool->clock, &pool->news, CLOCK_ONE);
    }
}

typedef struct Worker {
    Pool *pool;
    void *place; /* on the clock */
} Worker;

static void *work(void *context)
{
    Worker worker = *(Worker *)context;
    Pool *pool = worker.pool;
    const Clock *clock = pool->clock;
    free(context);
    clock->begin(clock, worker.place);
    pthread_mutex_lock(&pool->lock);
    work_until_the_end(pool);
    pool->ended_count++;
    clock->wake(clock, &pool->news, CLOCK_ONE);
    pthread_mutex_unlock(&pool->lock);
    clock->end(clock, worker.place);
    return NULL;
}

/* Workers leave all signals to the owner's threads. */
static int create_thread(Pool *pool, Worker *worker)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, pool->stack_bytes);
    int failure = pthread_create(&pool->threads[pool->thread_count], &attributes, work, worker);
    pthread_attr_destroy(&attributes);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return failure;
}

static void start_thread(Pool *pool)
{
    Worker *worker = must_malloc(sizeof(*worker));
    *worker = (Worker){pool, pool->clock->announce(pool->clock)};
    int failure = create_thread(pool, worker);
    if (failure == 0) {
        pool->thread_count++;
        return;
    }
    pool->clock->end(pool->clock, worker->place);
    free(worker);
    if (pool->thread_count == 0) {
        fprintf(stderr, "pgsteer: cannot start a thread: %s\n", strerror(failure));
        abort();
    }
    pool->max_threads = pool->thread_count; /* the machine has no more: go on with these */
}

void pool_push(Pool *pool, void *job)
{
    Node *node = must_malloc(sizeof(*node));
    node->job = job;
    pthread_mutex_lock(&pool->lock);
    list_push(&pool->todo, node);
    if (pool->todo.count > pool->idle_count && pool->thread_count < pool->max_threads)
        start_thread(pool);
    pool->clock->wake(pool->clock, &pool->work, CLOCK_ONE);
    pthread_mutex_unlock(&pool->lock);
}

void *pool_pop(Pool *pool, int64_t deadline_ms)
{
    pthread_mutex_lock(&pool->lock);
    while (!pool->done.first && !pool->is_woken) {
        if (!pool->clock->wait(pool->clock, &pool->news, &pool->lock, deadline_ms))
            break;
    }
    Node *node = list_pop(&pool->done);
    if (!node)
        pool->is_woken = false;
    pthread_mutex_unlock(&pool->lock);
    void *job = node ? node->job : NULL;
    free(node);
    return job;
}

void pool_wake(Pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    pool->is_woken = true;
    pool->clock->wake(pool->clock, &pool->news, CLOCK_ONE);
    pthread_mutex_unlock(&pool->lock);
}

void pool_free(Pool *pool)
{
    if (!pool)
        return;
    pthread_mutex_lock(&pool->lock);
    pool->is_ending = true;
    pool->clock->wake(pool->clock, &pool->work, CLOCK_ALL);
    while (pool->ended_count < pool->thread_count)
        pool->clock->wait(pool->clock, &pool->news, &pool->lock, -1);
    pthread_mutex_unlock(&pool->lock);
    for (size_t i = 0; i < pool->thread_count; i++)
        pthread_join(pool->threads[i], NULL);
    list_release(&pool->todo);
    list_release(&pool->done);
    pthread_cond_destroy(&pool->work);
    pthread_cond_destroy(&pool->news);
    pthread_mutex_destroy(&pool->lock);
    free(pool->threads);
    free(pool);
}

void pool_freep(Pool **pool)
{
    pool_free(*pool);
    *pool = NULL;
}

/* -- pool_each ------------------------------------------------------------------------------- */

enum { EACH_STACK_BYTES = 1024 * 1024 };

typedef struct Each {
    void (*run)(void *context, size_t i);
    void *context;
    size_t count;
    atomic_size_t next;
} Each;

static void run_each(void *job)
{
    Each *each = job;
    for (size_t i; (i = atomic_fetch_add(&each->next, 1)) < each->count;)
        each->run(each->context, i);
}

void pool_each(const Clock *clock, size_t workers, size_t count,
               void (*run)(void *context, size_t i), void *context)
{
    Each each = {.run = run, .context = context, .count = count};
    if (workers > count)
        workers = count;
    if (workers <= 1) {
        run_each(&each);
        return;
    }
    CLEANUP(pool_freep) Pool *pool = pool_new(clock, workers, EACH_STACK_BYTES, run_each);
    for (size_t i = 0; i < workers; i++)
        pool_push(pool, &each);
    for (size_t i = 0; i < workers; i++)
        pool_pop(pool, -1);
}
