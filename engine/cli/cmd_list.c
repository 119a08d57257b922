#include <string.h>

#include "base/json.h"
#include "cli/commands.h"
#include "cli/session.h"
#include "schema/contract/topology.h"

#define MEGABYTE INT64_C(1048576)

enum { COLUMN_COUNT = 7 };

static const char *const headings[COLUMN_COUNT] = {"Member", "Host", "Role",   "State",
                                                   "TL",     "Lag",  "Pending"};
static const bool is_number[COLUMN_COUNT] = {[4] = true, [5] = true};

typedef struct Row {
    const char *cells[COLUMN_COUNT];
} Row;

static const char *role_words(const char *role)
{
    static const char *const words[][2] = {
        {"leader", "Leader"},
        {"master", "Leader"},
        {"sync_standby", "Sync Standby"},
        {"quorum_standby", "Quorum Standby"},
        {"standby_leader", "Standby Leader"},
        {"replica", "Replica"},
    };
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        if (strcmp(words[i][0], role) == 0)
            return words[i][1];
    }
    return role;
}

static const char *lag_words(Arena *arena, const Topology *topology, const Member *member)
{
    if (member == topology->leader || !*member->role)
        return "";
    if (member->lag_bytes < 0)
        return "unknown";
    return arena_printf(arena, "%lld", (long long)(member->lag_bytes / MEGABYTE));
}

static const char *state_words(const Member *member)
{
    if (*member->state)
        return member->state;
    if (!member->is_readable)
        return "could not be read";
    return member->has_data ? "not running" : "not there yet";
}

static Row make_row(Arena *arena, const Topology *topology, const Member *member)
{
    const char *timeline =
        member->timeline ? arena_printf(arena, "%lld", (long long)member->timeline) : "";
    return (Row){{member->name, member->host, role_words(member->role), state_words(member),
                  timeline, lag_words(arena, topology, member),
                  member->pending_restart ? "restart" : ""}};
}

static void print_rule(FILE *out, const size_t *widths)
{
    for (size_t c = 0; c < COLUMN_COUNT; c++) {
        fputc('+', out);
        for (size_t i = 0; i < widths[c] + 2; i++)
            fputc('-', out);
    }
    fputs("+\n", out);
}

/* patronictl writes the cluster's name into the rule. */
static void print_title(FILE *out, const char *title, const size_t *widths)
{
    size_t total = COLUMN_COUNT + 1, used = strlen(title) + 4, at = 0;
    for (size_t c = 0; c < COLUMN_COUNT; c++)
        total += widths[c] + 2;
    fprintf(out, "+ %s ", title);
    for (size_t c = 0; c < COLUMN_COUNT; c++) {
        for (size_t i = 0; i < widths[c] + 3; i++, at++) {
            if (at >= used - 1)
                fputc(i == 0 ? '+' : '-', out);
        }
    }
    fputs(total > used ? "+\n" : "\n", out);
}

static void print_row(FILE *out, const Row *row, const size_t *widths)
{
    for (size_t c = 0; c < COLUMN_COUNT; c++) {
        int pad = (int)(widths[c] - text_columns(row->cells[c]));
        if (is_number[c])
            fprintf(out, "| %*s%s ", pad, "", row->cells[c]);
        else
            fprintf(out, "| %s%*s ", row->cells[c], pad, "");
    }
    fputs("|\n", out);
}

static void print_cluster(Cli *cli, const Domain *domain, const Topology *topology)
{
    FILE *out = cli->screen.out;
    Row heading;
    size_t widths[COLUMN_COUNT];
    memcpy(heading.cells, headings, sizeof(headings));
    Row *rows = ARENA_ARRAY(cli->arena, Row, topology->member_count);
    for (size_t c = 0; c < COLUMN_COUNT; c++)
        widths[c] = text_columns(headings[c]);
    for (size_t i = 0; i < topology->member_count; i++) {
        rows[i] = make_row(cli->arena, topology, &topology->members[i]);
        for (size_t c = 0; c < COLUMN_COUNT; c++) {
            size_t width = text_columns(rows[i].cells[c]);
            widths[c] = width > widths[c] ? width : widths[c];
        }
    }
    bool has_identifier = topology->system_identifier && *topology->system_identifier;
    const char *title =
        arena_printf(cli->arena, "Cluster: %s (%s)", domain->name,
                     has_identifier ? topology->system_identifier : "not initialized");
    print_title(out, title, widths);
    print_row(out, &heading, widths);
    print_rule(out, widths);
    for (size_t i = 0; i < topology->member_count; i++)
        print_row(out, &rows[i], widths);
    print_rule(out, widths);
    if (topology->is_paused)
        fputs(" Maintenance mode: on\n", out);
    if (topology->reason && *topology->reason)
        fprintf(out, " %s\n", topology->reason);
}

