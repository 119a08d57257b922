#include "plans/verify/start.h"

#include <string.h>

const char *const start_limit_names[START_LIMITS] = {
    "max_connections",           "max_worker_processes",      "max_wal_senders",
    "max_prepared_transactions", "max_locks_per_transaction",
};

/* -- PostgreSQL ------------------------------------------------------------------------------ */

static int64_t number_of(const Value *value)
{
    int64_t number;
    if (value && value->type == VALUE_INT)
        return value->integer;
    return text_to_int(value_as_text(value, ""), &number) && number >= 0 ? number : START_UNKNOWN;
}

/* The dynamic configuration of a cluster as some member tells it, or NULL. */
static const Value *configuration(const Domain *domain, const Facts *facts)
{
    for (size_t i = 0; i < domain->host_count; i++) {
        const Value *document =
            facts_value(facts, "patroni.config", host_address(domain->hosts[i]));
        if (document)
            return document;
    }
    return NULL;
}

/* Patroni's documentation, "Replication modes": one synchronous standby unless more are asked for.
 */
static size_t sync_count(const Value *document)
{
    const Value *mode = value_get(document, "synchronous_mode");
    const char *text = value_as_text(mode, "");
    bool is_on = value_as_bool(mode, strcmp(text, "quorum") == 0 || strcmp(text, "on") == 0 ||
                                         strcmp(text, "true") == 0);
    int64_t count = value_get_int(document, "synchronous_node_count", 1);
    return is_on && count > 0 ? (size_t)count : 0;
}

static StartLimit limit_of(const Host *host, const Value *document, const Value *settings,
                           const char *name)
{
    const Value *setting = value_get(settings, name);
    const Value *own = host ? value_get(host_param(host, "pg_parameters"), name) : NULL;
    const Value *shared = value_get(value_path(document, "postgresql/parameters"), name);
    StartLimit limit = {.now = number_of(value_get(setting, "setting")), .is_own = own != NULL};
    limit.wanted = limit.now;
    if (value_get_bool(setting, "pending_restart", false) || limit.now == START_UNKNOWN)
        limit.wanted = number_of(own ? own : shared);
    return limit;
}

static StartMember cluster_member(const Domain *domain, const Topology *topology,
                                  const Member *member, const Facts *facts)
{
    const Host *host = inventory_host(domain->inventory, member->host);
    const Value *settings = facts_path(facts, "sql.member", member->host, "settings");
    const Value *document = configuration(domain, facts);
    StartMember start = {
        .name = member->name,
        .host = member->host,
        .runs = strcmp(member->state, "running") == 0 || strcmp(member->state, "streaming") == 0,
        .has_data = member->has_data,
        .leads = member == topology->leader,
    };
    for (size_t i = 0; i < START_LIMITS; i++)
        start.limits[i] = limit_of(host, document, settings, start_limit_names[i]);
    return start;
}

static void add_cluster(Arena *arena, const Domain *domain, const Topology *topology,
                        const Facts *facts, PlanStart *start)
{
    start->sync_count = sync_count(configuration(domain, facts));
    start->members = ARENA_ARRAY(arena, StartMember, topology->member_count);
    for (size_t i = 0; i < topology->member_count; i++) {
        StartMember member = cluster_member(domain, topology, &topology->members[i], facts);
        start->members[start->member_count++] = member;
        start->is_initialized = start->is_initialized || member.has_data || member.leads;
    }
}

/* -- etcd ------------------------------------------------------------------------------------- */

/* The list of members as the first that answers tells it; NULL: nobody does. */
static const Value *member_list(const Domain *domain, const Facts *facts)
{
    for (size_t i = 0; i < domain->host_count; i++) {
        const Value *reading = facts_value(facts, "etcd.member", host_address(domain->hosts[i]));
        if (value_get_bool(reading, "healthy", false))
            return value_get(reading, "members");
    }
    return NULL;
}

static bool is_voter(const Value *member)
{
    return !value_get_bool(member, "learner", false);
}

static size_t voters(const Value *list)
{
    size_t count = 0;
    for (size_t i = 0; i < value_count(list); i++)
        count += is_voter(value_at(list, i));
    return count;
}

/* Its entry on the list, by its peer URL, which names its address; or NULL. */
static const Value *listed(const Value *list, const char *address)
{
    CLEANUP(text_release) Text part = TEXT_INIT;
    text_addf(&part, "//%s:", address);
    for (size_t i = 0; i < value_count(list); i++) {
        const Value *urls = value_get(value_at(list, i), "peer_urls");
        for (size_t k = 0; k < value_count(urls); k++) {
            if (strstr(value_as_text(value_at(urls, k), ""), text_get(&part)))
                return value_at(list, i);
        }
    }
    return NULL;
}

/* A learner answers no question, whether it runs or not: its unit tells. */
static bool is_active(const Facts *facts, const char *address)
{
    const Value *unit = value_get(facts_value(facts, "node.units", address), "etcd.service");
    return strcmp(value_get_text(unit, "active"), "active") == 0;
}

