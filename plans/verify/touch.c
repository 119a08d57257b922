/* From the effects of an action to what they do to the model: the table at the end. */
#include <string.h>

#include "plans/verify/model.h"

#define AUTOCONF_FILE "/postgresql.auto.conf"

/* A touch, made while its effect is read. */
typedef struct Reader {
    Arena *scratch;
    Model *model;
    const Effect *effect;
    ModelAction *into;
} Reader;

static void add(const Reader *reader, Touch touch)
{
    ModelAction *into = reader->into;
    ARENA_PUSH(reader->model->arena, into->touches, into->touch_count, into->touch_capacity, touch);
}

static uint8_t member_of(const Reader *reader)
{
    return model_member_at(reader->model, reader->effect->host);
}

static bool is_here(const Reader *reader)
{
    return member_of(reader) != MODEL_NOBODY || reader->effect->host[0] == '@';
}

/* -- services --------------------------------------------------------------------------------- */

static const struct {
    const char *action;
    TouchType type;
} unit_actions[] = {{"restart", TOUCH_RESTART}, {"stop", TOUCH_STOP}, {"start", TOUCH_START}};

static bool is_unit(const char *unit, const char *name)
{
    size_t length = strlen(name);
    return strncmp(unit, name, length) == 0 &&
           (!unit[length] || strcmp(unit + length, ".service") == 0);
}

static void read_unit(const Reader *reader)
{
    const Value *args = reader->effect->args;
    const char *service = reader->model->start->is_etcd ? "etcd" : "patroni";
    if (!is_unit(value_get_text(args, "name"), service) || member_of(reader) == MODEL_NOBODY)
        return;
    for (size_t i = 0; i < COUNT_OF(unit_actions); i++) {
        if (strcmp(value_get_text(args, "action"), unit_actions[i].action) == 0)
            add(reader, (Touch){.type = unit_actions[i].type, .member = member_of(reader)});
    }
}

/* -- Patroni ---------------------------------------------------------------------------------- */

static void set_limit(const Reader *reader, Touch *touch, const char *name, const Value *value)
{
    int64_t number = START_UNKNOWN;
    for (size_t i = 0; i < START_LIMITS; i++) {
        if (strcmp(start_limit_names[i], name) != 0)
            continue;
        if (value && value->type == VALUE_INT)
            number = value->integer;
        else if (!text_to_int(value_as_text(value, ""), &number))
            number = START_UNKNOWN;
        touch->sets[i] = true;
        touch->values[i] = model_value(reader->model, number);
    }
}

static bool sets_any(const Touch *touch)
{
    bool sets = false;
    for (size_t i = 0; i < START_LIMITS; i++)
        sets = sets || touch->sets[i];
    return sets;
}

static void read_patch(const Reader *reader, const Value *body)
{
    const Value *parameters = value_path(body, "postgresql/parameters");
    Touch touch = {.type = TOUCH_SETTINGS, .member = MODEL_NOBODY};
    for (size_t i = 0; i < value_count(parameters); i++)
        set_limit(reader, &touch, parameters->map.keys[i], parameters->map.values[i]);
    if (sets_any(&touch))
        add(reader, touch);
}

static void read_restart(const Reader *reader, const Value *body)
{
    (void)body;
    add(reader, (Touch){.type = TOUCH_RESTART, .member = member_of(reader)});
}

static void read_switchover(const Reader *reader, const Value *body)
{
    Model *model = reader->model;
    const char *candidate = value_get_text(body, "candidate");
    Touch touch = {.type = TOUCH_SWITCHOVER,
                   .member = model_member_named(model, value_get_text(body, "leader")),
                   .candidate = model_member_named(model, candidate)};
    if (touch.member == MODEL_NOBODY || (touch.candidate == MODEL_NOBODY && *candidate))
        model->why_not = "a switchover names somebody who is no member";
    add(reader, touch);
}

static const struct {
    const char *method, *path;
    void (*read)(const Reader *reader, const Value *body);
} requests[] = {
    {"PATCH", "/config", read_patch},
    {"POST", "/restart", read_restart},
    {"POST", "/switchover", read_switchover},
};

static void read_rest(const Reader *reader)
{
    const Value *args = reader->effect->args;
    for (size_t i = 0; i < COUNT_OF(requests) && is_here(reader); i++) {
        if (strcmp(requests[i].method, value_get_text(args, "method")) == 0 &&
            strcmp(requests[i].path, value_get_text(args, "path")) == 0)
            requests[i].read(reader, value_get(args, "body"));
    }
}

/* -- files ------------------------------------------------------------------------------------ */

/* The value of `name = ` is the next piece (schema/contract/content.h); what the file does not
 * set, and the inventory wants for this member alone, is not known. */
