#include "providers/ssh/host_key.h"

#include <string.h>

#include "providers/ssh/wire.h"

/* "ssh-ed25519" -> "ed25519", as ssh-keygen -t and the key files on the node have it. */
static const char *short_type(const char *type)
{
    static const struct {
        const char *prefix;
        const char *name;
    } names[] = {
        {"ssh-ed25519", "ed25519"}, {"ED25519", "ed25519"}, {"ecdsa", "ecdsa"},
        {"ECDSA", "ecdsa"},         {"ssh-rsa", "rsa"},     {"RSA", "rsa"},
    };
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        if (strncmp(type, names[i].prefix, strlen(names[i].prefix)) == 0)
            return names[i].name;
    }
    return type;
}

static const char *store_file(const Login *login)
{
    return login->config->known_hosts_count ? login->config->known_hosts[0] : "known_hosts";
}

static Error *changed(const Login *login, const char *type, const char *shown,
                      const HostKeyLine *line)
{
    return error_new(ERROR_REFUSED,
                     "the host key of %s has changed: it shows %s %s, but %s:%zu says %s %s. "
                     "Somebody may sit in between. Only if you know that the node was made anew: "
                     "ssh-keygen -f '%s' -R '%s'",
                     login->host, short_type(type), shown, line->file, line->line,
                     short_type(line->type), line->fingerprint, line->file, login->key_name);
}

Error *host_key_changed(const Login *login, const char *type, const char *shown)
{
    CLEANUP(arena_freep) Arena *scratch = arena_new();
    HostKeyLine line;
    if (known_hosts_stored(login->known_hosts, login->key_name, type, scratch, &line))
        return changed(login, type, shown, &line);
    return error_new(ERROR_REFUSED, "the host key of %s has changed: it shows %s %s", login->host,
                     short_type(type), shown);
}

Error *host_key_unknown(const Login *login, const char *type, const char *shown)
{
    const char *name = short_type(type);
    return error_new(ERROR_REFUSED,
                     "the host key of %s is not known yet: it shows %s %s. Compare it on the node "
                     "(ssh-keygen -lf /etc/ssh/ssh_host_%s_key.pub), then store it: "
                     "ssh-keyscan -t %s -p %d %s >>'%s'",
                     login->host, name, shown, name, name, login->config->port,
                     login->config->host_name, store_file(login));
}

Error *host_key_revoked(const Login *login, const char *type, const char *shown,
                        const HostKeyLine *line)
{
    return error_new(ERROR_REFUSED,
                     "the host key of %s is revoked: it shows %s %s, which %s:%zu marks @revoked. "
                     "The key may be stolen; give the node a new one (ssh-keygen -A there, after "
                     "removing /etc/ssh/ssh_host_%s_key)",
                     login->host, short_type(type), shown, line->file, line->line,
                     short_type(type));
}

static Error *refuse(const Login *login, HostKeyVerdict verdict, const char *type,
                     const char *shown, const HostKeyLine *line)
{
    switch (verdict) {
    case HOST_KEY_CHANGED:
        return changed(login, type, shown, line);
    case HOST_KEY_REVOKED:
        return host_key_revoked(login, type, shown, line);
    case HOST_KEY_UNKNOWN:
        return host_key_unknown(login, type, shown);
    case HOST_KEY_KNOWN:
        break;
    }
    return NULL;
}

Error *host_key_check(const Login *login, const unsigned char *key, size_t length)
{
    CLEANUP(arena_freep) Arena *scratch = arena_new();
    const char *type = wire_key_type(scratch, key, length);
    if (!type)
        return error_new(ERROR_REFUSED, "%s shows a host key that makes no sense", login->host);
    HostKeyLine line = {0};
    HostKeyVerdict verdict =
        known_hosts_check(login->known_hosts, login->key_name, key, length, scratch, &line);
    if (verdict == HOST_KEY_UNKNOWN &&
        login->settings->host_key_policy == SSH_HOST_KEY_ACCEPT_NEW) {
        bool hashed = login->config->hashes_known_hosts && !login->settings->known_hosts_file;
        TRY(known_hosts_add(login->known_hosts, login->key_name, key, length, hashed, &verdict));
        if (verdict != HOST_KEY_KNOWN)
            verdict =
                known_hosts_check(login->known_hosts, login->key_name, key, length, scratch, &line);
    }
    return refuse(login, verdict, type, wire_fingerprint(scratch, key, length), &line);
}
