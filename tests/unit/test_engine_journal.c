/* journal: what is written is read back; torn tails at every byte; edits; what is open; recover. */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "engine/journal.h"
#include "engine/recover.h"
#include "unit.h"

typedef struct Fixture {
    Arena *arena;
    char directory[64];
} Fixture;

static void fixture_end(Fixture *f)
{
    assert_int_equal(system(arena_printf(f->arena, "rm -rf %s", f->directory)), 0);
    arena_free(f->arena);
}

static Fixture fixture(void)
{
    Fixture f = {.arena = arena_new(), .directory = "/tmp/test_journal.XXXXXX"};
    assert_non_null(mkdtemp(f.directory));
    return f;
}

static const Value *record(Fixture *f, const char *type, int64_t action)
{
    Value *value = value_map(f->arena);
    value_set_text(f->arena, value, "type", type);
    value_set_int(f->arena, value, "action", action);
    if (strcmp(type, "intent") == 0) {
        value_set_text(f->arena, value, "address", arena_printf(f->arena, "role.%d", (int)action));
        value_set_text(f->arena, value, "verb", "role.create");
        value_set_text(f->arena, value, "host", "10.0.0.1");
        value_set_int(f->arena, value, "wall_ms", 5);
    }
    return value;
}

/* begin, intent 1, outcome 1, intent 2 */
static char *write_sample(Fixture *f, size_t *ret_length)
{
    Journal *journal;
    assert_null(journal_begin(f->directory, "run", record(f, "begin", -1), &journal));
    assert_null(journal_append(journal, record(f, "intent", 1)));
    assert_null(journal_append(journal, record(f, "outcome", 1)));
    assert_null(journal_append(journal, record(f, "intent", 2)));
    assert_null(journal_end(journal, false));
    char *bytes;
    char *path = arena_printf(f->arena, "%s/run.journal", f->directory);
    assert_null(file_read(f->arena, path, 100000, &bytes, ret_length));
    return bytes;
}

