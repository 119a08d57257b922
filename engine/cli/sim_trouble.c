#include "cli/sim_trouble.h"

#include <string.h>

#include "base/duration.h"

#define SPAN        "HOST@AFTER+FOR"
#define SPAN_AMOUNT "HOST@AFTER+FOR=AMOUNT"

static const struct {
    const char *name, *form, *example, *help;
} rows[SIM_TROUBLE_COUNT] = {
    [SIM_POWER_LOSS] = {"power-loss", SPAN, "n1@20s+1m",
                        "a node loses power that long after the beginning, for so long"},
    [SIM_CUT_OFF] = {"cut-off", SPAN, "n1@20s+1m",
                     "nothing of ours reaches the node; it works on with the others"},
    [SIM_ISOLATED] = {"isolate", SPAN, "n1@20s+1m", "neither we nor other nodes reach it"},
    [SIM_DISK_FULL] = {"disk-full", SPAN, "n1@20s+1m", "what would be written there fails"},
    [SIM_SLOW] = {"slow", SPAN_AMOUNT, "n1@0s+10m=2s", "each answer takes that much longer"},
    [SIM_SKEW] = {"skew", SPAN_AMOUNT, "n1@0s+10m=5m", "its clock is ahead by so much"},
};

void trouble_options(TroubleOptions *options, Option ret[TROUBLE_OPTIONS])
{
    for (size_t i = 0; i < SIM_TROUBLE_COUNT; i++)
        ret[i] =
            (Option){rows[i].name, OPTION_LIST, &options->lists[i], rows[i].form, rows[i].help};
    ret[SIM_TROUBLE_COUNT] = (Option){"lost-requests", OPTION_COUNT, &options->lost_requests, "N",
                                      "so many of a thousand requests never arrive"};
    ret[SIM_TROUBLE_COUNT + 1] =
        (Option){"lost-answers", OPTION_COUNT, &options->lost_answers, "N",
                 "so many of a thousand times the work is done, but nobody hears of it"};
    ret[SIM_TROUBLE_COUNT + 2] =
        (Option){"repeated-requests", OPTION_COUNT, &options->repeated_requests, "N",
                 "so many of a thousand arrive a second time, and are done again"};
    ret[SIM_TROUBLE_COUNT + 3] =
        (Option){"stale-answers", OPTION_COUNT, &options->stale_answers, "N",
                 "so many of a thousand times Patroni tells of its cluster what it was before"};
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
    bool has_amount = strcmp(rows[kind].form, SPAN_AMOUNT) == 0;
    Parts parts;
    if (!split(arena, text, has_amount, &parts))
        return error_new(ERROR_INVALID, "-%s=%s: write %s, say %s", rows[kind].name, text,
                         rows[kind].form, rows[kind].example);
    const Host *host = inventory_host(inventory, parts.host);
    if (!host)
        return error_new(ERROR_INVALID, "-%s=%s: the inventory has no host %s", rows[kind].name,
                         text, parts.host);
    *ret = (SimTrouble){.kind = kind, .address = host_address(host)};
    TRY(duration_parse(parts.after, &ret->after_ms));
    TRY(duration_parse(parts.duration, &ret->for_ms));
    return parts.amount ? duration_parse(parts.amount, &ret->amount_ms) : NULL;
}

Error *trouble_make(Arena *arena, const TroubleOptions *options, const Inventory *inventory,
                    const Simulation *fleet)
{
    for (size_t kind = 0; kind < SIM_TROUBLE_COUNT; kind++) {
        const OptionList *list = &options->lists[kind];
        for (size_t i = 0; i < list->count; i++) {
            SimTrouble trouble;
            TRY(parse(arena, (SimTroubleKind)kind, list->items[i], inventory, &trouble));
            fleet->trouble(fleet->context, &trouble);
        }
    }
    SimFaults faults = {.lost_requests = (unsigned)options->lost_requests,
                        .lost_answers = (unsigned)options->lost_answers,
                        .repeated_requests = (unsigned)options->repeated_requests,
                        .stale_answers = (unsigned)options->stale_answers};
    fleet->set_faults(fleet->context, &faults);
    return NULL;
}
