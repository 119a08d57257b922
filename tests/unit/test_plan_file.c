/* Plan files: torn, edited, later and foreign ones are refused by name. */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/file.h"
#include "fake_kinds.h"
#include "plans/plan_file.h"
#include "plans/plan_lines.h"
#include "unit.h"

static const char yaml[] = "all:\n"
                           "  children:\n"
                           "    etcd:\n"
                           "      hosts: { 10.0.0.1: { etcd_seq: 1 } }\n"
                           "      vars: { etcd_cluster: etcd }\n"
                           "    pg-test:\n"
                           "      hosts: { 10.0.0.1: { pg_seq: 1, pg_role: primary } }\n"
                           "      vars: { pg_cluster: pg-test }\n";

static const char facts[] =
    "{\"node.data\": {\"10.0.0.1\": {\"initialized\": true}}, \"node.markers\": {\"10.0.0.1\": "
    "{\"cluster.pg-test\": {}}}, \"patroni.cluster\": {\"10.0.0.1\": {\"members\": [{\"name\": "
    "\"pg-test-1\", \"role\": \"leader\", \"state\": \"running\"}]}}, \"test.switch\": "
    "{\"pg-test\": true}, \"test.notes\": {\"pg-test\": [{\"kind\": \"found\", \"text\": "
    "\"something\", \"line\": 3}]}, \"test.desired\": {\"pg-test\": [{\"kind\": \"config\", "
    "\"scope\": \"pg-test\", \"note\": \"n\", \"line\": 2, \"params\": {\"settings\": {\"a\": "
    "\"1\", \"b\": null, \"c\": {\"late\": \"x\"}}}}, {\"kind\": \"role\", \"scope\": \"pg-test\", "
    "\"name\": \"r\", \"params\": {\"password\": {\"secret\": \"here|there\"}, \"roles\": "
    "[\"q\"]}}, "
    "{\"kind\": \"role\", \"scope\": \"pg-test\", \"name\": \"q\"}], \"pg-test-1\": [{\"kind\": "
    "\"file\", \"scope\": \"pg-test-1\", \"name\": \"/f\", \"host\": \"10.0.0.1\"}]}, "
    "\"test.observed\": {\"pg-test-1\": {\"file\": {\"complete\": false, \"reason\": \"why\"}}}}";

static Plan *sample(Arena *arena)
{
    static const char *const paths[] = {"/etc/inventory.yml", "/etc/more.yml", NULL};
    Plan *plan = NULL;
    check_fine(fake_plan(arena, yaml, facts, NULL, NULL, &plan));
    static const Origin origin = {"/etc/inventory.yml", 7, 1};
    static const PlanNote secrets[] = {
        {PLAN_NOT_COMPARED, "", "pg_admin_password (not compared): why", &origin},
        {PLAN_NOT_COMPARED, "", "patroni_password (not compared): why", NULL}};
    plan->not_compared = secrets;
    plan->not_compared_count = COUNT_OF(secrets);
    plan->inventory_paths = paths;
    plan->inventory_digest = "abc";
    plan->program_version = "0.1.0";
    plan->created_wall_ms = 1234567890123;
    return plan;
}

static void a_plan_survives_its_file(void **state)
{
    Arena *arena = *state;
    Plan *plan = sample(arena), *again = NULL;
    char path[] = "/tmp/pgsteer-plan-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    assert_int_equal(chmod(path, 0644), 0);
    check_fine(plan_file_write(path, plan));
    struct stat status;
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    check_fine(plan_file_read(arena, path, &fake_registry, &again));
    unlink(path);

    assert_string_equal(again->inventory_paths[1], "/etc/more.yml");
    assert_null(again->inventory_paths[2]);
    assert_string_equal(again->inventory_digest, "abc");
    assert_string_equal(again->program_version, "0.1.0");
    assert_int_equal(again->created_wall_ms, plan->created_wall_ms);
    assert_int_equal(again->not_compared_count, 2);
    assert_string_equal(again->not_compared[0].text, plan->not_compared[0].text);
    assert_string_equal(again->not_compared[0].kind, PLAN_NOT_COMPARED);
    assert_int_equal(again->not_compared[0].origin->line, 7);
    assert_null(again->not_compared[1].origin);
    assert_int_equal(again->bracket_count, 1);
    assert_int_equal(again->brackets[0].body[0], plan->brackets[0].body[0]);
    assert_int_equal(again->limit_count, 1);
    assert_int_equal(again->edge_count, plan->edge_count);
    assert_string_equal(again->transition, plan->transition);
    assert_int_equal(again->impact.switchovers, 1);
    const Change *change = &again->blocks[0].changes[0];
    assert_string_equal(change_resource(change)->address, "config.pg-test");
    assert_int_equal(change_resource(change)->origin->line, 2);
    assert_int_equal(change->params[1].after->type, VALUE_LATE);
    assert_int_equal(again->blocks[0].notes[0].origin->line, 3);
    for (size_t i = 0; i < plan->action_count; i++) {
        assert_true(value_equal(plan->actions[i].args, again->actions[i].args));
        assert_ptr_equal(plan->actions[i].verb, again->actions[i].verb);
    }
}

