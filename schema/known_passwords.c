#include "schema/known_passwords.h"

#include <pthread.h>
#include <string.h>

#include "base/digest.h"
#include "base/file.h"
#include "base/map.h"
#include "base/text.h"

#define FIRST_LINE "pgsteer known passwords 1"

enum { KEY_HEX = 64, MARK_BYTES = 16, MARK_HEX = 2 * MARK_BYTES };
enum { DAYS_KEPT = 30, DAYS_UNTIL_RENEWED = 7 };
enum { BYTES_MAX = 64 * 1024 * 1024, FILE_MODE = 0600 };

struct KnownPasswords {
    Arena *arena;
    pthread_mutex_t lock;
    const char *path; /* NULL: kept nowhere */
    char key[KEY_HEX + 1];
    Map *days; /* mark -> int64_t: when it was last of use */
    int64_t today;
    bool has_changed; /* since it was read */
};

static void forget(KnownPasswords *known)
{
    random_hex(known->key, KEY_HEX);
    known->days = map_new(known->arena);
    known->has_changed = false;
}

KnownPasswords *known_passwords_new(int64_t today)
{
    Arena *arena = arena_new();
    KnownPasswords *known = ARENA_NEW(arena, KnownPasswords);
    *known = (KnownPasswords){.arena = arena, .today = today};
    pthread_mutex_init(&known->lock, NULL);
    forget(known);
    return known;
}

void known_passwords_freep(KnownPasswords **known)
{
    if (!*known)
        return;
    pthread_mutex_destroy(&(*known)->lock);
    cleanse((*known)->key, KEY_HEX);
    arena_free((*known)->arena);
    *known = NULL;
}

/* -- the file ---------------------------------------------------------------------------------
 *
 *     pgsteer known passwords 1
 *     KEY
 *     DAY MARK
 *     ...
 */

static bool is_hex(const char *text, size_t length)
{
    return strlen(text) == length && strspn(text, "0123456789abcdef") == length;
}

static void set_day(KnownPasswords *known, const char *mark, int64_t day)
{
    int64_t *kept = ARENA_NEW(known->arena, int64_t);
    *kept = day;
    map_set(known->days, mark, kept);
}

/* "DAY MARK"; false if it is not one. */
static bool take_line(KnownPasswords *known, char *line)
{
    char *blank = strchr(line, ' ');
    int64_t day;
    if (!blank || !is_hex(blank + 1, MARK_HEX))
        return false;
    *blank = '\0';
    if (!text_to_int(line, &day))
        return false;
    bool is_fresh = day <= known->today && day > known->today - DAYS_KEPT;
    if (is_fresh)
        set_day(known, blank + 1, day);
    known->has_changed |= !is_fresh;
    return true;
}

static bool take_lines(KnownPasswords *known, char **lines, size_t count)
{
    if (count < 3 || strcmp(lines[0], FIRST_LINE) != 0 || !is_hex(lines[1], KEY_HEX))
        return false;
    memcpy(known->key, lines[1], KEY_HEX);
    cleanse(lines[1], KEY_HEX);
    for (size_t i = 2; i < count - 1; i++) {
        if (!take_line(known, lines[i]))
            return false;
    }
    return lines[count - 1][0] == '\0';
}

void known_passwords_read(KnownPasswords *known, const char *path)
{
    char *bytes, **lines;
    size_t length;
    forget(known);
    known->path = path;
    CLEANUP(error_freep) Error *error = file_read(known->arena, path, BYTES_MAX, &bytes, &length);
    if (error)
        return;
    size_t count = text_split(known->arena, bytes, '\n', &lines);
    cleanse(bytes, length);
    if (!take_lines(known, lines, count))
        forget(known);
}

Error *known_passwords_write(KnownPasswords *known)
{
    if (!known->path || !known->has_changed)
        return NULL;
    CLEANUP(text_release) Text text = TEXT_INIT;
    text_addf(&text, "%s\n%s\n", FIRST_LINE, known->key);
    for (size_t i = 0; i < map_count(known->days); i++)
        text_addf(&text, "%lld %s\n", (long long)*(int64_t *)map_value_at(known->days, i),
                  map_key_at(known->days, i));
    Error *error = file_write_all(known->path, FILE_MODE, text.bytes, text.length);
    cleanse(text.bytes, text.length);
    known->has_changed = error != NULL;
    return error;
}

/* -- asking ------------------------------------------------------------------------------------
 */

/* No verifier has a line break. */
static void mark_of(const KnownPasswords *known, const char *verifier, const char *password,
                    char ret_mark[MARK_HEX + 1])
{
    CLEANUP(text_release) Text text = TEXT_INIT;
    unsigned char digest[SHA256_BYTES];
    text_addf(&text, "%s\n%s", verifier, password);
    hmac_sha256(known->key, KEY_HEX, text.bytes, text.length, digest);
    cleanse(text.bytes, text.length);
    bytes_to_hex(digest, MARK_BYTES, ret_mark);
}

static bool is_known(KnownPasswords *known, const char *mark)
{
    pthread_mutex_lock(&known->lock);
    int64_t *day = map_get(known->days, mark);
    if (day && *day <= known->today - DAYS_UNTIL_RENEWED) {
        *day = known->today;
        known->has_changed = true;
    }
    pthread_mutex_unlock(&known->lock);
    return day != NULL;
}

static void learn(KnownPasswords *known, const char *mark)
{
    pthread_mutex_lock(&known->lock);
    set_day(known, arena_strdup(known->arena, mark), known->today);
    known->has_changed = true;
    pthread_mutex_unlock(&known->lock);
}

/* Others (md5) are cheap to try. */
static bool is_worth_it(const char *verifier)
{
    return text_starts_with(verifier, "SCRAM-SHA-256$") && !strchr(verifier, '\n');
}

bool known_passwords_fit(KnownPasswords *known, const char *verifier, const char *password,
                         const char *role_name)
{
    char mark[MARK_HEX + 1];
    if (!known || !is_worth_it(verifier))
        return scram_matches(verifier, password, role_name);
    mark_of(known, verifier, password, mark);
    if (is_known(known, mark))
        return true;
    bool fits = scram_matches(verifier, password, role_name);
    if (fits)
        learn(known, mark);
    return fits;
}
