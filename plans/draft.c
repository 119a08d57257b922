#include "plans/draft.h"

static const char *copy_text(Arena *arena, const char *text)
{
    return text ? arena_strdup(arena, text) : NULL;
}

static const Value *copy_value(Arena *arena, const Value *value)
{
    return value ? value_copy(arena, value) : NULL;
}

/* A kind may have made it in the arena of its set. */
static const Origin *copy_origin(Arena *arena, const Origin *origin)
{
    if (!origin)
        return NULL;
    Origin *copy = ARENA_NEW(arena, Origin);
    *copy = *origin;
    copy->file = copy_text(arena, origin->file);
    return copy;
}

static const Resource *copy_resource(Arena *arena, const Resource *resource)
{
    if (!resource)
        return NULL;
    Resource *copy = ARENA_NEW(arena, Resource);
    *copy = *resource;
    copy->address = arena_strdup(arena, resource->address);
    copy->scope = arena_strdup(arena, resource->scope);
    copy->name = arena_strdup(arena, resource->name);
    copy->host = arena_strdup(arena, resource->host);
    copy->note = copy_text(arena, resource->note);
    copy->origin = copy_origin(arena, resource->origin);
    copy->asks = NULL;
    copy->slots = ARENA_ARRAY(arena, Slot, resource->kind->param_count);
    for (size_t i = 0; i < resource->kind->param_count; i++) {
        copy->slots[i] = resource->slots[i];
        copy->slots[i].value = copy_value(arena, resource->slots[i].value);
        copy->slots[i].reason = copy_text(arena, resource->slots[i].reason);
        copy->slots[i].origin = copy_origin(arena, resource->slots[i].origin);
        copy->slots[i].key_reasons = NULL;
    }
    return copy;
}

/* A key has its own line in the inventory when its value is the inventory's own. */
static const Origin *origin_of(const Domain *domain, const ParamChange *param)
{
    const Origin *origin = NULL;
    if (param->key && param->after && domain->inventory)
        origin = inventory_origin(domain->inventory, param->after);
    return origin ? origin : (param->key ? NULL : param->origin);
}

static Change copy_change(Arena *arena, const Change *change)
{
    Change copy = *change;
    copy.desired = copy_resource(arena, change->desired);
    copy.observed = copy_resource(arena, change->observed);
    copy.withhold_reason = copy_text(arena, change->withhold_reason);
    ParamChange *params = ARENA_ARRAY(arena, ParamChange, change->param_count);
    for (size_t i = 0; i < change->param_count; i++) {
        const ParamChange *param = &change->params[i];
        params[i] = *param;
        params[i].origin = copy_origin(arena, origin_of(change->domain, param));
        params[i].key = copy_text(arena, param->key);
        params[i].reason = copy_text(arena, param->reason);
        params[i].before = copy_value(arena, param->before);
        params[i].after = copy_value(arena, param->after);
    }
    copy.params = params;
    return copy;
}

void draft_take(Arena *arena, Draft *draft, const Diff *diff)
{
    draft->unchanged_count += diff->unchanged_count;
    for (size_t i = 0; i < diff->change_count; i++) {
        Change change = copy_change(arena, &diff->changes[i]);
        ARENA_PUSH(arena, draft->changes, draft->change_count, draft->change_capacity, change);
    }
    for (size_t i = 0; i < diff->note_count; i++) {
        PlanNote note = diff->notes[i];
        note.text = arena_strdup(arena, note.text);
        note.origin = copy_origin(arena, note.origin);
        ARENA_PUSH(arena, draft->notes, draft->note_count, draft->note_capacity, note);
    }
}

/* What a kind could not make sense of is unknown. */
static void read_kind(Arena *scratch, const Kind *kind, const Domain *domain, const Facts *facts,
                      ResourceSet *observed)
{
    CLEANUP(error_freep) Error *error = kind->read(domain, facts, observed);
    if (!error)
        return;
    observed->complete = false;
    observed->unknown_reason = arena_strdup(scratch, error_root(error)->message);
}

static void mark_used(const DraftUse *use, const ResourceSet *set)
{
    target_use_set(&use->targets, set);
    target_use_set(&use->excludes, set);
}

static void tell_witness(const PlanWitness *witness, const Domain *domain, const Diff *diff)
{
    for (size_t i = 0; witness && i < diff->in_place_count; i++)
        witness->in_place(witness->context, domain, diff->in_place[i]);
}

/* What the inventory wants, or what stands in its place. */
static Error *wish(Arena *scratch, const Kind *kind, const PlanInput *input, const Domain *domain,
                   const Facts *facts, ResourceSet **ret)
{
    *ret = resource_set_new(scratch, kind, domain);
    Error *error = kind->desired(domain, facts, *ret);
    if (error)
        return error_wrap(error, "planning %s of %s", kind->name, domain->name);
    if (!input->standing)
        return NULL;
    const ResourceSet *wanted = *ret;
    *ret = resource_set_new(scratch, kind, domain);
    return input->standing->put(input->standing->context, wanted, *ret);
}

static Error *diff_kind(Arena *arena, Arena *scratch, const Kind *kind, const PlanInput *input,
                        const Facts *facts, const DraftUse *use, Draft *draft)
{
    ResourceSet *desired = NULL;
    ResourceSet *observed = resource_set_new(scratch, kind, draft->domain);
    TRY(wish(scratch, kind, input, draft->domain, facts, &desired));
    read_kind(scratch, kind, draft->domain, facts, observed);
    mark_used(use, desired);
    mark_used(use, observed);
    Diff diff = diff_sets(scratch, draft->domain, facts, desired, observed);
    tell_witness(input->witness, draft->domain, &diff);
    draft_take(arena, draft, &diff);
    return NULL;
}

Error *draft_make(Arena *arena, const PlanInput *input, const Domain *domain, const Facts *facts,
                  const DraftUse *use, Draft *ret)
{
    CLEANUP(arena_freep) Arena *scratch = arena_new();
    Draft draft = {.domain = domain};
    target_use_domain(&use->targets, domain);
    target_use_domain(&use->excludes, domain);
    for (const Kind *const *kind = input->registry->kinds; kind && *kind; kind++) {
        if ((*kind)->domain == domain->type)
            TRY(diff_kind(arena, scratch, *kind, input, facts, use, &draft));
    }
    *ret = draft;
    return NULL;
}

void draft_withhold(Arena *arena, Draft *draft, const char *reason)
{
    for (size_t i = 0; i < draft->change_count; i++) {
        Change *change = &draft->changes[i];
        if (change->op == CHANGE_WITHHOLD)
            continue;
        change->op = CHANGE_WITHHOLD;
        change->withhold_reason = arena_strdup(arena, reason);
    }
}
