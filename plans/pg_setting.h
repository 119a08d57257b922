/*
 * plans/pg_setting.h - are two values of one PostgreSQL setting the same to the server?
 *
 * "2GB" is 262144 pages of 8 kB, "on" is true is 1, "5min" is 300000 ms. The observed value may be
 * a map {"setting", "unit", "vartype"} as pg_settings tells them; then the server's own unit and
 * type decide. Without them only what cannot be mistaken is taken as equal. Pure.
 */
#pragma once

#include <stdbool.h>

#include "base/value.h"

bool pg_setting_equal(const char *name, const Value *desired, const Value *observed);

/* The observed value as a person would write it ("2GB" instead of 262144 pages of 8 kB). */
const Value *pg_setting_plain(Arena *arena, const Value *observed);
