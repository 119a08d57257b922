/* Rehearse on a fleet that is only remembered: what happens, how long it takes, what users notice.
 */
#include <stdlib.h>
#include <string.h>

#include "base/duration.h"
#include "base/json.h"
#include "cli/commands.h"
#include "cli/policy.h"
#include "cli/progress.h"
#include "cli/session.h"
#include "cli/sim_trouble.h"
#include "engine/credentials.h"
#include "engine/executor.h"
#include "engine/standing.h"

enum { SETTLE_MS = 300000 }; /* until what was lost is back, and Patroni has made the best of it */

typedef struct SimOptions {
    OptionList from;
    const char *snapshot, *seed, *verify;
    TroubleOptions trouble;
    VerifyMode mode;
} SimOptions;

typedef struct Rehearsal {
    Cli *cli;
    const SimOptions *options;
    uint64_t seed;
    Simulation fleet;
    Session session; /* of the inventory that is rehearsed */
} Rehearsal;

/* How one plan went. */
typedef struct Performance {
    const Plan *plan;
    Execution *execution;
    SimWorst worst;
} Performance;

static void performance_end(Performance *performance)
{
    execution_end(performance->execution);
}

static void rehearsal_end(Rehearsal *rehearsal)
{
    session_end(&rehearsal->session);
    if (rehearsal->fleet.free)
        rehearsal->fleet.free(rehearsal->fleet.context);
}

/* No node is there to be logged in to: a secret that is not at hand may be anything. */
static const char *any_text(void *context, const char *address)
{
    const char *text = credentials_text(context, address);
    return text ? text : "rehearsed";
}

static Error *find_secrets(const Session *session, Secrets **ret)
{
    Arena *arena = session->cli->arena;
    Credentials *credentials =
        credentials_new(arena, session->inventory, session->observation->facts, session->world,
                        session->cli->program->registry, diagnostics_new(arena));
    return secrets_resolve(arena, session->plan, any_text, credentials, ret);
}

static Error *load(const Rehearsal *rehearsal, Session *session)
{
    const Simulation *fleet = &rehearsal->fleet;
    session->cli = rehearsal->cli;
    TRY(session_begin(rehearsal->cli, session));
    TRY(session_load(session));
    session->world = fleet->world;
    for (size_t i = 0; i < inventory_host_count(session->inventory); i++)
        fleet->add_node(fleet->context, host_address(inventory_host_at(session->inventory, i)));
    return NULL;
}

static Error *perform(const Rehearsal *rehearsal, Session *session, const EventSink *sink,
                      Performance *ret)
{
    const Simulation *fleet = &rehearsal->fleet;
    Secrets *secrets = NULL;
    TRY(find_secrets(session, &secrets));
    ExecutorInput input = {.plan = session->plan,
                           .registry = rehearsal->cli->program->registry,
                           .world = session->world,
                           .run = session->run,
                           .secrets = secrets,
                           .sink = sink,
                           .workers = rehearsal->cli->common.parallelism};
    fleet->forget_worst(fleet->context);
    TRY(executor_run(rehearsal->cli->arena, &input, &ret->execution));
    ret->plan = session->plan;
    ret->worst = fleet->worst(fleet->context);
    return NULL;
}

static Error *observe_and_plan(Session *session)
{
    observation_endp(&session->observation);
    return session_plan(session, NULL, NULL, false);
}

static const char *spent(Arena *arena, int64_t duration_ms)
{
    CLEANUP(text_release) Text text = TEXT_INIT;
    duration_format(&text, duration_ms);
    return text_copy(&text, arena);
}

/* -- what stands already ------------------------------------------------------------------------
 */

static Error *load_standing(Rehearsal *rehearsal, Session *session)
{
    Cli *cli = rehearsal->cli;
    OptionList kept = cli->common.inventories;
    if (rehearsal->options->from.count > 0)
        cli->common.inventories = rehearsal->options->from;
    Error *error = load(rehearsal, session);
    cli->common.inventories = kept;
    return error;
}

/* "today.yml", "the snapshot HEAD~2". */
static const char *standing_name(const Rehearsal *rehearsal)
{
    const SimOptions *options = rehearsal->options;
    return options->snapshot
               ? arena_printf(rehearsal->cli->arena, "the snapshot %s", options->snapshot)
               : options->from.items[0];
}

static Error *make_standing(Rehearsal *rehearsal, Session *session)
{
    const char *name = standing_name(rehearsal);
    CLEANUP(performance_end) Performance performance = {0};
    TRY(observe_and_plan(session));
    TRY(perform(rehearsal, session, NULL, &performance));
    fprintf(rehearsal->cli->screen.err, "Standing already: %s, made by %zu actions.\n", name,
            performance.plan->action_count);
    if (performance.execution->counts[ACTION_DONE] < performance.plan->action_count)
        return error_new(ERROR_REFUSED, "%s could not be made on bare nodes: rehearse %s alone",
                         name, rehearsal->options->snapshot ? "the inventory" : "it");
    return NULL;
}

