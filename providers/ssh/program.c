#include "providers/ssh/program.h"

#include <ctype.h>
#include <string.h>

#include "base/text.h"
#include "providers/ssh/host_key.h"

/* Whatever the user's configuration says: nobody is asked, nothing is forwarded, and stderr tells
 * only errors. */
static const char *const strict_options[] = {
    "BatchMode=yes",           "ForwardAgent=no",   "ForwardX11=no",      "RequestTTY=no",
    "PermitLocalCommand=no",   "UpdateHostKeys=no", "LogLevel=ERROR",     "EscapeChar=none",
    "ServerAliveInterval=15",  "ControlPersist=no", "RemoteCommand=none", "ServerAliveCountMax=2",
    "ClearAllForwardings=yes",
};

void arguments_add(Arguments *arguments, const char *word)
{
    if (arguments->count + 2 > arguments->capacity) {
        size_t capacity = arguments->capacity ? arguments->capacity * 2 : 64;
        arguments->items = arena_grow_array(arguments->arena, arguments->items, arguments->count,
                                            capacity, sizeof(*arguments->items));
        arguments->capacity = capacity;
    }
    arguments->items[arguments->count++] = arena_strdup(arguments->arena, word);
    arguments->items[arguments->count] = NULL;
}

static void add_option(Arguments *arguments, const char *option)
{
    arguments_add(arguments, "-o");
    arguments_add(arguments, option);
}

void program_options(Arguments *arguments, const Login *login)
{
    const SshSettings *settings = login->settings;
    if (settings->config_file) {
        arguments_add(arguments, "-F");
        arguments_add(arguments, settings->config_file);
    }
    add_option(arguments, settings->host_key_policy == SSH_HOST_KEY_ACCEPT_NEW
                              ? "StrictHostKeyChecking=accept-new"
                              : "StrictHostKeyChecking=yes");
    if (settings->known_hosts_file)
        add_option(arguments, arena_printf(arguments->arena, "UserKnownHostsFile=\"%s\"",
                                           settings->known_hosts_file));
    for (size_t i = 0; i < COUNT_OF(strict_options); i++)
        add_option(arguments, strict_options[i]);
}

char **program_jump_arguments(Arena *arena, const Login *login)
{
    const SshConfig *config = login->config;
    Arguments arguments = {.arena = arena};
    arguments_add(&arguments, "ssh");
    program_options(&arguments, login);
    add_option(&arguments, "ControlPath=none");
    const char *last = strrchr(config->proxy_jump, ',');
    if (last) {
        arguments_add(&arguments, "-J");
        arguments_add(&arguments, arena_strndup(arena, config->proxy_jump,
                                                (size_t)(last - config->proxy_jump)));
    }
    last = last ? last + 1 : config->proxy_jump;
    arguments_add(&arguments, "-W");
    arguments_add(&arguments,
                  arena_printf(arena, strchr(config->host_name, ':') ? "[%s]:%d" : "%s:%d",
                               config->host_name, config->port));
    arguments_add(&arguments, "--");
    arguments_add(&arguments,
                  text_starts_with(last, "ssh://") ? last : arena_printf(arena, "ssh://%s", last));
    return arguments.items;
}

/* -- complaints ------------------------------------------------------------------------------ */

const char *program_last_line(Arena *arena, const char *errors)
{
    const char *best = "";
    char **lines;
    size_t count = text_split(arena, errors, '\n', &lines);
    for (size_t i = 0; i < count; i++) {
        size_t length = strcspn(lines[i], "\r");
        lines[i][length] = '\0';
        if (length > 0)
            best = lines[i];
    }
    return best;
}

/* The word after `needle`; "" if it is not there. */
static const char *word_after(Arena *arena, const char *text, const char *needle)
{
    const char *at = strstr(text, needle);
    if (!at)
        return "";
    at += strlen(needle);
    size_t length = strcspn(at, " \r\n");
    while (length > 0 && at[length - 1] == '.')
        length--;
    return arena_strndup(arena, at, length);
}

