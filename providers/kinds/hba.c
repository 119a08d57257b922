/*
 * pg_hba.conf of one instance (PostgreSQL documentation, "The pg_hba.conf File"): compared rule by
 * rule, so comments and blanks do not matter; order does, since the first match decides.
 */
#include "schema/hba.h"

#include <string.h>

#include "providers/kinds/kinds.h"
#include "providers/kinds/pg_layout.h"
#include "providers/kinds/place.h"

static const ParamRow params[] = {
    {.name = "rules",
     .type = PARAM_LINES,
     .need = NEED_RELOAD,
     .service = SERVICE_POSTGRES,
     .doc = "The rules, in the order in which they are tried.",
     .inventory = "pg_hba_rules pg_default_hba_rules pg_role pg_offline_query admin_ip "
                  "node_firewall_intranet pg_pwd_enc pg_dbsu pg_replication_username "
                  "pg_admin_username pg_monitor_username"},
    {.name = "content",
     .type = PARAM_TEXT,
     .flags = PARAM_FLAG_FOLD,
     .doc = "The file as it is written, with titles as comments."},
};

static const char *const sources[] = {"node.files", "node.data", NULL};

static Error *desired(const Domain *domain, const Facts *facts, ResourceSet *out)
{
    (void)facts;
    for (size_t i = 0; i < domain->host_count; i++) {
        const Host *host = domain->hosts[i];
        Resource *hba = resource_add(out, host_instance(host), "", host_address(host));
        resource_ask(hba, out->arena, "node.files", PG_HBA_FILE);
        if (out->for_asking)
            continue;
        const HbaFile *file = hba_file(out->arena, domain->inventory, host, HBA_POSTGRES);
        hba->origin = host_param_origin(host, "pg_hba_rules");
        hba->note = arena_printf(out->arena, "%zu rules", value_count(file->rules));
        resource_set(hba, "rules", file->rules, hba->origin);
        resource_set(hba, "content", value_text(out->arena, file->content), NULL);
    }
    return NULL;
}

static Error *read(const Domain *domain, const Facts *facts, ResourceSet *out)
{
    out->complete = true;
    for (size_t i = 0; i < domain->host_count; i++) {
        const Host *host = domain->hosts[i];
        const Value *files = place_reading(out, facts, host, host_instance(host), "node.files");
        const char *content =
            value_as_text(value_get(value_get(files, PG_HBA_FILE), "content"), NULL);
        if (!content)
            continue;
        Resource *hba = resource_add(out, host_instance(host), "", host_address(host));
        resource_set(hba, "rules", hba_rules_of(out->arena, content), NULL);
    }
    return NULL;
}

const Kind kind_hba = {
    .name = "hba",
    .domain = DOMAIN_CLUSTER,
    .doc = "Who may connect to an instance, and how they must prove who they are.",
    .params = params,
    .param_count = COUNT_OF(params),
    .sources = sources,
    .create_verb = "hba.write",
    .update_verb = "hba.write",
    .desired = desired,
    .read = read,
};
