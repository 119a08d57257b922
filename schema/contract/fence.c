#include "schema/contract/fence.h"

#include <ctype.h>
#include <string.h>

static bool is_of_words(char c)
{
    return isalnum((unsigned char)c) || (c && strchr("_.:-", c));
}

char *fence_word(Arena *arena, const char *text)
{
    char *word = arena_strdup(arena, *text ? text : "_");
    for (char *c = word; *c; c++) {
        if (!is_of_words(*c) || (c == word && (*c == '-' || *c == '.')))
            *c = '_';
    }
    return word;
}

Fence *fence_copy(Arena *arena, const Fence *fence)
{
    Fence *copy = ARENA_NEW(arena, Fence);
    *copy = (Fence){.domain = arena_strdup(arena, fence->domain),
                    .token = fence->token,
                    .run = arena_strdup(arena, fence->run),
                    .holder = arena_strdup(arena, fence->holder),
                    .since = arena_strdup(arena, fence->since)};
    return copy;
}

Error *fence_check(const Fence *ours, const Fence *newest)
{
    if (!ours || !newest || newest->token <= ours->token)
        return NULL;
    /* fence.sh says the same */
    return error_new(ERROR_FENCED, "%s was taken over by run %s (%s), whose lease is from %s",
                     newest->domain, newest->run, newest->holder, newest->since);
}
