/*
 * providers/kinds/yaml_lines.h - the short way to read a YAML file that is written as
 * yaml_file_render writes it: a key or an item a line, two spaces a level, texts in single quotes.
 *
 * A fleet's files are nearly all so, and a YAML parser takes many times as long. Pure; any thread.
 */
#pragma once

#include "base/arena.h"
#include "base/value.h"

/* What yaml_file_read would give, or NULL: the file holds something else, ask a parser. */
const Value *yaml_lines_read(Arena *arena, const char *bytes, const char *skip);
