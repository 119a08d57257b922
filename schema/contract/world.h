/*
 * schema/contract/world.h - the seam between the engine and what it manages.
 *
 * Two implementations: providers/real (SSH, SQL, REST) and providers/sim. Both functions may be
 * called from many threads at once, for different hosts or for the same one.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/value.h"
#include "schema/contract/effect.h"
#include "schema/contract/facts.h"
#include "schema/contract/source.h"

/* One source asked about some arguments. */
typedef struct ReadRequest {
    const Source *source;
    const char *subject;
    const Value *args;    /* a list of texts, or NULL */
    const char *database; /* VIA_SQL: where; NULL: postgres */
} ReadRequest;

/* A request to etcd's JSON gateway. */
typedef struct EtcdRequest {
    const char *path;  /* "/v3/kv/txn" */
    const char *body;  /* JSON */
    const char *token; /* of who asks; "": nobody in particular */
} EtcdRequest;

typedef struct EtcdAnswer {
    int status; /* of HTTP */
    const char *body;
} EtcdAnswer;

typedef struct World World;
struct World {
    void *context;
    const Clock *clock; /* whoever waits for this world does so by it; lives as long as it */

    /* Ask all `requests` (same stage) of one host in one round trip. Each gets a Reading (known or
     * unknown) in ret_readings; texts and values live in `arena`. Errors: only when nothing at all
     * could be asked (host not reachable, login or sudo refused): then no reading was set. */
    Error *(*read)(World *world, const char *host_address, const ReadRequest *requests,
                   size_t count, int64_t deadline_ms, Arena *arena, Reading *ret_readings);

    /* Perform effects of one host in order, stop at the first that fails. Secret holes are already
     * filled. Right before each, where it happens, its fence is held against the newest that was
     * seen there (contract/fence.h): a newer one is ERROR_FENCED. *ret_outcome (may be NULL) gets a
     * map of what is worth recording (ids, versions). */
    Error *(*perform)(World *world, const char *host_address, const Effect *effects, size_t count,
                      int64_t deadline_ms, Arena *arena, const Value **ret_outcome);

    /* Round trips sent to a host so far, for the test that counts them. */
    size_t (*round_trips)(World *world, const char *host_address);

    /* Close every connection, free. */
    void (*free)(World *world);

    /* Ask the member of etcd on this host; any status is an answer. For what the engine itself
     * keeps there; NULL: this world has none. Errors: ERROR_UNREACHABLE, ERROR_REFUSED. */
    Error *(*ask_etcd)(World *world, const char *host_address, const EtcdRequest *request,
                       int64_t deadline_ms, Arena *arena, EtcdAnswer *ret);
};
