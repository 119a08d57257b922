/* A plan as text: who is touched and how badly, then what and why, then how to go on. */
#include <string.h>

#include "base/duration.h"
#include "plans/render_parts.h"
#include "plans/verify/verification.h"

enum { NOT_COMPARED_MAX = 10 }; /* lines, unless -v */

static void put_observed(const Render *render)
{
    const Plan *plan = render->plan;
    CLEANUP(text_release) Text text = TEXT_INIT;
    text_addf(&text, "Observed %zu of %zu %s in ", plan->hosts_observed, plan->hosts_wanted,
              plan->hosts_wanted == 1 ? "node" : "nodes");
    duration_format(&text, plan->observe_ms);
    text_add(&text, ". Nothing was changed.");
    if (plan->matching_block_count > 0 && !plan_is_empty(plan))
        text_addf(&text, " %zu other %s the inventory.", plan->matching_block_count,
                  plan->matching_block_count == 1 ? "block matches" : "blocks match");
    page_put(&render->page, COLOR_PLAIN, text_get(&text), 0, "");
}

/* "Warning W032: what", then what to do about it. */
static void put_warning(const Render *render, const PlanNote *note)
{
    char **lines;
    size_t count = text_split(render->scratch, note->text, '\n', &lines);
    const char *blank = *note->code ? " " : "";
    page_put(&render->page, COLOR_YELLOW,
             arena_printf(render->scratch, "Warning%s%s: %s", blank, note->code, lines[0]), 2,
             render_origin(render->scratch, note->origin));
    for (size_t i = 1; i < count; i++)
        page_put(&render->page, COLOR_PLAIN, arena_printf(render->scratch, "  %s", lines[i]), 2,
                 "");
}

static void put_warnings(const Render *render)
{
    bool any = false;
    for (size_t i = 0; i < render->plan->block_count; i++) {
        const PlanBlock *block = &render->plan->blocks[i];
        for (size_t k = 0; k < block->note_count; k++) {
            if (strcmp(block->notes[k].kind, "warning") != 0)
                continue;
            put_warning(render, &block->notes[k]);
            any = true;
        }
    }
    if (any)
        page_blank(&render->page);
}

/* Has the block more to say than its warnings? */
static bool has_body(const PlanBlock *block)
{
    for (size_t i = 0; i < block->note_count; i++) {
        if (strcmp(block->notes[i].kind, "warning") != 0)
            return true;
    }
    return block->change_count > 0;
}

/* Secrets that are not at hand. */
static void put_not_compared(const Render *render)
{
    const Plan *plan = render->plan;
    bool is_cut = !render->page.options->verbose && plan->not_compared_count > NOT_COMPARED_MAX;
    size_t shown = is_cut ? NOT_COMPARED_MAX - 1 : plan->not_compared_count;
    for (size_t i = 0; i < shown; i++)
        page_put(&render->page, COLOR_PLAIN,
                 arena_printf(render->scratch, "i %s", plan->not_compared[i].text), 2,
                 render_origin(render->scratch, plan->not_compared[i].origin));
    if (is_cut)
        page_line(&render->page, COLOR_PLAIN,
                  arena_printf(render->scratch, "i %zu more secrets (not compared); -v lists them",
                               plan->not_compared_count - shown));
    if (shown > 0)
        page_blank(&render->page);
}

static const char *no_changes(const Plan *plan)
{
    if (plan->not_compared_count > 0)
        return "No changes. Your infrastructure matches the configuration, as far as it could be "
               "compared.";
    return "No changes. Your infrastructure matches the configuration.";
}

static void put_counts(const Render *render)
{
    const Plan *plan = render->plan;
    CLEANUP(text_release) Text impact = TEXT_INIT;
    text_add(&impact, "Impact: ");
    render_impact(&impact, plan);
    page_line(&render->page, COLOR_PLAIN,
              arena_printf(render->scratch, "Plan: %zu to add, %zu to change, %zu to destroy.",
                           plan->add_count, plan->change_count, plan->destroy_count));
    page_put(&render->page, COLOR_PLAIN, text_get(&impact), 8, "");
    if (plan->withheld_count > 0)
        page_put(&render->page, COLOR_PLAIN,
                 arena_printf(render->scratch,
                              "Not planned: %zu, marked ?. See why:  pgsteer status",
                              plan->withheld_count),
                 13, "");
}

