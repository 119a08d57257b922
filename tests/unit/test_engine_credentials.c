/* The text behind a secret's address: verifiers that exist are kept, new ones are made once. */
#include "base/digest.h"
#include "engine/credentials.h"
#include "fake_world.h"
#include "unit.h"

#define FIRST    "10.10.10.11"
#define SECOND   "10.10.10.12"
#define PASSWORD FIRST "|pg_users|app|password"
#define VERIFIER "scram|pg-test|app|" PASSWORD
#define MD5      "md5d41d8cd98f00b204e9800998ecf8427e"

static const char inventory_text[] =
    "all:\n"
    "  children:\n"
    "    etcd: { hosts: { 10.10.10.10: { etcd_seq: 1 } } }\n"
    "    pg-test:\n"
    "      hosts:\n"
    "        " FIRST ": { pg_seq: 1, pg_role: primary }\n"
    "        " SECOND ": { pg_seq: 2, pg_role: replica }\n"
    "      vars:\n"
    "        pg_cluster: pg-test\n"
    "        pg_users: [{ name: app, password: App-1234 }, { name: old, password: " MD5 " },\n"
    "          { name: far, password: { from_env: PGSTEER_NO_SUCH } }]\n";

static const Source roles_source = {.name = "sql.roles", .scope = SCOPE_LEADER, .via = VIA_SQL};
static const Source *const sources[] = {&roles_source, NULL};
static const Registry registry = {.sources = sources};
static const Source *const no_sources[] = {NULL};
static const Registry empty_registry = {.sources = no_sources};

typedef struct Bench {
    Arena *arena;
    const Inventory *inventory;
    World *world;
    Diagnostics *diagnostics; /* of what is not at hand */
} Bench;

static int setup(void **state)
{
    Arena *arena = arena_new();
    Bench *bench = ARENA_NEW(arena, Bench);
    Diagnostics *diagnostics = diagnostics_new(arena);
    *bench =
        (Bench){.arena = arena, .world = fake_world_new(), .diagnostics = diagnostics_new(arena)};
    bench->inventory = inventory_load_bytes(arena, "test.yml", inventory_text,
                                            strlen(inventory_text), diagnostics);
    assert_non_null(bench->inventory);
    assert_int_equal(diagnostics_error_count(diagnostics), 0);
    *state = bench;
    return 0;
}

static int teardown(void **state)
{
    Bench *bench = *state;
    bench->world->free(bench->world);
    arena_free(bench->arena);
    return 0;
}

/* What sql.roles says when `app` has this stored password. */
static const Value *answer(Arena *arena, const char *stored)
{
    Value *role = value_map(arena), *roles = value_map(arena), *out = value_map(arena);
    value_set(arena, role, "password", stored ? value_text(arena, stored) : &value_null);
    value_set(arena, roles, "app", role);
    value_set(arena, out, "roles", roles);
    return out;
}

static Credentials *observed(Bench *bench, const char *stored)
{
    Facts *facts = facts_new(bench->arena);
    facts_put_known(facts, "sql.roles", "pg-test", answer(bench->arena, stored));
    return credentials_new(bench->arena, bench->inventory, facts, bench->world, &registry,
                           bench->diagnostics);
}

static void the_inventorys_own_are_passed_on(void **state)
{
    Credentials *credentials = observed(*state, NULL);
    assert_string_equal(credentials_text(credentials, PASSWORD), "App-1234");
    assert_null(credentials_text(credentials, FIRST "|no_such"));
}

/* Each way to the same definition, the verifier too, is one report. */
static void what_is_not_at_hand_is_reported_once(void **state)
{
    Bench *bench = *state;
    static const char *const addresses[] = {FIRST "|pg_users|far|password",
                                            SECOND "|pg_users|far|password",
                                            "scram|pg-test|far|" FIRST "|pg_users|far|password"};
    Credentials *credentials = observed(bench, NULL);
    for (size_t i = 0; i < COUNT_OF(addresses); i++)
        assert_null(credentials_text(credentials, addresses[i]));
    assert_int_equal(diagnostics_count(bench->diagnostics), 1);
    const Diagnostic *problem = diagnostics_at(bench->diagnostics, 0);
    assert_string_equal(problem->code, "E055");
    assert_string_equal(problem->message, "pg_users far password is to come from the environment: "
                                          "PGSTEER_NO_SUCH is not set");
    assert_int_equal(problem->places[0].line, 11);
}

static void unknown_addresses_have_no_text(void **state)
{
    static const char *const addresses[] = {"scram|", "scram|pg-test", "scram|pg-test|app",
                                            "scram|pg-test|app|", "scram|pg-test|app|nobody"};
    Credentials *credentials = observed(*state, NULL);
    for (size_t i = 0; i < COUNT_OF(addresses); i++)
        assert_null(credentials_text(credentials, addresses[i]));
}

