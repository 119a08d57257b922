#include "providers/real/relay.h"

#include <string.h>

#include "providers/real/effect_texts.h"
#include "providers/real/frame.h"

static const char said_fenced[] = "fenced: ";

Error *relay_begin(const NodeContext *context, const char *target, SshStream **ret)
{
    CLEANUP(text_release) Text command = TEXT_INIT;
    const Fence *fence = context->fence;
    text_addf(&command, "%sset -- %s", embedded_fence, target);
    if (fence)
        text_addf(&command, " %s %s %lld %s %s %s", context->dbsu, fence->domain,
                  (long long)fence->token, fence->run, fence->holder, fence->since);
    text_addf(&command, "\n%s", embedded_relay);
    return ssh_stream_begin(context->loan->session, fence ? "root" : context->dbsu,
                            text_get(&command), context->deadline_ms, ret);
}

Error *relay_error(const SshStream *stream, Error *otherwise)
{
    CLEANUP(arena_freep) Arena *arena = arena_new();
    const char *said = ssh_stream_stderr(stream);
    const char *line = frame_last_line(arena, said, strlen(said));
    if (!text_starts_with(line, said_fenced))
        return otherwise;
    error_free(otherwise);
    return error_new(ERROR_FENCED, "%s", line + strlen(said_fenced));
}
