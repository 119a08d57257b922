/*
 * schema/stray_key.h - keys that are none: pieces of a password without quotes.
 */
#pragma once

#include <stdbool.h>

#include "schema/diagnostics.h"
#include "schema/document.h"

/* Is the i-th key of a map, one that nobody knows, a password stuck to its name ("password:x"), or
 * the part of one behind a comma? Then that is said (E002), and it is shown nowhere. */
bool stray_key_report(Diagnostics *diagnostics, const DocNode *map, size_t i);
