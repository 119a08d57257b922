#include "schema/setting_value.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "schema/params.h"
#include "schema/setting_forms.h"

/* -- numbers ----------------------------------------------------------------------------------- */

static const SettingUnit units[] = {
    {"B", 1, false},
    {"kB", 1024, false},
    {"MB", 1024.0 * 1024, false},
    {"GB", 1024.0 * 1024 * 1024, false},
    {"TB", 1024.0 * 1024 * 1024 * 1024, false},
    {"us", 0.001, true},
    {"ms", 1, true},
    {"s", 1000, true},
    {"min", 60.0 * 1000, true},
    {"h", 3600.0 * 1000, true},
    {"d", 24 * 3600.0 * 1000, true},
};

const SettingUnit *setting_unit(const char *name, size_t length)
{
    for (size_t i = 0; i < COUNT_OF(units); i++) {
        if (strlen(units[i].name) == length && strncmp(units[i].name, name, length) == 0)
            return &units[i];
    }
    return NULL;
}

const SettingUnit *setting_unit_at(size_t i)
{
    return i < COUNT_OF(units) ? &units[i] : NULL;
}

/* What a setting counts: also blocks, which nobody can write. */
static const SettingUnit *base_unit(const SettingForm *form)
{
    static const SettingUnit blocks = {"blocks of 8kB", 8 * 1024, false};
    const SettingUnit *unit = form->unit ? setting_unit(form->unit, strlen(form->unit)) : NULL;
    return form->unit && !unit ? &blocks : unit;
}

static const char *skip_blanks(const char *text)
{
    while (isspace((unsigned char)*text))
        text++;
    return text;
}

/* What stands behind the number; NULL: there is none. */
static const char *read_number(const char *text, bool is_real, double *ret)
{
    char *end = NULL;
    errno = 0;
    *ret = is_real ? strtod(text, &end) : (double)strtol(text, &end, 0);
    bool is_fraction = *end != '\0' && strchr(".eE", *end);
    if (!is_real && (is_fraction || errno == ERANGE)) {
        errno = 0;
        *ret = strtod(text, &end);
    }
    return end == text || errno == ERANGE || *ret != *ret ? NULL : skip_blanks(end);
}

/* Of what stands behind a number, "" or a unit: how many base units it is; 0: no such unit. */
static double factor_of(const char *rest, const SettingUnit *base)
{
    size_t length = strcspn(rest, " \t\n\r\f\v");
    if (!*rest)
        return 1;
    const SettingUnit *unit = base ? setting_unit(rest, length) : NULL;
    bool is_fine = unit && unit->is_time == base->is_time && !*skip_blanks(rest + length);
    return is_fine ? unit->size / base->size : 0;
}

static bool number_of(const SettingForm *form, const char *value, double *ret)
{
    const char *rest = read_number(value, form->is_real, ret);
    double factor = rest ? factor_of(rest, base_unit(form)) : 0;
    double room = form->is_real ? 0 : 0.5; /* whole numbers are rounded before they are compared */
    *ret *= factor;
    return factor > 0 && *ret >= form->min - room && *ret <= form->max + room;
}

bool setting_value_number(const char *name, const char *value, double *ret)
{
    const SettingForm *form = setting_form(name);
    return form && !form->is_switch && !form->words && number_of(form, value, ret);
}

static const char *number_wanted(Arena *arena, const SettingForm *form)
{
    const SettingUnit *unit = base_unit(form);
    const char *what = form->is_real ? "a number" : "a whole number", *counts = "";
    if (unit) {
        what = unit->is_time ? "a time" : "a size";
        counts = arena_printf(arena, " %s", unit->name);
    }
    if (form->max > INT_MAX)
        return arena_printf(arena, "%s of at least %g%s", what, form->min, counts);
    return arena_printf(arena, "%s from %.12g to %.12g%s", what, form->min, form->max, counts);
}

static const char *number_advice(Arena *arena, const SettingForm *form)
{
    const SettingUnit *unit = base_unit(form);
    if (!unit)
        return NULL;
    return arena_printf(arena, "A number alone counts %s; units are %s.", unit->name,
                        unit->is_time ? "us, ms, s, min, h and d" : "B, kB, MB, GB and TB");
}

/* -- words ------------------------------------------------------------------------------------- */

int setting_value_truth(const char *text)
{
    static const struct {
        const char *word;
        size_t shortest;
        int truth;
    } words[] = {
        {"true", 1, 1}, {"false", 1, 0}, {"yes", 1, 1}, {"no", 1, 0},
        {"on", 2, 1},   {"off", 2, 0},   {"1", 1, 1},   {"0", 1, 0},
    };
    size_t length = strlen(text);
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        if (length >= words[i].shortest && length <= strlen(words[i].word) &&
            strncasecmp(text, words[i].word, length) == 0)
            return words[i].truth;
    }
    return -1;
}

static bool is_one_of(Arena *arena, const char *list, const char *value)
{
    char **words;
    size_t count = list ? text_split(arena, list, '|', &words) : 0;
    for (size_t i = 0; i < count; i++) {
        if (strcasecmp(words[i], value) == 0)
            return true;
    }
    return false;
}

static const char *nearest_word(Arena *arena, const char *list, const char *value)
{
    char **words;
    size_t count = text_split(arena, list, '|', &words);
    const char *near = text_nearest(value, (const char *const *)words, count);
    return near ? arena_printf(arena, "Did you mean %s?", near) : NULL;
}

static const SettingProblem *problem_new(Arena *arena, const char *wanted, const char *advice)
{
    SettingProblem *problem = ARENA_NEW(arena, SettingProblem);
    *problem = (SettingProblem){wanted, advice};
    return problem;
}

const SettingProblem *setting_value_problem(Arena *arena, const char *name, const char *value)
{
    double number;
    const SettingForm *form = setting_form(name);
    if (!form)
        return NULL;
    if (form->is_switch)
        return setting_value_truth(value) >= 0 ? NULL : problem_new(arena, "on or off", NULL);
    if (!form->words)
        return number_of(form, value, &number)
                   ? NULL
                   : problem_new(arena, number_wanted(arena, form), number_advice(arena, form));
    if (is_one_of(arena, form->words, value) || is_one_of(arena, form->synonyms, value))
        return NULL;
    return problem_new(arena, params_words(arena, form->words),
                       nearest_word(arena, form->words, value));
}
