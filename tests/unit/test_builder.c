/* The builder alone: unknown verbs, brackets, limits, roll-back, needs, order rows by name. */
#include <string.h>

#include "fake_kinds.h"
#include "plans/builder.h"
#include "plans/order.h"
#include "plans/procedures/procedures.h"
#include "unit.h"

static const Domain domain = {.type = DOMAIN_NODE, .name = "n", .block = "n"};

static Action *step(Builder *builder, const char *verb, const char *address, const Value *args)
{
    return builder_add_step(builder, &domain, verb, address, "n", "h", args, "because");
}

static void unknown_verbs_are_reported(void **state)
{
    (void)state;
    CLEANUP(arena_freep) Arena *arena = arena_new();
    Builder *builder = builder_new(arena, &fake_registry);
    Action *action = step(builder, "no.verb", "step.n", NULL);
    Action *good = step(builder, "file.create", "step.good", NULL);
    assert_non_null(action);
    builder_add_edge(builder, action, good, "never");
    builder_add_edge(builder, good, NULL, "never");
    builder_add_limit(builder, action, "one", 1);
    builder_add_bracket(builder, action, good);
    builder_add_to_bracket(builder, good, action);
    builder_add_to_bracket(builder, good, good);
    assert_null(builder_action_of(builder, "step.n"));
    assert_ptr_equal(builder_action_of(builder, "step.good"), good);
    assert_int_equal(builder->edge_count + builder->limit_count + builder->bracket_count, 0);
    step(builder, "no.other", "step.m", NULL);
    assert_string_equal(builder->problem, "step.n: there is no verb no.verb");
}

static void brackets_and_limits_are_collected(void **state)
{
    (void)state;
    CLEANUP(arena_freep) Arena *arena = arena_new();
    Builder *builder = builder_new(arena, &fake_registry);
    Action *open = step(builder, "file.create", "open", NULL);
    Action *body = step(builder, "file.create", "body", NULL);
    Action *close = step(builder, "file.create", "close", NULL);
    builder_add_bracket(builder, open, close);
    builder_add_to_bracket(builder, open, body);
    assert_int_equal(builder->brackets[0]->count, 1);
    assert_int_equal(builder->edge_count, 3);
    builder_add_limit(builder, open, "l", 5);
    builder_add_limit(builder, open, "l", 3);
    builder_add_limit(builder, body, "l", 4);
    assert_int_equal(builder->limits[0]->capacity, 3);
    assert_int_equal(builder->limits[0]->count, 2);
    assert_ptr_equal(builder_arena(builder), arena);

    BuilderMark mark = builder_mark(builder);
    Action *more = step(builder, "file.create", "more", NULL);
    builder_add_limit(builder, more, "l", 4);
    builder_add_edge(builder, open, more, "x");
    builder_note(builder, &domain, "found", NULL, NULL, "%d stays", 1);
    builder_rollback(builder, mark);
    assert_null(builder_action_of(builder, "more"));
    assert_int_equal(builder->limits[0]->count, 2);
    assert_int_equal(builder->edge_count, 3);
    assert_string_equal(builder->notes[0].note.text, "1 stays");
    assert_string_equal(builder->notes[0].note.code, "");
}

static void nothing_is_planned_for_what_is_withheld(void **state)
{
    (void)state;
    CLEANUP(arena_freep) Arena *arena = arena_new();
    Builder *builder = builder_new(arena, &fake_registry);
    const Kind *kind = registry_kind(&fake_registry, "hba");
    ResourceSet *set = resource_set_new(arena, kind, &domain);
    Resource *resource = resource_add(set, "n", "", "h");
    Change change = {.op = CHANGE_WITHHOLD, .desired = resource, .domain = &domain};
    assert_null(builder_add_change(builder, &change, NULL, NULL));
    assert_null(builder_add_change(builder, &change, "hba.create", NULL));
    change.op = CHANGE_NONE;
    assert_null(builder_add_change(builder, &change, NULL, NULL));
    change.op = CHANGE_DELETE;
    assert_null(builder_add_change(builder, &change, NULL, NULL)); /* hba has no such verb */
    change.op = CHANGE_REPLACE;
    assert_null(builder_add_change(builder, &change, NULL, NULL));
    change.op = CHANGE_CREATE;
    const Action *action = builder_add_change(builder, &change, "hba.update",
                                              fake_json(arena, "{\"more\": 1, \"name\": \"x\"}"));
    assert_string_equal(action->verb->name, "hba.update");
    assert_int_equal(value_get_int(action->args, "more", 0), 1);
    assert_string_equal(value_get_text(action->args, "name"), "x");
    assert_string_equal(action->reason, "it is not there");
    assert_int_equal(
        change_need(&(Change){.op = CHANGE_NONE, .desired = resource}, SERVICE_POSTGRES),
        NEED_NOTHING);
}

