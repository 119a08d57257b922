#include "plans/diff.h"

#include <stdarg.h>
#include <string.h>

#include "plans/compare.h"
#include "plans/pg_setting.h"

static const ChangeOp resource_ops[WANTED_COUNT][SEEN_COUNT] = {
    [WANTED_PRESENT] = {[SEEN_THERE] = CHANGE_UPDATE,
                        [SEEN_ABSENT] = CHANGE_CREATE,
                        [SEEN_UNKNOWN] = CHANGE_WITHHOLD},
    [WANTED_ABSENT] = {[SEEN_THERE] = CHANGE_DELETE,
                       [SEEN_ABSENT] = CHANGE_NONE,
                       [SEEN_UNKNOWN] = CHANGE_WITHHOLD},
    [WANTED_NOT] =
        {[SEEN_THERE] = CHANGE_NONE, [SEEN_ABSENT] = CHANGE_NONE, [SEEN_UNKNOWN] = CHANGE_NONE},
};

/* What is made later cannot be compared with what is there: it stays. What a source does not tell
 * is not compared. A secret that could not be compared is left alone. */
static const ParamVerdict param_verdicts[WANTED_PARAM_COUNT][SEEN_PARAM_COUNT] = {
    [WANTED_UNMANAGED] =
        {[SEEN_VALUE] = PARAM_LEAVE, [SEEN_UNTOLD] = PARAM_LEAVE, [SEEN_UNREAD] = PARAM_LEAVE},
    [WANTED_VALUE] =
        {[SEEN_VALUE] = PARAM_COMPARE, [SEEN_UNTOLD] = PARAM_LEAVE, [SEEN_UNREAD] = PARAM_WITHHOLD},
    [WANTED_LATE] =
        {[SEEN_VALUE] = PARAM_LEAVE, [SEEN_UNTOLD] = PARAM_LEAVE, [SEEN_UNREAD] = PARAM_WITHHOLD},
    [WANTED_SECRET] =
        {[SEEN_VALUE] = PARAM_COMPARE, [SEEN_UNTOLD] = PARAM_LEAVE, [SEEN_UNREAD] = PARAM_LEAVE},
};

ChangeOp diff_resource_op(Wanted wanted, Seen seen)
{
    return resource_ops[wanted][seen];
}

ParamVerdict diff_param_verdict(WantedParam wanted, SeenParam seen)
{
    return param_verdicts[wanted][seen];
}

typedef struct Differ {
    Arena *arena;
    const Domain *domain;
    const Facts *facts;
    const Kind *kind;
    Change *changes;
    size_t change_count, change_capacity;
    PlanNote *notes;
    size_t note_count, note_capacity;
    size_t unchanged_count;
    const Resource **in_place;
    size_t in_place_count, in_place_capacity;
} Differ;

/* The differences of one resource, while they are collected. */
typedef struct Difference {
    ParamChange *params;
    size_t count, capacity;
    bool needs_replacement;
    const char *withheld; /* why, or NULL */
} Difference;

static void add_note(Differ *differ, const char *kind, const Origin *origin, const char *fmt, ...)
    PRINTF_LIKE(4, 5);

static void add_note(Differ *differ, const char *kind, const Origin *origin, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    PlanNote note = {.kind = kind,
                     .code = "",
                     .text = arena_vprintf(differ->arena, fmt, args),
                     .origin = origin};
    va_end(args);
    ARENA_PUSH(differ->arena, differ->notes, differ->note_count, differ->note_capacity, note);
}

static bool has_note(const Differ *differ, const PlanNote *note)
{
    for (size_t i = 0; i < differ->note_count; i++) {
        if (differ->notes[i].origin == note->origin &&
            strcmp(differ->notes[i].text, note->text) == 0)
            return true;
    }
    return false;
}

/* A secret that cannot be compared since its text is not at hand. */
static const char *note_missing(void *context, const char *address)
{
    Differ *differ = context;
    CLEANUP(text_release) Text name = TEXT_INIT;
    CLEANUP(text_release) Text reason = TEXT_INIT;
    PlanNote note = {.kind = PLAN_NOT_COMPARED, .code = ""};
    if (!inventory_secret_is_missing(differ->domain->inventory, address, &name, &reason,
                                     &note.origin))
        return NULL;
    note.text =
        arena_printf(differ->arena, "%s (not compared): it %s", text_get(&name), text_get(&reason));
    if (!has_note(differ, &note))
        ARENA_PUSH(differ->arena, differ->notes, differ->note_count, differ->note_capacity, note);
    return NULL;
}

