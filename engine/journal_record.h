/*
 * engine/journal_record.h - one line of a journal; shared by its writer and its reader.
 */
#pragma once

#include "base/digest.h"
#include "engine/journal.h"

#define JOURNAL_SUFFIX ".journal"

/* Length, blank, digest, blank, then the JSON and a newline. */
enum { JOURNAL_HEAD_BYTES = 8 + 1 + SHA256_HEX + 1 };

/* Append the line of `record` to `out`; `before` is the digest of the record before it. */
void journal_record_format(Text *out, const Value *record, const char *before,
                           char ret_digest[SHA256_HEX + 1]);

/* 64 hex digits of the last good record. */
const char *journal_record_last_digest(const JournalFile *file);
