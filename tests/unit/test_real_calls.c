/* Calls of the effect library: what goes to the node, what its answers mean; default privileges. */
#include "base/json.h"
#include "providers/real/node_call.h"
#include "providers/real/sql_privileges.h"
#include "unit.h"

static NodeCall call_of(Arena *arena, const char *function, const char *json)
{
    const Value *args = NULL;
    check_fine(json_parse(arena, json, strlen(json), &args));
    return (NodeCall){function, args};
}

static void arguments_are_length_prefixed(void **state)
{
    static const struct {
        const char *function, *args;
        const char *want; /* between the nonce and the end; or "!" and a part of the error */
    } cases[] = {
        {"dir", "{\"path\":\"/a b\",\"mode\":\"0755\",\"x\":null}", "path 4\n/a bmode 4\n0755"},
        {"f", "{\"content\":\"-a\\nb\",\"n\":-3,\"b\":true}", "content 4\n-a\nbn 2\n-3b 4\ntrue"},
        {"f", "{\"content\":[\"p: \",{\"quote\":\"yaml\",\"value\":\"a'b\"}]}",
         "content 9\np: 'a''b'"},
        {"p", "{\"names\":[\"a\",\"b\"],\"files\":[{\"path\":\"/x\",\"content\":\"\"}]}",
         "names/0001 1\nanames/0002 1\nbfiles/0001/path 2\n/xfiles/0001/content 0\n"},
        {"marker", "{\"value\":{\"b\":1,\"a\":[]}}", "value 14\n{\"a\":[],\"b\":1}"},
        {"marker", "{\"value\":\"t\"}", "value 3\n\"t\""},
        {"etcd", "{\"value\":\"t\"}", "value 1\nt"},
        {"p", "{\"names\":[\"--all\"]}", "!starts with '-'"},
        {"p", "{\"name\":\"a\\nb\"}", "!control character"},
        {"p", "{\"path\":\"a\"}", "!not an absolute path"},
        {"p", "{\"path\":\"/a/../b\"}", "!not an absolute path"},
        {"p", "{\"path\":\"/a/..\"}", "!not an absolute path"},
        {"p", "{\"x\":{\"y\":1}}", "!not a text"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        CLEANUP(text_release) Text text = TEXT_INIT;
        NodeCall call = call_of(*state, cases[i].function, cases[i].args);
        Error *error = node_call_write(*state, &text, &call, 1, NULL, "N");
        if (cases[i].want[0] == '!') {
            check_error(error, ERROR_INVALID, cases[i].want + 1);
            continue;
        }
        check_fine(error);
        assert_string_equal(text_get(&text), arena_printf(*state, "N\neffect %s\n%send\n.\n",
                                                          cases[i].function, cases[i].want));
    }
}

static void results_and_failures(void **state)
{
    static const struct {
        const char *answer, *error;
        ErrorCode code;
        bool is_changed;
    } cases[] = {
        {"@R 0001 0 1 2 0\nhi\n@R 0002 0 0 0 0\n\n@E N\n", NULL, 0, true},
        {"@R 0001 0 0 0 0\n\n@R 0002 1 0 0 5\na\nb\nc\n@E N\n", "dir /x: a; b; c", ERROR_REFUSED,
         false},
        {"@R 0001 3 0 0 0\n\n@E N\n", "file_put /y ended with status 3", ERROR_REFUSED, false},
        {"@R 0001 75 0 0 5\nlater\n@E N\n", "file_put /y: later", ERROR_BUSY, false},
        {"@R 0001 75 0 0 0\n\n@E N\n", "file_put /y ended with status 75", ERROR_BUSY, false},
        {"@R 0001 0 0 0 0\n\n@E N\n", "only 1 of 2", ERROR_UNREACHABLE, false},
        {"@R 0001 0 0 0 0\n\n", "cut off", ERROR_UNREACHABLE, false},
        {"", "cut off", ERROR_UNREACHABLE, false},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        NodeCall calls[] = {call_of(*state, "file_put", "{\"path\":\"/y\"}"),
                            call_of(*state, "dir", "{\"path\":\"/x\"}")};
        NodeResult results[2] = {{0}};
        Error *error = node_call_parse(*state, cases[i].answer, strlen(cases[i].answer), "N", calls,
                                       2, results);
        if (cases[i].error)
            check_error(error, cases[i].code, cases[i].error);
        else
            check_fine(error);
        assert_int_equal(results[0].is_changed, cases[i].is_changed);
    }
}

static void default_privileges_are_taken_apart(void **state)
{
    static const struct {
        const char *text, *want; /* NULL: refused */
    } cases[] = {
        {"GRANT SELECT, INSERT ON TABLES TO app", "r app SELECT INSERT"},
        {"grant all privileges on sequences to \"x\"", "S \"x\" SELECT UPDATE USAGE"},
        {"GRANT EXECUTE ON ROUTINES TO public", "f public EXECUTE"},
        {"GRANT USAGE ON SCHEMAS TO PUBLIC", "n public USAGE"},
        {"GRANT SELECT ON TABLES TO a; DROP ROLE b", NULL},
        {"GRANT SELECT ON TABLES TO a WITH GRANT OPTION", NULL},
        {"GRANT NOSUCH ON TABLES TO a", NULL},
        {"GRANT PRIVILEGES ON TABLES TO a", NULL},
        {"GRANT SELECT ON DATABASES TO a", NULL},
        {"REVOKE SELECT ON TABLES FROM a", NULL},
        {"GRANT ON TABLES TO a", NULL},
        {"", NULL},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        CLEANUP(text_release) Text got = TEXT_INIT;
        DefaultGrant grant = {0};
        Error *error = default_grant_parse(*state, cases[i].text, &grant);
        if (!cases[i].want) {
            check_error(error, ERROR_INVALID, "not a default privilege");
            continue;
        }
        check_fine(error);
        text_addf(&got, "%c %s", grant.object_letter, grant.grantee);
        for (size_t j = 0; j < grant.privilege_count; j++)
            text_addf(&got, " %s", grant.privileges[j]);
        assert_string_equal(text_get(&got), cases[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(arguments_are_length_prefixed, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(results_and_failures, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(default_privileges_are_taken_apart, arena_setup,
                                        arena_teardown),
    };
    return cmocka_run_group_tests_name("real_calls", tests, NULL, NULL);
}
