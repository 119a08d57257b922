#include "providers/ssh/client.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/map.h"
#include "base/text.h"
#include "providers/ssh/config_scan.h"

enum {
    HANDSHAKES_DEFAULT = 8, /* sshd begins to drop at 10 (MaxStartups 10:30:100) */
    PORT_MAX = 65535,
};

typedef struct Gate {
    size_t inside;
} Gate;

typedef struct Lesson {
    const Backend *backend;
} Lesson;

struct SshClient {
    pthread_mutex_t lock; /* over all below but the settings */
    pthread_cond_t left;  /* somebody left a gate            */
    Arena *arena;
    SshSettings settings;
    bool has_scanned;
    bool is_same_config; /* one answer of ssh -G is good for all hosts */
    Map *answers;        /* "user:port key" -> text of ssh -G */
    Map *logins;         /* "user@host:port key" -> Login  */
    Map *known_hosts;    /* joined paths -> KnownHosts     */
    Map *lessons;        /* Login.id -> Lesson             */
    Map *gates;          /* address -> Gate                */
};

static const char *copy_or_null(Arena *arena, const char *text)
{
    return text ? arena_strdup(arena, text) : NULL;
}

SshClient *ssh_client_new(const SshSettings *settings)
{
    SshClient *client = must_malloc(sizeof(*client));
    Arena *arena = arena_new();
    *client = (SshClient){
        .arena = arena,
        .settings = *settings,
        .answers = map_new(arena),
        .logins = map_new(arena),
        .known_hosts = map_new(arena),
        .lessons = map_new(arena),
        .gates = map_new(arena),
    };
    client->settings.config_file = copy_or_null(arena, settings->config_file);
    client->settings.known_hosts_file = copy_or_null(arena, settings->known_hosts_file);
    client->settings.backend = copy_or_null(arena, settings->backend);
    if (client->settings.handshakes_per_address == 0)
        client->settings.handshakes_per_address = HANDSHAKES_DEFAULT;
    pthread_mutex_init(&client->lock, NULL);
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&client->left, &attributes);
    pthread_condattr_destroy(&attributes);
    return client;
}

void ssh_client_free(SshClient *client)
{
    if (!client)
        return;
    for (size_t i = 0; i < map_count(client->known_hosts); i++)
        known_hosts_free(map_value_at(client->known_hosts, i));
    pthread_cond_destroy(&client->left);
    pthread_mutex_destroy(&client->lock);
    arena_free(client->arena);
    free(client);
}

const SshSettings *client_settings(const SshClient *client)
{
    return &client->settings;
}

/* -- targets --------------------------------------------------------------------------------- */

bool ssh_is_token(const char *text)
{
    if (!text || !text[0] || text[0] == '-')
        return false;
    return text[strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                             "_.:-")] == '\0';
}

static Error *check_target(const SshTarget *target)
{
    const struct {
        const char *what;
        const char *text;
    } tokens[] = {
        {"node address", target->host ? target->host : ""},
        {"login user", target->user},
        {"user to become", target->become_user},
    };
    for (size_t i = 0; i < COUNT_OF(tokens); i++) {
        if (tokens[i].text && !ssh_is_token(tokens[i].text))
            return error_new(ERROR_INVALID,
                             "'%s' is no %s: letters, digits and _ . : - only, and no - in front",
                             tokens[i].text, tokens[i].what);
    }
    if (target->port < 0 || target->port > PORT_MAX)
        return error_new(ERROR_INVALID, "%d is no port of %s", target->port, target->host);
    return NULL;
}

static const char *login_key(Arena *scratch, const SshTarget *target)
{
    return arena_printf(scratch, "%s@%s:%d %s", target->user ? target->user : "", target->host,
                        target->port, target->key_file ? target->key_file : "");
}

/* The lock is held. Reading the files under it means that they are read once. */
static Error *find_known_hosts(SshClient *client, const SshConfig *config, KnownHosts **ret)
{
    CLEANUP(text_release) Text key = TEXT_INIT;
    const char *const *files = config->known_hosts;
    for (size_t i = 0; i < config->known_hosts_count; i++)
        text_addf(&key, "%s\n", files[i]);
    *ret = map_get(client->known_hosts, text_get(&key));
    if (*ret)
        return NULL;
    TRY(known_hosts_load(files, config->known_hosts_count, ret));
    map_set(client->known_hosts, text_copy(&key, client->arena), *ret);
    return NULL;
}

/* known_hosts_file takes the place of the user's files; the global ones stay in force. */
static void replace_known_hosts(Arena *arena, const SshSettings *settings, SshConfig *config)
{
    if (!settings->known_hosts_file)
        return;
    size_t global_count = config->known_hosts_count - config->known_hosts_user_count;
    const char **files = ARENA_ARRAY(arena, const char *, global_count + 1);
    files[0] = settings->known_hosts_file;
    for (size_t i = 0; i < global_count; i++)
        files[i + 1] = config->known_hosts[config->known_hosts_user_count + i];
    config->known_hosts = files;
    config->known_hosts_count = global_count + 1;
    config->known_hosts_user_count = 1;
}

static Error *make_login(SshClient *client, const char *key, const SshTarget *target,
                         const SshConfig *read, const Login **ret)
{
    Arena *arena = client->arena;
    SshConfig *config = ARENA_NEW(arena, SshConfig);
    ssh_config_copy(arena, read, config);
    replace_known_hosts(arena, &client->settings, config);
    Login *login = ARENA_NEW(arena, Login);
    TRY(find_known_hosts(client, config, &login->known_hosts));
    login->id = arena_strdup(arena, key);
    login->host = arena_strdup(arena, target->host);
    login->key_file = copy_or_null(arena, target->key_file);
    login->config = config;
    login->settings = &client->settings;
    login->key_name = config->key_alias ? config->key_alias
                                        : known_hosts_name(arena, config->host_name, config->port);
    login->address = config->proxy_jump
                         ? config->proxy_jump
                         : arena_printf(arena, "%s:%d", config->host_name, config->port);
    map_set(client->logins, login->id, login);
    *ret = login;
    return NULL;
}

