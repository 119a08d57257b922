#include "cli/sim_trouble.h"

#include <stddef.h>
#include <string.h>

#include "base/duration.h"

static const struct {
    const char *name, *help;
    bool has_amount;
} troubles[SIM_TROUBLE_COUNT] = {
    [SIM_POWER_LOSS] = {"power-loss",
                        "a node loses power that long after the beginning, for so long", false},
    [SIM_CUT_OFF] = {"cut-off", "nothing of ours reaches the node; it works on with the others",
                     false},
    [SIM_ISOLATED] = {"isolate", "neither we nor other nodes reach it", false},
    [SIM_DISK_FULL] = {"disk-full", "what would be written there fails", false},
    [SIM_SLOW] = {"slow", "each answer takes that much longer", true},
    [SIM_SKEW] = {"skew", "its clock is ahead by so much", true},
};

static const struct {
    const char *name, *help;
    size_t offset; /* of the number in TroubleOptions */
} faults[TROUBLE_FAULTS] = {
    {"lost-requests", "so many of a thousand requests never arrive",
     offsetof(TroubleOptions, lost_requests)},
    {"lost-answers", "so many of a thousand times the work is done, but nobody hears of it",
     offsetof(TroubleOptions, lost_answers)},
    {"repeated-requests", "so many of a thousand arrive a second time, and are done again",
     offsetof(TroubleOptions, repeated_requests)},
    {"stale-answers", "so many of a thousand times Patroni tells of its cluster what it was before",
     offsetof(TroubleOptions, stale_answers)},
};

static const char *form_of(SimTroubleKind kind)
{
    return troubles[kind].has_amount ? "HOST@AFTER+FOR=AMOUNT" : "HOST@AFTER+FOR";
}

void trouble_options(TroubleOptions *options, Option ret[TROUBLE_OPTIONS])
{
    for (size_t i = 0; i < SIM_TROUBLE_COUNT; i++)
        ret[i] = (Option){troubles[i].name, OPTION_LIST, &options->lists[i],
                          form_of((SimTroubleKind)i), troubles[i].help};
    for (size_t i = 0; i < TROUBLE_FAULTS; i++)
        ret[SIM_TROUBLE_COUNT + i] = (Option){
            faults[i].name, OPTION_COUNT, (char *)options + faults[i].offset, "N", faults[i].help};
}

/* One value between two marks. */
typedef struct Parts {
    char *host, *after, *duration, *amount; /* amount may be NULL */
} Parts;

static bool split(Arena *arena, const char *text, bool has_amount, Parts *ret)
{
    char *host = arena_strdup(arena, text);
    char *after = strchr(host, '@'), *duration = after ? strchr(after, '+') : NULL;
    char *amount = duration ? strchr(duration, '=') : NULL;
    if (!duration || !amount != !has_amount)
        return false;
    *after = *duration = '\0';
    if (amount)
        *amount = '\0';
    *ret = (Parts){host, after + 1, duration + 1, amount ? amount + 1 : NULL};
    return true;
}

static Error *parse(Arena *arena, SimTroubleKind kind, const char *text, const Inventory *inventory,
                    SimTrouble *ret)
{
    Parts parts;
    if (!split(arena, text, troubles[kind].has_amount, &parts))
        return error_new(ERROR_INVALID, "write %s, say n1@20s+1m%s", form_of(kind),
                         troubles[kind].has_amount ? "=5s" : "");
    const Host *host = inventory_host(inventory, parts.host);
    if (!host)
        return error_new(ERROR_INVALID, "the inventory has no host %s", parts.host);
    *ret = (SimTrouble){.kind = kind, .address = host_address(host)};
    TRY(duration_parse(parts.after, &ret->after_ms));
    TRY(duration_parse(parts.duration, &ret->for_ms));
    return parts.amount ? duration_parse(parts.amount, &ret->amount_ms) : NULL;
}

static Error *make_one(Arena *arena, SimTroubleKind kind, const char *text,
                       const Inventory *inventory, const Simulation *fleet, int64_t *ret_over_ms)
{
    SimTrouble trouble = {0};
    Error *error = parse(arena, kind, text, inventory, &trouble);
    if (error)
        return error_wrap(error, "reading -%s=%s", troubles[kind].name, text);
    fleet->trouble(fleet->context, &trouble);
    int64_t over_ms = trouble.after_ms + trouble.for_ms;
    *ret_over_ms = over_ms > *ret_over_ms ? over_ms : *ret_over_ms;
    return NULL;
}

Error *trouble_make(Arena *arena, const TroubleOptions *options, const Inventory *inventory,
                    const Simulation *fleet, int64_t *ret_over_ms)
{
    *ret_over_ms = 0;
    for (size_t kind = 0; kind < SIM_TROUBLE_COUNT; kind++) {
        const OptionList *list = &options->lists[kind];
        for (size_t i = 0; i < list->count; i++)
            TRY(make_one(arena, (SimTroubleKind)kind, list->items[i], inventory, fleet,
                         ret_over_ms));
    }
    SimFaults wanted = {.lost_requests = (unsigned)options->lost_requests,
                        .lost_answers = (unsigned)options->lost_answers,
                        .repeated_requests = (unsigned)options->repeated_requests,
                        .stale_answers = (unsigned)options->stale_answers};
    fleet->set_faults(fleet->context, &wanted);
    return NULL;
}
