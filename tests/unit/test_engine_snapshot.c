/* store and snapshot: commits, compare and swap, equal trees, history; what an execution records.
 */
#include <stdlib.h>
#include <string.h>

#include "engine/git/store.h"
#include "engine/snapshot.h"
#include "fake_world.h"
#include "unit.h"

typedef struct Fixture {
    Arena *arena;
    char directory[64];
    const char *repository;
} Fixture;

static void fixture_end(Fixture *f)
{
    assert_int_equal(system(arena_printf(f->arena, "rm -rf %s", f->directory)), 0);
    arena_free(f->arena);
}

static Fixture fixture(void)
{
    Fixture f = {.arena = arena_new(), .directory = "/tmp/test_snapshot.XXXXXX"};
    assert_non_null(mkdtemp(f.directory));
    f.repository = arena_printf(f.arena, "%s/deep/state.git", f.directory);
    return f;
}

static const char *commit(Fixture *f, Store *store, const char *path, const char *content)
{
    const char *id = NULL;
    StoreFile file = {path, content};
    assert_null(store_commit(store, f->arena, &file, 1, "a message\n\nmore", &id));
    return id;
}

/* -- store ----------------------------------------------------------------------------------- */

static void files_are_kept_with_their_history(void **state)
{
    (void)state;
    CLEANUP(fixture_end) Fixture f = fixture();
    CLEANUP(store_freep) Store *store = NULL;
    assert_null(store_open(f.repository, true, &store));
    const char *first = commit(&f, store, "clusters/ab/x.json", "one\n"), *content;
    const char *second = commit(&f, store, "clusters/ab/x.json", "two\n");
    assert_non_null(first);
    assert_null(store_read(store, f.arena, first, "clusters/ab/x.json", &content));
    assert_string_equal(content, "one\n");
    assert_null(store_read(store, f.arena, second, "clusters/ab/y.json", &content));
    assert_null(content);
    StoreCommit *log;
    size_t count;
    assert_null(store_log(store, f.arena, 10, &log, &count));
    assert_int_equal(count, 2);
    assert_string_equal(log[0].id, second);
    assert_string_equal(log[1].message, "a message\n\nmore");
    CLEANUP(text_release) Text patch = TEXT_INIT;
    assert_null(store_diff(store, first, second, &patch));
    assert_non_null(strstr(text_get(&patch), "-one\n+two\n"));
}

static void what_is_equal_makes_no_commit(void **state)
{
    (void)state;
    CLEANUP(fixture_end) Fixture f = fixture();
    CLEANUP(store_freep) Store *store = NULL;
    assert_null(store_open(f.repository, true, &store));
    assert_non_null(commit(&f, store, "a/b", "one"));
    assert_null(commit(&f, store, "a/b", "one"));
    assert_null(commit(&f, store, "a/not-there", NULL));
    assert_non_null(commit(&f, store, "a/b", NULL));
}

static void revisions_are_found(void **state)
{
    (void)state;
    CLEANUP(fixture_end) Fixture f = fixture();
    CLEANUP(store_freep) Store *store = NULL;
    assert_null(store_open(f.repository, true, &store));
    const char *id;
    CLEANUP(error_freep) Error *empty = store_resolve(store, f.arena, NULL, &id);
    assert_non_null(empty);
    assert_int_equal(empty->code, ERROR_INVALID);
    const char *first = commit(&f, store, "a", "1"), *second = commit(&f, store, "a", "2");
    assert_null(store_resolve(store, f.arena, NULL, &id));
    assert_string_equal(id, second);
    assert_null(store_resolve(store, f.arena, "HEAD~1", &id));
    assert_string_equal(id, first);
    assert_null(store_resolve(store, f.arena, arena_strndup(f.arena, first, 7), &id));
    assert_string_equal(id, first);
    CLEANUP(error_freep) Error *wrong = store_resolve(store, f.arena, "nonsense", &id);
    assert_non_null(wrong);
    assert_int_equal(wrong->code, ERROR_INVALID);
}

