/* An object for people. The first line is the answer. */
#include <string.h>

#include "cli/explain.h"
#include "schema/manual_parts.h"

enum { NAME_COLUMNS_MAX = 40, LINES_MAX = 12, HANG = 6 };

/* -- where it comes from --------------------------------------------------------------------- */

static bool is_absent(const ObjectAnswer *answer)
{
    return answer->resource->ensure == ENSURE_ABSENT;
}

static const char *made_by(Arena *arena, const ObjectAnswer *answer)
{
    const Resource *resource = answer->resource;
    if (!resource->origin)
        /* An object that no line names comes with its node or its cluster. */
        return arena_printf(arena, "comes with %s", explain_domain(arena, answer->domain));
    return arena_printf(arena, "%s %s", is_absent(answer) ? "is to be absent, says" : "comes from",
                        explain_place(arena, resource->origin));
}

/* -- values ---------------------------------------------------------------------------------- */

static const char *name_of(const ObjectLine *line)
{
    return line->key ? line->key : line->row->name;
}

static size_t widest(const ObjectAnswer *answer, const ParamRow *row, bool keys)
{
    size_t width = 0;
    for (size_t i = 0; i < answer->line_count; i++) {
        const ObjectLine *line = &answer->lines[i];
        size_t columns = text_columns(name_of(line));
        bool is_meant = keys ? line->row == row && line->key : !line->key;
        if (is_meant && columns > width)
            width = columns;
    }
    return width < NAME_COLUMNS_MAX ? width : NAME_COLUMNS_MAX;
}

static void put_line(const Page *page, Arena *arena, const ObjectLine *line, size_t indent,
                     size_t width)
{
    CLEANUP(text_release) Text text = TEXT_INIT;
    const char *reason = explain_line_reason(arena, line);
    text_add_repeat(&text, " ", indent);
    text_add(&text, name_of(line));
    page_pad(&text, indent + width + 1, 1);
    text_addf(&text, "= %s%s%s", explain_line_value(arena, line), *reason ? "   " : "", reason);
    page_put(page, COLOR_PLAIN, text_get(&text), indent + width + 3,
             explain_line_source(arena, line));
}

/* Keyed params have a heading with what a change needs. */
static void put_lines(const Page *page, Arena *arena, const ObjectAnswer *answer)
{
    const ParamRow *row = NULL;
    size_t width = widest(answer, NULL, false);
    for (size_t i = 0; i < answer->line_count; i++) {
        const ObjectLine *line = &answer->lines[i];
        if (!line->value)
            continue;
        if (!line->key) {
            put_line(page, arena, line, 2, width);
            continue;
        }
        if (line->row != row)
            page_put(page, COLOR_PLAIN,
                     arena_printf(arena, "  %s: %s", line->row->name, line->row->doc), HANG, "");
        row = line->row;
        put_line(page, arena, line, 4, widest(answer, row, true));
    }
}

static void put_unmanaged(const Page *page, Arena *arena, const ObjectAnswer *answer)
{
    CLEANUP(text_release) Text text = TEXT_INIT;
    for (size_t i = 0; i < answer->line_count; i++) {
        if (!answer->lines[i].value)
            text_addf(&text, "%s%s", text.length ? ", " : "", answer->lines[i].row->name);
    }
    if (text.length)
        page_put(page, COLOR_PLAIN, arena_printf(arena, "  not managed: %s", text_get(&text)), HANG,
                 "");
}

/* -- what it is made of ---------------------------------------------------------------------- */

static void put_param(const Page *page, Arena *arena, const Host *host, const char *name)
{
    const Value *value = explain_mask(arena, host_param(host, name), "");
    const char *text = arena_printf(arena, "  %s = %s", name, explain_brief(arena, value));
    page_put(page, COLOR_PLAIN, text, HANG, explain_place(arena, host_param_origin(host, name)));
}

