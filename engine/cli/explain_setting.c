/*
 * A setting of PostgreSQL on the members of a cluster.
 *
 * Patroni writes what the DCS has, and above it what patroni.yml has, to postgresql.conf (Patroni
 * documentation, "Patroni configuration"); postgresql.auto.conf is read after it (PostgreSQL
 * documentation, "Parameter Interaction via the Configuration File"). What Patroni controls is
 * refused in pg_parameters (rule E033), so the order holds for all that an inventory can say.
 */
#include <string.h>

#include "cli/explain.h"
#include "schema/setting_places.h"

/* Below this, patroni.yml has the settings of one member. */
static const char local_prefix[] = "postgresql/parameters/";

typedef struct SourceList {
    Arena *arena;
    SettingSource *items;
    size_t count, capacity;
} SourceList;

/* Strongest first. */
typedef enum Strength {
    STRENGTH_AUTO_CONF,
    STRENGTH_PATRONI_YML,
    STRENGTH_DCS,
    STRENGTH_COUNT
} Strength;

/* All that one cluster says of the setting. */
typedef struct ClusterSources {
    SourceList by_strength[STRENGTH_COUNT];
    SourceList sessions;
} ClusterSources;

static void add_source(SourceList *list, const Resource *resource, const ObjectLine *line)
{
    SettingSource source = {resource, *line};
    ARENA_PUSH(list->arena, list->items, list->count, list->capacity, source);
}

/* Where the settings of a param count; NULL: it has none. */
static SourceList *list_of(ClusterSources *sources, const Resource *resource, const ParamRow *row)
{
    bool is_fixed = row->flags & PARAM_FLAG_CREATE_ONLY;
    if (row->type == PARAM_SETTINGS)
        return &sources->by_strength[*resource->host ? STRENGTH_AUTO_CONF : STRENGTH_DCS];
    if (row->flags & PARAM_FLAG_SESSIONS)
        return &sources->sessions;
    if (row->type == PARAM_MAP && row->service == SERVICE_PATRONI && !is_fixed)
        return &sources->by_strength[STRENGTH_PATRONI_YML];
    return NULL;
}

static bool has_settings(const Kind *kind)
{
    ClusterSources sources = {0};
    static const Resource any = {.host = ""};
    for (size_t i = 0; i < kind->param_count; i++) {
        if (list_of(&sources, &any, &kind->params[i]))
            return true;
    }
    return false;
}

static void take_param(const Session *session, const Domain *domain, const Resource *resource,
                       const ParamRow *row, SettingAnswer *answer, ClusterSources *sources)
{
    Arena *arena = session->cli->arena;
    SourceList *list = list_of(sources, resource, row);
    const Value *value = resource_value(resource, row->name);
    const Host *host = inventory_host(session->inventory, resource->host);
    const char *key = answer->name;
    if (list == &sources->by_strength[STRENGTH_PATRONI_YML])
        key = arena_printf(arena, "%s%s", local_prefix, answer->name);
    for (size_t i = 0; row->type == PARAM_SETTINGS && i < value_count(value); i++)
        ARENA_PUSH(arena, answer->known, answer->known_count, answer->known_capacity,
                   value->map.keys[i]);
    if (!list || !value_get(value, key))
        return;
    ObjectAnswer object = {.resource = resource, .host = host ? host : domain->hosts[0]};
    explain_key(arena, session->inventory, resource, row, key, &object);
    add_source(list, resource, &object.lines[0]);
}

static Error *take_kind(const Session *session, const Kind *kind, const Domain *domain,
                        SettingAnswer *answer, ClusterSources *sources)
{
    ResourceSet *set;
    TRY(explain_wanted(session, kind, domain, &set));
    for (size_t i = 0; i < resource_set_count(set); i++) {
        const Resource *resource = resource_set_at(set, i);
        for (size_t k = 0; resource->ensure == ENSURE_PRESENT && k < kind->param_count; k++)
            take_param(session, domain, resource, &kind->params[k], answer, sources);
    }
    return NULL;
}

