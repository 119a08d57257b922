/*
 * Does the memory that the inventory gives away exist? Known as soon as the nodes have told their
 * size; the shares of it are checked without them (schema/rules_capacity.c).
 */
#include <string.h>

#include "plans/procedures/cluster.h"
#include "schema/setting_value.h"
#include "schema/tuning.h"

enum { HUGE_PAGE_MB = 2, BLOCKS_PER_MB = 128, MOST_PERCENT = 75 };

typedef struct Memory {
    const Host *host;
    int64_t total_mb;
    int64_t pages_mb;     /* node_hugepage_count; 0: not written */
    int64_t buffers_mb;   /* shared_buffers, if it is written or has huge pages to fit into */
    const Value *written; /* shared_buffers of pg_parameters; NULL: a share of the memory */
} Memory;

/* Of a text that is a good value of shared_buffers, else 0. */
static int64_t buffers_mb(const char *text)
{
    double blocks;
    return setting_value_number("shared_buffers", text, &blocks) ? (int64_t)blocks / BLOCKS_PER_MB
                                                                 : 0;
}

static int64_t total_mb(const Situation *situation, const Host *host)
{
    const Value *size = facts_value(situation->facts, "node.size", host_address(host));
    return (value_get_int(size, "memory_kb", 0) + 1023) / 1024;
}

/* A share of the memory of the smallest member; "": not all of them have told their size. */
static const char *computed_buffers(Arena *arena, const Situation *situation, const Host *host)
{
    Machine machine = {.memory_mb = INT64_MAX, .cpu_count = 1};
    for (size_t i = 0; i < situation->domain->host_count; i++) {
        int64_t memory_mb = total_mb(situation, situation->domain->hosts[i]);
        machine.memory_mb = memory_mb < machine.memory_mb ? memory_mb : machine.memory_mb;
    }
    if (machine.memory_mb == 0)
        return "";
    const TuningSetting *settings;
    size_t count = tuning_settings(arena, host, &machine, &settings);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(settings[i].name, "shared_buffers") == 0)
            return settings[i].value;
    }
    return "";
}

/* False: the node has not told its size. */
static bool memory_of(Arena *arena, const Situation *situation, const Host *host, Memory *ret)
{
    *ret = (Memory){.host = host,
                    .total_mb = total_mb(situation, host),
                    .pages_mb = host_int(host, "node_hugepage_count", 0) * HUGE_PAGE_MB,
                    .written = value_get(host_param(host, "pg_parameters"), "shared_buffers")};
    if (ret->written)
        ret->buffers_mb = buffers_mb(value_as_text(ret->written, ""));
    else if (ret->pages_mb > 0)
        ret->buffers_mb = buffers_mb(computed_buffers(arena, situation, host));
    return ret->total_mb > 0;
}

static bool is_too_much(int64_t part_mb, const Memory *memory)
{
    return part_mb * 100 > memory->total_mb * MOST_PERCENT;
}

static void warn(Builder *builder, const Situation *situation, const Memory *memory,
                 const Value *value, const char *message)
{
    const Inventory *inventory = situation->domain->inventory;
    const Origin *origin = value ? inventory_origin(inventory, value)
                                 : host_param_origin(memory->host, "node_hugepage_count");
    builder_note(builder, situation->domain, "warning", "W056", origin, "%s", message);
}

/* True: there is something to say. */
static bool check_buffers(Builder *builder, const Situation *situation, const Memory *memory)
{
    if (!memory->written || !is_too_much(memory->buffers_mb, memory))
        return false;
    warn(builder, situation, memory, memory->written,
         arena_printf(builder_arena(builder),
                      "shared_buffers is %s, and %s has %lld MiB of memory: the server may not "
                      "start, or be killed",
                      value_as_text(memory->written, ""), host_name(memory->host),
                      (long long)memory->total_mb));
    return true;
}

static bool check_pages(Builder *builder, const Situation *situation, const Memory *memory)
{
    Arena *arena = builder_arena(builder);
    bool is_whole = is_too_much(memory->pages_mb, memory);
    if (memory->pages_mb == 0 || (!is_whole && memory->pages_mb >= memory->buffers_mb))
        return false;
    const char *name = host_name(memory->host);
    long long pages_mb = (long long)memory->pages_mb;
    warn(builder, situation, memory, NULL,
         is_whole ? arena_printf(arena,
                                 "node_hugepage_count takes %lld of the %lld MiB of memory of %s: "
                                 "little else can run there",
                                 pages_mb, (long long)memory->total_mb, name)
                  : arena_printf(arena,
                                 "shared_buffers of %s, %lld MiB, does not fit into its huge "
                                 "pages, %lld MiB: nobody uses them then",
                                 name, (long long)memory->buffers_mb, pages_mb));
    return true;
}

typedef bool CheckFunction(Builder *builder, const Situation *situation, const Memory *memory);

void cluster_memory_notes(Builder *builder, const Situation *situation)
{
    static CheckFunction *const checks[] = {check_buffers, check_pages};
    const Domain *domain = situation->domain;
    for (size_t c = 0; c < COUNT_OF(checks); c++) {
        bool is_said = false; /* of the first member: one mistake has many */
        for (size_t i = 0; i < domain->host_count && !is_said; i++) {
            Memory memory;
            is_said = memory_of(builder_arena(builder), situation, domain->hosts[i], &memory) &&
                      checks[c](builder, situation, &memory);
        }
    }
}
