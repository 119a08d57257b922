#include "lab_contract/lab_world.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/process.h"

enum { DEADLINE_MS = 300000 };

static const char *env(const char *name)
{
    const char *value = getenv(name);
    if (!value)
        fail_msg("%s is not set: run tests/lab_contract/run", name);
    return value;
}

static void must(Error *error)
{
    if (!error)
        return;
    char *text = error_text(error);
    error_free(error);
    fail_msg("%s", text);
}

World *lab_world_as(const char *user)
{
    WorldSettings settings = {
        .ssh = {.known_hosts_file = env("PGSTEER_LAB_KNOWN_HOSTS"), .config_file = "/dev/null"},
        .user = user,
        .key_file = env("PGSTEER_LAB_KEY"),
        .run = "test",
    };
    return world_real_new(&settings);
}

int lab_setup(void **state)
{
    must(ssh_global_init());
    must(world_real_global_init());
    Lab *lab = must_malloc(sizeof(*lab));
    *lab = (Lab){.arena = arena_new(),
                 .node = env("PGSTEER_TEST_NODE"),
                 .ca = env("PGSTEER_TEST_CA"),
                 .fence = {"lab", clock_wall_ms(), "run-a", "here:1", "then"}};
    lab->world = lab_world_as(env("PGSTEER_LAB_USER"));
    *state = lab;
    return 0;
}

int lab_teardown(void **state)
{
    Lab *lab = *state;
    lab->world->free(lab->world);
    arena_free(lab->arena);
    free(lab);
    return 0;
}

static const Value *json(Lab *lab, const char *text)
{
    const Value *value = NULL;
    must(json_parse(lab->arena, text, strlen(text), &value));
    return value;
}

Reading lab_read(Lab *lab, const char *source, const char *args)
{
    ReadRequest request = {
        .source = source_find(source), .subject = lab->node, .args = args ? json(lab, args) : NULL};
    Reading reading = {0};
    assert_non_null(request.source);
    must(lab->world->read(lab->world, lab->node, &request, 1, clock_monotonic_ms() + DEADLINE_MS,
                          lab->arena, &reading));
    return reading;
}

const char *lab_value(Lab *lab, const Reading *reading, const char *path)
{
    if (!reading->value)
        fail_msg("%s is unknown: %s", reading->source, reading->unknown_reason);
    const Value *value = value_path(reading->value, path);
    if (!value)
        return "(none)";
    CLEANUP(text_release) Text text = TEXT_INIT;
    json_write(&text, value);
    return text_copy(&text, lab->arena);
}

static Error *perform(Lab *lab, EffectType type, const char *args, const Value **ret)
{
    Effect effect = {
        .type = type, .host = lab->node, .args = json(lab, args), .fence = &lab->fence};
    return lab->world->perform(lab->world, lab->node, &effect, 1,
                               clock_monotonic_ms() + DEADLINE_MS, lab->arena, ret);
}

Error *lab_perform_within(Lab *lab, EffectType type, const char *args, int64_t ms)
{
    Effect effect = {
        .type = type, .host = lab->node, .args = json(lab, args), .fence = &lab->fence};
    return lab->world->perform(lab->world, lab->node, &effect, 1, clock_monotonic_ms() + ms,
                               lab->arena, NULL);
}

int64_t lab_do(Lab *lab, EffectType type, const char *args)
{
    const Value *outcome = NULL;
    must(perform(lab, type, args, &outcome));
    return value_get_int(outcome, "changed", -1);
}

const char *lab_error(Lab *lab, EffectType type, const char *args)
{
    const Value *outcome = NULL;
    Error *error = perform(lab, type, args, &outcome);
    if (!error)
        return NULL;
    char *text = error_text(error);
    const char *kept = arena_strdup(lab->arena, text);
    free(text);
    error_free(error);
    return kept;
}

const char *lab_sh(Lab *lab, const char *command)
{
    CLEANUP(text_release) Text out = TEXT_INIT;
    CLEANUP(text_release) Text err = TEXT_INIT;
    int status = 0;
    char *target = arena_printf(lab->arena, "%s@%s", env("PGSTEER_LAB_USER"), lab->node);
    char *known = arena_printf(lab->arena, "UserKnownHostsFile=%s", env("PGSTEER_LAB_KNOWN_HOSTS"));
    char *const argv[] = {(char[]){"ssh"},
                          (char[]){"-F"},
                          (char[]){"/dev/null"},
                          (char[]){"-i"},
                          arena_strdup(lab->arena, env("PGSTEER_LAB_KEY")),
                          (char[]){"-o"},
                          known,
                          target,
                          (char[]){"sudo sh"},
                          NULL};
    must(process_run(argv, command, strlen(command), 1 << 20, clock_monotonic_ms() + DEADLINE_MS,
                     &out, &err, &status));
    char *text = text_copy(&out, lab->arena);
    size_t length = strlen(text);
    if (length > 0 && text[length - 1] == '\n')
        text[length - 1] = '\0';
    return text;
}
