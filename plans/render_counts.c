/* The closing lines of a plan: "Plan: ..." to the letter as Terraform's, then "Impact: ...". */
#include <string.h>

#include "base/duration.h"
#include "plans/render_parts.h"

static void add_count(Text *out, size_t count, const char *one, const char *many)
{
    if (count > 0)
        text_addf(out, "%s%zu %s", out->length ? ", " : "", count, count == 1 ? one : many);
}

static void add_restarts(Text *out, const PlanImpact *impact)
{
    add_count(out, impact->restarts, "restart", "restarts");
    for (size_t i = 0; i < impact->restarted_count; i++)
        text_addf(out, "%s%s", i ? ", " : " (", impact->restarted[i]);
    if (impact->restarted_count > 0)
        text_add_char(out, ')');
}

static void add_switchovers(Text *out, const PlanImpact *impact)
{
    add_count(out, impact->switchovers, "switchover", "switchovers");
    if (impact->switchovers == 0)
        return;
    text_add(out, " (~");
    duration_format(out, impact->write_gap_ms);
    text_add(out, " without writes)");
}

/* Is everything that is planned for what nobody uses yet? */
static bool is_all_new(const Plan *plan)
{
    for (size_t i = 0; i < plan->block_count; i++) {
        const PlanBlock *block = &plan->blocks[i];
        if (block->change_count > 0 && strcmp(block->title, "new") != 0)
            return false;
    }
    return plan->add_count > 0;
}

void render_impact(Text *out, const Plan *plan)
{
    const PlanImpact *impact = &plan->impact;
    CLEANUP(text_release) Text text = TEXT_INIT;
    if (impact->data_lost)
        text_add(&text, "DATA IS LOST");
    add_count(&text, impact->reloads, "reload", "reloads");
    add_count(&text, impact->reconnects, "reconnect", "reconnects");
    add_restarts(&text, impact);
    add_switchovers(&text, impact);
    add_count(&text, impact->rebuilds, "rebuild", "rebuilds");
    if (text.length == 0)
        text_add(&text, is_all_new(plan) ? "none, nothing is running there yet" : "none");
    text_add(out, text_get(&text));
    if (plan->action_count > 0) {
        text_add(out, "; critical path ~");
        duration_format(out, plan->critical_path_ms);
    }
    text_add_char(out, '.');
}

void plan_render_counts(FILE *out, const Plan *plan)
{
    CLEANUP(text_release) Text impact = TEXT_INIT;
    render_impact(&impact, plan);
    fprintf(out, "Plan: %zu to add, %zu to change, %zu to destroy.\nImpact: %s\n", plan->add_count,
            plan->change_count, plan->destroy_count, text_get(&impact));
}
