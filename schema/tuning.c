#include "schema/tuning.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/duration.h"
#include "base/text.h"

/* What the templates differ in. */
typedef struct Row {
    int64_t pooled_connections, direct_connections;
    int64_t maintenance_percent; /* of shared_buffers */
    int64_t min_work_mb, max_work_mb;
    int64_t more_workers, min_workers; /* max(c + more, min) + 8 */
    int64_t parallel_percent;          /* of the CPUs */
    int64_t min_parallel;
    bool rounds_down;                   /* parallel workers */
    int64_t library_locks;              /* locks: connections times that with citus and co. */
    int64_t locks;                      /* and without */
    int64_t temp_share;                 /* temp_file_limit in disk shares */
    int64_t io_percent, min_io, max_io; /* io_workers */
    const char *statistics, *slow_ms, *idle;
} Row;

static const Row rows[TUNING_TEMPLATE_COUNT] = {
    [TUNING_OLTP] = {500, 1000, 25, 64, 1024, 8, 16, 50, 2, false, 2, 1, 1, 25, 4, 16, "400", "100",
                     "10min"},
    [TUNING_OLAP] = {500, 500, 50, 64, 8192, 12, 20, 80, 2, false, 4, 2, 4, 50, 4, 32, "1000",
                     "1000", "0"},
    [TUNING_CRIT] = {500, 1000, 25, 64, 1024, 8, 16, 50, 2, false, 2, 1, 1, 25, 4, 8, "400", "100",
                     "1min"},
    [TUNING_TINY] = {250, 250, 25, 16, 256, 4, 12, 50, 1, true, 2, 1, 1, 0, 3, 3, "200", "100",
                     "10min"},
};

static const char *const template_names[] = {"oltp", "olap", "crit", "tiny"};

enum { MAX_SETTINGS = 40, DISK_SHARE_GB = 20 };

typedef struct Sheet {
    Arena *arena;
    const TuningInput *input;
    const Machine *machine;
    const Row *row;
    const char *template_name;
    TuningSetting *settings;
    size_t count;
    bool is_sized; /* what is added now */
} Sheet;