/* The sources that reach a host, strongest first. */
static SourceList sources_of(Arena *arena, const ClusterSources *sources, const Host *host)
{
    SourceList list = {.arena = arena};
    for (size_t s = 0; s < STRENGTH_COUNT; s++) {
        for (size_t i = 0; i < sources->by_strength[s].count; i++) {
            const SettingSource *source = &sources->by_strength[s].items[i];
            const char *only = source->resource->host;
            if (!*only || strcmp(only, host_address(host)) == 0)
                add_source(&list, source->resource, &source->line);
        }
    }
    return list;
}

static void add_host(Arena *arena, SettingAnswer *answer, const ClusterSources *sources,
                     const Host *host)
{
    SourceList list = sources_of(arena, sources, host);
    if (list.count == 0)
        return;
    SettingWinner *winner = NULL;
    for (size_t i = 0; i < answer->winner_count && !winner; i++) {
        if (answer->winners[i].sources[0].resource == list.items[0].resource)
            winner = &answer->winners[i];
    }
    if (!winner) {
        SettingWinner new = {.sources = list.items, .source_count = list.count};
        ARENA_PUSH(arena, answer->winners, answer->winner_count, answer->winner_capacity, new);
        winner = &answer->winners[answer->winner_count - 1];
    }
    ARENA_PUSH(arena, winner->hosts, winner->host_count, winner->host_capacity, host);
}

static bool is_asked_about(const ExplainHosts *hosts, const Domain *domain)
{
    for (size_t i = 0; domain->type == DOMAIN_CLUSTER && i < domain->host_count; i++) {
        if (explain_is_asked(hosts, domain->hosts[i]))
            return true;
    }
    return false;
}

static Error *take_cluster(const Session *session, const Domain *domain, SettingAnswer *answer)
{
    Arena *arena = session->cli->arena;
    ClusterSources sources = {.sessions = {.arena = arena}};
    for (size_t i = 0; i < STRENGTH_COUNT; i++)
        sources.by_strength[i].arena = arena;
    for (const Kind *const *kind = session->cli->program->registry->kinds; *kind; kind++) {
        if ((*kind)->domain == DOMAIN_CLUSTER && has_settings(*kind))
            TRY(take_kind(session, *kind, domain, answer, &sources));
    }
    for (size_t i = 0; i < domain->host_count; i++) {
        if (explain_is_asked(answer->hosts, domain->hosts[i]))
            add_host(arena, answer, &sources, domain->hosts[i]);
    }
    for (size_t i = 0; i < sources.sessions.count; i++)
        ARENA_PUSH(arena, answer->sessions, answer->session_count, answer->session_capacity,
                   sources.sessions.items[i]);
    return NULL;
}

Error *explain_setting(const Session *session, const char *name, const ExplainHosts *hosts,
                       SettingAnswer *ret)
{
    *ret = (SettingAnswer){.name = name, .hosts = hosts};
    for (size_t i = 0; i < session->domain_count; i++) {
        if (is_asked_about(hosts, &session->domains[i]))
            TRY(take_cluster(session, &session->domains[i], ret));
    }
    return NULL;
}

/* Of both tables the parameters come first. */
static const char *nearest(const SettingAnswer *answer)
{
    const char *near = params_nearest(answer->name);
    return near ? near : text_nearest(answer->name, answer->known, answer->known_count);
}

Error *explain_unknown(Arena *arena, const SettingAnswer *answer)
{
    const char *name = answer->name, *near = nearest(answer);
    const ParameterRename *rename = params_renamed(name);
    const char *module = params_foreign_module(name), *advice = setting_refusal(arena, name);
    if (rename)
        return error_new(ERROR_INVALID, "%s %s", name, params_rename_text(arena, rename));
    if (module)
        return error_new(ERROR_INVALID, "%s belongs to %s, which is not managed: nothing reads it",
                         name, module);
    if (advice)
        return error_new(ERROR_INVALID, "%s is a setting that Patroni gives: %s", name, advice);
    return error_new(ERROR_INVALID, "no parameter and no setting that is wanted%s is called '%s'%s",
                     answer->hosts->count == 1 ? " there" : "", name,
                     near ? arena_printf(arena, "; did you mean '%s'?", near)
                          : " (pgsteer schema lists the parameters)");
}