static void changes_of_one_kind_may_share_an_action(void **state)
{
    (void)state;
    CLEANUP(arena_freep) Arena *arena = arena_new();
    Builder *builder = builder_new(arena, &fake_registry);
    ResourceSet *set = resource_set_new(arena, registry_kind(&fake_registry, "file"), &domain);
    const Change one = {
        .op = CHANGE_CREATE, .desired = resource_add(set, "n", "/a", "h"), .domain = &domain};
    const Change two = {
        .op = CHANGE_CREATE, .desired = resource_add(set, "n", "/b", "h"), .domain = &domain};
    const Change gone = {
        .op = CHANGE_DELETE, .observed = resource_add(set, "n", "/c", "h"), .domain = &domain};
    const Change *const all[] = {&one, &two, &gone};
    assert_null(builder_add_changes(builder, all, 0, "file.create", "files.n"));
    const Action *shared = builder_add_changes(builder, all, 2, "file.create", "files.n");
    assert_int_equal(shared->op, CHANGE_CREATE);
    assert_ptr_equal(builder_action_of(builder, "file.n//b"), shared);
    assert_string_equal(value_get_text(value_path(shared->args, "items/1"), "address"),
                        "file.n//b");
    assert_int_equal(builder_add_changes(builder, all + 1, 2, "file.create", "more.n")->op,
                     CHANGE_UPDATE);
    const Action *single = builder_add_changes(builder, all, 1, "file.create", "none.n");
    assert_string_equal(single->address, "file.n//a");
}

static void needs_are_folded_by_the_largest(void **state)
{
    (void)state;
    CLEANUP(arena_freep) Arena *arena = arena_new();
    const Kind *kind = registry_kind(&fake_registry, "config");
    ResourceSet *set = resource_set_new(arena, kind, &domain);
    Resource *one = resource_add(set, "one", "", "h1"), *two = resource_add(set, "two", "", "h2");
    const ParamChange params[] = {
        {.row = &kind->params[0], .key = "a", .need = NEED_RELOAD},
        {.row = &kind->params[0], .key = "b", .need = NEED_RESTART},
    };
    const Change changes[] = {
        {.op = CHANGE_UPDATE, .desired = one, .params = params, .param_count = 1},
        {.op = CHANGE_UPDATE, .desired = two, .params = params, .param_count = 2},
    };
    assert_int_equal(changes_need(changes, 2, SERVICE_POSTGRES, ""), NEED_RESTART);
    assert_int_equal(changes_need(changes, 2, SERVICE_POSTGRES, "h1"), NEED_RELOAD);
    assert_int_equal(changes_need(changes, 2, SERVICE_POSTGRES, "h3"), NEED_NOTHING);
    assert_int_equal(changes_need(changes, 2, SERVICE_HAPROXY, ""), NEED_NOTHING);
}

/* What is done on one node for another one waits for what that one needs. */
static void hosts_may_be_named(void **state)
{
    (void)state;
    CLEANUP(arena_freep) Arena *arena = arena_new();
    static const OrderRow rows[] = {
        {"file.create", "role.create", ORDER_HOST_NAMED, "newcomer", "named"}};
    Builder *builder = builder_new(arena, &fake_registry);
    const Value *args = fake_json(arena, "{\"newcomer\": \"h2\"}");
    builder_add_step(builder, &domain, "file.create", "a", "", "h1", NULL, "here");
    builder_add_step(builder, &domain, "file.create", "b", "", "h2", NULL, "there");
    builder_add_step(builder, &domain, "role.create", "c", "", "h1", args, "for the other");
    builder_add_step(builder, &domain, "role.create", "d", "", "h2", NULL, "for nobody");
    order_apply(builder, rows, COUNT_OF(rows));
    assert_int_equal(builder->edge_count, 1);
    assert_int_equal(builder->edges[0].from, 1);
    assert_int_equal(builder->edges[0].to, 2);
}

static void names_may_be_texts_lists_and_keys(void **state)
{
    (void)state;
    CLEANUP(arena_freep) Arena *arena = arena_new();
    static const OrderRow rows[] = {
        {"file.create", "role.create", ORDER_NAMED, "after", "named"},
        {"unit.create", "role.create", ORDER_SAME_SCOPE, NULL, "one scope"},
        {"unit.create", "unit.update", ORDER_SAME_HOST, NULL, "one host"},
    };
    Builder *builder = builder_new(arena, &fake_registry);
    step(builder, "file.create", "a", fake_json(arena, "{\"name\": \"x\"}"));
    step(builder, "role.create", "b", fake_json(arena, "{\"after\": \"x\"}"));
    step(builder, "role.create", "c", fake_json(arena, "{\"after\": [\"x\", 5]}"));
    step(builder, "role.create", "d", fake_json(arena, "{\"params\": {\"after\": {\"x\": 1}}}"));
    step(builder, "role.create", "e", fake_json(arena, "{\"after\": [\"y\"]}"));
    builder_add_step(builder, &domain, "unit.create", "f", "", "", NULL, "nowhere");
    builder_add_step(builder, &domain, "unit.update", "g", "", "", NULL, "nowhere");
    order_apply(builder, rows, COUNT_OF(rows));
    assert_int_equal(builder->edge_count, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(builder->edges[i].from, 0);
        assert_int_equal(builder->edges[i].to, i + 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unknown_verbs_are_reported),
        cmocka_unit_test(brackets_and_limits_are_collected),
        cmocka_unit_test(nothing_is_planned_for_what_is_withheld),
        cmocka_unit_test(changes_of_one_kind_may_share_an_action),
        cmocka_unit_test(needs_are_folded_by_the_largest),
        cmocka_unit_test(hosts_may_be_named),
        cmocka_unit_test(names_may_be_texts_lists_and_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
