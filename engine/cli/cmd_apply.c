#include <stdlib.h>
#include <unistd.h>

#include "cli/apply_leases.h"
#include "cli/apply_report.h"
#include "cli/box.h"
#include "cli/commands.h"
#include "cli/policy.h"
#include "cli/progress.h"
#include "cli/session.h"
#include "engine/credentials.h"
#include "engine/executor.h"
#include "engine/paces.h"
#include "engine/recover.h"
#include "engine/snapshot.h"
#include "plans/plan_file.h"

enum { MAX_FAILURES = 10 };

typedef struct ApplyOptions {
    const char *file; /* a saved plan, or NULL */
    const char *max_impact, *verify;
    LockOptions lock;
    int64_t lock_timeout_ms;
    VerifyMode mode;
    bool auto_approve;
    size_t max_failures; /* domains */
    OptionList targets, excludes;
} ApplyOptions;

typedef struct Apply {
    Session session;
    const ApplyOptions *options;
    Leases *leases;
    Cancel *cancel;
    Journal *journal;
    Execution *execution;
    EventSink sink;
    Secrets *secrets;
    OpenIntent *open;
    size_t open_count;
    bool was_interrupted; /* an earlier execution */
    InPlace *in_place;    /* NULL: the plan was made before */
} Apply;

static void apply_end(Apply *apply)
{
    in_place_end(apply->in_place);
    execution_end(apply->execution);
    journal_freep(&apply->journal);
    leases_end(apply->leases); /* may need the world */
    session_end(&apply->session);
    cancel_freep(&apply->cancel);
}

/* A saved plan names the inventory that it was made from: its secrets are there. */
static void use_paths_of(Cli *cli, const Plan *plan)
{
    OptionList *inventories = &cli->common.inventories;
    if (inventories->count > 0 || !plan->inventory_paths)
        return;
    for (size_t i = 0; plan->inventory_paths[i]; i++)
        ARENA_PUSH(cli->arena, inventories->items, inventories->count, inventories->capacity,
                   plan->inventory_paths[i]);
}

/* Was everything looked at, so that what is not in the plan needs nothing? */
static bool sees_all(const Apply *apply)
{
    const Plan *plan = apply->session.plan;
    return !apply->options->file && apply->options->targets.count == 0 &&
           apply->options->excludes.count == 0 && plan->hosts_observed == plan->hosts_wanted &&
           plan->withheld_count == 0;
}

/* What earlier executions left open. */
static Error *read_journals(Cli *cli, Apply *apply)
{
    const Value *runs = NULL;
    TRY(journal_open_intents(cli->arena, apply->session.state_dir.journal, &apply->open,
                             &apply->open_count, &runs));
    apply->was_interrupted = value_count(runs) > 0;
    return NULL;
}

static Error *make_plan(Cli *cli, Apply *apply)
{
    Session *session = &apply->session;
    TRY(session_begin(cli, session));
    TRY(read_journals(cli, apply));
    apply->in_place =
        in_place_new(cli->arena, session->state_dir.repository, apply->was_interrupted);
    session->witness = (PlanWitness){in_place_note, apply->in_place};
    TRY(session_load(session));
    TRY(session_connect(session));
    session_narrow(session, &apply->options->targets, &apply->options->excludes);
    TRY(session_plan(session, &apply->options->targets, &apply->options->excludes, false));
    session->plan->verification = plan_verify(cli->arena, session->plan, apply->options->mode);
    RenderOptions options = session_render_options(session);
    if (!cli->common.json)
        plan_render_text(cli->screen.out, session->plan, &options);
    fflush(cli->screen.out);
    return NULL;
}

static Error *read_plan(Cli *cli, Apply *apply)
{
    Plan *plan;
    TRY(plan_file_read(cli->arena, apply->options->file, cli->program->registry, &plan));
    use_paths_of(cli, plan);
    TRY(session_begin(cli, &apply->session));
    apply->session.plan = plan;
    plan->verification = plan_verify(cli->arena, plan, apply->options->mode);
    TRY(read_journals(cli, apply));
    TRY(session_load(&apply->session));
    if (!cli->common.json)
        plan_render_counts(cli->screen.out, plan);
    fflush(cli->screen.out);
    return session_connect(&apply->session);
}

/* -- running --------------------------------------------------------------------------------- */

