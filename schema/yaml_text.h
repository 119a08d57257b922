/*
 * schema/yaml_text.h - values as YAML text that reads back as the same values.
 *
 * Texts that YAML could take for something else are quoted. Lists and maps of scalars stand on one
 * line where they fit, all else in block style. Secret holes are written as the text
 * "(sensitive value)". Pure.
 */
#pragma once

#include <stddef.h>

#include "base/text.h"
#include "base/value.h"

/* A key, or a text, quoted if it must be. */
void yaml_add_text(Text *out, const char *text);

/* The value of a key at `indent` columns, after its colon: " 5432" or " [a, b]", or lines below it,
 * each begun with a newline. Lists of lists or maps have a line for each entry. */
void yaml_add_value(Text *out, const Value *value, size_t indent);