static void note_secrets(Differ *differ, const Value *desired)
{
    CLEANUP(arena_freep) Arena *scratch = arena_new();
    if (value_has_secret(desired))
        value_fill(scratch, desired, note_missing, differ);
}

static WantedParam wanted_param(const Slot *slot)
{
    if (slot->state == SLOT_LATE)
        return WANTED_LATE;
    if (slot->state != SLOT_SET || !slot->value)
        return WANTED_UNMANAGED;
    return value_has_secret(slot->value) && slot->value->type != VALUE_MAP ? WANTED_SECRET
                                                                           : WANTED_VALUE;
}

static SeenParam seen_param(const Slot *slot)
{
    if (slot->state == SLOT_UNKNOWN)
        return SEEN_UNREAD;
    return slot->state == SLOT_SET && slot->value ? SEEN_VALUE : SEEN_UNTOLD;
}

static Need need_of(const Differ *differ, const ParamRow *row, const char *key)
{
    if (key && differ->kind->key_need)
        return differ->kind->key_need(differ->domain, differ->facts, row->name, key);
    return row->need;
}

static ParamChange param_change(const Differ *differ, const ParamRow *row, const Slot *slot,
                                const char *key)
{
    const char *reason = key ? value_as_text(value_get(slot->key_reasons, key), NULL) : NULL;
    return (ParamChange){.row = row,
                         .key = key,
                         .need = need_of(differ, row, key),
                         .origin = slot->origin,
                         .reason = reason ? reason : (key ? NULL : slot->reason)};
}

static void add_difference(Differ *differ, Difference *difference, ParamChange change)
{
    ARENA_PUSH(differ->arena, difference->params, difference->count, difference->capacity, change);
}

static bool is_fixed(const ParamRow *row, Need need)
{
    return (row->flags & PARAM_FLAG_CREATE_ONLY) || need == NEED_RECREATE;
}

static bool can_replace(const Kind *kind)
{
    return !kind->data_bearing && kind->create_verb && kind->delete_verb;
}

/* What is fixed for life stays as it is when replacing it would lose data: it is only told. */
static void differ_in(Differ *differ, Difference *difference, const Resource *resource,
                      ParamChange change)
{
    if (!is_fixed(change.row, change.need)) {
        add_difference(differ, difference, change);
        return;
    }
    if (can_replace(differ->kind)) {
        change.need = NEED_RECREATE;
        difference->needs_replacement = true;
        add_difference(differ, difference, change);
        return;
    }
    CLEANUP(text_release) Text values = TEXT_INIT;
    if (!(change.row->flags & PARAM_FLAG_SECRET)) {
        text_add(&values, ": is ");
        value_format(&values, change.before ? change.before : &value_null);
        text_add(&values, ", wanted ");
        value_format(&values, change.after ? change.after : &value_null);
    }
    add_note(differ, "found", change.origin, "%s: %s cannot be changed any more%s",
             resource->address, change.key ? change.key : change.row->name, text_get(&values));
}

static const Value *unless_null(const Value *value)
{
    return value && value->type == VALUE_NULL ? NULL : value;
}

static void diff_key(Differ *differ, Difference *difference, const Resource *resource,
                     ParamChange change)
{
    switch (compare_key(change.row, change.key, change.after, change.before)) {
    case COMPARE_EQUAL:
        return;
    case COMPARE_NOT_POSSIBLE:
        note_secrets(differ, change.after);
        return;
    case COMPARE_DIFFER:
        break;
    }
    if (change.row->type == PARAM_SETTINGS)
        change.before = pg_setting_plain(differ->arena, change.before);
    differ_in(differ, difference, resource, change);
}

