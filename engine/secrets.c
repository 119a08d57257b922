#include "engine/secrets.h"

#include <stdlib.h>
#include <string.h>

#include "base/map.h"

enum { MASK_MIN_BYTES = 4 };

static const char mask[] = "(sensitive value)";

struct Secrets {
    Arena *arena;
    Map *by_address;
    const char **forms; /* what to look for when masking, longest first */
    size_t form_count, form_capacity;
};

typedef struct Resolver {
    Secrets *secrets;
    SecretSource source;
    void *context;
    Map *missing; /* by address */
} Resolver;

static void add_form(Secrets *secrets, const char *form)
{
    if (strlen(form) < MASK_MIN_BYTES)
        return;
    for (size_t i = 0; i < secrets->form_count; i++) {
        if (strcmp(secrets->forms[i], form) == 0)
            return;
    }
    ARENA_PUSH(secrets->arena, secrets->forms, secrets->form_count, secrets->form_capacity, form);
}

static char *doubled(Arena *arena, const char *text, char quote)
{
    CLEANUP(text_release) Text out = TEXT_INIT;
    for (; *text; text++) {
        text_add_char(&out, *text);
        if (*text == quote)
            text_add_char(&out, quote);
    }
    return text_copy(&out, arena);
}

static void add_forms(Secrets *secrets, const char *plain)
{
    CLEANUP(text_release) Text quoted = TEXT_INIT;
    text_add_quoted(&quoted, plain);
    add_form(secrets, arena_strndup(secrets->arena, text_get(&quoted) + 1, quoted.length - 2));
    add_form(secrets, doubled(secrets->arena, plain, '\''));
    add_form(secrets, doubled(secrets->arena, plain, '"'));
    add_form(secrets, plain);
}

static const char *resolve(void *context, const char *address)
{
    Resolver *resolver = context;
    Secrets *secrets = resolver->secrets;
    if (map_get(secrets->by_address, address) || map_get(resolver->missing, address))
        return NULL;
    const char *plain = resolver->source ? resolver->source(resolver->context, address) : NULL;
    if (!plain) {
        map_set(resolver->missing, arena_strdup(secrets->arena, address), resolver);
        return NULL;
    }
    char *copy = arena_strdup(secrets->arena, plain);
    map_set(secrets->by_address, arena_strdup(secrets->arena, address), copy);
    add_forms(secrets, copy);
    return NULL;
}

static void resolve_value(Resolver *resolver, Arena *scratch, const Value *value)
{
    if (value && value_has_secret(value))
        value_fill(scratch, value, resolve, resolver);
}

static void resolve_checks(Resolver *resolver, Arena *scratch, const Action *action,
                           void (*checks)(Arena *arena, const Action *action, CheckList *out))
{
    CheckList list = {0};
    if (checks)
        checks(scratch, action, &list);
    for (size_t i = 0; i < list.count; i++)
        resolve_value(resolver, scratch, list.items[i].value);
}

/* What it does and what it looks at; its arguments may name more than that. */
static void resolve_action(Resolver *resolver, const Action *action)
{
    CLEANUP(arena_freep) Arena *scratch = arena_new();
    EffectList effects = {0};
    if (action->verb->effects)
        action->verb->effects(scratch, action, &effects);
    for (size_t i = 0; i < effects.count; i++)
        resolve_value(resolver, scratch, effects.items[i].args);
    resolve_checks(resolver, scratch, action, action->verb->pre);
    resolve_checks(resolver, scratch, action, action->verb->post);
}

/* So that no end of a secret is left over when another one is its beginning. */
static int longest_first(const void *a, const void *b)
{
    size_t left = strlen(*(const char *const *)a), right = strlen(*(const char *const *)b);
    return left == right ? 0 : left > right ? -1 : 1;
}

static Error *missing_error(const Map *missing)
{
    CLEANUP(text_release) Text names = TEXT_INIT;
    for (size_t i = 0; i < map_count(missing); i++)
        text_addf(&names, "%s'%s'", i ? ", " : "", map_key_at(missing, i));
    return error_new(ERROR_INVALID, "%zu secret%s cannot be found: %s", map_count(missing),
                     map_count(missing) == 1 ? "" : "s", text_get(&names));
}

