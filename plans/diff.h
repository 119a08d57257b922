/*
 * plans/diff.h - desired against observed resources of one kind in one domain.
 *
 * One table says what each pair of states means (the tests enumerate it):
 *
 *   the inventory wants it   there    absent   unknown
 *     present                compare  create   withhold
 *     absent                  delete   none     withhold
 *     (does not mention it)   none     none     none
 *
 * and another one the same for params. A param whose reading is unknown withholds the whole
 * resource: to write the rest could reset it. A difference in what is fixed for life becomes a
 * finding, or a replacement when no data is lost by one. Pure.
 */
#pragma once

#include "plans/plan.h"

typedef enum Wanted { WANTED_PRESENT, WANTED_ABSENT, WANTED_NOT, WANTED_COUNT } Wanted;
typedef enum Seen { SEEN_THERE, SEEN_ABSENT, SEEN_UNKNOWN, SEEN_COUNT } Seen;

/* CHANGE_UPDATE stands for "compare the params". */
ChangeOp diff_resource_op(Wanted wanted, Seen seen);

typedef enum WantedParam {
    WANTED_UNMANAGED,
    WANTED_VALUE,
    WANTED_LATE,
    WANTED_SECRET,
    WANTED_PARAM_COUNT
} WantedParam;
typedef enum SeenParam { SEEN_VALUE, SEEN_UNTOLD, SEEN_UNREAD, SEEN_PARAM_COUNT } SeenParam;
typedef enum ParamVerdict { PARAM_LEAVE, PARAM_COMPARE, PARAM_WITHHOLD } ParamVerdict;

ParamVerdict diff_param_verdict(WantedParam wanted, SeenParam seen);

typedef struct Diff {
    const Change *changes; /* without CHANGE_NONE */
    size_t change_count;
    size_t unchanged_count;
    const Resource **in_place; /* there, or absent, as wanted */
    size_t in_place_count;
    const PlanNote *notes; /* "found", "orphan", PLAN_NOT_COMPARED */
    size_t note_count;
} Diff;

/* Both sets are of one kind; the result and all in it lives as long as `arena` and the sets. */
Diff diff_sets(Arena *arena, const Domain *domain, const Facts *facts, const ResourceSet *desired,
               const ResourceSet *observed);
