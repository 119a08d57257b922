#include "providers/kinds/default_acl.h"

#include <string.h>

#include "base/text.h"

static const struct {
    char letter; /* pg_default_acl.defaclobjtype */
    const char *objects;
    const char *all; /* letters of ALL PRIVILEGES */
} object_types[] = {
    {'r', "TABLES", "arwdDxt"}, {'S', "SEQUENCES", "rwU"}, {'f', "FUNCTIONS", "X"},
    {'T', "TYPES", "U"},        {'n', "SCHEMAS", "UC"},
};

/* Letters of an aclitem (src/include/utils/acl.h). */
static const struct {
    char letter;
    const char *name;
} privileges[] = {
    {'a', "INSERT"},     {'r', "SELECT"},  {'w', "UPDATE"},  {'d', "DELETE"}, {'D', "TRUNCATE"},
    {'x', "REFERENCES"}, {'t', "TRIGGER"}, {'X', "EXECUTE"}, {'U', "USAGE"},  {'C', "CREATE"},
};

static const char *privilege_name(char letter)
{
    for (size_t i = 0; i < COUNT_OF(privileges); i++) {
        if (privileges[i].letter == letter)
            return privileges[i].name;
    }
    return NULL;
}

static void add_one(Arena *arena, Value *list, const char *role, const char *privilege,
                    const char *objects, const char *grantee)
{
    value_push(arena, list,
               value_textf(arena, "%s: %s ON %s TO %s", role, privilege, objects, grantee));
}

static void add_all(Arena *arena, Value *list, const char *role, const char *objects,
                    const char *grantee)
{
    for (size_t i = 0; i < COUNT_OF(object_types); i++) {
        if (strcasecmp(object_types[i].objects, objects) != 0)
            continue;
        for (const char *letter = object_types[i].all; *letter; letter++)
            add_one(arena, list, role, privilege_name(*letter), object_types[i].objects, grantee);
    }
}

/* Index of a word among `words`, or `count`. */
static size_t find_word(char *const *words, size_t count, const char *word)
{
    size_t i = 0;
    while (i < count && strcasecmp(words[i], word) != 0)
        i++;
    return i;
}

static char *upper(char *text)
{
    for (char *c = text; *c; c++) {
        if (*c >= 'a' && *c <= 'z')
            *c = (char)(*c - 'a' + 'A');
    }
    return text;
}

void default_acl_add_grant(Arena *arena, Value *list, const char *role, const char *grant)
{
    char **words;
    size_t count = text_words(arena, grant, true, &words);
    size_t on = find_word(words, count, "ON");
    size_t to = find_word(words, count, "TO");
    if (count == 0 || strcasecmp(words[0], "GRANT") != 0 || to != on + 2 || to + 2 != count) {
        value_push(arena, list, value_textf(arena, "%s: %s", role, grant));
        return;
    }
    const char *objects = upper(words[on + 1]);
    const char *grantee = words[to + 1];
    if (strcmp(objects, "ROUTINES") == 0)
        objects = "FUNCTIONS";
    for (size_t i = 1; i < on; i++) {
        if (strcasecmp(words[i], "ALL") == 0)
            add_all(arena, list, role, objects, grantee);
        else if (strcasecmp(words[i], "PRIVILEGES") != 0)
            add_one(arena, list, role, upper(words[i]), objects, grantee);
    }
}

/* "grantee=letters/grantor"; '*' after a letter is a grant option. */
static void add_item(Arena *arena, Value *list, const char *role, const char *objects,
                     const char *item)
{
    const char *equals = strrchr(item, '=');
    if (!equals)
        return;
    const char *grantee =
        equals == item ? "public" : arena_strndup(arena, item, (size_t)(equals - item));
    for (const char *letter = equals + 1; *letter && *letter != '/'; letter++) {
        if (privilege_name(*letter))
            add_one(arena, list, role, privilege_name(*letter), objects, grantee);
    }
}

const Value *default_acl_read(Arena *arena, const Value *default_acl)
{
    Value *list = value_list(arena);
    for (size_t i = 0; i < value_count(default_acl); i++) {
        const Value *row = value_at(default_acl, i);
        const Value *items = value_get(row, "acl");
        if (value_get_text(row, "schema")[0])
            continue;
        for (size_t j = 0; j < COUNT_OF(object_types); j++) {
            if (value_get_text(row, "type")[0] != object_types[j].letter)
                continue;
            for (size_t k = 0; k < value_count(items); k++)
                add_item(arena, list, value_get_text(row, "role"), object_types[j].objects,
                         value_as_text(value_at(items, k), ""));
        }
    }
    return list;
}
