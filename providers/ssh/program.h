/*
 * providers/ssh/program.h - how we call the ssh program, and what its complaints mean.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "providers/ssh/backend.h"

/* A growing argument vector; always NULL-terminated. */
typedef struct Arguments {
    Arena *arena;
    char **items;
    size_t count;
    size_t capacity;
} Arguments;

void arguments_add(Arguments *arguments, const char *word);

/* Our strict options: no questions, no forwarding, host keys by policy. */
void program_options(Arguments *arguments, const Login *login);

/* The call that carries bytes to the node through its jump hosts. */
char **program_jump_arguments(Arena *arena, const Login *login);

/* What ssh's stderr means. *ret_advice is set, too. Never NULL. */
MUST_USE Error *program_error(const Login *login, const char *errors, OpenAdvice *ret_advice);

/* The last line that says something, an arena string; "" if there is none. */
const char *program_last_line(Arena *arena, const char *errors);
