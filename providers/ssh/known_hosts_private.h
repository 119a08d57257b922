/*
 * providers/ssh/known_hosts_private.h - the inside of KnownHosts, shared by known_hosts.c (looking
 * up, adding) and known_hosts_read.c (parsing). The caller holds the lock.
 */
#pragma once

#include <pthread.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/map.h"
#include "providers/ssh/hmac_sha1.h"
#include "providers/ssh/known_hosts.h"

typedef enum Marker {
    MARKER_NONE,
    MARKER_REVOKED,
    MARKER_AUTHORITY,
} Marker;

typedef struct Entry {
    Marker marker;
    const char *file;
    size_t line;
    const char *names; /* as written, lower case */
    const char *type;
    const unsigned char *key;
    size_t key_length;
    unsigned char salt[SHA1_BYTES]; /* only of hashed entries */
    unsigned char hash[SHA1_BYTES];
} Entry;

typedef struct EntryList {
    Entry **items;
    size_t count;
    size_t capacity;
} EntryList;

struct KnownHosts {
    pthread_mutex_t lock;
    Arena *arena;
    const char *first_file; /* where new keys go; NULL: nowhere */
    size_t first_bytes;     /* of it that were read             */
    size_t first_lines;
    bool first_is_open; /* the last of these lines had no end */
    Map *plain;         /* name -> EntryList, names without patterns        */
    EntryList hashed;   /* walked once for each host                        */
    EntryList patterns; /* "                                                */
    Map *found;         /* name -> EntryList with all of the three, a cache */
};

void known_hosts_push(Arena *arena, EntryList *list, Entry *entry);

/* In place; returns its argument. */
char *known_hosts_lower(char *text);

/* Store what the lines say; the first has the number `line` + 1. Returns the number of the last. */
size_t known_hosts_read(KnownHosts *known, const char *file, size_t line, const char *bytes,
                        size_t length);
