/* Small texts that users and servers write: durations, sizes, numbers, base64, stored passwords. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "base/digest.h"
#include "base/duration.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void check_numbers(const char *text)
{
    int64_t number = -1;
    Error *error = duration_parse(text, &number);
    assert((error == NULL) == (number >= 0));
    error_free(error);
    number = -1;
    error = size_parse(text, &number);
    assert((error == NULL) == (number >= 0));
    error_free(error);
    if (text_to_int(text, &number)) {
        CLEANUP(text_release) Text out = TEXT_INIT;
        duration_format(&out, number);
        size_format(&out, number);
        assert(out.length > 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    CLEANUP(arena_freep) Arena *arena = arena_new();
    const char *text = arena_strndup(arena, (const char *)bytes, size);
    check_numbers(text);

    size_t length;
    const unsigned char *decoded = base64_decode(arena, text, &length);
    if (decoded)
        assert(strlen(base64_encode(arena, decoded, length)) == strlen(text));
    scram_is_verifier(text);

    CLEANUP(text_release) Text quoted = TEXT_INIT;
    text_add_quoted(&quoted, text);
    assert(text_is_valid_utf8(quoted.bytes, quoted.length));
    return 0;
}
