#include "engine/survey.h"

#include <string.h>

#include "base/map.h"
#include "base/text.h"
#include "base/value_pool.h"
#include "plans/parts.h"

typedef struct Survey {
    Arena *arena;
    const SurveyInput *input;
    PlanInput plan;
    Planning *planning;
    Parts parts;
    Observation *kept; /* the first batch, then what is kept of the others over it */
    ValuePool *pool;   /* of what is kept of the others */
} Survey;

/* What is read at once: parts from `first` on. */
typedef struct Batch {
    size_t first_part, end_part;
    size_t *numbers; /* of the domains, in their order */
    Domain *domains;
    bool *is_quiet;
    size_t count;
} Batch;

/* -- batches --------------------------------------------------------------------------------- */

/* Nodes by part. */
static size_t *count_hosts(Arena *arena, const PlanInput *plan, const Parts *parts)
{
    size_t *counts = ARENA_ARRAY(arena, size_t, parts->count);
    for (size_t i = 0; i < plan->domain_count; i++)
        counts[parts->part_of[i]] += plan->domains[i].type == DOMAIN_NODE;
    return counts;
}

/* By part: the end of the batch that begins with it. A fleet that is not large is one batch, else
 * part 0 is one, and the others are as large as they may be. */
static size_t end_of_batch(const Survey *survey, const size_t *hosts, size_t first)
{
    size_t limit = survey->input->hosts_at_once ? survey->input->hosts_at_once : SURVEY_HOSTS;
    size_t total = 0, end = first;
    while (end < survey->parts.count && (end == first || total + hosts[end] <= limit))
        total += hosts[end++];
    return first > 0 || end == survey->parts.count ? end : 1;
}

static Batch batch_of(Arena *arena, const Survey *survey, size_t first, size_t end)
{
    const PlanInput *plan = &survey->plan;
    Batch batch = {.first_part = first, .end_part = end};
    for (size_t i = 0; i < plan->domain_count; i++)
        batch.count += survey->parts.part_of[i] >= first && survey->parts.part_of[i] < end;
    batch.numbers = ARENA_ARRAY(arena, size_t, batch.count);
    batch.domains = ARENA_ARRAY(arena, Domain, batch.count);
    batch.is_quiet = ARENA_ARRAY(arena, bool, batch.count);
    for (size_t i = 0, at = 0; i < plan->domain_count; i++) {
        size_t part = survey->parts.part_of[i];
        if (part < first || part >= end)
            continue;
        batch.numbers[at] = i;
        batch.domains[at++] = plan->domains[i];
    }
    return batch;
}

/* -- what is kept ---------------------------------------------------------------------------- */

/* Subjects of facts, "CLUSTER/DATABASE" aside, that belong to parts in which not all is quiet. */
static Map *kept_subjects(Arena *arena, const Survey *survey, const Batch *batch)
{
    bool *is_kept = ARENA_ARRAY(arena, bool, batch->end_part - batch->first_part);
    Map *subjects = map_new(arena);
    for (size_t i = 0; i < batch->count; i++) {
        size_t part = survey->parts.part_of[batch->numbers[i]] - batch->first_part;
        is_kept[part] = is_kept[part] || !batch->is_quiet[i];
    }
    for (size_t i = 0; i < batch->count; i++) {
        const Domain *domain = &batch->domains[i];
        if (!is_kept[survey->parts.part_of[batch->numbers[i]] - batch->first_part])
            continue;
        planning_keep(survey->planning, batch->numbers[i]);
        map_set(subjects, domain->name, subjects);
        for (size_t h = 0; h < domain->host_count; h++)
            map_set(subjects, host_address(domain->hosts[h]), subjects);
    }
    return subjects;
}

static bool is_about(const Map *subjects, const char *subject)
{
    CLEANUP(text_release) Text text = TEXT_INIT;
    text_add_bytes(&text, subject, strcspn(subject, "/"));
    return map_get(subjects, text_get(&text)) != NULL;
}

static void keep_reading(const Survey *survey, const Reading *reading)
{
    Arena *arena = survey->kept->arena;
    Reading copy = *reading;
    copy.subject = arena_strdup(arena, reading->subject);
    copy.value = value_pool_share(survey->pool, reading->value);
    if (reading->unknown_reason)
        copy.unknown_reason = arena_strdup(arena, reading->unknown_reason);
    facts_put(survey->kept->facts, &copy);
}

