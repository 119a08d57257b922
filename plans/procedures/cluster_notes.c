/*
 * What the plan of a cluster says besides its changes: what was found, what is fixed for life, what
 * is known only later, and findings for which nothing is planned.
 */
#include <string.h>

#include "base/duration.h"
#include "plans/procedures/cluster.h"

/* The smallest machine among the members that were read. */
typedef struct Smallest {
    int64_t memory_kb, cpu_count, disk_free_bytes;
    size_t read_count;
    const char *system;
} Smallest;

static int64_t lesser(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static Smallest smallest_node(const Situation *situation)
{
    Smallest smallest = {
        .memory_kb = INT64_MAX, .cpu_count = INT64_MAX, .disk_free_bytes = INT64_MAX, .system = ""};
    for (size_t i = 0; i < situation->domain->host_count; i++) {
        const char *address = host_address(situation->domain->hosts[i]);
        const Value *size = facts_value(situation->facts, "node.size", address);
        if (!size)
            continue;
        smallest.read_count++;
        smallest.memory_kb = lesser(smallest.memory_kb, value_get_int(size, "memory_kb", 0));
        smallest.cpu_count = lesser(smallest.cpu_count, value_get_int(size, "cpu_count", 0));
        smallest.disk_free_bytes =
            lesser(smallest.disk_free_bytes, value_get_int(size, "disk_free_bytes", 0));
        smallest.system = value_as_text(
            facts_path(situation->facts, "node.os", address, "pretty_name"), smallest.system);
    }
    return smallest;
}

static void note_bare(Builder *builder, const Situation *situation)
{
    Smallest node = smallest_node(situation);
    CLEANUP(text_release) Text memory = TEXT_INIT;
    CLEANUP(text_release) Text disk = TEXT_INIT;
    if (node.read_count == 0)
        return;
    size_format(&memory, node.memory_kb * 1024);
    size_format(&disk, node.disk_free_bytes);
    builder_note(builder, situation->domain, "found", "", NULL,
                 "%zu bare nodes%s%s, %lld CPU, %s memory, %s free.", node.read_count,
                 node.system[0] ? ", " : "", node.system, (long long)node.cpu_count,
                 text_get(&memory), text_get(&disk));
    builder_note(builder, situation->domain, "found", "", NULL,
                 "No data directory and no DCS key of that name exists: safe to create.");
}

static void note_fixed(Builder *builder, const Situation *situation)
{
    const Host *host = situation->domain->hosts[0];
    builder_note(builder, situation->domain, "fixed", "", NULL,
                 "encoding %s, locale %s, data checksums %s, WAL segments of 16 MB.",
                 host_text(host, "pg_encoding"), host_text(host, "pg_locale"),
                 host_bool(host, "pg_checksum", true) ? "on" : "off");
    builder_note(builder, situation->domain, "fixed", "", NULL,
                 "A later change of these means a new cluster.");
    builder_note(builder, situation->domain, "later", "", NULL,
                 "system identifier, certificate numbers.");
}

/* Is the machine no longer the one that the settings were computed for? A tenth is noise. */
static bool differs(int64_t recorded, int64_t now)
{
    return recorded > 0 && now > 0 && (now * 10 < recorded * 9 || now * 10 > recorded * 11);
}

static const Value *recorded_inputs(const Situation *situation)
{
    for (size_t i = 0; i < situation->domain->host_count; i++) {
        const Value *inputs =
            facts_path(situation->facts, "patroni.config",
                       host_address(situation->domain->hosts[i]), "pgsteer/inputs");
        if (inputs)
            return inputs;
    }
    return NULL;
}

static void note_machine(Builder *builder, const Situation *situation)
{
    const Value *inputs = recorded_inputs(situation);
    Smallest node = smallest_node(situation);
    int64_t recorded_mb = value_get_int(inputs, "memory_mb", 0);
    if (!inputs || node.read_count == 0)
        return;
    int64_t now_mb = node.memory_kb / 1024;
    if (differs(recorded_mb, now_mb))
        builder_note(builder, situation->domain, "info", "", NULL,
                     "The smallest member has %lld MiB of memory; the settings were computed for "
                     "%lld MiB. Nothing is planned for it.",
                     (long long)now_mb, (long long)recorded_mb);
    int64_t recorded_cpus = value_get_int(inputs, "cpu_count", 0);
    if (differs(recorded_cpus, node.cpu_count))
        builder_note(builder, situation->domain, "info", "", NULL,
                     "The smallest member has %lld CPUs; the settings were computed for %lld. "
                     "Nothing is planned for it.",
                     (long long)node.cpu_count, (long long)recorded_cpus);
}

static void note_state(Builder *builder, const Situation *situation)
{
    const Topology *topology = situation->topology;
    if (topology->reason && topology->reason[0])
        builder_note(builder, situation->domain, "warning", "", NULL, "%s", topology->reason);
    if (topology->is_paused)
        builder_note(builder, situation->domain, "warning", "", NULL,
                     "Patroni is paused: it would not fail over by itself now.");
    if (topology->state == TOPOLOGY_FORMING)
        builder_note(builder, situation->domain, "found", "", NULL,
                     "An earlier creation of this cluster did not finish; it goes on here.");
}

void cluster_notes(Builder *builder, const Situation *situation)
{
    note_state(builder, situation);
    if (situation->topology->state == TOPOLOGY_NEW) {
        note_bare(builder, situation);
        note_fixed(builder, situation);
    }
    cluster_fixed_notes(builder, situation);
    note_machine(builder, situation);
    cluster_memory_notes(builder, situation);
}
