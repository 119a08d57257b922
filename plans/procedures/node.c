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

/* What one node gets many of: one action for all, which is one round trip. Early files and the web
 * server have verbs of their own, so that others can wait for them; the certificates of etcd, so
 * that it waits for no others. */
static const struct {
    const char *kind;
    const char *flag; /* a param that must be true; NULL: any */
    const char *verb;
    const char *address;
} batches[] = {
    {"file", "early", "file.preset", "presets"},
    {"unit", "web", "unit.web", "web"},
    {"dir", NULL, "dir.put", "dirs"},
    {"link", NULL, "link.put", "links"},
    {"file", NULL, "file.put", "files"},
    {"unit", NULL, "unit.set", "units"},
    {"cert", "member", "cert.member", "member-certs"},
    {"cert", NULL, "cert.issue", "certs"},
};

static void add_batch(Builder *builder, const Situation *situation, size_t row)
{
    Arena *arena = builder_arena(builder);
    const Change **batch = ARENA_ARRAY(arena, const Change *, situation->change_count);
    size_t count = 0;
    for (size_t i = 0; i < situation->change_count; i++) {
        const Change *change = &situation->changes[i];
        bool is_of_it = is_written(change) && is_kind(change, batches[row].kind) &&
                        (!batches[row].flag || has_flag(change, batches[row].flag));
        if (is_of_it && !builder_action_of(builder, change_resource(change)->address))
            batch[count++] = change;
    }
    builder_add_changes(
        builder, batch, count, batches[row].verb,
        arena_printf(arena, "%s.%s", batches[row].address, host_name(situation->domain->hosts[0])));
}

/* A package takes about as long as any other; three nodes at once share the machine that serves. */
enum { PACKAGES_BASE_MS = 3000, PACKAGE_MS = 2300 };

static bool has_item(const Value *list, const Value *item)
{
    for (size_t i = 0; i < value_count(list); i++) {
        if (value_equal(value_at(list, i), item))
            return true;
    }
    return false;
}

static void expect_time(Builder *builder, const Change *change)
{
    Action *action = builder_action_of(builder, change_resource(change)->address);
    if (!action || !is_kind(change, "packages"))
        return;
    const Value *wanted = resource_value(change->desired, "names");
    const Value *seen = change->observed ? resource_value(change->observed, "names") : NULL;
    action->guess_ms = PACKAGES_BASE_MS;
    for (size_t i = 0; i < value_count(wanted); i++)
        action->guess_ms += has_item(seen, value_at(wanted, i)) ? 0 : PACKAGE_MS;
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

static Error *build(Builder *builder, const Situation *situation)
{
    TRY(procedure_require_version(situation));
    for (size_t row = 0; row < COUNT_OF(batches); row++)
        add_batch(builder, situation, row);
    TRY(procedure_generic(builder, situation));
    for (size_t i = 0; i < situation->change_count; i++) {
        expect_time(builder, &situation->changes[i]);
        add_refresh(builder, situation, &situation->changes[i]);
        add_certificate_reload(builder, situation, &situation->changes[i]);
    }
    procedure_reloads(builder, situation);
    return NULL;
}

const Procedure procedure_node = {
    .name = "node",
    .domain = DOMAIN_NODE,
    .doc = "Prepare a node: name, package sources, packages, layout, certificates, services.",
    .build = build,
};