static void a_verifier_that_belongs_is_kept(void **state)
{
    Bench *bench = *state;
    const char *stored = scram_verifier(bench->arena, "App-1234");
    assert_string_equal(credentials_text(observed(bench, stored), VERIFIER), stored);
    assert_int_equal(fake_world_reads(bench->world, FIRST), 0);
}

/* Of another password, of an older form, or none: a new one, the same at each question. */
static void another_is_made_once(void **state)
{
    Bench *bench = *state;
    const char *const stored[] = {scram_verifier(bench->arena, "Other"), MD5, "App-1234", NULL};
    for (size_t i = 0; i < COUNT_OF(stored); i++) {
        Credentials *credentials = observed(bench, stored[i]);
        const char *made = credentials_text(credentials, VERIFIER);
        assert_true(text_starts_with(made, "SCRAM-SHA-256$"));
        assert_true(scram_matches(made, "App-1234", "app"));
        assert_string_equal(credentials_text(credentials, VERIFIER), made);
    }
    const char *one = credentials_text(observed(bench, NULL), VERIFIER);
    assert_string_not_equal(credentials_text(observed(bench, NULL), VERIFIER), one);
}

static void a_verifier_in_the_inventory_is_taken_as_it_is(void **state)
{
    assert_string_equal(credentials_text(observed(*state, NULL),
                                         "scram|pg-test|old|" FIRST "|pg_users|old|password"),
                        MD5);
}

/* -- a saved plan: the living cluster is asked ---------------------------------------------------
 */

static Credentials *saved(Bench *bench, const Registry *known)
{
    return credentials_new(bench->arena, bench->inventory, NULL, bench->world, known,
                           bench->diagnostics);
}

static void a_living_cluster_is_asked_once(void **state)
{
    Bench *bench = *state;
    const char *stored = scram_verifier(bench->arena, "App-1234");
    fake_world_set(bench->world, "sql.roles", "pg-test", answer(bench->arena, stored));
    Credentials *credentials = saved(bench, &registry);
    assert_string_equal(credentials_text(credentials, VERIFIER), stored);
    assert_string_equal(credentials_text(credentials, VERIFIER), stored);
    assert_int_equal(fake_world_asked(bench->world, "sql.roles", "pg-test"), 1);
    assert_int_equal(fake_world_reads(bench->world, SECOND), 0);
}

static void another_member_answers_for_a_dead_one(void **state)
{
    Bench *bench = *state;
    const char *stored = scram_verifier(bench->arena, "App-1234");
    fake_world_set(bench->world, "sql.roles", "pg-test", answer(bench->arena, stored));
    fake_world_kill(bench->world, FIRST, true);
    assert_string_equal(credentials_text(saved(bench, &registry), VERIFIER), stored);
    assert_int_equal(fake_world_reads(bench->world, FIRST), 1);
    assert_int_equal(fake_world_reads(bench->world, SECOND), 1);
}

/* Nobody can say: a new cluster, or one that nobody can ask how to. */
static void without_an_answer_one_is_made(void **state)
{
    Bench *bench = *state;
    const Registry *const known[] = {&registry, &empty_registry};
    for (size_t i = 0; i < COUNT_OF(known); i++) {
        Credentials *credentials = saved(bench, known[i]);
        const char *made = credentials_text(credentials, VERIFIER);
        assert_true(scram_matches(made, "App-1234", "app"));
        assert_string_equal(credentials_text(credentials, VERIFIER), made);
    }
    /* Each member once, and not again at the second question. */
    assert_int_equal(fake_world_asked(bench->world, "sql.roles", "pg-test"), 2);
}

static void a_cluster_that_is_not_in_the_inventory_is_not_asked(void **state)
{
    Bench *bench = *state;
    const char *made = credentials_text(saved(bench, &registry), "scram|other|app|" PASSWORD);
    assert_true(scram_matches(made, "App-1234", "app"));
    assert_int_equal(fake_world_reads(bench->world, FIRST), 0);
}

int main(void)
{
#define TEST(NAME) cmocka_unit_test_setup_teardown(NAME, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(the_inventorys_own_are_passed_on),
        TEST(what_is_not_at_hand_is_reported_once),
        TEST(unknown_addresses_have_no_text),
        TEST(a_verifier_that_belongs_is_kept),
        TEST(another_is_made_once),
        TEST(a_verifier_in_the_inventory_is_taken_as_it_is),
        TEST(a_living_cluster_is_asked_once),
        TEST(another_member_answers_for_a_dead_one),
        TEST(without_an_answer_one_is_made),
        TEST(a_cluster_that_is_not_in_the_inventory_is_not_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
