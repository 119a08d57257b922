#include <string.h>

#include "providers/ssh/host_key.h"
#include "providers/ssh/libssh2_link.h"
#include "providers/ssh/program.h"

/* What OpenSSH 9 offers, too; libssh2's own list goes down to CBC, arcfour and SHA-1. */
static const struct {
    int method;
    const char *names;
} preferences[] = {
    {LIBSSH2_METHOD_KEX,
     "curve25519-sha256,curve25519-sha256@libssh.org,ecdh-sha2-nistp256,ecdh-sha2-nistp384,"
     "ecdh-sha2-nistp521,diffie-hellman-group-exchange-sha256,diffie-hellman-group16-sha512,"
     "diffie-hellman-group18-sha512,diffie-hellman-group14-sha256"},
    {LIBSSH2_METHOD_CRYPT_CS, "aes128-ctr,aes256-ctr,aes192-ctr"},
    {LIBSSH2_METHOD_CRYPT_SC, "aes128-ctr,aes256-ctr,aes192-ctr"},
    {LIBSSH2_METHOD_MAC_CS, "hmac-sha2-256,hmac-sha2-512"},
    {LIBSSH2_METHOD_MAC_SC, "hmac-sha2-256,hmac-sha2-512"},
};

/* Without RSA: libssh2 1.10 knows only its SHA-1 form, which nobody should accept any more. */
static const char *const host_key_types[] = {
    "ssh-ed25519",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
};

/* -- opening --------------------------------------------------------------------------------- */

/* The types that are stored for this host, or all of ours when none is. "": the host has only
 * keys that libssh2 cannot check. */
static void choose_host_key_types(const Login *login, Text *ret)
{
    HostKeyTypes known;
    known_hosts_types(login->known_hosts, login->key_name, &known);
    for (size_t i = 0; i < COUNT_OF(host_key_types); i++) {
        bool wanted = known.count == 0 && !known.has_authority;
        for (size_t k = 0; k < known.count; k++)
            wanted = wanted || strcmp(known.types[k], host_key_types[i]) == 0;
        if (wanted)
            text_addf(ret, "%s%s", ret->length ? "," : "", host_key_types[i]);
    }
}

static Error *prefer(Ssh2Link *link, OpenAdvice *ret_advice)
{
    CLEANUP(text_release) Text types = TEXT_INIT;
    choose_host_key_types(link->login, &types);
    *ret_advice = OPEN_OTHER_BACKEND;
    if (types.length == 0)
        return error_new(ERROR_REFUSED,
                         "the stored host keys of %s are of kinds that libssh2 cannot check (RSA, "
                         "certificates); use the openssh backend",
                         link->login->host);
    if (libssh2_session_method_pref(link->session, LIBSSH2_METHOD_HOSTKEY, text_get(&types)) != 0)
        return ssh2_failed(link, 0, "choosing the host key types");
    for (size_t i = 0; i < COUNT_OF(preferences); i++) {
        if (libssh2_session_method_pref(link->session, preferences[i].method,
                                        preferences[i].names) != 0)
            return ssh2_failed(link, 0, "choosing the algorithms");
    }
    *ret_advice = OPEN_FINAL;
    return NULL;
}

/* A jump host's ssh program says why it could not go on; else this was a closed connection. */
static Error *handshake_lost(const Ssh2Link *link, int rc, OpenAdvice *ret_advice)
{
    CLEANUP(text_release) Text errors = TEXT_INIT;
    dial_read_errors(&link->carrier, &errors);
    if (errors.length > 0)
        return error_wrap(program_error(link->login, text_get(&errors), ret_advice),
                          "through the jump host %s", link->login->config->proxy_jump);
    *ret_advice = OPEN_AGAIN;
    Error *error = ssh2_failed(link, rc, "saying hello");
    return error_wrap(error, "too many logins at once (MaxStartups), or no SSH server on port %d",
                      link->login->config->port);
}

static Error *handshake(Ssh2Link *link, OpenAdvice *ret_advice)
{
    int rc;
    do
        rc = libssh2_session_handshake(link->session, link->carrier.fd);
    while (ssh2_again(link, &rc));
    *ret_advice = OPEN_FINAL;
    if (rc == 0)
        return NULL;
    if (rc == LIBSSH2_ERROR_TIMEOUT)
        return ssh2_failed(link, rc, "agreeing on keys");
    if (ssh2_is_lost(rc))
        return handshake_lost(link, rc, ret_advice);
    *ret_advice = OPEN_OTHER_BACKEND;
    return error_new(ERROR_REFUSED,
                     "%s and libssh2 have no algorithm in common (%s); use the openssh backend",
                     link->login->host, ssh2_last_words(link));
}

static Error *check_host_key(const Ssh2Link *link)
{
    size_t length = 0;
    int type = 0;
    const char *key = libssh2_session_hostkey(link->session, &length, &type);
    if (!key)
        return error_new(ERROR_REFUSED, "%s shows no host key", link->login->host);
    return host_key_check(link->login, (const unsigned char *)key, length);
}

Error *ssh2_open_session(Ssh2Link *link, OpenAdvice *ret_advice)
{
    link->session = libssh2_session_init_ex(NULL, NULL, NULL, link);
    if (!link->session)
        return error_new(ERROR_LOCAL, "libssh2 cannot make a session");
    libssh2_session_set_blocking(link->session, 0);
    ssh2_set_callbacks(link);
    TRY(prefer(link, ret_advice));
    TRY(handshake(link, ret_advice));
    return check_host_key(link);
}
