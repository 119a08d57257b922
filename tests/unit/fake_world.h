/*
 * tests/unit/fake_world.h - a World in memory: files on nodes, scripted faults, and a log.
 *
 * The source "fake.files" tells {path: content} of a node; an effect file_put changes it. The
 * source "patroni.cluster" tells what was set. Everything else that can be read is set by the test.
 */
#pragma once

#include <stdbool.h>

#include "plans/plan.h"
#include "schema/contract/registry.h"
#include "schema/contract/world.h"

World *fake_world_new(void); /* ended by World.free */

/* What a source answers for a subject; the value is copied. NULL: an unknown reading. */
void fake_world_set(World *world, const char *source, const char *subject, const Value *value);

/* The next `count` performs that put `path` fail with this code. */
void fake_world_fail(World *world, const char *path, ErrorCode code, int count);

/* Each read of this host fails; NULL as code: `is_dead` false heals it. */
void fake_world_kill(World *world, const char *host, bool is_dead);

/* A perform that puts `path` does not come back before it is released. */
void fake_world_block(World *world, const char *path, bool is_blocked);

/* Every perform takes so long. */
void fake_world_slow(World *world, int64_t duration_ms);

/* Is the file there, and does it hold this content? */
bool fake_world_has(World *world, const char *host, const char *path);
const char *fake_world_content(World *world, const char *host, const char *path);

/* What was performed, in the order in which it began: "host path". Ended performs only. */
size_t fake_world_log_count(World *world);
const char *fake_world_log_at(World *world, size_t i);

/* The position of a path in the log, or -1. */
long fake_world_log_find(World *world, const char *path);

/* The most performs that ever ran at the same time. */
size_t fake_world_peak(World *world);

/* Reads asked so far of a host, and of one source. */
size_t fake_world_reads(World *world, const char *host);
size_t fake_world_asked(World *world, const char *source, const char *subject);

/* Called for every read of `source`, with how often it was asked before. NULL: off. */
void fake_world_on_read(World *world, const char *source,
                        const Value *(*answer)(void *context, Arena *arena, size_t asked),
                        void *context);

/* -- a registry and plans to go with it ------------------------------------------------------ */

/* Verbs: "put" (repeat), "put.ask" (half done: ask), "put.disruptive", and the sources above. */
extern const Registry fake_registry;

enum {
    FAKE_POST = 1,       /* post-check: the file is there, bound 2 s       */
    FAKE_PRE_ABSENT = 2, /* pre-check: the file is not there               */
    FAKE_SECRET = 4,     /* its content has the secret "10.0.0.1|password" */
    FAKE_BAD_POST = 8,   /* post-check of a file that nobody makes, 300 ms */
};

/* A plan by hand; grown in `arena`. */
typedef struct FakePlan {
    Arena *arena;
    Plan plan;
    Action *actions;
    PlanEdge *edges;
    PlanLimit *limits;
    PlanBracket *brackets;
} FakePlan;

FakePlan *fake_plan_new(Arena *arena);

/* `name` is the address and the path; returns the id. */
size_t fake_plan_add(FakePlan *fake, const char *verb, const char *name, const char *host,
                     unsigned flags);
void fake_plan_edge(FakePlan *fake, size_t from, size_t to);
void fake_plan_limit(FakePlan *fake, const char *name, size_t capacity, const size_t *actions,
                     size_t count);
void fake_plan_bracket(FakePlan *fake, size_t open, size_t close, const size_t *body, size_t count);
