/* the command line as a whole, on a world in memory: plan, apply, exit codes, texts, no secrets. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "cli/cli.h"
#include "engine/lock.h"
#include "fake_world.h"
#include "unit.h"

static const char canary[] = "c4nary-5e87";

static const char inventory_text[] =
    "all:\n"
    "  children:\n"
    "    infra: { hosts: { 10.10.10.10: { infra_seq: 1 } } }\n"
    "    etcd: { hosts: { 10.10.10.10: { etcd_seq: 1 } }, vars: { etcd_cluster: etcd } }\n"
    "    pg-test:\n"
    "      hosts:\n"
    "        10.10.10.11: { pg_seq: 1, pg_role: primary }\n"
    "        10.10.10.12: { pg_seq: 2, pg_role: replica }\n"
    "      vars: { pg_cluster: pg-test }\n"
    "  vars: { admin_ip: 10.10.10.10, pg_admin_password: c4nary-5e87 }\n";

/* -- one kind: a file "app" on every node, with a secret in it ------------------------------- */

static const ParamRow params[] = {
    {.name = "content", .type = PARAM_STRING, .flags = PARAM_FLAG_SECRET, .doc = "what is in it"}};
static const char *const file_sources[] = {"fake.files", NULL};

static Error *file_desired(const Domain *domain, const Facts *facts, ResourceSet *out)
{
    (void)facts;
    const Host *host = domain->hosts[0];
    Resource *file = resource_add(out, host_name(host), "app", host_address(host));
    resource_set(file, "content", host_param(host, "pg_admin_password"), NULL);
    return NULL;
}

static Error *file_read_facts(const Domain *domain, const Facts *facts, ResourceSet *out)
{
    const Host *host = domain->hosts[0];
    const char *reason;
    if (facts_is_unknown(facts, "fake.files", host_address(host), &reason)) {
        out->complete = false;
        out->unknown_reason = reason;
        return NULL;
    }
    const Value *files = facts_value(facts, "fake.files", host_address(host));
    for (size_t i = 0; i < value_count(files); i++) {
        if (!strstr(files->map.keys[i], "app"))
            continue;
        Resource *file = resource_add(out, host_name(host), "app", host_address(host));
        resource_set(file, "content", host_param(host, "pg_admin_password"), NULL);
    }
    return NULL;
}

static const Kind file_kind = {.name = "thing",
                               .domain = DOMAIN_NODE,
                               .doc = "a file",
                               .params = params,
                               .param_count = 1,
                               .sources = file_sources,
                               .create_verb = "app.put",
                               .update_verb = "app.put",
                               .desired = file_desired,
                               .read = file_read_facts};

static void app_effects(Arena *arena, const Action *action, EffectList *out)
{
    Value *args = value_map(arena);
    value_set_text(arena, args, "path", action->address);
    value_set(arena, args, "content", value_path(action->args, "params/content"));
    value_set_text(arena, args, "owner", "root");
    value_set_text(arena, args, "group", "root");
    value_set_text(arena, args, "mode", "0600");
    effect_add(arena, out, EFFECT_FILE_PUT, action->host, args);
}

static const Verb app_verb = {.name = "app.put",
                              .doc = "write the file",
                              .half_done = HALF_REPEAT,
                              .expected_ms = 10,
                              .deadline_ms = 2000,
                              .progress = "writing",
                              .effects = app_effects};

static const Source files_source = {
    .name = "fake.files", .scope = SCOPE_NODE, .stage = 0, .doc = "files that are there"};
static const Kind *const kinds[] = {&file_kind, NULL};
static const Source *const sources[] = {&files_source, NULL};
static const Verb *const verbs[] = {&app_verb, NULL};
static const Registry registry = {kinds, sources, verbs, NULL, 0};

/* -- a program whose world outlives each command --------------------------------------------- */

static World *the_world;

static void keep_world(World *world)
{
    free(world);
}

static Error *open_world(const Connection *connection, World **ret)
{
    (void)connection;
    World *world = must_malloc(sizeof(*world));
    *world = *the_world;
    world->free = keep_world;
    *ret = world;
    return NULL;
}

static const char *the_probe(Arena *arena)
{
    return arena_strdup(arena, "#!/bin/sh\n# probe\n");
}

static const Program program = {"0.1", &registry, the_probe, open_world};

/* -- fixture --------------------------------------------------------------------------------- */

