/* The params of a change: "name = value", "name = before -> after", line diffs of long texts. */
#include <string.h>

#include "plans/compare.h"
#include "plans/render_parts.h"
#include "plans/text_diff.h"

enum {
    VALUE_COLUMN = 32,
    REASON_COLUMN = 48,
    SHOWN_MAX = 8,        /* params of a new resource, unless -v */
    VALUE_TEXT_MAX = 200, /* columns of one value, unless -v */
    LIST_IN_FULL_MAX = 4, /* entries up to which both sides of a list are shown */
    DIFF_CONTEXT = 1,
    DIFF_LINES_MAX = 40, /* unless -v */
};

static bool is_secret(const ParamChange *param)
{
    return (param->row->flags & PARAM_FLAG_SECRET) ||
           (param->after && value_has_secret(param->after));
}

static bool is_long_text(const ParamChange *param)
{
    return (param->row->type == PARAM_TEXT || param->row->type == PARAM_LINES) && !is_secret(param);
}

static size_t lines_of(Arena *arena, const Value *value, const char *const **ret)
{
    if (value && value->type == VALUE_TEXT) {
        char **lines;
        size_t count = text_split(arena, value->text, '\n', &lines);
        *ret = (const char *const *)lines;
        return count > 0 && lines[count - 1][0] == '\0' ? count - 1 : count;
    }
    size_t count = value_count(value);
    const char **lines = ARENA_ARRAY(arena, const char *, count);
    for (size_t i = 0; i < count; i++) {
        CLEANUP(text_release) Text text = TEXT_INIT;
        const Value *item = value_at(value, i);
        if (item && item->type != VALUE_TEXT)
            value_format(&text, item);
        lines[i] = item && item->type == VALUE_TEXT ? item->text : text_copy(&text, arena);
    }
    *ret = lines;
    return count;
}

/* -- values ------------------------------------------------------------------------------------ */

static void add_line_count(Text *text, size_t count)
{
    text_addf(text, "(%zu %s)", count, count == 1 ? "line" : "lines");
}

static void add_value(const Render *render, Text *out, const ParamChange *param, const Value *value)
{
    CLEANUP(text_release) Text text = TEXT_INIT;
    const char *const *lines;
    if (!value)
        text_add(&text, "null");
    else if (is_secret(param) && value->type != VALUE_LATE)
        text_add(&text, "(sensitive value)");
    else if (is_long_text(param) && value->type != VALUE_LATE)
        add_line_count(&text, lines_of(render->scratch, value, &lines));
    else
        value_format(&text, value);
    size_t fits = page_fit(text_get(&text), VALUE_TEXT_MAX);
    bool is_cut = !render->page.options->verbose && text_get(&text)[fits] != '\0';
    text_add_bytes(out, text_get(&text), is_cut ? fits : text.length);
    if (is_cut)
        text_add(out, render->page.options->unicode ? "…" : "...");
}

static void add_missing(Text *out, const Value *from, const Value *in, const char *mark)
{
    for (size_t i = 0; i < value_count(from); i++) {
        bool is_there = false;
        for (size_t k = 0; k < value_count(in) && !is_there; k++)
            is_there = value_equal(value_at(from, i), value_at(in, k));
        if (is_there)
            continue;
        text_addf(out, "%s%s", out->length ? " " : "", mark);
        value_format(out, value_at(from, i));
    }
}

static bool is_list(const Value *value)
{
    return value && value->type == VALUE_LIST;
}

/* Of long lists only what comes and goes: +"a" -"b". */
static bool add_list_change(Text *out, const ParamChange *param)
{
    const Value *before = param->before, *after = param->after;
    if (is_secret(param) || !is_list(before) || !is_list(after) ||
        (value_count(before) <= LIST_IN_FULL_MAX && value_count(after) <= LIST_IN_FULL_MAX))
        return false;
    CLEANUP(text_release) Text text = TEXT_INIT;
    add_missing(&text, after, before, "+");
    if (!(param->row->flags & PARAM_FLAG_ADD_ONLY))
        add_missing(&text, before, after, "-");
    text_add(out, text.length ? text_get(&text) : "(another order)");
    return true;
}

static const char *need_comment(Need need)
{
    static const char *const comments[NEED_COUNT] = {
        [NEED_NOTHING] = "",
        [NEED_RELOAD] = "",
        [NEED_RECONNECT] = "    # needs new sessions",
        [NEED_RESTART] = "    # needs a restart",
        [NEED_RECREATE] = "    # needs a new one",
    };
    return comments[need];
}

static void add_values(const Render *render, Text *out, const Change *change,
                       const ParamChange *param)
{
    if (change->op == CHANGE_CREATE) {
        add_value(render, out, param, param->after);
        return;
    }
    if (!add_list_change(out, param)) {
        if (is_secret(param)) {
            add_value(render, out, param, param->after);
        } else {
            add_value(render, out, param, param->before);
            text_add(out, " -> ");
            add_value(render, out, param, param->after);
        }
    }
    text_add(out, need_comment(param->need));
}

/* A key alone says enough when the kind has one param with keys. */
static const char *label_of(const Render *render, const Change *change, const ParamChange *param)
{
    if (!param->key)
        return param->row->name;
    const Kind *kind = change_resource(change)->kind;
    size_t keyed_count = 0;
    for (size_t i = 0; i < kind->param_count; i++)
        keyed_count += compare_is_keyed(&kind->params[i]);
    return keyed_count == 1 || param->row->type == PARAM_SETTINGS
               ? param->key
               : arena_printf(render->scratch, "%s.%s", param->row->name, param->key);
}

