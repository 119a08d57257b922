/*
 * schema/document_hide.h - what of an entry of a map is shown nowhere (diagnostics_hide).
 */
#pragma once

#include <stdbool.h>

#include "schema/diagnostics.h"
#include "schema/document.h"

/* Hide what belongs to a secret; entries come in order. `follows_secret`: what the entry before
 * returned, false for the first. */
bool document_hide(Diagnostics *diagnostics, const DocNode *map, const DocNode *key,
                   const DocNode *value, bool follows_secret);
