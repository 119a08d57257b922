#include "providers/ssh/config_scan.h"

#include <glob.h>
#include <string.h>
#include <strings.h>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"

enum {
    CONFIG_MAX_BYTES = 1024 * 1024,
    INCLUDES_MAX = 8,
};

/* "Keyword value", "keyword=value", quotes as they come. False: nothing on this line. */
static bool split_line(char *line, const char **ret_keyword, const char **ret_value)
{
    line += strspn(line, " \t");
    if (!*line || *line == '#')
        return false;
    char *value = line + strcspn(line, " \t=");
    if (*value)
        *value++ = '\0';
    value += strspn(value, " \t=");
    size_t length = strlen(value);
    while (length > 0 && strchr(" \t\r", value[length - 1]))
        value[--length] = '\0';
    *ret_keyword = line;
    *ret_value = value;
    return true;
}

bool config_text_is_same_for_all(Arena *arena, const char *text, const char **includes, size_t room,
                                 size_t *count)
{
    char **lines;
    size_t line_count = text_split(arena, text, '\n', &lines);
    for (size_t i = 0; i < line_count; i++) {
        const char *keyword, *value;
        if (!split_line(lines[i], &keyword, &value))
            continue;
        if (strcasecmp(keyword, "match") == 0 || strcasecmp(keyword, "canonicalizehostname") == 0 ||
            strcasecmp(keyword, "hostname") == 0)
            return false;
        if (strcasecmp(keyword, "host") == 0 && strcmp(value, "*") != 0)
            return false;
        if (strcasecmp(keyword, "include") != 0)
            continue;
        if (*count == room || strpbrk(value, " \t\"~%$") || value[0] != '/')
            return false;
        includes[(*count)++] = value;
    }
    return true;
}

static bool scan_file(Arena *arena, const char *path, const char **includes, size_t room,
                      size_t *count)
{
    if (!file_exists(path))
        return true;
    char *text;
    size_t length;
    Error *error = file_read(arena, path, CONFIG_MAX_BYTES, &text, &length);
    bool is_readable = error == NULL;
    error_free(error);
    return is_readable && config_text_is_same_for_all(arena, text, includes, room, count);
}

/* Files named by an Include may not include others. */
static bool scan_pattern(Arena *arena, const char *pattern)
{
    glob_t found;
    int failure = glob(pattern, 0, NULL, &found);
    if (failure == GLOB_NOMATCH)
        return true;
    if (failure)
        return false;
    bool is_same = true;
    for (size_t i = 0; i < found.gl_pathc && is_same; i++) {
        size_t none = 0;
        is_same = scan_file(arena, found.gl_pathv[i], NULL, 0, &none);
    }
    globfree(&found);
    return is_same;
}

static bool scan_tree(Arena *arena, const char *path)
{
    const char *includes[INCLUDES_MAX];
    size_t count = 0;
    bool is_same = scan_file(arena, path, includes, INCLUDES_MAX, &count);
    for (size_t i = 0; i < count && is_same; i++)
        is_same = scan_pattern(arena, includes[i]);
    return is_same;
}

bool config_is_same_for_all(const char *config_file, const char *home)
{
    CLEANUP(arena_freep) Arena *scratch = arena_new();
    if (config_file)
        return scan_tree(scratch, config_file);
    return scan_tree(scratch, arena_printf(scratch, "%s/.ssh/config", home)) &&
           scan_tree(scratch, "/etc/ssh/ssh_config");
}
