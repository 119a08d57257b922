/*
 * schema/source_shade.h - for a file that could not be parsed, so that nobody knows what its
 * secrets are: from where on a line may be one.
 *
 * A guess on the safe side: all that follows a word that is, or nearly is, the name of a secret,
 * and the lines below that belong to it.
 */
#pragma once

#include <stddef.h>

/* How many bytes of a line may be shown; `length`: all. `text` points into the file's `bytes`. */
size_t source_shade(const char *bytes, const char *text, size_t length);
