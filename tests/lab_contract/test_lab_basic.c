/* Sources and effects that any bare node can answer and perform. */
#include <string.h>

#include "base/queue.h"
#include "lab_contract/lab_world.h"

static void reads_a_bare_node(void **state)
{
    Lab *lab = *state;
    static const struct {
        const char *source, *args, *path, *want;
    } cases[] = {
        {"node.os", NULL, "id", "\"debian\""},
        {"node.os", NULL, "codename", "\"bookworm\""},
        {"node.packages", NULL, "half", "[]"},
        {"node.units", "[\"ssh.service\",\"nosuch\"]", "ssh.service/active", "\"active\""},
        {"node.units", "[\"ssh.service\",\"nosuch\"]", "nosuch/load", "\"not-found\""},
        {"node.users", "[\"root\",\"nosuch\"]", "root/uid", "0"},
        {"node.users", "[\"root\",\"nosuch\"]", "nosuch", "null"},
        {"node.paths", "[\"/etc\",\"/bin\",\"/none/x\",\"/etc/hosts\"]", "~1etc/type", "\"dir\""},
        {"node.paths", "[\"/etc\",\"/bin\",\"/none/x\",\"/etc/hosts\"]", "~1bin/target",
         "\"usr/bin\""},
        {"node.paths", "[\"/etc\",\"/bin\",\"/none/x\",\"/etc/hosts\"]", "~1none~1x/type",
         "\"absent\""},
        {"node.paths", "[\"/etc\",\"/bin\",\"/none/x\",\"/etc/hosts\"]", "~1etc~1hosts/mode",
         "\"0644\""},
        {"node.files", "[\"/etc/hostname\",\"/none\"]", "~1none/exists", "false"},
        {"node.files", "[\"/etc/hostname\",\"/none\"]", "~1etc~1hostname/content", "\"n1\\n\""},
        {"node.data", NULL, "empty", "true"},
        {"node.data", NULL, "initialized", "false"},
        {"node.certs", "[\"/none.crt\"]", "~1none.crt", "null"},
        {"node.markers", NULL, "", "{}"},
        {"node.jobs", NULL, "", "{}"},
        {"node.repo", "[\"/none\"]", "~1none/deb_count", "0"},
        {"node.listen", NULL, "tcp/0", "22"},
        {"node.secret_files", "[\"/none\"]", "files/~1none/exists", "false"},
        {"etcd.member", NULL, "configured", "false"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        Reading reading = lab_read(lab, cases[i].source, cases[i].args);
        const char *got = lab_value(lab, &reading, cases[i].path);
        if (strcmp(got, cases[i].want) != 0)
            fail_msg("%s %s: got %s, want %s", cases[i].source, cases[i].path, got, cases[i].want);
    }
}

/* One round trip however much is asked. */
static void asks_everything_in_one_round_trip(void **state)
{
    Lab *lab = *state;
    ReadRequest requests[32];
    Reading readings[32];
    size_t count = 0;
    for (const Source *const *at = pgsteer_sources; *at; at++) {
        if ((*at)->via == VIA_PROBE)
            requests[count++] = (ReadRequest){.source = *at, .subject = lab->node};
    }
    size_t before = lab->world->round_trips(lab->world, lab->node);
    assert_null(lab->world->read(lab->world, lab->node, requests, count, -1, lab->arena, readings));
    size_t after = lab->world->round_trips(lab->world, lab->node);
    assert_true(after - before <= 2); /* the connection may have been made, too */
    for (size_t i = 0; i < count; i++) {
        if (!readings[i].value)
            fail_msg("%s: %s", readings[i].source, readings[i].unknown_reason);
    }
}

static const struct {
    EffectType type;
    const char *args;
    const char *see, *want;
} twice[] = {
    {EFFECT_DIR,
     "{\"path\":\"/srv/t/deep\",\"owner\":\"root\",\"group\":\"adm\",\"mode\":\"0750\"}",
     "stat -c %U:%G:%a /srv/t/deep /srv/t", "root:adm:750\nroot:root:755"},
    {EFFECT_FILE_PUT,
     "{\"path\":\"/srv/t/f\",\"content\":\"one\\ntwo \\\\ $(touch /canary) '`\\\"\\n\\n\","
     "\"owner\":\"root\",\"group\":\"adm\",\"mode\":\"0640\"}",
     "cat /srv/t/f; stat -c %U:%G:%a /srv/t/f",
     "one\ntwo \\ $(touch /canary) '`\"\n\nroot:adm:640"},
    {EFFECT_FILE_PUT,
     "{\"path\":\"/srv/t/f\",\"content\":[\"pass: \",{\"quote\":\"yaml\",\"value\":\"a'b\"}],"
     "\"owner\":\"root\",\"group\":\"root\",\"mode\":\"0600\"}",
     "cat /srv/t/f; stat -c %U:%G:%a /srv/t/f", "pass: 'a''b'root:root:600"},
    {EFFECT_LINK, "{\"path\":\"/srv/t/l\",\"target\":\"deep\"}", "readlink /srv/t/l", "deep"},
    {EFFECT_LINK, "{\"path\":\"/srv/t/l\",\"target\":\"f\"}", "readlink /srv/t/l", "f"},
    {EFFECT_FILE_BLOCK,
     "{\"path\":\"/srv/t/hosts\",\"block\":\"hosts\",\"content\":\"10.0.0.1 a\\n\"}",
     "cat /srv/t/hosts", "# BEGIN pgsteer hosts\n10.0.0.1 a\n# END pgsteer hosts"},
    {EFFECT_FILE_BLOCK,
     "{\"path\":\"/srv/t/hosts\",\"block\":\"hosts\",\"content\":\"10.0.0.2 b\\n\"}",
     "cat /srv/t/hosts", "# BEGIN pgsteer hosts\n10.0.0.2 b\n# END pgsteer hosts"},
    {EFFECT_FILE_SET_PUT,
     "{\"files\":[{\"path\":\"/srv/t/s/a\",\"content\":\"A\",\"owner\":\"root\",\"group\":"
     "\"root\",\"mode\":\"0644\"},{\"path\":\"/srv/t/s/"
     "b\",\"content\":\"B\",\"owner\":\"root\","
     "\"group\":\"root\",\"mode\":\"0644\"}],\"remove\":[\"/srv/t/"
     "hosts\"],\"checker\":\"none\"}",
     "cat /srv/t/s/a /srv/t/s/b; ls /srv/t", "ABdeep\nf\nl\ns"},
    {EFFECT_USER,
     "{\"name\":\"tester\",\"uid\":4321,\"group\":\"testers\",\"groups\":[\"adm\",\"more\"],"
     "\"home\":\"/srv/t/home\",\"shell\":\"/bin/sh\",\"system\":true}",
     "id -u tester; id -Gn tester; getent passwd tester | cut -d: -f6,7",
     "4321\ntesters adm more\n/srv/t/home:/bin/sh"},
    {EFFECT_MARKER, "{\"key\":\"cluster.x\",\"value\":{\"b\":1,\"a\":\"t\"}}",
     "cat /var/lib/pgsteer/markers/cluster.x.json; stat -c %a /var/lib/pgsteer/markers",
     "{\"a\":\"t\",\"b\":1}700"},
    {EFFECT_MARKER, "{\"key\":\"cluster.x\"}", "ls /var/lib/pgsteer/markers | wc -l", "0"},
    {EFFECT_UNIT, "{\"name\":\"ssh\",\"action\":\"disable\"}", "systemctl is-enabled ssh",
     "disabled"},
    {EFFECT_UNIT, "{\"name\":\"ssh.service\",\"action\":\"enable\"}", "systemctl is-enabled ssh",
     "enabled"},
    {EFFECT_UNIT, "{\"name\":\"systemd-journald\",\"action\":\"start\",\"block\":false}", ":", ""},
    {EFFECT_HOSTNAME, "{\"name\":\"renamed\"}", "uname -n; cat /etc/hostname", "renamed\nrenamed"},
    {EFFECT_HOSTNAME, "{\"name\":\"n1\"}", "uname -n", "n1"},
    {EFFECT_FILE_REMOVE, "{\"path\":\"/srv/t/f\"}", "ls /srv/t/f 2>&1 | wc -l", "1"},
    {EFFECT_DATA_REMOVE, "{\"path\":\"/pg/data\"}", ":", ""},
};

static void effects_twice_change_once(void **state)
{
    Lab *lab = *state;
    for (size_t i = 0; i < COUNT_OF(twice); i++) {
        int64_t first = lab_do(lab, twice[i].type, twice[i].args);
        const char *seen = lab_sh(lab, twice[i].see);
        if (strcmp(seen, twice[i].want) != 0)
            fail_msg("%s: got <%s>, want <%s>", twice[i].args, seen, twice[i].want);
        if (first != 1 && *twice[i].want)
            fail_msg("%s did not change anything", twice[i].args);
        if (lab_do(lab, twice[i].type, twice[i].args) != 0)
            fail_msg("%s changed something again", twice[i].args);
    }
}

static void many_effects_take_one_round_trip(void **state)
{
    Lab *lab = *state;
    Effect effects[40];
    for (size_t i = 0; i < COUNT_OF(effects); i++) {
        Value *args = value_map(lab->arena);
        value_set(lab->arena, args, "path", value_textf(lab->arena, "/srv/t/many%zu", i));
        value_set_text(lab->arena, args, "content", "x");
        value_set_text(lab->arena, args, "owner", "root");
        value_set_text(lab->arena, args, "group", "root");
        value_set_text(lab->arena, args, "mode", "0644");
        effects[i] = (Effect){.type = EFFECT_FILE_PUT, .host = lab->node, .args = args};
    }
    size_t before = lab->world->round_trips(lab->world, lab->node);
    const Value *outcome = NULL;
    assert_null(lab->world->perform(lab->world, lab->node, effects, COUNT_OF(effects), -1,
                                    lab->arena, &outcome));
    assert_int_equal(value_get_int(outcome, "changed", 0), COUNT_OF(effects));
    assert_true(lab->world->round_trips(lab->world, lab->node) - before <= 2);
}

static void refuses_in_words(void **state)
{
    Lab *lab = *state;
    static const struct {
        EffectType type;
        const char *args, *want;
    } cases[] = {
        {EFFECT_LINK, "{\"path\":\"/etc/passwd\",\"target\":\"x\"}", "is not a link"},
        {EFFECT_FILE_PUT,
         "{\"path\":\"/"
         "etc\",\"content\":\"\",\"owner\":\"root\",\"group\":\"root\",\"mode\":\"0644\"}",
         "/etc is a directory"},
        {EFFECT_FILE_PUT,
         "{\"path\":\"/srv/t/"
         "o\",\"content\":\"\",\"owner\":\"nobody2\",\"group\":\"root\",\"mode\":"
         "\"0644\"}",
         "invalid user"},
        {EFFECT_DIR, "{\"path\":\"etc/x\",\"owner\":\"a\",\"group\":\"b\",\"mode\":\"0755\"}",
         "not an absolute path"},
        {EFFECT_DIR, "{\"path\":\"/a/../b\",\"owner\":\"a\",\"group\":\"b\",\"mode\":\"0755\"}",
         "not an absolute path"},
        {EFFECT_UNIT, "{\"name\":\"nosuch\",\"action\":\"start\"}", "nosuch.service not found"},
        {EFFECT_UNIT, "{\"name\":\"--all\",\"action\":\"start\"}", "starts with '-'"},
        {EFFECT_HOSTNAME, "{\"name\":\"a\\nb\"}", "control character"},
        {EFFECT_DATA_REMOVE, "{\"path\":\"/etc\"}", "not a data directory of ours"},
        {EFFECT_FILE_SET_PUT,
         "{\"files\":[{\"path\":\"/etc/sudoers.d/t\",\"content\":\"no such "
         "syntax\",\"owner\":\"root\","
         "\"group\":\"root\",\"mode\":\"0440\"}],\"checker\":\"visudo\"}",
         "/etc/sudoers.d/t is refused"},
        {EFFECT_FILE_SET_PUT,
         "{\"files\":[{\"path\":\"/srv/t/"
         "x\",\"content\":\"\",\"owner\":\"root\",\"group\":\"root\","
         "\"mode\":\"0440\"}],\"checker\":\"$(touch /canary)\"}",
         "there is no checker"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const char *error = lab_error(lab, cases[i].type, cases[i].args);
        if (!error || !strstr(error, cases[i].want))
            fail_msg("%s: got %s, want %s", cases[i].args, error ? error : "no error",
                     cases[i].want);
    }
    assert_string_equal(lab_sh(lab, "ls /etc/sudoers.d/t /srv/t/o 2>/dev/null"), "");
}

/* Every text that reaches a node tries to be run. */
static void nothing_is_evaluated(void **state)
{
    Lab *lab = *state;
    static const char *const canaries[] = {
        "$(touch /canary)`touch /canary`",
        "'; touch /canary; '\"; touch /canary; \"",
        "a\nb; touch /canary",
        "\\\"$(touch /canary)| touch${IFS}/canary",
    };
    static const char *const asked[] = {"node.units", "node.users",        "node.paths",
                                        "node.files", "node.secret_files", "node.certs",
                                        "node.repo"};
    for (size_t i = 0; i < COUNT_OF(canaries); i++) {
        CLEANUP(text_release) Text quoted = TEXT_INIT;
        text_add_quoted(&quoted, canaries[i]);
        const char *args = arena_printf(lab->arena, "[%s]", text_get(&quoted));
        for (size_t j = 0; j < COUNT_OF(asked); j++)
            (void)lab_read(lab, asked[j], args);
        for (int type = 0; type < EFFECT_TYPE_COUNT; type++) {
            if (type == EFFECT_CERT || type == EFFECT_REST || type == EFFECT_SQL ||
                type == EFFECT_POOL_CONSOLE)
                continue;
            CLEANUP(text_release) Text effect = TEXT_INIT;
            text_add_char(&effect, '{');
            for (const char *const *arg = effect_rows[type].args; *arg; arg++) {
                const char *name = *arg + (**arg == '?');
                bool is_path = strcmp(name, "path") == 0;
                if (strcmp(name, "...") == 0 || strcmp(name, "files") == 0)
                    continue;
                bool is_list = strcmp(name, "names") == 0 || strcmp(name, "groups") == 0 ||
                               strcmp(name, "remove") == 0;
                text_addf(&effect, "%s\"%s\":%s", effect.length > 1 ? "," : "", name,
                          is_list ? "[" : "");
                text_add_quoted(&effect, is_path
                                             ? arena_printf(lab->arena, "/srv/t/%s", canaries[i])
                                             : canaries[i]);
                text_add(&effect, is_list ? "]" : "");
            }
            text_add(&effect, type == EFFECT_FILE_SET_PUT ? ",\"files\":[]}" : "}");
            (void)lab_error(lab, (EffectType)type, text_get(&effect));
        }
    }
    assert_string_equal(lab_sh(lab, "ls / /root /run | grep canary"), "");
}

static void read_once(void *context, size_t i)
{
    Lab *lab = context;
    CLEANUP(arena_freep) Arena *arena = arena_new();
    ReadRequest request = {.source = source_find(i % 2 ? "node.os" : "node.clock"),
                           .subject = lab->node};
    Reading reading = {0};
    Error *error = lab->world->read(lab->world, lab->node, &request, 1, -1, arena, &reading);
    assert_null(error);
    assert_non_null(reading.value);
}

/* Eight threads at one node: four sessions, each used by one thread at a time. */
static void threads_share_a_world(void **state)
{
    pool_each(clock_real(), 8, 32, read_once, *state);
}

static void leaves_nothing_behind(void **state)
{
    Lab *lab = *state;
    assert_string_equal(
        lab_sh(lab,
               "ls -d /run/pgsteer-* /tmp/pgsteer* /dev/shm/pgsteer* /srv/t/.pgsteer* 2>/dev/null"),
        "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_a_bare_node),
        cmocka_unit_test(asks_everything_in_one_round_trip),
        cmocka_unit_test(effects_twice_change_once),
        cmocka_unit_test(many_effects_take_one_round_trip),
        cmocka_unit_test(refuses_in_words),
        cmocka_unit_test(nothing_is_evaluated),
        cmocka_unit_test(threads_share_a_world),
        cmocka_unit_test(leaves_nothing_behind),
    };
    return cmocka_run_group_tests_name("lab_basic", tests, lab_setup, lab_teardown);
}