static void what_is_written_is_read(void **state)
{
    (void)state;
    CLEANUP(fixture_end) Fixture f = fixture();
    size_t length;
    char *bytes = write_sample(&f, &length);
    JournalFile file;
    assert_null(journal_parse(f.arena, bytes, length, &file));
    assert_false(file.is_torn);
    assert_int_equal(file.good_bytes, length);
    assert_int_equal(value_count(file.records), 4);
    assert_string_equal(value_get_text(value_at(file.records, 3), "address"), "role.2");
    struct stat status;
    assert_int_equal(stat(arena_printf(f.arena, "%s/run.journal", f.directory), &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
}

/* Cut off anywhere: every whole record is there, nothing else, and it says so. */
static void a_torn_tail_is_recognised_at_every_byte(void **state)
{
    (void)state;
    CLEANUP(fixture_end) Fixture f = fixture();
    size_t length, whole = 0;
    char *bytes = write_sample(&f, &length);
    for (size_t cut = 0; cut <= length; cut++) {
        CLEANUP(arena_freep) Arena *arena = arena_new();
        JournalFile file;
        char *copy = arena_strndup(arena, bytes, cut);
        whole += cut > 0 && bytes[cut - 1] == '\n';
        assert_null(journal_parse(arena, copy, cut, &file));
        assert_int_equal(value_count(file.records), whole);
        assert_int_equal(file.is_torn, cut > 0 && bytes[cut - 1] != '\n');
    }
    assert_int_equal(whole, 4);
}

/* Any byte of the last record changed, or zeros after a power loss: that record is not believed. */
static void a_garbled_tail_is_not_believed(void **state)
{
    (void)state;
    CLEANUP(fixture_end) Fixture f = fixture();
    size_t length;
    char *bytes = write_sample(&f, &length);
    size_t start = length - 1;
    while (bytes[start - 1] != '\n')
        start--;
    for (size_t at = start; at < length; at++) {
        CLEANUP(arena_freep) Arena *arena = arena_new();
        JournalFile file;
        char *copy = arena_strndup(arena, bytes, length);
        copy[at] = (char)(copy[at] ^ 1);
        assert_null(journal_parse(arena, copy, length, &file));
        assert_true(file.is_torn);
        assert_int_equal(value_count(file.records), 3);
        memset(copy + at, 0, length - at);
        assert_null(journal_parse(arena, copy, length, &file));
        assert_true(file.is_torn);
    }
}

static void an_edited_record_is_refused(void **state)
{
    (void)state;
    CLEANUP(fixture_end) Fixture f = fixture();
    size_t length;
    char *bytes = write_sample(&f, &length);
    size_t last = length - 1;
    while (bytes[last - 1] != '\n')
        last--;
    for (size_t at = 0; at + 1 < last; at++) {
        CLEANUP(arena_freep) Arena *arena = arena_new();
        JournalFile file;
        char *copy = arena_strndup(arena, bytes, length);
        copy[at] = (char)(copy[at] ^ 1);
        CLEANUP(error_freep) Error *error = journal_parse(arena, copy, length, &file);
        assert_non_null(error);
        assert_int_equal(error->code, ERROR_INVALID);
    }
}

static void a_removed_record_is_noticed(void **state)
{
    (void)state;
    CLEANUP(fixture_end) Fixture f = fixture();
    size_t length;
    char *bytes = write_sample(&f, &length);
    char *second = strchr(bytes, '\n') + 1, *third = strchr(second, '\n') + 1;
    memmove(second, third, length - (size_t)(third - bytes));
    JournalFile file;
    CLEANUP(error_freep)
    Error *error = journal_parse(f.arena, bytes, length - (size_t)(third - second), &file);
    assert_non_null(error);
}

static void a_name_is_used_once(void **state)
{
    (void)state;
    CLEANUP(fixture_end) Fixture f = fixture();
    size_t length;
    write_sample(&f, &length);
    Journal *journal = NULL;
    CLEANUP(error_freep)
    Error *error = journal_begin(f.directory, "run", record(&f, "begin", -1), &journal);
    assert_non_null(error);
    assert_int_equal(error->code, ERROR_LOCAL);
    assert_null(journal);
}

static void open_intents_are_those_without_outcome(void **state)
{
    (void)state;
    CLEANUP(fixture_end) Fixture f = fixture();
    size_t length, count;
    write_sample(&f, &length);
    OpenIntent *open;
    const Value *runs;
    assert_null(journal_open_intents(f.arena, f.directory, &open, &count, &runs));
    assert_int_equal(count, 1);
    assert_int_equal(value_count(runs), 1);
    assert_int_equal(open[0].action, 2);
    assert_string_equal(open[0].run, "run");
    assert_string_equal(open[0].address, "role.2");
    assert_string_equal(open[0].verb, "role.create");
    assert_string_equal(open[0].host, "10.0.0.1");
    assert_int_equal(open[0].wall_ms, 5);
}

static void no_directory_has_nothing_open(void **state)
{
    (void)state;
    CLEANUP(fixture_end) Fixture f = fixture();
    OpenIntent *open;
    size_t count = 9;
    assert_null(journal_open_intents(f.arena, "/tmp/there/is/none", &open, &count, NULL));
    assert_int_equal(count, 0);
}

/* A later run cuts the torn end off, settles what is open, and puts the file away. */
static void a_torn_journal_is_settled_by_the_next_run(void **state)
{
    (void)state;
    CLEANUP(fixture_end) Fixture f = fixture();
    size_t length, count;
    write_sample(&f, &length);
    char *path = arena_printf(f.arena, "%s/run.journal", f.directory);
    int fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
    assert_int_equal(write(fd, "000000ff abc", 12), 12);
    close(fd);
    assert_null(recover_settle_all(f.arena, f.directory, "run-2"));
    OpenIntent *open_now;
    assert_null(journal_open_intents(f.arena, f.directory, &open_now, &count, NULL));
    assert_int_equal(count, 0);
    assert_false(file_exists(path));
    JournalFile file;
    char *done = arena_printf(f.arena, "%s/done", f.directory);
    assert_null(journal_read(f.arena, done, "run", &file));
    assert_false(file.is_torn);
    assert_int_equal(value_count(file.records), 5);
    assert_string_equal(value_get_text(value_at(file.records, 4), "by"), "run-2");
}

/* -- threads --------------------------------------------------------------------------------- */

/* An apply of something else (-target) says nothing of it. */
static void what_nobody_looked_at_stays_open(void **state)
{
    (void)state;
    static const Plan nothing = {0};
    CLEANUP(fixture_end) Fixture f = fixture();
    size_t length, count;
    OpenIntent *open_now;
    Execution execution = {.plan = &nothing, .run = "run-2"};
    write_sample(&f, &length);
    assert_null(recover_close(f.arena, f.directory, NULL, &execution, false));
    assert_null(journal_open_intents(f.arena, f.directory, &open_now, &count, NULL));
    assert_int_equal(count, 1);
    assert_null(recover_close(f.arena, f.directory, NULL, &execution, true));
    assert_null(journal_open_intents(f.arena, f.directory, &open_now, &count, NULL));
    assert_int_equal(count, 0);
}

enum { WRITERS = 8, RECORDS_EACH = 40 };

typedef struct Writer {
    Journal *journal;
    int64_t number;
} Writer;

static void *write_many(void *context)
{
    const Writer *writer = context;
    CLEANUP(arena_freep) Arena *arena = arena_new();
    for (int64_t i = 0; i < RECORDS_EACH; i++) {
        Value *value = value_map(arena);
        value_set_text(arena, value, "type", "intent");
        value_set_int(arena, value, "action", writer->number * RECORDS_EACH + i);
        assert_null(journal_append(writer->journal, value));
    }
    return NULL;
}

static void appends_of_many_threads_are_all_there(void **state)
{
    (void)state;
    CLEANUP(fixture_end) Fixture f = fixture();
    Journal *journal;
    pthread_t threads[WRITERS];
    Writer writers[WRITERS];
    assert_null(journal_begin(f.directory, "run", record(&f, "begin", -1), &journal));
    for (int i = 0; i < WRITERS; i++) {
        writers[i] = (Writer){journal, i};
        assert_int_equal(pthread_create(&threads[i], NULL, write_many, &writers[i]), 0);
    }
    for (int i = 0; i < WRITERS; i++)
        pthread_join(threads[i], NULL);
    assert_null(journal_end(journal, false));
    JournalFile file;
    assert_null(journal_read(f.arena, f.directory, "run", &file));
    assert_int_equal(value_count(file.records), 1 + WRITERS * RECORDS_EACH);
}

/* A disk that is full: the append fails, and so does every later one, full or not. */
static void a_full_disk_stops_the_journal(void **state)
{
    (void)state;
    CLEANUP(fixture_end) Fixture f = fixture();
    Journal *journal = NULL;
    struct rlimit before, small = {400, 400};
    assert_null(journal_begin(f.directory, "run", record(&f, "begin", -1), &journal));
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    small.rlim_max = before.rlim_max;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    assert_null(journal_append(journal, record(&f, "intent", 1)));
    CLEANUP(error_freep) Error *full = journal_append(journal, record(&f, "intent", 2));
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_non_null(full);
    assert_int_equal(full->code, ERROR_LOCAL);
    CLEANUP(error_freep) Error *later = journal_append(journal, record(&f, "outcome", 1));
    assert_non_null(later);
    assert_null(journal_end(journal, false));
    JournalFile file;
    assert_null(journal_read(f.arena, f.directory, "run", &file));
    assert_int_equal(value_count(file.records), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(a_torn_tail_is_recognised_at_every_byte),
        cmocka_unit_test(a_garbled_tail_is_not_believed),
        cmocka_unit_test(an_edited_record_is_refused),
        cmocka_unit_test(a_removed_record_is_noticed),
        cmocka_unit_test(a_name_is_used_once),
        cmocka_unit_test(open_intents_are_those_without_outcome),
        cmocka_unit_test(what_nobody_looked_at_stays_open),
        cmocka_unit_test(no_directory_has_nothing_open),
        cmocka_unit_test(a_torn_journal_is_settled_by_the_next_run),
        cmocka_unit_test(appends_of_many_threads_are_all_there),
        cmocka_unit_test(a_full_disk_stops_the_journal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
