/*
 * The private certificate authority. Its key never leaves the node that holds it.
 *
 * A certificate without its key is withheld: a second authority of the same name would make every
 * certificate that was issued worthless.
 */
#include "providers/kinds/kinds.h"
#include "providers/kinds/place.h"

#define CA_PATH "/etc/pgsteer/ca"
#define CA_CERT CA_PATH "/ca.crt"

static const ParamRow params[] = {
    {.name = "path",
     .type = PARAM_STRING,
     .flags = PARAM_FLAG_CREATE_ONLY,
     .doc = "The folder with its key and certificate."},
    {.name = "cn",
     .type = PARAM_STRING,
     .flags = PARAM_FLAG_CREATE_ONLY,
     .doc = "Its common name; fixed for life.",
     .inventory = "ca_cn ca_create"},
    {.name = "key",
     .type = PARAM_BOOL,
     .flags = PARAM_FLAG_CREATE_ONLY | PARAM_FLAG_FOLD,
     .doc = "Whether its key is beside its certificate."},
};

static const char *const sources[] = {"node.certs", NULL};

static const Host *ca_host(const Domain *domain)
{
    const Host *host = place_ca_host(domain->inventory);
    for (size_t i = 0; i < domain->host_count; i++) {
        if (domain->hosts[i] == host)
            return host;
    }
    return NULL;
}

static void declare(ResourceSet *out, const Host *host)
{
    Resource *ca = resource_add(out, host_name(host), "", host_address(host));
    ca->origin = host_param_origin(host, "ca_cn");
    resource_ask(ca, out->arena, "node.certs", CA_CERT);
    resource_set(ca, "path", value_text(out->arena, CA_PATH), NULL);
    resource_set(ca, "cn", host_param(host, "ca_cn"), ca->origin);
    resource_set(ca, "key", &value_true, NULL);
}

static Error *desired(const Domain *domain, const Facts *facts, ResourceSet *out)
{
    (void)facts;
    const Host *host = ca_host(domain);
    if (host)
        declare(out, host);
    return NULL;
}

static void read_ca(ResourceSet *out, const Host *host, const Value *entry)
{
    if (entry->type == VALUE_NULL) {
        if (!host_bool(host, "ca_create", true))
            resource_set_unknown_scope(out, host_name(host),
                                       "there is no certificate authority in " CA_PATH
                                       " and ca_create is false");
        return;
    }
    Resource *ca = resource_add(out, host_name(host), "", host_address(host));
    resource_set(ca, "cn", value_get(entry, "cn"), NULL);
    if (!value_get_bool(entry, "key_matches", false))
        resource_set_unknown_param(ca, "key", out->arena,
                                   "the key of " CA_CERT " is missing or is another one's");
}

static Error *read(const Domain *domain, const Facts *facts, ResourceSet *out)
{
    const Host *host = ca_host(domain);
    if (!host)
        return NULL;
    const Value *certs = place_reading(out, facts, host, host_name(host), "node.certs");
    const Value *entry = certs ? place_entry(out, certs, host_name(host), CA_CERT) : NULL;
    if (entry)
        read_ca(out, host, entry);
    return NULL;
}

const Kind kind_ca = {
    .name = "ca",
    .domain = DOMAIN_INFRA,
    .doc = "The private certificate authority.",
    .params = params,
    .param_count = COUNT_OF(params),
    .sources = sources,
    .create_verb = "ca.create",
    .desired = desired,
    .read = read,
};
