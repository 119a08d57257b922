/*
 * The table of a block: what happens when, for how long, and who notices.
 *
 * Actions of one verb are one line, but each disruptive one has its own. What takes less than a
 * second and nobody notices is not listed.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/duration.h"
#include "plans/render_parts.h"

enum {
    LISTED_MS = 1000,
    WIDE_COLUMNS = 96, /* below, limit and who notices are left out */
};

/* Columns where the figures end and who notices begins. */
typedef struct Layout {
    bool is_schedule; /* of something new: nobody notices */
    size_t start_end, takes_end, limit_end, who;
} Layout;

static Layout layout_of(const Render *render, const PlanBlock *block)
{
    size_t columns = render->page.columns;
    Layout layout = {.is_schedule = strcmp(block->title, "new") == 0};
    if (columns < WIDE_COLUMNS) {
        layout.start_end = columns - 9;
        layout.takes_end = columns - 1;
        return layout;
    }
    layout.start_end = 60;
    layout.takes_end = 68;
    if (!layout.is_schedule) {
        layout.limit_end = 76;
        layout.who = 79;
    }
    return layout;
}

typedef struct Row {
    const Action *first;
    size_t count, host_count;
    int64_t start_ms, end_ms;
} Row;

static const char *const noticed_by[AVAILABILITY_COUNT] = {
    [AVAILABLE] = "nobody",
    [AVAILABLE_RELOAD] = "nobody",
    [AVAILABLE_RECONNECT] = "cut sessions",
    [AVAILABLE_RESTART] = "its sessions",
    [AVAILABLE_WRITE_GAP] = "all writers",
    [AVAILABLE_REBUILD] = "its readers",
};

static int row_compare(const void *a, const void *b)
{
    const Row *left = a, *right = b;
    if (left->start_ms != right->start_ms)
        return left->start_ms < right->start_ms ? -1 : 1;
    return left->first->id < right->first->id ? -1 : left->first->id > right->first->id;
}

static bool stands_alone(const Action *action)
{
    return action->verb->availability >= AVAILABLE_RESTART;
}

/* An action at its place in time. */
typedef struct Moment {
    const Action *action;
    int64_t start_ms;
} Moment;

static int moment_compare(const void *a, const void *b)
{
    const Moment *left = a, *right = b;
    if (left->start_ms != right->start_ms)
        return left->start_ms < right->start_ms ? -1 : 1;
    return left->action->id < right->action->id ? -1 : left->action->id > right->action->id;
}

/* To the row of its verb, if that one still runs then; else to a new row. */
static void add_moment(const Render *render, Map *by_key, Row *rows, size_t *count,
                       const Moment *moment)
{
    const Action *action = moment->action;
    const char *key = stands_alone(action) ? action->address : action->verb->name;
    Row *row = map_get(by_key, key);
    if (!row || moment->start_ms > row->end_ms) {
        row = &rows[(*count)++];
        *row = (Row){.first = action, .start_ms = moment->start_ms, .end_ms = moment->start_ms};
        map_set(by_key, key, row);
    }
    const char *host_key = arena_printf(render->scratch, "%s\n%s", key, action->host);
    row->count++;
    row->host_count += map_set(by_key, host_key, row) != row;
    if (moment->start_ms + action->expected_ms > row->end_ms)
        row->end_ms = moment->start_ms + action->expected_ms;
}

static bool is_listed(const Row *row)
{
    return row->first->verb->availability > AVAILABLE || row->end_ms - row->start_ms >= LISTED_MS;
}

static size_t make_rows(const Render *render, const PlanBlock *block, Row **ret)
{
    Map *by_key = map_new(render->scratch);
    const BlockActions *actions = render_actions_of(render, block);
    Moment *moments = ARENA_ARRAY(render->scratch, Moment, actions->count);
    Row *rows = ARENA_ARRAY(render->scratch, Row, actions->count);
    size_t count = 0, kept = 0;
    for (size_t i = 0; i < actions->count; i++)
        moments[i] = (Moment){actions->items[i], render->plan->start_ms[actions->items[i]->id]};
    if (actions->count > 0)
        qsort(moments, actions->count, sizeof(*moments), moment_compare);
    for (size_t i = 0; i < actions->count; i++)
        add_moment(render, by_key, rows, &count, &moments[i]);
    for (size_t i = 0; i < count; i++) {
        if (is_listed(&rows[i]))
            rows[kept++] = rows[i];
    }
    if (kept > 0)
        qsort(rows, kept, sizeof(*rows), row_compare);
    *ret = rows;
    return kept;
}

