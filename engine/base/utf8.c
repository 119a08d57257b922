#include "base/utf8.h"

#include "base/attr.h"

/* Sequences by their first byte: (byte & mask) == lead. `min` is the smallest code point that
 * needs that many bytes. */
static const struct {
    uint32_t mask, lead, min;
} lengths[] = {
    {0x80, 0x00, 0},
    {0xe0, 0xc0, 0x80},
    {0xf0, 0xe0, 0x800},
    {0xf8, 0xf0, 0x10000},
};

size_t utf8_decode(const char *bytes, size_t length, uint32_t *ret_code)
{
    for (size_t i = 0; i < COUNT_OF(lengths) && i < length; i++) {
        uint32_t first = (unsigned char)bytes[0];
        if ((first & lengths[i].mask) != lengths[i].lead)
            continue;
        uint32_t code = first & ~lengths[i].mask;
        for (size_t k = 1; k <= i; k++) {
            uint32_t next = (unsigned char)bytes[k];
            if ((next & 0xc0) != 0x80)
                return 0;
            code = code << 6 | (next & 0x3f);
        }
        if (code < lengths[i].min || code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
            return 0;
        *ret_code = code;
        return i + 1;
    }
    return 0;
}
