/*
 * The gathering world over one in memory that can be held: while its first call is held, the calls
 * of other threads collect, and the test sees what they become. An effect's or question's name says
 * what the world does with it: "bad..." fails alone and in company.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "providers/real/gather.h"
#include "unit.h"

enum { CALLS_MAX = 200, THREADS_MAX = 100, PATIENCE_MS = 20000 };

/* What came through to the world below. */
typedef struct Seen {
    char what; /* 'p'erform or 'r'ead */
    size_t count;
    int64_t deadline_ms;
    size_t args_count; /* of the first question */
    bool has_outcome;
} Seen;

typedef struct Below {
    World world;
    pthread_mutex_t mutex;
    Seen seen[CALLS_MAX];
    size_t seen_count;
    bool is_held; /* calls wait in it */
    bool was_freed;
} Below;

static void see(Below *below, Seen seen)
{
    pthread_mutex_lock(&below->mutex);
    assert_true(below->seen_count < CALLS_MAX);
    below->seen[below->seen_count++] = seen;
    while (below->is_held) {
        pthread_mutex_unlock(&below->mutex);
        usleep(1000);
        pthread_mutex_lock(&below->mutex);
    }
    pthread_mutex_unlock(&below->mutex);
}

static Error *below_perform(World *world, const char *host, const Effect *effects, size_t count,
                            int64_t deadline_ms, Arena *arena, const Value **ret_outcome)
{
    see(world->context, (Seen){.what = 'p',
                               .count = count,
                               .deadline_ms = deadline_ms,
                               .has_outcome = ret_outcome != NULL});
    for (size_t i = 0; i < count; i++) {
        const char *path = value_get_text(effects[i].args, "path");
        if (text_starts_with(path, "bad"))
            return error_new(ERROR_LOCAL, "%s: %s cannot be", host, path);
    }
    if (ret_outcome)
        *ret_outcome = value_text(arena, "done");
    return NULL;
}

/* A question is answered with its subject and all arguments; "lost" is known not to be known. */
static Error *below_read(World *world, const char *host, const ReadRequest *requests, size_t count,
                         int64_t deadline_ms, Arena *arena, Reading *ret_readings)
{
    see(world->context, (Seen){.what = 'r',
                               .count = count,
                               .deadline_ms = deadline_ms,
                               .args_count = value_count(requests[0].args)});
    if (deadline_ms == 1)
        return error_new(ERROR_UNREACHABLE, "%s: no time left", host);
    for (size_t i = 0; i < count; i++) {
        Value *answer = value_map(arena);
        for (size_t k = 0; k < value_count(requests[i].args); k++)
            value_set(arena, answer, value_as_text(value_at(requests[i].args, k), ""), &value_true);
        bool is_lost = strcmp(requests[i].source->name, "lost") == 0;
        ret_readings[i] =
            (Reading){.source = requests[i].source->name,
                      .subject = arena_strdup(arena, requests[i].subject),
                      .value = is_lost ? NULL : answer,
                      .unknown_reason = is_lost ? arena_printf(arena, "%s is lost", host) : NULL,
                      .unknown_code = ERROR_LOCAL};
    }
    return NULL;
}

static size_t below_round_trips(World *world, const char *host)
{
    return ((Below *)world->context)->seen_count + strlen(host);
}

static void below_free(World *world)
{
    ((Below *)world->context)->was_freed = true;
}

static const Source paths = {.name = "node.paths", .via = VIA_PROBE};
static const Source lost = {.name = "lost", .via = VIA_PROBE};
static const Source rest = {.name = "patroni.member", .via = VIA_REST};

typedef struct Bench {
    Below below;
    World *world;
} Bench;

static int setup(void **state)
{
    Bench *bench = calloc(1, sizeof(*bench));
    bench->below.world = (World){.context = &bench->below,
                                 .clock = clock_real(),
                                 .read = below_read,
                                 .perform = below_perform,
                                 .round_trips = below_round_trips,
                                 .free = below_free};
    pthread_mutex_init(&bench->below.mutex, NULL);
    bench->world = world_gather_new(&bench->below.world);
    *state = bench;
    return 0;
}

static int teardown(void **state)
{
    Bench *bench = *state;
    bench->world->free(bench->world);
    bool was_freed = bench->below.was_freed;
    pthread_mutex_destroy(&bench->below.mutex);
    free(bench);
    return was_freed ? 0 : -1;
}

/* -- calls of many threads --------------------------------------------------------------------- */

