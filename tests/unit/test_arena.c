#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unit.h"

static bool is_zero(const unsigned char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (bytes[i])
            return false;
    }
    return true;
}

static void memory_is_zeroed_aligned_and_apart(void **state)
{
    Arena *arena = *state;
    static const size_t sizes[] = {0, 1, 3, 16, 17, 100, 255, 256, 257, 1000, 5000, 70000, 400000};
    unsigned char *made[10 * COUNT_OF(sizes)];
    for (size_t i = 0; i < COUNT_OF(made); i++) {
        size_t size = sizes[i % COUNT_OF(sizes)];
        made[i] = arena_alloc(arena, size);
        assert_int_equal((uintptr_t)made[i] % _Alignof(max_align_t), 0);
        assert_true(is_zero(made[i], size));
        memset(made[i], (int)(i + 1), size);
    }
    for (size_t i = 0; i < COUNT_OF(made); i++) {
        size_t size = sizes[i % COUNT_OF(sizes)];
        for (size_t k = 0; k < size; k++)
            assert_int_equal(made[i][k], (unsigned char)(i + 1));
    }
}

static void many_small_objects_stay_whole(void **state)
{
    Arena *arena = *state;
    enum { COUNT = 50000 };
    uint64_t **items = ARENA_ARRAY(arena, uint64_t *, COUNT);
    for (size_t i = 0; i < COUNT; i++) {
        items[i] = ARENA_NEW(arena, uint64_t);
        *items[i] = i;
    }
    for (size_t i = 0; i < COUNT; i++)
        assert_int_equal(*items[i], i);
    assert_int_equal(arena_used_bytes(arena), COUNT * 2 * sizeof(uint64_t));
}

/* Many megabytes, objects and texts in turn. */
static void large_arenas_stay_whole(void **state)
{
    (void)state;
    CLEANUP(arena_freep) Arena *arena = arena_new();
    enum { COUNT = 40000, SIZE = 600 };
    char **texts = ARENA_ARRAY(arena, char *, COUNT);
    unsigned char **objects = ARENA_ARRAY(arena, unsigned char *, COUNT);
    for (size_t i = 0; i < COUNT; i++) {
        objects[i] = arena_alloc(arena, SIZE);
        texts[i] = arena_printf(arena, "%zu", i);
        assert_int_equal((uintptr_t)objects[i] % _Alignof(max_align_t), 0);
        assert_true(is_zero(objects[i], SIZE));
        memset(objects[i], 0xff, SIZE);
    }
    for (size_t i = 0; i < COUNT; i++)
        assert_int_equal(strtoull(texts[i], NULL, 10), i);
    unsigned char *big = arena_alloc(arena, (size_t)10 * 1024 * 1024);
    assert_true(is_zero(big, (size_t)10 * 1024 * 1024));
}

static void texts_are_copied(void **state)
{
    Arena *arena = *state;
    char source[] = "hello";
    char *whole = arena_strdup(arena, source), *part = arena_strndup(arena, source, 2);
    source[0] = 'j';
    assert_string_equal(whole, "hello");
    assert_string_equal(part, "he");
    assert_string_equal(arena_strndup(arena, NULL, 0), "");
    assert_string_equal(arena_printf(arena, "%s-%d", "pg", 7), "pg-7");
    char *lengthy = arena_printf(arena, "%5000d", 1);
    assert_int_equal(strlen(lengthy), 5000);
    assert_string_equal(ARENA_JOIN(arena, "a", "", "bc"), "abc");
    assert_string_equal(arena_join(arena, NULL, 0), "");
    assert_string_equal(arena_number(arena, 0), "0");
    assert_string_equal(arena_number(arena, UINT64_MAX), "18446744073709551615");
}

static void push_grows_an_array(void **state)
{
    Arena *arena = *state;
    int *items = NULL;
    size_t count = 0, capacity = 0;
    for (int i = 0; i < 1000; i++)
        ARENA_PUSH(arena, items, count, capacity, i);
    assert_int_equal(count, 1000);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(items[i], i);
}

static void must_functions_give_memory(void **state)
{
    (void)state;
    char *memory = must_malloc(0);
    memory = must_realloc(memory, 10);
    memcpy(memory, "123456789", 10);
    memory = must_realloc(memory, 1000);
    assert_string_equal(memory, "123456789");
    free(memory);
    memory = must_strdup("text");
    assert_string_equal(memory, "text");
    free(memory);
    arena_free(NULL);
    Arena *arena = arena_new();
    arena_freep(&arena);
    assert_null(arena);
}

/* What may not return runs in a child; its last words are collected. */
static void check_aborts(void (*run)(void))
{
    int pipe_ends[2];
    assert_int_equal(pipe(pipe_ends), 0);
    pid_t child = fork();
    if (child == 0) {
        signal(SIGABRT, SIG_DFL);
        dup2(pipe_ends[1], STDERR_FILENO);
        run();
        _exit(0);
    }
    close(pipe_ends[1]);
    char words[20000] = ""; /* a sanitizer has its say first */
    size_t length = 0;
    for (ssize_t got = 1; got > 0; length += (size_t)got) {
        got = read(pipe_ends[0], words + length, sizeof(words) - 1 - length);
        assert_true(got >= 0);
    }
    close(pipe_ends[0]);
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGABRT);
    assert_non_null(strstr(words, "out of memory"));
}

static void overflow(void)
{
    volatile size_t count = SIZE_MAX / 4;
    arena_alloc_array(arena_new(), count, 8);
}

static void too_much_arena(void)
{
    volatile size_t size = SIZE_MAX - 64;
    arena_alloc(arena_new(), size);
}

static void too_much_heap(void)
{
    volatile size_t size = SIZE_MAX / 2 - 64;
    free(must_malloc(size));
}

static void too_much_more(void)
{
    volatile size_t size = SIZE_MAX / 2 - 64;
    free(must_realloc(NULL, size));
}

static void too_much_memory_ends_the_process(void **state)
{
    (void)state;
    check_aborts(overflow);
    check_aborts(too_much_arena);
    check_aborts(too_much_heap);
    check_aborts(too_much_more);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(memory_is_zeroed_aligned_and_apart, arena_setup,
                                        arena_teardown),
        cmocka_unit_test_setup_teardown(many_small_objects_stay_whole, arena_setup, arena_teardown),
        cmocka_unit_test(large_arenas_stay_whole),
        cmocka_unit_test_setup_teardown(texts_are_copied, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(push_grows_an_array, arena_setup, arena_teardown),
        cmocka_unit_test(must_functions_give_memory),
        cmocka_unit_test(too_much_memory_ends_the_process),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Sanitizers would otherwise end the process in their own way before we do. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "allocator_may_return_null=1";
}

const char *__tsan_default_options(void);
const char *__tsan_default_options(void)
{
    return "allocator_may_return_null=1";
}
