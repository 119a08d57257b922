#include "engine/observe.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/map.h"
#include "base/queue.h"
#include "base/value_pool.h"
#include "engine/asks.h"
#include "schema/contract/topology.h"

enum { STABLE_TRIES = 3, NOBODY = -1 };
enum { FORMING_LIMIT_MS = 30000, FORMING_PAUSE_MS = 500 };

static const int64_t stage_limits_ms[OBSERVE_STAGE_COUNT] = {30000, 25000, 40000, 60000};

/* One node in one stage. */
typedef struct NodeRead {
    const char *address;
    bool is_asked; /* at all */
    bool is_dead;  /* did not answer: not asked again */
    const char *dead_reason;
    ErrorCode dead_code;
    ReadRequest *requests;
    size_t count, capacity;
    Reading *readings; /* by request; values in the pool */
    Error *error;
} NodeRead;

/* Who leads a cluster. */
typedef struct Lead {
    ptrdiff_t host; /* its number, NOBODY if none that we may ask */
    const char *name;
    int64_t timeline;
    const char *unknown_reason; /* set: cluster-wide readings are unknown; NULL: nothing to ask */
} Lead;

typedef struct Observer {
    Arena *arena;
    const ObserveInput *input;
    const Clock *clock; /* the world's */
    Observation *result;
    Asks asks;
    pthread_mutex_t lock; /* of the pool */
    ValuePool *pool;      /* of what was read */
    NodeRead *nodes;      /* by host number */
    Map *by_address;      /* the same */
    Lead *leads;          /* by domain number */
    int64_t deadline_ms;
} Observer;

static void put_unknown(const Observer *observer, const ReadRequest *request, ErrorCode code,
                        const char *reason)
{
    facts_put(observer->result->facts,
              &(Reading){.source = request->source->name,
                         .subject = request->subject,
                         .unknown_reason = reason,
                         .unknown_code = code,
                         .read_wall_ms = observer->clock->wall_ms(observer->clock)});
}

/* A node that is known not to answer is not asked again. */
static void add_request(Observer *observer, NodeRead *node, ReadRequest request)
{
    const Facts *facts = observer->result->facts;
    if (node->is_dead)
        put_unknown(observer, &request, node->dead_code, node->dead_reason);
    else if (!request.source->gate || request.source->gate(facts, node->address)) {
        ARENA_PUSH(observer->arena, node->requests, node->count, node->capacity, request);
        node->is_asked = true;
    }
}

/* -- one stage ------------------------------------------------------------------------------- */

static void prepare_host(Observer *observer, size_t host, int stage)
{
    NodeRead *node = &observer->nodes[host];
    for (size_t i = 0; i < observer->asks.source_count; i++) {
        const Source *source = observer->input->registry->sources[i];
        const Value *args = asks_of_host(&observer->asks, host, i);
        if (source->stage == stage && args)
            add_request(observer, node,
                        (ReadRequest){.source = source, .subject = node->address, .args = args});
    }
}

static void ask_leader(Observer *observer, const Lead *lead, ReadRequest request)
{
    if (lead->host != NOBODY)
        add_request(observer, &observer->nodes[lead->host], request);
    else if (lead->unknown_reason)
        put_unknown(observer, &request, ERROR_UNREACHABLE, lead->unknown_reason);
}

/* Is it known not to be there? Then there is nothing to ask. */
static bool database_is_absent(const Observer *observer, const char *cluster, const char *database)
{
    const Value *all =
        value_get(facts_value(observer->result->facts, "sql.databases", cluster), "databases");
    return all && !value_get(all, database);
}

static void ask_databases(Observer *observer, const Domain *domain, const Lead *lead,
                          const Source *source, const Value *args)
{
    for (size_t i = 0; i < value_count(args); i++) {
        const char *database = value_as_text(value_at(args, i), "");
        if (database_is_absent(observer, domain->name, database))
            continue;
        const char *subject = arena_printf(observer->arena, "%s/%s", domain->name, database);
        ask_leader(observer, lead,
                   (ReadRequest){.source = source, .subject = subject, .database = database});
    }
}

static void prepare_domain(Observer *observer, size_t number, int stage)
{
    const Domain *domain = &observer->input->domains[number];
    const Lead *lead = &observer->leads[number];
    for (size_t i = 0; i < observer->asks.source_count; i++) {
        const Source *source = observer->input->registry->sources[i];
        const Value *args = asks_of_domain(&observer->asks, number, i);
        if (source->stage != stage || !args)
            continue;
        if (source->scope == SCOPE_DATABASE)
            ask_databases(observer, domain, lead, source, args);
        else
            ask_leader(observer, lead,
                       (ReadRequest){.source = source, .subject = domain->name, .args = args});
    }
}

