#include "schema/contract/change.h"

const Resource *change_resource(const Change *change)
{
    return change->desired ? change->desired : change->observed;
}
