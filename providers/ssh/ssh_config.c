#include "providers/ssh/ssh_config.h"

#include <limits.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/process.h"
#include "base/text.h"

enum { ANSWER_MAX_BYTES = 256 * 1024 };

/* What the program would say if it were there. */
static const char default_answer[] = "port 22\n"
                                     "identityfile ~/.ssh/id_ecdsa\n"
                                     "identityfile ~/.ssh/id_ed25519\n"
                                     "globalknownhostsfile /etc/ssh/ssh_known_hosts\n"
                                     "userknownhostsfile ~/.ssh/known_hosts\n";

/* Settings that change the way to the host and that only the program itself follows. */
static const char *const program_only[] = {
    "proxycommand",      "certificatefile", "bindaddress",    "bindinterface",
    "knownhostscommand", "pkcs11provider",  "proxyusefdpass",
};

typedef struct Parser {
    Arena *arena;
    const char *host;
    const char *home;
    SshConfig *config;
    size_t identity_capacity;
    size_t known_hosts_capacity;
    const char *identities[32]; /* not expanded yet: they may name the user and the host name */
    size_t identity_count;
    const char *global_known_hosts;
    const char *user_known_hosts;
} Parser;

/* "~/x", "%d/x" and the few other percent words that ssh_config allows in file names. */
static const char *expand(const Parser *parser, const char *path)
{
    CLEANUP(text_release) Text out = TEXT_INIT;
    if (path[0] == '~' && path[1] == '/') {
        text_add(&out, parser->home);
        path++;
    }
    for (; *path; path++) {
        if (path[0] != '%' || !path[1]) {
            text_add_char(&out, *path);
            continue;
        }
        switch (*++path) {
        case 'd':
            text_add(&out, parser->home);
            break;
        case 'h':
            text_add(&out, parser->config->host_name);
            break;
        case 'n':
            text_add(&out, parser->host);
            break;
        case 'p':
            text_addf(&out, "%d", parser->config->port);
            break;
        case 'r':
            text_add(&out, parser->config->user);
            break;
        default:
            text_add_char(&out, *path);
        }
    }
    return text_copy(&out, parser->arena);
}

static bool is_set(const char *value)
{
    return strcasecmp(value, "none") != 0 && strcasecmp(value, "no") != 0 &&
           strcasecmp(value, "false") != 0;
}

static void parse_agent(Parser *parser, const char *value)
{
    if (strcmp(value, "SSH_AUTH_SOCK") == 0)
        return;
    if (value[0] == '$') {
        const char *socket_path = getenv(value + 1); // NOLINT(concurrency-mt-unsafe): nobody sets
        parser->config->identity_agent =
            arena_strdup(parser->arena, socket_path ? socket_path : "");
        return;
    }
    parser->config->identity_agent = is_set(value) ? arena_strdup(parser->arena, value) : "";
}

static void parse_family(Parser *parser, const char *value)
{
    if (strcmp(value, "inet") == 0)
        parser->config->address_family = AF_INET;
    else if (strcmp(value, "inet6") == 0)
        parser->config->address_family = AF_INET6;
}

static void parse_port(Parser *parser, const char *value)
{
    int64_t port;
    if (text_to_int(value, &port) && port > 0 && port < 65536)
        parser->config->port = (int)port;
}

static void parse_timeout(Parser *parser, const char *value)
{
    int64_t seconds;
    if (text_to_int(value, &seconds) && seconds > 0 && seconds < INT_MAX / 1000)
        parser->config->connect_timeout_s = (int)seconds;
}

static void parse_identity(Parser *parser, const char *value)
{
    if (is_set(value) && parser->identity_count < COUNT_OF(parser->identities))
        parser->identities[parser->identity_count++] = value;
}

static void parse_other(Parser *parser, const char *key, const char *value)
{
    for (size_t i = 0; i < COUNT_OF(program_only); i++) {
        if (strcmp(key, program_only[i]) == 0 && is_set(value))
            parser->config->needs_program = true;
    }
}