typedef struct Fixture {
    Arena *arena;
    char directory[64];
    char home[256]; /* where the test began */
    char *out, *err;
    size_t out_size, err_size;
    bool is_tty;
    const char *answer;
} Fixture;

static void fixture_end(Fixture *f)
{
    assert_int_equal(chdir(f->home), 0);
    assert_int_equal(system(arena_printf(f->arena, "rm -rf %s", f->directory)), 0);
    free(f->out);
    free(f->err);
    the_world->free(the_world);
    arena_free(f->arena);
}

static Fixture fixture(void)
{
    Fixture f = {.arena = arena_new(), .directory = "/tmp/test_cli.XXXXXX", .answer = ""};
    assert_non_null(getcwd(f.home, sizeof(f.home)));
    assert_non_null(mkdtemp(f.directory));
    assert_int_equal(chdir(f.directory), 0);
    assert_null(file_write_all("pgsteer.yml", 0600, inventory_text, strlen(inventory_text)));
    the_world = fake_world_new();
    return f;
}

/* The words of one command line; returns the exit status. */
static int run(Fixture *f, const char *line)
{
    char **words, *argv[32] = {NULL};
    size_t count = text_words(f->arena, line, false, &words);
    argv[0] = arena_strdup(f->arena, "pgsteer");
    for (size_t i = 0; i < count; i++)
        argv[i + 1] = words[i];
    free(f->out);
    free(f->err);
    FILE *out = open_memstream(&f->out, &f->out_size), *err = open_memstream(&f->err, &f->err_size);
    char *input = arena_printf(f->arena, "%s\n", f->answer);
    FILE *in = fmemopen(input, strlen(input), "r");
    Screen screen = {.out = out, .err = err, .in = in, .in_is_tty = f->is_tty, .columns = 100};
    int status = cli_main(&program, &screen, (int)count + 1, argv);
    fclose(out);
    fclose(err);
    fclose(in);
    return status;
}

static void assert_has(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("'%s' is not in:\n%s", part, text);
}

static void assert_has_not(const char *text, const char *part)
{
    if (strstr(text, part))
        fail_msg("'%s' is in:\n%s", part, text);
}

static size_t count_lines(const char *command)
{
    FILE *pipe = popen(command, "r");
    size_t lines = 0;
    for (int c; (c = fgetc(pipe)) != EOF;)
        lines += c == '\n';
    pclose(pipe);
    return lines;
}

/* -- help ------------------------------------------------------------------------------------ */

static void help_lists_every_command_on_a_line(void **state)
{
    (void)state;
    CLEANUP(fixture_end) Fixture f = fixture();
    assert_int_equal(run(&f, "help"), 0);
    for (const Command *const *command = cli_commands; *command; command++) {
        char *line = arena_printf(f.arena, "\n  %-10s ", (*command)->name);
        assert_has(f.out, line);
    }
    static const char *const ways[] = {"", "-help", "--help", "-h"};
    for (size_t i = 0; i < COUNT_OF(ways); i++) {
        assert_int_equal(run(&f, ways[i]), 0);
        assert_has(f.out, "Usage: pgsteer COMMAND");
    }
}

static void every_command_has_help(void **state)
{
    (void)state;
    CLEANUP(fixture_end) Fixture f = fixture();
    for (const Command *const *command = cli_commands; *command; command++) {
        if (strcmp((*command)->name, "help") == 0)
            continue;
        char *usage = arena_printf(f.arena, "Usage: pgsteer %s", (*command)->name);
        assert_int_equal(run(&f, arena_printf(f.arena, "%s -help", (*command)->name)), 0);
        assert_has(f.out, usage);
        assert_int_equal(run(&f, arena_printf(f.arena, "help %s", (*command)->name)), 0);
        assert_has(f.out, usage);
        assert_int_equal(f.err_size, 0);
    }
}

