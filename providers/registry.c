#include "providers/registry.h"

#include "providers/kinds/kinds.h"
#include "providers/order.h"
#include "providers/sources/registry.h"
#include "providers/verbs/verbs.h"

const Registry pgsteer_registry = {
    .kinds = pgsteer_kinds,
    .sources = pgsteer_sources,
    .verbs = pgsteer_verbs,
    .order = pgsteer_order,
    .order_count = PGSTEER_ORDER_COUNT,
};