static void parse_setting(Parser *parser, const char *key, const char *value)
{
    SshConfig *config = parser->config;
    if (strcmp(key, "hostname") == 0)
        config->host_name = arena_strdup(parser->arena, value);
    else if (strcmp(key, "hostkeyalias") == 0)
        config->key_alias = arena_strdup(parser->arena, value);
    else if (strcmp(key, "user") == 0)
        config->user = arena_strdup(parser->arena, value);
    else if (strcmp(key, "port") == 0)
        parse_port(parser, value);
    else if (strcmp(key, "identityfile") == 0)
        parse_identity(parser, value);
    else if (strcmp(key, "userknownhostsfile") == 0)
        parser->user_known_hosts = value;
    else if (strcmp(key, "globalknownhostsfile") == 0)
        parser->global_known_hosts = value;
    else if (strcmp(key, "proxyjump") == 0)
        config->proxy_jump = is_set(value) ? arena_strdup(parser->arena, value) : NULL;
    else if (strcmp(key, "identityagent") == 0)
        parse_agent(parser, value);
    else if (strcmp(key, "addressfamily") == 0)
        parse_family(parser, value);
    else if (strcmp(key, "connecttimeout") == 0)
        parse_timeout(parser, value);
    else if (strcmp(key, "identitiesonly") == 0)
        config->identities_only = is_set(value);
    else if (strcmp(key, "hashknownhosts") == 0)
        config->hashes_known_hosts = is_set(value);
    else
        parse_other(parser, key, value);
}

static void add_known_hosts(Parser *parser, const char *files)
{
    char **words;
    size_t count = files ? text_words(parser->arena, files, false, &words) : 0;
    for (size_t i = 0; i < count; i++) {
        if (is_set(words[i]))
            ARENA_PUSH(parser->arena, parser->config->known_hosts,
                       parser->config->known_hosts_count, parser->known_hosts_capacity,
                       expand(parser, words[i]));
    }
}

void ssh_config_parse(Arena *arena, const char *answer, const char *host, const char *home,
                      bool ignore_host_name, SshConfig *ret)
{
    *ret = (SshConfig){.host_name = host, .port = 22, .user = "", .address_family = AF_UNSPEC};
    Parser parser = {.arena = arena, .host = host, .home = home, .config = ret};
    char **lines;
    size_t count = text_split(arena, answer, '\n', &lines);
    for (size_t i = 0; i < count; i++) {
        char *value = strchr(lines[i], ' ');
        if (!value)
            continue;
        *value++ = '\0';
        if (!ignore_host_name || strcmp(lines[i], "hostname") != 0)
            parse_setting(&parser, lines[i], value);
    }
    for (size_t i = 0; i < parser.identity_count; i++)
        ARENA_PUSH(arena, ret->identity_files, ret->identity_count, parser.identity_capacity,
                   expand(&parser, parser.identities[i]));
    if (ret->identity_agent)
        ret->identity_agent = expand(&parser, ret->identity_agent);
    add_known_hosts(&parser, parser.user_known_hosts);
    ret->known_hosts_user_count = ret->known_hosts_count;
    add_known_hosts(&parser, parser.global_known_hosts);
}

static const char *copy_or_null(Arena *arena, const char *text)
{
    return text ? arena_strdup(arena, text) : NULL;
}

static const char **copy_list(Arena *arena, const char **items, size_t count)
{
    const char **copy = ARENA_ARRAY(arena, const char *, count);
    for (size_t i = 0; i < count; i++)
        copy[i] = arena_strdup(arena, items[i]);
    return copy;
}

void ssh_config_copy(Arena *arena, const SshConfig *config, SshConfig *ret)
{
    *ret = *config;
    ret->host_name = arena_strdup(arena, config->host_name);
    ret->key_alias = copy_or_null(arena, config->key_alias);
    ret->user = arena_strdup(arena, config->user);
    ret->identity_files = copy_list(arena, config->identity_files, config->identity_count);
    ret->known_hosts = copy_list(arena, config->known_hosts, config->known_hosts_count);
    ret->proxy_jump = copy_or_null(arena, config->proxy_jump);
    ret->identity_agent = copy_or_null(arena, config->identity_agent);
}

