#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/policy.h"
#include "cli/session.h"
#include "plans/plan_file.h"

typedef struct PlanOptions {
    const char *out, *max_impact, *verify;
    VerifyMode mode;
    bool detailed_exitcode;
    OptionList targets, excludes;
} PlanOptions;

static bool is_harmful(const Plan *plan)
{
    return plan->verification && plan->verification->violation;
}

/* For people what is refused stands below the plan; the document lists it. */
static Error *print_plan(const Session *session, const PlanOptions *plan_options)
{
    Cli *cli = session->cli;
    RenderOptions options = session_render_options(session);
    options.saved_as = is_harmful(session->plan) ? NULL : plan_options->out;
    if (!cli->common.json)
        plan_render_text(cli->screen.out, session->plan, &options);
    Error *denied = policy_check_verified(cli, session->plan);
    if (!denied)
        denied = policy_check_bound(cli, session->plan, plan_options->max_impact);
    if (cli->common.json)
        plan_render_json(cli->screen.out, session->plan, outcome_value(cli->arena, &cli->outcome));
    return denied;
}

static Error *make_plan(Session *session, const PlanOptions *options)
{
    Cli *cli = session->cli;
    TRY(session_load(session));
    TRY(session_connect(session));
    session_narrow(session, &options->targets, &options->excludes);
    bool is_saved = options->out || cli->common.json;
    TRY(session_plan(session, &options->targets, &options->excludes, is_saved));
    session->plan->verification = plan_verify(cli->arena, session->plan, options->mode);
    if (options->detailed_exitcode && session->plan->action_count > 0)
        outcome_add(&cli->outcome, CONDITION_CHANGES);
    return NULL;
}

static Error *plan(Cli *cli, const PlanOptions *options)
{
    CLEANUP(session_end) Session session;
    TRY(session_begin(cli, &session));
    TRY(make_plan(&session, options));
    if (options->out && !is_harmful(session.plan))
        TRY(plan_file_write(options->out, session.plan));
    return print_plan(&session, options);
}

static Error *run(Cli *cli, const Command *command, char **argv)
{
    PlanOptions options = {0};
    const Option own[] = {
        {"out", OPTION_TEXT, &options.out, "FILE", "save the plan, for pgsteer apply FILE"},
        {"detailed-exitcode", OPTION_FLAG, &options.detailed_exitcode, NULL,
         "exit 2 when there are changes"},
        {"target", OPTION_LIST, &options.targets, "NAME",
         "only this cluster, node, address or pattern; may be given often"},
        {"exclude", OPTION_LIST, &options.excludes, "NAME", "all but this; may be given often"},
        {"max-impact", OPTION_TEXT, &options.max_impact, "LEVEL",
         "exit 4 above none, reload, reconnect, restart or switchover"},
        {"verify", OPTION_TEXT, &options.verify, "MODE",
         "try the steps in all orders on a model (full), in some (sample), or not (off)"},
        {"input", OPTION_FLAG, &cli->common.input, NULL, "accepted; a plan never asks"},
        {"v", OPTION_FLAG, &cli->common.verbose, NULL, "list everything one by one"},
    };
    bool is_done;
    TRY(cli_parse(cli, command, OPTIONS_ALL, own, COUNT_OF(own), &argv, &is_done));
    if (is_done)
        return NULL;
    TRY(cli_expect(argv, 0));
    TRY(policy_parse_verify(options.verify, &options.mode));
    return plan(cli, &options);
}

const Command command_plan = {"plan", "[options]",
                              "show what differs, what would be done, and what it costs whom",
                              "A plan changes nothing on any node.", run};
