/* What is asked about does not hang on whether the params of what is wanted were worked out. */
#include "base/json.h"
#include "kind_case.h"
#include "providers/registry.h"
#include "unit.h"

static const char fleet[] = "all:\n"
                            "  children:\n"
                            "    infra: { hosts: { 10.10.10.10: { infra_seq: 1 } } }\n"
                            "    etcd: { hosts: { 10.10.10.10: { etcd_seq: 1 } } }\n"
                            "    pg-test:\n"
                            "      hosts:\n"
                            "        10.10.10.11: { pg_seq: 1, pg_role: primary }\n"
                            "        10.10.10.12: { pg_seq: 2, pg_role: replica }\n"
                            "      vars:\n"
                            "        pg_cluster: pg-test\n"
                            "        pg_users: [ { name: app, password: secret-1 } ]\n"
                            "        pg_databases: [ { name: shop, owner: app } ]\n";

static const ResourceSet *wanted(Arena *arena, const Kind *kind, const Domain *domain,
                                 bool for_asking)
{
    ResourceSet *set = resource_set_new(arena, kind, domain);
    set->for_asking = for_asking;
    check_fine(kind->desired(domain, facts_new(arena), set));
    return set;
}

static void add_asked(Text *out, const ResourceSet *set)
{
    for (size_t i = 0; i < resource_set_count(set); i++) {
        const Resource *resource = resource_set_at(set, i);
        text_addf(out, "%s %s on %s: ", resource->address, resource->name, resource->host);
        json_write_canonical(out, resource->asks ? resource->asks : &value_null);
        text_add_char(out, '\n');
    }
}

static size_t check_kind(Arena *arena, const Kind *kind, const Domain *domain)
{
    CLEANUP(text_release) Text in_full = TEXT_INIT;
    CLEANUP(text_release) Text asked = TEXT_INIT;
    add_asked(&in_full, wanted(arena, kind, domain, false));
    add_asked(&asked, wanted(arena, kind, domain, true));
    if (asked.length > 0 || in_full.length > 0)
        assert_string_equal(text_get(&asked), text_get(&in_full));
    return asked.length > 0;
}

static void asks_are_the_same(void **state)
{
    const KindCase *play = kind_case(*state, fleet);
    const Domain *domains;
    size_t compared = 0, count = domains_of(*state, play->inventory, &domains);
    for (size_t i = 0; i < count; i++) {
        for (const Kind *const *kind = pgsteer_registry.kinds; *kind; kind++) {
            if ((*kind)->domain == domains[i].type)
                compared += check_kind(*state, *kind, &domains[i]);
        }
    }
    assert_true(compared > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(asks_are_the_same)};
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
