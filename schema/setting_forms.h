/*
 * schema/setting_forms.h - what values the settings of PostgreSQL 14 to 19 take.
 *
 * Settings that take any text, and those of extensions, have no row. Where majors differ, a row
 * says what any of them takes. Pure; any thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

typedef struct SettingForm {
    const char *name;
    const char *unit;  /* what a number alone counts: kB, MB, B, 8kB, ms, s, min; NULL: no unit */
    double min, max;   /* of a number, inclusive, in the unit */
    bool is_real;      /* else whole numbers */
    bool is_switch;    /* on and off, in all the words that PostgreSQL knows for them */
    const char *words; /* "a|b|c": no number, but one of these */
    const char *synonyms; /* more words, which PostgreSQL takes without naming them; NULL: none */
} SettingForm;

/* NULL: nothing is known of what it takes. */
const SettingForm *setting_form(const char *name);