static Error *stand_up(Rehearsal *rehearsal)
{
    const SimOptions *options = rehearsal->options;
    Cli *cli = rehearsal->cli;
    CLEANUP(session_end) Session session = {.cli = cli, .only_errors = true};
    TRY(load_standing(rehearsal, &session));
    if (!options->snapshot)
        return make_standing(rehearsal, &session);
    Standing *standing = NULL;
    TRY(standing_open(cli->arena, session.state_dir.repository, options->snapshot, &standing));
    session.standing = (PlanStanding){standing_put, standing};
    Error *error = make_standing(rehearsal, &session);
    if (!error && standing_left_out(standing) > 0)
        fprintf(cli->screen.err,
                "%zu resources of the snapshot are left out: their nodes are not in the inventory "
                "(-from names the one that was applied then).\n",
                standing_left_out(standing));
    standing_end(standing);
    return error;
}

/* Until the last one is over, which may lie in the past. Who comes back then may come too late. */
static void end_trouble(const Rehearsal *rehearsal, int64_t until_over_ms, Performance *done)
{
    const Simulation *fleet = &rehearsal->fleet;
    fleet->set_faults(fleet->context, &(SimFaults){0});
    fleet->wait_ms(fleet->context, SETTLE_MS + (until_over_ms > 0 ? until_over_ms : 0));
    done->worst.left_behind = fleet->worst(fleet->context).left_behind;
}

/* -- the report ----------------------------------------------------------------------------------
 */

/* What nobody would carry out, with the reasons. */
static void report_withheld(const Rehearsal *rehearsal)
{
    RenderOptions options = session_render_options(&rehearsal->session);
    plan_render_text(rehearsal->cli->screen.out, rehearsal->session.plan, &options);
}

static void report_text(const Rehearsal *rehearsal, const Performance *done, size_t left)
{
    size_t withheld = rehearsal->session.plan->withheld_count;
    FILE *out = rehearsal->cli->screen.out;
    Arena *arena = rehearsal->cli->arena;
    const SimWorst *worst = &done->worst;
    fprintf(out, "\nRehearsed: %zu of %zu actions done in %s of the fleet's time (seed %llu).\n",
            done->execution->counts[ACTION_DONE], done->plan->action_count,
            spent(arena, done->execution->took_ms), (unsigned long long)rehearsal->seed);
    fprintf(out, "  writes      a cluster took none for %s at most\n", spent(arena, worst->gap_ms));
    fprintf(out, "  members     %zu down at once at most; %s\n", worst->down,
            worst->primaries > 1 ? "TWO TOOK WRITES AT ONCE" : "never two that took writes");
    if (worst->unguarded_ms > 0)
        fprintf(out, "  commits     waited for fewer standbys than declared for %s at most\n",
                spent(arena, worst->unguarded_ms));
    if (worst->lost_bytes > 0)
        fprintf(out, "  lost        %lld bytes of log that clients knew to be written\n",
                (long long)worst->lost_bytes);
    if (worst->left_behind > 0)
        fprintf(out,
                "  behind      %zu standby%s for want of log that is gone: to be copied anew\n",
                worst->left_behind, worst->left_behind == 1 ? "" : "s");
    if (left > 0)
        fprintf(out, "  afterwards  a new plan has %zu action%s left; apply again goes on\n", left,
                left == 1 ? "" : "s");
    else if (withheld > 0)
        fprintf(out, "  afterwards  a new plan still refuses %zu change%s\n", withheld,
                withheld == 1 ? "" : "s");
    else
        fputs("  afterwards  a new plan has nothing to do\n", out);
}

static void report_json(const Rehearsal *rehearsal, const Performance *done, size_t left)
{
    Arena *arena = rehearsal->cli->arena;
    Value *map = value_map(arena);
    CLEANUP(text_release) Text text = TEXT_INIT;
    value_set_int(arena, map, "seed", (int64_t)rehearsal->seed);
    value_set_int(arena, map, "actions", (int64_t)done->plan->action_count);
    value_set_int(arena, map, "done", (int64_t)done->execution->counts[ACTION_DONE]);
    value_set_int(arena, map, "took_ms", done->execution->took_ms);
    value_set_int(arena, map, "write_gap_ms", done->worst.gap_ms);
    value_set_int(arena, map, "most_down", (int64_t)done->worst.down);
    value_set_int(arena, map, "most_primaries", (int64_t)done->worst.primaries);
    value_set_int(arena, map, "unguarded_ms", done->worst.unguarded_ms);
    value_set_int(arena, map, "lost_bytes", done->worst.lost_bytes);
    value_set_int(arena, map, "left_behind", (int64_t)done->worst.left_behind);
    value_set_int(arena, map, "left", (int64_t)left);
    value_set_int(arena, map, "withheld", (int64_t)rehearsal->session.plan->withheld_count);
    json_write(&text, map);
    fprintf(rehearsal->cli->screen.out, "%s\n", text_get(&text));
}