static void the_first_commit_is_shown_whole(void **state)
{
    (void)state;
    CLEANUP(fixture_end) Fixture f = fixture();
    CLEANUP(store_freep) Store *store = NULL;
    assert_null(store_open(f.repository, true, &store));
    const char *id = commit(&f, store, "a", "1\n");
    CLEANUP(text_release) Text patch = TEXT_INIT;
    StoreCommit shown;
    assert_null(store_show(store, f.arena, id, &shown, &patch));
    assert_string_equal(shown.id, id);
    assert_non_null(strstr(text_get(&patch), "+1\n"));
}

static void none_is_said_and_none_is_made(void **state)
{
    (void)state;
    CLEANUP(fixture_end) Fixture f = fixture();
    Store *store = NULL;
    CLEANUP(error_freep) Error *error = store_open(f.repository, false, &store);
    assert_non_null(error);
    assert_int_equal(error->code, ERROR_INVALID);
    assert_null(store);
    store_freep(&store);
}

static void what_is_no_repository_is_refused(void **state)
{
    (void)state;
    Store *store = NULL;
    CLEANUP(error_freep) Error *error = store_open("/etc", true, &store);
    assert_non_null(error);
    assert_int_equal(error->code, ERROR_LOCAL);
}

/* A writer that was overtaken: its branch moved between reading and writing. */
static void a_stale_writer_loses(void **state)
{
    (void)state;
    CLEANUP(fixture_end) Fixture f = fixture();
    CLEANUP(store_freep) Store *store = NULL;
    assert_null(store_open(f.repository, true, &store));
    commit(&f, store, "a", "1");
    char *lock = arena_printf(f.arena, "%s/refs/heads/main.lock", f.repository);
    FILE *file = fopen(lock, "w");
    assert_non_null(file);
    fclose(file);
    const char *id = NULL;
    StoreFile change = {"a", "2"};
    CLEANUP(error_freep) Error *error = store_commit(store, f.arena, &change, 1, "m", &id);
    assert_non_null(error);
    assert_int_equal(error->code, ERROR_CONFLICT);
    assert_null(id);
}

/* -- snapshot -------------------------------------------------------------------------------- */

static const ParamRow params[] = {{.name = "login", .type = PARAM_BOOL},
                                  {.name = "password", .type = PARAM_STRING},
                                  {.name = "comment", .type = PARAM_STRING}};
static const Kind role = {
    .name = "role", .domain = DOMAIN_CLUSTER, .params = params, .param_count = 3};
static const Domain cluster = {.type = DOMAIN_CLUSTER, .name = "pg-test", .block = "pg-test"};

typedef struct Run {
    FakePlan *fake;
    Change changes[4];
    PlanBlock block;
    ActionResult results[8];
    Execution execution;
} Run;

static Change change_of(Fixture *f, ChangeOp op, const char *name)
{
    ResourceSet *set = resource_set_new(f->arena, &role, &cluster);
    Resource *resource = resource_add(set, "pg-test", name, "");
    resource_set(resource, "login", &value_true, NULL);
    resource_set(resource, "password", value_secret(f->arena, "10.0.0.1|password"), NULL);
    return (Change){.op = op,
                    .desired = op == CHANGE_DELETE ? NULL : resource,
                    .observed = op == CHANGE_CREATE ? NULL : resource,
                    .domain = &cluster};
}

/* One change, one action with its address and the given outcome. */
static void begin_run(Fixture *f, Run *run)
{
    *run = (Run){.fake = fake_plan_new(f->arena)};
    run->block = (PlanBlock){.name = "pg-test", .changes = run->changes};
    run->fake->plan.blocks = &run->block;
    run->fake->plan.block_count = 1;
    run->execution = (Execution){.plan = &run->fake->plan, .run = "run-1", .results = run->results};
}

static void add(Fixture *f, Run *run, ChangeOp op, const char *name, ActionState state)
{
    Change change = change_of(f, op, name);
    size_t id = fake_plan_add(run->fake, "put", change_resource(&change)->address, "h", 0);
    run->results[id].state = state;
    run->execution.counts[state]++;
    run->changes[run->block.change_count++] = change;
}

