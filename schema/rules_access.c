/* Services. */
#include <string.h>

#include "base/text.h"
#include "schema/rules_internal.h"
#include "schema/selector.h"

static Selector *check_selector(const RuleRun *run, const Host *host, const char *param,
                                const Value *text)
{
    Selector *selector = NULL;
    CLEANUP(error_freep)
    Error *error = text ? selector_parse(run->scratch, value_as_text(text, ""), &selector) : NULL;
    if (error)
        diagnostics_add(run->diagnostics, "E028", rule_value_origin(host, param, text),
                        "Known are [] and [? … ] with names, `words`, == != ! && || and ( ).", "%s",
                        error->message);
    return selector;
}

static bool selects_any(const RuleRun *run, const Host *host, const Selector *selector)
{
    const PgCluster *cluster = inventory_cluster(run->inventory, host->cluster);
    for (size_t i = 0; cluster && i < cluster->member_count; i++) {
        if (selector_matches(selector, cluster->members[i]))
            return true;
    }
    return false;
}

static void check_service(const RuleRun *run, const Host *host, const char *param,
                          const Value *service)
{
    const char *name = value_get_text(service, "name");
    Selector *selector = check_selector(run, host, param, value_get(service, "selector"));
    Selector *backup = check_selector(run, host, param, value_get(service, "backup"));
    bool is_own = strcmp(param, "pg_services") == 0;
    bool is_empty = is_own && selector && !selects_any(run, host, selector) &&
                    !(backup && selects_any(run, host, backup));
    if (is_empty)
        diagnostics_add(run->diagnostics, "W028",
                        rule_value_origin(host, param, value_get(service, "selector")), NULL,
                        "the service %s of %s selects no member", name, host->cluster);
    if (!typing_is_token(name))
        diagnostics_add(run->diagnostics, "E042", rule_value_origin(host, param, service),
                        "Letters, digits and _ . : - are allowed.",
                        "\"%s\" cannot be the name of a service", name);
}

static void services(const RuleRun *run, const Host *host, const char *param, const Value *list)
{
    for (size_t i = 0; *host->cluster && i < value_count(list); i++)
        check_service(run, host, param, value_at(list, i));
}

static const char services_advice[] =
    "pg_services come in addition to pg_default_services; until Pigsty 2.0 they were the defaults.";

static void service_names(const RuleRun *run, const PgCluster *cluster)
{
    static const char *const params[] = {"pg_default_services", "pg_services"};
    const Host *host = cluster->members[0];
    Map *names = map_new(run->scratch);
    for (size_t p = 0; p < COUNT_OF(params); p++) {
        const Value *list = host_param(host, params[p]);
        for (size_t i = 0; i < value_count(list); i++) {
            const Value *service = value_at(list, i);
            const char *name = value_get_text(service, "name");
            const Value *other = rule_remember(run, names, name, service);
            if (!other)
                continue;
            Diagnostic *problem = diagnostics_add(
                run->diagnostics, "E048", inventory_origin(run->inventory, other), services_advice,
                "the service %s of %s is there twice", name, cluster->name);
            diagnostic_add_place(problem, rule_value_origin(host, params[p], service));
        }
    }
}

/* Files of "pg" are conf.d/pg-*.cfg, which those of "pg-test" are, too. */
static void provider_prefixes(const RuleRun *run, const PgCluster *cluster)
{
    const char *provider = host_text(cluster->members[0], "pg_service_provider");
    const char *prefix = arena_printf(run->scratch, "%s-", cluster->name);
    for (size_t i = 0; *provider && i < inventory_cluster_count(run->inventory); i++) {
        const PgCluster *other = inventory_cluster_at(run->inventory, i);
        if (text_starts_with(other->name, prefix) &&
            strcmp(host_text(other->members[0], "pg_service_provider"), provider) == 0)
            diagnostics_add(run->diagnostics, "W015", &cluster->origin, NULL,
                            "%s and %s share proxies, and one name begins with the other",
                            cluster->name, other->name);
    }
}

static const Rule rows[] = {
    {"E028 W028 E042", "services select members and lead somewhere", .value = services,
     .params = {"pg_default_services", "pg_services"}},
    {"E048", "names of services are unique", .cluster = service_names},
    {"W015", "names of clusters on shared proxies are no prefixes", .cluster = provider_prefixes},
};

const RuleTable rules_access = {rows, COUNT_OF(rows)};
