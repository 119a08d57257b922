/*
 * Certificates of our own authority. Keys are made on the node that uses them.
 *
 * One that ends within 30 days, belongs to another key or was issued by another authority is made
 * anew, with a new key.
 */
#include <string.h>

#include "base/duration.h"
#include "providers/kinds/kinds.h"
#include "providers/kinds/place.h"

#define CA_PATH "/etc/pgsteer/ca"

enum { RENEW_DAYS = 30, VALIDITY_DAYS_DEFAULT = 7300 };
static const int64_t day_ms = INT64_C(86400000);

/* Paths and names may hold @words@; sans are separated by blanks. */
typedef struct CertRow {
    unsigned roles;
    const char *name;
    const char *cn;
    const char *sans;
    const char *key, *cert, *ca;
    const char *owner, *group;
    const char *reader; /* who must re-read a renewed one; "" nobody */
} CertRow;

static const CertRow rows[] = {
    {PLACE_ETCD, "etcd", "@member@",
     "DNS:localhost DNS:@member@ DNS:@name@ IP:127.0.0.1 IP:@address@", "/etc/etcd/server.key",
     "/etc/etcd/server.crt", "/etc/etcd/ca.crt", "etcd", "etcd", ""},
    {PLACE_ETCD, "etcd-root", "root", "", "/etc/etcd/root.key", "/etc/etcd/root.crt",
     "/etc/etcd/ca.crt", "root", "root", ""},
    /* Without a common name, as Patroni's below. */
    {PLACE_LEASES, "etcd-leases", "", "", "/etc/etcd/leases.key", "/etc/etcd/leases.crt",
     "/etc/etcd/ca.crt", "root", "root", ""},
    {PLACE_PG, "postgres", "@instance@",
     "DNS:localhost DNS:@cluster@ DNS:@instance@ IP:127.0.0.1 IP:@address@", "/pg/cert/server.key",
     "/pg/cert/server.crt", "/pg/cert/ca.crt", "@dbsu@", "postgres", "postgres"},
    /* Patroni's as a client of etcd. Without a common name: where client certificates are asked for
     * and users have passwords, etcd's JSON gateway refuses every certificate that has one
     * (server/embed/serve.go, accessController). */
    {PLACE_PATRONI, "patroni", "", "", "/pg/cert/dcs.key", "/pg/cert/dcs.crt", "/pg/cert/ca.crt",
     "@dbsu@", "postgres", ""},
};

static const ParamRow params[] = {
    {.name = "cn", .type = PARAM_STRING, .doc = "Its common name."},
    {.name = "sans",
     .type = PARAM_SET,
     .flags = PARAM_FLAG_FOLD,
     .doc = "The names and addresses that it is good for."},
    {.name = "issuer",
     .type = PARAM_STRING,
     .flags = PARAM_FLAG_FOLD,
     .doc = "The common name of the authority.",
     .inventory = "ca_cn"},
    {.name = "valid",
     .type = PARAM_BOOL,
     .flags = PARAM_FLAG_FOLD,
     .doc = "Whether it fits its key and is good for 30 days more."},
    {.name = "owner",
     .type = PARAM_STRING,
     .flags = PARAM_FLAG_FOLD,
     .doc = "The user that its key belongs to."},
    {.name = "group",
     .type = PARAM_STRING,
     .flags = PARAM_FLAG_FOLD,
     .doc = "The group that its key belongs to."},
    {.name = "key_mode",
     .type = PARAM_STRING,
     .flags = PARAM_FLAG_FOLD,
     .doc = "The access mode of its key."},
    {.name = "days",
     .type = PARAM_INT,
     .flags = PARAM_FLAG_CREATE_ONLY | PARAM_FLAG_FOLD,
     .doc = "For how many days the next one is issued.",
     .inventory = "cert_validity"},
    {.name = "key",
     .type = PARAM_STRING,
     .flags = PARAM_FLAG_CREATE_ONLY | PARAM_FLAG_FOLD,
     .doc = "The file with its key."},
    {.name = "cert",
     .type = PARAM_STRING,
     .flags = PARAM_FLAG_CREATE_ONLY | PARAM_FLAG_FOLD,
     .doc = "The file with the certificate."},
    {.name = "ca",
     .type = PARAM_STRING,
     .flags = PARAM_FLAG_CREATE_ONLY | PARAM_FLAG_FOLD,
     .doc = "The file with the authority's certificate."},
    {.name = "ca_host",
     .type = PARAM_STRING,
     .flags = PARAM_FLAG_CREATE_ONLY | PARAM_FLAG_FOLD,
     .doc = "The node that holds the authority."},
    {.name = "ca_path",
     .type = PARAM_STRING,
     .flags = PARAM_FLAG_CREATE_ONLY | PARAM_FLAG_FOLD,
     .doc = "The folder of the authority there."},
    {.name = "member",
     .type = PARAM_BOOL,
     .flags = PARAM_FLAG_CREATE_ONLY | PARAM_FLAG_FOLD,
     .doc = "Whether a member of etcd waits for it."},
    {.name = "reader",
     .type = PARAM_STRING,
     .flags = PARAM_FLAG_CREATE_ONLY | PARAM_FLAG_FOLD,
     .doc = "The service that re-reads a renewed one."},
};

static const char *const sources[] = {"node.certs", "node.paths", "node.clock", NULL};