static void a_secret_stays_a_hole(void **state)
{
    Arena *arena = *state;
    CLEANUP(text_release) Text text = TEXT_INIT;
    plan_lines_write(&text, sample(arena));
    assert_non_null(strstr(text_get(&text), "{\"secret\":\"here|there\"}"));
}

static void files_that_are_not_there_are_named(void **state)
{
    Plan *plan = NULL;
    CLEANUP(error_freep)
    Error *error = plan_file_read(*state, "/tmp/no/such.plan", &fake_registry, &plan);
    assert_non_null(error);
}

static const char *seal(Arena *arena, const char *body)
{
    char hex[SHA256_HEX + 1];
    sha256_hex(body, strlen(body), hex);
    return arena_printf(arena, "%s{\"end\":{\"sha256\":\"%s\"}}\n", body, hex);
}

static void expect_refusal(Arena *arena, const char *bytes, const char *want)
{
    Plan *plan = NULL;
    Error *error = plan_file_parse(arena, bytes, strlen(bytes), &fake_registry, &plan);
    if (!error) {
        fail_msg("accepted, not '%s': %s", want, bytes);
        return;
    }
    char *text = error_text(error);
    if (!strstr(text, want))
        fail_msg("'%s' has no '%s'", text, want);
    assert_int_equal(error->code, ERROR_INVALID);
    free(text);
    error_free(error);
}

static const char *body_of(Arena *arena)
{
    CLEANUP(text_release) Text text = TEXT_INIT;
    plan_lines_write(&text, sample(arena));
    return arena_strndup(arena, text_get(&text),
                         (size_t)(strstr(text_get(&text), "{\"end\"") - text_get(&text)));
}

static void torn_and_edited_files_are_refused(void **state)
{
    Arena *arena = *state;
    const char *body = body_of(arena), *whole = seal(arena, body);
    for (size_t length = 0; length < strlen(whole); length += 7) {
        Plan *plan = NULL;
        Error *error = plan_file_parse(arena, whole, length, &fake_registry, &plan);
        if (!error)
            fail_msg("the first %zu bytes were accepted", length);
        error_free(error);
    }
    expect_refusal(arena, "", "torn");
    expect_refusal(arena, body, "the closing line is missing");
    char *edited = arena_strdup(arena, whole);
    *strstr(edited, "10.0.0.1") = '2';
    expect_refusal(arena, edited, "it was changed after it was made");
    expect_refusal(arena, seal(arena, ""), "it is empty");
    expect_refusal(arena, "x\n", "line 1");
}

/* The body with one text replaced by another. */
static const char *with(Arena *arena, const char *from, const char *to)
{
    const char *body = body_of(arena), *at = strstr(body, from);
    if (!at)
        fail_msg("no '%s' in %s", from, body);
    return seal(arena,
                arena_printf(arena, "%.*s%s%s", (int)(at - body), body, to, at + strlen(from)));
}

