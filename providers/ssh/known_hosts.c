#include "providers/ssh/known_hosts.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/file.h"
#include "base/text.h"
#include "providers/ssh/known_hosts_private.h"
#include "providers/ssh/wire.h"

enum { KNOWN_HOSTS_MAX_BYTES = 256 * 1024 * 1024 };

/* -- loading --------------------------------------------------------------------------------- */

void known_hosts_parse(KnownHosts *known, const char *file, const char *bytes, size_t length)
{
    pthread_mutex_lock(&known->lock);
    known_hosts_read(known, arena_strdup(known->arena, file), 0, bytes, length);
    known->found = map_new(known->arena);
    pthread_mutex_unlock(&known->lock);
}

/* What was read of the first file, so that only its tail has to be read again. */
static void remember_end(KnownHosts *known, const char *bytes, size_t length, size_t lines)
{
    known->first_lines = lines;
    known->first_bytes += length;
    if (length > 0)
        known->first_is_open = bytes[length - 1] != '\n';
}

static Error *load_file(KnownHosts *known, const char *path, bool is_first)
{
    if (!file_exists(path))
        return NULL;
    CLEANUP(arena_freep) Arena *scratch = arena_new();
    char *bytes;
    size_t length;
    TRY(file_read(scratch, path, KNOWN_HOSTS_MAX_BYTES, &bytes, &length));
    size_t lines = known_hosts_read(known, path, 0, bytes, length);
    if (is_first)
        remember_end(known, bytes, length, lines);
    return NULL;
}

Error *known_hosts_load(const char *const *files, size_t count, KnownHosts **ret)
{
    Arena *arena = arena_new();
    CLEANUP(known_hosts_freep) KnownHosts *known = ARENA_NEW(arena, KnownHosts);
    known->arena = arena;
    pthread_mutex_init(&known->lock, NULL);
    known->plain = map_new(arena);
    known->found = map_new(arena);
    for (size_t i = 0; i < count; i++) {
        const char *path = arena_strdup(arena, files[i]);
        Error *error = load_file(known, path, i == 0);
        if (error)
            return error_wrap(error, "reading the known host keys in %s", path);
        if (i == 0)
            known->first_file = path;
    }
    *ret = known;
    known = NULL;
    return NULL;
}

void known_hosts_free(KnownHosts *known)
{
    if (!known)
        return;
    pthread_mutex_destroy(&known->lock);
    arena_free(known->arena);
}

void known_hosts_freep(KnownHosts **known)
{
    known_hosts_free(*known);
}

/* -- looking up ------------------------------------------------------------------------------ */

const char *known_hosts_name(Arena *arena, const char *host, int port)
{
    char *name =
        port == 22 ? arena_strdup(arena, host) : arena_printf(arena, "[%s]:%d", host, port);
    return known_hosts_lower(name);
}

/* `*` and `?`; one star is remembered, which is enough for both. */
static bool glob_matches(const char *pattern, const char *pattern_end, const char *name)
{
    const char *star = NULL, *star_name = NULL;
    while (*name) {
        if (pattern < pattern_end && *pattern == '*') {
            star = pattern++;
            star_name = name;
        } else if (pattern < pattern_end && (*pattern == '?' || *pattern == *name)) {
            pattern++;
            name++;
        } else if (star) {
            pattern = star + 1;
            name = ++star_name;
        } else {
            return false;
        }
    }
    while (pattern < pattern_end && *pattern == '*')
        pattern++;
    return pattern == pattern_end;
}

/* One pattern must match and none of the negated ones. */
static bool names_match(const char *names, const char *name)
{
    bool matched = false;
    while (*names) {
        const char *end = names + strcspn(names, ",");
        bool negated = *names == '!';
        if (glob_matches(names + negated, end, name)) {
            if (negated)
                return false;
            matched = true;
        }
        names = *end ? end + 1 : end;
    }
    return matched;
}

static bool hash_matches(const Entry *entry, const char *name)
{
    unsigned char digest[SHA1_BYTES];
    hmac_sha1(entry->salt, name, strlen(name), digest);
    return memcmp(digest, entry->hash, SHA1_BYTES) == 0;
}

