/*
 * tests/lab_contract/lab_world.h - the real World against a lab node, for cmocka tests.
 *
 * The environment (tests/lab/lab env) tells key and known hosts; PGSTEER_TEST_NODE the address of
 * the node that is worked on, PGSTEER_TEST_CA that of another node.
 */
#pragma once

#include "base/json.h"
#include "providers/real/world.h"
#include "providers/sources/registry.h"
#include "unit/unit.h"

typedef struct Lab {
    Arena *arena;
    World *world;
    const char *node; /* address */
    const char *ca;
    Fence fence; /* of all effects */
} Lab;

int lab_setup(void **state);
int lab_teardown(void **state);

/* Ask one source; args are JSON or NULL. Fails the test when nothing could be asked. */
Reading lab_read(Lab *lab, const char *source, const char *args);

/* A known reading's value as compact JSON at a path. */
const char *lab_value(Lab *lab, const Reading *reading, const char *path);

/* Perform one effect; returns how many changed something, fails the test on an error. */
int64_t lab_do(Lab *lab, EffectType type, const char *args);

/* The error's text, or NULL; args as JSON. */
const char *lab_error(Lab *lab, EffectType type, const char *args);

/* With a deadline of its own. */
Error *lab_perform_within(Lab *lab, EffectType type, const char *args, int64_t ms);

/* Another World, logged in as somebody else. */
World *lab_world_as(const char *user);

/* Run a command on the node as root by ssh, return its output without the last newline. */
const char *lab_sh(Lab *lab, const char *command);
