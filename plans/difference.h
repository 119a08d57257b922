/*
 * plans/difference.h - what two inventories want differently, without looking at any node.
 *
 * Each object that the later one wants is compared with what the earlier one wants, by the rules by
 * which a plan compares wanted with seen: so it is known what a change needs, not whom it touches.
 * The result is a Plan without actions: its blocks list what is added, changed, and no longer in
 * the inventory. Values that follow from the size of the nodes are compared by their formulas;
 * secrets by what is written (inventory_secret_identity). Pure.
 */
#pragma once

#include "plans/plan.h"
#include "plans/render.h"

typedef struct DifferenceSide {
    const char *name;   /* "HEAD~1", "the working tree" */
    const char *commit; /* its hash, or NULL */
    const Inventory *inventory;
    const Domain *domains;
    size_t domain_count;
} DifferenceSide;

/* Errors: ERROR_INVALID when a kind cannot say what is wanted. */
MUST_USE Error *difference_make(Arena *arena, const Registry *registry,
                                const DifferenceSide *before, const DifferenceSide *after,
                                Plan **ret);

bool difference_is_empty(const Plan *difference);

/* render_difference.c: for people. */
void difference_render_text(FILE *out, const Plan *difference, const DifferenceSide *before,
                            const DifferenceSide *after, const RenderOptions *options);

/* render_json.c: one document, its resource_changes and blocks as those of a plan. */
void difference_render_json(FILE *out, const Plan *difference, const DifferenceSide *before,
                            const DifferenceSide *after, const Value *conditions);
