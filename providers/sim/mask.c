#include "providers/sim/mask.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/attr.h"
#include "base/digest.h"
#include "base/text.h"

static const char salt[] = "5a17";

/* The value without the quotes of YAML or a configuration file. */
static const char *unquoted(Arena *arena, const char *text, size_t length)
{
    CLEANUP(text_release) Text out = TEXT_INIT;
    char quote = *text;
    if (length < 2 || (quote != '\'' && quote != '"') || text[length - 1] != quote)
        return arena_strndup(arena, text, length);
    for (size_t i = 1; i + 1 < length; i++) {
        bool is_doubled = text[i] == quote && text[i + 1] == quote && i + 2 < length;
        i += is_doubled || (quote == '"' && text[i] == '\\');
        text_add_char(&out, text[i]);
    }
    return text_copy(&out, arena);
}

static void add_masked(Text *out, Arena *arena, const char *text, size_t length)
{
    char hex[SHA256_HEX + 1];
    const char *both = arena_printf(arena, "%s%s", salt, unquoted(arena, text, length));
    sha256_hex(both, strlen(both), hex);
    text_addf(out, "sha256:%s", hex);
}

static bool names_secret(const char *key, size_t length)
{
    static const char *const words[] = {"password", "passwd", "secret", "token"};
    for (size_t at = 0; at < length; at++) {
        for (size_t i = 0; i < COUNT_OF(words); i++) {
            size_t size = strlen(words[i]);
            if (at + size <= length && strncasecmp(key + at, words[i], size) == 0)
                return length < strlen("password_encryption") ||
                       strncmp(key, "password_encryption", length) != 0;
        }
    }
    return false;
}

/* Where the secret of a line begins, or NULL: behind "key:", "key =", "stats auth NAME:", a name
 * in quotes. */
static const char *secret_of(const char *line, bool is_userlist)
{
    static const char stats[] = "stats auth ";
    const char *key = line + strspn(line, " \t-");
    if (is_userlist && *key == '"') {
        const char *end = strchr(key + 1, '"');
        return end ? end + 1 + strspn(end + 1, " ") : NULL;
    }
    if (text_starts_with(key, stats)) {
        const char *colon = strchr(key, ':');
        return colon ? colon + 1 : NULL;
    }
    size_t length =
        strspn(key, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-");
    const char *mark = key + length + strspn(key + length, " ");
    bool is_pair = *mark == '=' || (*mark == ':' && (mark[1] == ' ' || mark[1] == '\0'));
    if (!is_pair || !names_secret(key, length))
        return NULL;
    return mark + 1 + strspn(mark + 1, " ");
}

const char *mask_text(Arena *arena, const char *path, const char *content)
{
    CLEANUP(text_release) Text out = TEXT_INIT;
    char **lines = NULL;
    bool is_userlist = strstr(path, "userlist") != NULL;
    size_t count = text_split(arena, content, '\n', &lines);
    for (size_t i = 0; i < count; i++) {
        const char *secret = secret_of(lines[i], is_userlist);
        text_addf(&out, "%s%.*s", i > 0 ? "\n" : "",
                  (int)(secret ? (size_t)(secret - lines[i]) : strlen(lines[i])), lines[i]);
        if (!secret || !*secret)
            continue;
        text_add(&out, is_userlist ? "\"" : "");
        add_masked(&out, arena, secret, strlen(secret));
        text_add(&out, is_userlist ? "\"" : "");
    }
    return text_copy(&out, arena);
}

const Value *mask_answer(Arena *arena, const Value *files)
{
    Value *map = value_map(arena);
    value_set_text(arena, map, "nonce", salt);
    value_set(arena, map, "files", files);
    return map;
}
