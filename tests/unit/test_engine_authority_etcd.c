/* The store of leases in etcd, against a gateway that answers by the script. */
#include <string.h>

#include "engine/authority_etcd.h"
#include "fake_world.h"
#include "unit.h"

#define TXN   "/v3/kv/txn"
#define LOGIN "/v3/auth/authenticate"

/* What is asked in this order, and what comes of it. */
typedef struct Line {
    const char *host, *path;
    const char *token; /* that is shown */
    int status;        /* 0: no answer, as an error of this code */
    ErrorCode code;
    const char *body;
} Line;

typedef struct Script {
    World world;
    const Line *lines;
    size_t at;
} Script;

static Error *answer(World *world, const char *host, const EtcdRequest *request,
                     int64_t deadline_ms, Arena *arena, EtcdAnswer *ret)
{
    Script *script = world->context;
    const Line *line = &script->lines[script->at++];
    (void)deadline_ms;
    assert_non_null(line->host);
    assert_string_equal(host, line->host);
    assert_string_equal(request->path, line->path);
    assert_string_equal(request->token, line->token ? line->token : "");
    if (line->status == 0)
        return error_new(line->code, "%s says nothing", host);
    *ret = (EtcdAnswer){line->status, arena_strdup(arena, line->body)};
    return NULL;
}

/* One lease is looked for; what becomes of it. */
typedef struct Case {
    const char *name;
    Line lines[8];
    const char *version; /* NULL: an error */
    ErrorCode code;
    const char *error;
} Case;

#define NONE "{\"responses\":[{\"response_range\":{}}]}"
#define ONE                                                                                        \
    "{\"responses\":[{\"response_range\":{\"kvs\":[{\"value\":\"eA==\",\"mod_revision\":\"7\"}]}}" \
    "]}"
#define NO_AUTH "{\"error\":\"etcdserver: authentication is not enabled\",\"code\":9}"
#define STALE   "{\"error\":\"etcdserver: invalid auth token\",\"code\":16}"
#define WRONG                                                                                      \
    "{\"error\":\"etcdserver: authentication failed, invalid user ID or password\",\"code\":3}"

static const Case cases[] = {
    {.name = "who asks logs in first",
     .lines = {{"a", LOGIN, NULL, 200, 0, "{\"token\":\"t1\"}"}, {"a", TXN, "t1", 200, 0, ONE}},
     .version = "7"},
    {.name = "not where nobody is asked who he is",
     .lines = {{"a", LOGIN, NULL, 400, 0, NO_AUTH}, {"a", TXN, NULL, 200, 0, NONE}},
     .version = ""},
    {.name = "a token that is too old",
     .lines = {{"a", LOGIN, NULL, 200, 0, "{\"token\":\"t1\"}"},
               {"a", TXN, "t1", 401, 0, STALE},
               {"a", LOGIN, NULL, 200, 0, "{\"token\":\"t2\"}"},
               {"a", TXN, "t2", 200, 0, ONE}},
     .version = "7"},
    {.name = "the next member",
     .lines = {{"a", LOGIN, NULL, 0, ERROR_REFUSED, NULL},
               {"b", LOGIN, NULL, 503, 0, "{\"error\":\"etcdserver: no leader\"}"},
               {"c", LOGIN, NULL, 200, 0, "{\"token\":\"t1\"}"},
               {"a", TXN, "t1", 0, ERROR_UNREACHABLE, NULL},
               {"b", TXN, "t1", 200, 0, "<html>"},
               {"c", TXN, "t1", 200, 0, ONE}},
     .version = "7"},
    {.name = "none",
     .lines = {{"a", LOGIN, NULL, 0, ERROR_REFUSED, NULL},
               {"b", LOGIN, NULL, 0, ERROR_UNREACHABLE, NULL},
               {"c", LOGIN, NULL, 0, ERROR_UNREACHABLE, NULL}},
     .code = ERROR_UNREACHABLE,
     .error = "no member answers; a says nothing"},
    {.name = "another password",
     .lines = {{"a", LOGIN, NULL, 400, 0, WRONG}},
     .code = ERROR_REFUSED,
     .error = "etcdctl user passwd pgsteer"},
    {.name = "no rights",
     .lines = {{"a", LOGIN, NULL, 200, 0, "{\"token\":\"t1\"}"},
               {"a", TXN, "t1", 403, 0,
                "{\"error\":\"etcdserver: permission denied\",\"code\":7}"}},
     .code = ERROR_REFUSED,
     .error = "etcd answers 403: etcdserver: permission denied"},
    {.name = "a token that never holds",
     .lines = {{"a", LOGIN, NULL, 200, 0, "{\"token\":\"t1\"}"},
               {"a", TXN, "t1", 401, 0, STALE},
               {"a", LOGIN, NULL, 200, 0, "{\"token\":\"t2\"}"},
               {"a", TXN, "t2", 401, 0, STALE}},
     .code = ERROR_REFUSED,
     .error = "invalid auth token"},
    {.name = "half an answer",
     .lines = {{"a", LOGIN, NULL, 200, 0, "{\"token\":\"t1\"}"}, {"a", TXN, "t1", 200, 0, "{}"}},
     .code = ERROR_REFUSED,
     .error = "does not say what was asked"},
};

static void etcd_is_asked_by_the_script(void **state)
{
    static const char *const hosts[] = {"a", "b", "c"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        CLEANUP(arena_freep) Arena *arena = arena_new();
        Script script = {.lines = cases[i].lines};
        StateDir runners = state_dir_of(arena, "", "none");
        script.world = (World){.context = &script, .clock = clock_real(), .ask_etcd = answer};
        EtcdLeases settings = {&script.world, hosts, COUNT_OF(hosts), "secret", &runners};
        CLEANUP(lease_authority_freep) LeaseAuthority *etcd = lease_authority_etcd(&settings);
        LeaseRecord record = {.domain = "pg"};
        Error *error = etcd->read(etcd, arena, &record, 1);
        if (cases[i].version) {
            check_fine(error);
            assert_string_equal(record.version, cases[i].version);
            assert_string_equal(record.content, *cases[i].version ? "x" : "");
        } else {
            check_error(error, cases[i].code, cases[i].error);
        }
        assert_null(cases[i].lines[script.at].host); /* and nothing more */
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(etcd_is_asked_by_the_script),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
