/*
 * providers/kinds/hosts_block.h - a marked block of lines in a file that others write, too.
 *
 * The marks are "# BEGIN pgsteer NAME" and "# END pgsteer NAME", each a line of its own; they are
 * what the effect file_block writes. Pure; any thread.
 */
#pragma once

#include "base/arena.h"
#include "base/value.h"

#define HOSTS_BLOCK_NAME "hosts"

/* The lines between the marks; an empty list when there is no such block. */
const Value *hosts_block_read(Arena *arena, const char *content, const char *name);

/* Lines as text, each with its newline. */
const char *hosts_block_content(Arena *arena, const Value *lines);
