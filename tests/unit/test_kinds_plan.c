/*
 * The golden cases of tests/cases/kinds: what a plan for bare nodes does, action by action, and
 * what single verbs do. UPDATE_GOLDEN=1 rewrites the @want sections.
 *
 * A case has "@inventory" (a plan for bare nodes of it) or "@action" with one JSON text a line
 * {"verb", "host", "scope", "args"}, then "@want".
 */
#include <dirent.h>

#include "base/file.h"
#include "base/json.h"
#include "fleet.h"
#include "providers/registry.h"
#include "schema/contract/content.h"
#include "unit.h"

typedef struct Case {
    const char *inventory; /* or NULL */
    const char *actions;   /* or NULL */
    const char *head;      /* all before "@want" */
    const char *want;
} Case;

/* The text between "@name" and the next section. */
static const char *section(Arena *arena, const char *text, const char *name)
{
    const char *start = strstr(text, arena_printf(arena, "@%s\n", name));
    if (!start)
        return NULL;
    start = strchr(start, '\n') + 1;
    const char *end = strstr(start, "\n@");
    size_t length = end ? (size_t)(end - start) + 1 : strlen(start);
    return arena_strndup(arena, start, length);
}

static Case case_load(Arena *arena, const char *path)
{
    char *bytes = NULL;
    size_t length = 0;
    check_fine(file_read(arena, path, SIZE_MAX / 2, &bytes, &length));
    const char *want = strstr(bytes, "@want\n");
    assert_non_null(want);
    return (Case){section(arena, bytes, "inventory"), section(arena, bytes, "action"),
                  arena_strndup(arena, bytes, (size_t)(want - bytes)), want + strlen("@want\n")};
}

/* Contents as lines, so that a reader sees the file. */
static void add_lines(Text *out, Arena *arena, const char *text)
{
    char **lines = NULL;
    size_t count = text_split(arena, text, '\n', &lines);
    for (size_t i = 0; i < count; i++) {
        if (i + 1 < count || *lines[i])
            text_addf(out, "      |%s%s\n", *lines[i] ? " " : "", lines[i]);
    }
}

static void add_effect(Text *out, Arena *arena, const Effect *effect, const char *host)
{
    const char *content = NULL;
    check_fine(effect_check(effect));
    Value *args = value_map(arena);
    for (size_t i = 0; i < value_count(effect->args); i++) {
        if (strcmp(effect->args->map.keys[i], "content") != 0)
            value_set(arena, args, effect->args->map.keys[i], effect->args->map.values[i]);
        else
            check_fine(content_render(arena, effect->args->map.values[i], &content));
    }
    text_addf(out, "    %s ", effect_rows[effect->type].name);
    json_write(out, args);
    text_addf(out, "%s%s\n", strcmp(effect->host, host) == 0 ? "" : " at ",
              strcmp(effect->host, host) == 0 ? "" : effect->host);
    if (content)
        add_lines(out, arena, content);
}

static void add_checks(Text *out, const CheckList *list, const char *when, const char *host)
{
    for (size_t i = 0; i < list->count; i++) {
        const Check *check = &list->items[i];
        bool is_own = strcmp(check->subject, host) == 0;
        text_addf(out, "    %s %s%s%s %s %s", when, check->source, is_own ? "" : " of ",
                  is_own ? "" : check->subject, *check->path ? check->path : "-",
                  relation_name(check->relation));
        if (check->value) {
            text_add(out, " ");
            json_write(out, check->value);
        }
        if (check->bound_ms > 0)
            text_addf(out, " within %lld ms", (long long)check->bound_ms);
        text_addf(out, ": %s\n", check->sentence);
    }
}

static void add_action(Text *out, Arena *arena, const Action *action)
{
    EffectList effects = {0};
    CheckList pre = {0}, post = {0};
    text_addf(out, "  %s at %s\n", action->verb->name, action->host);
    if (action->verb->pre)
        action->verb->pre(arena, action, &pre);
    action->verb->effects(arena, action, &effects);
    if (action->verb->post)
        action->verb->post(arena, action, &post);
    add_checks(out, &pre, "before:", action->host);
    for (size_t i = 0; i < effects.count; i++)
        add_effect(out, arena, &effects.items[i], action->host);
    add_checks(out, &post, "after:", action->host);
}

static const char *plan_text(Arena *arena, const char *inventory)
{
    CLEANUP(text_release) Text out = TEXT_INIT;
    Plan *plan = fleet_plan(fleet_bare(arena, inventory));
    for (size_t i = 0; i < plan->action_count; i++) {
        size_t *before = NULL;
        size_t count = plan_predecessors(plan, i, arena, &before);
        if (!*plan->actions[i].host) /* a milestone */
            continue;
        text_addf(&out, "%s\n", plan->actions[i].address);
        add_action(&out, arena, &plan->actions[i]);
        for (size_t k = 0; k < count; k++)
            text_addf(&out, "    waits for %s\n", plan->actions[before[k]].address);
    }
    return text_copy(&out, arena);
}

static const char *actions_text(Arena *arena, const char *lines)
{
    CLEANUP(text_release) Text out = TEXT_INIT;
    char **texts = NULL;
    size_t count = text_split(arena, lines, '\n', &texts);
    for (size_t i = 0; i < count; i++) {
        const Value *row = NULL;
        if (!*texts[i])
            continue;
        check_fine(json_parse_holes(arena, texts[i], strlen(texts[i]), &row));
        Action action = {.verb = registry_verb(&pgsteer_registry, value_get_text(row, "verb")),
                         .host = value_get_text(row, "host"),
                         .scope = value_get_text(row, "scope"),
                         .args = value_get(row, "args")};
        if (!action.verb)
            fail_msg("there is no verb %s", value_get_text(row, "verb"));
        add_action(&out, arena, &action);
    }
    return text_copy(&out, arena);
}

static void play(Arena *arena, const char *name)
{
    const char *path = arena_printf(arena, "%s/cases/kinds/%s", TESTS_DIR, name);
    Case loaded = case_load(arena, path);
    const char *got =
        loaded.inventory ? plan_text(arena, loaded.inventory) : actions_text(arena, loaded.actions);
    if (strcmp(got, loaded.want) == 0)
        return;
    const char *update = getenv("UPDATE_GOLDEN");
    if (update && strcmp(update, "1") == 0) {
        const char *text = arena_printf(arena, "%s@want\n%s", loaded.head, got);
        check_fine(file_write_all(path, 0644, text, strlen(text)));
        return;
    }
    size_t at = 0;
    while (got[at] && got[at] == loaded.want[at])
        at++;
    while (at > 0 && got[at - 1] != '\n')
        at--;
    fail_msg("%s: got '%.300s'\nwant '%.300s'", name, got + at, loaded.want + at);
}

static void cases_hold(void **state)
{
    DIR *folder = opendir(TESTS_DIR "/cases/kinds");
    size_t count = 0;
    assert_non_null(folder);
    for (struct dirent *entry = readdir(folder); entry; entry = readdir(folder)) {
        if (!text_ends_with(entry->d_name, ".case"))
            continue;
        play(*state, entry->d_name);
        count++;
    }
    closedir(folder);
    assert_true(count >= 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(cases_hold, arena_setup, arena_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
