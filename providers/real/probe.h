/*
 * providers/real/probe.h - the node probe: a constant text, one round trip however much is asked.
 *
 * The text starts one Perl program for sh: a prelude, the fragments of all VIA_PROBE sources and an
 * epilogue; what is asked and about what travels as length-prefixed data on stdin
 * (providers/sources/probe/prelude.pl tells the protocol). A fragment that fails, takes too long or
 * says too much makes its own reading unknown; an answer without its closing line is no answer at
 * all.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "providers/ssh/session.h"
#include "schema/contract/world.h"

/* The whole text; the same for every node and every question. `pgsteer probe` prints it. */
const char *probe_text(Arena *arena);
/* The same with other fragments, for tests; NULL ends the list. */
const char *probe_text_of(Arena *arena, const Source *const *sources);

/* What goes to stdin. `nonce` closes the answer, `salt` goes into the digests of secrets.
 * is_asked[i] is false for a request that cannot be asked: then ret_readings[i] is set, unknown. */
void probe_write(Text *out, const ReadRequest *requests, size_t count, const char *nonce,
                 const char *salt, bool *ret_is_asked);

/* Set the readings of all requests from an answer. Errors: ERROR_UNREACHABLE when it is cut off. */
MUST_USE Error *probe_parse(Arena *arena, const char *bytes, size_t length, const char *nonce,
                            const ReadRequest *requests, size_t count, Reading *ret_readings);

/* Ask over an open session: writes, runs, parses. Errors as World.read. */
MUST_USE Error *probe_run(SshSession *session, const ReadRequest *requests, size_t count,
                          const char *salt, int64_t deadline_ms, Arena *arena,
                          Reading *ret_readings);
