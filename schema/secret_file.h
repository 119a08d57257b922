/*
 * schema/secret_file.h - a small file with one secret in it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

enum { SECRET_MAX_BYTES = 4096 };

/* How a file may look beyond "a regular file". */
typedef enum SecretFileUse {
    SECRET_FILE_TEXT,     /* one end of a line, "\n" or "\r\n", is cut at the end       */
    SECRET_FILE_PASSWORD, /* pipes, too, but nothing executable; blanks around are cut  */
} SecretFileUse;

/* Read into a buffer of SECRET_MAX_BYTES + 2. False with the reason (a clause that follows the
 * path, "does not exist") when it is not there, not a file, empty, too long, or no text. */
bool secret_file_read(const char *path, SecretFileUse use, char *buffer, Text *reason);

/* Is it one: not empty, UTF-8, without a NUL in it? False with the reason, as above. */
bool secret_check_text(const char *bytes, size_t length, Text *reason);
