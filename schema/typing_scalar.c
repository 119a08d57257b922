#include "schema/typing_scalar.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/duration.h"
#include "base/text.h"

typedef const Value *ScalarFunction(const ScalarContext *context, const DocNode *node,
                                    const Parameter *row);

static const Value *refuse(const ScalarContext *context, const DocNode *node, const char *code,
                           const char *wanted, const char *advice)
{
    diagnostics_add(context->typing->diagnostics, code, &node->origin, advice,
                    "%s must be %s, this is \"%s\"", context->name, wanted, node->text)
        ->width = node->style == DOC_PLAIN ? strlen(node->text) : 0;
    return NULL;
}

static Value *new_value(const ScalarContext *context, const DocNode *node, ValueType type)
{
    Value *value = places_new(context->typing->places, &node->origin);
    value->type = type;
    return value;
}

static const Value *new_text(const ScalarContext *context, const DocNode *node)
{
    Value *value = new_value(context, node, VALUE_TEXT);
    value->text = node->text;
    return value;
}

static const Value *new_int(const ScalarContext *context, const DocNode *node, int64_t number)
{
    Value *value = new_value(context, node, VALUE_INT);
    value->integer = number;
    return value;
}

static void warn_if_quoted(const ScalarContext *context, const DocNode *node)
{
    if (node->style != DOC_PLAIN)
        diagnostics_add(context->typing->diagnostics, "W002", &node->origin,
                        "Write it without quotes.", "%s is quoted, but is no text", context->name);
}

/* What other readers of such files take for true and false; "y" and "n" are texts for them. */
static int truth_of(const char *text)
{
    static const char *const words[2][9] = {
        {"false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF"},
        {"true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON"},
    };
    for (int truth = 0; truth < 2; truth++) {
        for (size_t i = 0; i < COUNT_OF(words[0]); i++) {
            if (strcmp(words[truth][i], text) == 0)
                return truth;
        }
    }
    return -1;
}

const char *scalar_looks(const char *text)
{
    if (truth_of(text) >= 0)
        return "a truth value";
    const char *digits = text + (*text == '-' || *text == '+');
    bool is_hex = digits[0] == '0' && digits[1] == 'x';
    bool is_number = isdigit((unsigned char)digits[0]) ||
                     (digits[0] == '.' && isdigit((unsigned char)digits[1]));
    const char *letters = is_hex ? "0123456789abcdefABCDEF_x" : "0123456789_.:";
    return is_number && digits[strspn(digits, letters)] == '\0' ? "a number" : NULL;
}

static const Value *read_bool(const ScalarContext *context, const DocNode *node,
                              const Parameter *row)
{
    int truth = truth_of(node->text);
    if (truth < 0)
        return refuse(context, node, "E002", params_type_name(row->type), NULL);
    warn_if_quoted(context, node);
    Value *value = new_value(context, node, VALUE_BOOL);
    value->boolean = truth == 1;
    return value;
}

/* A number that other tools read differently: 0755, 0x10, 12_000, 1:30. */
static const char *number_trap(const char *text)
{
    if (text[0] == '0' && isdigit((unsigned char)text[1]))
        return "A leading zero means octal to other readers: leave it away.";
    bool is_zero = strcmp(text, "0") == 0;
    if (strchr(text, '_') || strchr(text, ':') || (text[0] == '0' && !is_zero))
        return "Write plain decimal digits.";
    return NULL;
}

static const Value *check_range(const ScalarContext *context, const DocNode *node,
                                const Parameter *row, int64_t number)
{
    if (row->max == 0 || (number >= row->min && number <= row->max))
        return new_int(context, node, number);
    Arena *arena = context->typing->arena;
    const char *wanted =
        row->max == INT64_MAX
            ? arena_printf(arena, "at least %lld", (long long)row->min)
            : arena_printf(arena, "%lld to %lld", (long long)row->min, (long long)row->max);
    return refuse(context, node, "E025", wanted, NULL);
}

