/*
 * engine/schedule_private.h - the insides of a Schedule, for the file that builds it and the one
 * that runs it.
 */
#pragma once

#include "engine/schedule.h"

#define NONE SCHEDULE_NOBODY

/* Places of one limit: of the whole run, or of a bracket that took one for its body. */
typedef struct Slots {
    size_t free;
    size_t holders;
    size_t dead_by; /* an action that will never give its place back, or NONE */
} Slots;

typedef struct Hold {
    size_t limit;
    Slots *outer; /* where the place came from */
    Slots inner;
} Hold;

typedef struct Bracket {
    size_t open, close;
    size_t parent;     /* the bracket that its open belongs to, or NONE */
    size_t body_count; /* everything between open and close */
    bool is_open;
    Hold *holds; /* one for each limit that the body, open or close carries */
    size_t hold_count, hold_capacity;
} Bracket;

typedef struct Node {
    size_t *after, *before;
    size_t after_count, after_capacity, before_count, before_capacity;
    size_t *limits; /* numbers */
    size_t limit_count, limit_capacity;
    size_t waiting; /* for so many others */
    int64_t remaining_ms;
    size_t bracket; /* innermost one whose body it belongs to, or NONE */
    size_t opens, closes;
    size_t doomed_by; /* a failed action before it, or NONE */
} Node;

struct Schedule {
    Arena *arena;
    const Plan *plan;
    Node *nodes;
    Slots *slots; /* by limit */
    Bracket *brackets;
    size_t *ready; /* a heap: longest remaining path first */
    size_t ready_count;
    size_t *blocked; /* waiting for a limit */
    size_t blocked_count;
    size_t *stopped; /* disruptive actions that failed */
    size_t stopped_count;
    size_t unsettled;
    bool is_draining;
};

void schedule_push_ready(Schedule *schedule, size_t action);