static void wrong_words_are_invalid(void **state)
{
    (void)state;
    CLEANUP(fixture_end) Fixture f = fixture();
    static const struct {
        const char *line, *said;
    } cases[] = {
        {"pln", "did you mean 'plan'"},
        {"help nothing-like-it", "there is no command"},
        {"plan -detailed-exitcod", "did you mean '-detailed-exitcode'"},
        {"plan extra", "one argument too many"},
        {"plan -i none.yml", "none.yml"},
        {"plan -chdir /there/is/none", "there is no directory"},
        {"-chdir=/there/is/none plan", "there is no directory"},
        {"plan -max-impact=much", "is no level"},
        {"show", "say which plan file"},
        {"show none.plan", "none.plan"},
        {"apply none.plan", "none.plan"},
        {"state", "say what to do"},
        {"state diff one", "say what to do"},
        {"state log", "nothing was recorded yet"},
        {"list pg-none", "there is no cluster"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(run(&f, cases[i].line), 5);
        assert_has(f.err, cases[i].said);
        assert_has(f.err, "pgsteer: exit 5:");
    }
    assert_int_equal(unlink("pgsteer.yml"), 0);
    assert_int_equal(run(&f, "plan"), 5);
    assert_has(f.err, "there is no pgsteer.yml, pigsty.yml or inventory.yml here");
}

static void the_inventory_is_checked(void **state)
{
    (void)state;
    CLEANUP(fixture_end) Fixture f = fixture();
    assert_int_equal(run(&f, "validate"), 0);
    assert_has(f.out, "Success! The inventory is valid: 3 nodes, 1 cluster.");
    assert_int_equal(run(&f, "validate -json"), 0);
    assert_has(f.out, "\"valid\": true");
    assert_null(file_write_all("bad.yml", 0600, "all: [", 6));
    assert_int_equal(run(&f, "plan -i bad.yml"), 5);
    assert_has(f.err, "bad.yml:");
    assert_has(f.err, "No node was contacted, nothing was changed.");
    assert_int_equal(run(&f, "validate -json -i bad.yml"), 5);
    assert_has(f.out, "\"valid\": false");
}

static void versions_name_the_probe(void **state)
{
    (void)state;
    CLEANUP(fixture_end) Fixture f = fixture();
    assert_int_equal(run(&f, "probe"), 0);
    assert_string_equal(f.out, "#!/bin/sh\n# probe\n");
    assert_int_equal(run(&f, "-version"), 0);
    assert_has(f.out, "pgsteer 0.1\nprobe   sha256:");
    assert_int_equal(run(&f, "version -json"), 0);
    assert_has(f.out, "\"probe_sha256\":\"");
}

/* -- plan and apply -------------------------------------------------------------------------- */

static void plan_changes_nothing_and_says_what_would(void **state)
{
    (void)state;
    CLEANUP(fixture_end) Fixture f = fixture();
    assert_int_equal(run(&f, "plan"), 0);
    assert_has(f.out, "Plan: 3 to add, 0 to change, 0 to destroy.");
    assert_has(f.err, "Observing 3 nodes...");
    assert_int_equal(run(&f, "plan -detailed-exitcode"), 2);
    assert_int_equal(run(&f, "plan -json"), 0);
    const Value *document;
    assert_null(json_parse(f.arena, f.out, f.out_size, &document));
    assert_int_equal(value_count(value_get(document, "resource_changes")), 3);
    assert_int_equal(run(&f, "graph"), 0);
    assert_has(f.out, "digraph");
    assert_int_equal(run(&f, "plan -target 10.10.10.11"), 0);
    assert_has(f.out, "Plan: 1 to add");
    assert_int_equal(fake_world_log_count(the_world), 0);
    assert_false(file_exists(".pgsteer"));
}

static void apply_applies_and_the_next_plan_is_empty(void **state)
{
    (void)state;
    CLEANUP(fixture_end) Fixture f = fixture();
    assert_int_equal(run(&f, "apply -auto-approve"), 0);
    assert_has(f.out, "Apply complete! Resources: 3 added, 0 changed, 0 destroyed.\nImpact: none;");
    assert_has(f.out, "Snapshot: run ");
    assert_has(f.err, "  start    writing");
    assert_int_equal(fake_world_log_count(the_world), 3);
    assert_int_equal(run(&f, "plan -detailed-exitcode"), 0);
    assert_has(f.out, "No changes. Your infrastructure matches the configuration.");
    assert_int_equal(run(&f, "apply -auto-approve"), 0);
    assert_has(f.out, "Apply complete! Resources: 0 added, 0 changed, 0 destroyed.");
    assert_int_equal(fake_world_log_count(the_world), 3);
    assert_int_equal(run(&f, "state log"), 0);
    assert_has(f.out, "3 added, 0 changed, 0 destroyed\n");
    assert_null(strchr(strchr(f.out, '\n') + 1, '\n')); /* one commit */
    assert_int_equal(run(&f, "state show"), 0);
    assert_has(f.out, "+++ b/nodes/");
    assert_int_equal(run(&f, "state show -json HEAD"), 0);
    assert_int_equal(run(&f, "state log -json"), 0);
    assert_int_equal(run(&f, "state diff HEAD HEAD"), 0);
    assert_int_equal(f.out_size, 0);
    assert_int_equal(count_lines("ls .pgsteer/journal/*.journal 2>/dev/null"), 0);
    assert_int_equal(count_lines("ls .pgsteer/journal/done/*.journal"), 1);
}

static void a_saved_plan_is_applied_from_anywhere(void **state)
{
    (void)state;
    CLEANUP(fixture_end) Fixture f = fixture();
    struct stat status;
    assert_int_equal(run(&f, "plan -out first.plan"), 0);
    assert_int_equal(stat("first.plan", &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    assert_int_equal(run(&f, "show first.plan"), 0);
    assert_has(f.out, "Plan: 3 to add");
    assert_int_equal(run(&f, "show -json first.plan"), 0);
    assert_int_equal(run(&f, "graph first.plan"), 0);
    assert_int_equal(chdir("/"), 0);
    assert_int_equal(run(&f, arena_printf(f.arena, "apply %s/first.plan", f.directory)), 0);
    assert_has(f.out, "Apply complete! Resources: 3 added");
    assert_true(file_exists(arena_printf(f.arena, "%s/.pgsteer/state.git", f.directory)));
}

static void without_a_terminal_nobody_has_approved(void **state)
{
    (void)state;
    CLEANUP(fixture_end) Fixture f = fixture();
    assert_int_equal(run(&f, "apply"), 4);
    assert_has(f.err, "nobody can be asked for approval");
    f.is_tty = true;
    f.answer = "yes";
    assert_int_equal(run(&f, "apply -input=false"), 4);
    assert_int_equal(fake_world_log_count(the_world), 0);
}

static void only_yes_is_yes(void **state)
{
    (void)state;
    CLEANUP(fixture_end) Fixture f = fixture();
    static const char *const answers[] = {"", "y", "Yes", "yes please", "no"};
    f.is_tty = true;
    for (size_t i = 0; i < COUNT_OF(answers); i++) {
        f.answer = answers[i];
        assert_int_equal(run(&f, "apply"), 4);
        assert_has(f.err, "Only 'yes' will be accepted");
        assert_has(f.err, "Apply cancelled. Nothing was changed.");
    }
    assert_int_equal(fake_world_log_count(the_world), 0);
    f.answer = "yes";
    assert_int_equal(run(&f, "apply"), 0);
    assert_int_equal(fake_world_log_count(the_world), 3);
}

static void one_apply_at_a_time(void **state)
{
    (void)state;
    CLEANUP(fixture_end) Fixture f = fixture();
    Lock *lock = NULL;
    char *holder = NULL;
    assert_null(lock_take(".pgsteer/lock", "run-0", &lock, &holder));
    assert_int_equal(run(&f, "apply -auto-approve"), 6);
    assert_has(f.err, arena_printf(f.arena, "pid %ld on", (long)getpid()));
    assert_int_equal(run(&f, "plan"), 0); /* takes none */
    lock_freep(&lock);
    assert_int_equal(fake_world_log_count(the_world), 0);
    assert_int_equal(run(&f, "apply -auto-approve"), 0);
}

static void a_failure_is_partial(void **state)
{
    (void)state;
    CLEANUP(fixture_end) Fixture f = fixture();
    fake_world_fail(the_world, "thing.pg-test-1/app", ERROR_REFUSED, 1);
    assert_int_equal(run(&f, "apply -auto-approve"), 9);
    assert_has(f.err, "thing.pg-test-1/app failed");
    assert_has(f.err, "scripted fault");
    assert_has(f.err, "Done 2, failed 1, skipped 0, not begun 0 of 3 actions.");
    assert_has(f.out, "Apply incomplete. Resources: 2 added");
    assert_int_equal(run(&f, "apply -auto-approve"), 0);
    assert_has(f.out, "Apply complete! Resources: 1 added");
}

static void an_unread_node_is_said_and_left_alone(void **state)
{
    (void)state;
    CLEANUP(fixture_end) Fixture f = fixture();
    fake_world_kill(the_world, "10.10.10.12", true);
    assert_int_equal(run(&f, "plan -detailed-exitcode"), 10);
    assert_has(f.err, "something that was asked for could not be read; changes are pending");
    assert_int_equal(run(&f, "apply -auto-approve"), 10);
    assert_int_equal(fake_world_log_count(the_world), 2);
    assert_int_equal(run(&f, "status"), 10);
    assert_has(f.out, "Observed 2 of 3 nodes");
    assert_has(f.out, "? 10.10.10.12");
    assert_has(f.out, "10.10.10.12 does not answer");
    assert_int_equal(run(&f, "status -v -json"), 10);
    assert_has(f.out, "\"known\": false");
}

static void members_are_listed(void **state)
{
    (void)state;
    CLEANUP(fixture_end) Fixture f = fixture();
    assert_int_equal(run(&f, "list pg-test"), 0);
    assert_has(f.out, "+ Cluster: pg-test (not initialized) ");
    assert_has(f.out, "| Member    | Host        | Role | State ");
    assert_has(f.out, "| pg-test-2 | 10.10.10.12 |");
    size_t width = strcspn(f.out, "\n");
    for (const char *line = f.out; *line == '+' || *line == '|'; line += strcspn(line, "\n") + 1)
        assert_int_equal(strcspn(line, "\n"), width);
    assert_int_equal(run(&f, "list -json"), 0);
    assert_has(f.out, "\"cluster\": \"pg-test\"");
}

static void events_are_json_lines(void **state)
{
    (void)state;
    CLEANUP(fixture_end) Fixture f = fixture();
    fake_world_fail(the_world, "thing.pg-test-1/app", ERROR_REFUSED, 1);
    assert_int_equal(run(&f, "apply -auto-approve -json"), 9);
    char **lines;
    size_t count = text_split(f.arena, f.out, '\n', &lines) - 1; /* the last one is empty */
    size_t started = 0, complete = 0, errored = 0;
    for (size_t i = 0; i < count; i++) {
        const Value *event;
        assert_null(json_parse(f.arena, lines[i], strlen(lines[i]), &event));
        const char *type = value_get_text(event, "type");
        assert_true(*value_get_text(event, "@level") && *value_get_text(event, "@message"));
        assert_int_equal(value_get_int(event, "seq", -1), i);
        if (i == 0)
            assert_string_equal(type, "version");
        started += strcmp(type, "apply_start") == 0;
        complete += strcmp(type, "apply_complete") == 0;
        errored += strcmp(type, "apply_errored") == 0;
        if (i + 1 == count)
            assert_int_equal(value_as_int(value_path(event, "changes/add"), -1), 2);
    }
    assert_int_equal(started, 3);
    assert_int_equal(complete, 2);
    assert_int_equal(errored, 1);
}

/* -- secrets --------------------------------------------------------------------------------- */

static void secrets_are_in_nothing_but_the_effect(void **state)
{
    (void)state;
    CLEANUP(fixture_end) Fixture f = fixture();
    static const char *const lines[] = {"validate",           "plan -v",   "plan -out p.plan",
                                        "plan -json",         "graph",     "show -v p.plan",
                                        "apply -json p.plan", "status -v", "state show"};
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        assert_int_equal(run(&f, lines[i]), 0);
        if (!strstr(lines[i], "status")) { /* the fake world shows what it was given */
            assert_has_not(f.out, canary);
            assert_has_not(f.err, canary);
        }
    }
    assert_has(fake_world_content(the_world, "10.10.10.11", "thing.pg-test-1/app"), canary);
    assert_int_equal(count_lines("grep -rl c4nary p.plan .pgsteer"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(help_lists_every_command_on_a_line),
        cmocka_unit_test(every_command_has_help),
        cmocka_unit_test(wrong_words_are_invalid),
        cmocka_unit_test(the_inventory_is_checked),
        cmocka_unit_test(versions_name_the_probe),
        cmocka_unit_test(plan_changes_nothing_and_says_what_would),
        cmocka_unit_test(apply_applies_and_the_next_plan_is_empty),
        cmocka_unit_test(a_saved_plan_is_applied_from_anywhere),
        cmocka_unit_test(without_a_terminal_nobody_has_approved),
        cmocka_unit_test(only_yes_is_yes),
        cmocka_unit_test(one_apply_at_a_time),
        cmocka_unit_test(a_failure_is_partial),
        cmocka_unit_test(an_unread_node_is_said_and_left_alone),
        cmocka_unit_test(members_are_listed),
        cmocka_unit_test(events_are_json_lines),
        cmocka_unit_test(secrets_are_in_nothing_but_the_effect),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
