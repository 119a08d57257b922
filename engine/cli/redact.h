/*
 * cli/redact.h - readings as they may be shown: what could be, or could help to guess, a secret is
 * replaced by "(sensitive value)".
 */
#pragma once

#include "base/arena.h"
#include "schema/contract/facts.h"

/* The value of a known reading, without secrets. */
const Value *redact_reading(Arena *arena, const Reading *reading);