static void diff_keys(Differ *differ, Difference *difference, const Resource *resource,
                      const ParamRow *row, const Slot *wanted, const Slot *seen)
{
    const Value *desired = wanted->value, *observed = seen->value;
    for (size_t i = 0; i < value_count(desired); i++) {
        ParamChange change = param_change(differ, row, wanted, desired->map.keys[i]);
        change.after = unless_null(desired->map.values[i]);
        change.before = unless_null(value_get(observed, change.key));
        diff_key(differ, difference, resource, change);
    }
    if ((row->flags & PARAM_FLAG_ADD_ONLY) || !observed || observed->type != VALUE_MAP)
        return;
    for (size_t i = 0; i < value_count(observed); i++) {
        if (value_get(desired, observed->map.keys[i]))
            continue;
        ParamChange change = param_change(differ, row, wanted, observed->map.keys[i]);
        change.before = observed->map.values[i];
        diff_key(differ, difference, resource, change);
    }
}

static void diff_whole(Differ *differ, Difference *difference, const Resource *resource,
                       const ParamRow *row, const Slot *wanted, const Slot *seen)
{
    Comparison comparison = compare_param(row, wanted->value, seen->value);
    if (comparison == COMPARE_NOT_POSSIBLE)
        note_secrets(differ, wanted->value);
    if (comparison != COMPARE_DIFFER)
        return;
    ParamChange change = param_change(differ, row, wanted, NULL);
    change.before = unless_null(seen->value);
    change.after = unless_null(wanted->value);
    differ_in(differ, difference, resource, change);
}

static bool is_keyed(const ParamRow *row, const Slot *wanted)
{
    return compare_is_keyed(row) && wanted->value->type == VALUE_MAP;
}

static void diff_param(Differ *differ, Difference *difference, const Resource *desired,
                       const Resource *observed, size_t index)
{
    const ParamRow *row = &differ->kind->params[index];
    const Slot *wanted = &desired->slots[index], *seen = &observed->slots[index];
    switch (param_verdicts[wanted_param(wanted)][seen_param(seen)]) {
    case PARAM_LEAVE:
        if (wanted_param(wanted) == WANTED_SECRET)
            note_secrets(differ, wanted->value);
        return;
    case PARAM_WITHHOLD:
        difference->withheld = arena_printf(differ->arena, "%s could not be read: %s", row->name,
                                            value_as_text(seen->value, "no reason given"));
        return;
    case PARAM_COMPARE:
        break;
    }
    if (is_keyed(row, wanted))
        diff_keys(differ, difference, desired, row, wanted, seen);
    else
        diff_whole(differ, difference, desired, row, wanted, seen);
}

static void add_change(Differ *differ, Change change)
{
    change.domain = differ->domain;
    ARENA_PUSH(differ->arena, differ->changes, differ->change_count, differ->change_capacity,
               change);
}

static void withhold(Differ *differ, const Resource *desired, const Resource *observed,
                     const char *reason)
{
    add_change(differ, (Change){.op = CHANGE_WITHHOLD,
                                .desired = desired,
                                .observed = observed,
                                .withhold_reason = reason});
}

static void is_in_place(Differ *differ, const Resource *desired)
{
    differ->unchanged_count++;
    ARENA_PUSH(differ->arena, differ->in_place, differ->in_place_count, differ->in_place_capacity,
               desired);
}

static void compare(Differ *differ, const Resource *desired, const Resource *observed)
{
    Difference difference = {0};
    for (size_t i = 0; i < differ->kind->param_count; i++)
        diff_param(differ, &difference, desired, observed, i);
    if (difference.withheld) {
        withhold(differ, desired, observed, difference.withheld);
        return;
    }
    if (difference.count == 0) {
        is_in_place(differ, desired);
        return;
    }
    add_change(differ, (Change){.op = difference.needs_replacement ? CHANGE_REPLACE : CHANGE_UPDATE,
                                .desired = desired,
                                .observed = observed,
                                .params = difference.params,
                                .param_count = difference.count});
}

static void create_param(Differ *differ, Difference *difference, const ParamRow *row,
                         const Slot *slot)
{
    if (slot->state != SLOT_SET && slot->state != SLOT_LATE)
        return;
    if (!is_keyed(row, slot)) {
        ParamChange change = param_change(differ, row, slot, NULL);
        change.after = slot->value;
        if (slot->value->type != VALUE_NULL)
            add_difference(differ, difference, change);
        return;
    }
    for (size_t i = 0; i < value_count(slot->value); i++) {
        ParamChange change = param_change(differ, row, slot, slot->value->map.keys[i]);
        change.after = slot->value->map.values[i];
        if (change.after->type != VALUE_NULL)
            add_difference(differ, difference, change);
    }
}