static Value *begin_record(const Apply *apply)
{
    Arena *arena = apply->session.cli->arena;
    const Plan *plan = apply->session.plan;
    Value *begin = value_map(arena);
    char host[256] = "";
    gethostname(host, sizeof(host) - 1);
    value_set_text(arena, begin, "type", "begin");
    value_set_int(arena, begin, "format", JOURNAL_FORMAT);
    value_set_text(arena, begin, "run", apply->session.run);
    value_set_text(arena, begin, "program", apply->session.cli->program->version);
    value_set_text(arena, begin, "runner", host);
    value_set_int(arena, begin, "pid", getpid());
    value_set_text(arena, begin, "transition", plan->transition ? plan->transition : "");
    value_set_int(arena, begin, "actions", (int64_t)plan->action_count);
    if (apply->options->lock.lock)
        value_set_text(arena, begin, "lock_local", apply->options->lock.reason);
    return begin;
}

static void say_open(const Apply *apply)
{
    FILE *err = apply->session.cli->screen.err;
    for (size_t i = 0; i < apply->open_count; i++) {
        if (apply->open[i].is_live)
            continue;
        fprintf(err, "Run %s was interrupted during %s (%s%s%s); it is looked at first.\n",
                apply->open[i].run, apply->open[i].address, apply->open[i].verb,
                *apply->open[i].host ? " on " : "", apply->open[i].host);
    }
}

/* All that the plan needs, before anybody is asked; what is missing is said in one go. */
static Error *resolve_secrets(Cli *cli, Apply *apply)
{
    const Session *session = &apply->session;
    Diagnostics *missing = diagnostics_again(cli->arena, session->diagnostics);
    Credentials *credentials = credentials_new(
        cli->arena, session->inventory, session->observation ? session->observation->facts : NULL,
        session->world, cli->program->registry, missing);
    Error *error =
        secrets_resolve(cli->arena, session->plan, credentials_text, credentials, &apply->secrets);
    if (error && diagnostics_count(missing) > 0) {
        session_report(session, missing, "Nothing was changed.");
        cli->is_reported = true;
    }
    return error;
}

static Error *execute(Cli *cli, Apply *apply)
{
    Session *session = &apply->session;
    apply->sink = progress_new(cli, session->plan);
    if (cli->common.json && apply->options->lock.lock)
        progress_ndjson_lock(&apply->sink, session->run, apply->options->lock.reason);
    ExecutorInput input = {.plan = session->plan,
                           .registry = cli->program->registry,
                           .world = session->world,
                           .run = session->run,
                           .secrets = apply->secrets,
                           .leases = apply->leases,
                           .journal = apply->journal,
                           .cancel = apply->cancel,
                           .sink = &apply->sink,
                           .workers = cli->common.parallelism,
                           .failure_budget = apply->options->max_failures,
                           .open = apply->open,
                           .open_count = apply->open_count};
    return executor_run(cli->arena, &input, &apply->execution);
}

/* Threads still run: nothing may be freed. What they do on the nodes is in the journal as open. */
static void leave(Cli *cli, const Execution *execution)
{
    outcome_add(&cli->outcome, CONDITION_CANCELLED);
    fprintf(cli->screen.err, "Left while %zu action%s ran; the next apply looks at %s first.\n",
            execution->running_count, execution->running_count == 1 ? "" : "s",
            execution->running_count == 1 ? "it" : "them");
    outcome_print(cli->screen.err, &cli->outcome);
    fflush(cli->screen.out);
    fflush(cli->screen.err);
    cli->program->leave(outcome_exit_status(&cli->outcome));
}

static Error *take_snapshot(Cli *cli, const Apply *apply)
{
    const char *commit = NULL;
    SnapshotInput input = {.repository = apply->session.state_dir.repository,
                           .run = apply->session.run,
                           .program_version = cli->program->version,
                           .lock_local =
                               apply->options->lock.lock ? apply->options->lock.reason : NULL,
                           .execution = apply->execution,
                           .in_place = apply->in_place};
    TRY(snapshot_record(cli->arena, &input, &commit));
    if (commit && !cli->common.json)
        fprintf(cli->screen.out,
                "Snapshot: run %s, commit %.7s.  Look: pgsteer state show %.7s   "
                "Check: pgsteer plan\n",
                apply->session.run, commit, commit);
    if (!apply->execution)
        return NULL;
    return paces_update(cli->arena, apply->session.state_dir.timings, apply->execution);
}

static Error *run_plan(Cli *cli, Apply *apply)
{
    const Session *session = &apply->session;
    const char *journal = session->state_dir.journal;
    say_open(apply);
    TRY(apply_leases_announce(session, apply->leases));
    TRY(journal_begin(journal, session->run, begin_record(apply), &apply->journal));
    Error *error = execute(cli, apply);
    if (error) {
        Journal *unused = apply->journal;
        apply->journal = NULL;
        error_free(journal_end(unused, true));
        return error;
    }
    if (apply->execution->was_abandoned)
        leave(cli, apply->execution);
    Journal *journal_file = apply->journal;
    apply->journal = NULL;
    TRY(recover_close(cli->arena, journal, journal_file, apply->execution, sees_all(apply)));
    apply_report(cli, apply->execution);
    apply_classify(cli, apply->execution);
    if (cli->common.json)
        progress_ndjson_outcome(&apply->sink, session->run);
    return take_snapshot(cli, apply);
}

