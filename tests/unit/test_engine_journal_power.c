/*
 * The runner loses power: of the journal there is what was synced, and of the rest whichever
 * sectors happened to reach the disk. What an append promised is there again, nothing else is made
 * up, and the file can be written to again.
 *
 *     test_engine_journal_power [FIRST_SEED [COUNT]]
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/json.h"
#include "base/random.h"
#include "engine/journal_record.h"
#include "unit.h"

enum { SECTOR_BYTES = 512, SAFE_MAX = 12, LOST_MAX = 12, PADDING_MAX = 900, SEEDS = 3000 };

static uint64_t first_seed = 1, seed_count = SEEDS;

/* -- the disk ---------------------------------------------------------------------------------- */

static pthread_mutex_t disk_lock = PTHREAD_MUTEX_INITIALIZER;
static off_t synced_bytes;

/* The linker puts this one in place of fdatasync. */
int __real_fdatasync(int fd);
int __wrap_fdatasync(int fd);

int __wrap_fdatasync(int fd)
{
    struct stat before;
    assert_int_equal(fstat(fd, &before), 0);
    int result = __real_fdatasync(fd);
    pthread_mutex_lock(&disk_lock);
    if (before.st_size > synced_bytes)
        synced_bytes = before.st_size;
    pthread_mutex_unlock(&disk_lock);
    return result;
}

static size_t safe_bytes(void)
{
    pthread_mutex_lock(&disk_lock);
    size_t safe = (size_t)synced_bytes;
    pthread_mutex_unlock(&disk_lock);
    return safe;
}

/* -- appends wait ------------------------------------------------------------------------------ */

typedef struct Fixture {
    Arena *arena;
    char directory[64];
    const char *path;
} Fixture;

static Fixture fixture(void)
{
    Fixture f = {.arena = arena_new(), .directory = "/tmp/test_power.XXXXXX"};
    assert_non_null(mkdtemp(f.directory));
    f.path = arena_printf(f.arena, "%s/run" JOURNAL_SUFFIX, f.directory);
    pthread_mutex_lock(&disk_lock);
    synced_bytes = 0;
    pthread_mutex_unlock(&disk_lock);
    return f;
}

static void fixture_end(Fixture *f)
{
    assert_int_equal(system(arena_printf(f->arena, "rm -rf %s", f->directory)), 0);
    arena_free(f->arena);
}

static Value *record(Arena *arena, int64_t action, size_t padding)
{
    char filler[PADDING_MAX + 1] = "";
    memset(filler, 'x', padding);
    Value *value = value_map(arena);
    value_set_text(arena, value, "type", "intent");
    value_set_int(arena, value, "action", action);
    value_set_text(arena, value, "address", filler);
    return value;
}

/* Is the record among the bytes that are safe now? */
static bool is_safe(const char *path, int64_t action)
{
    CLEANUP(arena_freep) Arena *arena = arena_new();
    size_t safe = safe_bytes(), length;
    char *bytes;
    assert_null(file_read(arena, path, 1 << 20, &bytes, &length));
    char *part = arena_printf(arena, "\"action\":%lld,", (long long)action);
    return memmem(bytes, safe < length ? safe : length, part, strlen(part)) != NULL;
}

enum { WRITERS = 6, RECORDS_EACH = 30 };

typedef struct Writer {
    Journal *journal;
    const char *path;
    int64_t number;
} Writer;

static void *write_and_look(void *context)
{
    const Writer *writer = context;
    CLEANUP(arena_freep) Arena *arena = arena_new();
    for (int64_t i = 0; i < RECORDS_EACH; i++) {
        int64_t action = 1000 + writer->number * RECORDS_EACH + i;
        assert_null(journal_append(writer->journal, record(arena, action, 0)));
        assert_true(is_safe(writer->path, action));
    }
    return NULL;
}

