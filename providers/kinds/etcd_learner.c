/*
 * A learner of etcd that the inventory does not have: somebody who began to join and left the
 * inventory before its vote. It has no say and no data that others lack, and it stands in the way:
 * before 3.6 etcd takes one learner at a time.
 */
#include <string.h>

#include "providers/kinds/etcd_view.h"
#include "providers/kinds/kinds.h"

static const ParamRow params[] = {
    {.name = "peer_url",
     .type = PARAM_STRING,
     .flags = PARAM_FLAG_CREATE_ONLY | PARAM_FLAG_FOLD,
     .doc = "Where the other members were to reach it."},
};

static const char *const sources[] = {"etcd.member", "node.markers", NULL};

static const char *url_of(const Value *member)
{
    return value_as_text(value_at(value_get(member, "peer_urls"), 0), "");
}

static bool is_declared(Arena *arena, const Domain *domain, const char *peer_url)
{
    for (size_t i = 0; i < domain->host_count; i++) {
        if (strcmp(etcd_view_peer_url(arena, domain->hosts[i]), peer_url) == 0)
            return true;
    }
    return false;
}

static void add_learner(ResourceSet *out, const EtcdView *view, const char *peer_url, Ensure ensure)
{
    const char *at = strstr(peer_url, "//");
    Resource *learner =
        resource_add(out, out->domain->name, at ? at + 2 : peer_url, host_address(view->host));
    learner->ensure = ensure;
    resource_set(learner, "peer_url", value_text(out->arena, peer_url), NULL);
}

static void add_strangers(const Domain *domain, const Facts *facts, ResourceSet *out, Ensure ensure)
{
    EtcdView view = etcd_view(domain, facts);
    const Value *members = value_get(view.reading, "members");
    for (size_t i = 0; i < value_count(members); i++) {
        const Value *member = value_at(members, i);
        if (etcd_view_is_learner(member) && !is_declared(out->arena, domain, url_of(member)))
            add_learner(out, &view, url_of(member), ensure);
    }
}

static Error *desired(const Domain *domain, const Facts *facts, ResourceSet *out)
{
    add_strangers(domain, facts, out, ENSURE_ABSENT);
    return NULL;
}

static Error *read(const Domain *domain, const Facts *facts, ResourceSet *out)
{
    add_strangers(domain, facts, out, ENSURE_PRESENT);
    return NULL;
}

const Kind kind_etcd_learner = {
    .name = "etcd_learner",
    .domain = DOMAIN_ETCD,
    .doc = "A learner of etcd that is not in the inventory.",
    .params = params,
    .param_count = COUNT_OF(params),
    .sources = sources,
    .delete_verb = "etcd_learner.remove",
    .desired = desired,
    .read = read,
};
