/*
 * schema/contract/content.h - the content of a file that may hold secrets, as a list of pieces.
 *
 * Content is a text, or a list whose items are texts or maps {"quote": NAME, "value": text or
 * secret hole}. Once the holes are filled, content_render joins the pieces, quoting each value for
 * the format it stands in. So a plan holds the whole file without holding a secret, and a password
 * with any character arrives intact. Pure; any thread.
 */
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "base/value.h"

/* A piece to be quoted: "yaml" (a scalar), "userlist" (PgBouncer's auth_file string), "conf"
 * (postgresql.conf string), "pgpass" (a .pgpass field), "haproxy" (a word), "plain". */
const Value *content_piece(Arena *arena, const char *quote, const Value *value);

/* Join. Errors: ERROR_INVALID (an unfilled hole, an unknown quote, a value that the format cannot
 * hold: a newline in a userlist). The message never has the value. */
MUST_USE Error *content_render(Arena *arena, const Value *content, const char **ret_text);
