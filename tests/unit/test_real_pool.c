/* Where and as whom a host is reached: each of the ansible_* words that count, and nothing else. */
#include "providers/real/pool.h"
#include "unit.h"

#define ADDRESS "10.10.10.11"

static const Inventory *load(Arena *arena, const char *vars)
{
    const char *text =
        arena_printf(arena,
                     "all:\n"
                     "  vars: { ansible_user: of-all, ansible_become_user: all-root }\n"
                     "  children:\n"
                     "    etcd: { hosts: { 10.10.10.10: { etcd_seq: 1 } } }\n"
                     "    pg-a:\n"
                     "      hosts: { " ADDRESS ": { pg_seq: 1, pg_role: primary%s } }\n"
                     "      vars: { pg_cluster: pg-a }\n",
                     vars);
    Diagnostics *diagnostics = diagnostics_new(arena);
    const Inventory *inventory =
        inventory_load_bytes(arena, "f.yml", text, strlen(text), diagnostics);
    assert_int_equal(diagnostics_error_count(diagnostics), 0);
    return inventory;
}

static const char *words_of(Arena *arena, const SshTarget *target)
{
    return arena_printf(
        arena, "%s %d %s %s %s", target->host, target->port, target->user ? target->user : "-",
        target->key_file ? target->key_file : "-", target->become_user ? target->become_user : "-");
}

static void each_word_counts(void **state)
{
    static const struct {
        const char *vars, *words;
    } cases[] = {
        {"", ADDRESS " 22 of-all /given all-root"},
        {", ansible_host: db-1.lan", "db-1.lan 22 of-all /given all-root"},
        {", ansible_host: 'fd00::1'", "fd00::1 22 of-all /given all-root"},
        {", ansible_port: 2222", ADDRESS " 2222 of-all /given all-root"},
        {", ansible_user: dba", ADDRESS " 22 dba /given all-root"},
        {", ansible_ssh_private_key_file: ~/.ssh/own", ADDRESS " 22 of-all ~/.ssh/own all-root"},
        {", ansible_become_user: postgres", ADDRESS " 22 of-all /given postgres"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        WorldSettings settings = {.user = "given",
                                  .key_file = "/given",
                                  .port = 22,
                                  .inventory = load(*state, cases[i].vars)};
        SshTarget target = session_target(&settings, ADDRESS);
        assert_string_equal(words_of(*state, &target), cases[i].words);
    }
}

static void a_host_of_nobody_is_reached_as_the_settings_say(void **state)
{
    WorldSettings settings = {.user = "given", .inventory = load(*state, "")};
    SshTarget target = session_target(&settings, "10.10.10.99");
    assert_string_equal(words_of(*state, &target), "10.10.10.99 0 given - -");
    settings.inventory = NULL;
    target = session_target(&settings, ADDRESS);
    assert_string_equal(words_of(*state, &target), ADDRESS " 0 given - -");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_word_counts, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(a_host_of_nobody_is_reached_as_the_settings_say,
                                        arena_setup, arena_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
