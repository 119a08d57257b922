#include "providers/ssh/script.h"

#include <stdlib.h>
#include <string.h>

#include "base/digest.h"

/* Programs answer in English and find what only root's PATH has. */
static const char prologue[] = "LC_ALL=C PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin\n"
                               "export LC_ALL PATH\n";

/* The script's own traps and exits stay in the subshell. */
static const char run_form[] = "%s"
                               "pgsteer_line() { printf '\\n#pgsteer %s %%s\\n' \"$1\"; }\n"
                               "trap 'pgsteer_status=$?; pgsteer_line \"end $pgsteer_status\"; "
                               "pgsteer_line \"end $pgsteer_status\" >&2' EXIT\n"
                               "pgsteer_line begin; pgsteer_line begin >&2\n"
                               "(\n%s\n)\n";

static const char stream_form[] = "%s"
                                  "printf '\\n#pgsteer %s begin\\n'\n"
                                  "printf '\\n#pgsteer %s begin\\n' >&2\n"
                                  "%s\n";

void script_init(Script *script, const char *body)
{
    *script = (Script){.text = TEXT_INIT};
    random_hex(script->word, SCRIPT_WORD_CHARS);
    text_addf(&script->text, run_form, prologue, script->word, body);
}

void script_init_stream(Script *script, const char *command)
{
    *script = (Script){.text = TEXT_INIT};
    random_hex(script->word, SCRIPT_WORD_CHARS);
    text_addf(&script->text, stream_form, prologue, script->word, script->word, command);
}

void script_release(Script *script)
{
    text_release(&script->text);
}

/* `head` reads no byte more than it prints, so the rest of stdin is the script's input. `env` and
 * not an assignment: the login shell may be any. */
const char *script_command(Arena *arena, const Script *script, const ScriptUser *user)
{
    static const char body[] = "sh -c 'eval \"$(head -c \"$1\")\"' pgsteer";
    if (strcmp(user->login_user, user->become_user) == 0)
        return arena_printf(arena, "%s %zu", body, script->text.length);
    if (strcmp(user->become_user, "root") == 0)
        return arena_printf(arena, "env LC_ALL=C sudo -n -- %s %zu", body, script->text.length);
    return arena_printf(arena, "env LC_ALL=C sudo -n -u %s -- %s %zu", user->become_user, body,
                        script->text.length);
}

/* -- capture --------------------------------------------------------------------------------- */

void capture_release(Capture *capture)
{
    text_release(&capture->text);
}

static void cut_front(Text *text, size_t length)
{
    memmove(text->bytes, text->bytes + length, text->length - length);
    text->length -= length;
    text->bytes[text->length] = '\0';
}

static void cut_back(Text *text, size_t length)
{
    text->length = length;
    text->bytes[length] = '\0';
}

/* Where "\n#pgsteer WORD what" stands at or after `from`; the length of the text: nowhere. */
static size_t find_line(const Capture *capture, const Script *script, const char *what, size_t from)
{
    char needle[SCRIPT_WORD_CHARS + 32];
    int length = snprintf(needle, sizeof(needle), "\n#pgsteer %s %s", script->word, what);
    const Text *text = &capture->text;
    const char *found = memmem(text->bytes + from, text->length - from, needle, (size_t)length);
    return found ? (size_t)(found - text->bytes) : text->length;
}

static void look_for_begin(Capture *capture, const Script *script)
{
    size_t at = find_line(capture, script, "begin\n", 0);
    if (at == capture->text.length)
        return;
    const char *line_end =
        memchr(capture->text.bytes + at + 1, '\n', capture->text.length - at - 1);
    cut_front(&capture->text, (size_t)(line_end + 1 - capture->text.bytes));
    capture->has_begun = true;
}

static void look_for_end(Capture *capture, const Script *script, size_t from)
{
    size_t at = find_line(capture, script, "end ", from);
    if (at == capture->text.length)
        return;
    const char *status = capture->text.bytes + at + strlen("\n#pgsteer  end ") + SCRIPT_WORD_CHARS;
    char *status_end;
    long value = strtol(status, &status_end, 10);
    if (*status_end != '\n')
        return; /* the line is not complete yet */
    capture->status = (int)value;
    capture->has_ended = true;
    cut_back(&capture->text, at);
}

void capture_add(Capture *capture, const Script *script, const char *bytes, size_t length)
{
    enum { LINE_MAX_BYTES = SCRIPT_WORD_CHARS + 48 };
    if (capture->has_ended || length == 0)
        return;
    size_t before = capture->has_begun ? capture->text.length : 0;
    text_add_bytes(&capture->text, bytes, length);
    if (!capture->has_begun) {
        look_for_begin(capture, script);
        before = 0;
    }
    if (capture->has_begun && capture->text.length > 0)
        look_for_end(capture, script, before > LINE_MAX_BYTES ? before - LINE_MAX_BYTES : 0);
}

/* -- refusals -------------------------------------------------------------------------------- */

static const struct {
    const char *needle;
    const char *meaning;
} refusals[] = {
    {"a password is required", "asks for a password"},
    {"a terminal is required", "asks for a password"},
    {"must have a tty", "asks for a terminal (requiretty)"},
    {"is not allowed to", "does not allow it"},
    {"may not run sudo", "does not allow it"},
    {"not in the sudoers", "does not know the user"},
    {"unknown user", "does not know the user to become"},
    {"account validation failure", "finds the account locked or expired"},
};

static const char *first_line(Arena *arena, const char *text)
{
    text += strspn(text, " \t\r\n");
    return arena_strndup(arena, text, strcspn(text, "\r\n"));
}

static Error *sudo_missing(const ScriptUser *user)
{
    return error_new(ERROR_REFUSED,
                     "%s has no sudo, and %s may do nothing as %s without it; install sudo there, "
                     "or log in as %s",
                     user->host, user->login_user, user->become_user, user->become_user);
}

Error *script_refused(const ScriptUser *user, const char *output, const char *errors)
{
    CLEANUP(arena_freep) Arena *scratch = arena_new();
    bool by_sudo = strcmp(user->login_user, user->become_user) != 0;
    const char *said = first_line(scratch, errors[0] ? errors : output);
    const char *sudo = by_sudo ? strstr(errors, "sudo") : NULL;
    if (sudo && (strstr(sudo, "not found") || strstr(sudo, "No such file")))
        return sudo_missing(user);
    for (size_t i = 0; by_sudo && i < COUNT_OF(refusals); i++) {
        if (strstr(errors, refusals[i].needle))
            return error_new(ERROR_REFUSED,
                             "sudo on %s %s when %s wants to be %s. Allow it there, as root: "
                             "echo '%s ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/pgsteer",
                             user->host, refusals[i].meaning, user->login_user, user->become_user,
                             user->login_user);
    }
    return error_new(ERROR_REFUSED,
                     "%s did not run our script as %s; it %s%s%s. Try: ssh %s@%s sudo -n true",
                     user->host, user->become_user, said[0] ? "said '" : "said nothing", said,
                     said[0] ? "'" : "", user->login_user, user->host);
}
