/*
 * One node: what packages read is written first, then packages, then the layout and its services.
 * Most of the order is in the rows; here is what depends on the single change.
 */
#include <string.h>

#include "plans/procedures/procedures.h"

static bool is_kind(const Change *change, const char *kind)
{
    return strcmp(change_resource(change)->kind->name, kind) == 0;
}

static bool has_flag(const Change *change, const char *param)
{
    return change->desired && value_as_bool(resource_value(change->desired, param), false);
}

static bool is_written(const Change *change)
{
    return change->op == CHANGE_CREATE || change->op == CHANGE_UPDATE;
}

/* Early files and the web server have verbs of their own, so that others can wait for them. */
static void add_special(Builder *builder, const Change *change)
{
    if (!is_written(change))
        return;
    if (is_kind(change, "file") && has_flag(change, "early"))
        builder_add_change(builder, change, "file.preset", NULL);
    else if (is_kind(change, "unit") && has_flag(change, "web"))
        builder_add_change(builder, change, "unit.web", NULL);
}

/* Package lists are read again when their source changes and before packages are installed. */
static void add_refresh(Builder *builder, const Situation *situation, const Change *change)
{
    bool is_list = is_kind(change, "apt");
    if (!is_written(change) || !(is_list || is_kind(change, "packages")))
        return;
    Arena *arena = builder_arena(builder);
    const Resource *resource = change->desired;
    const char *address = arena_printf(arena, "reload.%s/apt", resource->scope);
    const char *verb = resource_text(resource, "refresh");
    if (builder_action_of(builder, address) || !*verb)
        return;
    Value *args = value_map(arena);
    value_set_text(arena, args, "name", "apt");
    value_set_text(arena, args, "scope", resource->scope);
    value_set_text(arena, args, "list", resource_text(resource, is_list ? "path" : "list"));
    builder_add_step(builder, situation->domain, verb, address, resource->scope, resource->host,
                     args, "packages are looked up in lists that are current");
}

/* A server that runs with a certificate must be told of a new one; a new server reads it anyway. */
static void add_certificate_reload(Builder *builder, const Situation *situation,
                                   const Change *change)
{
    const char *reader =
        is_kind(change, "cert") && change->desired ? resource_text(change->desired, "reader") : "";
    if (change->op != CHANGE_UPDATE || !*reader)
        return;
    Arena *arena = builder_arena(builder);
    const Resource *cert = change->desired;
    Action *step =
        builder_add_step(builder, situation->domain, arena_printf(arena, "%s.reload", reader),
                         arena_printf(arena, "reload.%s/%s", cert->scope, reader), cert->scope,
                         cert->host, NULL, "its certificate was renewed");
    builder_add_edge(builder, builder_action_of(builder, cert->address), step,
                     "the server reads the new certificate");
}

static bool is_below(const char *path, const char *folder)
{
    size_t length = strlen(folder);
    return strncmp(path, folder, length) == 0 && path[length] == '/';
}

/* A folder is made before what is in it. */
static void order_folders(Builder *builder, const Situation *situation)
{
    for (size_t i = 0; i < situation->change_count; i++) {
        const Resource *inner = change_resource(&situation->changes[i]);
        for (size_t j = 0; j < situation->change_count; j++) {
            const Resource *outer = change_resource(&situation->changes[j]);
            if (is_kind(&situation->changes[i], "dir") && is_kind(&situation->changes[j], "dir") &&
                is_below(inner->name, outer->name))
                builder_add_edge(builder, builder_action_of(builder, outer->address),
                                 builder_action_of(builder, inner->address),
                                 "a folder is made before what is in it");
        }
    }
}

static Error *build(Builder *builder, const Situation *situation)
{
    for (size_t i = 0; i < situation->change_count; i++)
        add_special(builder, &situation->changes[i]);
    TRY(procedure_generic(builder, situation));
    for (size_t i = 0; i < situation->change_count; i++) {
        add_refresh(builder, situation, &situation->changes[i]);
        add_certificate_reload(builder, situation, &situation->changes[i]);
    }
    order_folders(builder, situation);
    procedure_reloads(builder, situation);
    return NULL;
}

const Procedure procedure_node = {
    .name = "node",
    .domain = DOMAIN_NODE,
    .doc = "Prepare a node: name, package sources, packages, layout, certificates, services.",
    .build = build,
};
