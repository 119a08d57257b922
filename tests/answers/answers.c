/*
 * answers INVENTORY STATUS.json: does the simulated fleet answer like real nodes?
 *
 * STATUS.json is what `pgsteer status -json` printed of nodes on which INVENTORY was applied. The
 * same inventory is applied to a simulated fleet here, and each answer of each source compared:
 * the same keys with the same values, but for what no two fleets have in common, which a table
 * lists. Each difference is a line; the exit status is 1 if there is one.
 */
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "providers/kinds/default_acl.h"
#include "unit/rehearsal.h"
#include "unit/unit.h"

enum { FILE_MAX = 64 * 1024 * 1024, SHOWN = 60 };

/* Where values may differ, and how far. */
typedef enum Licence {
    SAME_KIND, /* another value of the same type */
    ANYTHING,  /* there or not, whatever it is   */
} Licence;

static const struct {
    const char *source, *path; /* fnmatch patterns */
    Licence licence;
    const char *why;
} licences[] = {
    {"node.clock", "*", SAME_KIND, "time passes"},
    {"node.os", "/kernel", SAME_KIND, "of the machine"},
    {"node.os", "/virt", SAME_KIND, "of the machine"},
    {"node.os", "/boot_id", SAME_KIND, "chance"},
    {"node.os", "/hostname", SAME_KIND, "of the machine, where the inventory gives none"},
    {"node.size", "/disk*", SAME_KIND, "of the machine"},
    {"node.packages", "/installed/*", ANYTHING, "only what was asked for is simulated"},
    {"node.repo", "*/deb_count", SAME_KIND, "only what was asked for is simulated"},
    {"node.users", "/postgres/groups", SAME_KIND, "a package of Debian adds ssl-cert"},
    {"node.users", "*id", SAME_KIND, "the system chooses"},
    {"node.units", "*/pid", SAME_KIND, "chance"},
    {"node.units", "*/started_us", SAME_KIND, "time passes"},
    {"node.files", "//etc/hosts/*", SAME_KIND, "began with other lines"},
    {"node.files", "*/sha256", SAME_KIND, "of values of the machine"},
    {"node.secret_files", "/nonce", SAME_KIND, "chance"},
    {"node.secret_files", "*/content", SAME_KIND, "shown masked"},
    {"node.secret_files", "*/sha256", SAME_KIND, "passwords are salted"},
    {"node.data", "/postmaster_pid", SAME_KIND, "chance"},
    {"node.data", "/*_lsn", SAME_KIND, "time passes"},
    {"node.data", "/min_recovery", SAME_KIND, "time passes"},
    {"*", "*system_identifier", SAME_KIND, "chance"},
    {"node.certs", "*/serial", SAME_KIND, "chance"},
    {"node.certs", "*/not_after_s", SAME_KIND, "time passes"},
    {"etcd.member", "/members/*", SAME_KIND, "in the order of ids, which are chance"},
    {"etcd.member", "/clusters/*/initialize", SAME_KIND, "the system identifier"},
    {"etcd.member", "/clusters/*/leader", SAME_KIND, "any member may lead"},
    {"patroni.member", "/postmaster_start_time", SAME_KIND, "time passes"},
    {"patroni.member", "/dcs_last_seen", SAME_KIND, "time passes"},
    {"patroni.member", "/xlog/*", ANYTHING, "time passes; no replayed_timestamp is simulated"},
    {"patroni.cluster", "/members/*/lag", SAME_KIND, "more or less is written"},
    {"sql.member", "/start_time", SAME_KIND, "time passes"},
    {"sql.member", "/wal_lsn", SAME_KIND, "time passes"},
    {"sql.member", "/settings/application_name/setting", SAME_KIND, "names the run"},
    {"sql.member", "/settings/*.*", ANYTHING, "settings of extensions are not simulated"},
    {"sql.member", "/settings/shared_memory_size*/setting", SAME_KIND, "worked out at start"},
    {"sql.member", "/settings/wal_buffers/setting", SAME_KIND, "worked out at start"},
    {"patroni.member", "/replication/*", SAME_KIND, "in any order"},
    {"sql.database", "/extensions/*/version", SAME_KIND, "of the machine"},
    {"sql.database", "/schemas/repack", ANYTHING, "made by an extension"},
    {"sql.roles", "/roles/*/password", SAME_KIND, "shown masked"},
};

