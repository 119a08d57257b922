/* What the fragments of the node probe print, and the values that it becomes. */
#include "base/json.h"
#include "providers/sources/registry.h"
#include "unit.h"

typedef struct Case {
    const char *source, *answer;
    const char *want; /* JSON, or "!" and a part of the error */
} Case;

/* Subject "CN = a, b; O = x", issuer "O = y, CN = ca", serial 0A, names n1 and 10.0.0.1; the public
 * half of its key, and that of another. */
#define CERT_PEM                                                                                   \
    "-----BEGIN CERTIFICATE-----\n"                                                                \
    "MIIBezCCASKgAwIBAgIBCjAKBggqhkjOPQQDAjAZMQowCAYDVQQKDAF5MQswCQYD\n"                           \
    "VQQDDAJjYTAgFw0yNjExMjgxMjE2NDBaGA8yMTI2MTEwNDEyMTY0MFowGzENMAsG\n"                           \
    "A1UEAwwEYSwgYjEKMAgGA1UECgwBeDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IA\n"                           \
    "BLjkQOzjxpoEdCZz2DcRTsBSF9ifA9YR+w58DwbWw1cj1D4iBOCa7rSg/osLIlzL\n"                           \
    "FNtViPqucvOwsa5DmR3thR2jVzBVMBMGA1UdEQQMMAqCAm4xhwQKAAABMB0GA1Ud\n"                           \
    "DgQWBBRx1zfsP2+I+AAqPP3OkhqdTJrxqjAfBgNVHSMEGDAWgBQG89gxBLnqKWcJ\n"                           \
    "oaMuZEHx04lWODAKBggqhkjOPQQDAgNHADBEAiA0utW0HT9O51i3rB3GkOs7QTdL\n"                           \
    "r650oC5cWeg2LawC8gIgAp9ihUdWEQ7pHDEs5WZe+b8t4BiK4udwPZo4g1fLkmM=\n"                           \
    "-----END CERTIFICATE-----\n"
#define PUBLIC_PEM                                                                                 \
    "-----BEGIN PUBLIC KEY-----\n"                                                                 \
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEuORA7OPGmgR0JnPYNxFOwFIX2J8D\n"                           \
    "1hH7DnwPBtbDVyPUPiIE4JrutKD+iwsiXMsU21WI+q5y87CxrkOZHe2FHQ==\n"                               \
    "-----END PUBLIC KEY-----\n"
#define OTHER_PEM                                                                                  \
    "-----BEGIN PUBLIC KEY-----\n"                                                                 \
    "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n"                               \
    "-----END PUBLIC KEY-----\n"
#define CERT_VALUE                                                                                 \
    "\"cn\":\"a, b\",\"issuer\":\"ca\",\"serial\":\"0A\",\"not_after_s\":4949468200,"              \
    "\"sans\":[\"DNS:n1\",\"IP:10.0.0.1\"]"

