/*
 * What the procedure of clusters plans: the golden cases of tests/cases/procedure.
 *
 * Sections: "@inventory"; "@members" with lines "NAME ADDRESS ROLE" of a cluster that runs and is
 * ours; "@facts" with lines "SOURCE SUBJECT JSON", put over that; "@settings" with lines "NAME
 * VALUE": Patroni has the configuration that is wanted, but for these; "@others" with lines
 * "ADDRESS VERB": what other procedures planned before; "@changes" with patterns of the addresses
 * whose changes are planned; "@show" with addresses of actions. Then "@plan" and "@answers"
 * (effects and checks of what is shown), which UPDATE_GOLDEN=1 rewrites.
 */
#include <fnmatch.h>

#include "base/file.h"
#include "golden.h"
#include "kind_case.h"
#include "plans/builder.h"
#include "plans/procedures/cluster.h"
#include "providers/registry.h"
#include "unit.h"

enum { CHANGES_MAX = 200 };

typedef struct Planned {
    Change changes[CHANGES_MAX];
    size_t change_count;
    Topology topology;
    Builder *builder;
    Error *error;
} Planned;

/* --- what is there ---------------------------------------------------------------------------- */

static size_t words_of(Arena *arena, const char *line, size_t count, char ***ret)
{
    size_t found = text_words(arena, line, false, ret);
    if (found != 0 && found != count)
        fail_msg("'%s' has not %zu words", line, count);
    return found;
}

/* All members tell the same of each other. */
static void put_members(KindCase *play, const char *text)
{
    Arena *arena = play->arena;
    char **lines, **words;
    size_t count = text_split(arena, text, '\n', &lines);
    Value *members = value_list(arena), *view = value_map(arena);
    value_set(arena, view, "members", members);
    for (size_t i = 0; i < count; i++) {
        if (!words_of(arena, lines[i], 3, &words))
            continue;
        Value *member = value_map(arena);
        bool leads = strcmp(words[2], "leader") == 0;
        value_set_text(arena, member, "name", words[0]);
        value_set_text(arena, member, "host", words[1]);
        value_set_text(arena, member, "role", words[2]);
        value_set_text(arena, member, "state", leads ? "running" : "streaming");
        value_set_int(arena, member, "timeline", 1);
        value_push(arena, members, member);
        facts_put_known(play->facts, "patroni.cluster", words[1], view);
        case_fact(play, "node.data", words[1], "{'initialized': true, 'system_identifier': '7'}");
        case_fact(play, "node.markers", words[1],
                  arena_printf(arena, "{'cluster.%s': {'state': 'formed'}}", play->domain->name));
    }
}

static void put_settings(KindCase *play, const char *text)
{
    char **lines, **words;
    size_t count = text_split(play->arena, text, '\n', &lines);
    Value *document = case_document(play);
    Value *parameters = (Value *)(uintptr_t)value_path(document, "postgresql/parameters");
    for (size_t i = 0; i < count; i++) {
        if (words_of(play->arena, lines[i], 2, &words))
            value_set_text(play->arena, parameters, words[0], words[1]);
    }
    facts_put_known(play->facts, "patroni.config", host_address(play->domain->hosts[0]), document);
}

static KindCase *situation_of(Arena *arena, const char *text)
{
    KindCase *play = kind_case(arena, case_section(arena, text, "inventory"));
    case_bare(play);
    put_members(play, case_section(arena, text, "members"));
    case_facts(play, case_section(arena, text, "facts"));
    if (strstr(text, "\n@settings\n"))
        put_settings(play, case_section(arena, text, "settings"));
    return play;
}

/* --- what is planned -------------------------------------------------------------------------- */

static bool is_wanted(char *const *patterns, size_t count, const Change *change)
{
    for (size_t i = 0; i < count; i++) {
        if (fnmatch(patterns[i], change_resource(change)->address, 0) == 0)
            return true;
    }
    return false;
}

static void add_changes(KindCase *play, const char *text, Planned *planned)
{
    char **patterns;
    size_t count = text_words(play->arena, text, false, &patterns);
    for (const Kind *const *kind = pgsteer_registry.kinds; *kind; kind++) {
        if ((*kind)->domain != DOMAIN_CLUSTER)
            continue;
        Diff diff = case_diff(play, *kind);
        for (size_t i = 0; i < diff.change_count; i++) {
            if (is_wanted(patterns, count, &diff.changes[i])) {
                assert_true(planned->change_count < CHANGES_MAX);
                planned->changes[planned->change_count++] = diff.changes[i];
            }
        }
    }
}

