/*
 * plans/builder.h - the plan while it is made: actions and edges that procedures add.
 *
 * plans/procedure.h has what procedures call; this header is for plan.c and its parts. Action
 * pointers stay valid; ids are positions in `actions`. A domain whose procedure refused is rolled
 * back: it leaves its notes, but no action.
 */
#pragma once

#include "plans/plan.h"
#include "plans/procedure.h"

typedef struct BuilderLimit {
    const char *name;
    size_t capacity;
    size_t *actions;
    size_t count, room;
} BuilderLimit;

typedef struct BuilderBracket {
    const Action *open, *close;
    size_t *body;
    size_t count, room;
} BuilderBracket;

typedef struct BuilderNote {
    const char *block;
    PlanNote note;
} BuilderNote;

struct Builder {
    Arena *arena;
    const Registry *registry;
    Action **actions;
    size_t action_count, action_capacity;
    PlanEdge *edges;
    size_t edge_count, edge_capacity;
    BuilderLimit **limits;
    size_t limit_count, limit_capacity;
    BuilderBracket **brackets;
    size_t bracket_count, bracket_capacity;
    BuilderNote *notes;
    size_t note_count, note_capacity;
    Map *by_address;     /* address -> Action */
    Map *limit_by_name;  /* name -> BuilderLimit */
    Map *new_units;      /* "HOST name" of units that this plan creates or starts */
    const char *problem; /* the first use of a verb that does not exist, or NULL */
};

Builder *builder_new(Arena *arena, const Registry *registry);

/* Where a domain begins, to be given back to builder_rollback. */
typedef struct BuilderMark {
    size_t actions, edges, brackets;
} BuilderMark;

BuilderMark builder_mark(const Builder *builder);
void builder_rollback(Builder *builder, BuilderMark mark);

/* An action that only joins many edges: all before it, then all after it. It does nothing. */
Action *builder_add_barrier(Builder *builder, const char *address, const char *reason);

/* Remember which units come into being, so that nobody reloads what is only being started. */
void builder_note_units(Builder *builder, const Change *changes, size_t count);
bool builder_creates_unit(const Builder *builder, const char *host, const char *name);
