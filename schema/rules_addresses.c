/* Floating addresses: of clusters and of nodes, and who listens on them. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "schema/rules_internal.h"

/* Of an address whose form was checked. */
static uint32_t number_of(const char *address)
{
    uint32_t number = 0;
    for (int i = 0; i < 4; i++) {
        char *end;
        number = number << 8 | (uint32_t)strtoul(address, &end, 10);
        address = end + (*end == '.');
    }
    return number;
}

static const char *vip_problem(const RuleRun *run, const PgCluster *cluster, const char *address)
{
    const char *plain = arena_strndup(run->scratch, address, strcspn(address, "/"));
    const char *slash = strchr(address, '/');
    unsigned bits = slash ? (unsigned)strtoul(slash + 1, NULL, 10) : 24;
    uint32_t number = number_of(plain), rest = bits >= 32 ? 0 : UINT32_MAX >> bits;
    if (text_starts_with(plain, "127."))
        return "is a loopback address";
    if (inventory_host(run->inventory, plain))
        return "is the address of a host";
    if (bits < 31 && ((number & rest) == 0 || (number & rest) == rest))
        return "is the address of the network itself or its broadcast";
    for (size_t i = 0; i < cluster->member_count; i++) {
        if ((number_of(cluster->members[i]->address) & ~rest) != (number & ~rest))
            return "is not in the network of all members";
    }
    return NULL;
}

static void cluster_vip(const RuleRun *run, const PgCluster *cluster)
{
    const Host *host = cluster->members[0];
    if (!host_bool(host, "pg_vip_enabled", false))
        return;
    const char *address = host_text(host, "pg_vip_address");
    const char *problem = vip_problem(run, cluster, address);
    if (problem)
        diagnostics_add(run->diagnostics, "E024", rule_origin(host, "pg_vip_address"),
                        "Take a free address of the network that the members are in.",
                        "the floating address %s of %s %s", address, cluster->name, problem);
    if (!strchr(address, '/'))
        diagnostics_add(
            run->diagnostics, "W067", rule_origin(host, "pg_vip_address"),
            arena_printf(run->scratch, "Write %s/24, or the mask of the network.", address),
            "the floating address %s of %s has no mask: /24 is taken", address, cluster->name);
}

static void node_vip(const RuleRun *run, const Host *host)
{
    static const char *const params[] = {"vip_address", "vip_vrid"};
    if (!host_bool(host, "vip_enabled", false))
        return;
    for (size_t i = 0; i < COUNT_OF(params); i++) {
        if (!host_param_is_set(host, params[i]) && !rule_is_written(host, params[i]))
            diagnostics_add(run->diagnostics, "E024", rule_origin(host, "vip_enabled"), NULL,
                            "%s has vip_enabled, but no %s", host->name, params[i]);
    }
    const char *address = host_text(host, "vip_address");
    const Host *other = inventory_host(run->inventory, address);
    if (other && rule_first(run, address))
        diagnostics_add(run->diagnostics, "E024", rule_origin(host, "vip_address"),
                        "Take a free address of the network that the nodes are in.",
                        "the floating address %s is the address of %s", address, other->name);
}

/* One router id, one address. */
static void router_ids(const RuleRun *run)
{
    Map *ids = map_new(run->scratch);
    for (size_t i = 0; i < run->inventory->host_count; i++) {
        Host *host = run->inventory->hosts[i];
        if (!host_bool(host, "vip_enabled", false) || !host_param_is_set(host, "vip_vrid"))
            continue;
        const Host *other = map_get(ids, host_text(host, "vip_vrid"));
        if (!other)
            map_set(ids, host_text(host, "vip_vrid"), host);
        else if (strcmp(host_text(other, "vip_address"), host_text(host, "vip_address")) != 0)
            diagnostics_add(run->diagnostics, "E024", rule_origin(host, "vip_vrid"), NULL,
                            "%s and %s have the vip_vrid %s for different addresses", other->name,
                            host->name, host_text(host, "vip_vrid"));
    }
}

static bool has_node_vip(const Host *host)
{
    return host_bool(host, "vip_enabled", false) && host_param_is_set(host, "vip_address");
}

