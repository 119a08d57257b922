#include "engine/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/file.h"
#include "base/json.h"
#include "engine/journal_record.h"

struct Journal {
    pthread_mutex_t lock;
    pthread_cond_t synced;
    int fd;
    bool is_syncing;
    bool is_broken; /* a write failed: nothing more is accepted */
    uint64_t written_count, synced_count;
    char digest[SHA256_HEX + 1]; /* of the last record */
    char *path, *directory, *run;
};

static Journal *new_journal(const char *directory, const char *run)
{
    Journal *journal = must_malloc(sizeof(*journal));
    memset(journal, 0, sizeof(*journal));
    pthread_mutex_init(&journal->lock, NULL);
    pthread_cond_init(&journal->synced, NULL);
    journal->fd = -1;
    memset(journal->digest, '0', SHA256_HEX);
    CLEANUP(text_release) Text path = TEXT_INIT;
    text_addf(&path, "%s/%s%s", directory, run, JOURNAL_SUFFIX);
    journal->path = must_strdup(text_get(&path));
    journal->directory = must_strdup(directory);
    journal->run = must_strdup(run);
    return journal;
}

void journal_freep(Journal **journal)
{
    if (!*journal)
        return;
    file_close(&(*journal)->fd);
    pthread_cond_destroy(&(*journal)->synced);
    pthread_mutex_destroy(&(*journal)->lock);
    free((*journal)->path);
    free((*journal)->directory);
    free((*journal)->run);
    free(*journal);
    *journal = NULL;
}

static Error *local_error(const Journal *journal, const char *what)
{
    return error_new(ERROR_LOCAL, "cannot %s the journal %s: %s", what, journal->path,
                     strerror(errno));
}

static Error *write_all(const Journal *journal, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t written = write(journal->fd, bytes, length);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return local_error(journal, "write");
        bytes += written;
        length -= (size_t)written;
    }
    return NULL;
}

/* Under the lock. */
static Error *write_record(Journal *journal, const Value *record)
{
    if (journal->is_broken)
        return error_new(ERROR_LOCAL, "the journal %s could not be written before", journal->path);
    CLEANUP(text_release) Text line = TEXT_INIT;
    char digest[SHA256_HEX + 1];
    journal_record_format(&line, record, journal->digest, digest);
    Error *error = write_all(journal, text_get(&line), line.length);
    if (error) {
        journal->is_broken = true;
        return error;
    }
    memcpy(journal->digest, digest, sizeof(digest));
    journal->written_count++;
    return NULL;
}

/* Under the lock: wait until record number `mine` is on disk. The first who finds nobody syncing
 * does it for all that was written so far. */
static Error *sync_up_to(Journal *journal, uint64_t mine)
{
    while (journal->synced_count < mine) {
        if (journal->is_broken)
            return error_new(ERROR_LOCAL, "the journal %s could not be synced", journal->path);
        if (journal->is_syncing) {
            pthread_cond_wait(&journal->synced, &journal->lock);
            continue;
        }
        journal->is_syncing = true;
        uint64_t written_count = journal->written_count;
        pthread_mutex_unlock(&journal->lock);
        int failure = fdatasync(journal->fd) == 0 ? 0 : errno;
        pthread_mutex_lock(&journal->lock);
        journal->is_syncing = false;
        if (failure)
            journal->is_broken = true;
        else
            journal->synced_count = written_count;
        pthread_cond_broadcast(&journal->synced);
    }
    return NULL;
}

Error *journal_append(Journal *journal, const Value *record)
{
    pthread_mutex_lock(&journal->lock);
    Error *error = write_record(journal, record);
    if (!error)
        error = sync_up_to(journal, journal->written_count);
    pthread_mutex_unlock(&journal->lock);
    return error;
}

static Error *sync_directory(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int failure = fd < 0 || fsync(fd) != 0 ? errno : 0;
    file_close(&fd);
    return failure
               ? error_new(ERROR_LOCAL, "cannot sync the directory %s: %s", path, strerror(failure))
               : NULL;
}

static Error *lock_file(const Journal *journal)
{
    return flock(journal->fd, LOCK_EX | LOCK_NB) == 0 ? NULL : local_error(journal, "lock");
}

static Error *open_new(Journal *journal, const Value *begin)
{
    TRY(file_make_dirs(journal->directory, 0700));
    journal->fd = open(journal->path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0600);
    if (journal->fd < 0)
        return local_error(journal, "create");
    TRY(lock_file(journal));
    TRY(journal_append(journal, begin));
    return sync_directory(journal->directory);
}

Error *journal_begin(const char *directory, const char *run, const Value *begin, Journal **ret)
{
    CLEANUP(journal_freep) Journal *journal = new_journal(directory, run);
    TRY(open_new(journal, begin));
    *ret = journal;
    journal = NULL;
    return NULL;
}

static Error *open_old(Journal *journal)
{
    CLEANUP(arena_freep) Arena *arena = arena_new();
    JournalFile file;
    TRY(journal_read(arena, journal->directory, journal->run, &file));
    if (value_count(file.records) > 0)
        memcpy(journal->digest, journal_record_last_digest(&file), SHA256_HEX);
    journal->fd = open(journal->path, O_WRONLY | O_APPEND | O_CLOEXEC);
    if (journal->fd < 0)
        return local_error(journal, "open");
    TRY(lock_file(journal));
    if (file.is_torn && ftruncate(journal->fd, (off_t)file.good_bytes) != 0)
        return local_error(journal, "cut the torn end off");
    return NULL;
}

Error *journal_reopen(const char *directory, const char *run, Journal **ret)
{
    CLEANUP(journal_freep) Journal *journal = new_journal(directory, run);
    TRY(open_old(journal));
    *ret = journal;
    journal = NULL;
    return NULL;
}

static Error *move_to_done(const Journal *journal)
{
    CLEANUP(text_release) Text done = TEXT_INIT;
    text_addf(&done, "%s/done", journal->directory);
    TRY(file_make_dirs(text_get(&done), 0700));
    text_addf(&done, "/%s%s", journal->run, JOURNAL_SUFFIX);
    if (rename(journal->path, text_get(&done)) != 0)
        return local_error(journal, "put away");
    return sync_directory(journal->directory);
}

Error *journal_end(Journal *journal, bool is_complete)
{
    CLEANUP(journal_freep) Journal *ending = journal;
    return ending && is_complete ? move_to_done(ending) : NULL;
}
