/* The objects that are made of a parameter. */
#include <string.h>

#include "cli/explain.h"

static bool has_word(Arena *arena, const char *words, const char *word)
{
    char **items;
    size_t count = words ? text_words(arena, words, false, &items) : 0;
    for (size_t i = 0; i < count; i++) {
        if (strcmp(items[i], word) == 0)
            return true;
    }
    return false;
}

/* The params of a resource that come from the parameter: "settings", or how many there are; NULL:
 * none. */
static const char *params_of(Arena *arena, const Resource *resource, const char *name)
{
    const char *only = NULL;
    size_t count = 0;
    for (size_t i = 0; i < resource->kind->param_count; i++) {
        const ParamRow *row = &resource->kind->params[i];
        bool is_managed = resource->slots[i].state != SLOT_UNMANAGED;
        if (!is_managed || !has_word(arena, row->inventory, name))
            continue;
        only = row->name;
        count++;
    }
    return count > 1 ? arena_printf(arena, "%zu values", count) : only;
}

static bool reads(Arena *arena, const Kind *kind, const char *name)
{
    for (size_t i = 0; i < kind->param_count; i++) {
        if (has_word(arena, kind->params[i].inventory, name))
            return true;
    }
    return false;
}

static bool has_asked_host(const ExplainHosts *hosts, const Domain *domain)
{
    for (size_t i = 0; i < domain->host_count; i++) {
        if (explain_is_asked(hosts, domain->hosts[i]))
            return true;
    }
    return false;
}

static Error *take(const Session *session, const Kind *kind, const Domain *domain,
                   VarAnswer *answer)
{
    Arena *arena = session->cli->arena;
    ResourceSet *set;
    TRY(explain_wanted(session, kind, domain, &set));
    for (size_t i = 0; i < resource_set_count(set); i++) {
        const Resource *resource = resource_set_at(set, i);
        const char *params = params_of(arena, resource, answer->row->name);
        if (!params || (*resource->host && !map_get(answer->hosts->by_address, resource->host)))
            continue;
        const char *reader = arena_printf(arena, "%s (%s)", resource->address, params);
        ARENA_PUSH(arena, answer->readers, answer->reader_count, answer->reader_capacity, reader);
    }
    return NULL;
}

Error *explain_readers(const Session *session, VarAnswer *answer)
{
    for (const Kind *const *kind = session->cli->program->registry->kinds; *kind; kind++) {
        if (!reads(session->cli->arena, *kind, answer->row->name))
            continue;
        for (size_t i = 0; i < session->domain_count; i++) {
            const Domain *domain = &session->domains[i];
            if (domain->type == (*kind)->domain && has_asked_host(answer->hosts, domain))
                TRY(take(session, *kind, domain, answer));
        }
    }
    return NULL;
}