/* All entries for a name; the lock is held. */
static EntryList *entries_of(KnownHosts *known, const char *name)
{
    EntryList *found = map_get(known->found, name);
    if (found)
        return found;
    found = ARENA_NEW(known->arena, EntryList);
    const EntryList *plain = map_get(known->plain, name);
    for (size_t i = 0; plain && i < plain->count; i++)
        known_hosts_push(known->arena, found, plain->items[i]);
    for (size_t i = 0; i < known->patterns.count; i++) {
        if (names_match(known->patterns.items[i]->names, name))
            known_hosts_push(known->arena, found, known->patterns.items[i]);
    }
    for (size_t i = 0; i < known->hashed.count; i++) {
        if (hash_matches(known->hashed.items[i], name))
            known_hosts_push(known->arena, found, known->hashed.items[i]);
    }
    map_set(known->found, arena_strdup(known->arena, name), found);
    return found;
}

/* "host" of "[host]:port"; NULL if the name has no port. */
static const char *without_port(Arena *arena, const char *name)
{
    const char *end = strstr(name, "]:");
    return name[0] == '[' && end ? arena_strndup(arena, name + 1, (size_t)(end - name - 1)) : NULL;
}

/* The entry with that marker and exactly this key. */
static const Entry *same_key(const EntryList *list, Marker marker, const unsigned char *key,
                             size_t length)
{
    for (size_t i = 0; i < list->count; i++) {
        const Entry *entry = list->items[i];
        if (entry->marker == marker && entry->key_length == length &&
            memcmp(entry->key, key, length) == 0)
            return entry;
    }
    return NULL;
}

/* A stored key of the host: one of that type if there is one. */
static const Entry *other_key(const EntryList *list, const char *type)
{
    const Entry *other = NULL;
    for (size_t i = 0; i < list->count; i++) {
        const Entry *entry = list->items[i];
        if (entry->marker != MARKER_NONE)
            continue;
        if (!other || (type && strcmp(entry->type, type) == 0 && strcmp(other->type, type) != 0))
            other = entry;
    }
    return other;
}

static void tell_line(Arena *arena, const Entry *entry, HostKeyLine *ret)
{
    *ret = (HostKeyLine){
        .file = arena_strdup(arena, entry->file),
        .line = entry->line,
        .type = arena_strdup(arena, entry->type),
        .fingerprint = wire_fingerprint(arena, entry->key, entry->key_length),
    };
}

static HostKeyVerdict check_locked(KnownHosts *known, const char *name, const unsigned char *key,
                                   size_t length, Arena *arena, HostKeyLine *ret_line)
{
    const char *bare_name = without_port(arena, name);
    const EntryList *own = entries_of(known, name);
    const EntryList *bare = bare_name ? entries_of(known, bare_name) : own;
    const Entry *entry = same_key(own, MARKER_REVOKED, key, length);
    if (!entry)
        entry = same_key(bare, MARKER_REVOKED, key, length);
    if (entry) {
        tell_line(arena, entry, ret_line);
        return HOST_KEY_REVOKED;
    }
    if (same_key(own, MARKER_NONE, key, length))
        return HOST_KEY_KNOWN;
    entry = other_key(own, wire_key_type(arena, key, length));
    if (entry) {
        tell_line(arena, entry, ret_line);
        return HOST_KEY_CHANGED;
    }
    return same_key(bare, MARKER_NONE, key, length) ? HOST_KEY_KNOWN : HOST_KEY_UNKNOWN;
}

HostKeyVerdict known_hosts_check(KnownHosts *known, const char *name, const unsigned char *key,
                                 size_t length, Arena *arena, HostKeyLine *ret_line)
{
    pthread_mutex_lock(&known->lock);
    HostKeyVerdict verdict = check_locked(known, name, key, length, arena, ret_line);
    pthread_mutex_unlock(&known->lock);
    return verdict;
}

bool known_hosts_stored(KnownHosts *known, const char *name, const char *type, Arena *arena,
                        HostKeyLine *ret_line)
{
    pthread_mutex_lock(&known->lock);
    const Entry *entry = other_key(entries_of(known, name), type);
    if (entry)
        tell_line(arena, entry, ret_line);
    pthread_mutex_unlock(&known->lock);
    return entry != NULL;
}

static void add_type(HostKeyTypes *types, const char *type)
{
    for (size_t i = 0; i < types->count; i++) {
        if (strcmp(types->types[i], type) == 0)
            return;
    }
    if (types->count < COUNT_OF(types->types))
        types->types[types->count++] = type;
}

