#include "engine/asks.h"

#include <stdlib.h>
#include <string.h>

#include "base/map.h"

typedef struct Collector {
    Arena *arena;
    const Registry *registry;
    const char *const *sources; /* NULL: all */
    const Facts *nothing;       /* empty: what is wanted does not hang on what is there */
    Map *host_numbers;          /* address -> number + 1 */
    Arena *keys;                /* of `seen` */
    Map *seen;                  /* "row/source/argument" -> itself: each argument once */
    Arena *scratch;             /* of the domain at hand */
    Asks *asks;
} Collector;

/* Where a kind's answer for one source is collected: of one host, or of one domain. */
typedef struct Row {
    Value **cells;
    char type; /* 'h' or 'd' */
    size_t number;
} Row;

static Row host_row(const Collector *collector, const char *address)
{
    const size_t *number = map_get(collector->host_numbers, address);
    if (!number)
        return (Row){0};
    return (Row){&collector->asks->by_host[*number * collector->asks->source_count], 'h', *number};
}

static Row domain_row(const Collector *collector, size_t domain)
{
    return (Row){&collector->asks->by_domain[domain * collector->asks->source_count], 'd', domain};
}

static void want(const Collector *collector, Row row, size_t source)
{
    if (row.cells && !row.cells[source])
        row.cells[source] = value_list(collector->arena);
}

static void want_about(const Collector *collector, Row row, size_t source, const char *argument)
{
    want(collector, row, source);
    if (!row.cells || !*argument)
        return;
    char *key =
        arena_printf(collector->keys, "%d/%zu/%zu/%s", row.type, row.number, source, argument);
    if (!map_set(collector->seen, key, key))
        value_push(collector->arena, row.cells[source], value_text(collector->arena, argument));
}

static size_t source_number(const Registry *registry, const char *name)
{
    size_t number = 0;
    while (registry->sources[number] && strcmp(registry->sources[number]->name, name) != 0)
        number++;
    return number;
}

static void want_for_resource(const Collector *collector, Row row, size_t source,
                              const Resource *resource)
{
    const Value *arguments = value_get(resource->asks, collector->registry->sources[source]->name);
    if (!arguments)
        want_about(collector, row, source, resource->name);
    for (size_t i = 0; i < value_count(arguments); i++)
        want_about(collector, row, source, value_as_text(value_at(arguments, i), ""));
}

/* A node source is asked on every host of the domain: what is there but not wanted counts, too. */
static void collect_source(const Collector *collector, const Domain *domain, size_t number,
                           size_t source, const ResourceSet *wanted)
{
    bool is_wide = collector->registry->sources[source]->scope != SCOPE_NODE;
    Row wide = is_wide ? domain_row(collector, number) : (Row){0};
    want(collector, wide, source);
    for (size_t i = 0; !is_wide && i < domain->host_count; i++)
        want(collector, host_row(collector, host_address(domain->hosts[i])), source);
    for (size_t i = 0; i < resource_set_count(wanted); i++) {
        const Resource *resource = resource_set_at(wanted, i);
        Row row = is_wide ? wide : host_row(collector, resource->host);
        want_for_resource(collector, row, source, resource);
    }
}

static bool may_be_asked(const Collector *collector, const char *source)
{
    const char *const *name = collector->sources;
    while (name && *name && strcmp(*name, source) != 0)
        name++;
    return !name || *name;
}

static Error *collect_kind(const Collector *collector, const Domain *domain, size_t number,
                           const Kind *kind)
{
    ResourceSet *wanted = resource_set_new(collector->scratch, kind, domain);
    wanted->for_asking = true;
    Error *error = kind->desired(domain, collector->nothing, wanted);
    if (error)
        return error_wrap(error, "working out the %s resources of %s", kind->name, domain->name);
    for (const char *const *name = kind->sources; name && *name; name++) {
        size_t source = source_number(collector->registry, *name);
        if (collector->registry->sources[source] && may_be_asked(collector, *name))
            collect_source(collector, domain, number, source, wanted);
    }
    return NULL;
}

/* What is wanted of one domain is forgotten before the next one's turn. */
static Error *collect_domain(Collector collector, const Domain *domain, size_t number)
{
    CLEANUP(arena_freep) Arena *scratch = arena_new();
    collector.scratch = scratch;
    for (const Kind *const *kind = collector.registry->kinds; *kind; kind++) {
        if ((*kind)->domain == domain->type)
            TRY(collect_kind(&collector, domain, number, *kind));
    }
    return NULL;
}

static int host_compare(const void *a, const void *b)
{
    size_t left = host_number(*(const Host *const *)a),
           right = host_number(*(const Host *const *)b);
    return left < right ? -1 : left > right;
}

static void add_hosts_of(Arena *arena, Asks *asks, const Domain *domain, Map *seen,
                         size_t *capacity)
{
    for (size_t i = 0; i < domain->host_count; i++) {
        if (!map_set(seen, host_address(domain->hosts[i]), seen))
            ARENA_PUSH(arena, asks->hosts, asks->host_count, *capacity, domain->hosts[i]);
    }
}

static void add_hosts(Arena *arena, Asks *asks, const Domain *domains)
{
    CLEANUP(arena_freep) Arena *scratch = arena_new();
    Map *seen = map_new(scratch);
    size_t capacity = 0;
    for (size_t i = 0; i < asks->domain_count; i++)
        add_hosts_of(arena, asks, &domains[i], seen, &capacity);
    if (asks->host_count > 0)
        qsort(asks->hosts, asks->host_count, sizeof(const Host *), host_compare);
}

static void number_hosts(const Collector *collector)
{
    for (size_t i = 0; i < collector->asks->host_count; i++) {
        size_t *number = ARENA_NEW(collector->keys, size_t);
        *number = i;
        map_set(collector->host_numbers, host_address(collector->asks->hosts[i]), number);
    }
}

Error *asks_collect(Arena *arena, const Registry *registry, const Domain *domains,
                    size_t domain_count, const char *const *sources, Asks *ret)
{
    Asks asks = {.domain_count = domain_count};
    add_hosts(arena, &asks, domains);
    while (registry->sources[asks.source_count])
        asks.source_count++;
    asks.by_host = ARENA_ARRAY(arena, Value *, asks.host_count * asks.source_count);
    asks.by_domain = ARENA_ARRAY(arena, Value *, domain_count * asks.source_count);
    CLEANUP(arena_freep) Arena *keys = arena_new();
    Collector collector = {.arena = arena,
                           .registry = registry,
                           .sources = sources,
                           .nothing = facts_new(arena),
                           .host_numbers = map_new(keys),
                           .keys = keys,
                           .seen = map_new(keys),
                           .asks = &asks};
    number_hosts(&collector);
    for (size_t i = 0; i < domain_count; i++)
        TRY(collect_domain(collector, &domains[i], i));
    *ret = asks;
    return NULL;
}

const Value *asks_of_host(const Asks *asks, size_t host, size_t source)
{
    return asks->by_host[host * asks->source_count + source];
}

const Value *asks_of_domain(const Asks *asks, size_t domain, size_t source)
{
    return asks->by_domain[domain * asks->source_count + source];
}