/* Nothing where there was nothing to verify: what is said was done. */
static void put_verification(const Render *render)
{
    const Verification *verification = render->plan->verification;
    CLEANUP(text_release) Text text = TEXT_INIT;
    if (!verification)
        return;
    if (verification->violation)
        page_put(&render->page, COLOR_RED,
                 "Refused: in some order of its steps the plan would do harm.", 9, "");
    else if (verification_sentence(&text, verification))
        page_put(&render->page, COLOR_PLAIN, text_get(&text), 10, "");
    for (size_t i = 0; i < verification->gap_count; i++)
        page_put(&render->page, COLOR_PLAIN,
                 arena_printf(render->scratch, "  i %s.", verification->gaps[i]), 4, "");
}

static void put_next(const Render *render)
{
    const char *saved = render->page.options->saved_as;
    const Verification *verification = render->plan->verification;
    if (render->plan->action_count == 0 || (verification && verification->violation))
        return;
    page_blank(&render->page);
    const char *text = saved ? arena_printf(render->scratch,
                                            "Saved: %s (no secrets inside). Do exactly this with:  "
                                            "pgsteer apply %s",
                                            saved, saved)
                             : "This plan was not saved. To plan again and do it:  pgsteer apply";
    page_put(&render->page, COLOR_PLAIN, text, 2, "");
}

static void put_body(const Render *render)
{
    if (render->plan->action_count > 0) {
        page_line(&render->page, COLOR_PLAIN, "pgsteer will perform the following actions:");
        page_blank(&render->page);
    }
    for (size_t i = 0; i < render->plan->block_count; i++) {
        if (has_body(&render->plan->blocks[i]))
            render_block(render, &render->plan->blocks[i]);
    }
    put_not_compared(render);
    put_warnings(render);
}

static Map *actions_by_address(Arena *scratch, const Plan *plan)
{
    Map *actions = map_new(scratch);
    for (size_t i = 0; i < plan->action_count; i++) {
        const Action *action = &plan->actions[i];
        if (action->op == CHANGE_NONE)
            continue;
        const Action **box = ARENA_NEW(scratch, const Action *);
        *box = action;
        map_set(actions, action->address, box);
    }
    return actions;
}

static Map *actions_by_block(Arena *scratch, const Plan *plan)
{
    Map *blocks = map_new(scratch);
    for (size_t i = 0; i < plan->action_count; i++) {
        const Action *action = &plan->actions[i];
        BlockActions *actions = map_get(blocks, action->block);
        if (!actions) {
            actions = ARENA_NEW(scratch, BlockActions);
            map_set(blocks, action->block, actions);
        }
        ARENA_PUSH(scratch, actions->items, actions->count, actions->capacity, action);
    }
    return blocks;
}

const BlockActions *render_actions_of(const Render *render, const PlanBlock *block)
{
    static const BlockActions none;
    const BlockActions *actions = map_get(render->by_block, block->name);
    return actions ? actions : &none;
}

void plan_render_text(FILE *out, const Plan *plan, const RenderOptions *options)
{
    CLEANUP(arena_freep) Arena *scratch = arena_new();
    Render render = {.page = page_new(out, options),
                     .plan = plan,
                     .scratch = scratch,
                     .actions = actions_by_address(scratch, plan),
                     .by_block = actions_by_block(scratch, plan)};
    put_observed(&render);
    page_blank(&render.page);
    put_body(&render);
    if (plan_is_empty(plan)) {
        page_put(&render.page, COLOR_PLAIN, no_changes(plan), 0, "");
        return;
    }
    put_counts(&render);
    put_verification(&render);
    put_next(&render);
}
