/*
 * plans/verify/story.h - what a search has found, for people. Pure.
 */
#pragma once

#include "plans/verify/search.h"
#include "plans/verify/verification.h"

const Violation *story_of(Arena *arena, Model *model, const Search *search);