static int64_t validity_days(const Host *host)
{
    int64_t validity_ms = 0;
    Error *error = duration_parse(host_text(host, "cert_validity"), &validity_ms);
    if (error) {
        /* Checked when the inventory was loaded; a parameter without a value has the default. */
        error_free(error);
        return VALIDITY_DAYS_DEFAULT;
    }
    return validity_ms < day_ms ? 1 : validity_ms / day_ms;
}

/* Each name once; a node without a name of its own has no DNS entry for its address. */
static const Value *san_list(Arena *arena, const Host *host, const char *sans)
{
    Value *list = value_list(arena);
    char **parts = NULL;
    size_t count = text_words(arena, place_expand(arena, host, sans), false, &parts);
    const char *address_as_name = arena_printf(arena, "DNS:%s", host_address(host));
    for (size_t i = 0; i < count; i++) {
        bool is_known = strcmp(parts[i], address_as_name) == 0;
        for (size_t j = 0; j < i; j++)
            is_known = is_known || strcmp(parts[i], parts[j]) == 0;
        if (!is_known)
            value_push(arena, list, value_text(arena, parts[i]));
    }
    return list;
}

static void set_text(Resource *cert, Arena *arena, const char *param, const char *text)
{
    resource_set(cert, param, value_text(arena, text), NULL);
}

static void declare(ResourceSet *out, const Domain *domain, const Host *host, const CertRow *row)
{
    Arena *arena = out->arena;
    const Host *ca_host = place_ca_host(domain->inventory);
    Resource *cert = resource_add(out, host_name(host), row->name, host_address(host));
    resource_ask(cert, arena, "node.certs", row->cert);
    resource_ask(cert, arena, "node.paths", row->key);
    set_text(cert, arena, "cn", place_expand(arena, host, row->cn));
    resource_set(cert, "sans", san_list(arena, host, row->sans), NULL);
    resource_set(cert, "issuer", host_param(host, "ca_cn"), host_param_origin(host, "ca_cn"));
    resource_set(cert, "valid", &value_true, NULL);
    set_text(cert, arena, "owner", place_expand(arena, host, row->owner));
    set_text(cert, arena, "group", row->group);
    set_text(cert, arena, "key_mode", "0600");
    resource_set(cert, "days", value_int(arena, validity_days(host)),
                 host_param_origin(host, "cert_validity"));
    set_text(cert, arena, "key", row->key);
    set_text(cert, arena, "cert", row->cert);
    set_text(cert, arena, "ca", row->ca);
    set_text(cert, arena, "ca_host", ca_host ? host_address(ca_host) : "");
    set_text(cert, arena, "ca_path", CA_PATH);
    resource_set(cert, "member", value_bool((row->roles & (PLACE_ETCD | PLACE_LEASES)) != 0), NULL);
    set_text(cert, arena, "reader", row->reader);
}

static Error *desired(const Domain *domain, const Facts *facts, ResourceSet *out)
{
    (void)facts;
    const Host *host = domain->hosts[0];
    unsigned roles = place_roles(host);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (roles & rows[i].roles)
            declare(out, domain, host, &rows[i]);
    }
    return NULL;
}

static bool is_valid(const Value *entry, int64_t now_ms)
{
    int64_t left_ms = value_get_int(entry, "not_after_s", 0) * 1000 - now_ms;
    return value_get_bool(entry, "key_matches", false) && left_ms > RENEW_DAYS * day_ms;
}

static void read_key(Resource *cert, const Value *key)
{
    static const char *const names[][2] = {
        {"owner", "owner"}, {"group", "group"}, {"key_mode", "mode"}};
    for (size_t i = 0; i < COUNT_OF(names); i++)
        resource_set(cert, names[i][0], value_get(key, names[i][1]), NULL);
}

/* What the certificate says; the node's own clock tells how long it is still good. */
static void read_cert(ResourceSet *out, const Host *host, const Facts *facts, const CertRow *row)
{
    const char *scope = host_name(host);
    const Value *certs = place_reading(out, facts, host, scope, "node.certs");
    const Value *paths = place_reading(out, facts, host, scope, "node.paths");
    const Value *clock = place_reading(out, facts, host, scope, "node.clock");
    const Value *entry = certs ? place_entry(out, certs, scope, row->cert) : NULL;
    if (!entry || !paths || !clock || entry->type == VALUE_NULL)
        return;
    Resource *cert = resource_add(out, scope, row->name, host_address(host));
    const char *const params_read[] = {"cn", "sans", "issuer"};
    for (size_t i = 0; i < COUNT_OF(params_read); i++)
        resource_set(cert, params_read[i], value_get(entry, params_read[i]), NULL);
    resource_set(cert, "valid", value_bool(is_valid(entry, value_get_int(clock, "wall_ms", 0))),
                 NULL);
    read_key(cert, value_get(paths, row->key));
}

static Error *read(const Domain *domain, const Facts *facts, ResourceSet *out)
{
    unsigned roles = place_roles(domain->hosts[0]);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (roles & rows[i].roles)
            read_cert(out, domain->hosts[0], facts, &rows[i]);
    }
    return NULL;
}

const Kind kind_cert = {
    .name = "cert",
    .domain = DOMAIN_NODE,
    .doc = "A certificate and its key.",
    .folds = true,
    .params = params,
    .param_count = COUNT_OF(params),
    .sources = sources,
    .create_verb = "cert.issue",
    .update_verb = "cert.issue",
    .desired = desired,
    .read = read,
};