static const Origin *node_vip_origin(const Host *host)
{
    return rule_value_origin(host, "vip_address", host_param(host, "vip_address"));
}

/* The hosts of one floating address: what they agree on. */
static void check_peers(const RuleRun *run, const Host *first, const Host *host)
{
    if (strcmp(host_text(first, "vip_vrid"), host_text(host, "vip_vrid")) == 0)
        return;
    Diagnostic *problem =
        diagnostics_add(run->diagnostics, "E024", rule_origin(first, "vip_vrid"),
                        "Nodes that share an address find each other by their vip_vrid.",
                        "%s and %s share %s, but have different vip_vrid", first->name, host->name,
                        host_text(host, "vip_address"));
    diagnostic_add_place(problem, rule_origin(host, "vip_vrid"));
}

static void check_masters(const RuleRun *run, Map *masters, Host *host)
{
    if (strcmp(host_text(host, "vip_role"), "master") != 0)
        return;
    const Host *other = map_get(masters, host_text(host, "vip_address"));
    if (!other) {
        map_set(masters, host_text(host, "vip_address"), host);
        return;
    }
    Diagnostic *problem = diagnostics_add(
        run->diagnostics, "E024", rule_origin(other, "vip_role"),
        "Both would take the address; keep one master, the others are backup.",
        "%s has two masters, %s and %s", host_text(host, "vip_address"), other->name, host->name);
    diagnostic_add_place(problem, rule_origin(host, "vip_role"));
}

static void node_vip_peers(const RuleRun *run)
{
    Map *firsts = map_new(run->scratch), *masters = map_new(run->scratch);
    for (size_t i = 0; i < run->inventory->host_count; i++) {
        Host *host = run->inventory->hosts[i];
        if (!has_node_vip(host))
            continue;
        const Host *first = map_get(firsts, host_text(host, "vip_address"));
        if (first)
            check_peers(run, first, host);
        else
            map_set(firsts, host_text(host, "vip_address"), host);
        check_masters(run, masters, host);
    }
}

/* Who has an address that floats. */
typedef struct Holder {
    const char *who;
    const Origin *place;
    bool is_cluster;
} Holder;

static void take_address(const RuleRun *run, Map *holders, const char *address, Holder holder)
{
    const Holder *other = map_get(holders, address);
    if (!other) {
        Holder *copy = ARENA_NEW(run->scratch, Holder);
        *copy = holder;
        map_set(holders, address, copy);
    } else if ((other->is_cluster || holder.is_cluster) && rule_first(run, address)) {
        Diagnostic *problem = diagnostics_add(
            run->diagnostics, "E024", other->place, "Take a free address for one of them.",
            "the floating address %s is that of %s and of %s", address, other->who, holder.who);
        diagnostic_add_place(problem, holder.place);
    }
}

static void unique_addresses(const RuleRun *run)
{
    Map *holders = map_new(run->scratch);
    for (size_t i = 0; i < run->inventory->cluster_count; i++) {
        const PgCluster *cluster = run->inventory->clusters[i];
        const Host *host = cluster->members[0];
        const char *address = host_text(host, "pg_vip_address");
        if (host_bool(host, "pg_vip_enabled", false) && !text_starts_with(address, "127."))
            take_address(run, holders, arena_strndup(run->scratch, address, strcspn(address, "/")),
                         (Holder){cluster->name, rule_origin(host, "pg_vip_address"), true});
    }
    for (size_t i = 0; i < run->inventory->host_count; i++) {
        const Host *host = run->inventory->hosts[i];
        if (has_node_vip(host))
            take_address(run, holders, host_text(host, "vip_address"),
                         (Holder){host->name, node_vip_origin(host), false});
    }
}

