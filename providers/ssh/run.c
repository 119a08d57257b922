#include <string.h>

#include "base/clock.h"
#include "base/duration.h"
#include "providers/ssh/script.h"
#include "providers/ssh/session.h"
#include "providers/ssh/session_private.h"

enum { NOISE_MAX_BYTES = 256 * 1024 };

/* One script that runs. */
typedef struct Run {
    SshSession *session;
    Channel *channel;
    const Backend *backend;
    Script script;
    ScriptUser user;
    const char *input;
    size_t input_length;
    size_t sent; /* of script and input together */
    bool has_sent_eof;
    bool lost;
    size_t max_bytes;
    int64_t start_ms;
    Capture out;
    Capture err;
} Run;

static void run_end(Run *run)
{
    if (run->channel)
        run->backend->drop(run->channel);
    script_release(&run->script);
    capture_release(&run->out);
    capture_release(&run->err);
}

/* The next piece of what goes to stdin: first the script, then the input. */
static size_t next_piece(const Run *run, const char **ret)
{
    size_t script_length = run->script.text.length;
    if (run->sent < script_length) {
        *ret = run->script.text.bytes + run->sent;
        return script_length - run->sent;
    }
    size_t at = run->sent - script_length;
    *ret = run->input + at;
    return run->input_length - at;
}

static bool send_some(Run *run)
{
    bool moved = false;
    while (!run->has_sent_eof) {
        const char *bytes;
        size_t length = next_piece(run, &bytes);
        if (length == 0) {
            run->backend->send_eof(run->channel);
            run->has_sent_eof = moved = true;
            break;
        }
        size_t count;
        ChannelState state = run->backend->write(run->channel, bytes,
                                                 length < MOVE_BYTES ? length : MOVE_BYTES, &count);
        run->sent += count;
        moved = moved || count > 0;
        if (state == CHANNEL_ENDED)
            run->has_sent_eof = true; /* a script that does not read all of its input is fine */
        if (state == CHANNEL_LOST)
            run->lost = true;
        if (state != CHANNEL_MOVED)
            break;
    }
    return moved;
}

static bool receive_some(Run *run, ChannelSide side, Capture *capture)
{
    char bytes[MOVE_BYTES];
    bool moved = false;
    while (!capture->is_closed) {
        size_t count;
        ChannelState state = run->backend->read(run->channel, side, bytes, sizeof(bytes), &count);
        if (state == CHANNEL_ENDED)
            capture->is_closed = moved = true;
        if (state == CHANNEL_LOST)
            run->lost = true;
        if (state != CHANNEL_MOVED)
            break;
        capture_add(capture, &run->script, bytes, count);
        moved = true;
        if (capture->text.length > run->max_bytes)
            break;
    }
    return moved;
}

static bool is_too_much(const Run *run)
{
    if (!run->out.has_begun)
        return run->out.text.length + run->err.text.length > NOISE_MAX_BYTES;
    return run->out.text.length + run->err.text.length > run->max_bytes + NOISE_MAX_BYTES / 64;
}

/* Both closing lines, or both ends of file. A daemon that the script left behind may hold its
 * outputs open, so the lines are enough. */
static bool is_complete(const Run *run)
{
    bool out = run->out.has_ended || run->out.is_closed;
    return out && (run->err.has_ended || run->err.is_closed);
}

static Error *too_late(const Run *run)
{
    CLEANUP(text_release) Text took = TEXT_INIT;
    duration_format(&took, clock_monotonic_ms() - run->start_ms);
    return error_new(ERROR_UNREACHABLE, "%s did not finish its script within %s",
                     run->session->login->host, text_get(&took));
}

static Error *exchange(Run *run, int64_t deadline_ms)
{
    while (!is_complete(run)) {
        bool moved = send_some(run);
        moved = receive_some(run, CHANNEL_STDOUT, &run->out) || moved;
        moved = receive_some(run, CHANNEL_STDERR, &run->err) || moved;
        moved = session_pump(run->session) || moved;
        if (is_too_much(run))
            return error_new(ERROR_UNREACHABLE, "%s printed more than the %zu bytes we take",
                             run->session->login->host, run->max_bytes);
        if (run->lost && !moved)
            return NULL;
        if (clock_left_ms(deadline_ms) == 0)
            return too_late(run);
        if (!moved)
            session_wait(run->session, NULL, deadline_ms);
    }
    return NULL;
}

/* No closing line: why? Never a status. */
static Error *no_closing_line(const Run *run)
{
    const char *host = run->session->login->host;
    CLEANUP(text_release) Text how = TEXT_INIT;
    run->backend->tell_end(run->channel, &how);
    if (run->lost)
        return error_new(ERROR_UNREACHABLE, "%s: the connection was lost while a script ran", host);
    if (!run->out.has_begun && how.length == 0)
        return script_refused(&run->user, text_get(&run->out.text), text_get(&run->err.text));
    size_t length = run->err.text.length;
    const char *tail = text_get(&run->err.text) + (length > 300 ? length - 300 : 0);
    return error_new(ERROR_UNREACHABLE,
                     "%s: a script ended without its closing line, so nobody knows how far it "
                     "came%s%s%s%s%s",
                     host, how.length ? ": " : "", text_get(&how), *tail ? "; it said '" : "", tail,
                     *tail ? "'" : "");
}

static Error *run_script(Run *run, int64_t deadline_ms)
{
    CLEANUP(arena_freep) Arena *scratch = arena_new();
    const char *command = script_command(scratch, &run->script, &run->user);
    TRY(session_exec(run->session, command, deadline_ms, &run->channel));
    TRY(exchange(run, deadline_ms));
    return run->out.has_ended ? NULL : no_closing_line(run);
}

// NOLINTNEXTLINE(readability-function-size): everything about one script in one call
Error *ssh_run(SshSession *session, const char *script, const void *input, size_t input_length,
               size_t max_bytes, int64_t deadline_ms, Text *ret_stdout, Text *ret_stderr,
               int *ret_status)
{
    CLEANUP(run_end)
    Run run = {
        .session = session,
        .backend = session->link->backend,
        .user = {session->login->host, session->login->config->user, session->become_user},
        .input = input,
        .input_length = input_length,
        .max_bytes = max_bytes,
        .start_ms = clock_monotonic_ms(),
    };
    script_init(&run.script, script);
    TRY(run_script(&run, deadline_ms));
    if (run.out.text.length + run.err.text.length > max_bytes)
        return error_new(ERROR_UNREACHABLE, "%s printed more than the %zu bytes we take",
                         session->login->host, max_bytes);
    text_add_bytes(ret_stdout, text_get(&run.out.text), run.out.text.length);
    text_add_bytes(ret_stderr, text_get(&run.err.text), run.err.text.length);
    *ret_status = run.out.status;
    return NULL;
}
