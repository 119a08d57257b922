#include "engine/authority_etcd.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/json.h"

static const char prefix[] = "/pgsteer/leases/", behind[] = "/pgsteer/leases0";

enum { LIMIT_MS = 8000, TXN_MAX = 64, HTTP_OK = 200 };

/* Codes of gRPC in an answer that is no success. */
enum { INVALID_ARGUMENT = 3, FAILED_PRECONDITION = 9, UNAUTHENTICATED = 16 };

typedef struct EtcdAuthority {
    LeaseAuthority authority;
    Arena *arena;
    StateDir runners;
    World *world;
    const char **hosts;
    size_t host_count;
    const char *password;
    pthread_mutex_t lock; /* of the token */
    char *token;          /* "": etcd asks nobody who he is; NULL: not known yet */
} EtcdAuthority;

/* -- asking ---------------------------------------------------------------------------------- */

/* One member. Errors: ERROR_UNREACHABLE also for one without a quorum behind it. */
static Error *ask_member(const EtcdAuthority *etcd, Arena *arena, const char *host,
                         const EtcdRequest *request, const Value **ret, int *ret_status)
{
    EtcdAnswer answer = {0};
    int64_t deadline_ms = clock_now_ms(etcd->world->clock) + LIMIT_MS;
    TRY(etcd->world->ask_etcd(etcd->world, host, request, deadline_ms, arena, &answer));
    Error *error = json_parse(arena, answer.body, strlen(answer.body), ret);
    if (error) {
        error_free(error);
        return error_new(ERROR_UNREACHABLE, "etcd on %s answers %d without JSON", host,
                         answer.status);
    }
    static const int no_quorum[] = {429, 500, 503, 504};
    for (size_t i = 0; i < COUNT_OF(no_quorum); i++) {
        if (answer.status == no_quorum[i])
            return error_new(ERROR_UNREACHABLE, "etcd on %s: %s", host,
                             value_get_text(*ret, "error"));
    }
    *ret_status = answer.status;
    return NULL;
}

/* The first one that answers. */
static Error *ask_any(const EtcdAuthority *etcd, Arena *arena, const EtcdRequest *request,
                      const Value **ret, int *ret_status)
{
    CLEANUP(error_freep) Error *first = NULL;
    for (size_t i = 0; i < etcd->host_count; i++) {
        Error *error = ask_member(etcd, arena, etcd->hosts[i], request, ret, ret_status);
        if (!error)
            return NULL;
        if (first)
            error_free(error);
        else
            first = error;
    }
    return error_new(ERROR_UNREACHABLE, "no member answers; %s",
                     first ? error_root(first)->message : "there is none");
}

static Error *refused(const Value *answer, int status)
{
    const char *why = value_get_text(answer, "error");
    return error_new(ERROR_REFUSED, "etcd answers %d: %s", status,
                     *why ? why : value_get_text(answer, "message"));
}

/* *ret_token is "" where etcd asks nobody who he is. */
static Error *log_in(const EtcdAuthority *etcd, Arena *arena, const char **ret_token)
{
    CLEANUP(text_release) Text body = TEXT_INIT;
    const Value *answer = NULL;
    int status = 0;
    Value *who = value_map(arena);
    value_set_text(arena, who, "name", LEASE_ETCD_USER);
    value_set_text(arena, who, "password", etcd->password);
    json_write(&body, who);
    EtcdRequest request = {.path = "/v3/auth/authenticate", .body = text_get(&body), .token = ""};
    TRY(ask_any(etcd, arena, &request, &answer, &status));
    *ret_token = value_get_text(answer, "token");
    if (status == HTTP_OK || value_get_int(answer, "code", 0) == FAILED_PRECONDITION)
        return NULL;
    const char *error = value_get_text(answer, "error");
    if (strstr(error, "invalid user ID or password"))
        return error_new(ERROR_REFUSED,
                         "etcd does not know the user " LEASE_ETCD_USER " with the password that "
                         "pgsteer_etcd_password is; an apply of etcd makes the user, etcdctl user "
                         "passwd " LEASE_ETCD_USER " changes its password there");
    return refused(answer, status);
}

static const char *known_token(EtcdAuthority *etcd, Arena *arena)
{
    pthread_mutex_lock(&etcd->lock);
    const char *token = etcd->token ? arena_strdup(arena, etcd->token) : NULL;
    pthread_mutex_unlock(&etcd->lock);
    return token;
}

static void keep_token(EtcdAuthority *etcd, const char *token)
{
    pthread_mutex_lock(&etcd->lock);
    free(etcd->token);
    etcd->token = must_strdup(token);
    pthread_mutex_unlock(&etcd->lock);
}

