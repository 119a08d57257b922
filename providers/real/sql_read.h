/*
 * providers/real/sql_read.h - asking VIA_SQL sources: one connection per database, one pipeline
 * each.
 */
#pragma once

#include "providers/real/node_context.h"
#include "schema/contract/world.h"

/* Sets every reading. Errors: never; what cannot be asked is unknown. */
void sql_read(const NodeContext *context, const ReadRequest *requests, size_t count,
              Reading *ret_readings);
