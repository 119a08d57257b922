#include <string.h>

#include "base/duration.h"
#include "base/json.h"
#include "cli/commands.h"
#include "cli/redact.h"
#include "cli/session.h"
#include "schema/contract/topology.h"

enum { READING_COLUMNS = 74, NAME_COLUMNS = 20 };

static const char *const state_names[] = {
    [TOPOLOGY_NEW] = "new: nothing is there yet",
    [TOPOLOGY_FORMING] = "forming: its creation was interrupted",
    [TOPOLOGY_RUNNING] = "running",
    [TOPOLOGY_LEADERLESS] = "nobody leads",
    [TOPOLOGY_FOREIGN] = "running, not made by pgsteer: read-only until adopted",
    [TOPOLOGY_UNKNOWN] = "unknown",
};

static size_t count_unknown(const Facts *facts, const char *subject, size_t *ret_known)
{
    size_t unknown = 0;
    *ret_known = 0;
    for (size_t i = 0; i < facts_count(facts); i++) {
        const Reading *reading = facts_at(facts, i);
        if (subject && strcmp(reading->subject, subject) != 0)
            continue;
        if (reading->value)
            ++*ret_known;
        else
            unknown++;
    }
    return unknown;
}

static void print_node(const Session *session, const Host *host)
{
    FILE *out = session->cli->screen.out;
    const Facts *facts = session->observation->facts;
    const char *address = host_address(host);
    size_t known, unknown = count_unknown(facts, address, &known);
    const Value *os = facts_value(facts, "node.os", address);
    const Value *size = facts_value(facts, "node.size", address);
    CLEANUP(text_release) Text memory = TEXT_INIT;
    size_format(&memory, value_get_int(size, "memory_kb", 0) * 1024);
    fprintf(out, "  %-*s %-15s ", NAME_COLUMNS, host_name(host), address);
    if (known == 0)
        fputs("could not be read", out);
    else
        fprintf(out, "%s %s", value_get_text(os, "id"), value_get_text(os, "version_id"));
    if (size)
        fprintf(out, ", %lld CPU, %s", (long long)value_get_int(size, "cpu_count", 0),
                text_get(&memory));
    fprintf(out, "; %zu source%s read%s", known, known == 1 ? "" : "s", unknown ? "" : "\n");
    if (unknown > 0)
        fprintf(out, ", %zu not\n", unknown);
}

static void print_cluster(const Session *session, const Domain *domain)
{
    FILE *out = session->cli->screen.out;
    Topology topology = topology_of(session->cli->arena, domain, session->observation->facts);
    fprintf(out, "  %-*s %s", NAME_COLUMNS, domain->name, state_names[topology.state]);
    if (topology.leader)
        fprintf(out, ", leader %s, %zu of %zu healthy", topology.leader->name,
                topology.healthy_count, topology.member_count);
    if (topology.is_paused)
        fputs(", paused", out);
    if (topology.reason && *topology.reason)
        fprintf(out, " (%s)", topology.reason);
    fputc('\n', out);
}

/* Does an earlier unknown reading say the same of the same subject? */
static bool is_repeated(const Facts *facts, size_t i)
{
    const Reading *reading = facts_at(facts, i);
    for (size_t k = 0; k < i; k++) {
        const Reading *other = facts_at(facts, k);
        if (!other->value && strcmp(other->subject, reading->subject) == 0 &&
            strcmp(other->unknown_reason, reading->unknown_reason) == 0)
            return true;
    }
    return false;
}

/* "node.os, node.size": all sources that are unknown for this reason. */
static void add_sources(Text *out, const Facts *facts, const Reading *like)
{
    for (size_t i = 0; i < facts_count(facts); i++) {
        const Reading *reading = facts_at(facts, i);
        if (!reading->value && strcmp(reading->subject, like->subject) == 0 &&
            strcmp(reading->unknown_reason, like->unknown_reason) == 0)
            text_addf(out, "%s%s", out->length ? ", " : "", reading->source);
    }
}

static void print_unknown(const Session *session)
{
    FILE *out = session->cli->screen.out;
    const Facts *facts = session->observation->facts;
    bool has_heading = false;
    for (size_t i = 0; i < facts_count(facts); i++) {
        const Reading *reading = facts_at(facts, i);
        if (reading->value || is_repeated(facts, i))
            continue;
        CLEANUP(text_release) Text sources = TEXT_INIT;
        add_sources(&sources, facts, reading);
        if (!has_heading)
            fputs("\nNot known, and why:\n", out);
        has_heading = true;
        fprintf(out, "  ? %-*s %s\n    %-*s %s\n", NAME_COLUMNS, reading->subject,
                reading->unknown_reason, NAME_COLUMNS, "", text_get(&sources));
    }
}

