/* The probe's text, what is asked, what is answered; without any node. */
#include "providers/real/frame.h"
#include "providers/real/probe.h"
#include "providers/sources/registry.h"
#include "unit.h"

static ReadRequest ask(Arena *arena, const char *source, const char *arg)
{
    Value *args = arg ? value_list(arena) : NULL;
    if (arg)
        value_push(arena, args, value_text(arena, arg));
    return (ReadRequest){.source = source_find(source), .subject = "n", .args = args};
}

static void the_text_is_constant_and_whole(void **state)
{
    const char *text = probe_text(*state);
    assert_string_equal(text, probe_text(*state));
    for (const Source *const *at = pgsteer_sources; *at; at++) {
        bool is_there = strstr(text, arena_printf(*state, "\nask \"%s\", ", (*at)->name)) != NULL;
        assert_true(is_there == ((*at)->via == VIA_PROBE));
    }
    assert_true(strlen(text) < 100 * 1024); /* Linux takes 128 KiB as one argument */
}

static void requests_are_length_prefixed(void **state)
{
    CLEANUP(text_release) Text text = TEXT_INIT;
    ReadRequest requests[] = {ask(*state, "node.paths", "/a $(x)"), ask(*state, "node.os", NULL),
                              ask(*state, "node.files", "/a\nb")};
    bool is_asked[3];
    probe_write(&text, requests, 3, "N", "S", is_asked);
    assert_string_equal(text_get(&text), "N\nS\nnode.paths 1\n7\n/a $(x)node.os 0\n.\n");
    assert_true(is_asked[0] && is_asked[1] && !is_asked[2]);
}

#define CLOCK  "@F node.clock 0 10 0\nwall_ms=7\n\n"
#define CLOSED "@E N\n"

static void answers_become_readings(void **state)
{
    static const struct {
        const char *answer;
        const char *reason; /* of node.clock; NULL: known */
        bool is_cut;
    } cases[] = {
        {CLOCK CLOSED, NULL, false},
        {"@F node.os 1 0 9\nno such x\n" CLOCK CLOSED, NULL, false},
        {"@F node.clock 124 0 0\n\n" CLOSED, "no answer within 20000 ms", false},
        {"@F node.clock 137 3 0\nabc\n" CLOSED, "no answer within", false},
        {"@F node.clock 153 3 0\nabc\n" CLOSED, "longer than", false},
        {"@F node.clock 1 0 12\nfirst\nsecond\n" CLOSED, "second", false},
        {"@F node.clock 9 0 0\n\n" CLOSED, "status 9", false},
        {CLOSED, "did not answer", false},
        {"@F other 0 2 0\nab\n" CLOSED, "did not answer", false},
        {"", "did not answer", true},
        {CLOCK, NULL, true},
        {CLOCK "@E M\n", NULL, true},
        {CLOCK CLOSED "more", NULL, true},
        {"@F node.clock 0 99999999999999999999999 0\nx\n" CLOSED, "did not answer", true},
        {"@F node.clock 0 50 0\nwall_ms=7\n\n" CLOSED, "did not answer", true},
        {"@F node.clock x 1 0\na\n" CLOSED, "did not answer", true},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        ReadRequest request = ask(*state, "node.clock", NULL);
        Reading reading = {0};
        Error *error = probe_parse(*state, cases[i].answer, strlen(cases[i].answer), "N", &request,
                                   1, &reading);
        if (cases[i].is_cut)
            check_error(error, ERROR_UNREACHABLE, "cut off");
        else
            check_fine(error);
        if (!cases[i].reason)
            assert_int_equal(value_get_int(reading.value, "wall_ms", 0), 7);
        else if (reading.value || !strstr(reading.unknown_reason, cases[i].reason))
            fail_msg("case %zu: %s", i, reading.value ? "known" : reading.unknown_reason);
    }
}

static void lines_are_made_printable(void **state)
{
    static const struct {
        const char *text, *last, *joined;
    } cases[] = {
        {"", "", ""},
        {"a\n", "a", "a"},
        {"a\n\nb\x1b[1m\n\n", "b?[1m", "a; b?[1m"},
        {"\xff\n", "?", "?"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        size_t length = strlen(cases[i].text);
        assert_string_equal(frame_last_line(*state, cases[i].text, length), cases[i].last);
        assert_string_equal(frame_joined_lines(*state, cases[i].text, length), cases[i].joined);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_text_is_constant_and_whole, arena_setup,
                                        arena_teardown),
        cmocka_unit_test_setup_teardown(requests_are_length_prefixed, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(answers_become_readings, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(lines_are_made_printable, arena_setup, arena_teardown),
    };
    return cmocka_run_group_tests_name("real_probe", tests, NULL, NULL);
}
