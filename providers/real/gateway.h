/*
 * providers/real/gateway.h - etcd's JSON gateway on a node, through its SSH session.
 *
 * etcd asks for a client certificate, and its gateway refuses one that has a common name
 * (server/embed/serve.go, accessController): the one for this is made with the member's own
 * (kinds/cert.c) and read by root there each time; nothing of it is kept here.
 */
#pragma once

#include "providers/real/node_context.h"
#include "schema/contract/world.h"

/* Errors: ERROR_UNREACHABLE, ERROR_REFUSED (the certificate is not there yet). */
MUST_USE Error *gateway_ask(const NodeContext *context, const EtcdRequest *request,
                            EtcdAnswer *ret);