/* A token that is too old, or none although one is asked for by now. */
static bool must_log_in(const Value *answer)
{
    int64_t code = value_get_int(answer, "code", 0);
    return code == UNAUTHENTICATED ||
           (code == INVALID_ARGUMENT &&
            strstr(value_get_text(answer, "error"), "user name is empty"));
}

static Error *ask(EtcdAuthority *etcd, Arena *arena, const char *path, const Value *body,
                  const Value **ret)
{
    CLEANUP(text_release) Text text = TEXT_INIT;
    json_write(&text, body);
    const char *token = known_token(etcd, arena);
    for (int tries = 0;; tries++) {
        int status = 0;
        if (!token) {
            TRY(log_in(etcd, arena, &token));
            keep_token(etcd, token);
        }
        EtcdRequest request = {.path = path, .body = text_get(&text), .token = token};
        TRY(ask_any(etcd, arena, &request, ret, &status));
        if (status == HTTP_OK)
            return NULL;
        if (tries > 0 || !must_log_in(*ret))
            return refused(*ret, status);
        token = NULL;
    }
}

/* -- what is said ---------------------------------------------------------------------------- */

static const char *base64(Arena *arena, const char *text)
{
    return base64_encode(arena, text, strlen(text));
}

static Value *key_of(Arena *arena, const char *domain)
{
    Value *map = value_map(arena);
    value_set_text(arena, map, "key", base64(arena, arena_printf(arena, "%s%s", prefix, domain)));
    return map;
}

static void push_operation(Arena *arena, Value *list, const char *name, const Value *value)
{
    Value *operation = value_map(arena);
    value_set(arena, operation, name, value);
    value_push(arena, list, operation);
}

static const char *decoded(Arena *arena, const Value *kv, const char *field)
{
    size_t length = 0;
    const unsigned char *bytes = base64_decode(arena, value_get_text(kv, field), &length);
    return bytes ? arena_strndup(arena, (const char *)bytes, length) : "";
}

static void take_kv(Arena *arena, const Value *kv, LeaseRecord *record)
{
    record->content = kv ? decoded(arena, kv, "value") : "";
    record->version = kv ? value_get_text(kv, "mod_revision") : "";
}

static Error *read_some(EtcdAuthority *etcd, Arena *arena, LeaseRecord *records, size_t count)
{
    Value *txn = value_map(arena), *ranges = value_list(arena);
    const Value *answer = NULL;
    for (size_t i = 0; i < count; i++)
        push_operation(arena, ranges, "request_range", key_of(arena, records[i].domain));
    value_set(arena, txn, "success", ranges);
    TRY(ask(etcd, arena, "/v3/kv/txn", txn, &answer));
    const Value *responses = value_get(answer, "responses");
    if (value_count(responses) != count)
        return error_new(ERROR_REFUSED, "%s does not say what was asked", etcd->authority.place);
    for (size_t i = 0; i < count; i++)
        take_kv(arena,
                value_at(value_get(value_get(value_at(responses, i), "response_range"), "kvs"), 0),
                &records[i]);
    return NULL;
}

static Error *etcd_read(LeaseAuthority *authority, Arena *arena, LeaseRecord *records, size_t count)
{
    for (size_t i = 0; i < count; i += TXN_MAX)
        TRY(read_some(authority->context, arena, records + i,
                      count - i < TXN_MAX ? count - i : TXN_MAX));
    return NULL;
}

static Error *etcd_list(LeaseAuthority *authority, Arena *arena, LeaseRecord **ret,
                        size_t *ret_count)
{
    const Value *answer = NULL;
    Value *range = value_map(arena);
    value_set_text(arena, range, "key", base64(arena, prefix));
    value_set_text(arena, range, "range_end", base64(arena, behind));
    TRY(ask(authority->context, arena, "/v3/kv/range", range, &answer));
    const Value *kvs = value_get(answer, "kvs");
    *ret_count = value_count(kvs);
    *ret = ARENA_ARRAY(arena, LeaseRecord, *ret_count);
    for (size_t i = 0; i < *ret_count; i++) {
        (*ret)[i].domain = decoded(arena, value_at(kvs, i), "key") + strlen(prefix);
        take_kv(arena, value_at(kvs, i), &(*ret)[i]);
    }
    return NULL;
}

static Value *unchanged(Arena *arena, const LeaseRecord *record)
{
    Value *compare = key_of(arena, record->domain);
    value_set_text(arena, compare, "target", "MOD");
    value_set_text(arena, compare, "result", "EQUAL");
    value_set_text(arena, compare, "mod_revision", *record->version ? record->version : "0");
    return compare;
}

