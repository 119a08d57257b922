/*
 * providers/sim/mask.h - files that can hold secrets, told as the probe of a real node tells them:
 * each secret replaced by "sha256:" and the digest of the run's salt and the value.
 */
#pragma once

#include "base/value.h"

const char *mask_text(Arena *arena, const char *path, const char *content);

/* What the source node.secret_files says: {nonce, files}. */
const Value *mask_answer(Arena *arena, const Value *files);
