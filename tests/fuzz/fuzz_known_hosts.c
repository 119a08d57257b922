#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "providers/ssh/key_file.h"
#include "providers/ssh/known_hosts.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

/* known_hosts lines, and the same bytes as a name to look up, a key to compare and a key file. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static const unsigned char key[] = "\0\0\0\vssh-ed25519\0\0\0\x20"
                                       "01234567890123456789012345678901";
    KnownHosts *known;
    if (known_hosts_load(NULL, 0, &known) != NULL)
        abort();
    known_hosts_parse(known, "fuzz", (const char *)bytes, length);
    Arena *arena = arena_new();
    char *text = arena_strndup(arena, (const char *)bytes, length);
    text[strcspn(text, " \n")] = '\0';
    const char *names[] = {"a", "[a]:2222", known_hosts_name(arena, text, 22)};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        HostKeyLine line;
        HostKeyTypes types;
        known_hosts_check(known, names[i], key, sizeof(key) - 1, arena, &line);
        known_hosts_check(known, names[i], bytes, length, arena, &line);
        known_hosts_types(known, names[i], &types);
    }
    KeyFile file = {0};
    key_file_parse(arena, arena_strndup(arena, (const char *)bytes, length), &file);
    arena_free(arena);
    known_hosts_free(known);
    return 0;
}