static const Value *read_int(const ScalarContext *context, const DocNode *node,
                             const Parameter *row)
{
    int64_t number;
    const char *trap = number_trap(node->text);
    if (trap || !text_to_int(node->text, &number))
        return refuse(context, node, "E002", params_type_name(row->type), trap);
    warn_if_quoted(context, node);
    return check_range(context, node, row, number);
}

static const Value *read_port(const ScalarContext *context, const DocNode *node,
                              const Parameter *row)
{
    int64_t number;
    const char *trap = number_trap(node->text);
    if (trap || !text_to_int(node->text, &number) || number < 1 || number > 65535)
        return refuse(context, node, "E023", params_type_name(row->type), trap);
    warn_if_quoted(context, node);
    return new_int(context, node, number);
}

/* scalar_read() has found that it is none of the words. */
static const Value *refuse_word(const ScalarContext *context, const DocNode *node,
                                const Parameter *row, const char *before)
{
    Arena *arena = context->typing->arena;
    char **words;
    size_t count = text_split(arena, row->words, '|', &words);
    const char *wanted = arena_printf(arena, "%s%s", before, params_words(arena, row->words));
    const char *near = text_nearest(node->text, (const char *const *)words, count);
    return refuse(context, node, "E002", wanted,
                  near ? arena_printf(arena, "Did you mean %s?", near) : NULL);
}

static const Value *read_enum(const ScalarContext *context, const DocNode *node,
                              const Parameter *row)
{
    return refuse_word(context, node, row, "");
}

static const Value *read_int_or_word(const ScalarContext *context, const DocNode *node,
                                     const Parameter *row)
{
    int64_t number;
    bool is_number = text_to_int(node->text, &number);
    if (node->style == DOC_PLAIN && is_number)
        return read_int(context, node, row);
    if (is_number)
        return refuse(context, node, "E002", params_type_name(row->type),
                      "Write the number without quotes.");
    return refuse_word(context, node, row, "a whole number or ");
}

static const Value *read_real(const ScalarContext *context, const DocNode *node,
                              const Parameter *row)
{
    size_t whole = strspn(node->text, "0123456789");
    const char *point = node->text + whole;
    size_t decimals = *point == '.' ? strspn(point + 1, "0123456789") : 0;
    const char *end = *point == '.' ? point + 1 + decimals : point;
    if (whole + decimals == 0 || *end || whole > 9 || decimals > 9)
        return refuse(context, node, "E002", params_type_name(row->type), NULL);
    char thousandths[4] = "000";
    memcpy(thousandths, point + (*point == '.'), decimals < 3 ? decimals : 3);
    int64_t number = strtoll(node->text, NULL, 10) * 1000 + strtoll(thousandths, NULL, 10);
    if (number < row->min || (row->max && number > row->max))
        return refuse(context, node, "E025",
                      arena_printf(context->typing->arena, "%g to %g", (double)row->min / 1000,
                                   (double)row->max / 1000),
                      NULL);
    warn_if_quoted(context, node);
    return new_text(context, node);
}

static const Value *read_text(const ScalarContext *context, const DocNode *node,
                              const Parameter *row)
{
    (void)row;
    return scalar_check_text(context, node) ? new_text(context, node) : NULL;
}

static const Value *read_path(const ScalarContext *context, const DocNode *node,
                              const Parameter *row)
{
    const char *text = node->text;
    if (text[0] != '/' && text[0] != '~')
        return refuse(context, node, "E002", params_type_name(row->type), NULL);
    for (const char *c = text; *c; c++) {
        if (isspace((unsigned char)*c) || strchr("'\"\\$`;&|<>()", *c))
            return refuse(context, node, "E042", "a path without blanks, quotes and shell signs",
                          NULL);
    }
    return new_text(context, node);
}

/* What follows a number of 0 to 255 without leading zeros; NULL: there is none. */
static const char *skip_octet(const char *text)
{
    int number = 0, digits = 0;
    for (; digits < 4 && text[digits] >= '0' && text[digits] <= '9'; digits++)
        number = number * 10 + text[digits] - '0';
    bool has_zero = digits > 1 && text[0] == '0';
    return digits > 0 && digits <= 3 && !has_zero && number <= 255 ? text + digits : NULL;
}

