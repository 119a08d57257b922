#include "schema/contract/change.h"

static const char *const op_names[CHANGE_OP_COUNT] = {
    [CHANGE_NONE] = "none",     [CHANGE_CREATE] = "create",   [CHANGE_UPDATE] = "update",
    [CHANGE_DELETE] = "delete", [CHANGE_REPLACE] = "replace", [CHANGE_WITHHOLD] = "withhold",
};

const char *change_op_name(ChangeOp op)
{
    return op_names[op];
}

const Resource *change_resource(const Change *change)
{
    return change->desired ? change->desired : change->observed;
}
