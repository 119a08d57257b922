/*
 * A member of etcd: its configuration and its process.
 *
 * Keys: etcd documentation, "Configuration options". The initial-* keys decide once, when the
 * member is made; later they are only kept. A newcomer in a living cluster is added to its member
 * list first and starts with the state "existing".
 */
#include <string.h>

#include "base/text.h"
#include "providers/kinds/etcd_view.h"
#include "providers/kinds/kinds.h"
#include "providers/kinds/place.h"
#include "providers/kinds/yaml_file.h"

#define ETCD_FILE "/etc/etcd/etcd.yml"
#define ETCD_UNIT "etcd.service"

static const ParamRow params[] = {
    {.name = "config",
     .type = PARAM_MAP,
     .need = NEED_RESTART,
     .service = SERVICE_ETCD,
     .flags = PARAM_FLAG_FOLD,
     .doc = "The keys of etcd.yml.",
     .inventory = "etcd_data etcd_port etcd_peer_port etcd_election_timeout "
                  "etcd_heartbeat_interval"},
    {.name = "running", .type = PARAM_BOOL, .doc = "Whether the member runs."},
    {.name = "peer_url",
     .type = PARAM_STRING,
     .flags = PARAM_FLAG_CREATE_ONLY | PARAM_FLAG_FOLD,
     .doc = "Where the other members reach it.",
     .inventory = "etcd_peer_port"},
    {.name = "joins",
     .type = PARAM_STRING,
     .flags = PARAM_FLAG_CREATE_ONLY | PARAM_FLAG_FOLD,
     .doc = "The member of a living cluster that lets it in; empty in a new cluster."},
    {.name = "voter",
     .type = PARAM_BOOL,
     .flags = PARAM_FLAG_FOLD,
     .doc = "Whether it counts for the quorum; one that joins first catches up as a learner."},
    {.name = "promoter",
     .type = PARAM_STRING,
     .flags = PARAM_FLAG_CREATE_ONLY | PARAM_FLAG_FOLD,
     .doc = "The member of a living cluster that makes it a voter; empty when it is one."},
};

static const char *const sources[] = {"etcd.member", "node.markers", "node.files", "node.units",
                                      NULL};

static const char *client_url(Arena *arena, const Host *host)
{
    return arena_printf(arena, "https://%s:%lld", host_address(host),
                        (long long)host_int(host, "etcd_port", 2379));
}

static void add_pair(Text *list, const char *name, const char *peer)
{
    text_addf(list, "%s%s=%s", list->length ? "," : "", name, peer);
}

/* Members of a living cluster that the inventory does not know. A learner among them is removed
 * before anybody joins (etcd_learner.c). */
static void add_strangers(Text *list, Arena *arena, const Domain *domain, const EtcdView *view)
{
    const Value *members = value_get(view->reading, "members");
    for (size_t i = 0; i < value_count(members); i++) {
        const Value *member = value_at(members, i);
        bool is_declared = false;
        for (size_t j = 0; j < domain->host_count; j++)
            is_declared =
                is_declared ||
                member == etcd_view_member(view, etcd_view_peer_url(arena, domain->hosts[j]));
        if (!is_declared && !etcd_view_is_learner(member))
            add_pair(list, value_get_text(member, "name"),
                     value_as_text(value_at(value_get(member, "peer_urls"), 0), ""));
    }
}

/* In a living cluster: who is a member, who becomes one earlier in this plan, and the host itself;
 * etcd refuses a newcomer that names others. A learner that was left behind goes first. */
static bool is_named(Arena *arena, const Domain *domain, const EtcdView *view, size_t other,
                     const Host *host)
{
    if (view->state != ETCD_LIVING ||
        etcd_view_member(view, etcd_view_peer_url(arena, domain->hosts[other])))
        return true;
    bool is_first = etcd_view_member(view, etcd_view_peer_url(arena, host));
    for (size_t i = 0; domain->hosts[i] != host && !is_first; i++) {
        if (i == other)
            return true;
    }
    return domain->hosts[other] == host;
}

