#include "plans/pg_setting.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { NUMBER_TEXT_BYTES = 32 };

typedef enum Dimension { PLAIN, BYTES, MILLISECONDS } Dimension;

typedef struct Quantity {
    double amount; /* PLAIN: as written; else in bytes or milliseconds */
    Dimension dimension;
} Quantity;

/* Units of the server (PostgreSQL documentation, "Parameter Names and Values"). */
static const struct {
    const char *name;
    Dimension dimension;
    double factor;
} units[] = {
    {"B", BYTES, 1},
    {"kB", BYTES, 1024},
    {"MB", BYTES, 1024.0 * 1024},
    {"GB", BYTES, 1024.0 * 1024 * 1024},
    {"TB", BYTES, 1024.0 * 1024 * 1024 * 1024},
    {"us", MILLISECONDS, 0.001},
    {"ms", MILLISECONDS, 1},
    {"s", MILLISECONDS, 1000},
    {"min", MILLISECONDS, 60000},
    {"h", MILLISECONDS, 3600000},
    {"d", MILLISECONDS, 86400000},
};

/* Settings that are lists of names: blanks around the commas do not matter. */
static const char *const list_settings[] = {
    "datestyle",
    "listen_addresses",
    "local_preload_libraries",
    "log_destination",
    "search_path",
    "session_preload_libraries",
    "shared_preload_libraries",
    "synchronous_standby_names",
    "temp_tablespaces",
    "unix_socket_directories",
    "wal_consistency_checking",
};

static bool parse_quantity(const char *text, Quantity *ret)
{
    char *end;
    double amount = strtod(text, &end);
    if (end == text || !isfinite(amount))
        return false;
    end += strspn(end, " \t");
    if (*end == '\0') {
        *ret = (Quantity){amount, PLAIN};
        return true;
    }
    for (size_t i = 0; i < COUNT_OF(units); i++) {
        if (strcmp(end, units[i].name) == 0) {
            *ret = (Quantity){amount * units[i].factor, units[i].dimension};
            return true;
        }
    }
    return false;
}

/* "8kB" and "ms" both name a unit. */
static bool parse_unit(const char *text, Quantity *ret)
{
    for (size_t i = 0; i < COUNT_OF(units); i++) {
        if (strcmp(text, units[i].name) == 0) {
            *ret = (Quantity){units[i].factor, units[i].dimension};
            return true;
        }
    }
    return parse_quantity(text, ret) && ret->dimension != PLAIN && ret->amount > 0;
}

/* In the server's base unit; false if the value is of another dimension. */
static bool to_base(const Quantity *quantity, const Quantity *unit, double *ret)
{
    if (quantity->dimension == PLAIN)
        *ret = quantity->amount;
    else if (unit && unit->dimension == quantity->dimension)
        *ret = quantity->amount / unit->amount;
    else
        return false;
    return true;
}

static bool near(double a, double b)
{
    double size = fmax(fabs(a), fabs(b));
    return fabs(a - b) <= size * 1e-9;
}

/* 1 and 0, as the server parses booleans (any prefix that is not ambiguous); -1: not one. */
static int bool_word(const char *text)
{
    static const struct {
        const char *word;
        size_t shortest;
        int value;
    } words[] = {
        {"true", 1, 1}, {"false", 1, 0}, {"yes", 1, 1}, {"no", 1, 0},
        {"on", 2, 1},   {"off", 2, 0},   {"1", 1, 1},   {"0", 1, 0},
    };
    size_t length = strlen(text);
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        if (length >= words[i].shortest && length <= strlen(words[i].word) &&
            strncasecmp(text, words[i].word, length) == 0)
            return words[i].value;
    }
    return -1;
}

static bool numbers_equal(const char *a, const char *b, const char *unit_name, bool is_integer)
{
    Quantity left, right, unit;
    if (!parse_quantity(a, &left) || !parse_quantity(b, &right))
        return strcmp(a, b) == 0;
    bool has_unit = parse_unit(unit_name, &unit);
    double x, y;
    if (to_base(&left, has_unit ? &unit : NULL, &x) && to_base(&right, has_unit ? &unit : NULL, &y))
        return is_integer ? near(rint(x), rint(y)) : near(x, y);
    return left.dimension == right.dimension && near(left.amount, right.amount);
}

static const char *skip_blanks(const char *text)
{
    return text + strspn(text, " \t\n");
}