/* Out of the arena that the answer of one node came in. */
static void keep_readings(Observer *observer, const NodeRead *node)
{
    pthread_mutex_lock(&observer->lock);
    for (size_t i = 0; i < node->count; i++) {
        Reading *reading = &node->readings[i];
        const char *source = node->requests[i].source->name;
        reading->value = value_pool_share_as(observer->pool, source, reading->value);
        if (reading->unknown_reason)
            reading->unknown_reason =
                arena_strdup(observer->result->arena, reading->unknown_reason);
    }
    pthread_mutex_unlock(&observer->lock);
}

static void read_node(void *context, size_t i)
{
    Observer *observer = context;
    NodeRead *node = &observer->nodes[i];
    if (node->count == 0)
        return;
    CLEANUP(arena_freep) Arena *answer = arena_new();
    World *world = observer->input->world;
    node->error = world->read(world, node->address, node->requests, node->count,
                              observer->deadline_ms, answer, node->readings);
    if (!node->error)
        keep_readings(observer, node);
}

static void bury(Observer *observer, NodeRead *node)
{
    char *text = error_text(node->error);
    node->is_dead = true;
    node->dead_code = error_root(node->error)->code;
    node->dead_reason = arena_strdup(observer->arena, text);
    free(text);
    error_free(node->error);
    node->error = NULL;
}

static void collect_node(Observer *observer, NodeRead *node)
{
    if (node->error)
        bury(observer, node);
    for (size_t i = 0; i < node->count; i++) {
        const ReadRequest *request = &node->requests[i];
        if (node->is_dead) {
            put_unknown(observer, request, node->dead_code, node->dead_reason);
            continue;
        }
        Reading reading = node->readings[i];
        reading.source = request->source->name;
        reading.subject = request->subject;
        if (!reading.value && !reading.unknown_reason)
            reading.unknown_reason = "the answer did not come";
        facts_put(observer->result->facts, &reading);
    }
    node->requests = NULL;
    node->count = node->capacity = 0;
}

/* `is_asked` by host and domain number; NULL: all. */
typedef struct Selection {
    const bool *hosts, *domains;
} Selection;

/* Room for the answers; returns how many nodes will be asked. */
static size_t prepare_nodes(Observer *observer)
{
    size_t asked = 0;
    for (size_t i = 0; i < observer->asks.host_count; i++) {
        NodeRead *node = &observer->nodes[i];
        if (node->count == 0)
            continue;
        node->readings = ARENA_ARRAY(observer->arena, Reading, node->count);
        asked++;
    }
    return asked;
}

static void run_stage(Observer *observer, int stage, Selection selection)
{
    for (size_t i = 0; i < observer->asks.host_count; i++) {
        if (!selection.hosts || selection.hosts[i])
            prepare_host(observer, i, stage);
    }
    for (size_t i = 0; i < observer->asks.domain_count; i++) {
        if (!selection.domains || selection.domains[i])
            prepare_domain(observer, i, stage);
    }
    if (prepare_nodes(observer) == 0)
        return;
    int64_t limit_ms = observer->input->stage_limit_ms;
    observer->deadline_ms =
        clock_now_ms(observer->clock) + (limit_ms ? limit_ms : stage_limits_ms[stage]);
    size_t workers = observer->input->workers ? observer->input->workers : OBSERVE_WORKERS;
    pool_each(observer->clock, workers, observer->asks.host_count, read_node, observer);
    for (size_t i = 0; i < observer->asks.host_count; i++)
        collect_node(observer, &observer->nodes[i]);
}

/* -- leaders --------------------------------------------------------------------------------- */

static ptrdiff_t number_of(const Observer *observer, const char *address)
{
    const NodeRead *node = map_get(observer->by_address, address);
    return node ? node - observer->nodes : NOBODY;
}

static Lead find_lead(const Observer *observer, const Domain *domain)
{
    Arena *arena = observer->arena;
    Lead lead = {.host = NOBODY};
    Topology topology = topology_of(arena, domain, observer->result->facts);
    if (topology.leader) {
        lead.name = topology.leader->name;
        lead.timeline = topology.leader->timeline;
        lead.host = number_of(observer, topology.leader->host);
        if (lead.host == NOBODY)
            lead.unknown_reason = arena_printf(arena, "the leader %s (%s) is not in the inventory",
                                               lead.name, topology.leader->host);
    } else if (topology.state != TOPOLOGY_NEW && topology.state != TOPOLOGY_FORMING) {
        lead.unknown_reason = arena_printf(arena, "no leader of %s is known: %s", domain->name,
                                           topology.reason ? topology.reason : "nobody leads");
    }
    return lead;
}

