/* Answers of etcd and Patroni, and when they are asked at all. */
#include "base/json.h"
#include "providers/sources/registry.h"
#include "unit.h"

/* {"kvs":[{"key":"/pg/a/leader","value":"a-1"},{"key":"/pg/a/config","value":"{}"},...]} */
static const char etcd_answer[] =
    "configured=true\ndata_initialized=true\nrole\tpg-a\ngrant\tRole pg-a\ngrant\tKV Read:\n"
    "grant\t\t[/pg/a/, /pg/a0) (prefix /pg/a/)\ngrant\t\t[/x/, /x0) (prefix /x/)\ngrant\tKV "
    "Write:\n"
    "grant\t\t[/pg/a/, /pg/a0) (prefix /pg/a/)\nrole\troot\nhealthy=true\nauth_enabled=true\n"
    "member\t8e9e, started, etcd-1, https://1:2380,https://2:2380, https://1:2379, false\n"
    "member\t99, unstarted, , https://3:2380, , true\nmember\tnonsense\n"
    "user\tpg-a\nuser\troot\n"
    "keys\t123\n{\"kvs\":[{\"key\":\"L3BnL2EvbGVhZGVy\",\"value\":\"YS0x\"},"
    "{\"key\":\"L3BnL2EvY29uZmln\",\"value\":\"e30=\"},{\"key\":\"L3h4L3l5\",\"value\":\"\"}]}\n";

static void expect(const Value *value, const char *path, const char *want)
{
    CLEANUP(text_release) Text text = TEXT_INIT;
    const Value *at = value_path(value, path);
    if (at)
        json_write(&text, at);
    if (strcmp(text_get(&text), want) != 0)
        fail_msg("%s: got %s, want %s", path, text_get(&text), want);
}

static void etcd_answers(void **state)
{
    Arena *arena = *state;
    const Source *source = source_find("etcd.member");
    const Value *value = NULL;
    check_fine(source->parse(arena, etcd_answer, strlen(etcd_answer), 0, &value));
    expect(value, "configured", "true");
    expect(value, "healthy", "true");
    expect(value, "auth_enabled", "true");
    expect(value, "members/0/peer_urls", "[\"https://1:2380\",\"https://2:2380\"]");
    expect(value, "members/0/learner", "false");
    expect(value, "members/1/started", "false");
    expect(value, "members/1/learner", "true");
    expect(value, "members/1/client_urls", "[]");
    expect(value, "members/2", "");
    expect(value, "users", "[\"pg-a\",\"root\"]");
    expect(value, "roles", "{\"pg-a\":[\"/pg/a/\"],\"root\":[]}");
    expect(value, "clusters",
           "{\"a\":{\"initialize\":\"\",\"leader\":\"a-1\",\"has_config\":true}}");

    check_fine(source->parse(arena, "", 0, 0, &value));
    expect(value, "configured", "false");
    expect(value, "auth_enabled", "null");
    check_error(source->parse(arena, "keys\t*\n", 7, 0, &value), ERROR_REFUSED, "damaged");
    check_error(source->parse(arena, "keys\t3\n{}", 9, 0, &value), ERROR_REFUSED, "damaged");
    check_error(source->parse(arena, "keys\t1\na\n", 9, 0, &value), ERROR_INVALID, "");
}

static void patroni_answers(void **state)
{
    static const struct {
        const char *source;
        int status;
        const char *body, *error;
    } cases[] = {
        {"patroni.member", 200, "{\"state\":\"running\"}", NULL},
        {"patroni.member", 503, "{\"state\":\"stopped\"}", NULL},
        {"patroni.member", 404, "{}", "status 404"},
        {"patroni.member", 200, "[]", "not a map"},
        {"patroni.member", 200, "oops", ""},
        {"patroni.config", 200, "{\"ttl\":30}", NULL},
        {"patroni.config", 502, "{}", "status 502"},
        {"patroni.cluster", 503, "{}", "status 503"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const Value *value = NULL;
        Error *error =
            source_find(cases[i].source)
                ->parse(*state, cases[i].body, strlen(cases[i].body), cases[i].status, &value);
        if (!cases[i].error)
            check_fine(error);
        else
            check_error(error, strstr(cases[i].body, "oops") ? ERROR_INVALID : ERROR_REFUSED,
                        cases[i].error);
    }
}

static void gates_open_when_the_service_runs(void **state)
{
    Arena *arena = *state;
    const Source *patroni = source_find("patroni.member");
    const Source *sql = source_find("sql.member");
    Facts *facts = facts_new(arena);
    Value *units = value_map(arena);
    Value *unit = value_map(arena);
    Value *data = value_map(arena);
    assert_false(patroni->gate(facts, "n"));
    assert_false(sql->gate(facts, "n"));
    value_set_text(arena, unit, "active", "inactive");
    value_set(arena, units, "patroni.service", unit);
    facts_put_known(facts, "node.units", "n", units);
    assert_false(patroni->gate(facts, "n"));
    value_set_text(arena, unit, "active", "active");
    assert_true(patroni->gate(facts, "n"));
    value_set_int(arena, data, "postmaster_pid", 0);
    facts_put_known(facts, "node.data", "n", data);
    assert_false(sql->gate(facts, "n"));
    value_set_int(arena, data, "postmaster_pid", 5);
    assert_true(sql->gate(facts, "n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(etcd_answers, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(patroni_answers, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(gates_open_when_the_service_runs, arena_setup,
                                        arena_teardown),
    };
    return cmocka_run_group_tests_name("sources_services", tests, NULL, NULL);
}