/* -- the command ---------------------------------------------------------------------------------
 */

/* On what stands already, or on bare nodes. */
static Error *make_plan(Rehearsal *rehearsal)
{
    Cli *cli = rehearsal->cli;
    Session *session = &rehearsal->session;
    if (rehearsal->options->from.count > 0 || rehearsal->options->snapshot)
        TRY(stand_up(rehearsal));
    TRY(load(rehearsal, session));
    TRY(observe_and_plan(session));
    session->plan->verification = plan_verify(cli->arena, session->plan, rehearsal->options->mode);
    return policy_check_verified(cli, session->plan);
}

static Error *rehearse(Rehearsal *rehearsal)
{
    Cli *cli = rehearsal->cli;
    Session *session = &rehearsal->session;
    CLEANUP(performance_end) Performance performance = {0};
    TRY(make_plan(rehearsal));
    int64_t over_ms;
    TRY(trouble_make(cli->arena, &rehearsal->options->trouble, session->inventory,
                     &rehearsal->fleet, &over_ms));
    EventSink sink = progress_plain_new(cli, session->plan);
    TRY(perform(rehearsal, session, &sink, &performance));
    end_trouble(rehearsal, over_ms - performance.execution->took_ms, &performance);
    TRY(observe_and_plan(session));
    size_t left = session->plan->action_count, withheld = session->plan->withheld_count;
    if (withheld > 0 && !cli->common.json)
        report_withheld(rehearsal);
    (cli->common.json ? report_json : report_text)(rehearsal, &performance, left);
    cli->outcome = (Outcome){0}; /* of real nodes nothing is known, nothing is wrong */
    if (performance.worst.primaries > 1 || performance.worst.left_behind > 0 || left > 0 ||
        withheld > 0)
        outcome_add(&cli->outcome, CONDITION_PARTIAL);
    return NULL;
}

static Error *run(Cli *cli, const Command *command, char **argv)
{
    SimOptions options = {.seed = "1"};
    Option own[4 + TROUBLE_OPTIONS] = {
        {"from", OPTION_LIST, &options.from, "PATH",
         "an inventory that stands already; without it nodes are bare"},
        {"snapshot", OPTION_TEXT, &options.snapshot, "REV",
         "what the state's snapshot REV has stands already (HEAD: the newest)"},
        {"seed", OPTION_TEXT, &options.seed, "N",
         "another course of events; the same for the same"},
        {"verify", OPTION_TEXT, &options.verify, "MODE",
         "try the steps in all orders on a model first (full), in some (sample), or not (off)"},
    };
    trouble_options(&options.trouble, &own[4]);
    bool is_done;
    TRY(cli_parse(cli, command, OPTIONS_ALL, own, COUNT_OF(own), &argv, &is_done));
    if (is_done)
        return NULL;
    TRY(cli_expect(argv, 0));
    TRY(policy_parse_verify(options.verify, &options.mode));
    int64_t seed = 0;
    if (!text_to_int(options.seed, &seed))
        return error_new(ERROR_INVALID, "-seed=%s is not a whole number", options.seed);
    CLEANUP(rehearsal_end)
    Rehearsal rehearsal = {.cli = cli, .options = &options, .seed = (uint64_t)seed};
    rehearsal.fleet = cli->program->simulation_new(rehearsal.seed);
    return rehearse(&rehearsal);
}

const Command command_sim = {
    "sim", "[options]", "rehearse the plan on a simulated fleet; no node is contacted",
    "  pgsteer sim                                   from bare nodes to the inventory\n"
    "  pgsteer sim -from=today.yml -i tomorrow.yml   from one inventory to another\n"
    "  pgsteer sim -snapshot=HEAD                    from what was applied last to the inventory\n"
    "  pgsteer sim -from=a.yml -i b.yml -power-loss=10.10.10.11@20s+1m\n"
    "  pgsteer sim -i b.yml -slow=10.10.10.12@0s+10m=2s -lost-answers=20\n"
    "Time is the fleet's own: minutes pass in milliseconds. The same seed gives the same course "
    "of\n"
    "events. Durations are those of small nodes; data takes longer to copy the more there is.",
    run};