static int64_t max_of(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static int64_t clamp(int64_t value, int64_t low, int64_t high)
{
    return value < low ? low : value > high ? high : value;
}

static int64_t ceil_div(int64_t a, int64_t b)
{
    return (a + b - 1) / b;
}

static void add(Sheet *sheet, const char *name, const char *value, const char *formula)
{
    sheet->settings[sheet->count++] = (TuningSetting){name, value, formula, sheet->is_sized};
}

static void add_int(Sheet *sheet, const char *name, int64_t value, const char *formula)
{
    add(sheet, name, arena_printf(sheet->arena, "%lld", (long long)value), formula);
}

static const char *megabytes(Arena *arena, int64_t mb)
{
    bool whole = mb > 0 && mb % 1024 == 0;
    return arena_printf(arena, "%lld%s", (long long)(whole ? mb / 1024 : mb), whole ? "GB" : "MB");
}

static void add_mb(Sheet *sheet, const char *name, int64_t mb, const char *formula)
{
    add(sheet, name, megabytes(sheet->arena, mb), formula);
}

static void add_gb(Sheet *sheet, const char *name, int64_t gb, const char *formula)
{
    add(sheet, name, arena_printf(sheet->arena, "%lldGB", (long long)gb), formula);
}

int64_t tuning_max_connections(const TuningInput *input)
{
    if (input->max_connections > 0)
        return input->max_connections;
    const Row *row = &rows[input->template];
    return input->pooled_by_default ? row->pooled_connections : row->direct_connections;
}

static const char *connections_reason(const Sheet *sheet)
{
    if (sheet->input->max_connections > 0)
        return "pg_max_conn";
    if (sheet->row->pooled_connections == sheet->row->direct_connections)
        return arena_printf(sheet->arena, "template %s (pg_max_conn: auto)", sheet->template_name);
    return sheet->input->pooled_by_default ? "pooled by default (pg_max_conn: auto)"
                                           : "not pooled by default (pg_max_conn: auto)";
}

static void add_connections(Sheet *sheet)
{
    int64_t count = tuning_max_connections(sheet->input);
    /* Substring tests, as the templates of Pigsty have them. */
    bool has_citus = strstr(sheet->input->libraries, "citus") != NULL;
    bool has_hypertables = strstr(sheet->input->libraries, "timescaledb") != NULL;
    bool many = has_citus || has_hypertables;
    int64_t factor = many ? sheet->row->library_locks : sheet->row->locks;
    add_int(sheet, "max_connections", count, connections_reason(sheet));
    add_int(sheet, "superuser_reserved_connections", TUNING_RESERVED_CONNECTIONS, "fixed");
    add_int(sheet, "max_locks_per_transaction", count * factor,
            arena_printf(sheet->arena, "max_connections * %lld%s", (long long)factor,
                         many ? " (citus or timescaledb in pg_libs)" : ""));
    add_int(sheet, "max_prepared_transactions", has_citus ? count : 0,
            has_citus ? "max_connections (citus in pg_libs)" : "no citus in pg_libs");
    add_int(sheet, "max_wal_senders", 50, "fixed");
    add_int(sheet, "max_replication_slots", 50, "fixed");
    add(sheet, "wal_level", "logical", "fixed");
}

/* "8 GiB"; `unknown` for the machine that nobody has seen yet. */
static const char *size_text(const Sheet *sheet, int64_t bytes, const char *unknown)
{
    CLEANUP(text_release) Text size = TEXT_INIT;
    if (bytes == 0)
        return unknown;
    size_format(&size, bytes);
    return text_copy(&size, sheet->arena);
}

static void add_memory(Sheet *sheet)
{
    int64_t memory = sheet->machine->memory_mb;
    int64_t buffers = ceil_div(memory * sheet->input->buffer_thousandths, 1000);
    int64_t work = buffers / tuning_max_connections(sheet->input);
    const char *size = size_text(sheet, memory * 1024 * 1024, "the memory");
    add_mb(sheet, "shared_buffers", buffers,
           arena_printf(sheet->arena, "%g %% of %s (pg_shared_buffer_ratio)",
                        (double)sheet->input->buffer_thousandths / 10, size));
    add_mb(sheet, "maintenance_work_mem", ceil_div(buffers * sheet->row->maintenance_percent, 100),
           arena_printf(sheet->arena, "%lld %% of shared_buffers",
                        (long long)sheet->row->maintenance_percent));
    add_mb(sheet, "work_mem", clamp(work, sheet->row->min_work_mb, sheet->row->max_work_mb),
           arena_printf(sheet->arena, "shared_buffers / max_connections, %lld to %lld MB",
                        (long long)sheet->row->min_work_mb, (long long)sheet->row->max_work_mb));
    add_mb(sheet, "effective_cache_size", memory - buffers,
           arena_printf(sheet->arena, "%s - shared_buffers", size));
}

static int64_t gather_workers(TuningTemplate template, int64_t cpus)
{
    if (template == TUNING_OLTP)
        return clamp(cpus / 5, 2, 8);
    return template == TUNING_OLAP ? max_of(cpus / 2, 2) : 0;
}

static void add_workers(Sheet *sheet)
{
    const Row *row = sheet->row;
    int64_t cpus = sheet->machine->cpu_count;
    const char *count =
        cpus > 0 ? arena_printf(sheet->arena, "%lld CPUs", (long long)cpus) : "the number of CPUs";
    const char *reason = arena_printf(sheet->arena, "%s, template %s", count, sheet->template_name);
    int64_t share = row->rounds_down ? cpus * row->parallel_percent / 100
                                     : ceil_div(cpus * row->parallel_percent, 100);
    int64_t maintenance = row->rounds_down ? cpus * 33 / 100 : ceil_div(cpus * 33, 100);
    add_int(sheet, "max_worker_processes", max_of(cpus + row->more_workers, row->min_workers) + 8,
            reason);
    add_int(sheet, "max_parallel_workers", max_of(share, row->min_parallel), reason);
    add_int(sheet, "max_parallel_workers_per_gather", gather_workers(sheet->input->template, cpus),
            reason);
    add_int(sheet, "max_parallel_maintenance_workers", max_of(maintenance, row->min_parallel),
            reason);
    if (sheet->input->version >= 18)
        add_int(sheet, "io_workers",
                clamp(ceil_div(cpus * row->io_percent, 100), row->min_io, row->max_io), reason);
}

static void add_disk(Sheet *sheet)
{
    const int64_t gib = 1024LL * 1024 * 1024;
    int64_t share = clamp(ceil_div(sheet->machine->disk_bytes, DISK_SHARE_GB * gib), 1, 100);
    const char *size = size_text(sheet, sheet->machine->disk_bytes, NULL);
    const char *reason = size ? arena_printf(sheet->arena, "disk of %s", size) : "size of the disk";
    add_gb(sheet, "min_wal_size", share, reason);
    add_gb(sheet, "max_wal_size", share * 4, reason);
    add_gb(sheet, "max_slot_wal_keep_size", share * 6, reason);
    add_gb(sheet, "temp_file_limit", share * sheet->row->temp_share, reason);
}

static void add_template(Sheet *sheet)
{
    const char *reason = arena_printf(sheet->arena, "template %s (pg_conf)", sheet->template_name);
    add(sheet, "default_statistics_target", sheet->row->statistics, reason);
    add(sheet, "log_min_duration_statement", sheet->row->slow_ms, reason);
    add(sheet, "idle_in_transaction_session_timeout", sheet->row->idle, reason);
    if (sheet->input->version >= 18 && strcmp(sheet->input->io_method, "auto") != 0)
        add(sheet, "io_method", sheet->input->io_method, "pg_io_method");
}

/* With or without ".yml". */
static TuningTemplate template_of(const char *file)
{
    size_t length = strlen(file), i = 0;
    if (text_ends_with(file, ".yml"))
        length -= strlen(".yml");
    while (i < COUNT_OF(template_names) &&
           (strlen(template_names[i]) != length || strncmp(template_names[i], file, length) != 0))
        i++;
    return (TuningTemplate)i;
}

bool tuning_has_template(const char *file)
{
    return template_of(file) < TUNING_TEMPLATE_COUNT;
}

const char *tuning_nearest_template(const char *file)
{
    static const char *const files[] = {"oltp.yml", "olap.yml", "crit.yml", "tiny.yml",
                                        "oltp",     "olap",     "crit",     "tiny"};
    char small[16];
    size_t length = strlen(file);
    if (length >= sizeof(small))
        return NULL;
    for (size_t i = 0; i <= length; i++)
        small[i] = (char)tolower((unsigned char)file[i]);
    const char *near = text_nearest(small, files, COUNT_OF(files));
    return near ? files[template_of(near)] : NULL;
}

bool tuning_is_critical(const Host *host)
{
    return template_of(host_text(host, "pg_conf")) == TUNING_CRIT;
}

int64_t tuning_thousandths(const char *text)
{
    char digits[4] = "000";
    const char *point = strchr(text, '.');
    size_t count = point ? strlen(point + 1) : 0;
    if (point)
        memcpy(digits, point + 1, count < 3 ? count : 3);
    return strtoll(text, NULL, 10) * 1000 + strtoll(digits, NULL, 10);
}

TuningInput tuning_input(const Host *host)
{
    TuningTemplate template = template_of(host_text(host, "pg_conf"));
    return (TuningInput){
        .template =
            template <TUNING_TEMPLATE_COUNT ? template : TUNING_OLTP,
                      .version = host_int(host, "pg_version", 0),
                      .buffer_thousandths =
                          tuning_thousandths(host_text(host, "pg_shared_buffer_ratio")),
                      .max_connections = host_int(host, "pg_max_conn", 0),
                      .pooled_by_default =
                          strcmp(host_text(host, "pg_default_service_dest"), "pgbouncer") == 0,
                      .libraries = host_text(host, "pg_libs"),
                      .io_method = host_text(host, "pg_io_method"),
            };
}

size_t tuning_compute(Arena *arena, const TuningInput *input, const Machine *machine,
                      const TuningSetting **ret_settings)
{
    Sheet sheet = {
        .arena = arena,
        .input = input,
        .machine = machine,
        .row = &rows[input->template],
        .template_name = template_names[input->template],
        .settings = ARENA_ARRAY(arena, TuningSetting, MAX_SETTINGS),
    };
    add_connections(&sheet);
    sheet.is_sized = true;
    add_memory(&sheet);
    add_workers(&sheet);
    add_disk(&sheet);
    sheet.is_sized = false;
    add_template(&sheet);
    *ret_settings = sheet.settings;
    return sheet.count;
}

/* What pg_dcs says wins over the template. */
static TuningSetting written_setting(const Host *host, TuningSetting computed)
{
    const Value *own = value_path(host_param(host, "pg_dcs"), "postgresql/parameters");
    const char *value = value_as_text(value_get(own, computed.name), NULL);
    return value ? (TuningSetting){.name = computed.name, .value = value, .formula = "pg_dcs"}
                 : computed;
}

size_t tuning_settings(Arena *arena, const Host *host, const Machine *machine,
                       const TuningSetting **ret_settings)
{
    TuningInput input = tuning_input(host);
    const TuningSetting *computed;
    size_t count = tuning_compute(arena, &input, machine, &computed);
    TuningSetting *settings = ARENA_ARRAY(arena, TuningSetting, count);
    for (size_t i = 0; i < count; i++)
        settings[i] = written_setting(host, computed[i]);
    *ret_settings = settings;
    return count;
}
