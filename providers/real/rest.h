/*
 * providers/real/rest.h - Patroni's REST API of a node, and other servers there that speak HTTP,
 * through its SSH session. The only place that knows libcurl.
 *
 * Patroni speaks HTTP/1.0, one request a connection. It is asked on the node's loopback, else on
 * its address. With TLS the certificate is not checked: the connection ends inside the node that
 * SSH authenticated.
 */
#pragma once

#include "providers/real/node_call.h"
#include "providers/real/node_context.h"
#include "schema/contract/effect.h"
#include "schema/contract/world.h"

typedef struct RestAnswer {
    int status;
    const char *body; /* NUL-terminated, `length` bytes */
    size_t length;
} RestAnswer;

/* PEM texts: both ends show a certificate, and the server's is checked. */
typedef struct RestTls {
    const char *ca, *cert, *key;
} RestTls;

typedef struct RestRequest {
    const char *method;
    const char *path;
    const char *body;            /* NULL: none */
    const char *user, *password; /* NULL: none */
    const char *authorization;   /* as the header has it; NULL: none */
    const char *server;          /* for messages; NULL: Patroni */
    const RestTls *tls;          /* NULL: as Patroni's API is configured, unchecked */
    int port;
    size_t max_bytes;
} RestRequest;

/* Errors: ERROR_UNREACHABLE (no connection, deadline, cut off), ERROR_REFUSED (answer too long).
 * Any status is an answer. */
MUST_USE Error *rest_call(const NodeContext *context, const RestRequest *request, RestAnswer *ret);

/* VIA_REST sources. Sets every reading. */
void rest_read(const NodeContext *context, const ReadRequest *requests, size_t count,
               Reading *ret_readings);

/* EFFECT_REST. Fine when the status is one of `ok` (default: 200 and 202). */
MUST_USE Error *rest_perform(const NodeContext *context, const Effect *effect, NodeResult *ret);

MUST_USE Error *rest_global_init(void);