static void add_others(KindCase *play, const char *text, Builder *builder)
{
    char **lines, **words;
    size_t count = text_split(play->arena, text, '\n', &lines);
    for (size_t i = 0; i < count; i++) {
        if (words_of(play->arena, lines[i], 2, &words))
            builder_add_step(builder, play->domain, words[1], words[0], "", "",
                             value_map(play->arena), "");
    }
}

static Planned *plan(KindCase *play, const char *text)
{
    Planned *planned = ARENA_NEW(play->arena, Planned);
    *planned = (Planned){.topology = topology_of(play->arena, play->domain, play->facts),
                         .builder = builder_new(play->arena, &pgsteer_registry)};
    add_changes(play, case_section(play->arena, text, "changes"), planned);
    add_others(play, case_section(play->arena, text, "others"), planned->builder);
    builder_note_units(planned->builder, planned->changes, planned->change_count);
    Situation situation = {.domain = play->domain,
                           .facts = play->facts,
                           .topology = &planned->topology,
                           .changes = planned->changes,
                           .change_count = planned->change_count};
    planned->error = procedure_cluster.build(planned->builder, &situation);
    assert_null(planned->builder->problem);
    return planned;
}

/* --- how it looks ----------------------------------------------------------------------------- */

static void add_action(Text *out, const Builder *builder, const Action *action)
{
    text_addf(out, "%s: %s @%s\n", action->address, action->verb->name, action->host);
    for (size_t i = 0; i < builder->limit_count; i++) {
        const BuilderLimit *limit = builder->limits[i];
        for (size_t k = 0; k < limit->count; k++) {
            if (limit->actions[k] == action->id)
                text_addf(out, "  %zu of %s at once\n", limit->capacity, limit->name);
        }
    }
    for (size_t i = 0; i < builder->edge_count; i++) {
        const PlanEdge *edge = &builder->edges[i];
        bool is_again = i > 0 && builder->edges[i - 1].from == edge->from &&
                        builder->edges[i - 1].to == edge->to;
        if (edge->to == action->id && !is_again)
            text_addf(out, "  after %s: %s\n", builder->actions[edge->from]->address,
                      edge->sentence);
    }
}

static void add_plan(Text *out, const Planned *planned)
{
    const Builder *builder = planned->builder;
    for (size_t i = 0; i < builder->note_count; i++)
        text_addf(out, "%s: %s\n", builder->notes[i].note.kind, builder->notes[i].note.text);
    if (planned->error) {
        char *text = error_text(planned->error);
        text_addf(out, "%s: %s\n", error_code_name(planned->error->code), text);
        free(text);
        return;
    }
    for (size_t i = 0; i < builder->action_count; i++)
        add_action(out, builder, builder->actions[i]);
}

static void add_answers(Text *out, KindCase *play, const Planned *planned, const char *text)
{
    char **addresses;
    size_t count = text_words(play->arena, text, false, &addresses);
    for (size_t i = 0; i < count; i++) {
        const Action *action = builder_action_of(planned->builder, addresses[i]);
        if (!action)
            fail_msg("nothing is planned at %s", addresses[i]);
        text_addf(out, "=== %s: %s%s", addresses[i], case_effects(play, action),
                  case_checks(play, action));
    }
}

static void play_file(Arena *arena, const char *path)
{
    char *text;
    size_t length;
    check_fine(file_read(arena, path, 1 << 20, &text, &length));
    KindCase *play = situation_of(arena, text);
    Planned *planned = plan(play, text);
    const char *generated = strstr(text, "\n@plan\n");
    CLEANUP(text_release) Text out = TEXT_INIT;
    text_add_bytes(&out, text, generated ? (size_t)(generated + 1 - text) : length);
    text_add(&out, "@plan\n");
    add_plan(&out, planned);
    text_add(&out, "@answers\n");
    add_answers(&out, play, planned, case_section(arena, text, "show"));
    error_free(planned->error);
    golden_expect(path, text, &out);
}

static void cases_hold(void **state)
{
    assert_true(golden_each_file(*state, "procedure", play_file) >= 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(cases_hold, arena_setup, arena_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
