/*
 * plans/verify/search.h - all that can happen to a model, or some of it. Pure.
 *
 * search_all walks breadth first over the states, so that what it finds is as short as can be;
 * search_some takes ways at random, with the same seed the same ones. Both let one member crash at
 * each moment, and come back.
 */
#pragma once

#include "plans/verify/state.h"

typedef struct Search {
    size_t states;    /* search_all: that were looked at */
    size_t walks;     /* search_some */
    uint64_t orders;  /* search_all: ways from the first to a last state without a crash;
                         UINT64_MAX: more than that */
    size_t most_away; /* servers that were down at once, without a crash */
    bool is_complete; /* nothing is left that was not looked at */
    Breach breach;    /* INVARIANT_NONE: nothing is broken */
    Move *story;      /* the moves to it, the last breaks it */
    size_t story_length;
} Search;

/* At most `states_max` states. */
Search search_all(Arena *arena, Model *model, size_t states_max);

Search search_some(Arena *arena, Model *model, uint64_t seed, size_t walks);
