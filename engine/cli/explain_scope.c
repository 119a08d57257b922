/* All objects of a domain, or of a node. */
#include <string.h>

#include "cli/explain.h"
#include "cli/names.h"

enum { SHOWN_MAX = 4, HANG = 6 };

static bool is_meant(const ScopeAnswer *answer, const Domain *domain, const Host *host,
                     const Resource *resource)
{
    bool is_named = host ? domain == answer->domain : strcmp(domain->name, answer->name) == 0;
    return is_named || (host && strcmp(resource->host, host_address(host)) == 0);
}

static bool has_host(const Domain *domain, const Host *host)
{
    for (size_t i = 0; i < domain->host_count; i++) {
        if (domain->hosts[i] == host)
            return true;
    }
    return false;
}

/* A name is that of a node, or else that of another domain. */
static const Domain *find_domain(const Session *session, const char *name, const Host *host)
{
    for (size_t i = 0; i < session->domain_count; i++) {
        const Domain *domain = &session->domains[i];
        bool is_it = host ? domain->type == DOMAIN_NODE && has_host(domain, host)
                          : strcmp(domain->name, name) == 0;
        if (is_it)
            return domain;
    }
    return NULL;
}

static Error *take(const Session *session, const Kind *kind, const Domain *domain, const Host *host,
                   ScopeAnswer *answer)
{
    ResourceSet *set;
    TRY(explain_wanted(session, kind, domain, &set));
    for (size_t i = 0; i < resource_set_count(set); i++) {
        const Resource *resource = resource_set_at(set, i);
        if (is_meant(answer, domain, host, resource))
            ARENA_PUSH(session->cli->arena, answer->items, answer->count, answer->capacity,
                       resource);
    }
    return NULL;
}

Error *explain_scope(const Session *session, const char *name, ScopeAnswer *ret)
{
    const Host *host = names_host(session->inventory, name);
    *ret = (ScopeAnswer){.name = name, .domain = find_domain(session, name, host)};
    if (!ret->domain)
        return NULL;
    for (const Kind *const *kind = session->cli->program->registry->kinds; *kind; kind++) {
        for (size_t i = 0; i < session->domain_count; i++) {
            const Domain *domain = &session->domains[i];
            bool is_near = domain == ret->domain || (host && has_host(domain, host));
            if (is_near && domain->type == (*kind)->domain)
                TRY(take(session, *kind, domain, host, ret));
        }
    }
    return NULL;
}

const char *explain_domain(Arena *arena, const Domain *domain)
{
    const Origin *origin = NULL;
    if (domain->cluster)
        origin = &domain->cluster->origin;
    else if (domain->type == DOMAIN_NODE)
        origin = host_origin(domain->hosts[0]);
    const char *place = origin ? arena_printf(arena, " (%s)", explain_place(arena, origin)) : "";
    const char *type = domain_type_name(domain->type);
    bool is_same = strcmp(type, domain->name) == 0;
    return arena_printf(arena, "%s%s%s%s", type, is_same ? "" : " ", is_same ? "" : domain->name,
                        place);
}

/* Those of one kind, from the i-th on; how many there are. */
static size_t put_kind(const Page *page, Arena *arena, const ScopeAnswer *answer, size_t i)
{
    CLEANUP(text_release) Text text = TEXT_INIT;
    const Kind *kind = answer->items[i]->kind;
    size_t count = 0;
    while (i + count < answer->count && answer->items[i + count]->kind == kind)
        count++;
    bool is_short = page->options->verbose || count <= SHOWN_MAX + 1;
    size_t shown = is_short ? count : SHOWN_MAX;
    for (size_t k = 0; k < shown; k++)
        text_addf(&text, "%s%s", k > 0 ? ", " : "  ", answer->items[i + k]->address);
    if (shown < count)
        text_addf(&text, " and %zu more", count - shown);
    page_put(page, COLOR_PLAIN, arena_printf(arena, "%s", kind->doc), HANG, "");
    page_put(page, COLOR_PLAIN, text_get(&text), HANG, "");
    return count;
}

void explain_scope_text(const Page *page, Arena *arena, const ScopeAnswer *answer)
{
    page_put(page, COLOR_BOLD,
             arena_printf(arena, "%s has %zu objects", explain_domain(arena, answer->domain),
                          answer->count),
             HANG, "");
    page_blank(page);
    for (size_t i = 0; i < answer->count;)
        i += put_kind(page, arena, answer, i);
    page_blank(page);
    page_line(page, COLOR_DIM, "pgsteer explain ADDRESS tells of one, -v lists all.");
}

const Value *explain_scope_json(Arena *arena, const ScopeAnswer *answer)
{
    Value *map = value_map(arena), *objects = value_list(arena);
    for (size_t i = 0; i < answer->count; i++) {
        Value *object = value_map(arena);
        value_set_text(arena, object, "address", answer->items[i]->address);
        value_set_text(arena, object, "kind", answer->items[i]->kind->name);
        value_push(arena, objects, object);
    }
    value_set_text(arena, map, "name", answer->domain->name);
    value_set_text(arena, map, "type", domain_type_name(answer->domain->type));
    value_set(arena, map, "objects", objects);
    return map;
}
