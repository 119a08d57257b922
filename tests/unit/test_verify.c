/*
 * What is found in plans made by hand: the golden cases of tests/cases/verify.
 *
 * Sections: "@members" with lines "NAME HOST leader|replica|down|new|etcd
 * [LIMIT=NOW[/WANTED]|?]...", other limits are 10;
 * "@sync" with the number of synchronous standbys; "@actions" with lines "ADDRESS VERB HOST ARGS"
 * (verbs of the registry, or "quiet", "gap" and "rude", whose arguments are their effects);
 * "@edges" with lines "BEFORE AFTER"; "@limits" with lines "CAPACITY ADDRESS..."; "@brackets" with
 * lines "OPEN CLOSE ADDRESS...". Then "@full" and "@sample", which UPDATE_GOLDEN=1 rewrites.
 */

#include "base/file.h"
#include "base/json.h"
#include "golden.h"
#include "kind_case.h"
#include "plans/verify/start.h"
#include "plans/verify/verification.h"
#include "providers/registry.h"
#include "unit.h"

/* -- verbs whose effects are their arguments ----------------------------------------------------
 */

static EffectType effect_named(const char *name)
{
    for (int i = 0; i < EFFECT_TYPE_COUNT; i++) {
        if (strcmp(effect_rows[i].name, name) == 0)
            return (EffectType)i;
    }
    fail_msg("there is no effect '%s'", name);
    return EFFECT_TYPE_COUNT;
}

static void told_effects(Arena *arena, const Action *action, EffectList *out)
{
    for (size_t i = 0; i < value_count(action->args); i++) {
        if (action->args->map.values[i]->type == VALUE_MAP)
            effect_add(arena, out, effect_named(action->args->map.keys[i]), action->host,
                       action->args->map.values[i]);
    }
}

static const Verb quiet = {.name = "quiet", .effects = told_effects};
static const Verb gap = {
    .name = "gap", .availability = AVAILABLE_WRITE_GAP, .effects = told_effects};
static const Verb rude = {
    .name = "rude", .availability = AVAILABLE_RESTART, .disruptive = true, .effects = told_effects};
static const Verb *const told_verbs[] = {&quiet, &gap, &rude};

static const Verb *verb_named(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(told_verbs); i++) {
        if (strcmp(told_verbs[i]->name, name) == 0)
            return told_verbs[i];
    }
    const Verb *verb = registry_verb(&pgsteer_registry, name);
    if (!verb)
        fail_msg("there is no verb '%s'", name);
    return verb;
}

/* -- the plan -----------------------------------------------------------------------------------
 */

typedef struct Case {
    Arena *arena;
    const char *text;
    Plan plan;
} Case;

/* The words of each line; 0 for an empty one. */
static size_t lines_of(Case *it, const char *section, char ***ret)
{
    return text_split(it->arena, case_section(it->arena, it->text, section), '\n', ret);
}

static const Value *limit_of(Arena *arena, const char *text)
{
    const char *slash = strchr(text, '/');
    int64_t now = strtoll(text, NULL, 10);
    Value *limit = value_map(arena);
    value_set_int(arena, limit, "now", now);
    value_set_int(arena, limit, "wanted", slash ? strtoll(slash + 1, NULL, 10) : now);
    return limit;
}

static Value *limits_of(Arena *arena, char *const *words, size_t count)
{
    Value *limits = value_map(arena);
    for (size_t i = 0; i < START_LIMITS; i++)
        value_set(arena, limits, start_limit_names[i], limit_of(arena, "10"));
    for (size_t i = 3; i < count; i++) {
        const char *equal = strchr(words[i], '=');
        assert_non_null(equal);
        const char *name = arena_strndup(arena, words[i], (size_t)(equal - words[i]));
        value_set(arena, limits, name,
                  equal[1] == '?' ? &value_empty_map : limit_of(arena, equal + 1));
    }
    return limits;
}