typedef struct Comparison {
    Arena *arena;
    const char *source, *subject;
    size_t differences;
} Comparison;

static bool is_licensed(const Comparison *it, const char *path, Licence licence)
{
    for (size_t i = 0; i < COUNT_OF(licences); i++) {
        if (licences[i].licence >= licence && fnmatch(licences[i].source, it->source, 0) == 0 &&
            fnmatch(licences[i].path, path, 0) == 0)
            return true;
    }
    return false;
}

static const char *shown(const Comparison *it, const Value *value)
{
    CLEANUP(text_release) Text text = TEXT_INIT;
    json_write(&text, value);
    return arena_printf(it->arena, "%.*s%s", SHOWN, text_get(&text),
                        text.length > SHOWN ? "..." : "");
}

static void differ(Comparison *it, const char *path, const char *real, const char *simulated)
{
    printf("%s of %s: %s: real %s, simulated %s\n", it->source, it->subject, *path ? path : "all",
           real, simulated);
    it->differences++;
}

static void compare(Comparison *it, const char *path, const Value *real, const Value *simulated);

/* NOLINTNEXTLINE(misc-no-recursion): values are as deep as answers may be */
static void compare_maps(Comparison *it, const char *path, const Value *real,
                         const Value *simulated)
{
    for (size_t i = 0; i < value_count(real); i++) {
        const char *key = real->map.keys[i];
        const char *below = arena_printf(it->arena, "%s/%s", path, key);
        const Value *other = value_get(simulated, key);
        if (other)
            compare(it, below, real->map.values[i], other);
        else if (!is_licensed(it, below, ANYTHING))
            differ(it, below, shown(it, real->map.values[i]), "nothing");
    }
    for (size_t i = 0; i < value_count(simulated); i++) {
        const char *below = arena_printf(it->arena, "%s/%s", path, simulated->map.keys[i]);
        if (!value_get(real, simulated->map.keys[i]) && !is_licensed(it, below, ANYTHING))
            differ(it, below, "nothing", shown(it, simulated->map.values[i]));
    }
}

/* NOLINTNEXTLINE(misc-no-recursion): values are as deep as answers may be */
static void compare_lists(Comparison *it, const char *path, const Value *real,
                          const Value *simulated)
{
    size_t count = value_count(real);
    if (count != value_count(simulated) && !is_licensed(it, path, SAME_KIND)) {
        differ(it, path, shown(it, real), shown(it, simulated));
        return;
    }
    for (size_t i = 0; i < count && i < value_count(simulated); i++)
        compare(it, arena_printf(it->arena, "%s/%zu", path, i), value_at(real, i),
                value_at(simulated, i));
}

/* "a: SELECT ON TABLES TO b" of what everybody has without being told: a server tells it beside the
 * first right that was given. */
