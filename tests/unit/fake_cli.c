#include "fake_cli.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "unit.h"

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

void fake_cli_end(FakeCli *f)
{
    assert_int_equal(chdir(f->home), 0);
    assert_int_equal(system(arena_printf(f->arena, "rm -rf %s", f->directory)), 0);
    free(f->out);
    free(f->err);
    f->world->free(f->world);
    the_world = NULL;
    arena_free(f->arena);
}

FakeCli fake_cli_new(void)
{
    FakeCli f = {.arena = arena_new(), .directory = "/tmp/test_cli.XXXXXX", .answer = ""};
    assert_non_null(getcwd(f.home, sizeof(f.home)));
    assert_non_null(mkdtemp(f.directory));
    assert_int_equal(chdir(f.directory), 0);
    assert_null(file_write_all("pgsteer.yml", 0600, inventory_text, strlen(inventory_text)));
    f.world = the_world = fake_world_new();
    return f;
}

/* The words of one command line; returns the exit status. */
int fake_cli(FakeCli *f, const char *line)
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
    Screen screen = {.out = out,
                     .err = err,
                     .in = in,
                     .in_is_tty = f->is_tty,
                     .err_is_tty = f->err_is_tty,
                     .columns = 100};
    Program program = {.version = "0.1",
                       .registry = f->registry ? f->registry : &registry,
                       .probe_text = the_probe,
                       .world_new = open_world,
                       .simulation_new = f->simulation_new};
    int status = cli_main(f->program ? f->program : &program, &screen, (int)count + 1, argv);
    fclose(out);
    fclose(err);
    fclose(in);
    return status;
}

void text_has(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("'%s' is not in:\n%s", part, text);
}

void text_has_not(const char *text, const char *part)
{
    if (strstr(text, part))
        fail_msg("'%s' is in:\n%s", part, text);
}

size_t lines_of(const char *command)
{
    FILE *pipe = popen(command, "r");
    size_t lines = 0;
    for (int c; (c = fgetc(pipe)) != EOF;)
        lines += c == '\n';
    pclose(pipe);
    return lines;
}
