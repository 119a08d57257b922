/*
 * providers/kinds/pool_files.h - PgBouncer's files, from maps to texts and back.
 *
 * pgbouncer.ini as a flat map "section/key" to text; database.txt and useropts.txt, which it
 * includes, as a map from a name to its attributes; userlist.txt as a map from a name to its
 * verifier. Rendering is deterministic, in the map's order. Pure; any thread.
 */
#pragma once

#include "base/arena.h"
#include "base/value.h"

#define POOL_INI_FILE      "/etc/pgbouncer/pgbouncer.ini"
#define POOL_DATABASE_FILE "/etc/pgbouncer/database.txt"
#define POOL_USEROPTS_FILE "/etc/pgbouncer/useropts.txt"
#define POOL_HBA_FILE      "/etc/pgbouncer/pgb_hba.conf"
#define POOL_USERLIST_FILE "/etc/pgbouncer/userlist.txt"
#define POOL_UNIT          "pgbouncer.service"

/* The first line of each of them that may have a comment. */
#define POOL_HEADER "; Written by pgsteer; a change here is undone.\n"

const char *pool_ini_render(Arena *arena, const Value *keys);
const Value *pool_ini_read(Arena *arena, const char *text);

/* "name" = attributes, a line each. Reading makes one blank of many. */
const char *pool_lines_render(Arena *arena, const Value *entries);
const Value *pool_lines_read(Arena *arena, const char *text);

/* Content pieces (contract/content.h); a verifier is a secret hole or a text. */
const Value *pool_userlist_render(Arena *arena, const Value *verifiers);
/* Lines that are no entries are kept under their own text, so that they are seen as foreign. */
const Value *pool_userlist_read(Arena *arena, const char *text);
