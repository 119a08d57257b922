/*
 * The package repository and the certificate authority: each change by its verb, and a word about a
 * repository that cannot serve anybody.
 */
#include <string.h>

#include "plans/procedures/procedures.h"

static void warn_of_empty_repository(Builder *builder, const Situation *situation,
                                     const Change *change)
{
    const Resource *repo = change->desired;
    const char *path = resource_text(repo, "path");
    const Value *seen = value_get(facts_value(situation->facts, "node.repo", repo->host), path);
    if (seen && value_get_int(seen, "deb_count", 0) == 0)
        builder_note(builder, situation->domain, "warning", "W064", repo->origin,
                     "%s holds no packages: put the .deb files there first, or nodes find nothing "
                     "to install",
                     path);
}

static Error *build(Builder *builder, const Situation *situation)
{
    for (size_t i = 0; i < situation->change_count; i++) {
        const Change *change = &situation->changes[i];
        if (change->desired && strcmp(change->desired->kind->name, "repo") == 0)
            warn_of_empty_repository(builder, situation, change);
    }
    TRY(procedure_generic(builder, situation));
    procedure_reloads(builder, situation);
    return NULL;
}

const Procedure procedure_infra = {
    .name = "infra",
    .domain = DOMAIN_INFRA,
    .doc = "Index the package repository, make the certificate authority.",
    .build = build,
};
