/*
 * tests/unit/suspect.h - a second opinion on an inventory: walks the tree of a document beside the
 * table and finds what cannot be right, by checks of its own that are coarser than schema/typing.
 */
#pragma once

#include "schema/document.h"

/* What is wrong at `origin`, in a few words. `is_fatal`: it can be nothing but an error; else a
 * warning is enough. */
typedef void SuspectFunction(void *context, const Origin *origin, bool is_fatal, const char *name,
                             const char *what);

/* Call `found` for everything below `root`, the whole document. */
void suspect_walk(const DocNode *root, SuspectFunction *found, void *context);
