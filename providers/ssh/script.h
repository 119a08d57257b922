/*
 * providers/ssh/script.h - how a script travels: a constant command line, the script itself as the
 * first bytes of stdin, and lines with a random word around its output. Pure but for the word.
 *
 * What a login shell prints before is cut off by the first line; that the script came to its end,
 * and how, is told by the last one. Exit statuses of the SSH protocol are not trusted: one that is
 * missing reads as 0.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"

enum { SCRIPT_WORD_CHARS = 32 };

typedef struct Script {
    char word[SCRIPT_WORD_CHARS + 1];
    Text text; /* what goes to stdin in front of the input */
} Script;

/* Who logs in, who the script is to be run as, where: for the command line and for messages. */
typedef struct ScriptUser {
    const char *host;
    const char *login_user;
    const char *become_user;
} ScriptUser;

/* `body` in a subshell, with a closing line whatever it does. */
void script_init(Script *script, const char *body);

/* `command` alone, with an opening line: what follows belongs to the stream. */
void script_init_stream(Script *script, const char *command);
void script_release(Script *script);

/* The command line: only the length and the checked user name vary. */
const char *script_command(Arena *arena, const Script *script, const ScriptUser *user);

/* One output of a script while it arrives. */
typedef struct Capture {
    Text text; /* the script's own output so far, or noise before it has begun */
    bool has_begun;
    bool has_ended; /* the closing line was there  */
    bool is_closed; /* end of file                 */
    int status;     /* from the closing line       */
} Capture;

void capture_release(Capture *capture);
void capture_add(Capture *capture, const Script *script, const char *bytes, size_t length);

/* A script that never began: sudo or the login shell said no. Both texts are what they printed.
 * Always ERROR_REFUSED. */
MUST_USE Error *script_refused(const ScriptUser *user, const char *output, const char *errors);
