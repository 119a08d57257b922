/* A setting of PostgreSQL for people. The first line is the answer. */
#include <string.h>

#include "cli/explain.h"
#include "schema/manual_parts.h"
#include "schema/setting_places.h"

enum { HANG = 4, WINNERS_NAMED = 4 };

static const char *value_of(Arena *arena, const SettingWinner *winner)
{
    return explain_line_value(arena, &winner->sources[0].line);
}

/* "from pgsteer.yml:7:80 (autoconf.pg-test-1)", "the default of pg_pwd_enc (config.pg-test)" */
static const char *origin_of(Arena *arena, const SettingSource *source)
{
    const ObjectLine *line = &source->line;
    const char *address = source->resource->address, *reason = explain_line_reason(arena, line);
    if (line->origin)
        return arena_printf(arena, "from %s (%s)", explain_place(arena, line->origin), address);
    if (line->is_default)
        return arena_printf(arena, "the default of %s (%s)", line->param, address);
    return arena_printf(arena, "by %s%s%s", address, *reason ? ": " : "", reason);
}

static bool all_equal(Arena *arena, const SettingAnswer *answer)
{
    for (size_t i = 1; i < answer->winner_count; i++) {
        if (strcmp(value_of(arena, &answer->winners[i]), value_of(arena, &answer->winners[0])) != 0)
            return false;
    }
    return true;
}

static size_t reached_count(const SettingAnswer *answer)
{
    size_t count = 0;
    for (size_t i = 0; i < answer->winner_count; i++)
        count += answer->winners[i].host_count;
    return count;
}

/* "64MB on 1 host, 1GB on 2 hosts" */
static const char *values_text(Arena *arena, const SettingAnswer *answer)
{
    CLEANUP(text_release) Text text = TEXT_INIT;
    for (size_t i = 0; i < answer->winner_count; i++)
        text_addf(&text, "%s%s on %s", i > 0 ? ", " : "", value_of(arena, &answer->winners[i]),
                  explain_count(arena, answer->winners[i].host_count));
    return text_copy(&text, arena);
}

static const char *first_line(Arena *arena, const SettingAnswer *answer)
{
    const SettingWinner *first = &answer->winners[0];
    const ExplainHosts reached = {.items = first->hosts,
                                  .count = first->host_count,
                                  .cluster = host_cluster(first->hosts[0])};
    if (answer->winner_count == 1)
        return arena_printf(arena, "%s is %s on %s, %s", answer->name, value_of(arena, first),
                            explain_asked(arena, &reached), origin_of(arena, &first->sources[0]));
    if (all_equal(arena, answer))
        return arena_printf(arena, "%s is %s on %s", answer->name, value_of(arena, first),
                            explain_count(arena, reached_count(answer)));
    if (answer->winner_count > WINNERS_NAMED)
        return arena_printf(arena, "%s comes from %zu places", answer->name, answer->winner_count);
    return arena_printf(arena, "%s is %s", answer->name, values_text(arena, answer));
}

/* -- sources --------------------------------------------------------------------------------- */

static size_t widest(const SettingSource *sources, size_t count)
{
    size_t width = 0;
    for (size_t i = 0; i < count; i++) {
        size_t columns = text_columns(sources[i].resource->address);
        width = columns > width ? columns : width;
    }
    return width;
}

static void put_source(const Page *page, Arena *arena, const SettingSource *source,
                       const char *mark, size_t width)
{
    CLEANUP(text_release) Text text = TEXT_INIT;
    const char *reason = explain_line_reason(arena, &source->line);
    text_addf(&text, "  %s %s", mark, source->resource->address);
    page_pad(&text, HANG + width + 2, 1);
    text_addf(&text, "%s%s%s", explain_line_value(arena, &source->line), *reason ? "   " : "",
              reason);
    page_put(page, COLOR_PLAIN, text_get(&text), HANG + width + 2,
             explain_line_source(arena, &source->line));
}

static void put_sources(const Page *page, Arena *arena, const SettingWinner *winner)
{
    size_t width = widest(winner->sources, winner->source_count);
    for (size_t i = 0; i < winner->source_count; i++)
        put_source(page, arena, &winner->sources[i], i == 0 ? ">" : " ", width);
}

static void put_winner(const Page *page, Arena *arena, const SettingAnswer *answer, size_t i)
{
    const SettingWinner *winner = &answer->winners[i];
    const char *names = explain_names(page, arena, winner->hosts, winner->host_count);
    page_blank(page);
    if (answer->winner_count > 1)
        page_put(page, COLOR_BOLD,
                 arena_printf(arena, "%s on %s: %s", value_of(arena, winner),
                              explain_count(arena, winner->host_count), names),
                 HANG, "");
    put_sources(page, arena, winner);
}

static void put_winners(const Page *page, Arena *arena, const SettingAnswer *answer)
{
    size_t shown = explain_shown(page, answer->winner_count);
    for (size_t i = 0; i < shown; i++)
        put_winner(page, arena, answer, i);
    explain_hidden(page, arena, answer->winner_count - shown);
}

static void put_sessions(const Page *page, Arena *arena, const SettingAnswer *answer)
{
    size_t width = widest(answer->sessions, answer->session_count);
    if (answer->session_count == 0)
        return;
    page_blank(page);
    page_line(page, COLOR_BOLD, "Sessions that begin with another value");
    for (size_t i = 0; i < answer->session_count; i++)
        put_source(page, arena, &answer->sessions[i], " ", width);
}

/* -- what is to be known of it --------------------------------------------------------------- */

static bool is_met(const SettingAnswer *answer, size_t winner, size_t source)
{
    const Kind *kind = answer->winners[winner].sources[source].resource->kind;
    for (size_t w = 0; w <= winner; w++) {
        size_t count = w < winner ? answer->winners[w].source_count : source;
        for (size_t s = 0; s < count; s++) {
            if (answer->winners[w].sources[s].resource->kind == kind)
                return true;
        }
    }
    return false;
}

static void put_kind(const Page *page, Arena *arena, const SettingSource *source)
{
    const Kind *kind = source->resource->kind;
    const char *need = manual_need(arena, kind, source->line.row);
    page_put(page, COLOR_PLAIN,
             arena_printf(arena, "  %s: %s A change needs: %s.", kind->name, kind->doc, need), HANG,
             "");
}

static void put_kinds(const Page *page, Arena *arena, const SettingAnswer *answer)
{
    const char *advice = setting_refusal(arena, answer->name);
    page_blank(page);
    for (size_t w = 0; w < answer->winner_count; w++) {
        for (size_t s = 0; s < answer->winners[w].source_count; s++) {
            if (!is_met(answer, w, s))
                put_kind(page, arena, &answer->winners[w].sources[s]);
        }
    }
    if (advice)
        page_put(page, COLOR_PLAIN,
                 arena_printf(arena, "  pg_parameters cannot change it. %s", advice), HANG, "");
}

void explain_setting_text(const Page *page, Arena *arena, const SettingAnswer *answer)
{
    page_put(page, COLOR_BOLD, first_line(arena, answer), HANG, "");
    put_winners(page, arena, answer);
    put_sessions(page, arena, answer);
    put_kinds(page, arena, answer);
}
