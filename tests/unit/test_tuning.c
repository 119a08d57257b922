/* Settings computed from the machine: the four templates on machines of several sizes. */
#include "base/text.h"
#include "schema/tuning.h"
#include "unit.h"

static const int64_t gib = 1024LL * 1024 * 1024;

static TuningInput oltp(void)
{
    return (TuningInput){.template = TUNING_OLTP,
                         .version = 15,
                         .buffer_thousandths = 250,
                         .pooled_by_default = true,
                         .libraries = "pg_stat_statements, auto_explain",
                         .io_method = "worker"};
}

static const TuningSetting *find(Arena *arena, const TuningInput *input, const Machine *machine,
                                 const char *name)
{
    const TuningSetting *settings;
    size_t count = tuning_compute(arena, input, machine, &settings);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(settings[i].name, name) == 0)
            return &settings[i];
    }
    return NULL;
}

static const struct {
    TuningTemplate template;
    Machine machine;
    const char *name, *value;
} cases[] = {
    {TUNING_OLTP, {8192, 4, 0}, "shared_buffers", "2GB"},
    {TUNING_OLTP, {8191, 4, 0}, "shared_buffers", "2GB"}, /* rounded up */
    {TUNING_OLTP, {8000, 4, 0}, "shared_buffers", "2000MB"},
    {TUNING_OLTP, {8192, 4, 0}, "effective_cache_size", "6GB"},
    {TUNING_OLTP, {8192, 4, 0}, "maintenance_work_mem", "512MB"},
    {TUNING_OLAP, {8192, 4, 0}, "maintenance_work_mem", "1GB"},
    {TUNING_OLTP, {8192, 4, 0}, "work_mem", "64MB"},
    {TUNING_OLTP, {262144, 4, 0}, "work_mem", "131MB"},
    {TUNING_OLTP, {4194304, 4, 0}, "work_mem", "1GB"},
    {TUNING_OLAP, {33554432, 4, 0}, "work_mem", "8GB"},
    {TUNING_TINY, {2048, 1, 0}, "work_mem", "16MB"},
    {TUNING_TINY, {524288, 1, 0}, "work_mem", "256MB"},
    {TUNING_OLTP, {1024, 4, 0}, "max_connections", "500"},
    {TUNING_TINY, {1024, 4, 0}, "max_connections", "250"},
    {TUNING_OLTP, {1024, 4, 0}, "max_worker_processes", "24"},
    {TUNING_OLTP, {1024, 64, 0}, "max_worker_processes", "80"},
    {TUNING_OLAP, {1024, 64, 0}, "max_worker_processes", "84"},
    {TUNING_TINY, {1024, 1, 0}, "max_worker_processes", "20"},
    {TUNING_OLTP, {1024, 1, 0}, "max_parallel_workers", "2"},
    {TUNING_OLTP, {1024, 7, 0}, "max_parallel_workers", "4"},
    {TUNING_OLAP, {1024, 7, 0}, "max_parallel_workers", "6"},
    {TUNING_TINY, {1024, 7, 0}, "max_parallel_workers", "3"},
    {TUNING_TINY, {1024, 1, 0}, "max_parallel_workers", "1"},
    {TUNING_OLTP, {1024, 4, 0}, "max_parallel_workers_per_gather", "2"},
    {TUNING_OLTP, {1024, 24, 0}, "max_parallel_workers_per_gather", "4"},
    {TUNING_OLTP, {1024, 96, 0}, "max_parallel_workers_per_gather", "8"},
    {TUNING_OLAP, {1024, 96, 0}, "max_parallel_workers_per_gather", "48"},
    {TUNING_CRIT, {1024, 96, 0}, "max_parallel_workers_per_gather", "0"},
    {TUNING_TINY, {1024, 96, 0}, "max_parallel_workers_per_gather", "0"},
    {TUNING_OLTP, {1024, 10, 0}, "max_parallel_maintenance_workers", "4"},
    {TUNING_TINY, {1024, 10, 0}, "max_parallel_maintenance_workers", "3"},
    {TUNING_TINY, {1024, 1, 0}, "max_parallel_maintenance_workers", "1"},
    {TUNING_OLTP, {1024, 1, 0}, "max_locks_per_transaction", "500"},
    {TUNING_OLAP, {1024, 1, 0}, "max_locks_per_transaction", "1000"},
    {TUNING_OLTP, {1024, 1, 0}, "max_prepared_transactions", "0"},
    {TUNING_OLTP, {1024, 1, 0}, "min_wal_size", "1GB"},
    {TUNING_OLTP, {1024, 1, 40 * 1024LL * 1024 * 1024}, "min_wal_size", "2GB"},
    {TUNING_OLTP, {1024, 1, 40 * 1024LL * 1024 * 1024 + 1}, "max_wal_size", "12GB"},
    {TUNING_OLTP, {1024, 1, 40 * 1024LL * 1024 * 1024}, "max_slot_wal_keep_size", "12GB"},
    {TUNING_OLTP, {1024, 1, 1LL << 60}, "max_wal_size", "400GB"},
    {TUNING_OLAP, {1024, 1, 40 * 1024LL * 1024 * 1024}, "temp_file_limit", "8GB"},
    {TUNING_OLTP, {1024, 1, 0}, "default_statistics_target", "400"},
    {TUNING_OLAP, {1024, 1, 0}, "log_min_duration_statement", "1000"},
    {TUNING_CRIT, {1024, 1, 0}, "idle_in_transaction_session_timeout", "1min"},
    {TUNING_OLTP, {1024, 1, 0}, "wal_level", "logical"},
};