static Error *changed_key(const Login *login, Arena *scratch, const char *errors)
{
    const char *type = word_after(scratch, errors, "The fingerprint for the ");
    const char *digest = word_after(scratch, errors, "\nSHA256:");
    return host_key_changed(login, type, arena_printf(scratch, "SHA256:%s", digest));
}

static Error *unknown_key(const Login *login, Arena *scratch, const char *errors)
{
    const char *type = word_after(scratch, errors, "No ");
    return host_key_unknown(login, type, "(ssh does not tell its fingerprint)");
}

static Error *revoked_key(const Login *login, Arena *scratch, const char *errors)
{
    (void)scratch;
    (void)errors;
    return error_new(
        ERROR_REFUSED,
        "the host key of %s is revoked: a @revoked line of the known_hosts files names "
        "it. The key may be stolen; give the node a new one",
        login->host);
}

static Error *no_login(const Login *login, Arena *scratch, const char *errors)
{
    const SshConfig *config = login->config;
    char *methods = arena_strdup(scratch, word_after(scratch, errors, "Permission denied ("));
    methods[strcspn(methods, ")")] = '\0';
    return error_new(ERROR_REFUSED,
                     "%s refuses the login of %s; offered: the keys of the agent%s%s; it accepts: "
                     "%s. To see why: ssh -v -p %d %s@%s",
                     login->host, config->user, config->identity_count ? ", " : "",
                     config->identity_count ? config->identity_files[0] : "", methods, config->port,
                     config->user, config->host_name);
}

/* First match wins. Rows without a function tell ssh's own last line. */
static const struct {
    const char *needle;
    ErrorCode code;
    OpenAdvice advice;
    Error *(*make)(const Login *login, Arena *scratch, const char *errors);
    const char *hint;
} complaints[] = {
    {"REVOKED HOST KEY", ERROR_REFUSED, OPEN_FINAL, revoked_key, NULL},
    {"IDENTIFICATION HAS CHANGED", ERROR_REFUSED, OPEN_FINAL, changed_key, NULL},
    {"host key is known for", ERROR_REFUSED, OPEN_FINAL, unknown_key, NULL},
    {"Host key verification failed", ERROR_REFUSED, OPEN_FINAL, NULL, "check its host key"},
    {"Permission denied (", ERROR_REFUSED, OPEN_FINAL, no_login, NULL},
    {"Too many authentication failures", ERROR_REFUSED, OPEN_FINAL, NULL,
     "name the key in the inventory or in ssh_config (IdentityFile, IdentitiesOnly yes)"},
    {"Unable to negotiate", ERROR_REFUSED, OPEN_FINAL, NULL,
     "there is no algorithm that both sides know"},
    {"kex_exchange_identification", ERROR_UNREACHABLE, OPEN_AGAIN, NULL,
     "too many logins at once (MaxStartups), or a filter in front of sshd"},
    {"banner exchange", ERROR_UNREACHABLE, OPEN_AGAIN, NULL, "does sshd listen on that port?"},
    {"Could not resolve hostname", ERROR_UNREACHABLE, OPEN_FINAL, NULL, "check its name"},
    {"Connection refused", ERROR_UNREACHABLE, OPEN_FINAL, NULL, "is sshd running there?"},
    {"timed out", ERROR_UNREACHABLE, OPEN_FINAL, NULL, "is the node up?"},
    {"No route to host", ERROR_UNREACHABLE, OPEN_FINAL, NULL, "is the node up?"},
};

Error *program_error(const Login *login, const char *errors, OpenAdvice *ret_advice)
{
    CLEANUP(arena_freep) Arena *scratch = arena_new();
    const char *last = program_last_line(scratch, errors);
    *ret_advice = OPEN_FINAL;
    for (size_t i = 0; i < COUNT_OF(complaints); i++) {
        if (!strstr(errors, complaints[i].needle))
            continue;
        *ret_advice = complaints[i].advice;
        if (complaints[i].make)
            return complaints[i].make(login, scratch, errors);
        return error_new(complaints[i].code, "%s: ssh says '%s'; %s", login->host, last,
                         complaints[i].hint);
    }
    return error_new(ERROR_UNREACHABLE, "%s: ssh ended%s%s%s", login->host,
                     last[0] ? ", saying '" : " without a word", last, last[0] ? "'" : "");
}