static void lies_are_found(void **state)
{
    Arena *arena = *state;
    static const struct {
        const char *from, *to, *want;
    } cases[] = {
        {"\"format\":1", "\"format\":2", "it has format 2 and this version reads up to 1"},
        {"\"format\":1", "\"format\":0", "not a plan of pgsteer"},
        {"{\"plan\":", "{\"plans\":", "not a plan of pgsteer"},
        {"\"actions\":", "\"actions\":-", "'actions' is not a number"},
        {"\"actions\":", "\"actions\":99999999", "'actions' is not a number"},
        {"\"blocks\":1", "\"blocks\":2", "it is not complete"},
        {"\"blocks\":1", "\"blocks\":0", "more lines of block than the header says"},
        {"\"limits\":1", "\"limits\":0", "more lines of limit"},
        {"\"brackets\":1", "\"brackets\":0", "more lines of bracket"},
        {"\"edges\":", "\"edges\":1", "it is not complete"},
        {"\"to_add\":", "\"to_add\":\"x\",\"to_ad\":", "'to_add' is not a number"},
        {"\"reloads\":", "\"reloads\":-1,\"r\":", "'reloads' is not a number"},
        {"\"hosts_wanted\":", "\"hosts_wanted\":null,\"h\":", "'hosts_wanted'"},
        {"\"kind\":\"config\"", "\"kind\":\"confit\"", "knows no kind 'confit'"},
        {"\"op\":\"create\"", "\"op\":\"make\"", "'make' is no operation"},
        {"\"domain_type\":\"cluster\"", "\"domain_type\":\"clan\"", "'clan' is no type of domain"},
        {"\"param\":\"settings\"", "\"param\":\"sittings\"", "has no param 'sittings'"},
        {"\"need\":\"reload\"", "\"need\":\"more\"", "'more' is no need"},
        {"\"verb\":\"config.create\"", "\"verb\":\"config.make\"", "knows no verb 'config.make'"},
        {"{\"action\":{\"id\":1", "{\"action\":{\"id\":7", "the actions are not in order"},
        {"\"args\":{}", "\"args\":[]", "are no map"},
        {"\"capacity\":1", "\"capacity\":0", "lets nothing through"},
        {"\"capacity\":1,\"actions\":[", "\"capacity\":1,\"actions\":[77,", "77 is no action"},
        {"\"body\":[", "\"body\":[\"x\",", "-1 is no action"},
        {"\"bracket\":{\"open\":", "\"bracket\":{\"open\":9", "'open' is not a number"},
        {"\"list\":[[", "\"list\":[[99,1,0],[", "an edge leads nowhere"},
        {"\"list\":[[", "\"list\":[[0,99,0],[", "an edge leads nowhere"},
        {"\"list\":[[", "\"list\":[[0,0,0],[0,0,0],[", "the edges are not in order"},
        {"\"desired\":{\"settings\"", "\"desire\":{\"settings\"", "is empty"},
        {"\"member_count\":1", "\"member_count\":null", "'member_count'"},
        {"\"unchanged_count\":0", "\"unchanged_count\":-1", "'unchanged_count'"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        expect_refusal(arena, with(arena, cases[i].from, cases[i].to), cases[i].want);
}

static void cycles_in_files_are_refused(void **state)
{
    Arena *arena = *state;
    const char *body = body_of(arena);
    /* The first edge (a smaller id before a larger one) turned into a loop of one. */
    const char *list = strstr(body, "\"list\":[[") + strlen("\"list\":[[");
    const char *comma = strchr(list, ','), *end = strchr(comma + 1, ',');
    const char *looped =
        arena_printf(arena, "%.*s%.*s,%.*s%s", (int)(list - body), body, (int)(end - comma - 1),
                     comma + 1, (int)(end - comma - 1), comma + 1, end);
    expect_refusal(arena, seal(arena, looped), "wait for each other");
}

static void a_bracket_needs_actions(void **state)
{
    Arena *arena = *state;
    const char *header =
        "{\"plan\":{\"format\":1,\"blocks\":0,\"matching_blocks\":0,\"actions\":0,\"edges\":0,"
        "\"limits\":0,\"brackets\":1,\"hosts_wanted\":0,\"hosts_observed\":0,\"to_add\":0,"
        "\"to_change\":0,\"to_destroy\":0,\"withheld\":0,\"impact\":{\"reloads\":0,"
        "\"reconnects\":0,\"restarts\":0,\"switchovers\":0,\"rebuilds\":0}}}\n";
    expect_refusal(arena, seal(arena, arena_printf(arena, "%s{\"bracket\":{}}\n", header)),
                   "a bracket without actions");
    expect_refusal(arena, seal(arena, arena_printf(arena, "%s\n", header)), "line 2");
    expect_refusal(arena, seal(arena, arena_printf(arena, "%s{\"new\":{}}\n", header)),
                   "it is not complete");
}

/* Later versions may say more. */
static void unknown_keys_are_ignored(void **state)
{
    Arena *arena = *state;
    Plan *plan = NULL;
    const char *more = with(arena, "\"format\":1", "\"format\":1,\"later\":{\"x\":[1]}");
    check_fine(plan_file_parse(arena, more, strlen(more), &fake_registry, &plan));
    const char *line = with(arena, "{\"block\":", "{\"later\":[]}\n{\"block\":");
    check_fine(plan_file_parse(arena, line, strlen(line), &fake_registry, &plan));
    const char *reason = with(arena, "\"withheld\":\"why\"", "\"withheld\":null");
    check_fine(plan_file_parse(arena, reason, strlen(reason), &fake_registry, &plan));
    const char *origin = with(arena, "\"line\":2", "\"line\":-2");
    check_fine(plan_file_parse(arena, origin, strlen(origin), &fake_registry, &plan));
}

#define TEST(NAME) cmocka_unit_test_setup_teardown(NAME, arena_setup, arena_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_plan_survives_its_file),
        TEST(a_secret_stays_a_hole),
        TEST(files_that_are_not_there_are_named),
        TEST(torn_and_edited_files_are_refused),
        TEST(lies_are_found),
        TEST(cycles_in_files_are_refused),
        TEST(a_bracket_needs_actions),
        TEST(unknown_keys_are_ignored),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