typedef struct Caller {
    World *world;
    const char *host;
    EffectType type;
    const char *path;     /* of the effect, or */
    const Fence *fence;   /* of the effect */
    const Source *source; /* what is asked about path */
    int64_t deadline_ms;
    Arena *arena;
    const Value *outcome;
    Reading reading;
    Error *error;
    pthread_t thread;
    atomic_int id; /* of the thread, once it is about to call */
} Caller;

static void *call(void *context)
{
    Caller *caller = context;
    World *world = caller->world;
    Arena *arena = caller->arena;
    if (caller->source) {
        Value *args = value_list(arena);
        value_push(arena, args, value_text(arena, caller->path));
        ReadRequest request = {.source = caller->source, .subject = caller->host, .args = args};
        atomic_store(&caller->id, gettid());
        caller->error = world->read(world, caller->host, &request, 1, caller->deadline_ms, arena,
                                    &caller->reading);
        return NULL;
    }
    Value *args = value_map(arena);
    value_set_text(arena, args, "path", caller->path);
    Effect effect = {
        .type = caller->type, .host = caller->host, .args = args, .fence = caller->fence};
    atomic_store(&caller->id, gettid());
    caller->error = world->perform(world, caller->host, &effect, 1, caller->deadline_ms, arena,
                                   &caller->outcome);
    return NULL;
}

static void start(Bench *bench, Caller *caller)
{
    caller->world = bench->world;
    caller->host = caller->host ? caller->host : "n1";
    caller->deadline_ms = caller->deadline_ms ? caller->deadline_ms : -1;
    caller->arena = arena_new();
    atomic_init(&caller->id, 0);
    assert_int_equal(pthread_create(&caller->thread, NULL, call, caller), 0);
}

static void hold(Bench *bench, bool is_held)
{
    pthread_mutex_lock(&bench->below.mutex);
    bench->below.is_held = is_held;
    pthread_mutex_unlock(&bench->below.mutex);
}

static void wait_seen(Bench *bench, size_t count)
{
    int64_t deadline_ms = clock_monotonic_ms() + PATIENCE_MS;
    size_t seen_count = 0;
    while (seen_count < count && clock_monotonic_ms() < deadline_ms) {
        usleep(1000);
        pthread_mutex_lock(&bench->below.mutex);
        seen_count = bench->below.seen_count;
        pthread_mutex_unlock(&bench->below.mutex);
    }
    assert_true(seen_count >= count);
}

/* Does the thread sleep? */
static bool is_asleep(const Caller *caller)
{
    char path[64], line[256] = "";
    int id = atomic_load(&caller->id);
    snprintf(path, sizeof(path), "/proc/self/task/%d/stat", id);
    FILE *file = id ? fopen(path, "re") : NULL;
    if (!file)
        return false;
    char *got = fgets(line, sizeof(line), file);
    fclose(file);
    const char *after_name = strrchr(line, ')');
    return got && after_name && after_name[2] == 'S';
}

/* All stand in line: asleep in their call, three times in a row. */
static void wait_in_line(Caller *callers, size_t count)
{
    int64_t deadline_ms = clock_monotonic_ms() + PATIENCE_MS;
    for (int looks = 0; looks < 3 && clock_monotonic_ms() < deadline_ms; looks++) {
        usleep(5000);
        for (size_t i = 0; i < count; i++) {
            if (!is_asleep(&callers[i]))
                looks = -1;
        }
    }
}

/* The first caller is under way and held; all others wait for their turn; then all end. */
static void run_behind_first(Bench *bench, Caller *callers, size_t count)
{
    hold(bench, true);
    start(bench, &callers[0]);
    wait_seen(bench, 1);
    for (size_t i = 1; i < count; i++)
        start(bench, &callers[i]);
    wait_in_line(&callers[1], count - 1);
    hold(bench, false);
    for (size_t i = 0; i < count; i++)
        pthread_join(callers[i].thread, NULL);
}

static void end(Caller *callers, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        error_free(callers[i].error);
        arena_free(callers[i].arena);
    }
}

static const Seen *seen_at(Bench *bench, size_t i)
{
    assert_true(i < bench->below.seen_count);
    return &bench->below.seen[i];
}

/* -- effects ----------------------------------------------------------------------------------- */

