/*
 * plans/order.h - turn the order rows into edges between the planned actions.
 *
 * Linear in the actions that a row touches: they are grouped by host, scope, domain or name, and a
 * group with many actions on both sides is joined through one milestone instead of n x m edges.
 * Pure.
 */
#pragma once

#include "plans/builder.h"

void order_apply(Builder *builder, const OrderRow *rows, size_t count);