/* Figures end at a column. */
static void put_at(Text *line, size_t end, const char *figure)
{
    size_t width = text_columns(figure);
    page_pad(line, end > width ? end - width : 0, 1);
    text_add(line, figure);
}

static const char *clock_text(Arena *arena, int64_t ms)
{
    long long seconds = (ms + 500) / 1000;
    if (seconds >= 3600)
        return arena_printf(arena, "%lld:%02lld:%02lld", seconds / 3600, seconds / 60 % 60,
                            seconds % 60);
    return arena_printf(arena, "%lld:%02lld", seconds / 60, seconds % 60);
}

static const char *duration_text(Arena *arena, int64_t ms)
{
    CLEANUP(text_release) Text text = TEXT_INIT;
    duration_format(&text, ms);
    return text_copy(&text, arena);
}

/* "Install packages; the work goes on alone." becomes "install packages": its first clause. */
static void add_doc(Text *label, const char *doc)
{
    size_t length = strcspn(doc, ".;:,");
    size_t start = label->length;
    text_add_bytes(label, doc, length);
    bool is_word = length > 1 && islower((unsigned char)doc[1]);
    if (is_word)
        label->bytes[start] = (char)tolower((unsigned char)label->bytes[start]);
}

/* With where or how often; cut to fit. */
static void add_label(const Render *render, Text *line, const Row *row, size_t room)
{
    CLEANUP(text_release) Text label = TEXT_INIT;
    CLEANUP(text_release) Text times = TEXT_INIT;
    if (stands_alone(row->first))
        text_addf(&label, "%s: ", row->first->scope);
    add_doc(&label, row->first->verb->doc);
    if (row->host_count > 1)
        text_addf(&times, ", on %zu nodes", row->host_count);
    else if (row->count > 1)
        text_addf(&times, ", %zu times", row->count);
    if (text_columns(text_get(&label)) + times.length > room) {
        const char *mark = render->page.options->unicode ? "…" : "...";
        size_t fits = page_fit(text_get(&label), room - times.length - text_columns(mark));
        text_add_bytes(line, text_get(&label), fits);
        text_add(line, mark);
    } else {
        text_add(line, text_get(&label));
    }
    text_add(line, text_get(&times));
}

static void put_row(const Render *render, const Layout *layout, const Row *row, size_t number)
{
    const Verb *verb = row->first->verb;
    CLEANUP(text_release) Text line = TEXT_INIT;
    if (layout->is_schedule)
        text_add(&line, "    ");
    else
        text_addf(&line, "  %2zu %-2s ", number, render_letter(verb->availability));
    size_t used = line.length;
    add_label(render, &line, row, layout->start_end - 7 - used);
    put_at(&line, layout->start_end, clock_text(render->scratch, row->start_ms));
    put_at(&line, layout->takes_end, duration_text(render->scratch, row->end_ms - row->start_ms));
    if (layout->who) {
        put_at(&line, layout->limit_end, duration_text(render->scratch, verb->deadline_ms));
        page_pad(&line, layout->who, 2);
        text_add(&line, noticed_by[verb->availability]);
    }
    Color color = verb->availability >= AVAILABLE_WRITE_GAP   ? COLOR_RED
                  : verb->availability >= AVAILABLE_RECONNECT ? COLOR_YELLOW
                                                              : COLOR_PLAIN;
    page_line(&render->page, layout->is_schedule ? COLOR_PLAIN : color, text_get(&line));
}

void render_steps(const Render *render, const PlanBlock *block)
{
    Row *rows;
    size_t count = make_rows(render, block, &rows);
    if (count == 0)
        return;
    Layout layout = layout_of(render, block);
    CLEANUP(text_release) Text head = TEXT_INIT;
    text_add(&head, layout.is_schedule ? "  Schedule" : "  Steps");
    put_at(&head, layout.start_end, "start");
    put_at(&head, layout.takes_end, "takes");
    if (layout.who) {
        put_at(&head, layout.limit_end, "limit");
        page_pad(&head, layout.who, 2);
        text_add(&head, "who notices");
    }
    page_blank(&render->page);
    page_line(&render->page, COLOR_PLAIN, text_get(&head));
    for (size_t i = 0; i < count; i++)
        put_row(render, &layout, &rows[i], i + 1);
}
