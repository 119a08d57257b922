/*
 * schema/contract/change.h - the difference between desired and observed of one resource.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "schema/contract/kind.h"
#include "schema/contract/resource.h"

typedef enum ChangeOp {
    CHANGE_NONE,
    CHANGE_CREATE,
    CHANGE_UPDATE,
    CHANGE_DELETE,
    CHANGE_REPLACE,
    CHANGE_WITHHOLD, /* something is unknown: nothing is planned, the plan says why */
    CHANGE_OP_COUNT
} ChangeOp;

typedef struct ParamChange {
    const ParamRow *row;
    const char *key;     /* of a map or settings param; NULL for the whole param */
    const Value *before; /* NULL: not there */
    const Value *after;  /* NULL: goes away */
    Need need;
    const Origin *origin;
    const char *reason;
} ParamChange;

typedef struct Change {
    ChangeOp op;
    const Resource *desired;  /* NULL for a delete of something not in the inventory */
    const Resource *observed; /* NULL when absent or unknown */
    const ParamChange *params;
    size_t param_count;
    const char *withhold_reason; /* CHANGE_WITHHOLD */
    const Domain *domain;
} Change;

/* "none", "create", "update", "delete", "replace", "withhold". */
const char *change_op_name(ChangeOp op);

/* The resource that the change is about: desired, else observed. */
const Resource *change_resource(const Change *change);