static void print_reading(const Session *session, const Reading *reading)
{
    FILE *out = session->cli->screen.out;
    CLEANUP(text_release) Text text = TEXT_INIT;
    json_write(&text, redact_reading(session->cli->arena, reading));
    bool is_long = text.length > READING_COLUMNS && !session->cli->common.verbose;
    fprintf(out, "  %-*s %.*s%s\n", NAME_COLUMNS, reading->subject,
            is_long ? READING_COLUMNS : (int)text.length, text_get(&text), is_long ? " ..." : "");
}

static void print_sources(const Session *session)
{
    FILE *out = session->cli->screen.out;
    const Facts *facts = session->observation->facts;
    const Source *const *sources = session->cli->program->registry->sources;
    for (; *sources; sources++) {
        bool has_heading = false;
        for (size_t i = 0; i < facts_count(facts); i++) {
            const Reading *reading = facts_at(facts, i);
            if (strcmp(reading->source, (*sources)->name) != 0 || !reading->value)
                continue;
            if (!has_heading)
                fprintf(out, "\n%s: %s\n", (*sources)->name,
                        (*sources)->doc ? (*sources)->doc : "");
            has_heading = true;
            print_reading(session, reading);
        }
    }
}

static void print_text(const Session *session)
{
    FILE *out = session->cli->screen.out;
    const Observation *observation = session->observation;
    CLEANUP(text_release) Text took = TEXT_INIT;
    duration_format(&took, observation->took_ms);
    fprintf(out, "Observed %zu of %zu nodes in %s. Nothing was changed.\n\nNodes:\n",
            observation->hosts_observed, observation->hosts_wanted, text_get(&took));
    for (size_t i = 0; i < inventory_host_count(session->inventory); i++)
        print_node(session, inventory_host_at(session->inventory, i));
    if (inventory_cluster_count(session->inventory) > 0)
        fputs("\nClusters:\n", out);
    for (size_t i = 0; i < session->domain_count; i++) {
        if (session->domains[i].type == DOMAIN_CLUSTER)
            print_cluster(session, &session->domains[i]);
    }
    print_unknown(session);
    if (session->cli->common.verbose)
        print_sources(session);
    else
        fputs("\npgsteer status -v shows every reading by source, -json all of it.\n", out);
}

/* What asking each node cost: connecting, then one a command or stream. */
static Value *round_trips(const Session *session)
{
    Arena *arena = session->cli->arena;
    Value *counts = value_map(arena);
    for (size_t i = 0; i < inventory_host_count(session->inventory); i++) {
        const char *address = host_address(inventory_host_at(session->inventory, i));
        size_t count = session->world->round_trips(session->world, address);
        value_set_int(arena, counts, address, (int64_t)count);
    }
    return counts;
}

static void print_json(const Session *session)
{
    Arena *arena = session->cli->arena;
    const Observation *observation = session->observation;
    Value *readings = value_list(arena);
    for (size_t i = 0; i < facts_count(observation->facts); i++) {
        const Reading *reading = facts_at(observation->facts, i);
        Value *item = value_map(arena);
        value_set_text(arena, item, "source", reading->source);
        value_set_text(arena, item, "subject", reading->subject);
        value_set_bool(arena, item, "known", reading->value != NULL);
        if (reading->value)
            value_set(arena, item, "value", redact_reading(arena, reading));
        else
            value_set_text(arena, item, "reason", reading->unknown_reason);
        value_push(arena, readings, item);
    }
    Value *report = value_map(arena);
    value_set_int(arena, report, "nodes_wanted", (int64_t)observation->hosts_wanted);
    value_set_int(arena, report, "nodes_observed", (int64_t)observation->hosts_observed);
    value_set_int(arena, report, "took_ms", observation->took_ms);
    value_set(arena, report, "round_trips", round_trips(session));
    value_set(arena, report, "readings", readings);
    value_set(arena, report, "conditions", outcome_value(arena, &session->cli->outcome));
    CLEANUP(text_release) Text text = TEXT_INIT;
    json_write_pretty(&text, report);
    fprintf(session->cli->screen.out, "%s\n", text_get(&text));
}

static Error *status(Cli *cli)
{
    CLEANUP(session_end) Session session;
    TRY(session_begin(cli, &session));
    TRY(session_load(&session));
    TRY(session_connect(&session));
    TRY(session_observe(&session));
    size_t known;
    if (count_unknown(session.observation->facts, NULL, &known) > 0)
        outcome_add(&cli->outcome, CONDITION_UNREAD);
    if (cli->common.json)
        print_json(&session);
    else
        print_text(&session);
    return NULL;
}

static Error *run(Cli *cli, const Command *command, char **argv)
{
    const Option own[] = {
        {"v", OPTION_FLAG, &cli->common.verbose, NULL, "every reading, by source"},
    };
    bool is_done;
    TRY(cli_parse(cli, command, OPTIONS_ALL, own, COUNT_OF(own), &argv, &is_done));
    if (is_done)
        return NULL;
    TRY(cli_expect(argv, 0));
    return status(cli);
}

const Command command_status = {"status", "[options]",
                                "what is seen on the nodes, and what could not be read and why",
                                NULL, run};
