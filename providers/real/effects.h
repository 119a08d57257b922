/*
 * providers/real/effects.h - performing typed effects on one node.
 *
 * What happens on the node itself goes through the effect library, neighbouring effects in one
 * round trip; certificates involve a second node; REST and SQL go through streams of the same
 * session.
 */
#pragma once

#include "providers/real/pool.h"
#include "schema/contract/effect.h"

/* What effects need besides the session. */
typedef struct EffectContext {
    SessionPool *pool; /* for the node of the certificate authority */
    Loan *loan;
    const char *host;
    const char *run;
    const char *dbsu;   /* the database superuser, an operating system user of the node */
    const char *db_run; /* the server's socket directory */
    int pg_port;
    int rest_port;
    bool rest_is_https;
    int64_t deadline_ms;
    Arena *arena;
} EffectContext;

/* In order, until one fails. *ret_outcome: {"changed": how many changed something, "said": [what
 * they told]}. Errors: as World.perform. */
MUST_USE Error *effects_perform(const EffectContext *context, const Effect *effects, size_t count,
                                const Value **ret_outcome);
