/*
 * providers/ssh/config_scan.h - does the OpenSSH configuration treat all hosts alike? Then one
 * answer of `ssh -G` serves thousands of nodes, and no process is needed for each.
 */
#pragma once

#include <stdbool.h>

#include "base/arena.h"

/* The user's and the system's files, or only `config_file` if it is not NULL. False also when a
 * file cannot be read or is too clever for us. */
bool config_is_same_for_all(const char *config_file, const char *home);

/* The same for the text of one file; the patterns of its Include lines are added to `includes`
 * (a list of `count` and of room for `room` of them). Pure. */
bool config_text_is_same_for_all(Arena *arena, const char *text, const char **includes, size_t room,
                                 size_t *count);
