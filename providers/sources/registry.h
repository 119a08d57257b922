/*
 * providers/sources/registry.h - everything that can be read, as one list.
 *
 * Adding a source: one `const Source source_xxx` with its parser in one of the files beside this
 * one (and a fragment below probe/ if it is asked by the node probe), one line in registry.c.
 */
#pragma once

#include "schema/contract/source.h"

/* NULL-terminated. */
extern const Source *const pgsteer_sources[];

/* By name; NULL if there is none. */
const Source *source_find(const char *name);
