/* etcd: members, quorum, users, and what Patroni keeps in it. */
#include <string.h>

#include "base/attr.h"
#include "base/text.h"
#include "providers/sim/state.h"

#define ETCD_FILE "/etc/etcd/etcd.yml"

Etcd *etcd_of(Sim *sim, const char *token)
{
    Arena *arena = sim->arena;
    Etcd *etcd = map_get(sim->etcds, token);
    if (etcd)
        return etcd;
    etcd = ARENA_NEW(arena, Etcd);
    *etcd = (Etcd){.token = arena_strdup(arena, token),
                   .members = value_list(arena),
                   .users = value_list(arena),
                   .roles = value_map(arena),
                   .clusters = map_new(arena),
                   .keys = map_new(arena)};
    map_set(sim->etcds, etcd->token, etcd);
    return etcd;
}

Cluster *etcd_cluster(Sim *sim, Etcd *etcd, const char *scope)
{
    Cluster *cluster = map_get(etcd->clusters, scope);
    if (cluster)
        return cluster;
    cluster = ARENA_NEW(sim->arena, Cluster);
    *cluster = (Cluster){.scope = arena_strdup(sim->arena, scope), .etcd = etcd};
    map_set(etcd->clusters, cluster->scope, cluster);
    return cluster;
}

/* The text of a key at the beginning of a line of the file that the member starts with. */
static const char *setting(Node *node, const char *key)
{
    const char *text = node_content(node, ETCD_FILE);
    const char *mark = arena_printf(node->sim->arena, "\n%s: ", key);
    const char *at = text ? strstr(text, mark) : NULL;
    if (!at)
        return "";
    at += strlen(mark);
    at += strspn(at, "\"'");
    return arena_strndup(node->sim->arena, at, strcspn(at, "\"'\n"));
}

static Value *listed(Etcd *etcd, const char *peer_url)
{
    for (size_t i = 0; i < value_count(etcd->members); i++) {
        const Value *member = value_at(etcd->members, i);
        const Value *urls = value_get(member, "peer_urls");
        if (text_equal(value_as_text(value_at(urls, 0), NULL), peer_url))
            return state_edit(member);
    }
    return NULL;
}

static Value *url_list(Arena *arena, const char *url)
{
    Value *list = value_list(arena);
    if (*url)
        value_push(arena, list, value_text(arena, url));
    return list;
}

static Value *add_listed(Sim *sim, Etcd *etcd, const char *peer_url, bool is_learner)
{
    Value *member = value_map(sim->arena);
    value_set(sim->arena, member, "id",
              value_textf(sim->arena, "%zx", value_count(etcd->members) + 1));
    value_set_text(sim->arena, member, "name", "");
    value_set(sim->arena, member, "peer_urls", url_list(sim->arena, peer_url));
    value_set(sim->arena, member, "client_urls", value_list(sim->arena));
    value_set_bool(sim->arena, member, "started", false);
    value_set_bool(sim->arena, member, "learner", is_learner);
    value_push(sim->arena, etcd->members, member);
    return member;
}

/* The list of a cluster that begins: all that the file names. */
static void begin_list(Node *node, Etcd *etcd)
{
    char **pairs = NULL;
    Arena *arena = node->sim->arena;
    size_t count = text_split(arena, setting(node, "initial-cluster"), ',', &pairs);
    for (size_t i = 0; i < count && value_count(etcd->members) < count; i++) {
        const char *equal = strchr(pairs[i], '=');
        if (equal && !listed(etcd, equal + 1))
            (void)add_listed(node->sim, etcd, equal + 1, false);
    }
}

static void join_nodes(Etcd *etcd, Node *node)
{
    for (size_t i = 0; i < etcd->node_count; i++) {
        if (etcd->nodes[i] == node)
            return;
    }
    ARENA_PUSH(node->sim->arena, etcd->nodes, etcd->node_count, etcd->node_capacity, node);
}

static Error *start_member(Node *node)
{
    Arena *arena = node->sim->arena;
    const char *peer_url = setting(node, "initial-advertise-peer-urls");
    if (!*peer_url)
        return error_new(ERROR_REFUSED, "etcd has no configuration");
    Etcd *etcd = etcd_of(node->sim, setting(node, "initial-cluster-token"));
    if (!node->etcd.has_data && strcmp(setting(node, "initial-cluster-state"), "new") == 0)
        begin_list(node, etcd);
    Value *member = listed(etcd, peer_url);
    if (!member)
        return error_new(ERROR_REFUSED, "etcd: the member list does not have %s", peer_url);
    node->etcd =
        (EtcdMember){true, true, etcd, setting(node, "name"), member, sim_now_ms(node->sim)};
    join_nodes(etcd, node);
    value_set_text(arena, member, "name", node->etcd.name);
    value_set(arena, member, "client_urls",
              url_list(arena, setting(node, "advertise-client-urls")));
    value_set_bool(arena, member, "started", true);
    return NULL;
}