static const char *record(Fixture *f, Run *run)
{
    const char *id;
    SnapshotInput input = {.repository = f->repository,
                           .run = run->execution.run,
                           .program_version = "0.1",
                           .execution = &run->execution};
    assert_null(snapshot_record(f->arena, &input, &id));
    return id;
}

static const char *file_at(Fixture *f, const char *id)
{
    CLEANUP(store_freep) Store *store = NULL;
    const char *content;
    assert_null(store_open(f->repository, false, &store));
    assert_null(store_read(store, f->arena, id, snapshot_path(f->arena, DOMAIN_CLUSTER, "pg-test"),
                           &content));
    assert_non_null(content);
    return content;
}

static void applied_changes_are_recorded_with_holes(void **state)
{
    (void)state;
    CLEANUP(fixture_end) Fixture f = fixture();
    Run run;
    begin_run(&f, &run);
    add(&f, &run, CHANGE_CREATE, "zoe", ACTION_DONE);
    add(&f, &run, CHANGE_CREATE, "app", ACTION_DONE);
    add(&f, &run, CHANGE_CREATE, "bad", ACTION_FAILED);
    add(&f, &run, CHANGE_WITHHOLD, "dim", ACTION_DONE);
    const char *id = record(&f, &run), *text = file_at(&f, id);
    assert_non_null(strstr(text, "\"secret\": \"10.0.0.1|password\""));
    assert_non_null(strstr(text, "role.pg-test/app"));
    assert_true(strstr(text, "role.pg-test/app") < strstr(text, "role.pg-test/zoe"));
    assert_null(strstr(text, "role.pg-test/bad"));
    assert_null(strstr(text, "role.pg-test/dim"));
    assert_null(strstr(text, "comment")); /* not managed */
    CLEANUP(store_freep) Store *store = NULL;
    StoreCommit *log;
    size_t count;
    assert_null(store_open(f.repository, false, &store));
    assert_null(store_log(store, f.arena, 10, &log, &count));
    assert_non_null(strstr(log[0].message, "apply run-1: 2 added, 0 changed, 0 destroyed"));
    assert_non_null(strstr(log[0].message, "Failed: role.pg-test/bad"));
}

static void the_next_run_builds_on_the_last(void **state)
{
    (void)state;
    CLEANUP(fixture_end) Fixture f = fixture();
    Run run;
    begin_run(&f, &run);
    add(&f, &run, CHANGE_CREATE, "app", ACTION_DONE);
    add(&f, &run, CHANGE_CREATE, "old", ACTION_DONE);
    record(&f, &run);
    begin_run(&f, &run);
    add(&f, &run, CHANGE_DELETE, "old", ACTION_DONE);
    add(&f, &run, CHANGE_CREATE, "new", ACTION_DONE);
    const char *text = file_at(&f, record(&f, &run));
    assert_non_null(strstr(text, "role.pg-test/app"));
    assert_non_null(strstr(text, "role.pg-test/new"));
    assert_null(strstr(text, "role.pg-test/old"));
}

static void nothing_applied_is_no_snapshot(void **state)
{
    (void)state;
    CLEANUP(fixture_end) Fixture f = fixture();
    Run run;
    begin_run(&f, &run);
    add(&f, &run, CHANGE_CREATE, "bad", ACTION_FAILED);
    assert_null(record(&f, &run));
    begin_run(&f, &run);
    add(&f, &run, CHANGE_CREATE, "app", ACTION_DONE);
    assert_non_null(record(&f, &run));
    assert_null(record(&f, &run)); /* the same once more */
}

static const char *record_found(Fixture *f, bool all, Resource *const *found, size_t count)
{
    const char *id;
    InPlace *in_place = in_place_new(f->arena, f->repository, all);
    for (size_t i = 0; i < count; i++)
        in_place_note(in_place, &cluster, found[i]);
    SnapshotInput input = {.repository = f->repository,
                           .run = "run-2",
                           .program_version = "0.1",
                           .in_place = in_place};
    assert_null(snapshot_record(f->arena, &input, &id));
    in_place_end(in_place);
    return id;
}