/* Equal but for blanks around commas and at the ends. */
static bool lists_equal(const char *a, const char *b)
{
    a = skip_blanks(a);
    b = skip_blanks(b);
    for (;;) {
        const char *after_a = skip_blanks(a), *after_b = skip_blanks(b);
        bool edge_a = *after_a == ',' || *after_a == '\0';
        bool edge_b = *after_b == ',' || *after_b == '\0';
        if (edge_a != edge_b)
            return false;
        if (edge_a) {
            if (*after_a != *after_b)
                return false;
            if (*after_a == '\0')
                return true;
            a = skip_blanks(after_a + 1);
            b = skip_blanks(after_b + 1);
        } else if (*a++ != *b++) {
            return false;
        }
    }
}

static bool is_list(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(list_settings); i++) {
        if (strcasecmp(name, list_settings[i]) == 0)
            return true;
    }
    return false;
}

static bool words_equal(const char *a, const char *b)
{
    return bool_word(a) >= 0 && bool_word(a) == bool_word(b);
}

/* Without the server's word on unit and type. */
static bool plain_equal(const char *a, const char *b)
{
    bool is_number = isdigit((unsigned char)*a) && isdigit((unsigned char)*b);
    if (!is_number && words_equal(a, b))
        return true;
    Quantity left, right;
    return parse_quantity(a, &left) && parse_quantity(b, &right) &&
           left.dimension == right.dimension && near(left.amount, right.amount);
}

static bool texts_equal(const char *name, const char *a, const char *b, const Value *observed)
{
    if (strcmp(a, b) == 0)
        return true;
    const char *vartype = value_get_text(observed, "vartype");
    const char *unit = value_get_text(observed, "unit");
    if (is_list(name))
        return lists_equal(a, b);
    if (strcmp(vartype, "bool") == 0)
        return words_equal(a, b);
    if (strcmp(vartype, "integer") == 0)
        return numbers_equal(a, b, unit, true);
    if (strcmp(vartype, "real") == 0)
        return numbers_equal(a, b, unit, false);
    if (strcmp(vartype, "enum") == 0)
        return strcasecmp(a, b) == 0 || words_equal(a, b);
    if (strcmp(vartype, "string") == 0)
        return false;
    return plain_equal(a, b);
}

/* The text that would stand in postgresql.conf; `buffer` holds numbers. NULL: not a scalar. */
static const char *as_text(const Value *value, char buffer[NUMBER_TEXT_BYTES])
{
    if (!value)
        return NULL;
    switch (value->type) {
    case VALUE_TEXT:
        return value->text;
    case VALUE_BOOL:
        return value->boolean ? "true" : "false";
    case VALUE_INT:
        snprintf(buffer, NUMBER_TEXT_BYTES, "%lld", (long long)value->integer);
        return buffer;
    case VALUE_REAL:
        snprintf(buffer, NUMBER_TEXT_BYTES, "%.15g", value->real);
        return buffer;
    case VALUE_NULL:
    case VALUE_LIST:
    case VALUE_MAP:
    case VALUE_SECRET:
    case VALUE_LATE:
    case VALUE_TYPE_COUNT:
        break;
    }
    return NULL;
}

bool pg_setting_equal(const char *name, const Value *desired, const Value *observed)
{
    bool has_map = observed && observed->type == VALUE_MAP;
    const Value *setting = has_map ? value_get(observed, "setting") : observed;
    char buffers[2][NUMBER_TEXT_BYTES];
    const char *a = as_text(desired, buffers[0]);
    const char *b = as_text(setting, buffers[1]);
    if (!a || !b)
        return value_equal(desired, setting);
    return texts_equal(name, a, b, observed);
}

const Value *pg_setting_plain(Arena *arena, const Value *observed)
{
    if (!observed || observed->type != VALUE_MAP || !value_get(observed, "setting"))
        return observed;
    const Value *setting = value_get(observed, "setting");
    char buffer[NUMBER_TEXT_BYTES];
    const char *text = as_text(setting, buffer);
    Quantity amount, unit;
    if (!text || !parse_quantity(text, &amount) || amount.dimension != PLAIN ||
        amount.amount <= 0 || !parse_unit(value_get_text(observed, "unit"), &unit))
        return setting;
    double total = amount.amount * unit.amount;
    for (size_t i = COUNT_OF(units); i-- > 0;) {
        double count = total / units[i].factor;
        if (units[i].dimension == unit.dimension && count >= 1 && near(count, rint(count)))
            return value_textf(arena, "%.0f%s", count, units[i].name);
    }
    return setting;
}