static const char *initial_cluster(Arena *arena, const Domain *domain, const EtcdView *view,
                                   const Host *host)
{
    CLEANUP(text_release) Text list = TEXT_INIT;
    for (size_t i = 0; i < domain->host_count; i++) {
        if (is_named(arena, domain, view, i, host))
            add_pair(&list, place_etcd_member(arena, domain->hosts[i]),
                     etcd_view_peer_url(arena, domain->hosts[i]));
    }
    add_strangers(&list, arena, domain, view);
    return text_copy(&list, arena);
}

static void add_addresses(Arena *arena, Value *config, const Host *host)
{
    const char *client = client_url(arena, host);
    value_set_text(arena, config, "listen-peer-urls", etcd_view_peer_url(arena, host));
    value_set_text(arena, config, "listen-client-urls",
                   arena_printf(arena, "%s,https://127.0.0.1:%lld", client,
                                (long long)host_int(host, "etcd_port", 2379)));
    value_set_text(arena, config, "advertise-client-urls", client);
    value_set_text(arena, config, "initial-advertise-peer-urls", etcd_view_peer_url(arena, host));
}

static void add_security(Arena *arena, Value *config, const char *section)
{
    static const char *const files[][2] = {{"cert-file", "/etc/etcd/server.crt"},
                                           {"key-file", "/etc/etcd/server.key"},
                                           {"trusted-ca-file", "/etc/etcd/ca.crt"}};
    for (size_t i = 0; i < COUNT_OF(files); i++)
        value_set_text(arena, config, arena_printf(arena, "%s/%s", section, files[i][0]),
                       files[i][1]);
    value_set_bool(arena, config, arena_printf(arena, "%s/client-cert-auth", section), true);
}

static const Value *wanted_config(Arena *arena, const Domain *domain, const EtcdView *view,
                                  const Host *host)
{
    Value *config = value_map(arena);
    value_set_text(arena, config, "name", place_etcd_member(arena, host));
    value_set_text(arena, config, "data-dir", host_text(host, "etcd_data"));
    add_addresses(arena, config, host);
    value_set_text(arena, config, "initial-cluster", initial_cluster(arena, domain, view, host));
    value_set_text(arena, config, "initial-cluster-state",
                   view->state == ETCD_LIVING ? "existing" : "new");
    value_set_text(arena, config, "initial-cluster-token", host_text(host, "etcd_cluster"));
    value_set_int(arena, config, "heartbeat-interval",
                  host_int(host, "etcd_heartbeat_interval", 100));
    value_set_int(arena, config, "election-timeout", host_int(host, "etcd_election_timeout", 1000));
    value_set_text(arena, config, "auto-compaction-mode", "periodic");
    value_set_text(arena, config, "auto-compaction-retention", "24h");
    value_set_int(arena, config, "quota-backend-bytes", INT64_C(8589934592));
    value_set_bool(arena, config, "enable-grpc-gateway", true);
    add_security(arena, config, "client-transport-security");
    add_security(arena, config, "peer-transport-security");
    return config;
}

/* Who adds the host to the member list, and who makes it a voter; "" when nobody has to. */
static void set_way_in(Resource *member, Arena *arena, const EtcdView *view, const Host *host)
{
    const Value *listed = etcd_view_member(view, etcd_view_peer_url(arena, host));
    bool joins = view->state == ETCD_LIVING && !listed;
    const char *living = host_address(view->host);
    resource_set(member, "joins", value_text(arena, joins ? living : ""), NULL);
    resource_set(member, "voter", &value_true, NULL);
    resource_set(member, "promoter",
                 value_text(arena, joins || etcd_view_is_learner(listed) ? living : ""), NULL);
}

static Error *desired(const Domain *domain, const Facts *facts, ResourceSet *out)
{
    Arena *arena = out->arena;
    EtcdView view = etcd_view(domain, facts);
    for (size_t i = 0; i < domain->host_count; i++) {
        const Host *host = domain->hosts[i];
        Resource *member =
            resource_add(out, place_etcd_member(arena, host), "", host_address(host));
        member->origin = host_param_origin(host, "etcd_seq");
        resource_ask(member, arena, "node.files", ETCD_FILE);
        resource_ask(member, arena, "node.units", ETCD_UNIT);
        resource_set(member, "config", wanted_config(arena, domain, &view, host), member->origin);
        resource_set(member, "running", &value_true, NULL);
        resource_set(member, "peer_url", value_text(arena, etcd_view_peer_url(arena, host)), NULL);
        set_way_in(member, arena, &view, host);
    }
    return NULL;
}

