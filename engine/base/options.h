/*
 * base/options.h - command line options from one table: parsing, help and completion.
 *
 * One dash or two, "-name value" or "-name=value", as Terraform's; "--" ends the options.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/error.h"

typedef enum OptionType {
    OPTION_FLAG,     /* bool: -name, -name=false       */
    OPTION_TEXT,     /* const char *                    */
    OPTION_LIST,     /* OptionList: may be given often  */
    OPTION_COUNT,    /* size_t                          */
    OPTION_DURATION, /* int64_t milliseconds            */
} OptionType;

typedef struct OptionList {
    const char **items;
    size_t count;
    size_t capacity;
} OptionList;

typedef struct Option {
    const char *name; /* "out", without dashes */
    OptionType type;
    void *target;            /* by type, see above */
    const char *placeholder; /* "FILE", NULL for flags */
    const char *help;        /* one clause */
} Option;

/* Parse argv (NULL-terminated, without the command's name); what is no option is left in order in
 * *ret_arguments (NULL-terminated, arena). Errors: ERROR_INVALID, with "did you mean". */
MUST_USE Error *options_parse(Arena *arena, const Option *options, size_t count, char *const *argv,
                              char ***ret_arguments);

/* One line an option, aligned. */
void options_help(FILE *out, const Option *options, size_t count);
