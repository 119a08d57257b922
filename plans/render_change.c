/* One change: its mark, address, cost, note and place in the inventory. */
#include <string.h>

#include "plans/render_parts.h"

enum { NOTE_COLUMN = 32 };

static const char *const marks[CHANGE_OP_COUNT] = {
    [CHANGE_NONE] = " ",   [CHANGE_CREATE] = "+",    [CHANGE_UPDATE] = "~",
    [CHANGE_DELETE] = "-", [CHANGE_REPLACE] = "-/+", [CHANGE_WITHHOLD] = "?",
};

static const char *const letters[AVAILABILITY_COUNT] = {
    [AVAILABLE] = "",          [AVAILABLE_RELOAD] = "r",    [AVAILABLE_RECONNECT] = "c",
    [AVAILABLE_RESTART] = "R", [AVAILABLE_WRITE_GAP] = "S", [AVAILABLE_REBUILD] = "!",
};

static const Availability need_availabilities[NEED_COUNT] = {
    [NEED_NOTHING] = AVAILABLE,
    [NEED_RELOAD] = AVAILABLE_RELOAD,
    [NEED_RECONNECT] = AVAILABLE_RECONNECT,
    [NEED_RESTART] = AVAILABLE_RESTART,
    [NEED_RECREATE] = AVAILABLE_RESTART,
};

const char *render_letter(Availability availability)
{
    return letters[availability];
}

const char *render_origin(Arena *arena, const Origin *origin)
{
    if (!origin || !origin->file)
        return "";
    const char *slash = strrchr(origin->file, '/');
    return arena_printf(arena, "%s:%d", slash ? slash + 1 : origin->file, origin->line);
}

static Availability larger(Availability a, Availability b)
{
    return a > b ? a : b;
}

Availability render_availability(const Render *render, const Change *change)
{
    Availability most = AVAILABLE;
    for (size_t i = 0; change->op == CHANGE_UPDATE && i < change->param_count; i++)
        most = larger(most, need_availabilities[change->params[i].need]);
    const Action *const *action = map_get(render->actions, change_resource(change)->address);
    return action ? larger(most, (*action)->verb->availability) : most;
}

/* What is not carried out loses nothing. */
static bool loses_data(const Change *change)
{
    return !change->withhold_reason &&
           (change->op == CHANGE_DELETE || change->op == CHANGE_REPLACE) &&
           change_resource(change)->kind->data_bearing;
}

static Color color_of(const Render *render, const Change *change)
{
    Availability availability = render_availability(render, change);
    if (loses_data(change) || availability >= AVAILABLE_WRITE_GAP)
        return COLOR_RED;
    if (availability >= AVAILABLE_RECONNECT || change->op == CHANGE_DELETE ||
        change->op == CHANGE_WITHHOLD)
        return COLOR_YELLOW;
    return change->op == CHANGE_CREATE ? COLOR_GREEN : COLOR_PLAIN;
}

static const char *letter_of(const Render *render, const Change *change)
{
    if (loses_data(change))
        return "!";
    if (change->op == CHANGE_CREATE || change->op == CHANGE_WITHHOLD)
        return "";
    return letters[render_availability(render, change)];
}

static const char *right_of(const Render *render, const Change *change, size_t same_count)
{
    if (same_count > 1)
        return arena_printf(render->scratch, "(same on %zu)", same_count);
    return render_origin(render->scratch, change_resource(change)->origin);
}

void render_change(const Render *render, const Change *change, size_t same_count)
{
    const Resource *resource = change_resource(change);
    const char *letter = letter_of(render, change);
    const char *note = change->withhold_reason ? change->withhold_reason : resource->note;
    CLEANUP(text_release) Text text = TEXT_INIT;
    text_addf(&text, "  %s %s", marks[change->op], resource->address);
    if (*letter || note)
        page_pad(&text, NOTE_COLUMN, 2);
    if (*letter)
        text_addf(&text, "%s   ", letter);
    text_add(&text, note ? note : "");
    page_put(&render->page, color_of(render, change), text_get(&text), NOTE_COLUMN,
             right_of(render, change, same_count));
    if (change->op != CHANGE_WITHHOLD && change->op != CHANGE_DELETE)
        render_params(render, change);
}
