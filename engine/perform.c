#include "engine/perform.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/random.h"
#include "engine/send.h"
#include "engine/target.h"
#include "engine/verify.h"
#include "schema/contract/marker.h"
#include "schema/contract/owed.h"

enum {
    TRIES_MAX = 3,
    BUSY_TRIES_MAX = 8, /* with pauses that grow: about 18 s */
    LOOKS_MAX = 3,
    RETRY_PAUSE_MS = 500,
    RETRY_JITTER_MS = 250,
    DEADLINE_DEFAULT_MS = 60000,
    PIN_MAX_BYTES = 200,
};

/* One action while it is carried out. */
typedef struct Work {
    const Performer *performer;
    Arena *arena;
    Action action; /* target resolved */
    EffectList effects;
    CheckList pre, post;
    Verdict *before; /* by pre-check */
    const Clock *clock;
    int64_t deadline_ms;
    const OpenIntent *open; /* what an interrupted execution left, or NULL */
    const Value *recorded;  /* what the effects said is worth recording */
    ActionResult *result;
    Error *journal_error;
} Work;

static void say(const Work *work, const char *text)
{
    activities_set(work->performer->activities, work->action.id, text);
}

static void say_waiting(void *context, const char *sentence)
{
    const Work *work = context;
    CLEANUP(text_release) Text text = TEXT_INIT;
    text_addf(&text, "waits: %s", sentence);
    say(work, text_get(&text));
}

static Verify verify_of(Work *work)
{
    const ExecutorInput *input = work->performer->input;
    return (Verify){.world = input->world,
                    .registry = input->registry,
                    .action = &work->action,
                    .cancel = input->cancel,
                    .waiting = say_waiting,
                    .context = work};
}

/* -- getting ready --------------------------------------------------------------------------- */

static Error *fill_effects(Work *work)
{
    for (size_t i = 0; i < work->effects.count; i++) {
        Effect *effect = &work->effects.items[i];
        TRY(secrets_fill(work->performer->input->secrets, work->arena, effect->args,
                         &effect->args));
        TRY(effect_check(effect));
    }
    return NULL;
}

static Error *fill_checks(Work *work, CheckList *checks)
{
    for (size_t i = 0; i < checks->count; i++) {
        Check *check = &checks->items[i];
        if (check->value)
            TRY(secrets_fill(work->performer->input->secrets, work->arena, check->value,
                             &check->value));
    }
    return NULL;
}

static Error *prepare(Work *work, const Action *action)
{
    const ExecutorInput *input = work->performer->input;
    const Verb *verb = action->verb;
    if (target_is_leader(action->host))
        say(work, "looks for the leader");
    int64_t limit_ms = clock_until_ms(work->clock, work->deadline_ms);
    limit_ms = limit_ms < TARGET_LIMIT_MS ? limit_ms : TARGET_LIMIT_MS;
    TRY(target_resolve(input->world, input->registry, action, limit_ms, input->cancel, work->arena,
                       &work->action));
    work->result->host = work->action.host;
    if (verb->effects)
        verb->effects(work->arena, &work->action, &work->effects);
    if (verb->pre)
        verb->pre(work->arena, &work->action, &work->pre);
    if (verb->post)
        verb->post(work->arena, &work->action, &work->post);
    target_replace(&work->action, &work->effects, &work->pre);
    target_replace(&work->action, NULL, &work->post);
    marker_checks_add(work->arena, &work->effects, &work->post);
    owed_add(work->arena, &work->action, &work->effects, &work->post);
    TRY(fill_effects(work));
    TRY(fill_checks(work, &work->pre));
    return fill_checks(work, &work->post);
}

/* -- preconditions --------------------------------------------------------------------------- */

static char *value_as_words(Work *work, const Value *value)
{
    CLEANUP(text_release) Text text = TEXT_INIT;
    value_format(&text, value ? value : &value_null);
    if (text.length > PIN_MAX_BYTES)
        return arena_strdup(work->arena, "(something longer)");
    return secrets_mask(work->performer->input->secrets, work->arena, text_get(&text));
}

static char *wanted_as_words(Work *work, const Check *check)
{
    if (check->relation == RELATION_ABSENT)
        return arena_strdup(work->arena, "nothing");
    if (check->relation == RELATION_EXISTS)
        return arena_strdup(work->arena, "something");
    const char *value = value_as_words(work, check->value);
    if (check->relation == RELATION_EQUAL)
        return arena_strdup(work->arena, value);
    return arena_printf(work->arena, "%s %s", relation_name(check->relation), value);
}