static bool is_built_in(const char *right)
{
    const char *colon = strchr(right, ':'), *to = strstr(right, " TO ");
    bool is_own = colon && to && strlen(to + 4) == (size_t)(colon - right) &&
                  strncmp(right, to + 4, (size_t)(colon - right)) == 0;
    return is_own || text_ends_with(right, ": EXECUTE ON FUNCTIONS TO public") ||
           text_ends_with(right, ": USAGE ON TYPES TO public");
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Default privileges as rights in order, each once: servers tell them in any, and in pieces. */
static const Value *rights(Arena *arena, const Value *default_acl)
{
    const Value *list = default_acl_read(arena, default_acl);
    const char **texts = ARENA_ARRAY(arena, const char *, value_count(list) + 1);
    Value *sorted = value_list(arena);
    for (size_t i = 0; i < value_count(list); i++)
        texts[i] = value_as_text(value_at(list, i), "");
    qsort(texts, value_count(list), sizeof(*texts), by_text);
    for (size_t i = 0; i < value_count(list); i++) {
        bool is_again = i > 0 && strcmp(texts[i], texts[i - 1]) == 0;
        if (!is_again && !is_built_in(texts[i]))
            value_push(arena, sorted, value_text(arena, texts[i]));
    }
    return sorted;
}

/* NOLINTNEXTLINE(misc-no-recursion): values are as deep as answers may be */
static void compare(Comparison *it, const char *path, const Value *real, const Value *simulated)
{
    if (strcmp(it->source, "sql.database") == 0 && strcmp(path, "/default_acl") == 0) {
        real = rights(it->arena, real);
        simulated = rights(it->arena, simulated);
    }
    if (is_licensed(it, path, ANYTHING) || value_equal(real, simulated))
        return;
    if (real->type == VALUE_MAP && simulated->type == VALUE_MAP)
        compare_maps(it, path, real, simulated);
    else if (real->type == VALUE_LIST && simulated->type == VALUE_LIST)
        compare_lists(it, path, real, simulated);
    else if (real->type != simulated->type || !is_licensed(it, path, SAME_KIND))
        differ(it, path, shown(it, real), shown(it, simulated));
}

static char *read_all(Arena *arena, const char *path)
{
    char *bytes;
    size_t length;
    check_fine(file_read(arena, path, FILE_MAX, &bytes, &length));
    return bytes;
}

static int64_t number_at(const Value *reading, const char *path)
{
    return value_as_int(value_path(reading, path), 0);
}

/* The simulated machines are as large as the real ones. */
static void resize(const Rehearsal *it, const Value *readings)
{
    for (size_t i = 0; i < value_count(readings); i++) {
        const Value *reading = value_at(readings, i);
        if (strcmp(value_get_text(reading, "source"), "node.size") != 0)
            continue;
        SimSize size = {.cpu_count = number_at(reading, "value/cpu_count"),
                        .memory_kb = number_at(reading, "value/memory_kb"),
                        .disk_bytes = number_at(reading, "value/disk_bytes")};
        it->sim.resize(it->sim.context, value_get_text(reading, "subject"), &size);
    }
}

static void settle(Rehearsal *it)
{
    for (int applies = 0; applies < 2 && !rehearsal_is_done(it); applies++) {
        const char *why = NULL;
        if (rehearsal_apply(it, &why) > 0)
            fail_msg("%s", why);
    }
}

/* What only one of them was asked, too. */
static void compare_all(Comparison *it, const Value *readings, const Facts *facts)
{
    Map *seen = map_new(it->arena);
    for (size_t i = 0; i < value_count(readings); i++) {
        const Value *real = value_at(readings, i);
        it->source = value_get_text(real, "source");
        it->subject = value_get_text(real, "subject");
        map_set(seen, arena_printf(it->arena, "%s %s", it->source, it->subject), it);
        const Value *value = value_get(real, "value");
        const Value *simulated = facts_value(facts, it->source, it->subject);
        if (!value || !simulated)
            differ(it, "", value ? "is known" : "is not known",
                   simulated ? "is known" : "is not known");
        else
            compare(it, "", value, simulated);
    }
    for (size_t i = 0; i < facts_count(facts); i++) {
        const Reading *reading = facts_at(facts, i);
        it->source = reading->source;
        it->subject = reading->subject;
        if (!map_get(seen, arena_printf(it->arena, "%s %s", it->source, it->subject)))
            differ(it, "", "was not asked", "was asked");
    }
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: answers INVENTORY STATUS.json\n");
        return 2;
    }
    CLEANUP(arena_freep) Arena *arena = arena_new();
    const Value *status = NULL;
    const char *text = read_all(arena, argv[2]);
    check_fine(json_parse(arena, text, strlen(text), &status));
    Rehearsal rehearsal;
    rehearsal_begin(&rehearsal, 1, read_all(arena, argv[1]));
    resize(&rehearsal, value_get(status, "readings"));
    settle(&rehearsal);
    Comparison it = {.arena = arena};
    compare_all(&it, value_get(status, "readings"), rehearsal.observation->facts);
    printf("%zu answers, %zu differences\n", value_count(value_get(status, "readings")),
           it.differences);
    rehearsal_end(&rehearsal);
    return it.differences > 0;
}
