/*
 * providers/real/relay.h - a stream to a server on the node, through relay.sh: with a fence, bytes
 * go to the server only as long as nobody has taken over.
 */
#pragma once

#include "providers/real/node_context.h"

/* `target` is the path of a Unix socket or HOST:PORT, a token. The relay reaches it as the database
 * superuser. The stream is to be awaited (ssh_stream_await). */
MUST_USE Error *relay_begin(const NodeContext *context, const char *target, SshStream **ret);

/* What the relay said about why it ended: ERROR_FENCED, or `otherwise` (taken over). */
MUST_USE Error *relay_error(const SshStream *stream, Error *otherwise);