static void find_leads(Observer *observer, const bool *domains)
{
    for (size_t i = 0; i < observer->asks.domain_count; i++) {
        const Domain *domain = &observer->input->domains[i];
        bool is_asked = !domains || domains[i];
        if (domain->type == DOMAIN_CLUSTER && is_asked)
            observer->leads[i] = find_lead(observer, domain);
        else if (domain->type != DOMAIN_CLUSTER)
            observer->leads[i] = (Lead){.host = NOBODY};
    }
}

/* -- stability ------------------------------------------------------------------------------- */

static bool view_agrees(const Value *view, const Lead *lead)
{
    const Value *members = value_get(view, "members");
    for (size_t i = 0; i < value_count(members); i++) {
        const Value *member = value_at(members, i);
        if (strcmp(value_get_text(member, "name"), lead->name) != 0)
            continue;
        const char *role = value_get_text(member, "role");
        return (strcmp(role, "leader") == 0 || strcmp(role, "standby_leader") == 0 ||
                strcmp(role, "master") == 0) &&
               value_get_int(member, "timeline", 0) == lead->timeline;
    }
    return false;
}

/* Ask Patroni on the leader's node once more. */
static bool still_leads(Observer *observer, const Lead *lead)
{
    const Source *source = registry_source(observer->input->registry, "patroni.cluster");
    const char *address = observer->nodes[lead->host].address;
    if (!source)
        return true;
    CLEANUP(arena_freep) Arena *arena = arena_new();
    ReadRequest request = {.source = source, .subject = address, .args = &value_empty_list};
    Reading reading = {0};
    int64_t deadline_ms = clock_now_ms(observer->clock) + stage_limits_ms[1];
    World *world = observer->input->world;
    Error *error = world->read(world, address, &request, 1, deadline_ms, arena, &reading);
    bool agrees = !error && view_agrees(reading.value, lead);
    error_free(error);
    return agrees;
}

/* The server itself often settles it without another question. */
static bool is_stable(Observer *observer, size_t number)
{
    const Lead *lead = &observer->leads[number];
    if (lead->host == NOBODY || observer->nodes[lead->host].is_dead)
        return true;
    const Value *member =
        facts_value(observer->result->facts, "sql.member", observer->nodes[lead->host].address);
    if (member && !value_get_bool(member, "in_recovery", true) &&
        value_get_int(member, "timeline", -1) == lead->timeline)
        return true;
    return still_leads(observer, lead);
}

static bool is_wide_asked(const Observer *observer, size_t domain, int stage)
{
    for (size_t i = 0; i < observer->asks.source_count; i++) {
        if (asks_of_domain(&observer->asks, domain, i) &&
            observer->input->registry->sources[i]->stage == stage)
            return true;
    }
    return false;
}

/* Which clusters moved while they were read? Their hosts and domains are marked. */
static size_t find_unstable(Observer *observer, bool *hosts, bool *domains)
{
    size_t count = 0;
    for (size_t i = 0; i < observer->asks.domain_count; i++) {
        domains[i] = domains[i] && is_wide_asked(observer, i, 2) && !is_stable(observer, i);
        if (!domains[i])
            continue;
        count++;
        const Domain *domain = &observer->input->domains[i];
        for (size_t h = 0; h < domain->host_count; h++)
            hosts[number_of(observer, host_address(domain->hosts[h]))] = true;
    }
    return count;
}

static void give_up(Observer *observer, size_t number)
{
    const Domain *domain = &observer->input->domains[number];
    observer->leads[number] = (Lead){
        .host = NOBODY,
        .unknown_reason = arena_printf(
            observer->arena, "unstable: the leader of %s moved while it was read", domain->name)};
    prepare_domain(observer, number, 2);
}

static void settle(Observer *observer)
{
    size_t domain_count = observer->asks.domain_count;
    bool *domains = ARENA_ARRAY(observer->arena, bool, domain_count);
    memset(domains, true, domain_count);
    for (int try = 1;; try++) {
        bool *hosts = ARENA_ARRAY(observer->arena, bool, observer->asks.host_count);
        if (find_unstable(observer, hosts, domains) == 0)
            return;
        if (try == STABLE_TRIES)
            break;
        run_stage(observer, 1, (Selection){hosts, domains});
        find_leads(observer, domains);
        run_stage(observer, 2, (Selection){hosts, domains});
    }
    for (size_t i = 0; i < domain_count; i++) {
        if (domains[i])
            give_up(observer, i);
    }
}

/* -- clusters that are being born ------------------------------------------------------------ */

