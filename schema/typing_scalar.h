/*
 * schema/typing_scalar.h - one scalar of the document and one type.
 */
#pragma once

#include "schema/typing.h"

typedef struct ScalarContext {
    const Typing *typing;
    const char *name;             /* for messages */
    unsigned placeholders;        /* PLACE_* that are allowed here */
    unsigned *found_placeholders; /* those that are inside are added */
    bool is_secret;               /* messages do not quote it */
} ScalarContext;

/* NULL after a report. Never called for an empty scalar unless empty is a value of the type. */
const Value *scalar_read(const ScalarContext *context, const DocNode *node, const Parameter *row);

/* As it looks: null, true/false, a plain decimal number, else text. */
const Value *scalar_guess(const ScalarContext *context, const DocNode *node);

/* What other readers may take a plain scalar for: "a number", "a truth value"; NULL: a text. */
const char *scalar_looks(const char *text);

/* "{{ }}" and placeholders; false after an error. */
bool scalar_check_text(const ScalarContext *context, const DocNode *node);

/* May the key of a map that is called `name` be this? False after a report. */
bool scalar_check_key(const Typing *typing, const char *name, const DocNode *key,
                      const Parameter *row);
