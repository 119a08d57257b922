/* One block: heading, what was found, changes (equal ones once), what to know, the steps. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "plans/render_parts.h"

enum {
    LABEL_COLUMN = 11,      /* texts beside "Found" */
    WIDE_LABEL_COLUMN = 19, /* beside "Fixed for life" */
    MORE_COLUMN = 32,
    DEFAULTS_SHOWN_MAX = 3, /* new resources of a kind that the inventory does not name */
    UNREAD_SHOWN_MAX = 3,   /* withheld changes with one reason */
};

/* A change that stands for `count` equal ones. */
typedef struct Shown {
    const Change *change;
    size_t count;
    size_t rank; /* of its kind, then of itself: the order of the block */
} Shown;

/* -- equal changes ------------------------------------------------------------------------------
 */

static void add_part(Text *key, const Value *value)
{
    text_add_char(key, '\n');
    if (value)
        json_write_canonical(key, value);
}

/* Equal keys mean: the same text but for the scope. */
static const char *key_of(Arena *scratch, const Change *change)
{
    const Resource *resource = change_resource(change);
    CLEANUP(text_release) Text key = TEXT_INIT;
    text_addf(&key, "%d %s/%s\n%s\n%s", (int)change->op, resource->kind->name, resource->name,
              resource->note ? resource->note : "",
              change->withhold_reason ? change->withhold_reason : "");
    for (size_t i = 0; i < change->param_count; i++) {
        const ParamChange *param = &change->params[i];
        text_addf(&key, "\n%s.%s", param->row->name, param->key ? param->key : "");
        add_part(&key, param->before);
        add_part(&key, param->after);
    }
    return text_copy(&key, scratch);
}

static int shown_compare(const void *a, const void *b)
{
    const Shown *left = a, *right = b;
    return left->rank < right->rank ? -1 : left->rank > right->rank;
}

/* Kinds in the order of their first change; within a kind the order of the block. */
static size_t rank_of(const Render *render, Map *kinds, const PlanBlock *block, size_t i)
{
    const char *kind = change_resource(&block->changes[i])->kind->name;
    size_t *rank = map_get(kinds, kind);
    if (!rank) {
        rank = ARENA_NEW(render->scratch, size_t);
        *rank = map_count(kinds);
        map_set(kinds, kind, rank);
    }
    return *rank * (block->change_count + 1) + i;
}

static size_t fold_equal(const Render *render, const PlanBlock *block, Shown **ret)
{
    Map *kinds = map_new(render->scratch), *seen = map_new(render->scratch);
    Shown *items = ARENA_ARRAY(render->scratch, Shown, block->change_count);
    size_t count = 0;
    for (size_t i = 0; i < block->change_count; i++) {
        const Change *change = &block->changes[i];
        bool verbose = render->page.options->verbose;
        const char *key =
            verbose ? change_resource(change)->address : key_of(render->scratch, change);
        Shown *same = map_get(seen, key);
        if (same) {
            same->count++;
            continue;
        }
        items[count] = (Shown){change, 1, rank_of(render, kinds, block, i)};
        map_set(seen, key, &items[count++]);
    }
    if (count > 0)
        qsort(items, count, sizeof(*items), shown_compare);
    *ret = items;
    return count;
}

/* -- what folds ---------------------------------------------------------------------------------
 */

/* What comes, or what is left alone. */
static bool folds(const Render *render, const Shown *shown, ChangeOp op)
{
    const Change *change = shown->change;
    bool is_left = change->op == CHANGE_DELETE && change->withhold_reason;
    return !render->page.options->verbose && change->op == op && (op == CHANGE_CREATE || is_left) &&
           change_resource(change)->kind->folds;
}

static bool is_default(const Shown *shown)
{
    const Resource *resource = change_resource(shown->change);
    return shown->change->op == CHANGE_CREATE && !resource->kind->folds && !resource->origin &&
           *resource->name;
}

/* New resources of one kind that the inventory does not name, in a row from `first`. */
static size_t defaults_run(const Shown *items, size_t count, size_t first)
{
    size_t run = 0;
    for (size_t i = first; i < count; i++) {
        const Resource *resource = change_resource(items[i].change);
        if (resource->kind != change_resource(items[first].change)->kind)
            break;
        run += is_default(&items[i]);
    }
    return run;
}