static void keep_readings(const Survey *survey, const Batch *batch, const Facts *facts)
{
    CLEANUP(arena_freep) Arena *scratch = arena_new();
    Map *subjects = kept_subjects(scratch, survey, batch);
    for (size_t i = 0; map_count(subjects) > 0 && i < facts_count(facts); i++) {
        const Reading *reading = facts_at(facts, i);
        if (is_about(subjects, reading->subject))
            keep_reading(survey, reading);
    }
}

static void lie_over(Survey *survey)
{
    Observation *base = survey->kept;
    Observation *kept = ARENA_NEW(survey->arena, Observation);
    *kept = *base;
    kept->base = base;
    kept->arena = arena_new();
    kept->facts = facts_new_over(kept->arena, base->facts);
    survey->pool = value_pool_new(kept->arena);
    survey->kept = kept;
}

/* -- one batch after the other --------------------------------------------------------------- */

static Error *draft_batch(const Survey *survey, const Batch *batch, const Facts *facts)
{
    for (size_t i = 0; i < batch->count; i++)
        TRY(planning_draft(survey->planning, batch->numbers[i], facts, &batch->is_quiet[i]));
    if (survey->input->with_world)
        planning_note_world(survey->planning, facts);
    return NULL;
}

static void keep_some(Survey *survey, const Batch *batch, const Observation *seen)
{
    keep_readings(survey, batch, seen->facts);
    survey->kept->hosts_wanted += seen->hosts_wanted;
    survey->kept->hosts_observed += seen->hosts_observed;
    survey->kept->took_ms += seen->took_ms;
}

static Error *read_batch(const Survey *survey, Arena *arena, const Batch *batch, Observation **ret)
{
    ObserveInput input = *survey->input->observe;
    input.domains = batch->domains;
    input.domain_count = batch->count;
    input.known = survey->kept ? survey->kept->facts : NULL;
    return observe(arena, &input, ret);
}

/* Kept as it is. */
static Error *take_first(Survey *survey, size_t end)
{
    CLEANUP(arena_freep) Arena *scratch = arena_new();
    Batch batch = batch_of(scratch, survey, 0, end);
    TRY(read_batch(survey, survey->arena, &batch, &survey->kept));
    TRY(draft_batch(survey, &batch, survey->kept->facts));
    for (size_t i = 0; i < batch.count; i++)
        planning_keep(survey->planning, batch.numbers[i]);
    return NULL;
}

static Error *take_next(Survey *survey, size_t first, size_t end)
{
    CLEANUP(arena_freep) Arena *scratch = arena_new();
    CLEANUP(observation_endp) Observation *seen = NULL;
    Batch batch = batch_of(scratch, survey, first, end);
    TRY(read_batch(survey, scratch, &batch, &seen));
    TRY(draft_batch(survey, &batch, seen->facts));
    keep_some(survey, &batch, seen);
    return NULL;
}

static Error *take_all(Survey *survey)
{
    CLEANUP(arena_freep) Arena *scratch = arena_new();
    const size_t *hosts = count_hosts(scratch, &survey->plan, &survey->parts);
    size_t end = end_of_batch(survey, hosts, 0);
    TRY(take_first(survey, end));
    if (end == survey->parts.count)
        return NULL;
    lie_over(survey);
    for (size_t first = end; first < survey->parts.count; first = end) {
        end = end_of_batch(survey, hosts, first);
        TRY(take_next(survey, first, end));
    }
    return NULL;
}

static Error *build(Survey *survey, Plan **ret_plan)
{
    survey->plan.facts = survey->kept->facts;
    survey->plan.hosts_wanted = survey->kept->hosts_wanted;
    survey->plan.hosts_observed = survey->kept->hosts_observed;
    survey->plan.observe_ms = survey->kept->took_ms;
    return planning_build(survey->planning, ret_plan);
}

Error *survey(Arena *arena, const SurveyInput *input, Observation **ret_kept, Plan **ret_plan)
{
    Survey survey = {
        .arena = arena,
        .input = input,
        .plan = *input->plan,
        .parts = parts_of(arena, input->plan->domains, input->plan->domain_count),
    };
    survey.planning = planning_new(arena, &survey.plan);
    Error *error = take_all(&survey);
    *ret_kept = survey.kept;
    return error ? error : build(&survey, ret_plan);
}