static void describe_misfits(Work *work)
{
    Misfit *misfits = ARENA_ARRAY(work->arena, Misfit, work->pre.count);
    size_t count = 0;
    for (size_t i = 0; i < work->pre.count; i++) {
        const Check *check = &work->pre.items[i];
        if (work->before[i].result != CHECK_FAILS)
            continue;
        misfits[count++] = (Misfit){.sentence = check->sentence ? check->sentence : check->source,
                                    .path = check->path,
                                    .planned = wanted_as_words(work, check),
                                    .now = value_as_words(work, work->before[i].now)};
    }
    work->result->misfits = misfits;
    work->result->misfit_count = count;
}

static bool some_wait(const CheckList *checks)
{
    for (size_t i = 0; i < checks->count; i++) {
        if (checks->items[i].bound_ms > 0)
            return true;
    }
    return false;
}

static Error *misfit(Work *work)
{
    describe_misfits(work);
    for (size_t i = 0; i < work->pre.count; i++) {
        if (work->before[i].result == CHECK_UNKNOWN)
            return error_new(ERROR_UNREACHABLE, "cannot check that %s: %s",
                             work->pre.items[i].sentence ? work->pre.items[i].sentence : "it fits",
                             work->before[i].why_unknown ? work->before[i].why_unknown
                                                         : "no answer");
    }
    return error_new(ERROR_CONFLICT, "the plan no longer fits: %s",
                     work->result->misfits[0].sentence);
}

/* Somebody else may have done it meanwhile: a node that was rebooted has restarted its server. */
static Error *look_if_done(Work *work, bool *ret_is_done)
{
    Verify verify = verify_of(work);
    Verdict *after = ARENA_ARRAY(work->arena, Verdict, work->post.count);
    *ret_is_done = false;
    if (work->post.count == 0)
        return NULL;
    TRY(verify_once(&verify, work->arena, &work->post, after));
    *ret_is_done = verdicts_hold(after, work->post.count);
    return NULL;
}

static Error *wait_before(Work *work, bool *ret_is_in_time)
{
    *ret_is_in_time = false;
    if (!some_wait(&work->pre))
        return NULL;
    Verify verify = verify_of(work);
    Error *error = verify_wait(&verify, work->arena, &work->pre);
    if (error && error->code == ERROR_CANCELLED)
        return error;
    *ret_is_in_time = !error;
    error_free(error);
    return NULL;
}

static bool some_unknown(const Work *work)
{
    for (size_t i = 0; i < work->pre.count; i++) {
        if (work->before[i].result == CHECK_UNKNOWN)
            return true;
    }
    return false;
}

/* Look, once; *ret_may_change: another look may see something else. */
static Error *look_before(Work *work, bool *ret_is_fine, bool *ret_may_change)
{
    Verify verify = verify_of(work);
    TRY(wait_before(work, ret_may_change));
    TRY(verify_once(&verify, work->arena, &work->pre, work->before));
    *ret_is_fine = verdicts_hold(work->before, work->pre.count);
    if (!some_wait(&work->pre))
        *ret_may_change = some_unknown(work);
    return NULL;
}

/* What held a moment ago may hold no more when somebody else has begun the same; then it is waited
 * for again. What has no wait and could not be read is asked again: nothing was done yet. A wait
 * that was in vain is the end. */
static Error *check_before(Work *work, bool *ret_is_done)
{
    const Cancel *cancel = work->performer->input->cancel;
    work->before = ARENA_ARRAY(work->arena, Verdict, work->pre.count);
    *ret_is_done = false;
    if (work->pre.count == 0)
        return NULL;
    for (int look = 1;; look++) {
        bool is_fine, may_change;
        TRY(look_before(work, &is_fine, &may_change));
        if (is_fine)
            return NULL;
        TRY(look_if_done(work, ret_is_done));
        if (*ret_is_done)
            return NULL;
        if (!may_change || look == LOOKS_MAX)
            return misfit(work);
        if (cancel_sleep(cancel, work->clock, (int64_t)look * RETRY_PAUSE_MS, CANCEL_INTERRUPT))
            return error_new(ERROR_CANCELLED, "stopped looking at %s", work->action.host);
    }
}

/* -- the journal ----------------------------------------------------------------------------- */

