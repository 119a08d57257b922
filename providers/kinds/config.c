/*
 * The dynamic configuration of a cluster: one document in the DCS that Patroni applies to every
 * member (Patroni documentation, "Dynamic Configuration Settings").
 *
 * Compared with GET /config, changed by a PATCH of what differs, verified in pg_settings.
 */
#include <string.h>

#include "base/text.h"
#include "providers/kinds/kinds.h"
#include "providers/kinds/pg_dcs.h"
#include "providers/kinds/pg_layout.h"
#include "providers/kinds/pg_settings.h"

static const ParamRow params[] = {
    {.name = "settings",
     .type = PARAM_SETTINGS,
     .need = NEED_NOTHING,
     .service = SERVICE_POSTGRES,
     .doc = "PostgreSQL settings that hold on every member.",
     .inventory = "pg_conf pg_max_conn pg_default_service_dest pg_shared_buffer_ratio pg_libs "
                  "pg_storage_type pg_pwd_enc pg_io_method pg_log_dir pg_dcs"},
    {.name = "patroni",
     .type = PARAM_MAP,
     .need = NEED_NOTHING,
     .service = SERVICE_PATRONI,
     .doc = "Patroni's own dynamic settings: timing, synchronous mode, failsafe mode, slots.",
     .inventory = "pg_rto pg_rto_plan pg_rpo pg_dcs"},
};

static const char *const sources[] = {"patroni.config", "node.data",  "node.units",
                                      "node.size",      "sql.member", NULL};

static Error *desired(const Domain *domain, const Facts *facts, ResourceSet *out)
{
    const Host *first = domain->hosts[0];
    Resource *config = resource_add(out, domain->name, "", "");
    if (out->for_asking)
        return NULL;
    config->origin = host_param_origin(first, "pg_conf");
    resource_set(config, "settings", pg_desired_settings(out->arena, domain, facts),
                 host_param_origin(first, "pg_shared_buffer_ratio"));
    resource_set_key_reasons(config, "settings", pg_setting_reasons(out->arena, domain, facts));
    resource_set(config, "patroni", pg_desired_patroni(out->arena, domain, facts),
                 host_param_origin(first, "pg_rto"));
    resource_set_key_reasons(config, "patroni", pg_patroni_reasons(out->arena, domain));
    return NULL;
}

/* NOLINTNEXTLINE(misc-no-recursion): depth is bounded by the document's */
static void add_flat(Arena *arena, const char *path, const Value *value, Value *keys)
{
    if (value->type != VALUE_MAP) {
        value_set(arena, keys, path, value);
        return;
    }
    for (size_t i = 0; i < value_count(value); i++)
        add_flat(arena, arena_printf(arena, "%s/%s", path, value->map.keys[i]),
                 value->map.values[i], keys);
}

/* Sections of the document that are ours as a whole: what is not wanted there is removed. */
static void add_own_sections(Arena *arena, const Value *document, Value *patroni)
{
    const Value *postgresql = value_get(document, "postgresql");
    for (size_t i = 0; i < value_count(postgresql); i++) {
        if (strcmp(postgresql->map.keys[i], "parameters") != 0)
            add_flat(arena, arena_printf(arena, "postgresql/%s", postgresql->map.keys[i]),
                     postgresql->map.values[i], patroni);
    }
    const Value *inputs = value_path(document, "pgsteer/inputs");
    if (inputs)
        add_flat(arena, "pgsteer/inputs", inputs, patroni);
}

/* A pause is what somebody does now, not what the cluster is like. Lists and maps (slots, those to
 * ignore, a standby cluster) are somebody else's unless pg_dcs mentions them. */
static bool is_own_key(const char *key, const Value *value)
{
    return value->type != VALUE_MAP && value->type != VALUE_LIST && strcmp(key, "pause") != 0;
}

/* Patroni's document to our map: flat, and of others' sections only what is wanted in them. */
static const Value *patroni_keys(Arena *arena, const Value *document, const Value *wanted)
{
    Value *keys = value_map(arena);
    add_own_sections(arena, document, keys);
    for (size_t i = 0; i < value_count(document); i++) {
        if (is_own_key(document->map.keys[i], document->map.values[i]))
            value_set(arena, keys, document->map.keys[i], document->map.values[i]);
    }
    for (size_t i = 0; i < value_count(wanted); i++) {
        const Value *seen = value_path(document, wanted->map.keys[i]);
        if (seen)
            value_set(arena, keys, wanted->map.keys[i], seen);
    }
    return keys;
}

/* The server's unit and vartype beside each value, so that "2GB" and 262144 8kB compare equal. */
static const Value *with_units(Arena *arena, const Domain *domain, const Facts *facts,
                               const Value *settings)
{
    const char *address = pg_any_reading(domain, facts, "sql.member");
    const Value *known = address ? facts_path(facts, "sql.member", address, "settings") : NULL;
    Value *out = value_map(arena);
    for (size_t i = 0; i < value_count(settings); i++) {
        const char *name = settings->map.keys[i];
        const Value *server = value_get(known, name);
        const Value *value = settings->map.values[i];
        if (server) {
            Value *pair = value_map(arena);
            value_set(arena, pair, "setting", value);
            value_set_text(arena, pair, "unit", value_get_text(server, "unit"));
            value_set_text(arena, pair, "vartype", value_get_text(server, "vartype"));
            value = pair;
        }
        value_set(arena, out, name, value);
    }
    return out;
}

static Error *read(const Domain *domain, const Facts *facts, ResourceSet *out)
{
    const char *address = pg_any_reading(domain, facts, "patroni.config");
    if (!address) {
        out->complete = pg_is_bare(out->arena, domain, facts);
        out->unknown_reason = "Patroni's dynamic configuration could not be read";
        return NULL;
    }
    out->complete = true;
    const Value *document = facts_value(facts, "patroni.config", address);
    const Value *settings = value_path(document, "postgresql/parameters");
    const Value *wanted = pg_desired_patroni(out->arena, domain, facts);
    Resource *config = resource_add(out, domain->name, "", "");
    resource_set(config, "settings", with_units(out->arena, domain, facts, settings), NULL);
    resource_set(config, "patroni", patroni_keys(out->arena, document, wanted), NULL);
    return NULL;
}

/* The setting that a key is: also those that differ by role, "postgresql/parameters_ROLE/NAME". */
static const char *setting_of(const char *param, const char *key)
{
    if (strcmp(param, "settings") == 0)
        return key;
    return text_starts_with(key, "postgresql/parameters_") ? strrchr(key, '/') + 1 : NULL;
}

/* pg_settings.context decides; a setting that no server was asked about is taken as reloadable. */
static Need key_need(const Domain *domain, const Facts *facts, const char *param, const char *key)
{
    const char *setting = setting_of(param, key);
    return setting && pg_setting_needs_restart(domain, facts, setting) ? NEED_RESTART
                                                                       : NEED_NOTHING;
}

const Kind kind_config = {
    .name = "config",
    .domain = DOMAIN_CLUSTER,
    .doc = "The dynamic configuration of a cluster, kept in the DCS by Patroni.",
    .params = params,
    .param_count = COUNT_OF(params),
    .sources = sources,
    .create_verb = "config.verify",
    .update_verb = "config.patch",
    .desired = desired,
    .read = read,
    .key_need = key_need,
};