bool typing_is_ipv4(const char *text, bool mask)
{
    for (int i = 0; i < 4; i++) {
        text = skip_octet(text);
        if (!text || (i < 3 && *text++ != '.'))
            return false;
    }
    if (mask && *text == '/') {
        int64_t bits;
        return text_to_int(text + 1, &bits) && isdigit((unsigned char)text[1]) && bits <= 32 &&
               strlen(text) <= 3;
    }
    return *text == '\0';
}

static const Value *read_address(const ScalarContext *context, const DocNode *node,
                                 const Parameter *row)
{
    if (!typing_is_ipv4(node->text, row->type == TYPE_CIDR))
        return refuse(context, node, "E006", params_type_name(row->type), NULL);
    return new_text(context, node);
}

static const Value *check_error(const ScalarContext *context, const DocNode *node,
                                const Parameter *row, Error *error)
{
    if (!error)
        return new_text(context, node);
    error_free(error);
    return refuse(context, node, "E002", params_type_name(row->type), NULL);
}

static const Value *read_size(const ScalarContext *context, const DocNode *node,
                              const Parameter *row)
{
    int64_t bytes;
    return check_error(context, node, row, size_parse(node->text, &bytes));
}

/* A bare 0 needs no unit. */
static const Value *read_interval(const ScalarContext *context, const DocNode *node,
                                  const Parameter *row)
{
    int64_t duration_ms;
    if (strcmp(node->text, "0") == 0)
        return new_text(context, node);
    size_t whole = strspn(node->text, "0123456789");
    bool has_point = node->text[whole] == '.' && isdigit((unsigned char)node->text[whole + 1]);
    if (!has_point)
        return check_error(context, node, row, duration_parse(node->text, &duration_ms));
    const char *unit = node->text + whole + 1 + strspn(node->text + whole + 1, "0123456789");
    return check_error(
        context, node, row,
        duration_parse(arena_printf(context->typing->arena, "1%s", unit), &duration_ms));
}

bool typing_is_token(const char *text)
{
    if (!*text || *text == '-')
        return false;
    for (; *text; text++) {
        if (!isalnum((unsigned char)*text) && !strchr("_.:-", *text))
            return false;
    }
    return true;
}

static const Value *read_token(const ScalarContext *context, const DocNode *node,
                               const Parameter *row)
{
    if (!typing_is_token(node->text))
        return refuse(context, node, "E042", params_type_name(row->type), NULL);
    return new_text(context, node);
}

/* A resolver would take 10.10.300 and 2130706433 for addresses, too: other ones than were meant. */
static const Value *read_host(const ScalarContext *context, const DocNode *node,
                              const Parameter *row)
{
    bool is_numeric = node->text[strspn(node->text, "0123456789.")] == '\0';
    if (is_numeric ? !typing_is_ipv4(node->text, false) : !typing_is_token(node->text))
        return refuse(context, node, is_numeric ? "E006" : "E042", params_type_name(row->type),
                      NULL);
    return new_text(context, node);
}

static const Value *read_username(const ScalarContext *context, const DocNode *node,
                                  const Parameter *row)
{
    bool fine = (isalpha((unsigned char)node->text[0]) || node->text[0] == '_') &&
                typing_is_token(node->text) && strlen(node->text) <= 63;
    if (!fine)
        return refuse(context, node, "E049", params_type_name(row->type),
                      "Letters, digits and _ . - are allowed, 63 at most.");
    return new_text(context, node);
}

const Value *scalar_read(const ScalarContext *context, const DocNode *node, const Parameter *row)
{
    static ScalarFunction *const readers[TYPE_COUNT] = {
        [TYPE_BOOL] = read_bool,
        [TYPE_INT] = read_int,
        [TYPE_INT_OR_WORD] = read_int_or_word,
        [TYPE_REAL] = read_real,
        [TYPE_TEXT] = read_text,
        [TYPE_ENUM] = read_enum,
        [TYPE_PATH] = read_path,
        [TYPE_PORT] = read_port,
        [TYPE_IP] = read_address,
        [TYPE_CIDR] = read_address,
        [TYPE_SIZE] = read_size,
        [TYPE_INTERVAL] = read_interval,
        [TYPE_HOST] = read_host,
        [TYPE_USERNAME] = read_username,
        [TYPE_TOKEN] = read_token,
    };
    if (!scalar_check_text(context, node))
        return NULL;
    if (row->words && typing_has_word(row->words, node->text))
        return new_text(context, node);
    return readers[row->type](context, node, row);
}