static const Case cases[] = {
    {"node.os",
     "ID=debian\nVERSION_ID=\"12\"\nVERSION_CODENAME='bookworm'\narch=x86_64\nkernel=6.1\n"
     "hostname=n1\nvirt=kvm\nboot_id=b-1\nOTHER=x\n",
     "{\"id\":\"debian\",\"version_id\":\"12\",\"codename\":\"bookworm\",\"arch\":\"x86_64\","
     "\"kernel\":\"6.1\",\"hostname\":\"n1\",\"virt\":\"kvm\",\"boot_id\":\"b-1\"}"},
    {"node.size", "cpu_count=4\nmemory_kb=8000\ndisk_bytes=10\ndisk_free_bytes=5\n",
     "{\"cpu_count\":4,\"memory_kb\":8000,\"disk_bytes\":10,\"disk_free_bytes\":5}"},
    {"node.size", "cpu_count=4\n", "!memory"},
    {"node.clock", "wall_ms=1795412117453\n", "{\"wall_ms\":1795412117453}"},
    {"node.packages",
     "installed\tacl\t2.3-1\nhalf-configured\tbad\t1\nunpacked\tworse\t2\nconfig-files\told\t1\n"
     "not-installed\tno\t\nnonsense\n",
     "{\"installed\":{\"acl\":\"2.3-1\"},\"half\":[\"bad\",\"worse\"]}"},
    {"node.units",
     "a\nb.service\n\nLoadState=loaded\nActiveState=active\nSubState=running\nUnitFileState="
     "enabled\n"
     "MainPID=42\nExecMainStartTimestampMonotonic=77\nNeedDaemonReload=yes\nResult=success\n\n"
     "LoadState=not-found\nActiveState=inactive\n",
     "{\"a\":{\"load\":\"loaded\",\"active\":\"active\",\"sub\":\"running\",\"enabled\":"
     "\"enabled\","
     "\"pid\":42,\"started_us\":77,\"need_reload\":true,\"result\":\"success\"},"
     "\"b.service\":{\"load\":\"not-found\",\"active\":\"inactive\",\"sub\":\"\",\"enabled\":\"\","
     "\"pid\":0,\"started_us\":0,\"need_reload\":false,\"result\":\"\"}}"},
    {"node.units", "a\nb\n\nLoadState=loaded\n", "!nothing about b"},
    {"node.units", "\n", "{}"},
    {"node.users",
     "arg\tpg\narg\tno\nuser\tpg:x:26:27:PG,,:/home/pg:/bin/sh\ngroup\tpg:x:27:\n"
     "group\tadm:x:4:syslog,pg\ngroup\tx:x:5:pga,apg\n",
     "{\"pg\":{\"uid\":26,\"gid\":27,\"group\":\"pg\",\"groups\":[\"adm\"],\"home\":\"/home/pg\","
     "\"shell\":\"/bin/sh\"},\"no\":null}"},
    {"node.paths",
     "arg\t/a\narg\t/l\narg\t/no\npath\t/a\td\troot\tadm\t755\t\npath\t/l\tl\tr\tg\t777\t/x y\n",
     "{\"/a\":{\"type\":\"dir\",\"owner\":\"root\",\"group\":\"adm\",\"mode\":\"0755\",\"target\":"
     "\"\"},\"/l\":{\"type\":\"link\",\"owner\":\"r\",\"group\":\"g\",\"mode\":\"0777\",\"target\":"
     "\"/x y\"},\"/no\":{\"type\":\"absent\",\"owner\":\"\",\"group\":\"\",\"mode\":\"\","
     "\"target\":\"\"}}"},
    {"node.files",
     "file\t/a\troot\tadm\t640\tcontent\t3\nab\n\nfile\t/big\tr\tr\t644\tsha256\tabc\n"
     "file\t/bin\tr\tr\t4755\tcontent\t2\n\xff\n\nabsent\t/no\n",
     "{\"/a\":{\"exists\":true,\"owner\":\"root\",\"group\":\"adm\",\"mode\":\"0640\",\"content\":"
     "\"ab\\n\",\"sha256\":\"a63d8014dba891345b30174df2b2a57efbb65b4f9f09b98f245d1b3192277ece\"},"
     "\"/big\":{\"exists\":true,\"owner\":\"r\",\"group\":\"r\",\"mode\":\"0644\",\"content\":null,"
     "\"sha256\":\"abc\"},"
     "\"/bin\":{\"exists\":true,\"owner\":\"r\",\"group\":\"r\",\"mode\":\"4755\",\"content\":null,"
     "\"sha256\":\"e4688624e5f1ad0629505e6768e3bb36244f2f3e33e751215afa820334a76ed3\"},"
     "\"/no\":{\"exists\":false,\"owner\":\"\",\"group\":\"\",\"mode\":\"\",\"content\":null,"
     "\"sha256\":\"\"}}"},
    {"node.files", "file\t/a\tr\tr\t644\tcontent\t9\nshort\n", "!/a arrived damaged"},
    {"node.files", "file\t/a\tr\tr\t644\tcontent\t-1\n", "!/a arrived damaged"},
    {"node.files", "file\t/a\tr\tr\t644\tcontent\tx\n", "!/a arrived damaged"},
    {"node.secret_files",
     "nonce\tN\nabsent\t/no\nfile\t/a\tr\tg\t600\tcontent\t4\na\nbc\nfile\t/"
     "b\tr\tg\t600\tnone\t0\n",
     "{\"nonce\":\"N\",\"files\":{\"/no\":{\"exists\":false,\"owner\":\"\",\"group\":\"\",\"mode\":"
     "\"\",\"content\":null,\"sha256\":\"\"},\"/"
     "a\":{\"exists\":true,\"owner\":\"r\",\"group\":\"g\","
     "\"mode\":\"0600\",\"content\":\"a\\nbc\",\"sha256\":"
     "\"b4c620724d95022be9765d6f660a36f90835acab2437b5e8cd71812940b29346\"},"
     "\"/b\":{\"exists\":true,\"owner\":\"r\",\"group\":\"g\",\"mode\":\"0600\",\"content\":null,"
     "\"sha256\":\"\"}}}"},
    {"node.secret_files", "nonce\tN\nfile\t/a\tr\tg\t600\tcontent\t99\nshort",
     "!/a arrived damaged"},
    {"node.secret_files", "nonce\tN\nfile\t/a\tr\tg\t600\tcontent\t-1\n", "!/a arrived damaged"},
    {"node.secret_files", "", "!no beginning"},
    {"node.data", "path=/pg/data\nempty=true\n",
     "{\"path\":\"/pg/"
     "data\",\"initialized\":false,\"empty\":true,\"no_database\":false,\"version\":\"\","
     "\"has_backup_label\":false,\"postmaster_pid\":0,\"system_identifier\":\"\",\"state\":\"\","
     "\"timeline\":0,\"checkpoint_lsn\":\"\",\"redo_lsn\":\"\",\"min_recovery\":\"\",\"signals\":[]"
     "}"},
    {"node.data",
     "path=/"
     "d\nno_database=true\nsignal=standby.signal\nhas_backup_label=true\npostmaster_pid="
     "7\ninitialized=true\n"
     "version=15\n--\nDatabase system identifier:           7400000000000000001\n"
     "Database cluster state:               in production\n"
     "Latest checkpoint location:           0/3000060\n"
     "Latest checkpoint's REDO location:    0/3000028\n"
     "Latest checkpoint's TimeLineID:       3\nMinimum recovery ending location:     0/0\n",
     "{\"path\":\"/"
     "d\",\"initialized\":true,\"empty\":false,\"no_database\":true,\"version\":\"15\",\"has_"
     "backup_label\":"
     "true,\"postmaster_pid\":7,\"system_identifier\":\"7400000000000000001\",\"state\":"
     "\"in production\",\"timeline\":3,\"checkpoint_lsn\":\"0/3000060\",\"redo_lsn\":\"0/3000028\","
     "\"min_recovery\":\"0/0\",\"signals\":[\"standby.signal\"]}"},
    {"node.data", "initialized=true\n--\n", "!no system identifier"},
    {"node.certs",
     "arg\t/a.crt\ncert\t574\n" CERT_PEM "\nkey_matches=true\narg\t/no.crt\narg\t/bad.crt\n"
     "cert\t3\nbad\n",
     "{\"/a.crt\":{" CERT_VALUE ",\"key_matches\":true},\"/no.crt\":null,"
     "\"/bad.crt\":{\"cn\":\"\",\"issuer\":\"\",\"serial\":\"\",\"not_after_s\":0,"
     "\"key_matches\":false,\"sans\":[]}}"},
    {"node.certs", "arg\t/a.crt\ncert\t574\n" CERT_PEM "\npublic\t178\n" PUBLIC_PEM "\n",
     "{\"/a.crt\":{" CERT_VALUE ",\"key_matches\":true}}"},
    {"node.certs", "arg\t/a.crt\ncert\t574\n" CERT_PEM "\npublic\t113\n" OTHER_PEM "\n",
     "{\"/a.crt\":{" CERT_VALUE ",\"key_matches\":false}}"},
    {"node.certs", "arg\t/a.crt\ncert\t0\n\npublic\t0\n\n",
     "{\"/a.crt\":{\"cn\":\"\",\"issuer\":\"\",\"serial\":\"\",\"not_after_s\":0,"
     "\"key_matches\":false,\"sans\":[]}}"},
    {"node.certs", "public\t0\n\nkey_matches=true\n", "{}"},
    {"node.certs", "arg\t/a.crt\ncert\t99\nshort", "!/a.crt arrived damaged"},
    {"node.markers", "marker\tcluster.x\t7\n{\"a\":1}\n", "{\"cluster.x\":{\"a\":1}}"},
    {"node.markers", "marker\tx\t2\nab\n", "!marker x is damaged"},
    {"node.markers", "marker\tx\t9\n{\"a\":1}\n", "!marker x is damaged"},
    {"node.jobs", "job\tpgsteer-p.service\t100\nActiveState=failed\nResult=exit-code\n",
     "{\"pgsteer-p.service\":{\"active\":\"failed\",\"result\":\"exit-code\",\"status\":\"100\"}}"},
    {"node.repo", "arg\t/a\narg\t/b\nrepo\t/a\t3\ttrue\tfalse\n",
     "{\"/a\":{\"deb_count\":3,\"index_exists\":true,\"index_current\":false},"
     "\"/b\":{\"deb_count\":0,\"index_exists\":false,\"index_current\":false}}"},
    {"node.listen", "0100007F:1538\n00000000:0016\n00000000000000000000000000000000:0016\nx\n:zz\n",
     "{\"tcp\":[5432,22]}"},
};

