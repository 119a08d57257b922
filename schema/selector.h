/*
 * schema/selector.h - which members a service selects: the part of JMESPath that inventories use.
 *
 *   []                                               every member
 *   [? pg_role == `replica` && !pg_offline_query ]   a filter over the member's parameters
 *
 * Known are names, `literals`, 'texts', == != ! && || and parentheses. Names that a member does not
 * set have their default; unknown ones are null. False are null, false, "", empty lists and maps;
 * 0 and the text "false" are true, as JMESPath has it. A parsed selector may be used by any thread.
 */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/error.h"
#include "schema/inventory.h"

typedef struct Selector Selector;

/* Errors: ERROR_INVALID, with the column. */
MUST_USE Error *selector_parse(Arena *arena, const char *text, Selector **ret);

bool selector_matches(const Selector *selector, const Host *host);
