/*
 * providers/kinds/yaml_file.h - YAML configuration files as flat maps of keys, both ways.
 *
 * A key is the path through the file, "postgresql/authentication/replication/password"; a value is
 * a bool, int, text, secret hole, or a list (of scalars or of maps of scalars, as Patroni's initdb
 * options are). Rendering is deterministic: keys in the map's order, keys of one section must be
 * neighbours; no time, no host. Texts are always quoted, so nothing changes type on the way.
 * Pure; any thread.
 */
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "base/value.h"

/* The file as content pieces (contract/content.h), under `header` comment lines. */
const Value *yaml_file_render(Arena *arena, const char *header, const Value *keys);

/* What a file says, in the same form; every scalar is a text as written, without quotes. Keys below
 * `skip` (NULL: none) are left out. Errors: ERROR_INVALID when it is not YAML. */
MUST_USE Error *yaml_file_read(Arena *arena, const char *bytes, const char *skip,
                               const Value **ret_keys);
