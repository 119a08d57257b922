/* Pools, services and proxies: what is wanted, what is seen, what is done about it. */
#include "kind_case.h"
#include "providers/kinds/kinds.h"
#include "unit.h"

static void cases_hold(void **state)
{
    case_play_folder(*state, "access");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(cases_hold, arena_setup, arena_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
