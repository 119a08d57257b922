/*
 * providers/ssh/ssh_config.h - what the user's OpenSSH configuration says of one host, as printed
 * by `ssh -G`. Without an ssh program its defaults are used.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"

typedef struct SshConfig {
    const char *host_name; /* the address to connect to         */
    const char *key_alias; /* HostKeyAlias; NULL: none          */
    const char *user;
    int port;
    const char **identity_files; /* expanded, in the order to try     */
    size_t identity_count;
    const char **known_hosts; /* the user's files, then the global */
    size_t known_hosts_count;
    size_t known_hosts_user_count; /* of them, the user's              */
    const char *proxy_jump;        /* "a,user@b:2222"; NULL: none       */
    const char *identity_agent;    /* NULL: $SSH_AUTH_SOCK; "": none    */
    int address_family;            /* AF_UNSPEC, AF_INET, AF_INET6      */
    int connect_timeout_s;         /* 0: not said                        */
    bool identities_only;
    bool hashes_known_hosts;
    bool needs_program; /* says what only the ssh program can do: ProxyCommand, ... */
} SshConfig;

/* What is asked for: NULL and 0 members are left to the configuration. */
typedef struct SshConfigQuery {
    const char *config_file;
    const char *host;
    int port;
    const char *user;
    const char *key_file;
} SshConfigQuery;

/* The answer of `ssh -G`, for ssh_config_read. Errors: ERROR_INVALID (the configuration is wrong:
 * ssh's own words), ERROR_UNREACHABLE (deadline). */
MUST_USE Error *ssh_config_ask(Arena *arena, const SshConfigQuery *query, int64_t deadline_ms,
                               const char **ret_answer);

/* What an answer means for a host. When the configuration treats all hosts alike (config_scan.h),
 * the answer for another host will do: `is_shared`. */
void ssh_config_read(Arena *arena, const SshConfigQuery *query, const char *answer, bool is_shared,
                     SshConfig *ret);

/* Where the user's files are, as ssh sees it: not $HOME. */
const char *ssh_config_home(Arena *arena);

/* The option that names a key file. Not -i: that one forgets a file that does not exist, but its
 * public half may name a key of the agent. */
const char *ssh_config_identity(Arena *arena, const char *key_file);

/* A deep copy into another arena. */
void ssh_config_copy(Arena *arena, const SshConfig *config, SshConfig *ret);

/* The answer of `ssh -G`; `home` replaces "~". `ignore_host_name`: it was asked for another host.
 * Pure. */
void ssh_config_parse(Arena *arena, const char *answer, const char *host, const char *home,
                      bool ignore_host_name, SshConfig *ret);
