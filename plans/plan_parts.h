/*
 * plans/plan_parts.h - the parts of plan_build that have a file of their own.
 */
#pragma once

#include "base/digest.h"
#include "plans/builder.h"
#include "plans/draft.h"

/* plan_block.c: headings with what stands under them, and the counts of changes. `builder` NULL:
 * nothing is made of them, and nothing noted. */
void plan_make_blocks(Plan *plan, const Draft *drafts, size_t draft_count, const Builder *builder);

/* plan_block.c: does nobody use yet what stands under this heading? By block name. */
Map *plan_new_blocks(Arena *arena, const Draft *drafts, size_t draft_count);

/* plan_digest.c: both digests; that of the world goes on from `digest`, which is "" at first. */
const char *plan_transition_digest(Arena *arena, const Plan *plan);
void plan_world_digest(const Facts *facts, char digest[SHA256_HEX + 1]);
