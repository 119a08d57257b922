#include "base/options.h"

#include <stdint.h>
#include <string.h>

#include "base/duration.h"
#include "base/text.h"

static const Option *find(const Option *options, size_t count, const char *name, size_t length)
{
    for (size_t i = 0; i < count; i++) {
        if (strlen(options[i].name) == length && memcmp(options[i].name, name, length) == 0)
            return &options[i];
    }
    return NULL;
}

static Error *unknown(Arena *arena, const Option *options, size_t count, const char *name)
{
    const char **names = ARENA_ARRAY(arena, const char *, count);
    for (size_t i = 0; i < count; i++)
        names[i] = options[i].name;
    const char *near = text_nearest(name, names, count);
    if (near)
        return error_new(ERROR_INVALID, "unknown option '-%s', did you mean '-%s'?", name, near);
    return error_new(ERROR_INVALID, "unknown option '-%s'", name);
}

static Error *set_flag(const Option *option, const char *text)
{
    bool is_true = !text || strcmp(text, "true") == 0;
    if (!is_true && strcmp(text, "false") != 0)
        return error_new(ERROR_INVALID, "'%s' is neither true nor false", text);
    *(bool *)option->target = is_true;
    return NULL;
}

static Error *set_count(const Option *option, const char *text)
{
    int64_t number;
    if (!text_to_int(text, &number) || number < 0)
        return error_new(ERROR_INVALID, "'%s' is not a whole number", text);
    *(size_t *)option->target = (size_t)number;
    return NULL;
}

static void add_item(Arena *arena, OptionList *list, const char *text)
{
    ARENA_PUSH(arena, list->items, list->count, list->capacity, text);
}

/* `text` is NULL only for a flag without a value. */
static Error *set(Arena *arena, const Option *option, const char *text)
{
    switch (option->type) {
    case OPTION_FLAG:
        return set_flag(option, text);
    case OPTION_TEXT:
        *(const char **)option->target = text;
        return NULL;
    case OPTION_LIST:
        add_item(arena, option->target, text);
        return NULL;
    case OPTION_COUNT:
        return set_count(option, text);
    case OPTION_DURATION:
        return duration_parse(text, option->target);
    }
    return NULL;
}

/* One option at **argv, and its value in the next argument if it needs that. */
static Error *parse_one(Arena *arena, const Option *options, size_t count, char *const **argv)
{
    const char *name = **argv + 1 + ((**argv)[1] == '-');
    size_t length = strcspn(name, "=");
    const char *text = name[length] == '=' ? name + length + 1 : NULL;
    const Option *option = find(options, count, name, length);
    if (!option)
        return unknown(arena, options, count, arena_strndup(arena, name, length));
    if (!text && option->type != OPTION_FLAG) {
        text = (*argv)[1];
        if (!text)
            return error_new(ERROR_INVALID, "option '-%s' needs a value: %s", option->name,
                             option->placeholder ? option->placeholder : "VALUE");
        (*argv)++;
    }
    Error *error = set(arena, option, text);
    return error ? error_wrap(error, "option '-%s'", option->name) : NULL;
}

Error *options_parse(Arena *arena, const Option *options, size_t count, char *const *argv,
                     char ***ret_arguments)
{
    char **arguments = NULL;
    size_t argument_count = 0, capacity = 0;
    bool ended = false;
    for (; *argv; argv++) {
        if (!ended && strcmp(*argv, "--") == 0)
            ended = true;
        else if (!ended && (*argv)[0] == '-' && (*argv)[1] != '\0')
            TRY(parse_one(arena, options, count, &argv));
        else
            ARENA_PUSH(arena, arguments, argument_count, capacity, *argv);
    }
    ARENA_PUSH(arena, arguments, argument_count, capacity, NULL);
    *ret_arguments = arguments;
    return NULL;
}

static size_t width_of(const Option *option)
{
    size_t width = strlen(option->name) + 1;
    return option->placeholder ? width + 1 + text_columns(option->placeholder) : width;
}

void options_help(FILE *out, const Option *options, size_t count)
{
    size_t widest = 0;
    for (size_t i = 0; i < count; i++)
        widest = width_of(&options[i]) > widest ? width_of(&options[i]) : widest;
    for (size_t i = 0; i < count; i++) {
        const Option *option = &options[i];
        fprintf(out, "  -%s%s%s%*s  %s\n", option->name, option->placeholder ? "=" : "",
                option->placeholder ? option->placeholder : "", (int)(widest - width_of(option)),
                "", option->help);
    }
}
