/*
 * tests/unit/golden.h - golden cases: input and expected output in one file.
 */
#pragma once

#include <stddef.h>

#include "base/arena.h"
#include "base/text.h"

/* Call play(arena, path) for each *.case of a folder below tests/cases; returns how many. */
size_t golden_each_file(Arena *arena, const char *name,
                        void (*play)(Arena *arena, const char *path));

/* The file has this text; with UPDATE_GOLDEN=1 it gets it. */
void golden_expect(const char *path, const char *text, const Text *expected);