Error *etcd_service(Node *node, const char *action)
{
    enum { CLIENT_PORT = 2379 };
    if (strcmp(action, "start") == 0)
        TRY(start_member(node));
    else if (strcmp(action, "stop") == 0)
        node->etcd.runs = false;
    node_listen(node, CLIENT_PORT, node->etcd.runs);
    return NULL;
}

static bool votes(const Value *member)
{
    return member && !value_get_bool(member, "learner", false);
}

static size_t voter_count(const Etcd *etcd)
{
    size_t count = 0;
    for (size_t i = 0; i < value_count(etcd->members); i++)
        count += votes(value_at(etcd->members, i));
    return count;
}

static bool runs_in(const Node *node, const Etcd *etcd)
{
    return node->etcd.runs && node->etcd.etcd == etcd;
}

bool etcd_has_quorum(const Etcd *etcd, const Node *observer)
{
    size_t running = 0;
    for (size_t i = 0; i < etcd->node_count; i++) {
        const Node *node = etcd->nodes[i];
        running += runs_in(node, etcd) && votes(node->etcd.listed) &&
                   (!observer || nodes_meet(observer, node));
    }
    return running * 2 > voter_count(etcd);
}

/* A learner answers no question about the whole ("rpc not supported for learner"). */
bool etcd_is_healthy(const Node *node)
{
    return node->etcd.runs && votes(node->etcd.listed) && etcd_has_quorum(node->etcd.etcd, node);
}

/* -- what it tells ------------------------------------------------------------------------------
 */

static const Value *tell_clusters(const Answering *about, const Etcd *etcd)
{
    Value *map = value_map(about->arena);
    for (size_t i = 0; i < map_count(etcd->clusters); i++) {
        const Cluster *cluster = map_value_at(etcd->clusters, i);
        Value *told = value_map(about->arena);
        if (!cluster->initialize && !cluster->config && !cluster->leader)
            continue;
        value_set_text(about->arena, told, "initialize",
                       cluster->initialize ? cluster->initialize : "");
        if (cluster->leader)
            value_set_text(about->arena, told, "leader", cluster->leader->patroni.name);
        value_set_bool(about->arena, told, "has_config", cluster->config != NULL);
        value_set(about->arena, map, cluster->scope, told);
    }
    return map;
}

Error *answer_etcd(const Answering *about, const Value **ret)
{
    Arena *arena = about->arena;
    const Etcd *etcd = etcd_is_healthy(about->node) ? about->node->etcd.etcd : NULL;
    Value *map = value_map(arena);
    value_set_bool(arena, map, "configured", node_content(about->node, ETCD_FILE) != NULL);
    value_set_bool(arena, map, "data_initialized", about->node->etcd.has_data);
    value_set_bool(arena, map, "healthy", etcd != NULL);
    value_set(arena, map, "members", etcd ? value_copy(arena, etcd->members) : value_list(arena));
    value_set(arena, map, "auth_enabled", etcd ? value_bool(etcd->auth_enabled) : &value_null);
    value_set(arena, map, "users", etcd ? value_copy(arena, etcd->users) : value_list(arena));
    value_set(arena, map, "roles", etcd ? value_copy(arena, etcd->roles) : value_map(arena));
    value_set(arena, map, "clusters", etcd ? tell_clusters(about, etcd) : value_map(arena));
    *ret = map;
    return NULL;
}

/* -- what is done to it ------------------------------------------------------------------------ */

