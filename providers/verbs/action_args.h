/*
 * providers/verbs/action_args.h - what verbs ask of an action's arguments, and how they say what
 * is done and looked at.
 *
 * builder_add_change() gives {"name", "scope", "params", "before"}; steps of a procedure have what
 * the procedure put there. Pure; any thread.
 */
#pragma once

#include "schema/contract/verb.h"

/* Times of rows. */
#define SECONDS(n) ((n)*INT64_C(1000))
#define MINUTES(n) ((n)*INT64_C(60000))

/* The changes that an action carries out: itself, or each of args/items as if it were alone. */
size_t action_part_count(const Action *action);
Action action_part(const Action *action, size_t i);

/* `function` for all parts, from `function_one` for one. */
#define FOR_ALL_PARTS(function, List)                                                              \
    /* NOLINTNEXTLINE(bugprone-macro-parentheses): List is a type */                               \
    static void function(Arena *arena, const Action *action, List *out)                            \
    {                                                                                              \
        for (size_t i = 0; i < action_part_count(action); i++) {                                   \
            Action part = action_part(action, i);                                                  \
            function##_one(arena, &part, out);                                                     \
        }                                                                                          \
    }

/* A desired value, or NULL; its text, or "". */
const Value *arg_param(const Action *action, const char *name);
const char *arg_param_text(const Action *action, const char *name);

/* An observed value from before, or NULL. */
const Value *arg_before(const Action *action, const char *name);

/* Does the desired value exist and differ from the observed one? */
bool arg_differs(const Action *action, const char *name);

/* A copy of those desired values that `names` (NULL-terminated) lists, for an effect. */
Value *arg_pick(Arena *arena, const Action *action, const char *const *names);

/* "first/rest", with '/' and '~' in `first` escaped: the way into a reading by path or name. */
const char *fact_path(Arena *arena, const char *first, const char *rest);

/* A question about the action's own node; `asked` is what the source is asked about, or NULL. */
typedef struct Look {
    const char *source;
    const char *asked; /* also the first step of the path */
    const char *path;
    Relation relation;
    const Value *value;
    int64_t bound_ms;
    const char *sentence;
} Look;

void look_add(Arena *arena, CheckList *out, const Action *action, Look look);

/* {"name": name, "action": verb, "block": true} on the action's node. */
void effect_add_unit(Arena *arena, EffectList *out, const Action *action, const char *name,
                     const char *verb);