static void push_write(Arena *arena, Value *list, const LeaseRecord *record)
{
    Value *write = key_of(arena, record->domain);
    if (*record->content)
        value_set_text(arena, write, "value", base64(arena, record->content));
    push_operation(arena, list, *record->content ? "request_put" : "request_delete_range", write);
}

/* *ret_revision: the new version of them all. */
static Error *swap_some(EtcdAuthority *etcd, Arena *arena, const LeaseRecord *records, size_t count,
                        bool *ret_is_done, const char **ret_revision)
{
    Value *txn = value_map(arena), *compares = value_list(arena), *writes = value_list(arena);
    const Value *answer = NULL;
    for (size_t i = 0; i < count; i++) {
        value_push(arena, compares, unchanged(arena, &records[i]));
        push_write(arena, writes, &records[i]);
    }
    value_set(arena, txn, "compare", compares);
    value_set(arena, txn, "success", writes);
    TRY(ask(etcd, arena, "/v3/kv/txn", txn, &answer));
    *ret_is_done = value_get_bool(answer, "succeeded", false);
    *ret_revision = value_get_text(value_get(answer, "header"), "revision");
    return NULL;
}

/* What was there before, unless somebody changed it meanwhile. */
static Error *put_back(EtcdAuthority *etcd, Arena *arena, const LeaseRecord *before,
                       const LeaseRecord *written, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        bool is_done;
        const char *revision;
        LeaseRecord record = {before[i].domain, before[i].content, written[i].version};
        TRY(swap_some(etcd, arena, &record, 1, &is_done, &revision));
    }
    return NULL;
}

static Error *etcd_swap(LeaseAuthority *authority, Arena *arena, const LeaseRecord *records,
                        size_t count, bool *ret_is_done)
{
    const char *revision;
    if (count <= TXN_MAX)
        return swap_some(authority->context, arena, records, count, ret_is_done, &revision);
    LeaseRecord *before = ARENA_ARRAY(arena, LeaseRecord, count);
    LeaseRecord *written = ARENA_ARRAY(arena, LeaseRecord, count);
    memcpy(before, records, count * sizeof(*records));
    memcpy(written, records, count * sizeof(*records));
    TRY(etcd_read(authority, arena, before, count));
    for (size_t i = 0; i < count; i += TXN_MAX) {
        size_t some = count - i < TXN_MAX ? count - i : TXN_MAX;
        TRY(swap_some(authority->context, arena, records + i, some, ret_is_done, &revision));
        if (!*ret_is_done)
            return put_back(authority->context, arena, before, written, i);
        for (size_t j = i; j < i + some; j++)
            written[j].version = revision;
    }
    return NULL;
}

/* -- making it ------------------------------------------------------------------------------- */

static void etcd_free(LeaseAuthority *authority)
{
    EtcdAuthority *etcd = authority->context;
    pthread_mutex_destroy(&etcd->lock);
    free(etcd->token);
    arena_free(etcd->arena);
    free(etcd);
}

static const char *place_of(Arena *arena, const EtcdLeases *settings)
{
    CLEANUP(text_release) Text text = TEXT_INIT;
    text_addf(&text, "etcd on");
    for (size_t i = 0; i < settings->host_count; i++)
        text_addf(&text, "%s %s", i > 0 ? "," : "", settings->hosts[i]);
    return text_copy(&text, arena);
}

LeaseAuthority *lease_authority_etcd(const EtcdLeases *settings)
{
    Arena *arena = arena_new();
    EtcdAuthority *etcd = must_malloc(sizeof(*etcd));
    *etcd = (EtcdAuthority){.arena = arena,
                            .runners = state_dir_copy(arena, settings->runners),
                            .world = settings->world,
                            .hosts = ARENA_ARRAY(arena, const char *, settings->host_count),
                            .host_count = settings->host_count,
                            .password = arena_strdup(arena, settings->password)};
    for (size_t i = 0; i < settings->host_count; i++)
        etcd->hosts[i] = arena_strdup(arena, settings->hosts[i]);
    pthread_mutex_init(&etcd->lock, NULL);
    etcd->authority = (LeaseAuthority){.name = "etcd",
                                       .place = place_of(arena, settings),
                                       .runners = &etcd->runners,
                                       .is_shared = true,
                                       .context = etcd,
                                       .read = etcd_read,
                                       .list = etcd_list,
                                       .swap = etcd_swap,
                                       .free = etcd_free};
    return &etcd->authority;
}