static const Login *find_login(SshClient *client, const char *key)
{
    pthread_mutex_lock(&client->lock);
    const Login *login = map_get(client->logins, key);
    pthread_mutex_unlock(&client->lock);
    return login;
}

/* An answer of `ssh -G` that holds for this target, too; NULL: ask. */
static const char *shared_answer(SshClient *client, const char *key)
{
    pthread_mutex_lock(&client->lock);
    if (!client->has_scanned) {
        client->has_scanned = true;
        client->is_same_config =
            config_is_same_for_all(client->settings.config_file, ssh_config_home(client->arena));
    }
    const char *answer = client->is_same_config ? map_get(client->answers, key) : NULL;
    pthread_mutex_unlock(&client->lock);
    return answer;
}

static void share_answer(SshClient *client, const char *key, const char *answer)
{
    pthread_mutex_lock(&client->lock);
    if (client->is_same_config && !map_get(client->answers, key))
        map_set(client->answers, arena_strdup(client->arena, key),
                arena_strdup(client->arena, answer));
    pthread_mutex_unlock(&client->lock);
}

static Error *read_config(SshClient *client, Arena *scratch, const SshTarget *target,
                          int64_t deadline_ms, SshConfig *ret)
{
    const SshConfigQuery query = {
        .config_file = client->settings.config_file,
        .host = target->host,
        .port = target->port,
        .user = target->user,
        .key_file = target->key_file,
    };
    const char *key = arena_printf(scratch, "%s:%d %s", target->user ? target->user : "",
                                   target->port, target->key_file ? target->key_file : "");
    const char *answer = shared_answer(client, key);
    bool is_shared = answer != NULL;
    if (!is_shared) {
        TRY(ssh_config_ask(scratch, &query, deadline_ms, &answer));
        share_answer(client, key, answer);
    }
    ssh_config_read(scratch, &query, answer, is_shared, ret);
    return NULL;
}

Error *client_login(SshClient *client, const SshTarget *target, int64_t deadline_ms,
                    const Login **ret)
{
    TRY(check_target(target));
    CLEANUP(arena_freep) Arena *scratch = arena_new();
    const char *key = login_key(scratch, target);
    *ret = find_login(client, key);
    if (*ret)
        return NULL;
    SshConfig config;
    TRY(read_config(client, scratch, target, deadline_ms, &config));
    if (!ssh_is_token(config.host_name) || !ssh_is_token(config.user))
        return error_new(ERROR_INVALID,
                         "the ssh configuration of %s names the host '%s' and the user '%s': "
                         "letters, digits and _ . : - only, and no - in front",
                         target->host, config.host_name, config.user);
    pthread_mutex_lock(&client->lock);
    Error *error = NULL;
    *ret = map_get(client->logins, key);
    if (!*ret)
        error = make_login(client, key, target, &config, ret);
    pthread_mutex_unlock(&client->lock);
    return error;
}

/* -- backends -------------------------------------------------------------------------------- */

const Backend *client_backend(SshClient *client, const Login *login)
{
    const char *name = client->settings.backend;
    if (name)
        return strcmp(name, openssh_backend.name) == 0 ? &openssh_backend : &libssh2_backend;
    if (login->config->needs_program)
        return &openssh_backend;
    pthread_mutex_lock(&client->lock);
    const Lesson *lesson = map_get(client->lessons, login->id);
    pthread_mutex_unlock(&client->lock);
    return lesson ? lesson->backend : &libssh2_backend;
}

void client_remember_backend(SshClient *client, const Login *login, const Backend *backend)
{
    pthread_mutex_lock(&client->lock);
    Lesson *lesson = ARENA_NEW(client->arena, Lesson);
    lesson->backend = backend;
    map_set(client->lessons, login->id, lesson);
    pthread_mutex_unlock(&client->lock);
}

/* -- gates ----------------------------------------------------------------------------------- */

static Gate *gate_of(SshClient *client, const char *address)
{
    Gate *gate = map_get(client->gates, address);
    if (!gate) {
        gate = ARENA_NEW(client->arena, Gate);
        map_set(client->gates, arena_strdup(client->arena, address), gate);
    }
    return gate;
}

bool client_enter_gate(SshClient *client, const Login *login, int64_t deadline_ms)
{
    const struct timespec until = {
        .tv_sec = (time_t)(deadline_ms / 1000),
        .tv_nsec = (long)(deadline_ms % 1000) * 1000000L,
    };
    bool in_time = true;
    pthread_mutex_lock(&client->lock);
    Gate *gate = gate_of(client, login->address);
    while (gate->inside >= client->settings.handshakes_per_address && in_time) {
        if (deadline_ms < 0)
            pthread_cond_wait(&client->left, &client->lock);
        else
            in_time = pthread_cond_timedwait(&client->left, &client->lock, &until) == 0;
    }
    in_time = gate->inside < client->settings.handshakes_per_address;
    if (in_time)
        gate->inside++;
    pthread_mutex_unlock(&client->lock);
    return in_time;
}

void client_leave_gate(SshClient *client, const Login *login)
{
    pthread_mutex_lock(&client->lock);
    gate_of(client, login->address)->inside--;
    pthread_cond_broadcast(&client->left);
    pthread_mutex_unlock(&client->lock);
}