static Error *take_leases(Apply *apply)
{
    bool with_left = sees_all(apply) && apply->was_interrupted;
    return apply_leases_take(&apply->session, &apply->options->lock, with_left,
                             apply->options->lock_timeout_ms, apply->cancel, &apply->leases);
}

/* What an interrupted run left open is settled by that: its leases, and its journal. */
static Error *nothing_to_do(Cli *cli, Apply *apply)
{
    if (sees_all(apply) && apply->was_interrupted) {
        TRY(take_leases(apply));
        TRY(apply_leases_announce(&apply->session, apply->leases));
    }
    if (sees_all(apply))
        TRY(recover_settle_all(cli->arena, apply->session.state_dir.journal, apply->session.run));
    if (!cli->common.json)
        fputs("\nApply complete! Resources: 0 added, 0 changed, 0 destroyed.\n", cli->screen.out);
    return take_snapshot(cli, apply);
}

static Error *apply(Cli *cli, const ApplyOptions *options)
{
    CLEANUP(apply_end) Apply apply = {.options = options, .cancel = cancel_new()};
    TRY(cancel_watch_signals(apply.cancel));
    TRY(options->file ? read_plan(cli, &apply) : make_plan(cli, &apply));
    if (apply.session.plan->action_count == 0)
        return nothing_to_do(cli, &apply);
    TRY(take_leases(&apply));
    TRY(read_journals(cli, &apply)); /* of whom leases were taken over, too */
    TRY(resolve_secrets(cli, &apply));
    TRY(policy_approve(cli, apply.session.plan, options->max_impact, options->auto_approve,
                       options->file != NULL));
    return run_plan(cli, &apply);
}

static Error *run(Cli *cli, const Command *command, char **argv)
{
    ApplyOptions options = {.max_failures = MAX_FAILURES};
    const Option own[] = {
        {"auto-approve", OPTION_FLAG, &options.auto_approve, NULL, "do not ask"},
        {"max-impact", OPTION_TEXT, &options.max_impact, "LEVEL",
         "at most none, reload, reconnect, restart or switchover"},
        {"max-failures", OPTION_COUNT, &options.max_failures, "N",
         "start nothing new once so many clusters and nodes failed; 0: go on (default 10)"},
        {"verify", OPTION_TEXT, &options.verify, "MODE",
         "try the steps in all orders on a model (full), in some (sample), or not (off)"},
        {"input", OPTION_FLAG, &cli->common.input, NULL, "-input=false: never ask, rather refuse"},
        {"lock-timeout", OPTION_DURATION, &options.lock_timeout_ms, "TIME",
         "wait so long, such as 5min, for leases that others hold"},
        {"lock", OPTION_TEXT, &options.lock.lock, "local",
         "-lock=local: take leases on this runner alone, when the place that keeps them is down"},
        {"reason", OPTION_TEXT, &options.lock.reason, "TEXT", "why -lock=local is right"},
        {"target", OPTION_LIST, &options.targets, "NAME",
         "only this cluster, node, address or pattern; may be given often"},
        {"exclude", OPTION_LIST, &options.excludes, "NAME", "all but this; may be given often"},
        {"v", OPTION_FLAG, &cli->common.verbose, NULL, "list everything one by one"},
    };
    bool is_done;
    TRY(cli_parse(cli, command, OPTIONS_ALL, own, COUNT_OF(own), &argv, &is_done));
    if (is_done)
        return NULL;
    TRY(cli_expect(argv, 1));
    TRY(policy_parse_verify(options.verify, &options.mode));
    TRY(authority_check(&options.lock));
    options.file = argv[0];
    return apply(cli, &options);
}

const Command command_apply = {
    "apply", "[options] [FILE]", "do what a plan says: a saved one, or one made now",
    "Without FILE the plan is shown and you are asked for 'yes'. A saved plan is its own "
    "approval.\n"
    "After waiting for a lease (-lock-timeout) the plan may be old: each step checks again "
    "whether\n"
    "it fits, and one that does not is exit 7. Leases are kept where pgsteer_lease_authority "
    "says;\n"
    "when that is down, repair with -lock=local -reason=TEXT while no other runner applies.\n"
    "Ctrl-C once: finish what runs, then stop. Twice: stop waiting. Three times: leave.",
    run};
