/* All procedures, one per domain type. */
#include "plans/procedures/cluster.h"
#include "plans/procedures/procedures.h"

const Procedure *const procedures[] = {
    &procedure_infra, &procedure_node, &procedure_etcd, &procedure_cluster, NULL,
};
