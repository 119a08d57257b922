#include "cli/policy.h"

#include <stdarg.h>
#include <string.h>

#include "cli/box.h"

enum { ANSWER_MAX_BYTES = 64 };

static const struct {
    const char *name;
    Availability most;
} bounds[] = {
    {"none", AVAILABLE},
    {"reload", AVAILABLE_RELOAD},
    {"reconnect", AVAILABLE_RECONNECT},
    {"restart", AVAILABLE_RESTART},
    {"switchover", AVAILABLE_WRITE_GAP},
};

static const char *const impact_names[AVAILABILITY_COUNT] = {
    [AVAILABLE] = "nothing that anybody notices", [AVAILABLE_RELOAD] = "reloads",
    [AVAILABLE_RECONNECT] = "cut sessions",       [AVAILABLE_RESTART] = "restarts",
    [AVAILABLE_WRITE_GAP] = "a stop of writes",   [AVAILABLE_REBUILD] = "rebuilt members",
};

Availability policy_impact(const Plan *plan)
{
    const PlanImpact *impact = &plan->impact;
    if (impact->rebuilds > 0)
        return AVAILABLE_REBUILD;
    if (impact->switchovers > 0 || impact->write_gap_ms > 0)
        return AVAILABLE_WRITE_GAP;
    if (impact->restarts > 0)
        return AVAILABLE_RESTART;
    if (impact->reconnects > 0)
        return AVAILABLE_RECONNECT;
    return impact->reloads > 0 ? AVAILABLE_RELOAD : AVAILABLE;
}

static void explain(Cli *cli, const char *title, const char *text)
{
    const Screen *screen = &cli->screen;
    Box box = {screen->err, screen->unicode, cli_color(cli, true), screen->columns};
    box_begin(&box, "Error", title);
    box_line(&box, "%s", "");
    box_text(&box, text);
    box_end(&box);
    cli->is_reported = true;
}

/* What was refused has a condition of its own; the Error only stops the command. */
static Error *refuse(Cli *cli, Condition condition, const char *title, const char *text)
{
    explain(cli, title, text);
    cli->is_classified = true;
    outcome_add(&cli->outcome, condition);
    return error_new(ERROR_REFUSED, "%s", title);
}

static Error *parse_bound(const char *name, Availability *ret)
{
    for (size_t i = 0; i < COUNT_OF(bounds); i++) {
        if (strcmp(bounds[i].name, name) == 0) {
            *ret = bounds[i].most;
            return NULL;
        }
    }
    return error_new(ERROR_INVALID,
                     "'%s' is no level of -max-impact: none, reload, reconnect, restart or "
                     "switchover",
                     name);
}

static Error *check(Cli *cli, const Plan *plan, Availability most, const char *hint)
{
    Availability impact = policy_impact(plan);
    if (impact <= most)
        return NULL;
    const char *title =
        arena_printf(cli->arena, "the plan brings %s, more than is allowed", impact_names[impact]);
    return refuse(cli, CONDITION_POLICY, title, hint);
}

Error *policy_check_bound(Cli *cli, const Plan *plan, const char *max_impact)
{
    if (!max_impact)
        return NULL;
    Availability most;
    TRY(parse_bound(max_impact, &most));
    return check(cli, plan, most,
                 "Nothing was changed. Raise -max-impact, or choose a part of the plan with "
                 "-target or -exclude.");
}

/* -- what the model has found ---------------------------------------------------------------- */

Error *policy_parse_verify(const char *mode, VerifyMode *ret)
{
    *ret = VERIFY_FULL;
    if (!mode || verify_mode_parse(mode, ret))
        return NULL;
    return error_new(ERROR_INVALID, "'%s' is no mode of -verify: off, sample or full", mode);
}

static void put_story(const Box *box, const Violation *violation)
{
    box_line(box, "%s", "");
    for (size_t i = 0; i < violation->step_count; i++) {
        CLEANUP(text_release) Text step = TEXT_INIT;
        text_addf(&step, "%zu. %s", i + 1, violation->steps[i]);
        box_text(box, text_get(&step));
    }
    CLEANUP(text_release) Text broken = TEXT_INIT;
    text_addf(&broken, "So %s.", violation->broken);
    box_text(box, text_get(&broken));
    box_line(box, "%s", "");
    box_text(box,
             "The steps were tried on a model of the cluster, in the orders that the plan allows, "
             "with one member that may crash. Nothing was saved, nothing was changed. Choose a "
             "part of the plan with -target or -exclude; -verify=off does not look.");
}

Error *policy_check_verified(Cli *cli, const Plan *plan)
{
    const Violation *violation = plan->verification ? plan->verification->violation : NULL;
    if (!violation)
        return NULL;
    const Screen *screen = &cli->screen;
    Box box = {screen->err, screen->unicode, cli_color(cli, true), screen->columns};
    const char *title =
        arena_printf(cli->arena, "the plan could harm %s: %s", violation->domain, violation->rule);
    box_begin(&box, "Error", title);
    put_story(&box, violation);
    box_end(&box);
    cli->is_reported = cli->is_classified = true;
    outcome_add(&cli->outcome, CONDITION_POLICY);
    return error_new(ERROR_REFUSED, "%s", title);
}

static bool ask(const Cli *cli)
{
    const Screen *screen = &cli->screen;
    char answer[ANSWER_MAX_BYTES] = "";
    fputs("\nDo you want to perform these actions?\n"
          "  pgsteer will perform the actions described above.\n"
          "  Only 'yes' will be accepted to approve.\n\n  Enter a value: ",
          screen->err);
    fflush(screen->err);
    if (!fgets(answer, sizeof(answer), screen->in))
        answer[0] = '\0';
    answer[strcspn(answer, "\r\n")] = '\0';
    fputc('\n', screen->err);
    return strcmp(answer, "yes") == 0;
}

static Error *approve_unasked(Cli *cli, const Plan *plan, bool has_bound)
{
    if (cli->screen.in_is_tty || has_bound)
        return NULL;
    return check(cli, plan, AVAILABLE_RELOAD,
                 "Without a terminal, -auto-approve alone allows reloads only. Say how much may be "
                 "noticed with -max-impact=restart or -max-impact=switchover, or apply a reviewed "
                 "plan file. Nothing was changed.");
}

Error *policy_approve(Cli *cli, const Plan *plan, const char *max_impact, bool auto_approve,
                      bool is_saved_plan)
{
    if (plan->impact.data_lost)
        return refuse(cli, CONDITION_DATA_LOSS, "the plan would lose data",
                      "Nothing was changed. This version does not remove what holds data.");
    TRY(policy_check_verified(cli, plan));
    TRY(policy_check_bound(cli, plan, max_impact));
    if (is_saved_plan)
        return NULL;
    if (auto_approve)
        return approve_unasked(cli, plan, max_impact != NULL);
    if (!cli->screen.in_is_tty || !cli->common.input)
        return refuse(cli, CONDITION_POLICY, "nobody can be asked for approval",
                      "Without a terminal, use pgsteer plan -out FILE and pgsteer apply FILE, or "
                      "apply -auto-approve. Nothing was changed.");
    if (ask(cli))
        return NULL;
    fputs("Apply cancelled. Nothing was changed.\n", cli->screen.err);
    cli->is_reported = cli->is_classified = true;
    outcome_add(&cli->outcome, CONDITION_POLICY);
    return error_new(ERROR_REFUSED, "not approved");
}
