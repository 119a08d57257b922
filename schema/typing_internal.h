/*
 * schema/typing_internal.h - what the typing*.c files that walk through a value share.
 */
#pragma once

#include "schema/secret.h"
#include "schema/typing_scalar.h"

/* The way from a parameter down to a value, for messages and addresses. */
typedef struct Step {
    const struct Step *up;
    const char *name;
} Step;

typedef struct Reader {
    const Typing *typing;
    Typed *typed;
    unsigned placeholders; /* that the parameter allows */
} Reader;

/* Reports E002, and is NULL. */
const Value *typing_wrong(const Reader *reader, const Step *step, const DocNode *node,
                          const char *wanted);

/* A place whose text the inventory keeps, under the address that the way down gives. */
const Value *typing_hole(const Reader *reader, const Step *step, const Origin *origin,
                         SecretForm form, const char *text);

/* The one key of {from_env: …} and {from_file: …}, else NULL. */
const char *typing_secret_source(const DocNode *node);

bool typing_is_encrypted(const DocNode *node);
const Value *typing_read_encrypted(const Reader *reader, const Step *step, const DocNode *node);

/* TYPE_PASSWORD: a text, {from_env: …}, {from_file: …} or !vault. */
const Value *typing_read_password(const Reader *reader, const Step *step, const DocNode *node,
                                  const Parameter *row);