/* What decides later whether it was done: what the pre-checks saw. */
static Value *pins_of(Work *work)
{
    Value *pins = value_map(work->arena);
    for (size_t i = 0; i < work->pre.count; i++) {
        const Check *check = &work->pre.items[i];
        if (!work->before || !work->before[i].now)
            continue;
        char *key =
            arena_printf(work->arena, "%s %s %s", check->source, check->subject, check->path);
        value_set_text(work->arena, pins, key, value_as_words(work, work->before[i].now));
    }
    return pins;
}

static Error *record(Work *work, Value *record)
{
    Journal *journal = work->performer->input->journal;
    if (!journal)
        return NULL;
    value_set_int(work->arena, record, "wall_ms", work->clock->wall_ms(work->clock));
    return journal_append(journal, record);
}

static Error *record_intent(Work *work)
{
    Value *intent = value_map(work->arena);
    value_set_text(work->arena, intent, "type", "intent");
    value_set_text(work->arena, intent, "run", work->performer->input->run);
    value_set_int(work->arena, intent, "action", (int64_t)work->action.id);
    value_set_text(work->arena, intent, "address", work->action.address);
    value_set_text(work->arena, intent, "verb", work->action.verb->name);
    value_set_text(work->arena, intent, "host", work->action.host);
    value_set(work->arena, intent, "pins", pins_of(work));
    return record(work, intent);
}

/* Half done stays open: no outcome is written. */
static void record_outcome(Work *work)
{
    ActionResult *result = work->result;
    if (!result->has_begun || result->state == ACTION_HALF)
        return;
    Arena *arena = work->arena;
    const Secrets *secrets = work->performer->input->secrets;
    Value *outcome = value_map(arena);
    value_set_text(arena, outcome, "type", "outcome");
    value_set_int(arena, outcome, "action", (int64_t)work->action.id);
    value_set_text(arena, outcome, "result", action_state_name(result->state));
    if (result->error) {
        char *text = error_text(result->error);
        value_set_text(arena, outcome, "error", text);
        free(text);
    }
    if (work->recorded)
        value_set(arena, outcome, "recorded", secrets_mask_value(secrets, arena, work->recorded));
    work->journal_error = record(work, outcome);
}

/* -- effects --------------------------------------------------------------------------------- */

static Error *perform_all(Work *work)
{
    const ExecutorInput *input = work->performer->input;
    const Sending sending = {.world = input->world,
                             .leases = input->leases,
                             .action = &work->action,
                             .effects = &work->effects,
                             .deadline_ms = work->deadline_ms};
    return send_effects(&sending, work->arena, &work->recorded);
}

/* Different for each, so that many do not come back at the same moment. */
static int64_t retry_pause_ms(const Work *work)
{
    Random random = random_from((uint64_t)work->clock->wall_ms(work->clock) + work->action.id);
    return (int64_t)(work->result->attempt_count * RETRY_PAUSE_MS +
                     random_below(&random, RETRY_JITTER_MS));
}

/* What was not answered may have been done; what was busy was not, unless others came before it. */
static size_t tries_for(const Work *work, ErrorCode code)
{
    bool repeats = work->action.verb->half_done != HALF_ASK;
    if (code == ERROR_UNREACHABLE)
        return repeats ? TRIES_MAX : 1;
    if (code == ERROR_BUSY)
        return repeats || work->effects.count == 1 ? BUSY_TRIES_MAX : 1;
    return 1;
}

static bool may_retry(const Work *work, ErrorCode code, int64_t pause_ms)
{
    return work->result->attempt_count < tries_for(work, code) &&
           clock_until_ms(work->clock, work->deadline_ms) > pause_ms;
}

static Error *act(Work *work)
{
    const Cancel *cancel = work->performer->input->cancel;
    say(work, work->action.verb->progress ? work->action.verb->progress : "");
    for (;;) {
        work->result->attempt_count++;
        Error *error = perform_all(work);
        if (!error)
            return NULL;
        ErrorCode code = error_root(error)->code;
        int64_t pause_ms = retry_pause_ms(work);
        if (!may_retry(work, code, pause_ms) || cancel_level(cancel) >= CANCEL_INTERRUPT)
            return error;
        say(work, code == ERROR_BUSY ? "not now, tries again" : "no answer, tries again");
        error_free(error);
        if (cancel_sleep(cancel, work->clock, pause_ms, CANCEL_INTERRUPT))
            return error_new(ERROR_CANCELLED, "stopped trying to reach %s", work->action.host);
    }
}

