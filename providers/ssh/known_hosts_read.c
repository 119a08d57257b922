#include <ctype.h>
#include <string.h>

#include "base/digest.h"
#include "base/text.h"
#include "providers/ssh/known_hosts_private.h"
#include "providers/ssh/wire.h"

static const struct {
    const char *word;
    Marker marker;
} markers[] = {
    {"@revoked", MARKER_REVOKED},
    {"@cert-authority", MARKER_AUTHORITY},
};

void known_hosts_push(Arena *arena, EntryList *list, Entry *entry)
{
    ARENA_PUSH(arena, list->items, list->count, list->capacity, entry);
}

char *known_hosts_lower(char *text)
{
    for (char *at = text; *at; at++)
        *at = (char)tolower((unsigned char)*at);
    return text;
}

/* Take the next word of a line; NULL at its end. */
static char *take_word(Arena *arena, const char **at, const char *end)
{
    while (*at < end && (**at == ' ' || **at == '\t'))
        (*at)++;
    const char *start = *at;
    while (*at < end && **at != ' ' && **at != '\t')
        (*at)++;
    return *at == start ? NULL : arena_strndup(arena, start, (size_t)(*at - start));
}

/* "|1|salt|hash" in base64. False: it is not that. */
static bool parse_hashed(Arena *arena, char *names, Entry *entry)
{
    char *salt_text = names + strlen("|1|");
    char *separator = strchr(salt_text, '|');
    if (strncmp(names, "|1|", 3) != 0 || !separator)
        return false;
    *separator = '\0';
    size_t salt_length = 0, hash_length = 0;
    const unsigned char *salt = base64_decode(arena, salt_text, &salt_length);
    const unsigned char *hash = base64_decode(arena, separator + 1, &hash_length);
    if (!salt || !hash || salt_length != SHA1_BYTES || hash_length != SHA1_BYTES)
        return false;
    memcpy(entry->salt, salt, SHA1_BYTES);
    memcpy(entry->hash, hash, SHA1_BYTES);
    return true;
}

static void store_plain(KnownHosts *known, const char *name, Entry *entry)
{
    EntryList *list = map_get(known->plain, name);
    if (!list) {
        list = ARENA_NEW(known->arena, EntryList);
        map_set(known->plain, arena_strdup(known->arena, name), list);
    }
    known_hosts_push(known->arena, list, entry);
}

/* Put an entry where its names are looked for. False: the names make no sense. */
static bool store_entry(KnownHosts *known, char *names, Entry *entry)
{
    if (names[0] == '|') {
        if (!parse_hashed(known->arena, names, entry))
            return false;
        known_hosts_push(known->arena, &known->hashed, entry);
        return true;
    }
    entry->names = known_hosts_lower(names);
    if (strpbrk(names, "*?!")) {
        known_hosts_push(known->arena, &known->patterns, entry);
        return true;
    }
    char **parts;
    size_t count = text_split(known->arena, names, ',', &parts);
    for (size_t i = 0; i < count; i++) {
        if (parts[i][0])
            store_plain(known, parts[i], entry);
    }
    return true;
}

static bool parse_marker(const char *word, Marker *ret)
{
    for (size_t i = 0; i < COUNT_OF(markers); i++) {
        if (strcmp(word, markers[i].word) == 0) {
            *ret = markers[i].marker;
            return true;
        }
    }
    return false;
}

static void parse_line(KnownHosts *known, const char *file, size_t line, const char *at,
                       const char *end)
{
    Arena *arena = known->arena;
    Entry entry = {.file = file, .line = line};
    char *names = take_word(arena, &at, end);
    if (!names || names[0] == '#')
        return;
    if (names[0] == '@') {
        if (!parse_marker(names, &entry.marker))
            return;
        names = take_word(arena, &at, end);
    }
    entry.type = take_word(arena, &at, end);
    const char *key = take_word(arena, &at, end);
    if (!names || !entry.type || !key)
        return;
    entry.key = base64_decode(arena, key, &entry.key_length);
    const char *real_type = entry.key ? wire_key_type(arena, entry.key, entry.key_length) : NULL;
    if (!real_type || strcmp(real_type, entry.type) != 0)
        return;
    Entry *stored = ARENA_NEW(arena, Entry);
    *stored = entry;
    store_entry(known, names, stored);
}

size_t known_hosts_read(KnownHosts *known, const char *file, size_t line, const char *bytes,
                        size_t length)
{
    const char *end = bytes + length;
    while (bytes < end) {
        const char *newline = memchr(bytes, '\n', (size_t)(end - bytes));
        const char *stop = newline ? newline : end;
        const char *trimmed = stop > bytes && stop[-1] == '\r' ? stop - 1 : stop;
        parse_line(known, file, ++line, bytes, trimmed);
        bytes = newline ? newline + 1 : end;
    }
    return line;
}