static Value *cluster_value(Arena *arena, const Domain *domain, const Topology *topology)
{
    Value *members = value_list(arena);
    for (size_t i = 0; i < topology->member_count; i++) {
        const Member *member = &topology->members[i];
        Value *item = value_map(arena);
        value_set_text(arena, item, "name", member->name);
        value_set_text(arena, item, "host", member->host);
        value_set_text(arena, item, "role", member->role);
        value_set_text(arena, item, "state", member->state);
        value_set_int(arena, item, "timeline", member->timeline);
        value_set_int(arena, item, "lag_bytes", member->lag_bytes);
        value_set_bool(arena, item, "pending_restart", member->pending_restart);
        value_set_bool(arena, item, "declared", member->is_declared);
        value_set_bool(arena, item, "readable", member->is_readable);
        value_push(arena, members, item);
    }
    Value *cluster = value_map(arena);
    value_set_text(arena, cluster, "cluster", domain->name);
    value_set_text(arena, cluster, "system_identifier",
                   topology->system_identifier ? topology->system_identifier : "");
    value_set_text(arena, cluster, "leader", topology->leader ? topology->leader->name : "");
    value_set_bool(arena, cluster, "paused", topology->is_paused);
    value_set(arena, cluster, "members", members);
    return cluster;
}

/* Its own nodes and those of etcd, which knows whether it was ever there; NULL: all clusters. */
static Error *observe_members(Session *session, const char *wanted)
{
    Domain *domains = ARENA_ARRAY(session->cli->arena, Domain, session->domain_count);
    size_t count = 0;
    for (size_t i = 0; i < session->domain_count; i++) {
        const Domain *domain = &session->domains[i];
        bool is_wanted =
            domain->type == DOMAIN_CLUSTER && (!wanted || strcmp(domain->name, wanted) == 0);
        if (is_wanted || domain->type == DOMAIN_ETCD)
            domains[count++] = *domain;
    }
    fprintf(session->cli->screen.err, "Asking the members of %s...\n",
            wanted ? wanted : "all clusters");
    fflush(session->cli->screen.err);
    return session_observe_some(session, domains, count, topology_sources);
}

static Error *list(Cli *cli, const char *wanted)
{
    CLEANUP(session_end) Session session;
    TRY(session_begin(cli, &session));
    TRY(session_load(&session));
    if (wanted && !inventory_cluster(session.inventory, wanted))
        return error_new(ERROR_INVALID, "there is no cluster '%s' in the inventory", wanted);
    TRY(session_connect(&session));
    TRY(observe_members(&session, wanted));
    Value *all = value_list(cli->arena);
    for (size_t i = 0; i < session.domain_count; i++) {
        const Domain *domain = &session.domains[i];
        if (domain->type != DOMAIN_CLUSTER || (wanted && strcmp(wanted, domain->name) != 0))
            continue;
        Topology topology = topology_of(cli->arena, domain, session.observation->facts);
        if (cli->common.json)
            value_push(cli->arena, all, cluster_value(cli->arena, domain, &topology));
        else
            print_cluster(cli, domain, &topology);
    }
    if (cli->common.json) {
        CLEANUP(text_release) Text text = TEXT_INIT;
        json_write_pretty(&text, all);
        fprintf(cli->screen.out, "%s\n", text_get(&text));
    }
    return NULL;
}

static Error *run(Cli *cli, const Command *command, char **argv)
{
    bool is_done;
    TRY(cli_parse(cli, command, OPTIONS_ALL, NULL, 0, &argv, &is_done));
    if (is_done)
        return NULL;
    TRY(cli_expect(argv, 1));
    return list(cli, argv[0]);
}

const Command command_list = {"list", "[options] [CLUSTER]",
                              "members of clusters as they are now: role, state, timeline, lag",
                              "Lag is in MB, as in patronictl list.", run};
