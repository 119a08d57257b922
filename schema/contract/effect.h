/*
 * schema/contract/effect.h - the closed list of things that can be done to the world.
 *
 * Verbs use nothing else. Real executors perform them over SSH, libpq and libcurl; the simulated
 * fleet performs the same list on its own world. Arguments are a map checked against the row of the
 * type, so that the list can be journalled, masked and printed in one place. Every effect is
 * idempotent: performed twice it gives the same world.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/value.h"
#include "schema/contract/fence.h"

typedef enum EffectType {
    EFFECT_FILE_PUT,     /* path, content, owner, group, mode                                     */
    EFFECT_FILE_SET_PUT, /* files: [{path, content, owner, group, mode}], remove: [paths], checker:
                            name */
    EFFECT_FILE_BLOCK,  /* path, block, content, owner, group, mode: a marked block in a shared file
                         */
    EFFECT_FILE_REMOVE, /* path                                                                  */
    EFFECT_DIR,         /* path, owner, group, mode                                              */
    EFFECT_LINK,        /* path, target                                                          */
    EFFECT_USER,        /* name, uid, gid, group, groups: [], home, shell, system                 */
    EFFECT_HOSTNAME,    /* name                                                                  */
    EFFECT_PACKAGES,    /* names: [], job: unit name; a job                                       */
    EFFECT_APT_UPDATE,  /* list: path of the one sources file to refresh from ("" all)            */
    EFFECT_REPO_INDEX,  /* path: folder of .deb files                                             */
    EFFECT_UNIT, /* name, action: start|stop|restart|reload|enable|disable|daemon-reload, block:
                    bool */
    EFFECT_CA,   /* path, cn, days                                                         */
    EFFECT_CERT, /* ca_host, ca_path, cn, sans: [], days, key, cert, ca, owner, group, key_mode */
    EFFECT_ETCD, /* op: member_add|member_promote|learner_remove|auth_enable|user_put|role_put|
                    key_put|..., name, ... */
    EFFECT_REST, /* method, path, body, port, auth user/password, ok: [status]              */
    EFFECT_SQL,  /* op: a catalog operation (providers/sql/ops), database, args ...          */
    EFFECT_POOL_CONSOLE, /* command: RELOAD|PAUSE|RESUME|..., database */
    EFFECT_DATA_REMOVE,  /* path: a data directory; never without a typed name, but for one that is
                            "unfinished": refused when it has a control file */
    EFFECT_MARKER, /* key, value: a note of ours on the node; no value: it is taken away       */
    EFFECT_TYPE_COUNT
} EffectType;

typedef struct Effect {
    EffectType type;
    const char *host; /* address of the node where it happens */
    const Value *args;
    const Fence *fence; /* whose it is; the same for all that go together. NULL: nobody asks */
} Effect;

typedef struct EffectRow {
    EffectType type;
    const char *name;        /* "file_put" */
    const char *const *args; /* NULL-terminated; "?name" is optional */
    bool is_job;             /* runs as a transient unit on the node */
    int64_t deadline_ms;     /* longest wait unless the action says otherwise */
    const char *doc;
} EffectRow;

extern const EffectRow effect_rows[EFFECT_TYPE_COUNT];

/* Do the arguments fit the row? Errors: ERROR_INVALID naming the argument. */
MUST_USE Error *effect_check(const Effect *effect);
