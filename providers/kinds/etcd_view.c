#include "providers/kinds/etcd_view.h"

#include <string.h>

/* One node that does not answer, or has data: what that says about the whole. */
static void look_at(EtcdView *view, const Facts *facts, const char *address)
{
    const Value *reading = facts_value(facts, "etcd.member", address);
    const Value *markers = facts_value(facts, "node.markers", address);
    if (!reading || !markers) {
        if (view->state == ETCD_SILENT)
            return;
        view->state = ETCD_UNKNOWN;
        view->reason = "not every node of etcd was read";
        if (!facts_is_unknown(facts, "etcd.member", address, &view->reason))
            facts_is_unknown(facts, "node.markers", address, &view->reason);
    } else if (value_get(markers, ETCD_MARKER)) {
        view->state = ETCD_SILENT;
        view->reason = "etcd has no quorum: no member answers";
    }
}

EtcdView etcd_view(const Domain *domain, const Facts *facts)
{
    EtcdView view = {.state = ETCD_NEW, .host = domain->hosts[0]};
    for (size_t i = 0; i < domain->host_count; i++) {
        const char *address = host_address(domain->hosts[i]);
        const Value *reading = facts_value(facts, "etcd.member", address);
        if (value_get_bool(reading, "healthy", false))
            return (EtcdView){ETCD_LIVING, domain->hosts[i], reading, NULL};
        look_at(&view, facts, address);
    }
    return view;
}

const Value *etcd_view_member(const EtcdView *view, const char *peer_url)
{
    const Value *members = value_get(view->reading, "members");
    for (size_t i = 0; i < value_count(members); i++) {
        const Value *urls = value_get(value_at(members, i), "peer_urls");
        for (size_t j = 0; j < value_count(urls); j++) {
            if (strcmp(value_as_text(value_at(urls, j), ""), peer_url) == 0)
                return value_at(members, i);
        }
    }
    return NULL;
}

bool etcd_view_is_learner(const Value *member)
{
    return value_get_bool(member, "learner", false);
}

const char *etcd_view_peer_url(Arena *arena, const Host *host)
{
    return arena_printf(arena, "https://%s:%lld", host_address(host),
                        (long long)host_int(host, "etcd_peer_port", 2380));
}

bool etcd_view_is_unknown(const EtcdView *view, ResourceSet *out, const char *scope)
{
    if (view->state != ETCD_SILENT && view->state != ETCD_UNKNOWN)
        return false;
    resource_set_unknown_scope(out, scope, view->reason);
    return true;
}