static const Value *member_of(Arena *arena, char *const *words, size_t count)
{
    Value *member = value_map(arena);
    bool runs = strcmp(words[2], "down") != 0 && strcmp(words[2], "new") != 0;
    value_set_text(arena, member, "name", words[0]);
    value_set_text(arena, member, "host", words[1]);
    value_set_bool(arena, member, "runs", runs);
    value_set_bool(arena, member, "has_data", strcmp(words[2], "new") != 0);
    value_set_bool(arena, member, "leads", strcmp(words[2], "leader") == 0);
    value_set_bool(arena, member, "listed", strcmp(words[2], "etcd") == 0);
    value_set(arena, member, "limits", limits_of(arena, words, count));
    return member;
}

static void put_start(Case *it)
{
    Arena *arena = it->arena;
    char **lines, **words;
    size_t count = lines_of(it, "members", &lines);
    Value *start = value_map(arena), *members = value_list(arena);
    bool is_etcd = false, is_made = false;
    for (size_t i = 0; i < count; i++) {
        size_t found = text_words(arena, lines[i], false, &words);
        if (found < 3)
            continue;
        is_etcd = is_etcd || strcmp(words[2], "etcd") == 0;
        is_made = is_made || strcmp(words[2], "new") != 0;
        value_push(arena, members, member_of(arena, words, found));
    }
    value_set_text(arena, start, "domain", is_etcd ? "etcd" : "pg-test");
    value_set_text(arena, start, "type", is_etcd ? "etcd" : "cluster");
    value_set_bool(arena, start, "initialized", is_made);
    value_set_int(arena, start, "sync", strtoll(case_section(arena, it->text, "sync"), NULL, 10));
    value_set(arena, start, "members", members);
    PlanStart *parsed = ARENA_NEW(arena, PlanStart);
    check_fine(start_parse(arena, start, parsed));
    it->plan.starts = parsed;
    it->plan.start_count = 1;
}

static const Value *args_of(Arena *arena, const char *text)
{
    const Value *args = NULL;
    char *json = arena_strdup(arena, text);
    for (char *c = json; *c; c++) {
        if (*c == '\'')
            *c = '"';
    }
    check_fine(json_parse(arena, json, strlen(json), &args));
    Value *all = value_copy(arena, args);
    value_set_text(arena, all, "user", "postgres");
    value_set_text(arena, all, "password", "secret");
    return all;
}

/* The member that an action is about. */
static const char *scope_of(const PlanStart *start, const char *host)
{
    for (size_t i = 0; i < start->member_count; i++) {
        if (strcmp(start->members[i].host, host) == 0)
            return start->members[i].name;
    }
    return "";
}

static void put_actions(Case *it)
{
    char **lines, **words;
    size_t count = lines_of(it, "actions", &lines);
    Action *actions = ARENA_ARRAY(it->arena, Action, count);
    for (size_t i = 0; i < count; i++) {
        if (text_words(it->arena, lines[i], false, &words) < 4)
            continue;
        actions[it->plan.action_count] =
            (Action){.id = it->plan.action_count,
                     .verb = verb_named(words[1]),
                     .address = words[0],
                     .domain = it->plan.starts->domain,
                     .scope = scope_of(it->plan.starts, words[2]),
                     .host = words[2],
                     .cluster = it->plan.starts->domain,
                     .args = args_of(it->arena, strstr(lines[i], "{"))};
        it->plan.action_count++;
    }
    it->plan.actions = actions;
}

static size_t action_named(const Case *it, const char *address)
{
    for (size_t i = 0; i < it->plan.action_count; i++) {
        if (strcmp(it->plan.actions[i].address, address) == 0)
            return i;
    }
    fail_msg("there is no action '%s'", address);
    return 0;
}