static const Value *parsed(Arena *arena, const char *json)
{
    const Value *value = NULL;
    check_fine(json_parse(arena, json, strlen(json), &value));
    return value;
}

static void check_case(Arena *arena, const Case *one)
{
    const Source *source = source_find(one->source);
    const Value *value = NULL;
    assert_non_null(source);
    Error *error = source->parse(arena, one->answer, strlen(one->answer), 0, &value);
    if (one->want[0] == '!') {
        check_error(error, ERROR_REFUSED, one->want + 1);
        return;
    }
    check_fine(error);
    CLEANUP(text_release) Text text = TEXT_INIT;
    json_write(&text, value);
    if (!value_equal(value, parsed(arena, one->want)))
        fail_msg("%s: got %s, want %s", one->source, text_get(&text), one->want);
}

static void answers_become_values(void **state)
{
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        check_case(*state, &cases[i]);
}

/* Every answer cut off at every byte, and with a byte that is no UTF-8 in each place. */
static void damaged_answers_are_survived(void **state)
{
    Arena *arena = *state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const Source *source = source_find(cases[i].source);
        size_t length = strlen(cases[i].answer);
        for (size_t cut = 0; cut <= length; cut++) {
            const Value *value = NULL;
            char *bytes = arena_strndup(arena, cases[i].answer, length);
            error_free(source->parse(arena, bytes, cut, 0, &value));
            if (cut < length)
                bytes[cut] = (char)0xff;
            error_free(source->parse(arena, bytes, length, 0, &value));
        }
    }
}

static void rows_are_well_formed(void **state)
{
    (void)state;
    for (const Source *const *at = pgsteer_sources; *at; at++) {
        const Source *source = *at;
        assert_ptr_equal(source_find(source->name), source);
        assert_true(source->budget_ms > 0 && source->max_bytes > 0);
        assert_true(strlen(source->text) > 0 && strlen(source->doc) > 0);
        assert_true(source->via != VIA_PROBE || (source->stage == 0 && source->parse));
        assert_true(source->via != VIA_REST ||
                    (source->stage == 1 && strncmp(source->text, "/", 1) == 0));
        assert_true(source->via != VIA_SQL || source->stage >= 2);
    }
    assert_null(source_find("nosuch"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(answers_become_values, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(damaged_answers_are_survived, arena_setup, arena_teardown),
        cmocka_unit_test(rows_are_well_formed),
    };
    return cmocka_run_group_tests_name("sources_node", tests, NULL, NULL);
}
