#include "plans/pg_setting.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "schema/setting_value.h"

enum { NUMBER_TEXT_BYTES = 32 };

typedef enum Dimension { PLAIN, BYTES, MILLISECONDS } Dimension;

typedef struct Quantity {
    double amount; /* PLAIN: as written; else in bytes or milliseconds */
    Dimension dimension;
} Quantity;

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

static bool take_unit(const char *name, double amount, Quantity *ret)
{
    const SettingUnit *unit = setting_unit(name, strlen(name));
    if (unit)
        *ret = (Quantity){amount * unit->size, unit->is_time ? MILLISECONDS : BYTES};
    return unit != NULL;
}

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
    return take_unit(end, amount, ret);
}

/* "8kB" and "ms" both name a unit. */
static bool parse_unit(const char *text, Quantity *ret)
{
    return take_unit(text, 1, ret) ||
           (parse_quantity(text, ret) && ret->dimension != PLAIN && ret->amount > 0);
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
    return setting_value_truth(a) >= 0 && setting_value_truth(a) == setting_value_truth(b);
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
    double total = amount.amount * unit.amount, best = 0;
    const SettingUnit *written = NULL, *other;
    for (size_t i = 0; (other = setting_unit_at(i)); i++) {
        double count = total / other->size;
        if (other->is_time == (unit.dimension == MILLISECONDS) && count >= 1 &&
            near(count, rint(count))) {
            written = other;
            best = count;
        }
    }
    return written ? value_textf(arena, "%.0f%s", best, written->name) : setting;
}