void known_hosts_types(KnownHosts *known, const char *name, HostKeyTypes *ret)
{
    *ret = (HostKeyTypes){0};
    CLEANUP(arena_freep) Arena *scratch = arena_new();
    pthread_mutex_lock(&known->lock);
    const EntryList *list = entries_of(known, name);
    const char *bare_name = without_port(scratch, name);
    if (bare_name && !other_key(list, NULL))
        list = entries_of(known, bare_name);
    for (size_t i = 0; i < list->count; i++) {
        if (list->items[i]->marker == MARKER_AUTHORITY)
            ret->has_authority = true;
        else if (list->items[i]->marker == MARKER_NONE)
            add_type(ret, list->items[i]->type);
    }
    pthread_mutex_unlock(&known->lock);
}

/* -- adding ---------------------------------------------------------------------------------- */

/* Read what was appended since we last looked; the file lock is held. */
static Error *read_tail(KnownHosts *known, int fd)
{
    struct stat status;
    if (fstat(fd, &status) != 0)
        return error_new(ERROR_LOCAL, "cannot read '%s': %s", known->first_file, strerror(errno));
    size_t size = (size_t)status.st_size;
    if (size <= known->first_bytes)
        return NULL;
    CLEANUP(arena_freep) Arena *scratch = arena_new();
    size_t wanted = size - known->first_bytes;
    char *bytes = arena_alloc(scratch, wanted);
    ssize_t got = pread(fd, bytes, wanted, (off_t)known->first_bytes);
    if (got < 0)
        return error_new(ERROR_LOCAL, "cannot read '%s': %s", known->first_file, strerror(errno));
    size_t line = known->first_lines - (known->first_is_open ? 1 : 0);
    line = known_hosts_read(known, known->first_file, line, bytes, (size_t)got);
    remember_end(known, bytes, (size_t)got, line);
    known->found = map_new(known->arena);
    return NULL;
}

static const char *hashed_name(Arena *arena, const char *name)
{
    unsigned char salt[SHA1_BYTES], digest[SHA1_BYTES];
    random_bytes(salt, sizeof(salt));
    hmac_sha1(salt, name, strlen(name), digest);
    return arena_printf(arena, "|1|%s|%s", base64_encode(arena, salt, sizeof(salt)),
                        base64_encode(arena, digest, sizeof(digest)));
}

static Error *append_line(KnownHosts *known, int fd, const char *line)
{
    size_t length = strlen(line);
    if (write(fd, line, length) != (ssize_t)length)
        return error_new(ERROR_LOCAL, "cannot write to '%s': %s", known->first_file,
                         strerror(errno));
    return read_tail(known, fd);
}

static Error *add_locked(KnownHosts *known, const char *name, const unsigned char *key,
                         size_t length, bool hashed, HostKeyVerdict *ret)
{
    CLEANUP(arena_freep) Arena *scratch = arena_new();
    TRY(file_make_dirs(file_dirname(scratch, known->first_file), 0700));
    CLEANUP(file_close)
    int fd = open(known->first_file, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0 || flock(fd, LOCK_EX) != 0)
        return error_new(ERROR_LOCAL, "cannot write to '%s': %s", known->first_file,
                         strerror(errno));
    TRY(read_tail(known, fd));
    HostKeyLine line;
    *ret = check_locked(known, name, key, length, scratch, &line);
    if (*ret != HOST_KEY_UNKNOWN)
        return NULL;
    const char *type = wire_key_type(scratch, key, length);
    const char *text = arena_printf(scratch, "%s%s %s %s\n", known->first_is_open ? "\n" : "",
                                    hashed ? hashed_name(scratch, name) : name, type,
                                    base64_encode(scratch, key, length));
    TRY(append_line(known, fd, text));
    *ret = HOST_KEY_KNOWN;
    return NULL;
}

Error *known_hosts_add(KnownHosts *known, const char *name, const unsigned char *key, size_t length,
                       bool hashed, HostKeyVerdict *ret)
{
    if (!known->first_file)
        return error_new(ERROR_LOCAL, "there is no known_hosts file to store a new key in");
    pthread_mutex_lock(&known->lock);
    HostKeyVerdict verdict = HOST_KEY_UNKNOWN;
    Error *error = add_locked(known, name, key, length, hashed, &verdict);
    pthread_mutex_unlock(&known->lock);
    if (!error)
        *ret = verdict;
    return error;
}
