#include "engine/outcome.h"

static const struct {
    int exit_status;
    const char *name;
    const char *meaning;
} rows[CONDITION_COUNT] = {
    [CONDITION_INTERNAL] = {11, "internal", "an error inside pgsteer"},
    [CONDITION_INVALID] = {5, "invalid", "the input is not valid"},
    [CONDITION_ERROR] = {1, "error", "an error that has no class of its own"},
    [CONDITION_LEASE] = {6, "lease",
                         "another run holds the lease, or who keeps it does not answer"},
    [CONDITION_HALF_DONE] = {12, "half-done", "a half-done action needs a person"},
    [CONDITION_STALE] = {7, "stale", "the plan no longer fits"},
    [CONDITION_DATA_LOSS] = {13, "data-loss", "refused: data would be lost"},
    [CONDITION_POLICY] = {4, "policy",
                          "approval is missing, or the impact is above what is allowed"},
    [CONDITION_PARTIAL] = {9, "partial", "some actions failed"},
    [CONDITION_CANCELLED] = {8, "cancelled", "cancelled at a safe point"},
    [CONDITION_UNREAD] = {10, "unread", "something that was asked for could not be read"},
    [CONDITION_DRIFT] = {3, "drift", "something was changed by others"},
    [CONDITION_CHANGES] = {2, "changes", "changes are pending"},
};

static const Condition by_error[ERROR_CODE_COUNT] = {
    [ERROR_INVALID] = CONDITION_INVALID, [ERROR_UNREACHABLE] = CONDITION_UNREAD,
    [ERROR_REFUSED] = CONDITION_ERROR,   [ERROR_BUSY] = CONDITION_ERROR,
    [ERROR_FENCED] = CONDITION_LEASE,    [ERROR_CONFLICT] = CONDITION_STALE,
    [ERROR_LOCAL] = CONDITION_ERROR,     [ERROR_CANCELLED] = CONDITION_CANCELLED,
};

void outcome_add(Outcome *outcome, Condition condition)
{
    outcome->conditions |= 1U << condition;
}

bool outcome_has(const Outcome *outcome, Condition condition)
{
    return outcome->conditions >> condition & 1U;
}

int outcome_exit_status(const Outcome *outcome)
{
    for (Condition i = 0; i < CONDITION_COUNT; i++) {
        if (outcome_has(outcome, i))
            return rows[i].exit_status;
    }
    return 0;
}

const char *condition_name(Condition condition)
{
    return rows[condition].name;
}

const char *condition_meaning(Condition condition)
{
    return rows[condition].meaning;
}

int condition_exit_status(Condition condition)
{
    return rows[condition].exit_status;
}

Condition condition_of_error(const Error *error)
{
    return by_error[error_root(error)->code];
}

const Value *outcome_value(Arena *arena, const Outcome *outcome)
{
    Value *list = value_list(arena);
    for (Condition i = 0; i < CONDITION_COUNT; i++) {
        if (!outcome_has(outcome, i))
            continue;
        Value *item = value_map(arena);
        value_set_text(arena, item, "condition", rows[i].name);
        value_set_int(arena, item, "exit", rows[i].exit_status);
        value_set_text(arena, item, "meaning", rows[i].meaning);
        value_push(arena, list, item);
    }
    return list;
}

void outcome_print(FILE *out, const Outcome *outcome)
{
    const char *separator = "";
    if (outcome->conditions == 0)
        return;
    fprintf(out, "pgsteer: exit %d: ", outcome_exit_status(outcome));
    for (Condition i = 0; i < CONDITION_COUNT; i++) {
        if (!outcome_has(outcome, i))
            continue;
        fprintf(out, "%s%s", separator, rows[i].meaning);
        separator = "; ";
    }
    fputc('\n', out);
}