Error *secrets_resolve(Arena *arena, const Plan *plan, SecretSource source, void *context,
                       Secrets **ret)
{
    Secrets *secrets = ARENA_NEW(arena, Secrets);
    secrets->arena = arena;
    secrets->by_address = map_new(arena);
    CLEANUP(arena_freep) Arena *scratch = arena_new();
    Resolver resolver = {secrets, source, context, map_new(scratch)};
    for (size_t i = 0; i < plan->action_count; i++) {
        const Action *action = &plan->actions[i];
        if (action->args && value_has_secret(action->args))
            resolve_action(&resolver, action);
    }
    if (map_count(resolver.missing) > 0)
        return missing_error(resolver.missing);
    if (secrets->form_count > 0)
        qsort(secrets->forms, secrets->form_count, sizeof(*secrets->forms), longest_first);
    *ret = secrets;
    return NULL;
}

static const char *look_up(void *context, const char *address)
{
    return map_get(context, address);
}

Error *secrets_fill(const Secrets *secrets, Arena *arena, const Value *value, const Value **ret)
{
    const Value *filled = secrets ? value_fill(arena, value, look_up, secrets->by_address) : value;
    if (value_has_secret(filled))
        return error_new(ERROR_INVALID, "a secret is needed that the plan does not name");
    *ret = filled;
    return NULL;
}

static char *mask_one(Arena *arena, const char *text, const char *secret)
{
    const char *hit = strstr(text, secret);
    if (!hit)
        return NULL;
    CLEANUP(text_release) Text out = TEXT_INIT;
    for (; hit; hit = strstr(text, secret)) {
        text_add_bytes(&out, text, (size_t)(hit - text));
        text_add(&out, mask);
        text = hit + strlen(secret);
    }
    text_add(&out, text);
    return text_copy(&out, arena);
}

char *secrets_mask(const Secrets *secrets, Arena *arena, const char *text)
{
    char *masked = NULL;
    for (size_t i = 0; secrets && i < secrets->form_count; i++) {
        char *more = mask_one(arena, masked ? masked : text, secrets->forms[i]);
        masked = more ? more : masked;
    }
    return masked ? masked : arena_strdup(arena, text);
}

// NOLINTNEXTLINE(misc-no-recursion): as deep as functions wrap what failed in them
Error *secrets_mask_error(const Secrets *secrets, Error *error)
{
    if (!secrets || !error)
        return error;
    CLEANUP(arena_freep) Arena *scratch = arena_new();
    const char *message = secrets_mask(secrets, scratch, error->message);
    Error *cause = secrets_mask_error(secrets, error->cause);
    error->cause = NULL;
    Error *masked =
        cause ? error_wrap(cause, "%s", message) : error_new(error->code, "%s", message);
    error_free(error);
    return masked;
}

// NOLINTNEXTLINE(misc-no-recursion): outcomes are parsed JSON or built here: JSON_MAX_DEPTH
const Value *secrets_mask_value(const Secrets *secrets, Arena *arena, const Value *value)
{
    if (!value || value->type == VALUE_TEXT)
        return value ? value_text(arena, secrets_mask(secrets, arena, value->text)) : NULL;
    if (value->type == VALUE_LIST) {
        Value *list = value_list(arena);
        for (size_t i = 0; i < value_count(value); i++)
            value_push(arena, list, secrets_mask_value(secrets, arena, value_at(value, i)));
        return list;
    }
    if (value->type != VALUE_MAP)
        return value;
    Value *map = value_map(arena);
    for (size_t i = 0; i < value->map.count; i++)
        value_set(arena, map, secrets_mask(secrets, arena, value->map.keys[i]),
                  secrets_mask_value(secrets, arena, value->map.values[i]));
    return map;
}

size_t secrets_count(const Secrets *secrets)
{
    return map_count(secrets->by_address);
}
