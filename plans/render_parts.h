/*
 * plans/render_parts.h - the parts of the text renderer, one file each.
 */
#pragma once

#include "plans/page.h"

/* The actions of one block. */
typedef struct BlockActions {
    const Action **items;
    size_t count, capacity;
} BlockActions;

/* All that the parts of one rendering share. */
typedef struct Render {
    Page page;
    const Plan *plan;
    Arena *scratch;
    Map *actions;  /* address -> pointer to the Action that carries out the change */
    Map *by_block; /* name -> BlockActions */
} Render;

/* Never NULL. */
const BlockActions *render_actions_of(const Render *render, const PlanBlock *block);

/* "inventory.yml:31", or "". */
const char *render_origin(Arena *arena, const Origin *origin);

/* The letter of what users notice: "r", "c", "R", "S", "!" or "". */
const char *render_letter(Availability availability);

/* What users notice of a change: of its params' needs and its action. */
Availability render_availability(const Render *render, const Change *change);

/* render_change.c: the lines of one change; `same_count` equal ones are shown by it. */
void render_change(const Render *render, const Change *change, size_t same_count);

/* render_param.c: the lines below it. */
void render_params(const Render *render, const Change *change);

/* render_block.c: a heading and everything under it. */
void render_block(const Render *render, const PlanBlock *block);

/* render_steps.c: the table of what happens when. */
void render_steps(const Render *render, const PlanBlock *block);

/* render_counts.c: "none; critical path ~3 s." and the like. */
void render_impact(Text *out, const Plan *plan);
