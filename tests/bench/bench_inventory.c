/* Load, resolve and validate a generated inventory, and print what that took: one line of
 * NAME=NUMBER words. valgrind can count within inventory_load_bytes alone. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "bench/fleet_text.h"
#include "schema/inventory.h"

static long cpu_ms(const struct rusage *usage)
{
    return (usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) * 1000 +
           (usage->ru_utime.tv_usec + usage->ru_stime.tv_usec) / 1000;
}

static size_t finding_count(const Diagnostics *diagnostics)
{
    return diagnostics_error_count(diagnostics) + diagnostics_warning_count(diagnostics);
}

static void print_findings(Diagnostics *diagnostics)
{
    if (finding_count(diagnostics) > 0)
        diagnostics_print(stderr, diagnostics, 5, false, false);
}

int main(int argc, char **argv)
{
    long host_count = argc == 2 ? strtol(argv[1], NULL, 10) : 0;
    if (host_count < 1 || host_count > FLEET_HOSTS_MAX) {
        fprintf(stderr, "usage: bench_inventory HOSTS (1 to %d)\n", FLEET_HOSTS_MAX);
        return 1;
    }
    CLEANUP(text_release) Text text = TEXT_INIT;
    fleet_text_add(&text, (size_t)host_count);
    CLEANUP(arena_freep) Arena *arena = arena_new();
    Diagnostics *diagnostics = diagnostics_new(arena);
    struct rusage before, after;
    getrusage(RUSAGE_SELF, &before);
    const Inventory *inventory =
        inventory_load_bytes(arena, "fleet.yml", text_get(&text), text.length, diagnostics);
    getrusage(RUSAGE_SELF, &after);
    print_findings(diagnostics);
    printf("hosts=%zu clusters=%zu findings=%zu bytes=%zu cpu_ms=%ld arena_kb=%zu rss_kb=%ld\n",
           inventory ? inventory_host_count(inventory) : 0,
           inventory ? inventory_cluster_count(inventory) : 0, finding_count(diagnostics),
           text.length, cpu_ms(&after) - cpu_ms(&before), arena_used_bytes(arena) / 1024,
           after.ru_maxrss);
    return 0;
}
