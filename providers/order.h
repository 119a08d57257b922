/*
 * providers/order.h - what waits for what, and why: the rows behind every edge of a plan that no
 * procedure adds itself.
 */
#pragma once

#include "schema/contract/order.h"

enum { PGSTEER_ORDER_COUNT = 76 };

extern const OrderRow pgsteer_order[PGSTEER_ORDER_COUNT];