/* Members of an etcd that nobody has created yet find each other: all of them vote. */
static void add_etcd(Arena *arena, const Domain *domain, const Facts *facts, PlanStart *start)
{
    const Value *list = member_list(domain, facts);
    size_t found = 0;
    start->members = ARENA_ARRAY(arena, StartMember, domain->host_count);
    for (size_t i = 0; i < domain->host_count; i++) {
        const char *address = host_address(domain->hosts[i]);
        const Value *reading = facts_value(facts, "etcd.member", address);
        const Value *entry = listed(list, address);
        bool votes = list ? entry && is_voter(entry) : true;
        found += list && votes;
        start->members[start->member_count++] = (StartMember){
            .name = host_name(domain->hosts[i]),
            .host = address,
            .runs = votes ? value_get_bool(reading, "healthy", false) : is_active(facts, address),
            .has_data = value_get_bool(reading, "data_initialized", entry != NULL),
            .votes = votes};
    }
    start->stranger_count = voters(list) - found;
}

PlanStart start_of(Arena *arena, const Domain *domain, const Topology *topology, const Facts *facts)
{
    PlanStart start = {.domain = domain->name, .is_etcd = domain->type == DOMAIN_ETCD};
    if (start.is_etcd)
        add_etcd(arena, domain, facts, &start);
    else if (topology)
        add_cluster(arena, domain, topology, facts, &start);
    return start;
}

/* -- the plan file ---------------------------------------------------------------------------- */

/* What is not known is not written. */
static const Value *limits_value(Arena *arena, const StartLimit *limits)
{
    Value *value = value_map(arena);
    for (size_t i = 0; i < START_LIMITS; i++) {
        Value *limit = value_map(arena);
        if (limits[i].now != START_UNKNOWN)
            value_set_int(arena, limit, "now", limits[i].now);
        if (limits[i].wanted != START_UNKNOWN)
            value_set_int(arena, limit, "wanted", limits[i].wanted);
        if (limits[i].is_own)
            value_set_bool(arena, limit, "own", true);
        if (value_count(limit) > 0)
            value_set(arena, value, start_limit_names[i], limit);
    }
    return value;
}

static const Value *member_value(Arena *arena, const PlanStart *start, const StartMember *member)
{
    Value *value = value_map(arena);
    value_set_text(arena, value, "name", member->name);
    value_set_text(arena, value, "host", member->host);
    value_set_bool(arena, value, "runs", member->runs);
    value_set_bool(arena, value, "has_data", member->has_data);
    if (start->is_etcd) {
        value_set_bool(arena, value, "listed", member->votes);
        return value;
    }
    value_set_bool(arena, value, "leads", member->leads);
    value_set(arena, value, "limits", limits_value(arena, member->limits));
    return value;
}

const Value *start_value(Arena *arena, const PlanStart *start)
{
    Value *value = value_map(arena), *members = value_list(arena);
    value_set_text(arena, value, "domain", start->domain);
    value_set_text(arena, value, "type", start->is_etcd ? "etcd" : "cluster");
    value_set_bool(arena, value, "initialized", start->is_initialized);
    value_set_int(arena, value, "sync", (int64_t)start->sync_count);
    value_set_int(arena, value, "strangers", (int64_t)start->stranger_count);
    for (size_t i = 0; i < start->member_count; i++)
        value_push(arena, members, member_value(arena, start, &start->members[i]));
    value_set(arena, value, "members", members);
    return value;
}

static int64_t limit_at(const Value *limit, const char *key)
{
    int64_t number = value_get_int(limit, key, START_UNKNOWN);
    return number < 0 ? START_UNKNOWN : number;
}

static StartMember parse_member(const Value *value)
{
    StartMember member = {.name = value_get_text(value, "name"),
                          .host = value_get_text(value, "host"),
                          .runs = value_get_bool(value, "runs", false),
                          .has_data = value_get_bool(value, "has_data", false),
                          .leads = value_get_bool(value, "leads", false),
                          .votes = value_get_bool(value, "listed", false)};
    for (size_t i = 0; i < START_LIMITS; i++) {
        const Value *limit = value_get(value_get(value, "limits"), start_limit_names[i]);
        member.limits[i] = (StartLimit){.now = limit_at(limit, "now"),
                                        .wanted = limit_at(limit, "wanted"),
                                        .is_own = value_get_bool(limit, "own", false)};
    }
    return member;
}

static size_t count_at(const Value *value, const char *key)
{
    int64_t count = value_get_int(value, key, 0);
    return count > 0 && count < INT32_MAX ? (size_t)count : 0;
}

Error *start_parse(Arena *arena, const Value *value, PlanStart *ret)
{
    const Value *members = value_get(value, "members");
    PlanStart start = {.domain = value_get_text(value, "domain"),
                       .is_etcd = strcmp(value_get_text(value, "type"), "etcd") == 0,
                       .is_initialized = value_get_bool(value, "initialized", false),
                       .sync_count = count_at(value, "sync"),
                       .stranger_count = count_at(value, "strangers"),
                       .members = ARENA_ARRAY(arena, StartMember, value_count(members)),
                       .member_count = value_count(members)};
    for (size_t i = 0; i < start.member_count; i++) {
        start.members[i] = parse_member(value_at(members, i));
        if (!*start.members[i].name)
            return error_new(ERROR_INVALID, "a member of %s has no name", start.domain);
    }
    *ret = start;
    return NULL;
}
