#include "schema/contract/registry.h"

#include "base/text.h"

const Kind *registry_kind(const Registry *registry, const char *name)
{
    for (const Kind *const *kind = registry->kinds; kind && *kind; kind++) {
        if (text_equal((*kind)->name, name))
            return *kind;
    }
    return NULL;
}

const Source *registry_source(const Registry *registry, const char *name)
{
    for (const Source *const *source = registry->sources; source && *source; source++) {
        if (text_equal((*source)->name, name))
            return *source;
    }
    return NULL;
}

const Verb *registry_verb(const Registry *registry, const char *name)
{
    for (const Verb *const *verb = registry->verbs; verb && *verb; verb++) {
        if (text_equal((*verb)->name, name))
            return *verb;
    }
    return NULL;
}