static void an_append_returns_when_it_is_on_disk(void **state)
{
    (void)state;
    CLEANUP(fixture_end) Fixture f = fixture();
    Journal *journal;
    pthread_t threads[WRITERS];
    Writer writers[WRITERS];
    assert_null(journal_begin(f.directory, "run", record(f.arena, 1, 0), &journal));
    for (int i = 0; i < WRITERS; i++) {
        writers[i] = (Writer){journal, f.path, i};
        assert_int_equal(pthread_create(&threads[i], NULL, write_and_look, &writers[i]), 0);
    }
    for (int i = 0; i < WRITERS; i++)
        pthread_join(threads[i], NULL);
    assert_null(journal_end(journal, false));
}

/* -- what a power loss leaves ------------------------------------------------------------------ */

/* Zeros where a sector was not written, and perhaps an end before the end; returns the length. */
static size_t lose(Random *random, char *image, size_t length, size_t safe)
{
    for (size_t at = safe; at < length;) {
        size_t end = (at / SECTOR_BYTES + 1) * SECTOR_BYTES;
        end = end < length ? end : length;
        if (random_below(random, 3) == 0)
            memset(image + at, 0, end - at);
        at = end;
    }
    return random_below(random, 2) == 0 ? safe + random_below(random, length - safe + 1) : length;
}

static void add_records(Arena *arena, Random *random, Text *out, char *digest, int64_t *count,
                        size_t how_many)
{
    for (size_t i = 0; i < how_many; i++) {
        char next[SHA256_HEX + 1];
        journal_record_format(out, record(arena, (*count)++, random_below(random, PADDING_MAX)),
                              digest, next);
        memcpy(digest, next, sizeof(next));
    }
}

static void expect_the_beginning(uint64_t seed, const JournalFile *file, int64_t safe_count)
{
    int64_t count = (int64_t)value_count(file->records);
    if (count < safe_count)
        fail_msg("seed %llu: %lld records of %lld are left", (unsigned long long)seed,
                 (long long)count, (long long)safe_count);
    for (int64_t i = 0; i < count; i++)
        assert_int_equal(value_get_int(value_at(file->records, (size_t)i), "action", -1), i);
}

/* The next execution goes on in the same file. */
static void expect_more(const Fixture *f, Arena *arena, int64_t count)
{
    Journal *journal;
    JournalFile file;
    assert_null(journal_reopen(f->directory, "run", &journal));
    assert_null(journal_append(journal, record(arena, count, 0)));
    assert_null(journal_end(journal, false));
    assert_null(journal_read(arena, f->directory, "run", &file));
    assert_int_equal(value_count(file.records), count + 1);
    assert_false(file.is_torn);
}

static void lose_power(const Fixture *f, uint64_t seed)
{
    CLEANUP(arena_freep) Arena *arena = arena_new();
    CLEANUP(text_release) Text bytes = TEXT_INIT;
    Random random = random_from(seed);
    char digest[SHA256_HEX + 1];
    memset(digest, '0', SHA256_HEX);
    int64_t count = 0;
    add_records(arena, &random, &bytes, digest, &count, 1 + random_below(&random, SAFE_MAX));
    size_t safe = bytes.length;
    int64_t safe_count = count;
    add_records(arena, &random, &bytes, digest, &count, 1 + random_below(&random, LOST_MAX));
    char *image = arena_strndup(arena, text_get(&bytes), bytes.length);
    size_t length = lose(&random, image, bytes.length, safe);
    JournalFile file;
    Error *error = journal_parse(arena, image, length, &file);
    if (error)
        fail_msg("seed %llu: %s", (unsigned long long)seed, error_root(error)->message);
    expect_the_beginning(seed, &file, safe_count);
    if (seed % 20 != 0)
        return;
    assert_null(file_write_all(f->path, 0600, image, length));
    expect_more(f, arena, (int64_t)value_count(file.records));
}

static void any_sectors_may_be_missing(void **state)
{
    (void)state;
    CLEANUP(fixture_end) Fixture f = fixture();
    for (uint64_t seed = first_seed; seed < first_seed + seed_count; seed++)
        lose_power(&f, seed);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_append_returns_when_it_is_on_disk),
        cmocka_unit_test(any_sectors_may_be_missing),
    };
    first_seed = argc > 1 ? strtoull(argv[1], NULL, 10) : first_seed;
    seed_count = argc > 2 ? strtoull(argv[2], NULL, 10) : seed_count;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
