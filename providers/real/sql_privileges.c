#include "providers/real/sql_privileges.h"

#include <string.h>
#include <strings.h>

#include "base/text.h"

static const struct {
    const char *objects;
    char letter;
    const char *all[8]; /* what ALL stands for */
} object_types[] = {
    {"TABLES", 'r', {"INSERT", "SELECT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"}},
    {"SEQUENCES", 'S', {"SELECT", "UPDATE", "USAGE"}},
    {"FUNCTIONS", 'f', {"EXECUTE"}},
    {"ROUTINES", 'f', {"EXECUTE"}},
    {"TYPES", 'T', {"USAGE"}},
    {"SCHEMAS", 'n', {"USAGE", "CREATE"}},
};

const char *privilege_find(const char *name)
{
    static const char *const names[] = {
        "INSERT",  "SELECT",  "UPDATE", "DELETE", "TRUNCATE", "REFERENCES",
        "TRIGGER", "EXECUTE", "USAGE",  "CREATE", "CONNECT",  "TEMPORARY",
    };
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        if (strcasecmp(names[i], name) == 0)
            return names[i];
    }
    return NULL;
}

static Error *invalid(const char *text)
{
    return error_new(ERROR_INVALID,
                     "'%s' is not a default privilege such as 'GRANT SELECT ON TABLES TO app'",
                     text);
}

static bool find_objects(const char *word, DefaultGrant *grant, size_t *ret_index)
{
    for (size_t i = 0; i < COUNT_OF(object_types); i++) {
        if (strcasecmp(object_types[i].objects, word) != 0)
            continue;
        grant->objects = object_types[i].letter == 'f' ? "FUNCTIONS" : object_types[i].objects;
        grant->object_letter = object_types[i].letter;
        *ret_index = i;
        return true;
    }
    return false;
}

static bool add_privilege(Arena *arena, DefaultGrant *grant, size_t objects, const char *word,
                          size_t *capacity)
{
    const char *name = privilege_find(word);
    if (strcasecmp(word, "PRIVILEGES") == 0)
        return grant->privilege_count > 0;
    if (strcasecmp(word, "ALL") == 0) {
        for (const char *const *all = object_types[objects].all; *all; all++)
            ARENA_PUSH(arena, grant->privileges, grant->privilege_count, *capacity, *all);
        return true;
    }
    if (name)
        ARENA_PUSH(arena, grant->privileges, grant->privilege_count, *capacity, name);
    return name != NULL;
}

Error *default_grant_parse(Arena *arena, const char *text, DefaultGrant *ret)
{
    enum { TAIL = 4 }; /* ON objects TO grantee */
    char **words = NULL;
    size_t count = text_words(arena, text, true, &words);
    size_t capacity = 0;
    size_t objects = 0;
    DefaultGrant grant = {0};
    if (count < TAIL + 2 || strcasecmp(words[0], "GRANT") != 0)
        return invalid(text);
    char **tail = words + count - TAIL;
    if (strcasecmp(tail[0], "ON") != 0 || strcasecmp(tail[2], "TO") != 0 ||
        !find_objects(tail[1], &grant, &objects))
        return invalid(text);
    for (size_t i = 1; i < count - TAIL; i++) {
        if (!add_privilege(arena, &grant, objects, words[i], &capacity))
            return invalid(text);
    }
    grant.grantee = strcasecmp(tail[3], "PUBLIC") == 0 ? "public" : tail[3];
    *ret = grant;
    return NULL;
}
