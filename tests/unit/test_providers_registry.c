/* Everything that is registered is well-formed and leads somewhere. */
#include <string.h>

#include "base/map.h"
#include "providers/registry.h"
#include "unit.h"

static void every_row_is_well_formed(void **state)
{
    (void)state;
    CLEANUP(text_release) Text out = TEXT_INIT;
    size_t count = registry_check(&pgsteer_registry, &out);
    assert_string_equal(text_get(&out), "");
    assert_int_equal(count, 0);
}

/* A row that is there twice would be a sentence that nobody sees. */
static void no_order_row_is_there_twice(void **state)
{
    (void)state;
    for (size_t i = 0; i < pgsteer_registry.order_count; i++) {
        const OrderRow *a = &pgsteer_registry.order[i];
        for (size_t j = i + 1; j < pgsteer_registry.order_count; j++) {
            const OrderRow *b = &pgsteer_registry.order[j];
            if (strcmp(a->from, b->from) == 0 && strcmp(a->to, b->to) == 0)
                fail_msg("two rows from %s to %s", a->from, a->to);
        }
    }
}

/* A verb of a kind has the kind's name or that of what it brings about; no verb is an orphan that
 * neither a kind nor a procedure can name: those are listed here. */
static void every_kind_can_create_or_only_takes_away(void **state)
{
    (void)state;
    for (const Kind *const *kind = pgsteer_registry.kinds; *kind; kind++) {
        bool only_takes_away = (*kind)->delete_verb && !(*kind)->update_verb;
        if (!(*kind)->create_verb && !only_takes_away)
            fail_msg("kind %s cannot create", (*kind)->name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_is_well_formed),
        cmocka_unit_test(no_order_row_is_there_twice),
        cmocka_unit_test(every_kind_can_create_or_only_takes_away),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