static const char *mark_of(const Change *change, const ParamChange *param)
{
    if (change->op == CHANGE_CREATE)
        return "+";
    if (!param->after)
        return "-";
    return param->before || is_secret(param) ? "~" : "+";
}

static void put_param(const Render *render, const Change *change, const ParamChange *param)
{
    CLEANUP(text_release) Text text = TEXT_INIT;
    text_addf(&text, "      %s %s", mark_of(change, param), label_of(render, change, param));
    page_pad(&text, VALUE_COLUMN, 1);
    text_add(&text, "= ");
    add_values(render, &text, change, param);
    if (param->reason) {
        page_pad(&text, REASON_COLUMN, 2);
        text_add(&text, param->reason);
    }
    const Origin *own = change_resource(change)->origin, *origin = param->origin;
    bool is_same =
        own && origin && own->line == origin->line && text_equal(own->file, origin->file);
    Color color = change->op == CHANGE_CREATE     ? COLOR_GREEN
                  : param->need >= NEED_RECONNECT ? COLOR_YELLOW
                                                  : COLOR_PLAIN;
    page_put(&render->page, color, text_get(&text), VALUE_COLUMN + 2,
             is_same ? "" : render_origin(render->scratch, origin));
}

/* -- long texts ----------------------------------------------------------------------------------
 */

static void put_diff_line(const Render *render, const DiffLine *line)
{
    CLEANUP(text_release) Text text = TEXT_INIT;
    if (line->mark == '@')
        text_addf(&text, "      @@ line %zu @@", line->line_number);
    else
        text_addf(&text, "      %c  %s", line->mark, line->text);
    page_line(&render->page, COLOR_PLAIN, text_get(&text));
}

static void put_diff(const Render *render, const ParamChange *param)
{
    const char *const *before, *const *after;
    size_t before_count = lines_of(render->scratch, param->before, &before);
    size_t after_count = lines_of(render->scratch, param->after, &after);
    DiffLine *lines;
    size_t count =
        text_diff(render->scratch, before, before_count, after, after_count, DIFF_CONTEXT, &lines);
    size_t shown =
        render->page.options->verbose || count <= DIFF_LINES_MAX ? count : DIFF_LINES_MAX;
    for (size_t i = 0; i < shown; i++)
        put_diff_line(render, &lines[i]);
    if (shown < count)
        page_line(
            &render->page, COLOR_DIM,
            arena_printf(render->scratch, "      (%zu more lines; -v shows them)", count - shown));
}

/* -- which ones ----------------------------------------------------------------------------------
 */

/* What the inventory says or a formula gave. */
static bool is_remarkable(const ParamChange *param)
{
    return param->reason || (param->key && param->origin);
}

static bool is_any_remarkable(const Change *change)
{
    for (size_t i = 0; i < change->param_count; i++) {
        if (change->params[i].key && is_remarkable(&change->params[i]))
            return true;
    }
    return false;
}

/* Of a new resource: keys among which some are remarkable show these alone. */
static bool is_folded(const ParamChange *param, bool only_remarkable)
{
    if (is_remarkable(param))
        return false;
    return (param->row->flags & PARAM_FLAG_FOLD) || (param->key && only_remarkable);
}

static void put_new(const Render *render, const Change *change)
{
    bool verbose = render->page.options->verbose, only_remarkable = is_any_remarkable(change);
    size_t shown = 0, hidden = 0;
    for (size_t i = 0; i < change->param_count; i++) {
        const ParamChange *param = &change->params[i];
        if (!verbose && (is_folded(param, only_remarkable) || shown >= SHOWN_MAX)) {
            hidden++;
            continue;
        }
        put_param(render, change, param);
        shown++;
    }
    if (shown == 0 || hidden == 0)
        return;
    CLEANUP(text_release) Text text = TEXT_INIT;
    text_addf(&text, "      + %zu more", hidden);
    page_pad(&text, VALUE_COLUMN, 1);
    text_add(&text, "  -v lists them");
    page_line(&render->page, COLOR_GREEN, text_get(&text));
}

static size_t managed_count(const Resource *resource)
{
    size_t count = 0;
    for (size_t i = 0; resource && i < resource->kind->param_count; i++) {
        const Slot *slot = &resource->slots[i];
        if (slot->state != SLOT_SET)
            continue;
        bool is_keyed = compare_is_keyed(&resource->kind->params[i]);
        count += is_keyed ? value_count(slot->value) : 1;
    }
    return count;
}

static void put_changed(const Render *render, const Change *change)
{
    for (size_t i = 0; i < change->param_count; i++) {
        const ParamChange *param = &change->params[i];
        if (is_long_text(param) && param->before && param->after &&
            param->after->type != VALUE_LATE)
            put_diff(render, param);
        else
            put_param(render, change, param);
    }
    size_t managed = managed_count(change->desired);
    size_t hidden = managed > change->param_count ? managed - change->param_count : 0;
    if (hidden > 0)
        page_line(&render->page, COLOR_DIM,
                  arena_printf(render->scratch, "      (%zu unchanged %s hidden)", hidden,
                               hidden == 1 ? "value" : "values"));
}

void render_params(const Render *render, const Change *change)
{
    if (change->op == CHANGE_CREATE)
        put_new(render, change);
    else
        put_changed(render, change);
}
