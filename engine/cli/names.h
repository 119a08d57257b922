/*
 * cli/names.h - what the command line calls hosts and other things, found or not.
 */
#pragma once

#include "schema/inventory.h"

/* "there is no WHAT 'NAME' in the inventory", with the one of `names` that is near. */
Error *names_unknown(Arena *arena, const char *what, const char *name, const char *const *names,
                     size_t count);

/* A host by its address, name or instance, or NULL. */
const Host *names_host(const Inventory *inventory, const char *name);

/* The same for who needs one. Errors: ERROR_INVALID. */
MUST_USE Error *names_find_host(Arena *arena, const Inventory *inventory, const char *name,
                                const Host **ret);
