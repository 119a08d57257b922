#include "providers/ssh/wire.h"

#include <ctype.h>
#include <string.h>

#include "base/digest.h"

enum { KEY_TYPE_MAX = 64 };

bool wire_uint32(WireReader *reader, uint32_t *ret)
{
    if (reader->left < 4)
        return false;
    const unsigned char *at = reader->at;
    *ret = (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | (uint32_t)at[3];
    reader->at += 4;
    reader->left -= 4;
    return true;
}

bool wire_string(WireReader *reader, const unsigned char **ret, size_t *ret_length)
{
    WireReader rest = *reader;
    uint32_t length;
    if (!wire_uint32(&rest, &length) || length > rest.left)
        return false;
    *ret = rest.at;
    *ret_length = length;
    reader->at = rest.at + length;
    reader->left = rest.left - length;
    return true;
}

const char *wire_key_type(Arena *arena, const unsigned char *key, size_t length)
{
    WireReader reader = {key, length};
    const unsigned char *name;
    size_t name_length;
    if (!wire_string(&reader, &name, &name_length))
        return NULL;
    if (name_length == 0 || name_length > KEY_TYPE_MAX || reader.left == 0)
        return NULL;
    for (size_t i = 0; i < name_length; i++) {
        if (!isgraph(name[i]))
            return NULL;
    }
    return arena_strndup(arena, (const char *)name, name_length);
}

const char *wire_fingerprint(Arena *arena, const unsigned char *key, size_t length)
{
    unsigned char digest[SHA256_BYTES];
    sha256(key, length, digest);
    char *text = base64_encode(arena, digest, sizeof(digest));
    text[strcspn(text, "=")] = '\0';
    return arena_printf(arena, "SHA256:%s", text);
}