/* Where `text` is or belongs in a sorted list. */
static size_t place_of(const Value *list, const char *text)
{
    size_t low = 0, high = value_count(list);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(value_as_text(value_at(list, middle), ""), text) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Sorted, as etcd tells its users, and each once. */
static void insert_text(Arena *arena, Value *list, const char *text)
{
    size_t at = place_of(list, text), count = value_count(list);
    const Value *added = value_text(arena, text);
    if (at < count && value_equal(value_at(list, at), added))
        return;
    value_push(arena, list, added);
    const Value **items = list->list.items;
    memmove(items + at + 1, items + at, (count - at) * sizeof(*items));
    items[at] = added;
}

/* For so long at least; NULL: it does not run. */
static bool has_run_for(const Node *node, const Etcd *etcd, int64_t ms)
{
    return node && runs_in(node, etcd) && sim_now_ms(node->sim) - node->etcd.since_ms >= ms;
}

static Node *node_of(const Etcd *etcd, const Value *member)
{
    for (size_t i = 0; i < etcd->node_count; i++) {
        if (etcd->nodes[i]->etcd.listed == member)
            return etcd->nodes[i];
    }
    return NULL;
}

/* etcd changes its list only while all that vote have met for some time (server.go,
 * HealthInterval).
 */
static bool is_settled(const Etcd *etcd)
{
    enum { HEALTH_INTERVAL_MS = 5000 };
    for (size_t i = 0; i < value_count(etcd->members); i++) {
        const Value *member = value_at(etcd->members, i);
        if (votes(member) && !has_run_for(node_of(etcd, member), etcd, HEALTH_INTERVAL_MS))
            return false;
    }
    return true;
}

/* Before 3.6 there is place for one learner. */
static Error *op_member_add(Node *node, Etcd *etcd, const Value *args)
{
    const char *peer_url = value_get_text(args, "peer_url");
    bool is_learner = value_get_bool(args, "learner", false);
    if (listed(etcd, peer_url))
        return NULL;
    if (is_learner && voter_count(etcd) < value_count(etcd->members))
        return error_new(ERROR_REFUSED, "etcd says: too many learner members in cluster");
    if (!is_settled(etcd))
        return error_new(ERROR_BUSY, "etcd says: unhealthy cluster");
    (void)add_listed(node->sim, etcd, peer_url, is_learner);
    return NULL;
}

static Error *op_member_promote(Node *node, Etcd *etcd, const Value *args)
{
    enum { CATCH_UP_MS = 1000 };
    Value *member = listed(etcd, value_get_text(args, "peer_url"));
    if (!member)
        return error_new(ERROR_REFUSED, "etcd says: member not found");
    if (!votes(member) && !has_run_for(node_of(etcd, member), etcd, CATCH_UP_MS))
        return error_new(ERROR_BUSY, "etcd says: can only promote a learner member which is in "
                                     "sync with leader");
    value_set_bool(node->sim->arena, member, "learner", false);
    return NULL;
}

/* Its process ends when it hears of it. */
static Error *op_learner_remove(Node *node, Etcd *etcd, const Value *args)
{
    const Value *gone = listed(etcd, value_get_text(args, "peer_url"));
    Value *left = value_list(node->sim->arena);
    if (votes(gone))
        return error_new(ERROR_REFUSED, "it is no learner any more");
    for (size_t i = 0; i < value_count(etcd->members); i++) {
        if (value_at(etcd->members, i) != gone)
            value_push(node->sim->arena, left, value_at(etcd->members, i));
    }
    etcd->members = left;
    Node *former = gone ? node_of(etcd, gone) : NULL;
    if (!former)
        return NULL;
    former->etcd.listed = NULL;
    return etcd_service(former, "stop");
}

static Error *op_auth_enable(Node *node, Etcd *etcd, const Value *args)
{
    (void)node;
    (void)args;
    etcd->auth_enabled = true;
    return NULL;
}

static Error *op_user_put(Node *node, Etcd *etcd, const Value *args)
{
    insert_text(node->sim->arena, etcd->users, value_get_text(args, "name"));
    return NULL;
}

static Error *op_role_put(Node *node, Etcd *etcd, const Value *args)
{
    Arena *arena = node->sim->arena;
    const char *prefix = value_get_text(args, "prefix");
    Value *prefixes = value_list(arena);
    if (*prefix)
        value_push(arena, prefixes, value_text(arena, prefix));
    value_set(arena, etcd->roles, arena_strdup(arena, value_get_text(args, "name")), prefixes);
    return NULL;
}

/* "/pg/NAME/initialize": the claim of a bootstrap that was cut short. */
static Error *op_key_delete(Node *node, Etcd *etcd, const Value *args)
{
    (void)node;
    for (size_t i = 0; i < map_count(etcd->clusters); i++) {
        Cluster *cluster = map_value_at(etcd->clusters, i);
        const char *key = value_get_text(args, "key");
        const char *at = strstr(key, cluster->scope);
        if (at && strcmp(at + strlen(cluster->scope), "/initialize") == 0) {
            cluster->initialize = NULL;
            cluster->claimant = NULL;
        }
    }
    return NULL;
}

static const struct {
    const char *op;
    Error *(*run)(Node *node, Etcd *etcd, const Value *args);
} ops[] = {
    {"member_add", op_member_add},
    {"member_promote", op_member_promote},
    {"learner_remove", op_learner_remove},
    {"auth_enable", op_auth_enable},
    {"user_put", op_user_put},
    {"role_put", op_role_put},
    {"key_delete", op_key_delete},
};

Error *do_etcd(Doing *doing)
{
    enum { OP_MS = 150 };
    const char *op = value_get_text(doing->args, "op");
    if (!etcd_is_healthy(doing->node))
        return error_new(ERROR_UNREACHABLE, "etcd has no leader");
    for (size_t i = 0; i < COUNT_OF(ops); i++) {
        if (strcmp(ops[i].op, op) != 0)
            continue;
        doing->takes_ms = OP_MS;
        return ops[i].run(doing->node, doing->node->etcd.etcd, doing->args);
    }
    return error_new(ERROR_INVALID, "etcd has no operation %s", op);
}
