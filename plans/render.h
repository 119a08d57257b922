/*
 * plans/render.h - a plan as text (look.md's shape), JSON and DOT.
 *
 * Output formats, one file each: render_text.c, render_json.c, render_dot.c. `columns` bounds the
 * width (100 in a file or pipe). Without Unicode the box characters become | + -.
 */
#pragma once

#include <stdio.h>

#include "plans/plan.h"

typedef struct RenderOptions {
    bool color;
    bool unicode;
    bool verbose; /* -v: unfold "same on n" and "N more" */
    size_t columns;
    const char *saved_as; /* plan file written, or NULL */
} RenderOptions;

void plan_render_text(FILE *out, const Plan *plan, const RenderOptions *options);

/* One JSON document: OpenTofu's field names (format_version, resource_changes[].address,
 * .change.actions/before/after/after_unknown/...), plus ours (impact, checks, edges, provenance,
 * schedule, verification, notes). Secrets as {"secret": ...}. `conditions` (or NULL): what the exit
 * status says, and all that it does not. */
void plan_render_json(FILE *out, const Plan *plan, const Value *conditions);

/* The graph of actions for Graphviz. */
void plan_render_dot(FILE *out, const Plan *plan);

/* "Plan: 71 to add, 0 to change, 0 to destroy." and "Impact: ..." */
void plan_render_counts(FILE *out, const Plan *plan);
