/*
 * tests/unit/onlooker.h - a rehearsed cluster that stands, and somebody who looks at it: what
 * befalls its nodes, and what its members say then.
 */
#pragma once

#include "rehearsal.h"

enum { MINUTE_MS = 60000 };

/* The members of REHEARSAL_FLEET, the first of which leads. */
#define LEADER "10.10.10.11"
#define SECOND "10.10.10.12"
#define THIRD  "10.10.10.13"

/* It has been applied, and some time has passed. */
void onlooker_begin(Rehearsal *it, const char *inventory);
void onlooker_wait(const Rehearsal *it, int64_t duration_ms);

/* From now on. */
void onlooker_befall(const Rehearsal *it, SimTroubleKind kind, const char *address, int64_t for_ms);

/* Somebody stops or starts ("stop", "start") a service there. */
void onlooker_service(const Rehearsal *it, const char *address, const char *name,
                      const char *action);

/* Somebody asks its Patroni for this, with a body of JSON. */
void onlooker_post(const Rehearsal *it, const char *address, const char *path, const char *body);

/* Somebody hands these settings, JSON, to the leader's Patroni. */
void onlooker_patch(const Rehearsal *it, const char *settings);

/* Somebody empties its data directory. */
void onlooker_empty(const Rehearsal *it, const char *address);

/* The answer of a source. */
const Value *onlooker_ask(const Rehearsal *it, const char *address, const char *source);

/* How far the log of a member is. */
int64_t onlooker_position(const Rehearsal *it, const char *address);

/* Its entry in GET /cluster of the first one; NULL: it has none. */
const Value *onlooker_listed(const Rehearsal *it, const char *address);
