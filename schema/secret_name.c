#include "schema/secret_name.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "base/attr.h"

static const char *const parts[] = {"pass", "pwd", "secret", "token", "credential"};
static const char *const endings[] = {"_key", "_pw", "_exporter_url"};

/* Asked for every byte of every key. */
static bool may_begin_part(char letter)
{
    switch (letter | ' ') {
    case 'p':
    case 's':
    case 't':
    case 'c':
        return true;
    default:
        return false;
    }
}

static bool begins_with_part(const char *text)
{
    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        bool may_be = (text[0] | ' ') == parts[i][0] && (text[1] | ' ') == parts[i][1];
        if (may_be && strncasecmp(text, parts[i], strlen(parts[i])) == 0)
            return true;
    }
    return false;
}

bool secret_name(const char *key)
{
    const char *at = key;
    for (; *at; at++) {
        if (may_begin_part(*at) && begins_with_part(at))
            return true;
    }
    for (size_t i = 0; i < COUNT_OF(endings); i++) {
        size_t length = strlen(endings[i]);
        if ((size_t)(at - key) >= length && memcmp(at - length, endings[i], length) == 0)
            return true;
    }
    return false;
}