const Value *scalar_guess(const ScalarContext *context, const DocNode *node)
{
    if (doc_is_null(node))
        return &value_null;
    int64_t number;
    bool is_plain = node->style == DOC_PLAIN;
    if (is_plain && (strcmp(node->text, "true") == 0 || strcmp(node->text, "false") == 0)) {
        Value *value = new_value(context, node, VALUE_BOOL);
        value->boolean = node->text[0] == 't';
        return value;
    }
    bool is_decimal = node->text[0] == '0' ? node->text[1] == '\0' : node->text[0] != '+';
    if (is_plain && is_decimal && text_to_int(node->text, &number))
        return new_int(context, node, number);
    if (context->placeholders)
        scalar_check_text(context, node);
    return new_text(context, node);
}

bool scalar_check_key(const Typing *typing, const char *name, const DocNode *key,
                      const Parameter *row)
{
    int64_t port;
    if (!(row->flags & PARAMETER_PORT_KEYS) ||
        (!number_trap(key->text) && text_to_int(key->text, &port) && port >= 1 && port <= 65535))
        return true;
    diagnostics_add(typing->diagnostics, "E023", &key->origin, NULL,
                    "a key of %s must be %s, this is \"%s\"", name, params_type_name(TYPE_PORT),
                    key->text);
    return false;
}

bool typing_has_word(const char *words, const char *text)
{
    size_t length = strcspn(text, "|");
    if (text[length] == '|')
        return false;
    for (const char *word = words; word; word = strchr(word, '|')) {
        word += *word == '|';
        if (length > 0 && strncmp(word, text, length) == 0 &&
            (word[length] == '|' || word[length] == '\0'))
            return true;
    }
    return false;
}

/* The names inside ${ } and where they may stand. */
static const struct {
    const char *name;
    unsigned places;
} placeholders[] = {
    {"admin_ip", PLACE_ADMIN_IP},  {"admin_ip", PLACE_REPO},
    {"pg_cluster", PLACE_CLUSTER}, {"pg_version", PLACE_VERSION},
    {"ip", PLACE_LISTEN},          {"lo", PLACE_LISTEN},
    {"vip", PLACE_LISTEN},         {"distro_codename", PLACE_REPO},
    {"distro_name", PLACE_REPO},
};

static bool take_placeholder(const ScalarContext *context, const char *name, size_t length)
{
    for (size_t i = 0; i < COUNT_OF(placeholders); i++) {
        if (strlen(placeholders[i].name) != length ||
            strncmp(placeholders[i].name, name, length) != 0 ||
            !(placeholders[i].places & context->placeholders))
            continue;
        *context->found_placeholders |= placeholders[i].places & context->placeholders;
        return true;
    }
    return false;
}

bool scalar_check_text(const ScalarContext *context, const DocNode *node)
{
    Diagnostics *diagnostics = context->typing->diagnostics;
    if (strstr(node->text, "{{")) {
        diagnostics_add(diagnostics, "E004", &node->origin, "Write the value itself.",
                        "%s holds an expression in {{ }}, which is not supported", context->name);
        return false;
    }
    if (!context->placeholders)
        return true;
    if (context->placeholders & PLACE_VERSION && strstr(node->text, "$v"))
        *context->found_placeholders |= PLACE_VERSION;
    for (const char *at = strstr(node->text, "${"); at; at = strstr(at + 2, "${")) {
        size_t length = strcspn(at + 2, "}");
        if (take_placeholder(context, at + 2, length))
            continue;
        int shown = context->is_secret ? 0 : (int)length;
        diagnostics_add(diagnostics, "E005", &node->origin, NULL,
                        "nothing here fills the placeholder ${%.*s} of %s", shown, at + 2,
                        context->name);
        return false;
    }
    return true;
}