static void templates_compute(void **state)
{
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        TuningInput input = oltp();
        input.template = cases[i].template;
        const TuningSetting *setting = find(*state, &input, &cases[i].machine, cases[i].name);
        assert_non_null(setting);
        if (strcmp(setting->value, cases[i].value) != 0)
            fail_msg("%s of template %d: %s, not %s", cases[i].name, (int)cases[i].template,
                     setting->value, cases[i].value);
        assert_true(*setting->formula);
    }
}

static void inputs_change_what_they_should(void **state)
{
    const Machine machine = {8192, 16, 100 * gib};
    TuningInput input = oltp();
    input.pooled_by_default = false;
    assert_string_equal(find(*state, &input, &machine, "max_connections")->value, "1000");
    input.max_connections = 77;
    assert_string_equal(find(*state, &input, &machine, "max_connections")->value, "77");
    assert_string_equal(find(*state, &input, &machine, "max_connections")->formula, "pg_max_conn");
    input.libraries = "citus, timescaledb";
    assert_string_equal(find(*state, &input, &machine, "max_locks_per_transaction")->value, "154");
    assert_string_equal(find(*state, &input, &machine, "max_prepared_transactions")->value, "77");
    input.libraries = "timescaledb";
    assert_string_equal(find(*state, &input, &machine, "max_prepared_transactions")->value, "0");

    assert_null(find(*state, &input, &machine, "io_method"));
    assert_null(find(*state, &input, &machine, "io_workers"));
    input.version = 18;
    assert_string_equal(find(*state, &input, &machine, "io_method")->value, "worker");
    assert_string_equal(find(*state, &input, &machine, "io_workers")->value, "4");
    input.io_method = "auto";
    assert_null(find(*state, &input, &machine, "io_method"));
    input.template = TUNING_TINY;
    assert_string_equal(find(*state, &input, &machine, "io_workers")->value, "3");
}

static void formulas_say_why(void **state)
{
    const Machine machine = {8192, 4, 38 * gib};
    TuningInput input = oltp();
    assert_string_equal(find(*state, &input, &machine, "shared_buffers")->formula,
                        "25 % of 8 GiB (pg_shared_buffer_ratio)");
    assert_string_equal(find(*state, &input, &machine, "max_connections")->formula,
                        "pooled by default (pg_max_conn: auto)");
    assert_string_equal(find(*state, &input, &machine, "max_wal_size")->formula, "disk of 38 GiB");
    input.buffer_thousandths = 333;
    assert_string_equal(find(*state, &input, &machine, "shared_buffers")->formula,
                        "33.3 % of 8 GiB (pg_shared_buffer_ratio)");
}

static void inventories_are_read(void **state)
{
    static const char text[] =
        "all: { children: { etcd: { hosts: { 10.10.10.10: { etcd_seq: 1 } } }, pg-a: { hosts: {"
        " 10.10.10.11: { pg_seq: 1, pg_role: primary } }, vars: { pg_cluster: pg-a, pg_conf:"
        " olap.yml, pg_version: 16, pg_max_conn: 60, pg_shared_buffer_ratio: 0.125,"
        " pg_default_service_dest: postgres, pg_libs: citus } }, pg-b: { hosts: {"
        " 10.10.10.12: { pg_seq: 1, pg_role: primary } }, vars: { pg_cluster: pg-b, pg_conf:"
        " own.yml } } } }";
    Diagnostics *diagnostics = diagnostics_new(*state);
    Inventory *inventory = inventory_load_bytes(*state, "f.yml", text, strlen(text), diagnostics);
    const Host *host = inventory_host(inventory, "10.10.10.11");
    TuningInput input = tuning_input(host);
    assert_int_equal(input.template, TUNING_OLAP);
    assert_int_equal(input.version, 16);
    assert_int_equal(input.max_connections, 60);
    assert_int_equal(input.buffer_thousandths, 125);
    assert_false(input.pooled_by_default);
    assert_string_equal(input.libraries, "citus");
    input = tuning_input(inventory_host(inventory, "10.10.10.12"));
    assert_int_equal(input.template, TUNING_OLTP);
    assert_int_equal(input.max_connections, 0);
    assert_int_equal(input.buffer_thousandths, 250);
    assert_true(input.pooled_by_default);
    const TuningSetting *settings;
    const Machine machine = {1024, 1, gib};
    assert_true(tuning_settings(*state, host, &machine, &settings) > 15);
    assert_string_equal(settings[0].value, "60");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(templates_compute, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(inputs_change_what_they_should, arena_setup,
                                        arena_teardown),
        cmocka_unit_test_setup_teardown(formulas_say_why, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(inventories_are_read, arena_setup, arena_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
