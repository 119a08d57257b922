/* Selectors of services over the parameters of a member. */
#include "base/text.h"
#include "schema/selector.h"
#include "unit.h"

static const Host *member(Arena *arena)
{
    static const char text[] =
        "all: { children: { pg-a: { hosts: { 10.10.10.11: { pg_seq: 1, pg_role: replica,"
        " pg_weight: 0, pg_libs: '', pg_shard: 'false' } },"
        " vars: { pg_cluster: pg-a, pg_users: [a] } } } }";
    Diagnostics *diagnostics = diagnostics_new(arena);
    return inventory_host_at(inventory_load_bytes(arena, "f.yml", text, strlen(text), diagnostics),
                             0);
}

static void filters_match(void **state)
{
    static const struct {
        const char *text;
        bool matches;
    } cases[] = {
        {"[]", true},
        {" [ ] ", true},
        {"[*]", true},
        {"[? pg_role == `replica` ]", true},
        {"[?pg_role==`primary`]", false},
        {"[? pg_role != `primary` ]", true},
        {"[? pg_role == 'replica' ]", true},
        {"[? pg_role == `\"replica\"` ]", true},
        {"[? \"pg_role\" == ` replica ` ]", true},
        {"[? pg_role == `primary` || pg_role == `offline` ]", false},
        {"[? pg_role == `offline` || pg_offline_query ]", false},
        {"[? pg_role == `replica` && !pg_offline_query ]", true},
        {"[? !(pg_role == `replica`) ]", false},
        {"[? !!pg_cluster ]", true},
        {"[? pg_weight ]", true}, /* 0 is true */
        {"[? pg_shard ]", true},  /* and so is the text "false" */
        {"[? pg_libs ]", false},
        {"[? pg_users ]", false}, /* an empty list: its entry is an error */
        {"[? pg_parameters ]", false},
        {"[? pg_upstream ]", false},
        {"[? nothing_such ]", false},
        {"[? nothing_such == `null` ]", true},
        {"[? pg_weight == `0` ]", true},
        {"[? pg_weight == `100` ]", false},
        {"[? pg_port == `5432` ]", true}, /* a default */
        {"[? pg_admin_password ]", true},
        {"[? pgbouncer_enabled == `true` ]", true},
        {"[? pg_seq == `1` || pg_seq == `2` && pg_role == `primary` ]", true},
        {"[? (pg_seq == `1` || pg_seq == `2`) && pg_role == `primary` ]", false},
    };
    const Host *host = member(*state);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        Selector *selector = NULL;
        check_fine(selector_parse(*state, cases[i].text, &selector));
        if (selector_matches(selector, host) != cases[i].matches)
            fail_msg("%s: not %s", cases[i].text, cases[i].matches ? "true" : "false");
    }
}

static void other_texts_are_refused(void **state)
{
    static const struct {
        const char *text, *part;
    } cases[] = {
        {"", "'[' was expected at column 1"},
        {"pg_role", "'[' was expected"},
        {"[", "']' was expected at column 2"},
        {"[0]", "']' was expected"},
        {"[]x", "nothing may follow"},
        {"[?]", "a name or `word` was expected at column 3"},
        {"[? pg_role == ]", "a name or `word`"},
        {"[? pg_role = `a` ]", "&&, ||, ==, != or ']' was expected at column 12"},
        {"[? pg_role == `a ]", "a quote is not closed"},
        {"[? (a ]", "a '(' is not closed"},
        {"[? a) ]", "a ')' that nobody opened"},
        {"[? a b ]", "was expected at column 6"},
        {"[? a", "was expected at column 5"},
        {"[? a.b ]", "was expected"},
        {"[? a < `1` ]", "was expected"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        Selector *selector = NULL;
        check_error(selector_parse(*state, cases[i].text, &selector), ERROR_INVALID, cases[i].part);
    }
}

static void length_is_bounded(void **state)
{
    Selector *selector = NULL;
    CLEANUP(text_release) Text text = TEXT_INIT;
    text_add(&text, "[? ");
    text_add_repeat(&text, "!", 1000);
    text_add(&text, "a ]");
    check_error(selector_parse(*state, text_get(&text), &selector), ERROR_INVALID, "too deeply");
    text_clear(&text);
    text_add(&text, "[? a");
    text_add_repeat(&text, " || a", 1000);
    text_add(&text, " ]");
    check_error(selector_parse(*state, text_get(&text), &selector), ERROR_INVALID, "too long");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(filters_match, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(other_texts_are_refused, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(length_is_bounded, arena_setup, arena_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
