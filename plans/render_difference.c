/* What two inventories want differently, as text. */
#include "plans/difference.h"
#include "plans/render_parts.h"

enum { SHORT_HASH = 7, COUNT_HANG = 12 };

static const char *side_text(Arena *arena, const DifferenceSide *side)
{
    return side->commit ? arena_printf(arena, "%s (%.*s)", side->name, SHORT_HASH, side->commit)
                        : side->name;
}

static void put_compared(const Render *render, const DifferenceSide *before,
                         const DifferenceSide *after)
{
    const Plan *plan = render->plan;
    CLEANUP(text_release) Text text = TEXT_INIT;
    text_addf(&text, "Compared %s with %s. No node was contacted.",
              side_text(render->scratch, before), side_text(render->scratch, after));
    if (plan->matching_block_count > 0 && plan->block_count > 0)
        text_addf(&text, " %zu other %s the same.", plan->matching_block_count,
                  plan->matching_block_count == 1 ? "block is" : "blocks are");
    page_put(&render->page, COLOR_PLAIN, text_get(&text), 0, "");
    page_blank(&render->page);
}

/* "1 needs a restart, 2 need a reload": by changes, the worst first. */
static void put_needs(const Render *render)
{
    static const char *const names[AVAILABILITY_COUNT] = {[AVAILABLE_RELOAD] = "a reload",
                                                          [AVAILABLE_RECONNECT] = "new sessions",
                                                          [AVAILABLE_RESTART] = "a restart"};
    size_t counts[AVAILABILITY_COUNT] = {0};
    CLEANUP(text_release) Text text = TEXT_INIT;
    for (size_t i = 0; i < render->plan->block_count; i++) {
        const PlanBlock *block = &render->plan->blocks[i];
        for (size_t k = 0; k < block->change_count; k++)
            counts[render_availability(render, &block->changes[k])]++;
    }
    for (size_t i = AVAILABILITY_COUNT; i-- > AVAILABLE_RELOAD;) {
        if (counts[i] > 0)
            text_addf(&text, "%s%zu %s %s", text.length ? ", " : "", counts[i],
                      counts[i] == 1 ? "needs" : "need", names[i]);
    }
    page_put(&render->page, COLOR_PLAIN,
             arena_printf(render->scratch,
                          "Impact: %s; whom it touches, and when, says:  pgsteer "
                          "plan",
                          text.length ? text_get(&text) : "nothing needs a reload or a restart"),
             8, "");
}

static void put_counts(const Render *render)
{
    const Plan *plan = render->plan;
    page_line(&render->page, COLOR_PLAIN,
              arena_printf(render->scratch, "Difference: %zu to add, %zu to change, %zu to remove.",
                           plan->add_count, plan->change_count, plan->destroy_count));
    put_needs(render);
    if (plan->withheld_count > 0)
        page_put(
            &render->page, COLOR_PLAIN,
            arena_printf(render->scratch, "Not carried out: %zu, marked ?.", plan->withheld_count),
            COUNT_HANG, "");
}

void difference_render_text(FILE *out, const Plan *difference, const DifferenceSide *before,
                            const DifferenceSide *after, const RenderOptions *options)
{
    CLEANUP(arena_freep) Arena *scratch = arena_new();
    Render render = {.page = page_new(out, options),
                     .plan = difference,
                     .scratch = scratch,
                     .actions = map_new(scratch),
                     .by_block = map_new(scratch)};
    put_compared(&render, before, after);
    for (size_t i = 0; i < difference->block_count; i++)
        render_block(&render, &difference->blocks[i]);
    if (difference_is_empty(difference))
        page_line(&render.page, COLOR_PLAIN, "No difference. Both want the same.");
    else
        put_counts(&render);
}
