/*
 * providers/real/world.h - the World that is real: nodes reached over SSH, SQL and REST through
 * them.
 *
 * Sessions are kept per node for reuse and lent to one thread at a time, at most four a node; idle
 * ones beyond a bound are closed, longest unused first. A session that broke is not used again;
 * when an idle one turns out to be dead, the work is done once more over a new one (everything we
 * send may be repeated).
 */
#pragma once

#include "providers/ssh/session.h"
#include "schema/contract/world.h"
#include "schema/inventory.h"

typedef struct WorldSettings {
    SshSettings ssh;
    const char *user;     /* login user; NULL: what ssh would take. A host's ansible_user wins */
    const char *key_file; /* NULL: what ssh would take, and the agent. A host's own wins */
    int port;             /* 0: what ssh would take. A host's ansible_port wins */
    const Inventory *inventory; /* for the hosts' own ansible_*, pg_dbsu, pg_port; may be NULL */
    const char *run;            /* name of this run, in application_name; NULL: "run" */
    size_t idle_sessions;       /* kept open; 0: 256 */
} WorldSettings;

/* Copies the settings but for the inventory, which must outlive it. ssh_global_init() and
 * world_real_global_init() come first. World.free() ends it. */
World *world_real_new(const WorldSettings *settings);

/* Once, in main() before the first thread: what libcurl needs. */
MUST_USE Error *world_real_global_init(void);
