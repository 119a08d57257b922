#include <stddef.h>

#include "providers/kinds/kinds.h"

#define KIND_ADDRESS(name) &kind_##name,

const Kind *const pgsteer_kinds[] = {PGSTEER_KINDS(KIND_ADDRESS) NULL};