static const char *home_directory(Arena *arena, const char **ret_user)
{
    char buffer[4096];
    struct passwd entry, *found = NULL;
    *ret_user = "root";
    const char *home = getenv("HOME"); // NOLINT(concurrency-mt-unsafe): nobody sets it
    if (getpwuid_r(geteuid(), &entry, buffer, sizeof(buffer), &found) == 0 && found) {
        *ret_user = arena_strdup(arena, found->pw_name);
        return arena_strdup(arena, found->pw_dir); /* as ssh does, not $HOME */
    }
    return home ? home : "/";
}

const char *ssh_config_identity(Arena *arena, const char *key_file)
{
    CLEANUP(text_release) Text out = TEXT_INIT;
    text_add(&out, "IdentityFile=\"");
    for (const char *at = key_file; *at; at++) {
        if (*at == '%')
            text_add_char(&out, '%');
        text_add_char(&out, *at);
    }
    text_add_char(&out, '"');
    return text_copy(&out, arena);
}

static Error *ask_program(const SshConfigQuery *query, int64_t deadline_ms, Text *ret_answer,
                          Text *ret_errors, int *ret_status)
{
    CLEANUP(arena_freep) Arena *scratch = arena_new();
    char port[16];
    snprintf(port, sizeof(port), "%d", query->port);
    const char *argv[16] = {"ssh", "-G"};
    size_t count = 2;
    const struct {
        const char *flag;
        const char *value;
    } flags[] = {
        {"-F", query->config_file},
        {"-p", query->port > 0 ? port : NULL},
        {"-l", query->user},
        {"-o", query->key_file ? ssh_config_identity(scratch, query->key_file) : NULL},
    };
    for (size_t i = 0; i < COUNT_OF(flags); i++) {
        if (flags[i].value) {
            argv[count++] = flags[i].flag;
            argv[count++] = flags[i].value;
        }
    }
    argv[count++] = "--";
    argv[count++] = query->host;
    char *arguments[16];
    memcpy(arguments, argv, sizeof(argv));
    return process_run(arguments, NULL, 0, ANSWER_MAX_BYTES, deadline_ms, ret_answer, ret_errors,
                       ret_status);
}

Error *ssh_config_ask(Arena *arena, const SshConfigQuery *query, int64_t deadline_ms,
                      const char **ret_answer)
{
    CLEANUP(text_release) Text answer = TEXT_INIT;
    CLEANUP(text_release) Text errors = TEXT_INIT;
    int status = 0;
    Error *error = ask_program(query, deadline_ms, &answer, &errors, &status);
    if (error && error_root(error)->code != ERROR_LOCAL)
        return error_wrap(error, "asking ssh -G about %s", query->host);
    if (error) { /* there is no such program */
        error_free(error);
        *ret_answer = default_answer;
        return NULL;
    }
    if (status != 0)
        return error_new(ERROR_INVALID, "ssh -G %s: %.*s", query->host,
                         (int)strcspn(text_get(&errors), "\r\n"), text_get(&errors));
    *ret_answer = text_copy(&answer, arena);
    return NULL;
}

static void add_named_key(Arena *arena, const char *key_file, SshConfig *config)
{
    for (size_t i = 0; i < config->identity_count; i++) {
        if (strcmp(config->identity_files[i], key_file) == 0)
            return;
    }
    const char **files = ARENA_ARRAY(arena, const char *, config->identity_count + 1);
    files[0] = arena_strdup(arena, key_file);
    for (size_t i = 0; i < config->identity_count; i++)
        files[i + 1] = config->identity_files[i];
    config->identity_files = files;
    config->identity_count++;
}

void ssh_config_read(Arena *arena, const SshConfigQuery *query, const char *answer, bool is_shared,
                     SshConfig *ret)
{
    const char *user;
    const char *home = home_directory(arena, &user);
    ssh_config_parse(arena, answer, arena_strdup(arena, query->host), home, is_shared, ret);
    if (query->port > 0)
        ret->port = query->port;
    if (query->user)
        ret->user = arena_strdup(arena, query->user);
    else if (!ret->user[0])
        ret->user = user;
    if (query->key_file && query->key_file[0] == '/')
        add_named_key(arena, query->key_file, ret);
}

const char *ssh_config_home(Arena *arena)
{
    const char *user;
    return home_directory(arena, &user);
}
