/* What the inventory says in the end, without asking any node. */
#include <string.h>

#include "base/json.h"
#include "cli/commands.h"
#include "cli/names.h"
#include "cli/session.h"
#include "schema/inventory_resolved.h"

enum { KIND_COLUMN = 24 };

typedef struct InventoryOptions {
    const char *host, *cluster;
    bool with_defaults;
} InventoryOptions;

/* As people call it; nodes are no clusters. */
static const char *const kind_names[DOMAIN_TYPE_COUNT] = {
    [DOMAIN_INFRA] = "infra", [DOMAIN_ETCD] = "etcd", [DOMAIN_CLUSTER] = "postgresql"};

static void print_json(const Cli *cli, const Value *value)
{
    CLEANUP(text_release) Text text = TEXT_INIT;
    json_write_pretty(&text, value);
    fprintf(cli->screen.out, "%s\n", text_get(&text));
}

/* -- list ------------------------------------------------------------------------------------ */

static bool is_in_cluster(const Session *session, const Host *host)
{
    for (size_t i = 0; i < session->domain_count; i++) {
        const Domain *domain = &session->domains[i];
        for (size_t k = 0; kind_names[domain->type] && k < domain->host_count; k++) {
            if (domain->hosts[k] == host)
                return true;
        }
    }
    return false;
}

/* "" where a role means nothing. */
static const char *role_of(const Domain *domain, const Host *host)
{
    return domain->type == DOMAIN_CLUSTER ? host_text(host, "pg_role") : "";
}

static void print_count(FILE *out, size_t count, const char *what, const char *after)
{
    fprintf(out, "%zu %s%s%s", count, what, count == 1 ? "" : "s", after);
}

static void print_host(FILE *out, const Host *host, const char *more)
{
    fprintf(out, *more ? "  %-*s %-15s %s\n" : "  %-*s %s\n", KIND_COLUMN - 3, host_name(host),
            host_address(host), more);
}

static void print_clusters(const Session *session)
{
    FILE *out = session->cli->screen.out;
    for (size_t i = 0; i < session->domain_count; i++) {
        const Domain *domain = &session->domains[i];
        if (!kind_names[domain->type])
            continue;
        fprintf(out, "%-*s %s, ", KIND_COLUMN - 1, domain->name, kind_names[domain->type]);
        print_count(out, domain->host_count, "member", "\n");
        for (size_t k = 0; k < domain->host_count; k++)
            print_host(out, domain->hosts[k], role_of(domain, domain->hosts[k]));
    }
}

static void print_free_hosts(const Session *session)
{
    FILE *out = session->cli->screen.out;
    bool has_heading = false;
    for (size_t i = 0; i < inventory_host_count(session->inventory); i++) {
        const Host *host = inventory_host_at(session->inventory, i);
        if (is_in_cluster(session, host))
            continue;
        if (!has_heading)
            fputs("\nNodes of no cluster:\n", out);
        has_heading = true;
        print_host(out, host, "");
    }
}

static void print_groups(const Session *session)
{
    FILE *out = session->cli->screen.out;
    const Inventory *inventory = session->inventory;
    fputs("\nGroups:\n", out);
    for (size_t i = 0; i < inventory_group_count(inventory); i++) {
        const char *name = inventory_group_at(inventory, i);
        const Host *const *hosts;
        fprintf(out, "  %-*s ", KIND_COLUMN - 3, name);
        print_count(out, inventory_group_hosts(inventory, name, &hosts), "node", "\n");
    }
    fputc('\n', out);
    print_count(out, inventory_host_count(inventory), "node", ", ");
    print_count(out, inventory_cluster_count(inventory), "PostgreSQL cluster", ".\n");
}

static Value *member_value(Arena *arena, const Domain *domain, const Host *host)
{
    Value *item = value_map(arena);
    value_set_text(arena, item, "name", host_name(host));
    value_set_text(arena, item, "address", host_address(host));
    if (domain && domain->type == DOMAIN_CLUSTER)
        value_set_text(arena, item, "role", role_of(domain, host));
    return item;
}

static Value *clusters_value(const Session *session)
{
    Arena *arena = session->cli->arena;
    Value *clusters = value_list(arena);
    for (size_t i = 0; i < session->domain_count; i++) {
        const Domain *domain = &session->domains[i];
        if (!kind_names[domain->type])
            continue;
        Value *members = value_list(arena), *cluster = value_map(arena);
        for (size_t k = 0; k < domain->host_count; k++)
            value_push(arena, members, member_value(arena, domain, domain->hosts[k]));
        value_set_text(arena, cluster, "name", domain->name);
        value_set_text(arena, cluster, "kind", kind_names[domain->type]);
        value_set(arena, cluster, "members", members);
        value_push(arena, clusters, cluster);
    }
    return clusters;
}

static Value *groups_value(Arena *arena, const Inventory *inventory)
{
    Value *groups = value_list(arena);
    for (size_t i = 0; i < inventory_group_count(inventory); i++) {
        const Host *const *hosts;
        const char *name = inventory_group_at(inventory, i);
        size_t count = inventory_group_hosts(inventory, name, &hosts);
        Value *members = value_list(arena), *group = value_map(arena);
        for (size_t k = 0; k < count; k++)
            value_push(arena, members, value_text(arena, host_address(hosts[k])));
        value_set_text(arena, group, "name", name);
        value_set(arena, group, "members", members);
        value_push(arena, groups, group);
    }
    return groups;
}

