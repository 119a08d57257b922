#include "providers/verbs/action_args.h"

#include "base/text.h"

size_t action_part_count(const Action *action)
{
    const Value *items = value_get(action->args, "items");
    return items ? value_count(items) : 1;
}

Action action_part(const Action *action, size_t i)
{
    const Value *items = value_get(action->args, "items");
    Action part = *action;
    if (items)
        part.args = value_at(items, i);
    return part;
}

const Value *arg_param(const Action *action, const char *name)
{
    return value_get(value_get(action->args, "params"), name);
}

const char *arg_param_text(const Action *action, const char *name)
{
    return value_as_text(arg_param(action, name), "");
}

const Value *arg_before(const Action *action, const char *name)
{
    return value_get(value_get(action->args, "before"), name);
}

bool arg_differs(const Action *action, const char *name)
{
    const Value *wanted = arg_param(action, name);
    return wanted && !value_equal(wanted, arg_before(action, name));
}

Value *arg_pick(Arena *arena, const Action *action, const char *const *names)
{
    Value *picked = value_map(arena);
    for (; *names; names++) {
        const Value *value = arg_param(action, *names);
        if (value)
            value_set(arena, picked, *names, value);
    }
    return picked;
}

const char *fact_path(Arena *arena, const char *first, const char *rest)
{
    CLEANUP(text_release) Text out = TEXT_INIT;
    for (const char *c = first; *c; c++) {
        if (*c == '~')
            text_add(&out, "~0");
        else if (*c == '/')
            text_add(&out, "~1");
        else
            text_add_char(&out, *c);
    }
    if (*rest)
        text_addf(&out, "/%s", rest);
    return text_copy(&out, arena);
}

void look_add(Arena *arena, CheckList *out, const Action *action, Look look)
{
    Value *args = look.asked ? value_list(arena) : NULL;
    if (args)
        value_push(arena, args, value_text(arena, look.asked));
    check_add(arena, out,
              (Check){.source = look.source,
                      .subject = action->host,
                      .path = look.asked ? fact_path(arena, look.asked, look.path) : look.path,
                      .relation = look.relation,
                      .value = look.value,
                      .bound_ms = look.bound_ms,
                      .sentence = look.sentence,
                      .args = args});
}

void effect_add_unit(Arena *arena, EffectList *out, const Action *action, const char *name,
                     const char *verb)
{
    Value *args = value_map(arena);
    value_set_text(arena, args, "name", name);
    value_set_text(arena, args, "action", verb);
    value_set_bool(arena, args, "block", true);
    effect_add(arena, out, EFFECT_UNIT, action->host, args);
}
