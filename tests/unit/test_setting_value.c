/* Values of PostgreSQL settings: what the server's own parser takes and refuses. */
#include "schema/setting_forms.h"
#include "schema/setting_value.h"
#include "unit.h"

/* As PostgreSQL 15 answers to  postgres -C NAME -c NAME=VALUE. */
static const struct {
    const char *name, *value;
    bool is_taken;
} cases[] = {
    {"work_mem", "64MB", true},
    {"work_mem", " 64  MB ", true},
    {"work_mem", "1.5MB", true},
    {"work_mem", "1e3", true},
    {"work_mem", "0x100", true},
    {"work_mem", "64", true},
    {"work_mem", "63", false},
    {"work_mem", "65536B", true},
    {"work_mem", "64XB", false},
    {"work_mem", "64mb", false},
    {"work_mem", "64 8kB", false},
    {"work_mem", "64MB 1", false},
    {"work_mem", "64s", false},
    {"work_mem", "2TB", false},
    {"work_mem", "99999999999999999999", false},
    {"work_mem", "", false},
    {"work_mem", "nan", false},
    {"WORK_MEM", "lots", false},
    {"shared_buffers", "-5", false},
    {"shared_buffers", "128kB", true},
    {"max_connections", "0", false},
    {"max_connections", "262000", true},
    {"max_connections", "262144", false},
    {"max_connections", "100.4", true},
    {"max_connections", "100MB", false},
    {"archive_timeout", "5000000us", true},
    {"archive_timeout", "08", false},
    {"archive_timeout", "010", true},
    {"log_rotation_age", "1d", true},
    {"log_min_duration_statement", "-1", true},
    {"log_min_duration_statement", "-2", false},
    {"vacuum_cost_delay", "0.5ms", true},
    {"vacuum_cost_delay", "1s", false},
    {"seq_page_cost", "0x10", true},
    {"seq_page_cost", "inf", false},
    {"checkpoint_completion_target", "0.9", true},
    {"checkpoint_completion_target", "1.1", false},
    {"autovacuum", "tr", true},
    {"autovacuum", "OFF", true},
    {"autovacuum", "of", true},
    {"autovacuum", "o", false},
    {"autovacuum", "2", false},
    {"autovacuum", "", false},
    {"wal_level", "ARCHIVE", true},
    {"wal_level", "minimall", false},
    {"client_min_messages", "info", true},
    {"password_encryption", "on", false},
    {"wal_sync_method", "fsync_writethrough", false},
    {"ssl_max_protocol_version", "", true},
    {"ssl_min_protocol_version", "", false},
    {"synchronous_commit", "true", true},
    {"synchronous_commit", "tru", false},
    {"default_transaction_isolation", "Repeatable Read", true},
    {"search_path", "anything", true},
    {"auto_explain.log_min_duration", "anything", true},
};

static void values_are_taken_as_the_server_does(void **state)
{
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        bool is_taken = !setting_value_problem(*state, cases[i].name, cases[i].value);
        if (is_taken != cases[i].is_taken)
            fail_msg("%s = \"%s\" is %s", cases[i].name, cases[i].value,
                     is_taken ? "taken" : "refused");
    }
}

static const char *wanted(Arena *arena, const char *name)
{
    return setting_value_problem(arena, name, "?")->wanted;
}

static void problems_say_what_is_wanted(void **state)
{
    assert_string_equal(wanted(*state, "fsync"), "on or off");
    assert_string_equal(wanted(*state, "wal_level"), "minimal, replica or logical");
    assert_string_equal(wanted(*state, "port"), "a whole number from 1 to 65535");
    assert_string_equal(wanted(*state, "geqo_seed"), "a number from 0 to 1");
    assert_string_equal(wanted(*state, "seq_page_cost"), "a number of at least 0");
    assert_string_equal(wanted(*state, "archive_timeout"), "a time from 0 to 1073741823 s");
    assert_string_equal(wanted(*state, "temp_buffers"),
                        "a size from 100 to 1073741823 blocks of 8kB");
    assert_string_equal(setting_value_problem(*state, "wal_level", "minimall")->advice,
                        "Did you mean minimal?");
    assert_string_equal(setting_value_problem(*state, "temp_buffers", "lots")->advice,
                        "A number alone counts blocks of 8kB; units are B, kB, MB, GB and TB.");
}

static void numbers_count_the_unit_of_the_setting(void **state)
{
    double number;
    (void)state;
    assert_true(setting_value_number("wal_keep_size", "1GB", &number) && number == 1024);
    assert_true(setting_value_number("shared_buffers", "1MB", &number) && number == 128);
    assert_true(setting_value_number("archive_timeout", "2min", &number) && number == 120);
    assert_false(setting_value_number("archive_timeout", "soon", &number));
    assert_false(setting_value_number("fsync", "1", &number));
    assert_false(setting_value_number("search_path", "1", &number));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(values_are_taken_as_the_server_does, arena_setup,
                                        arena_teardown),
        cmocka_unit_test_setup_teardown(problems_say_what_is_wanted, arena_setup, arena_teardown),
        cmocka_unit_test(numbers_count_the_unit_of_the_setting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