static void put_defaults(const Render *render, const Shown *items, size_t count, size_t first,
                         size_t run)
{
    const Resource *resource = change_resource(items[first].change);
    CLEANUP(text_release) Text text = TEXT_INIT;
    text_addf(&text, "  + %s.%s/%s", resource->kind->name, resource->scope,
              render->page.options->unicode ? "…" : "...");
    page_pad(&text, MORE_COLUMN, 2);
    text_addf(&text, "%zu more: ", run);
    size_t named = 0;
    for (size_t i = first; i < count && named < run; i++) {
        if (is_default(&items[i]))
            text_addf(&text, "%s%s", named++ ? ", " : "", change_resource(items[i].change)->name);
    }
    page_put(&render->page, COLOR_GREEN, text_get(&text), MORE_COLUMN, "");
}

static void add_kind_name(Text *text, const char *kind)
{
    for (; *kind; kind++)
        text_add_char(text, (char)(*kind == '_' ? ' ' : *kind));
}

/* "+ 24 more   packages, units, ...; -v lists them". */
static void put_folded(const Render *render, const Shown *items, size_t count, ChangeOp op)
{
    Map *kinds = map_new(render->scratch);
    CLEANUP(text_release) Text names = TEXT_INIT;
    size_t total = 0;
    for (size_t i = 0; i < count; i++) {
        if (!folds(render, &items[i], op))
            continue;
        total += items[i].count;
        const char *kind = change_resource(items[i].change)->kind->name;
        if (map_set(kinds, kind, render->actions))
            continue;
        text_add(&names, names.length ? ", " : "");
        add_kind_name(&names, kind);
    }
    if (total == 0)
        return;
    CLEANUP(text_release) Text text = TEXT_INIT;
    text_addf(&text, "  %s %zu more", op == CHANGE_CREATE ? "+" : "-", total);
    page_pad(&text, MORE_COLUMN, 2);
    text_addf(&text, "%s; -v lists them", text_get(&names));
    page_put(&render->page, op == CHANGE_CREATE ? COLOR_GREEN : COLOR_YELLOW, text_get(&text),
             MORE_COLUMN, "");
}

/* -- what could not be read
 * ------------------------------------------------------------------------ */

/* One line for all that share a reason, when there are many: a node that does not answer. */
static void put_unread(const Render *render, const Shown *items, size_t count)
{
    Map *reasons = map_new(render->scratch);
    for (size_t i = 0; i < count; i++) {
        if (items[i].change->op != CHANGE_WITHHOLD)
            continue;
        Shown *first = map_get(reasons, items[i].change->withhold_reason);
        if (!first) {
            first = ARENA_NEW(render->scratch, Shown);
            first->change = items[i].change;
            map_set(reasons, items[i].change->withhold_reason, first);
        }
        first->count += items[i].count;
    }
    for (size_t i = 0; i < map_count(reasons); i++) {
        const Shown *first = map_value_at(reasons, i);
        if (first->count <= UNREAD_SHOWN_MAX || render->page.options->verbose)
            continue;
        CLEANUP(text_release) Text text = TEXT_INIT;
        text_addf(&text, "  ? %zu resources", first->count);
        page_pad(&text, MORE_COLUMN, 2);
        text_addf(&text, "%s; nothing is planned for them", map_key_at(reasons, i));
        page_put(&render->page, COLOR_YELLOW, text_get(&text), MORE_COLUMN, "");
    }
}

static size_t reason_count(const Shown *items, size_t count, const char *reason)
{
    size_t total = 0;
    for (size_t i = 0; i < count && total <= UNREAD_SHOWN_MAX; i++) {
        if (items[i].change->op == CHANGE_WITHHOLD &&
            strcmp(items[i].change->withhold_reason, reason) == 0)
            total += items[i].count;
    }
    return total;
}

static bool is_unread_folded(const Render *render, const Shown *items, size_t count, size_t i)
{
    return !render->page.options->verbose && items[i].change->op == CHANGE_WITHHOLD &&
           reason_count(items, count, items[i].change->withhold_reason) > UNREAD_SHOWN_MAX;
}

static void put_changes(const Render *render, const PlanBlock *block)
{
    Shown *items;
    size_t count = fold_equal(render, block, &items);
    const Kind *folded_kind = NULL;
    for (size_t i = 0; i < count; i++) {
        if (folds(render, &items[i], CHANGE_CREATE) || folds(render, &items[i], CHANGE_DELETE) ||
            is_unread_folded(render, items, count, i))
            continue;
        if (is_default(&items[i]) && !render->page.options->verbose) {
            const Kind *kind = change_resource(items[i].change)->kind;
            size_t run = kind == folded_kind ? 0 : defaults_run(items, count, i);
            if (run > DEFAULTS_SHOWN_MAX) {
                folded_kind = kind;
                put_defaults(render, items, count, i, run);
            }
            if (kind == folded_kind)
                continue;
        }
        render_change(render, items[i].change, items[i].count);
    }
    put_folded(render, items, count, CHANGE_CREATE);
    put_folded(render, items, count, CHANGE_DELETE);
    put_unread(render, items, count);
}

