/*
 * providers/real/cert.h - EFFECT_CERT: a key made on one node, certified by the authority of
 * another.
 *
 * Four steps: read the authority's certificate; on the node, see whether what is there is current,
 * else make key and request; sign it where the authority is; place it. Only requests and
 * certificates travel. Names are checked here: they stand in configuration of openssl.
 */
#pragma once

#include "providers/real/node_call.h"
#include "providers/real/node_context.h"
#include "schema/contract/effect.h"

MUST_USE Error *cert_perform(const NodeContext *context, const Effect *effect, NodeResult *ret);