/* A node's floating address that no host switches on; in old files it was a cluster's. */
static void unused_addresses(const RuleRun *run)
{
    Map *used = map_new(run->scratch), *unused = map_new(run->scratch);
    for (size_t i = 0; i < run->inventory->host_count; i++) {
        Host *host = run->inventory->hosts[i];
        const Origin *origin = host_param_origin(host, "vip_address");
        if (origin)
            map_set(host_bool(host, "vip_enabled", false) ? used : unused,
                    rule_place(run->scratch, origin), host);
    }
    for (size_t i = 0; i < map_count(unused); i++) {
        const Host *host = map_value_at(unused, i);
        if (!map_get(used, map_key_at(unused, i)))
            diagnostics_add(run->diagnostics, "W024", host_param_origin(host, "vip_address"),
                            "Write vip_enabled: true. That of a cluster is pg_vip_address, with "
                            "pg_vip_enabled: true (it was vip_address until Pigsty 2.0).",
                            "vip_address %s has no effect", host_text(host, "vip_address"));
    }
}

static void listen_vip(const RuleRun *run, const Host *host)
{
    const Origin *origin = rule_origin(host, "pg_listen");
    if (*host->cluster && strstr(host_text(host, "pg_listen"), "${vip}") &&
        rule_first(run, rule_place(run->scratch, origin)))
        diagnostics_add(run->diagnostics, "E005", origin,
                        "Set pg_vip_enabled: true and pg_vip_address, or leave ${vip} away.",
                        "pg_listen of %s names ${vip}, but no floating address is enabled",
                        host->name);
}

/* -- Addresses inside texts ------------------------------------------------------------------- */

/* What may be an address begins a word, and is none of the parts of a path or a name. */
static bool begins_here(const char *text, const char *at)
{
    if (at == text)
        return true;
    bool is_in_url = at - text > 1 && at[-1] == '/' && at[-2] == '/';
    return is_in_url || strchr(" \t,;=@!([\"'", at[-1]);
}

/* The first word of digits and points, two at least, that is no IPv4 address, or NULL. */
static const char *bad_address(Arena *arena, const char *text)
{
    for (const char *at = text; *at;) {
        size_t length = strspn(at, "0123456789.");
        bool is_whole = length > 0 && begins_here(text, at) &&
                        (!at[length] || strchr(" \t,;:/)]\"'", at[length]));
        const char *word = arena_strndup(arena, at, length), *point = strchr(word, '.');
        if (is_whole && point && strchr(point + 1, '.') && !typing_is_ipv4(word, false))
            return word;
        at += length > 0 ? length : 1;
    }
    return NULL;
}

/* NOLINTNEXTLINE(misc-no-recursion): values are as deep as their schemas */
static void check_addresses(const RuleRun *run, const Host *host, const char *param,
                            const Value *value)
{
    if (value->type == VALUE_LIST || value->type == VALUE_MAP) {
        for (size_t i = 0; i < value_count(value); i++)
            check_addresses(run, host, param,
                            value->type == VALUE_MAP ? value->map.values[i] : value_at(value, i));
        return;
    }
    const char *bad =
        value->type == VALUE_TEXT ? bad_address(run->scratch, value_as_text(value, "")) : NULL;
    if (bad)
        diagnostics_add(run->diagnostics, "E006", rule_value_origin(host, param, value),
                        "An address is four numbers of 0 to 255 without leading zeros.",
                        "%s: \"%s\" is no IPv4 address", param, bad);
}

static const Rule rows[] = {
    {"E024 W067", "a cluster's floating address is free, in its network, and has a mask",
     .cluster = cluster_vip},
    {"E024", "a node's floating address has all it needs and is no host's", .host = node_vip},
    {"E024", "nodes that share an address have one router id and one master",
     .all = node_vip_peers},
    {"E024", "a router id stands for one address", .all = router_ids},
    {"E024", "a floating address belongs to one cluster or group of nodes",
     .all = unique_addresses},
    {"W024", "a node's floating address is switched on", .all = unused_addresses},
    {"E006", "addresses inside texts are addresses", .value = check_addresses,
     .params = {"pg_listen", "pgbouncer_redirect_to", "pg_services", "pg_default_services",
                "haproxy_services", "pgbackrest_repo", "node_dns_servers", "node_ntp_servers",
                "node_etc_hosts", "node_default_etc_hosts", "dns_records", "vector_log_endpoint"}},
    {"E005", "pg_listen names a floating address where there is one", .host = listen_vip},
};

const RuleTable rules_addresses = {rows, COUNT_OF(rows)};