/* -- notes ---------------------------------------------------------------------------------------
 */

/* All notes of one sort below its label. */
static bool put_notes(const Render *render, const PlanBlock *block, const char *kind,
                      const char *label, size_t column)
{
    bool any = false;
    for (size_t i = 0; i < block->note_count; i++) {
        const PlanNote *note = &block->notes[i];
        if (strcmp(note->kind, kind) != 0)
            continue;
        CLEANUP(text_release) Text text = TEXT_INIT;
        text_addf(&text, "  %s", any ? "" : label);
        page_pad(&text, column, 1);
        text_add(&text, note->text);
        page_put(&render->page, COLOR_PLAIN, text_get(&text), column,
                 render_origin(render->scratch, note->origin));
        any = true;
    }
    return any;
}

static void put_closing_notes(const Render *render, const PlanBlock *block)
{
    static const struct {
        const char *kind, *label;
    } rows[] = {
        {"fixed", "Fixed for life"}, {"later", "Known later"},      {"safety", "Safety"},
        {"unknown", "? Not known"},  {"info", "i For information"}, {"orphan", "i Left alone"},
    };
    bool any = false;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        for (size_t k = 0; k < block->note_count && !any; k++) {
            any = strcmp(block->notes[k].kind, rows[i].kind) == 0;
            if (any && block->change_count > 0)
                page_blank(&render->page);
        }
        put_notes(render, block, rows[i].kind, rows[i].label, WIDE_LABEL_COLUMN);
    }
}

/* -- heading -------------------------------------------------------------------------------------
 */

static void add_op_count(Text *text, const PlanBlock *block, ChangeOp op, const char *mark)
{
    size_t count = 0;
    for (size_t i = 0; i < block->change_count; i++)
        count += block->changes[i].op == op;
    if (count > 0)
        text_addf(text, "%s%s %zu", text->length ? " " : "", mark, count);
}

/* "R x3  S x1": from reconnects up; reloads only when there is nothing worse. */
static void add_impact(const Render *render, Text *text, const PlanBlock *block)
{
    size_t counts[AVAILABILITY_COUNT] = {0};
    bool is_new = strcmp(block->title, "new") == 0;
    const BlockActions *actions = render_actions_of(render, block);
    for (size_t i = 0; !is_new && i < actions->count; i++)
        counts[actions->items[i]->verb->availability]++;
    for (int i = AVAILABLE_RECONNECT; i < AVAILABILITY_COUNT; i++) {
        if (counts[i] > 0)
            text_addf(text, "%s%s x%zu", text->length ? "  " : "", render_letter((Availability)i),
                      counts[i]);
    }
    if (text->length == 0 && counts[AVAILABLE_RELOAD] > 0)
        text_addf(text, "r x%zu", counts[AVAILABLE_RELOAD]);
}

static void put_heading(const Render *render, const PlanBlock *block)
{
    CLEANUP(text_release) Text counts = TEXT_INIT;
    CLEANUP(text_release) Text impact = TEXT_INIT;
    CLEANUP(text_release) Text members = TEXT_INIT;
    add_op_count(&counts, block, CHANGE_CREATE, "+");
    add_op_count(&counts, block, CHANGE_UPDATE, "~");
    add_op_count(&counts, block, CHANGE_DELETE, "-");
    add_op_count(&counts, block, CHANGE_REPLACE, "-/+");
    add_op_count(&counts, block, CHANGE_WITHHOLD, "?");
    add_impact(render, &impact, block);
    bool has_members = !strstr(block->title, "healthy");
    if (has_members)
        text_addf(&members, "%zu %s", block->member_count, block->member_noun);
    page_heading(&render->page, block->name, block->title, text_get(&members), text_get(&counts),
                 text_get(&impact));
}

void render_block(const Render *render, const PlanBlock *block)
{
    put_heading(render, block);
    bool found = put_notes(render, block, "found", "Found", LABEL_COLUMN);
    if (found && block->change_count > 0)
        page_blank(&render->page);
    put_changes(render, block);
    put_closing_notes(render, block);
    render_steps(render, block);
    page_blank(&render->page);
}