static void small_effects_go_together(void **state)
{
    Bench *bench = *state;
    Caller callers[] = {{.type = EFFECT_FILE_PUT, .path = "a", .deadline_ms = 99},
                        {.type = EFFECT_DIR, .path = "b", .deadline_ms = 7000},
                        {.type = EFFECT_MARKER, .path = "c", .deadline_ms = 5000},
                        {.type = EFFECT_LINK, .path = "d"}};
    run_behind_first(bench, callers, COUNT_OF(callers));
    for (size_t i = 0; i < COUNT_OF(callers); i++)
        assert_null(callers[i].error);
    assert_int_equal(bench->below.seen_count, 2);
    assert_int_equal(seen_at(bench, 0)->count, 1);
    assert_int_equal(seen_at(bench, 0)->deadline_ms, 99);
    assert_true(seen_at(bench, 0)->has_outcome);
    assert_int_equal(seen_at(bench, 1)->count, 3);
    assert_int_equal(seen_at(bench, 1)->deadline_ms, 5000); /* the earliest that there is */
    end(callers, COUNT_OF(callers));
}

static void an_error_is_nobody_elses(void **state)
{
    Bench *bench = *state;
    Caller callers[] = {{.type = EFFECT_FILE_PUT, .path = "a"},
                        {.type = EFFECT_FILE_PUT, .path = "b"},
                        {.type = EFFECT_FILE_PUT, .path = "bad one"},
                        {.type = EFFECT_FILE_PUT, .path = "c", .deadline_ms = 7000}};
    run_behind_first(bench, callers, COUNT_OF(callers));
    assert_null(callers[0].error);
    assert_null(callers[1].error);
    assert_null(callers[3].error);
    check_error(callers[2].error, ERROR_LOCAL, "n1: bad one cannot be");
    callers[2].error = NULL;
    assert_string_equal(value_as_text(callers[1].outcome, ""), "done");
    /* Held, together, then each of the three again by itself with its own deadline. */
    assert_int_equal(bench->below.seen_count, 5);
    assert_int_equal(seen_at(bench, 1)->count, 3);
    size_t own_deadline_count = 0;
    for (size_t i = 2; i < 5; i++) {
        assert_int_equal(seen_at(bench, i)->count, 1);
        own_deadline_count += seen_at(bench, i)->deadline_ms == 7000;
    }
    assert_int_equal(own_deadline_count, 1);
    end(callers, COUNT_OF(callers));
}

static void what_takes_long_or_is_another_domain_waits_for_nobody(void **state)
{
    static const Fence fence = {"pg-test", 1, "run", "host:1", "then"};
    Bench *bench = *state;
    Caller callers[] = {{.type = EFFECT_FILE_PUT, .path = "a"},
                        {.type = EFFECT_PACKAGES, .path = "b"},
                        {.type = EFFECT_FILE_PUT, .path = "c", .host = "n2"},
                        {.type = EFFECT_FILE_PUT, .path = "f", .fence = &fence},
                        {.source = &paths, .path = "d"},
                        {.source = &rest, .path = "e"}};
    hold(bench, true);
    for (size_t i = 0; i < COUNT_OF(callers); i++)
        start(bench, &callers[i]);
    wait_seen(bench, COUNT_OF(callers)); /* all are under way at once */
    hold(bench, false);
    for (size_t i = 0; i < COUNT_OF(callers); i++) {
        pthread_join(callers[i].thread, NULL);
        assert_null(callers[i].error);
    }
    end(callers, COUNT_OF(callers));
}

static void nothing_is_passed_on_as_nothing(void **state)
{
    Bench *bench = *state;
    CLEANUP(arena_freep) Arena *arena = arena_new();
    const Value *outcome = NULL;
    check_fine(bench->world->perform(bench->world, "n1", NULL, 0, -1, arena, &outcome));
    check_fine(bench->world->perform(bench->world, "n1", &(Effect){0}, 0, -1, arena, &outcome));
    assert_int_equal(seen_at(bench, 0)->count, 0);
    assert_int_equal(bench->world->round_trips(bench->world, "n1"), 4);
}

/* More callers than go together at once: all are served, in few calls. */
static void a_crowd_is_served(void **state)
{
    Bench *bench = *state;
    Caller callers[THREADS_MAX] = {0};
    for (size_t i = 0; i < THREADS_MAX; i++)
        callers[i] = (Caller){.type = EFFECT_USER, .path = "u"};
    run_behind_first(bench, callers, THREADS_MAX);
    size_t total = 0;
    for (size_t i = 0; i < bench->below.seen_count; i++) {
        assert_true(seen_at(bench, i)->count <= 64);
        total += seen_at(bench, i)->count;
    }
    assert_int_equal(total, THREADS_MAX);
    assert_true(bench->below.seen_count < THREADS_MAX / 2);
    for (size_t i = 0; i < THREADS_MAX; i++)
        assert_null(callers[i].error);
    end(callers, THREADS_MAX);
}

