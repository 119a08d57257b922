/* Whatever a node answers: the frame, and the parser of every source that a fragment feeds. */
#include <stdint.h>

#include "providers/real/node_call.h"
#include "providers/real/probe.h"
#include "providers/real/sql_privileges.h"
#include "providers/sources/registry.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    CLEANUP(arena_freep) Arena *arena = arena_new();
    const char *text = (const char *)bytes;
    ReadRequest requests[64];
    Reading readings[64];
    size_t count = 0;
    for (const Source *const *at = pgsteer_sources; *at && count < 64; at++) {
        const Value *value = NULL;
        if ((*at)->via == VIA_PROBE)
            requests[count++] = (ReadRequest){.source = *at, .subject = "n"};
        if ((*at)->parse)
            error_free((*at)->parse(arena, text, size, size > 0 ? bytes[0] * 2 : 0, &value));
    }
    error_free(probe_parse(arena, text, size, "N", requests, count, readings));
    NodeCall call = {"file_put", &value_empty_map};
    NodeResult result = {0};
    error_free(node_call_parse(arena, text, size, "N", &call, 1, &result));
    DefaultGrant grant;
    error_free(default_grant_parse(arena, arena_strndup(arena, text, size), &grant));
    return 0;
}
