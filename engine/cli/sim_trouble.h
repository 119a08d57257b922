/*
 * cli/sim_trouble.h - what a user of `pgsteer sim` wants to go wrong: an option for each kind.
 */
#pragma once

#include "cli/cli.h"

typedef struct TroubleOptions {
    OptionList lists[SIM_TROUBLE_COUNT];
    size_t lost_requests, lost_answers, repeated_requests, stale_answers; /* of a thousand */
} TroubleOptions;

enum { TROUBLE_FAULTS = 4, TROUBLE_OPTIONS = SIM_TROUBLE_COUNT + TROUBLE_FAULTS };

/* All of them, to be parsed into `options`. */
void trouble_options(TroubleOptions *options, Option ret[TROUBLE_OPTIONS]);

/* Plan them all; *ret_over_ms: when, from now, the last one is over. Errors: ERROR_INVALID (not of
 * the form, or of a host that is not there). */
MUST_USE Error *trouble_make(Arena *arena, const TroubleOptions *options,
                             const Inventory *inventory, const Simulation *fleet,
                             int64_t *ret_over_ms);