static void read_file(const Reader *reader)
{
    const char *path = value_get_text(reader->effect->args, "path");
    const Value *pieces = value_get(reader->effect->args, "content");
    Touch touch = {.type = TOUCH_OWN, .member = member_of(reader)};
    if (!text_ends_with(path, AUTOCONF_FILE) || touch.member == MODEL_NOBODY ||
        reader->model->start->is_etcd)
        return;
    for (size_t i = 0; i < START_LIMITS; i++)
        touch.sets[i] = reader->model->start->members[touch.member].limits[i].is_own;
    for (size_t i = 0; i + 1 < value_count(pieces); i++) {
        const char *text = value_as_text(value_at(pieces, i), "");
        const char *name = arena_strndup(reader->scratch, text, strcspn(text, " ="));
        set_limit(reader, &touch, name, value_get(value_at(pieces, i + 1), "value"));
    }
    if (sets_any(&touch))
        add(reader, touch);
}

/* What an attempt to create a member has left behind is no copy. */
static void read_removal(const Reader *reader)
{
    if (member_of(reader) != MODEL_NOBODY &&
        !value_get_bool(reader->effect->args, "unfinished", false))
        add(reader, (Touch){.type = TOUCH_REMOVE, .member = member_of(reader)});
}

/* -- etcd ------------------------------------------------------------------------------------- */

static void read_etcd(const Reader *reader)
{
    const Value *args = reader->effect->args;
    const char *op = value_get_text(args, "op");
    uint8_t member = model_member_of_url(reader->model, value_get_text(args, "peer_url"));
    if (!reader->model->start->is_etcd) {
        if (strcmp(op, "key_delete") == 0 &&
            text_ends_with(value_get_text(args, "key"), "/initialize"))
            add(reader, (Touch){.type = TOUCH_FORGET, .member = MODEL_NOBODY});
        return;
    }
    bool joins = strcmp(op, "member_add") == 0 && !value_get_bool(args, "learner", false);
    if (joins || strcmp(op, "member_promote") == 0)
        add(reader, (Touch){.type = TOUCH_VOTE, .member = member});
}

/* Every type of effect has its row: what it does to the model is known, if only that it is nothing.
 */
static void (*const readers[EFFECT_TYPE_COUNT])(const Reader *reader) = {
    [EFFECT_FILE_PUT] = read_file, [EFFECT_UNIT] = read_unit,           [EFFECT_ETCD] = read_etcd,
    [EFFECT_REST] = read_rest,     [EFFECT_DATA_REMOVE] = read_removal,
};

/* -- an action -------------------------------------------------------------------------------- */

static bool takes_time(const Touch *touch)
{
    switch (touch->type) {
    case TOUCH_RESTART:
    case TOUCH_START:
    case TOUCH_SWITCHOVER:
    case TOUCH_ELSE:
        return true;
    case TOUCH_STOP:
    case TOUCH_SETTINGS:
    case TOUCH_OWN:
    case TOUCH_REMOVE:
    case TOUCH_FORGET:
    case TOUCH_VOTE:
        return false;
    }
    return false;
}

static void read_effects(Model *model, const Action *action, ModelAction *into)
{
    CLEANUP(arena_freep) Arena *scratch = arena_new();
    EffectList effects = {0};
    if (action->verb->effects)
        action->verb->effects(scratch, action, &effects);
    for (size_t i = 0; i < effects.count; i++) {
        Reader reader = {scratch, model, &effects.items[i], into};
        if (readers[effects.items[i].type])
            readers[effects.items[i].type](&reader);
    }
}

/* Whom a disruptive verb disturbs it says itself, whatever it does to the server. */
static void read_disturbance(Model *model, const Action *action, ModelAction *into)
{
    bool is_of_it = strcmp(action->domain, model->start->domain) == 0;
    if (!action->verb->disruptive || !is_of_it)
        return;
    into->disturbs = model_member_at(model, action->host);
    if (into->disturbs == MODEL_NOBODY)
        model->why_not = "a step disturbs somebody who is no member";
    Reader reader = {NULL, model, NULL, into};
    if (into->touch_count == 0 && into->disturbs != MODEL_NOBODY)
        add(&reader, (Touch){.type = TOUCH_ELSE, .member = into->disturbs});
}

bool touch_read(Model *model, const Action *action, ModelAction *ret)
{
    ModelAction found = {
        .action = action, .disturbs = MODEL_NOBODY, .is_instant = true, .opened_by = SIZE_MAX};
    read_effects(model, action, &found);
    read_disturbance(model, action, &found);
    for (size_t i = 0; i < found.touch_count; i++)
        found.is_instant = found.is_instant && !takes_time(&found.touches[i]);
    if (found.touch_count == 0)
        return false;
    if (action->verb->pre)
        action->verb->pre(model->arena, action, &found.pre);
    if (action->verb->post)
        action->verb->post(model->arena, action, &found.post);
    *ret = found;
    return true;
}
