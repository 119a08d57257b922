#include "providers/kinds/pg_layout.h"

#include <string.h>

#include "base/digest.h"
#include "base/text.h"
#include "providers/kinds/pg_restart.h"
#include "schema/contract/topology.h"
#include "schema/params.h"

const char *pg_patroni_file(Arena *arena, const Host *host)
{
    return arena_printf(arena, "/pg/conf/%s.yml", host_instance(host));
}

const Value *pg_members(Arena *arena, const Domain *domain)
{
    Value *members = value_list(arena);
    for (size_t i = 0; i < domain->host_count; i++) {
        Value *member = value_map(arena);
        value_set_text(arena, member, "name", host_instance(domain->hosts[i]));
        value_set_text(arena, member, "host", host_address(domain->hosts[i]));
        value_push(arena, members, member);
    }
    return members;
}

const char *pg_any_reading(const Domain *domain, const Facts *facts, const char *source)
{
    for (size_t i = 0; i < domain->host_count; i++) {
        const char *address = host_address(domain->hosts[i]);
        if (facts_value(facts, source, address))
            return address;
    }
    return NULL;
}

bool pg_setting_needs_restart(const Domain *domain, const Facts *facts, const char *name)
{
    const char *address = pg_any_reading(domain, facts, "sql.member");
    if (!address)
        return pg_reads_at_start(name, host_int(domain->hosts[0], "pg_version", 0));
    const Value *settings = facts_path(facts, "sql.member", address, "settings");
    return strcmp(value_get_text(value_get(settings, name), "context"), "postmaster") == 0;
}

bool pg_is_bare(Arena *arena, const Domain *domain, const Facts *facts)
{
    Topology topology = topology_of(arena, domain, facts);
    for (size_t i = 0; i < domain->host_count; i++) {
        const Host *host = domain->hosts[i];
        if (!facts_value(facts, "node.data", host_address(host)) ||
            topology_member(&topology, host_instance(host))->has_data)
            return false;
    }
    return true;
}

const char *pg_unread_reason(const Domain *domain, const Facts *facts, const char *source)
{
    const char *reason = NULL;
    if (facts_is_unknown(facts, source, domain->name, &reason))
        return reason;
    for (size_t i = 0; i < domain->host_count; i++) {
        if (facts_is_unknown(facts, "node.data", host_address(domain->hosts[i]), &reason))
            return reason;
    }
    return "the cluster has no leader that could be asked";
}

bool pg_masked_equals(const char *masked, const char *nonce, const char *secret)
{
    CLEANUP(text_release) Text both = TEXT_INIT;
    char hex[SHA256_HEX + 1];
    if (!secret || !text_starts_with(masked, "sha256:"))
        return false;
    text_addf(&both, "%s%s", nonce, secret);
    sha256_hex(text_get(&both), both.length, hex);
    return strcmp(masked + strlen("sha256:"), hex) == 0;
}

/* A plan is a list with the values of all its fields in order. */
const Value *pg_rto_time(const Host *host, const char *name)
{
    const Value *plans = host_param(host, "pg_rto_plan");
    const Value *plan = value_get(plans, host_text(host, "pg_rto"));
    const ParameterSchema *columns = params_find("pg_rto_plan", NULL)->schema;
    plan = plan ? plan : value_get(plans, "norm");
    for (size_t i = 0; i < columns->field_count; i++) {
        if (strcmp(columns->fields[i].name, name) == 0)
            return value_at(plan, i);
    }
    return NULL;
}