/* -- readings ---------------------------------------------------------------------------------- */

static void questions_become_one(void **state)
{
    Bench *bench = *state;
    Caller callers[] = {{.source = &paths, .path = "first"},
                        {.source = &paths, .path = "a", .deadline_ms = 7000},
                        {.source = &lost, .path = "x", .deadline_ms = 5000},
                        {.source = &paths, .path = "b"}};
    run_behind_first(bench, callers, COUNT_OF(callers));
    assert_int_equal(bench->below.seen_count, 2);
    assert_int_equal(seen_at(bench, 1)->count, 2); /* two sources */
    assert_int_equal(seen_at(bench, 1)->deadline_ms, 5000);
    for (size_t i = 0; i < COUNT_OF(callers); i++) {
        assert_null(callers[i].error);
        assert_string_equal(callers[i].reading.source, i == 2 ? "lost" : "node.paths");
        assert_string_equal(callers[i].reading.subject, "n1");
        if (i != 2)
            assert_non_null(value_get(callers[i].reading.value, callers[i].path));
    }
    assert_null(value_get(callers[0].reading.value, "a"));
    assert_null(callers[2].reading.value);
    assert_string_equal(callers[2].reading.unknown_reason, "n1 is lost");
    end(callers, COUNT_OF(callers));
}

/* Who has little time takes nobody else's. */
static void a_short_deadline_is_nobody_elses(void **state)
{
    Bench *bench = *state;
    Caller callers[] = {{.source = &paths, .path = "first"},
                        {.source = &paths, .path = "a", .deadline_ms = 1},
                        {.source = &paths, .path = "b", .deadline_ms = 1},
                        {.source = &paths, .path = "c", .deadline_ms = 7000}};
    run_behind_first(bench, callers, COUNT_OF(callers));
    for (size_t i = 1; i < 3; i++) {
        check_error(callers[i].error, ERROR_UNREACHABLE, "n1: no time left");
        callers[i].error = NULL;
    }
    assert_null(callers[3].error);
    assert_non_null(value_get(callers[3].reading.value, "c"));
    assert_int_equal(bench->below.seen_count, 3);
    assert_int_equal(seen_at(bench, 1)->args_count, 3);
    assert_int_equal(seen_at(bench, 2)->deadline_ms, 7000);
    end(callers, COUNT_OF(callers));
}

/* Calls of one caller, with two questions each, while others do the same. */
static void *ask_often(void *context)
{
    Bench *bench = context;
    size_t wrong = 0;
    for (int round = 0; round < 20; round++) {
        CLEANUP(arena_freep) Arena *arena = arena_new();
        Value *args = value_list(arena);
        char *name = arena_printf(arena, "%p %d", (void *)args, round);
        value_push(arena, args, value_text(arena, name));
        ReadRequest requests[] = {{.source = &lost, .subject = "n1"},
                                  {.source = &paths, .subject = "n1", .args = args}};
        Reading readings[2] = {0};
        Error *error = bench->world->read(bench->world, "n1", requests, 2, -1, arena, readings);
        if (error || readings[0].value || !readings[0].unknown_reason ||
            !value_get(readings[1].value, name))
            wrong++;
        error_free(error);
    }
    return wrong ? context : NULL;
}

static void everybody_gets_what_they_asked_for(void **state)
{
    enum { ASKERS = 8 };
    Bench *bench = *state;
    pthread_t threads[ASKERS];
    for (size_t i = 0; i < ASKERS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, ask_often, bench), 0);
    for (size_t i = 0; i < ASKERS; i++) {
        void *wrong = NULL;
        pthread_join(threads[i], &wrong);
        assert_null(wrong);
    }
}

int main(void)
{
#define TEST(NAME) cmocka_unit_test_setup_teardown(NAME, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(small_effects_go_together),
        TEST(an_error_is_nobody_elses),
        TEST(what_takes_long_or_is_another_domain_waits_for_nobody),
        TEST(nothing_is_passed_on_as_nothing),
        TEST(a_crowd_is_served),
        TEST(questions_become_one),
        TEST(a_short_deadline_is_nobody_elses),
        TEST(everybody_gets_what_they_asked_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
