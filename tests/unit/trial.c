#include "trial.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "unit.h"

void *trial_shared(size_t size)
{
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        abort();
    return memory;
}

static _Noreturn void run(void (*test)(void **state), void *state, unsigned limit_s, int output)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test_prestate(test, state)};
    alarm(limit_s);
    dup2(output, STDOUT_FILENO);
    dup2(output, STDERR_FILENO);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    fflush(NULL);
    _exit(failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE);
}

static const char *text_of(Arena *arena, FILE *output)
{
    enum { SHOWN_MAX = 20000 };
    char *text = arena_alloc(arena, SHOWN_MAX + 1);
    rewind(output);
    text[fread(text, 1, SHOWN_MAX, output)] = '\0';
    return text;
}

bool trial_passes(Arena *arena, void (*test)(void **state), void *state, unsigned limit_s,
                  const char **ret_why)
{
    FILE *output = tmpfile();
    if (!output)
        abort();
    fflush(NULL);
    pid_t child = fork();
    if (child == 0)
        run(test, state, limit_s, fileno(output));
    int status = -1;
    if (child < 0 || waitpid(child, &status, 0) != child)
        abort();
    bool passes = WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS;
    if (!passes && ret_why)
        *ret_why = arena_printf(arena, "%s%s", text_of(arena, output),
                                WIFSIGNALED(status) ? "ended by a signal\n" : "");
    fclose(output);
    return passes;
}
