#include "schema/secret_name.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "base/attr.h"
#include "base/text.h"

static const char *const parts[] = {"pass", "pwd", "secret", "token", "credential"};
static const char *const endings[] = {"_key", "_pw", "_exporter_url"};

bool secret_name(const char *key)
{
    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        if (strcasestr(key, parts[i]))
            return true;
    }
    for (size_t i = 0; i < COUNT_OF(endings); i++) {
        if (text_ends_with(key, endings[i]))
            return true;
    }
    return false;
}
