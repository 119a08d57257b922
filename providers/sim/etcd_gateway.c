/* The JSON gateway of a simulated etcd: as much of it as the engine asks for. */
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "providers/sim/state.h"

enum {
    OK = 200,
    BAD_REQUEST = 400,
    UNAVAILABLE = 503,
    INVALID_ARGUMENT = 3,
    FAILED_PRECONDITION = 9,
    NO_LEADER = 14
};

static const char the_token[] = "a-token";

typedef struct Asked {
    Etcd *etcd;
    Arena *arena; /* of the answer */
    Arena *kept;  /* of what stays */
    const EtcdRequest *request;
    const Value *body;
    Value *answer;
} Asked;

static int refuse(Asked *asked, int status, int code, const char *error)
{
    value_set_text(asked->arena, asked->answer, "error", error);
    value_set_int(asked->arena, asked->answer, "code", code);
    return status;
}

static bool has_user(const Etcd *etcd, const char *name)
{
    for (size_t i = 0; i < value_count(etcd->users); i++) {
        if (text_equal(value_as_text(value_at(etcd->users, i), NULL), name))
            return true;
    }
    return false;
}

static int authenticate(Asked *asked)
{
    if (!asked->etcd->auth_enabled)
        return refuse(asked, BAD_REQUEST, FAILED_PRECONDITION,
                      "etcdserver: authentication is not enabled");
    if (!has_user(asked->etcd, value_get_text(asked->body, "name")))
        return refuse(asked, BAD_REQUEST, INVALID_ARGUMENT,
                      "etcdserver: authentication failed, invalid user ID or password");
    value_set_text(asked->arena, asked->answer, "token", the_token);
    return OK;
}

/* Keys are compared in base64: good enough for one folder of them, in the order they came. */
static Value *found(Asked *asked, const char *key)
{
    Value *kvs = value_list(asked->arena), *response = value_map(asked->arena);
    for (size_t i = 0; i < map_count(asked->etcd->keys); i++) {
        const Value *kv = map_value_at(asked->etcd->keys, i);
        if (kv && kv->type == VALUE_MAP &&
            (!key || strcmp(key, map_key_at(asked->etcd->keys, i)) == 0))
            value_push(asked->arena, kvs, value_copy(asked->arena, kv));
    }
    value_set(asked->arena, response, "kvs", kvs);
    return response;
}

static const char *revision_of(const Asked *asked, const char *key)
{
    const Value *kv = map_get(asked->etcd->keys, key);
    return kv && kv->type == VALUE_MAP ? value_get_text(kv, "mod_revision") : "0";
}

static bool holds(const Asked *asked)
{
    const Value *compares = value_get(asked->body, "compare");
    for (size_t i = 0; i < value_count(compares); i++) {
        const Value *compare = value_at(compares, i);
        if (strcmp(revision_of(asked, value_get_text(compare, "key")),
                   value_get_text(compare, "mod_revision")) != 0)
            return false;
    }
    return true;
}

static void put(Asked *asked, const Value *write)
{
    Arena *kept = asked->kept;
    const char *key = arena_strdup(kept, value_get_text(write, "key"));
    Value *kv = value_map(kept);
    value_set_text(kept, kv, "key", key);
    value_set_text(kept, kv, "value", arena_strdup(kept, value_get_text(write, "value")));
    value_set(kept, kv, "mod_revision",
              value_textf(kept, "%lld", (long long)asked->etcd->revision));
    map_set(asked->etcd->keys, key, kv);
}

static void operate(Asked *asked, const Value *operation, Value *responses)
{
    Value *response = value_map(asked->arena);
    const Value *range = value_get(operation, "request_range");
    const Value *write = value_get(operation, "request_put");
    const char *gone = value_get_text(value_get(operation, "request_delete_range"), "key");
    if (range)
        value_set(asked->arena, response, "response_range",
                  found(asked, value_get_text(range, "key")));
    else if (write)
        put(asked, write);
    else if (*gone)
        map_set(asked->etcd->keys, arena_strdup(asked->kept, gone), value_list(asked->kept));
    value_push(asked->arena, responses, response);
}

static int transact(Asked *asked)
{
    Value *responses = value_list(asked->arena), *header = value_map(asked->arena);
    const Value *operations = value_get(asked->body, "success");
    bool is_fine = holds(asked);
    asked->etcd->revision++;
    for (size_t i = 0; is_fine && i < value_count(operations); i++)
        operate(asked, value_at(operations, i), responses);
    if (is_fine) /* etcd's gateway leaves out what is false */
        value_set_bool(asked->arena, asked->answer, "succeeded", true);
    value_set(asked->arena, header, "revision",
              value_textf(asked->arena, "%lld", (long long)asked->etcd->revision));
    value_set(asked->arena, asked->answer, "header", header);
    value_set(asked->arena, asked->answer, "responses", responses);
    return OK;
}

static int answer(Asked *asked)
{
    const char *path = asked->request->path;
    if (strcmp(path, "/v3/auth/authenticate") == 0)
        return authenticate(asked);
    if (asked->etcd->auth_enabled && strcmp(asked->request->token, the_token) != 0)
        return refuse(asked, BAD_REQUEST, INVALID_ARGUMENT, "etcdserver: user name is empty");
    if (strcmp(path, "/v3/kv/txn") == 0)
        return transact(asked);
    asked->answer = found(asked, NULL);
    return OK;
}

Error *etcd_gateway(Node *node, const EtcdRequest *request, Arena *arena, EtcdAnswer *ret)
{
    Asked asked = {.etcd = node->etcd.etcd,
                   .arena = arena,
                   .kept = node->sim->arena,
                   .request = request,
                   .answer = value_map(arena)};
    TRY(json_parse(arena, request->body, strlen(request->body), &asked.body));
    if (!node->etcd.runs)
        return error_new(ERROR_UNREACHABLE, "etcd on %s: connection refused", node->address);
    ret->status = etcd_is_healthy(node)
                      ? answer(&asked)
                      : refuse(&asked, UNAVAILABLE, NO_LEADER, "etcdserver: no leader");
    CLEANUP(text_release) Text text = TEXT_INIT;
    json_write(&text, asked.answer);
    ret->body = text_copy(&text, arena);
    return NULL;
}
