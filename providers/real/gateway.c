#include "providers/real/gateway.h"

#include <string.h>

#include "providers/real/rest.h"

enum { PEM_MAX_BYTES = 65536, ANSWER_MAX_BYTES = 16 * 1024 * 1024 };

/* Stands on a line of its own in no PEM file. */
#define BETWEEN "\n---\n"

static const char read_identity[] = "cd /etc/etcd 2>/dev/null && [ -f leases.key ] || exit 3\n"
                                    "cat ca.crt && echo && echo --- && cat leases.crt && echo && "
                                    "echo --- && cat leases.key\n";

static Error *split_identity(Arena *arena, const char *text, RestTls *ret)
{
    const char *second = strstr(text, BETWEEN);
    const char *third = second ? strstr(second + 1, BETWEEN) : NULL;
    if (!third)
        return error_new(ERROR_UNREACHABLE, "the certificate for leases arrived damaged");
    ret->ca = arena_strndup(arena, text, (size_t)(second - text));
    second += strlen(BETWEEN);
    ret->cert = arena_strndup(arena, second, (size_t)(third - second));
    ret->key = arena_strdup(arena, third + strlen(BETWEEN));
    return NULL;
}

static Error *get_identity(const NodeContext *context, RestTls *ret)
{
    CLEANUP(text_release) Text out = TEXT_INIT;
    CLEANUP(text_release) Text err = TEXT_INIT;
    int status = 0;
    TRY(ssh_run(context->loan->session, read_identity, "", 0, PEM_MAX_BYTES, context->deadline_ms,
                &out, &err, &status));
    if (status != 0)
        return error_new(ERROR_REFUSED,
                         "%s has no certificate for leases (/etc/etcd/leases.crt) yet; an apply of "
                         "etcd makes it",
                         context->host);
    return split_identity(context->arena, text_get(&out), ret);
}

Error *gateway_ask(const NodeContext *context, const EtcdRequest *request, EtcdAnswer *ret)
{
    RestTls tls;
    RestAnswer answer = {0};
    TRY(get_identity(context, &tls));
    RestRequest post = {.method = "POST",
                        .path = request->path,
                        .body = request->body,
                        .authorization = request->token,
                        .server = "etcd",
                        .tls = &tls,
                        .port = context->etcd_port,
                        .max_bytes = ANSWER_MAX_BYTES};
    TRY(rest_call(context, &post, &answer));
    *ret = (EtcdAnswer){answer.status, answer.body};
    return NULL;
}
