/*
 * schema/manual.h - the reference of the inventory, made from the table of parameters: as text, as
 * the page pgsteer-inventory(5), and as a JSON Schema for editors.
 *
 * What a change of a parameter needs is said by the kinds that come from it (their rows name the
 * parameter), so all of these take the registry. Pure; any thread.
 */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/text.h"
#include "base/value.h"
#include "schema/contract/registry.h"

/* All parameters by section, then the objects, the settings of PostgreSQL that are not free, and
 * the codes of problems. */
void manual_text(Text *out, const Registry *registry);

/* One parameter with the objects it holds, one object, one setting of PostgreSQL that is not free,
 * or one code. False: there is none of that name. */
bool manual_text_of(Text *out, const Registry *registry, const char *name);

/* The page of section 5, in mdoc(7). */
void manual_page(Text *out, const Registry *registry);

/* A JSON Schema (draft 7) of a whole inventory file; `arena` holds the result. What it refuses the
 * loader refuses too; what it cannot express it lets pass. Texts are judged as YAML 1.2 reads them,
 * as editors do: "yes" and "0755" are no boolean and no octal number there. */
const Value *manual_json_schema(Arena *arena, const Registry *registry);