/* -- what an interrupted execution left ------------------------------------------------------ */

static const OpenIntent *open_intent_of(const Work *work, const Action *action)
{
    const ExecutorInput *input = work->performer->input;
    for (size_t i = 0; i < input->open_count; i++) {
        if (strcmp(input->open[i].address, action->address) == 0 &&
            strcmp(input->open[i].verb, action->verb->name) == 0)
            return &input->open[i];
    }
    return NULL;
}

typedef enum Resume { RESUME_RUN, RESUME_DONE, RESUME_REPEAT, RESUME_ASK } Resume;

/* Post holds: done, if that tells all. Pre holds: not done. Neither: half, and the verb says what
 * then. */
static Error *look_at_rest(Work *work, Resume *ret)
{
    HalfDone half_done = work->action.verb->half_done;
    Verify verify = verify_of(work);
    Verdict *after = ARENA_ARRAY(work->arena, Verdict, work->post.count);
    work->before = ARENA_ARRAY(work->arena, Verdict, work->pre.count);
    TRY(verify_once(&verify, work->arena, &work->post, after));
    TRY(verify_once(&verify, work->arena, &work->pre, work->before));
    if (half_done == HALF_WRITE)
        *ret = RESUME_REPEAT;
    else if (verdicts_hold(after, work->post.count))
        *ret = RESUME_DONE;
    else if (verdicts_hold(work->before, work->pre.count))
        *ret = RESUME_RUN;
    else
        *ret = half_done == HALF_REPEAT ? RESUME_REPEAT : RESUME_ASK;
    return NULL;
}

static Error *half_done(const Work *work)
{
    return error_new(ERROR_REFUSED,
                     "run %s was interrupted in the middle of it, and it can neither be repeated "
                     "nor be seen to be done; look at %s, then plan again",
                     work->open->run, *work->action.host ? work->action.host : work->action.scope);
}

/* -- all of it ------------------------------------------------------------------------------- */

static ActionState state_of(const Work *work, const Error *error)
{
    if (!error)
        return ACTION_DONE;
    ErrorCode code = error_root(error)->code;
    if (!work->result->has_begun) {
        if (code == ERROR_CANCELLED)
            return ACTION_CANCELLED;
        return code == ERROR_CONFLICT ? ACTION_STALE : ACTION_FAILED;
    }
    bool is_unsure = code == ERROR_UNREACHABLE || code == ERROR_CANCELLED;
    return is_unsure && work->action.verb->half_done == HALF_ASK ? ACTION_HALF : ACTION_FAILED;
}

/* The intent is on disk before the first effect. */
static Error *begin_and_act(Work *work)
{
    Error *error = record_intent(work);
    if (error) {
        work->journal_error = error_copy(error);
        return error;
    }
    work->result->has_begun = true;
    TRY(act(work));
    Verify verify = verify_of(work);
    return verify_wait(&verify, work->arena, &work->post);
}

static Error *carry_out(Work *work, const Action *action)
{
    TRY(prepare(work, action));
    Resume resume = RESUME_RUN;
    bool is_done = false;
    if (work->open)
        TRY(look_at_rest(work, &resume));
    if (resume == RESUME_RUN)
        TRY(check_before(work, &is_done));
    if (resume == RESUME_DONE || is_done) {
        work->result->was_done_before = true;
        return NULL;
    }
    if (resume == RESUME_ASK) {
        work->result->state = ACTION_HALF;
        return half_done(work);
    }
    return begin_and_act(work);
}

void perform_action(const Performer *performer, const Action *action, Arena *arena,
                    ActionResult *ret, Error **ret_journal_error)
{
    const Clock *clock = performer->input->world->clock;
    int64_t limit_ms =
        action->verb->deadline_ms > 0 ? action->verb->deadline_ms : DEADLINE_DEFAULT_MS;
    Work work = {.performer = performer,
                 .arena = arena,
                 .action = *action,
                 .clock = clock,
                 .deadline_ms = clock_now_ms(clock) + limit_ms,
                 .result = ret};
    work.open = open_intent_of(&work, action);
    ret->state = ACTION_RUNNING;
    ret->error = secrets_mask_error(performer->input->secrets, carry_out(&work, action));
    if (ret->state != ACTION_HALF)
        ret->state = state_of(&work, ret->error);
    record_outcome(&work);
    *ret_journal_error = work.journal_error;
}