/* What the file lacks comes in, what is gone as wanted goes: the first apply may not have seen all.
 * What it has stays as it was written, but after an interrupted run. */
static void what_is_found_in_place_is_recorded(void **state)
{
    (void)state;
    CLEANUP(fixture_end) Fixture f = fixture();
    ResourceSet *set = resource_set_new(f.arena, &role, &cluster);
    Resource *app = resource_add(set, "pg-test", "app", "");
    Resource *old = resource_add(set, "pg-test", "old", "");
    Resource *const before[] = {old}, *const now[] = {app, old};
    resource_set(app, "login", &value_true, NULL);
    resource_set(old, "login", &value_true, NULL);
    assert_non_null(strstr(file_at(&f, record_found(&f, false, before, 1)), "role.pg-test/old"));
    old->ensure = ENSURE_ABSENT;
    const char *text = file_at(&f, record_found(&f, false, now, 2));
    assert_non_null(strstr(text, "role.pg-test/app"));
    assert_null(strstr(text, "role.pg-test/old"));
    resource_set(app, "login", &value_false, NULL);
    assert_null(record_found(&f, false, now, 2));
    assert_non_null(strstr(file_at(&f, record_found(&f, true, now, 2)), "false"));
}

static void counts_follow_terraform(void **state)
{
    (void)state;
    CLEANUP(fixture_end) Fixture f = fixture();
    Run run;
    begin_run(&f, &run);
    add(&f, &run, CHANGE_CREATE, "a", ACTION_DONE);
    add(&f, &run, CHANGE_UPDATE, "b", ACTION_DONE);
    add(&f, &run, CHANGE_DELETE, "c", ACTION_DONE);
    add(&f, &run, CHANGE_REPLACE, "d", ACTION_DONE);
    Applied applied = execution_applied(f.arena, &run.execution);
    assert_int_equal(applied.added, 2);
    assert_int_equal(applied.changed, 1);
    assert_int_equal(applied.destroyed, 2);
}

static void a_change_without_an_action_follows_its_domain(void **state)
{
    (void)state;
    CLEANUP(fixture_end) Fixture f = fixture();
    Run run;
    begin_run(&f, &run);
    add(&f, &run, CHANGE_UPDATE, "a", ACTION_DONE);
    Change folded = change_of(&f, CHANGE_UPDATE, "folded");
    assert_true(execution_has_applied(execution_index(f.arena, &run.execution), &folded));
    run.results[0].state = ACTION_FAILED;
    assert_false(execution_has_applied(execution_index(f.arena, &run.execution), &folded));
}

static void a_foreign_file_is_not_overwritten(void **state)
{
    (void)state;
    CLEANUP(arena_freep) Arena *arena = arena_new();
    const char *text;
    CLEANUP(error_freep)
    Error *error = snapshot_merge(arena, "pg-test", "no json", &value_empty_map, &text);
    assert_non_null(error);
    assert_int_equal(error->code, ERROR_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_are_kept_with_their_history),
        cmocka_unit_test(what_is_equal_makes_no_commit),
        cmocka_unit_test(revisions_are_found),
        cmocka_unit_test(the_first_commit_is_shown_whole),
        cmocka_unit_test(none_is_said_and_none_is_made),
        cmocka_unit_test(what_is_no_repository_is_refused),
        cmocka_unit_test(a_stale_writer_loses),
        cmocka_unit_test(applied_changes_are_recorded_with_holes),
        cmocka_unit_test(the_next_run_builds_on_the_last),
        cmocka_unit_test(nothing_applied_is_no_snapshot),
        cmocka_unit_test(what_is_found_in_place_is_recorded),
        cmocka_unit_test(counts_follow_terraform),
        cmocka_unit_test(a_change_without_an_action_follows_its_domain),
        cmocka_unit_test(a_foreign_file_is_not_overwritten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