/* Patroni is at work on one of the members, or runs and does not answer yet. */
static bool patroni_works(const Observer *observer, const Domain *domain)
{
    const Facts *facts = observer->result->facts;
    for (size_t i = 0; i < domain->host_count; i++) {
        const char *address = host_address(domain->hosts[i]), *reason = NULL;
        const Value *view = facts_value(facts, "patroni.cluster", address);
        bool is_dead = observer->nodes[number_of(observer, address)].is_dead;
        if (value_count(value_get(view, "members")) > 0 ||
            (!is_dead && facts_is_unknown(facts, "patroni.cluster", address, &reason)))
            return true;
    }
    return false;
}

/* A creation goes on without the one who began it: it was killed, Patroni was not. */
static bool is_being_born(const Observer *observer, const Domain *domain)
{
    if (domain->type != DOMAIN_CLUSTER)
        return false;
    Topology topology = topology_of(observer->arena, domain, observer->result->facts);
    return topology.state == TOPOLOGY_FORMING && patroni_works(observer, domain);
}

/* Their hosts and domains are marked. */
static size_t find_newborn(const Observer *observer, bool *hosts, bool *domains)
{
    size_t count = 0;
    for (size_t i = 0; i < observer->asks.domain_count; i++) {
        const Domain *domain = &observer->input->domains[i];
        domains[i] = is_being_born(observer, domain);
        count += domains[i];
        for (size_t h = 0; domains[i] && h < domain->host_count; h++)
            hosts[number_of(observer, host_address(domain->hosts[h]))] = true;
    }
    return count;
}

/* What is half there would be taken for missing a moment before it comes: it is waited for. */
static void await_newborn(Observer *observer)
{
    int64_t limit_ms = observer->input->forming_limit_ms;
    int64_t end_ms = clock_now_ms(observer->clock) + (limit_ms ? limit_ms : FORMING_LIMIT_MS);
    bool *domains = ARENA_ARRAY(observer->arena, bool, observer->asks.domain_count);
    for (;;) {
        bool *hosts = ARENA_ARRAY(observer->arena, bool, observer->asks.host_count);
        if (find_newborn(observer, hosts, domains) == 0 || clock_now_ms(observer->clock) >= end_ms)
            return;
        observer->clock->sleep_ms(observer->clock, FORMING_PAUSE_MS);
        run_stage(observer, 0, (Selection){hosts, domains});
        run_stage(observer, 1, (Selection){hosts, domains});
    }
}

/* -- all of it ------------------------------------------------------------------------------- */

static void count_hosts(const Observer *observer)
{
    Observation *result = observer->result;
    for (size_t i = 0; i < observer->asks.host_count; i++) {
        result->hosts_wanted += observer->nodes[i].is_asked;
        result->hosts_observed += observer->nodes[i].is_asked && !observer->nodes[i].is_dead;
    }
}

static void add_node(const Observer *observer, size_t number, const char *address)
{
    observer->nodes[number].address = address;
    map_set(observer->by_address, address, &observer->nodes[number]);
}

Error *observe(Arena *arena, const ObserveInput *input, Observation **ret)
{
    Observer observer = {.arena = arena, .input = input, .clock = input->world->clock};
    int64_t start_ms = clock_now_ms(observer.clock);
    TRY(asks_collect(arena, input->registry, input->domains, input->domain_count, input->sources,
                     &observer.asks));
    observer.result = ARENA_NEW(arena, Observation);
    observer.result->facts = facts_new_over(arena, input->known);
    observer.result->arena = arena_new();
    observer.pool = value_pool_new(observer.result->arena);
    pthread_mutex_init(&observer.lock, NULL);
    observer.nodes = ARENA_ARRAY(arena, NodeRead, observer.asks.host_count);
    observer.leads = ARENA_ARRAY(arena, Lead, input->domain_count);
    observer.by_address = map_new(arena);
    for (size_t i = 0; i < observer.asks.host_count; i++)
        add_node(&observer, i, host_address(observer.asks.hosts[i]));
    for (size_t i = 0; i < input->domain_count; i++)
        observer.leads[i].host = NOBODY;
    run_stage(&observer, 0, (Selection){0});
    count_hosts(&observer);
    run_stage(&observer, 1, (Selection){0});
    await_newborn(&observer);
    find_leads(&observer, NULL);
    run_stage(&observer, 2, (Selection){0});
    settle(&observer);
    run_stage(&observer, 3, (Selection){0});
    pthread_mutex_destroy(&observer.lock);
    observer.result->took_ms = clock_now_ms(observer.clock) - start_ms;
    *ret = observer.result;
    return NULL;
}

void observation_end(Observation *observation)
{
    for (Arena *arena; observation; arena_free(arena)) { /* in which it is */
        arena = observation->arena;
        observation = observation->base;
    }
}

void observation_endp(Observation **observation)
{
    observation_end(*observation);
    *observation = NULL;
}
