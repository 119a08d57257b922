/* What PostgreSQL reads only at its start: the table against what a server says of itself. */
#include <string.h>

#include "providers/kinds/pg_restart.h"
#include "providers/sim/settings.h"
#include "unit.h"

enum { SIM_VERSION = 15 };

static void the_table_is_what_a_server_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < sim_setting_count; i++) {
        const SimSetting *setting = &sim_settings[i];
        bool is_read_at_start = strcmp(setting->context, "postmaster") == 0;
        if (pg_reads_at_start(setting->name, SIM_VERSION) != is_read_at_start)
            fail_msg("%s is %s in pg_settings", setting->name, setting->context);
    }
}

static void versions_count(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int version;
        bool is_read_at_start;
    } cases[] = {
        {"max_connections", 13, true},
        {"max_connections", 18, true},
        {"autovacuum_max_workers", 17, true},
        {"autovacuum_max_workers", 18, false},
        {"io_method", 17, false},
        {"io_method", 18, true},
        {"work_mem", 18, false},
        {"nothing.like_it", 18, false},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_int_equal(pg_reads_at_start(cases[i].name, cases[i].version),
                         cases[i].is_read_at_start);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_is_what_a_server_says),
        cmocka_unit_test(versions_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
