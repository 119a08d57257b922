/*
 * Authentication of etcd: a user root and, from then on, no access without a user.
 *
 * The nodes administer etcd with a certificate of the name root; the password is for people.
 */
#include "providers/kinds/etcd_view.h"
#include "providers/kinds/kinds.h"

static const ParamRow params[] = {
    {.name = "enabled", .type = PARAM_BOOL, .doc = "Whether etcd asks who somebody is."},
    {.name = "password",
     .type = PARAM_STRING,
     .flags = PARAM_FLAG_SECRET | PARAM_FLAG_CREATE_ONLY | PARAM_FLAG_FOLD,
     .doc = "The password of root; set once, it cannot be read back.",
     .inventory = "etcd_root_password"},
};

static const char *const sources[] = {"etcd.member", "node.markers", NULL};

static void declare(ResourceSet *out, const Domain *domain, const Host *host)
{
    Resource *auth = resource_add(out, domain->name, "", host_address(host));
    auth->origin = host_param_origin(domain->hosts[0], "etcd_root_password");
    resource_set(auth, "enabled", &value_true, NULL);
    resource_set(auth, "password", host_param(domain->hosts[0], "etcd_root_password"),
                 auth->origin);
}

static Error *desired(const Domain *domain, const Facts *facts, ResourceSet *out)
{
    declare(out, domain, etcd_view(domain, facts).host);
    return NULL;
}

static Error *read(const Domain *domain, const Facts *facts, ResourceSet *out)
{
    EtcdView view = etcd_view(domain, facts);
    if (etcd_view_is_unknown(&view, out, domain->name) || view.state == ETCD_NEW)
        return NULL;
    const Value *enabled = value_get(view.reading, "auth_enabled");
    if (!enabled || enabled->type != VALUE_BOOL)
        resource_set_unknown_scope(out, domain->name, "etcd does not tell whether it asks");
    else if (enabled->boolean)
        resource_set(resource_add(out, domain->name, "", host_address(view.host)), "enabled",
                     &value_true, NULL);
    return NULL;
}

const Kind kind_etcd_auth = {
    .name = "etcd_auth",
    .domain = DOMAIN_ETCD,
    .doc = "Authentication of etcd.",
    .params = params,
    .param_count = COUNT_OF(params),
    .sources = sources,
    .create_verb = "etcd_auth.enable",
    .update_verb = "etcd_auth.enable",
    .desired = desired,
    .read = read,
};