static void put_params(const Page *page, Arena *arena, const ObjectAnswer *answer)
{
    CLEANUP(text_release) Text defaults = TEXT_INIT;
    if (answer->param_count == 0)
        return;
    page_blank(page);
    page_put(page, COLOR_BOLD,
             arena_printf(arena, "Made of the parameters of %s", host_name(answer->host)), 4, "");
    for (size_t i = 0; i < answer->param_count; i++) {
        const char *name = answer->params[i];
        if (host_param_is_set(answer->host, name))
            put_param(page, arena, answer->host, name);
        else
            text_addf(&defaults, "%s%s", defaults.length ? ", " : "", name);
    }
    if (defaults.length)
        page_put(page, COLOR_PLAIN,
                 arena_printf(arena, "  defaults of set %s: %s", PARAMS_DEFAULT_SET,
                              text_get(&defaults)),
                 HANG, "");
}

/* -- what a change needs --------------------------------------------------------------------- */

/* The params for which it is the same, once. */
static void put_change(const Page *page, Arena *arena, const ObjectAnswer *answer, size_t first)
{
    CLEANUP(text_release) Text text = TEXT_INIT;
    const Kind *kind = answer->resource->kind;
    const char *need = manual_need(arena, kind, &kind->params[first]);
    for (size_t i = 0; i < kind->param_count; i++) {
        const ParamRow *row = &kind->params[i];
        bool is_same = strcmp(manual_need(arena, kind, row), need) == 0;
        if (is_same && i < first)
            return;
        if (is_same && (!answer->only || answer->only == row))
            text_addf(&text, "%s%s", text.length ? ", " : "", row->name);
    }
    if (text.length)
        page_put(page, COLOR_PLAIN, arena_printf(arena, "  %s: %s", need, text_get(&text)), HANG,
                 "");
}

static void put_changes(const Page *page, Arena *arena, const ObjectAnswer *answer)
{
    page_blank(page);
    page_line(page, COLOR_BOLD, "What a change needs");
    for (size_t i = 0; i < answer->resource->kind->param_count; i++)
        put_change(page, arena, answer, i);
}

/* -- the whole ------------------------------------------------------------------------------- */

/* One value: of a long one all of it. */
static void put_only(const Page *page, Arena *arena, const ObjectAnswer *answer)
{
    const ObjectLine *line = &answer->lines[0];
    const char *reason = explain_line_reason(arena, line),
               *source = explain_line_source(arena, line);
    if (!*reason && !*source && line->value)
        reason = "pgsteer's own, or made of the parameters below";
    const char *text = arena_printf(arena, "%s.%s is %s%s%s%s%s", answer->resource->address,
                                    name_of(line), explain_line_value(arena, line),
                                    *reason ? ": " : "", reason, *source ? ", from " : "", source);
    page_put(page, COLOR_BOLD, text, 4, "");
    if (line->value)
        explain_rest(page, arena, line->value);
    page_blank(page);
    page_put(page, COLOR_PLAIN, arena_printf(arena, "  %s", line->row->doc), HANG, "");
}

static void put_all(const Page *page, Arena *arena, const ObjectAnswer *answer)
{
    const Resource *resource = answer->resource;
    const char *note = resource->note ? arena_printf(arena, " (%s)", resource->note) : "";
    page_put(page, COLOR_BOLD,
             arena_printf(arena, "%s %s%s", resource->address, made_by(arena, answer), note), 4,
             "");
    page_put(page, COLOR_PLAIN, arena_printf(arena, "  %s", resource->kind->doc), HANG, "");
    if (is_absent(answer))
        return;
    page_blank(page);
    put_lines(page, arena, answer);
    put_unmanaged(page, arena, answer);
}

void explain_object_text(const Page *page, Arena *arena, const ObjectAnswer *answer)
{
    if (answer->only && answer->line_count == 1)
        put_only(page, arena, answer);
    else
        put_all(page, arena, answer);
    if (is_absent(answer))
        return;
    put_params(page, arena, answer);
    put_changes(page, arena, answer);
}
