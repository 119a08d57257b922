#include "schema/secret_name.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "base/attr.h"
#include "base/text.h"

static const char *const parts[] = {"pass", "pwd", "secret", "token", "credential"};
static const char *const endings[] = {"_key", "_pw", "_exporter_url"};

static bool begins_with_part(const char *text)
{
    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        bool may_be = (*text | ' ') == parts[i][0]; /* asked for every byte of every key */
        if (may_be && strncasecmp(text, parts[i], strlen(parts[i])) == 0)
            return true;
    }
    return false;
}

bool secret_name(const char *key)
{
    for (const char *at = key; *at; at++) {
        if (begins_with_part(at))
            return true;
    }
    for (size_t i = 0; i < COUNT_OF(endings); i++) {
        if (text_ends_with(key, endings[i]))
            return true;
    }
    return false;
}
