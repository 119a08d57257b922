/*
 * tests/unit/git_repo.h - a repository of git in the working directory, for tests that read one.
 */
#pragma once

#include <stdio.h>

#include "base/file.h"
#include "unit.h"

#define GIT "GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 git -c user.name=t -c user.email=t@t"

static inline void shell(const char *command)
{
    if (system(command) != 0) /* NOLINT(concurrency-mt-unsafe): one thread */
        fail_msg("failed: %s", command);
}

static inline void git_init(void)
{
    shell(GIT " init -q -b main .");
}

static inline void git_commit_all(void)
{
    shell(GIT " add -A && " GIT " commit -q -m next");
}

static inline void write_text(const char *path, const char *text)
{
    check_fine(file_write_all(path, 0600, text, strlen(text)));
}
