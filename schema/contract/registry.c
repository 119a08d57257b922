#include "schema/contract/registry.h"

#include <string.h>

const Kind *registry_kind(const Registry *registry, const char *name)
{
    for (const Kind *const *kind = registry->kinds; kind && *kind; kind++) {
        if (strcmp((*kind)->name, name) == 0)
            return *kind;
    }
    return NULL;
}

const Source *registry_source(const Registry *registry, const char *name)
{
    for (const Source *const *source = registry->sources; source && *source; source++) {
        if (strcmp((*source)->name, name) == 0)
            return *source;
    }
    return NULL;
}

const Verb *registry_verb(const Registry *registry, const char *name)
{
    for (const Verb *const *verb = registry->verbs; verb && *verb; verb++) {
        if (strcmp((*verb)->name, name) == 0)
            return *verb;
    }
    return NULL;
}