static Value *list_value(const Session *session)
{
    Arena *arena = session->cli->arena;
    Value *free_hosts = value_list(arena), *report = value_map(arena);
    for (size_t i = 0; i < inventory_host_count(session->inventory); i++) {
        const Host *host = inventory_host_at(session->inventory, i);
        if (!is_in_cluster(session, host))
            value_push(arena, free_hosts, member_value(arena, NULL, host));
    }
    value_set(arena, report, "clusters", clusters_value(session));
    value_set(arena, report, "nodes_of_no_cluster", free_hosts);
    value_set(arena, report, "groups", groups_value(arena, session->inventory));
    return report;
}

static Error *list(const Session *session, const InventoryOptions *options)
{
    if (options->host || options->cluster || options->with_defaults)
        return error_new(ERROR_INVALID, "-host, -cluster and -all belong to inventory show");
    if (session->cli->common.json) {
        print_json(session->cli, list_value(session));
        return NULL;
    }
    print_clusters(session);
    print_free_hosts(session);
    print_groups(session);
    return NULL;
}

/* -- show ------------------------------------------------------------------------------------ */

static Error *take_host(const Session *session, const char *wanted, ResolvedView *view)
{
    const Host **found = ARENA_NEW(session->cli->arena, const Host *);
    TRY(names_find_host(session->cli->arena, session->inventory, wanted, found));
    view->hosts = found;
    view->host_count = 1;
    return NULL;
}

static Error *take_cluster(const Session *session, const char *wanted, ResolvedView *view)
{
    Arena *arena = session->cli->arena;
    const char **names = ARENA_ARRAY(arena, const char *, session->domain_count);
    size_t known = 0;
    for (size_t i = 0; i < session->domain_count; i++) {
        const Domain *domain = &session->domains[i];
        if (!kind_names[domain->type])
            continue;
        names[known++] = domain->name;
        if (strcmp(domain->name, wanted) != 0)
            continue;
        view->hosts = domain->hosts;
        view->host_count = domain->host_count;
        return NULL;
    }
    return names_unknown(arena, "cluster", wanted, names, known);
}

static void take_all(const Session *session, ResolvedView *view)
{
    size_t count = inventory_host_count(session->inventory);
    const Host **hosts = ARENA_ARRAY(session->cli->arena, const Host *, count);
    for (size_t i = 0; i < count; i++)
        hosts[i] = inventory_host_at(session->inventory, i);
    view->hosts = hosts;
    view->host_count = count;
    view->is_whole = true;
}

static Error *show(const Session *session, const InventoryOptions *options)
{
    ResolvedView view = {.with_defaults = options->with_defaults};
    if (options->host && options->cluster)
        return error_new(ERROR_INVALID, "-host and -cluster exclude each other");
    if (options->host)
        TRY(take_host(session, options->host, &view));
    else if (options->cluster)
        TRY(take_cluster(session, options->cluster, &view));
    else
        take_all(session, &view);
    if (session->cli->common.json) {
        print_json(session->cli, inventory_resolved_value(session->cli->arena, &view));
        return NULL;
    }
    CLEANUP(text_release) Text text = TEXT_INIT;
    inventory_resolved_yaml(&text, session->inventory, &view);
    fputs(text_get(&text), session->cli->screen.out);
    return NULL;
}

/* -- command --------------------------------------------------------------------------------- */

static Error *perform(Cli *cli, const InventoryOptions *options, char **argv)
{
    bool is_list = argv[0] && strcmp(argv[0], "list") == 0;
    bool is_show = argv[0] && strcmp(argv[0], "show") == 0;
    if (!is_list && !is_show)
        return error_new(ERROR_INVALID, "say what to do: pgsteer inventory list | show");
    TRY(cli_expect(argv, 1));
    CLEANUP(session_end) Session session;
    TRY(session_begin(cli, &session));
    TRY(session_load(&session));
    return is_list ? list(&session, options) : show(&session, options);
}

static Error *run(Cli *cli, const Command *command, char **argv)
{
    InventoryOptions options = {0};
    const Option own[] = {
        {"host", OPTION_TEXT, &options.host, "NAME", "show: only this node, by address or name"},
        {"cluster", OPTION_TEXT, &options.cluster, "NAME", "show: only the members of this one"},
        {"all", OPTION_FLAG, &options.with_defaults, NULL, "show: defaults, too"},
    };
    bool is_done;
    TRY(cli_parse(cli, command, OPTIONS_SCREEN | OPTIONS_INVENTORY, own, COUNT_OF(own), &argv,
                  &is_done));
    return is_done ? NULL : perform(cli, &options, argv);
}

const Command command_inventory = {
    "inventory", "[options] list | show", "what the inventory says: its clusters, or all values",
    "list names clusters with their members, nodes of no cluster, and groups. show prints what\n"
    "counts on each node in the end, as an inventory, with the line it was written on; secrets\n"
    "are not in it. No node is contacted.",
    run};