static void put_edges(Case *it)
{
    char **lines, **words;
    size_t count = lines_of(it, "edges", &lines);
    PlanEdge *edges = ARENA_ARRAY(it->arena, PlanEdge, count);
    for (size_t i = 0; i < count; i++) {
        if (text_words(it->arena, lines[i], false, &words) == 2)
            edges[it->plan.edge_count++] =
                (PlanEdge){.from = action_named(it, words[0]), .to = action_named(it, words[1])};
    }
    it->plan.edges = edges;
}

static size_t ids_of(const Case *it, char *const *words, size_t count, size_t **ret)
{
    *ret = ARENA_ARRAY(it->arena, size_t, count);
    for (size_t i = 0; i < count; i++)
        (*ret)[i] = action_named(it, words[i]);
    return count;
}

static void put_limits(Case *it)
{
    char **lines, **words;
    size_t count = lines_of(it, "limits", &lines);
    PlanLimit *limits = ARENA_ARRAY(it->arena, PlanLimit, count);
    for (size_t i = 0; i < count; i++) {
        size_t found = text_words(it->arena, lines[i], false, &words);
        if (found < 2)
            continue;
        PlanLimit *limit = &limits[it->plan.limit_count++];
        *limit = (PlanLimit){.name = "limit", .capacity = strtoul(words[0], NULL, 10)};
        limit->action_count = ids_of(it, words + 1, found - 1, &limit->actions);
    }
    it->plan.limits = limits;
}

static void put_brackets(Case *it)
{
    char **lines, **words;
    size_t count = lines_of(it, "brackets", &lines);
    PlanBracket *brackets = ARENA_ARRAY(it->arena, PlanBracket, count);
    for (size_t i = 0; i < count; i++) {
        size_t found = text_words(it->arena, lines[i], false, &words);
        if (found < 2)
            continue;
        PlanBracket *bracket = &brackets[it->plan.bracket_count++];
        *bracket =
            (PlanBracket){.open = action_named(it, words[0]), .close = action_named(it, words[1])};
        bracket->body_count = ids_of(it, words + 2, found - 2, &bracket->body);
    }
    it->plan.brackets = brackets;
}

static Case *case_of(Arena *arena, const char *text)
{
    Case *it = ARENA_NEW(arena, Case);
    *it = (Case){.arena = arena, .text = text};
    put_start(it);
    put_actions(it);
    put_edges(it);
    put_limits(it);
    put_brackets(it);
    return it;
}

/* -- what is found ------------------------------------------------------------------------------
 */

static void add_result(Text *out, const Case *it, VerifyMode mode)
{
    const Verification *found = plan_verify(it->arena, &it->plan, mode);
    const Violation *violation = found->violation;
    text_addf(out, "@%s\n", verify_mode_name(mode));
    if (verification_sentence(out, found))
        text_add_char(out, '\n');
    for (size_t i = 0; i < found->gap_count; i++)
        text_addf(out, "note: %s\n", found->gaps[i]);
    if (!violation)
        return;
    /* Of a sample the story is not the shortest: what it breaks is enough. */
    text_addf(out, "%s %s: %s\n", violation->domain, violation->invariant, violation->rule);
    for (size_t i = 0; i < violation->step_count && mode == VERIFY_FULL; i++)
        text_addf(out, "%zu. %s\n", i + 1, violation->steps[i]);
    if (mode == VERIFY_FULL)
        text_addf(out, "%s\n", violation->broken);
}

static void play_file(Arena *arena, const char *path)
{
    char *text;
    size_t length;
    check_fine(file_read(arena, path, 1 << 20, &text, &length));
    const Case *it = case_of(arena, text);
    const char *generated = strstr(text, "\n@full\n");
    CLEANUP(text_release) Text out = TEXT_INIT;
    text_add_bytes(&out, text, generated ? (size_t)(generated + 1 - text) : length);
    add_result(&out, it, VERIFY_FULL);
    add_result(&out, it, VERIFY_SAMPLE);
    golden_expect(path, text, &out);
}

static void cases_hold(void **state)
{
    assert_true(golden_each_file(*state, "verify", play_file) >= 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(cases_hold, arena_setup, arena_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