static void create(Differ *differ, const Resource *desired)
{
    Difference difference = {0};
    for (size_t i = 0; i < differ->kind->param_count; i++)
        create_param(differ, &difference, &differ->kind->params[i], &desired->slots[i]);
    add_change(differ, (Change){.op = CHANGE_CREATE,
                                .desired = desired,
                                .params = difference.params,
                                .param_count = difference.count});
}

/* Why nothing is known of a resource that is not in the set; NULL: it is known to be absent. */
static const char *unknown_reason(const ResourceSet *observed, const Resource *desired)
{
    const char *reason = map_get(observed->unknown_scopes, desired->scope);
    if (reason)
        return reason;
    if (observed->complete)
        return NULL;
    return observed->unknown_reason ? observed->unknown_reason : "no reason given";
}

/* An op that the kind has no verb for is not planned, and that is said. */
static bool is_possible(const Kind *kind, ChangeOp op)
{
    return !(op == CHANGE_CREATE && !kind->create_verb) &&
           !(op == CHANGE_UPDATE && !kind->update_verb) &&
           !(op == CHANGE_DELETE && !kind->delete_verb);
}

static void refuse_impossible(Differ *differ, size_t from)
{
    for (size_t i = from; i < differ->change_count; i++) {
        Change *change = &differ->changes[i];
        if (is_possible(differ->kind, change->op))
            continue;
        change->withhold_reason = arena_printf(differ->arena, "pgsteer cannot %s a %s yet",
                                               change_op_name(change->op), differ->kind->name);
        change->op = CHANGE_WITHHOLD;
    }
}

static void diff_resource(Differ *differ, const Resource *desired, const ResourceSet *observed)
{
    const Resource *there = resource_set_get(observed, desired->address);
    const char *reason = there ? NULL : unknown_reason(observed, desired);
    Seen seen = there ? SEEN_THERE : (reason ? SEEN_UNKNOWN : SEEN_ABSENT);
    Wanted wanted = desired->ensure == ENSURE_ABSENT ? WANTED_ABSENT : WANTED_PRESENT;
    size_t before = differ->change_count;
    switch (resource_ops[wanted][seen]) {
    case CHANGE_UPDATE:
        compare(differ, desired, there);
        break;
    case CHANGE_CREATE:
        create(differ, desired);
        break;
    case CHANGE_DELETE:
        add_change(differ, (Change){.op = CHANGE_DELETE, .desired = desired, .observed = there});
        break;
    case CHANGE_WITHHOLD:
        withhold(differ, desired, NULL, reason);
        break;
    case CHANGE_NONE:
    case CHANGE_REPLACE:
    case CHANGE_OP_COUNT:
        is_in_place(differ, desired);
        break;
    }
    refuse_impossible(differ, before);
}

/* What is there and not in the inventory is left alone; one note says so. */
static void note_orphans(Differ *differ, const ResourceSet *desired, const ResourceSet *observed)
{
    CLEANUP(text_release) Text names = TEXT_INIT;
    size_t count = 0;
    for (size_t i = 0; i < resource_set_count(observed); i++) {
        const Resource *resource = resource_set_at(observed, i);
        if (resource_set_get(desired, resource->address))
            continue;
        text_add(&names, count++ ? ", " : "");
        text_add(&names, resource->address);
    }
    if (count > 0)
        add_note(differ, "orphan", NULL, "%s", text_get(&names));
}

Diff diff_sets(Arena *arena, const Domain *domain, const Facts *facts, const ResourceSet *desired,
               const ResourceSet *observed)
{
    Differ differ = {.arena = arena, .domain = domain, .facts = facts, .kind = desired->kind};
    for (size_t i = 0; i < resource_set_count(desired); i++)
        diff_resource(&differ, resource_set_at(desired, i), observed);
    note_orphans(&differ, desired, observed);
    return (Diff){.changes = differ.changes,
                  .change_count = differ.change_count,
                  .unchanged_count = differ.unchanged_count,
                  .in_place = differ.in_place,
                  .in_place_count = differ.in_place_count,
                  .notes = differ.notes,
                  .note_count = differ.note_count};
}