/* A file knows only texts; a bool or number that is written the same is the same. What decided
 * once, when the member was made, is taken as it is. */
static const Value *seen_config(Arena *arena, const Value *wanted, const Value *file)
{
    Value *config = value_map(arena);
    for (size_t i = 0; i < value_count(file); i++) {
        const char *key = file->map.keys[i];
        const Value *want = value_get(wanted, key);
        const Value *value = file->map.values[i];
        CLEANUP(text_release) Text written = TEXT_INIT;
        if (want && want->type != VALUE_TEXT)
            value_format(&written, want);
        bool is_same = written.length && text_equal(text_get(&written), value_as_text(value, NULL));
        bool is_past = want && text_starts_with(key, "initial-");
        value_set(arena, config, key, is_same || is_past ? want : value);
    }
    return config;
}

static void read_config(Resource *member, Arena *arena, const Value *wanted, const Value *content)
{
    const Value *file = &value_empty_map;
    Error *error = yaml_file_read(arena, value_as_text(content, ""), NULL, &file);
    if (error) {
        /* No YAML any more: every key differs, and the file is written anew. */
        error_free(error);
        file = &value_empty_map;
    }
    resource_set(member, "config", seen_config(arena, wanted, file), NULL);
}

static bool is_running(const Value *unit)
{
    const char *active = value_get_text(unit, "active");
    return strcmp(active, "active") == 0 || strcmp(active, "activating") == 0;
}

/* A node without data: known to be no member only when etcd as a whole is known, and when the
 * others do not list it as one that was there. */
static void read_dataless(ResourceSet *out, const EtcdView *view, const Host *host)
{
    const char *name = place_etcd_member(out->arena, host);
    const Value *listed = etcd_view_member(view, etcd_view_peer_url(out->arena, host));
    if (etcd_view_is_unknown(view, out, name))
        return;
    if (value_get_bool(listed, "started", false))
        resource_set_unknown_scope(out, name,
                                   "the others list it, but its data is gone: remove it from the "
                                   "member list first (etcdctl member remove)");
}

static void read_member(ResourceSet *out, const Domain *domain, const Facts *facts,
                        const EtcdView *view, const Host *host)
{
    const char *name = place_etcd_member(out->arena, host);
    const Value *reading = place_reading(out, facts, host, name, "etcd.member");
    const Value *files = place_reading(out, facts, host, name, "node.files");
    const Value *units = place_reading(out, facts, host, name, "node.units");
    if (!reading || !files || !units)
        return;
    if (!value_get_bool(reading, "data_initialized", false)) {
        read_dataless(out, view, host);
        return;
    }
    Resource *member = resource_add(out, name, "", host_address(host));
    read_config(member, out->arena, wanted_config(out->arena, domain, view, host),
                value_get(value_get(files, ETCD_FILE), "content"));
    resource_set(member, "running", value_bool(is_running(value_get(units, ETCD_UNIT))), NULL);
    const Value *listed = etcd_view_member(view, etcd_view_peer_url(out->arena, host));
    if (listed)
        resource_set(member, "voter", value_bool(!etcd_view_is_learner(listed)), NULL);
}

static Error *read(const Domain *domain, const Facts *facts, ResourceSet *out)
{
    EtcdView view = etcd_view(domain, facts);
    for (size_t i = 0; i < domain->host_count; i++)
        read_member(out, domain, facts, &view, domain->hosts[i]);
    return NULL;
}

/* What decided when the member was made needs nothing now. */
static Need key_need(const Domain *domain, const Facts *facts, const char *param, const char *key)
{
    (void)domain;
    (void)facts;
    (void)param;
    return text_starts_with(key, "initial-") ? NEED_NOTHING : NEED_RESTART;
}

const Kind kind_etcd = {
    .name = "etcd",
    .domain = DOMAIN_ETCD,
    .doc = "A member of etcd.",
    .data_bearing = true,
    .params = params,
    .param_count = COUNT_OF(params),
    .sources = sources,
    .create_verb = "etcd.create",
    .update_verb = "etcd.update",
    .desired = desired,
    .read = read,
    .key_need = key_need,
};
