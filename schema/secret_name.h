/*
 * schema/secret_name.h - does a key of the inventory look as if it held a secret?
 *
 * A word test, wider than the parameter table: it also catches keys of foreign modules and
 * misspelt ones ("pg_admin_passwrd"). What it finds is never shown in a source line; for keys that
 * the table does not know it also decides that the value is a hole.
 */
#pragma once

#include <stdbool.h>

bool secret_name(const char *key);
