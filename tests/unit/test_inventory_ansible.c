/*
 * Variables of hosts, compared with what ansible-inventory printed for the same files
 * (tests/cases/inventory-ansible).
 *
 * Types are decided by the row here and by looks there, so a text of ours is also equal to a value
 * of theirs that YAML 1.1, as PyYAML has it, reads from this text.
 */
#include <stdio.h>

#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "schema/inventory.h"
#include "schema/params.h"
#include "unit.h"

static const char folder[] = TESTS_DIR "/cases/inventory-ansible";

enum { HOSTS_MIN = 10, TEXT_MAX = 64 };

typedef struct Comparison {
    Arena *arena;
    const Inventory *inventory;
    const Host *host;
} Comparison;

static bool is_one_of(const char *text, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(text, words[i]) == 0)
            return true;
    }
    return false;
}

/* Without "_", which numbers may have; false: too long for a number. */
static bool without_blanks(const char *text, char out[TEXT_MAX])
{
    size_t length = 0;
    for (; *text; text++) {
        if (length + 1 >= TEXT_MAX)
            return false;
        if (*text != '_')
            out[length++] = *text;
    }
    out[length] = '\0';
    return length > 0;
}

/* "1.25", "-.5", not "1e3" nor "10.10.10.10" */
static bool is_real(const char *digits)
{
    digits += *digits == '-' || *digits == '+';
    size_t whole = strspn(digits, "0123456789");
    return digits[whole] == '.' &&
           digits[whole + 1 + strspn(digits + whole + 1, "0123456789")] == '\0';
}

static bool is_integer(const char *digits, int *ret_base)
{
    digits += *digits == '-' || *digits == '+';
    bool is_hex = text_starts_with(digits, "0x"), is_octal = *digits == '0' && digits[1] && !is_hex;
    *ret_base = is_hex ? 16 : is_octal ? 8 : 10;
    digits += is_hex ? 2 : 0;
    const char *known = is_hex ? "0123456789abcdefABCDEF" : is_octal ? "01234567" : "0123456789";
    return *digits && digits[strspn(digits, known)] == '\0';
}

/* What Ansible would take a plain scalar for. */
static const Value *reading(Arena *arena, const char *text)
{
    static const char *const yes[] = {"yes",  "Yes", "YES", "true", "True",
                                      "TRUE", "on",  "On",  "ON"};
    static const char *const no[] = {"no",    "No",  "NO",  "false", "False",
                                     "FALSE", "off", "Off", "OFF"};
    static const char *const nothing[] = {"", "~", "null", "Null", "NULL"};
    char digits[TEXT_MAX] = "";
    int base;
    if (is_one_of(text, yes, COUNT_OF(yes)) || is_one_of(text, no, COUNT_OF(no)))
        return value_bool(is_one_of(text, yes, COUNT_OF(yes)));
    if (is_one_of(text, nothing, COUNT_OF(nothing)))
        return value_text(arena, NULL);
    if (!without_blanks(text, digits))
        return value_text(arena, text);
    if (is_real(digits))
        return value_real(arena, strtod(digits, NULL));
    if (is_integer(digits, &base))
        return value_int(arena, strtoll(digits, NULL, base));
    return value_text(arena, text);
}

/* The one placeholder of the samples. */
static const char *filled(const Comparison *c, const char *text)
{
    static const char name[] = "${admin_ip}";
    const char *at = strstr(text, name);
    if (!at)
        return text;
    return arena_printf(c->arena, "%.*s%s%s", (int)(at - text), text,
                        host_text(c->host, "admin_ip"), at + strlen(name));
}

static bool same(const Comparison *c, const Value *ours, const Value *theirs);

static bool same_text(const Comparison *c, const char *ours, const Value *theirs)
{
    if (theirs->type == VALUE_TEXT)
        return strcmp(ours, filled(c, theirs->text)) == 0;
    return value_equal(reading(c->arena, ours), theirs);
}

/* NOLINTNEXTLINE(misc-no-recursion): values are as deep as documents may be */
static bool same_list(const Comparison *c, const Value *ours, const Value *theirs)
{
    if (theirs->type != VALUE_LIST) /* one scalar is a list of one */
        return value_count(ours) == 1 && same(c, value_at(ours, 0), theirs);
    bool is_same = value_count(ours) == value_count(theirs);
    for (size_t i = 0; is_same && i < value_count(ours); i++)
        is_same = same(c, value_at(ours, i), value_at(theirs, i));
    return is_same;
}

/* NOLINTNEXTLINE(misc-no-recursion): values are as deep as documents may be */
static bool same_map(const Comparison *c, const Value *ours, const Value *theirs)
{
    if (theirs->type != VALUE_MAP) /* an entry that is only a text is {name: TEXT} */
        return value_count(ours) == 1 && value_get(ours, "name") &&
               same(c, value_get(ours, "name"), theirs);
    bool is_same = value_count(ours) == value_count(theirs);
    for (size_t i = 0; is_same && i < theirs->map.count; i++) {
        const Value *value = value_get(ours, theirs->map.keys[i]);
        is_same = value && same(c, value, theirs->map.values[i]);
    }
    return is_same;
}

/* NOLINTNEXTLINE(misc-no-recursion): values are as deep as documents may be */
static bool same(const Comparison *c, const Value *ours, const Value *theirs)
{
    if (ours->type == VALUE_LIST)
        return same_list(c, ours, theirs);
    if (ours->type == VALUE_MAP)
        return same_map(c, ours, theirs);
    if (ours->type == VALUE_SECRET)
        return same_text(c, inventory_secret(c->inventory, ours->text), theirs);
    return ours->type == VALUE_TEXT ? same_text(c, ours->text, theirs) : value_equal(ours, theirs);
}

static void compare_host(const Comparison *c, const Value *theirs)
{
    for (size_t i = 0; i < theirs->map.count; i++) {
        const char *name = theirs->map.keys[i];
        const Value *value = host_param(c->host, name);
        if (value && host_param_is_set(c->host, name) && same(c, value, theirs->map.values[i]))
            continue;
        CLEANUP(text_release) Text text = TEXT_INIT;
        json_write(&text, theirs->map.values[i]);
        text_add(&text, " for Ansible, here ");
        if (value)
            value_format(&text, value);
        fail_msg("%s: %s is %s", host_address(c->host), name, text_get(&text));
    }
    for (size_t i = 0; i < params_count(); i++) {
        const char *name = params_at(i)->name;
        if (host_param_is_set(c->host, name) && !value_get(theirs, name))
            fail_msg("%s: Ansible does not know %s", host_address(c->host), name);
    }
}

static const char *read_text(Arena *arena, const char *name, size_t *ret_length)
{
    char *bytes;
    check_fine(
        file_read(arena, arena_printf(arena, "%s/%s", folder, name), 1 << 20, &bytes, ret_length));
    return bytes;
}

static Inventory *load(Arena *arena, char **paths, size_t count)
{
    for (size_t i = 0; i < count; i++)
        paths[i] = arena_printf(arena, "%s/%s", folder, paths[i]);
    Diagnostics *diagnostics = diagnostics_new(arena);
    Inventory *inventory;
    check_fine(inventory_load(arena, (const char *const *)paths, count, diagnostics, &inventory));
    for (size_t i = 0; i < diagnostics_error_count(diagnostics); i++)
        print_error("%s\n", diagnostics_at(diagnostics, i)->message);
    assert_int_equal(diagnostics_error_count(diagnostics), 0);
    return inventory;
}

/* Returns how many hosts there were. */
static size_t compare_set(Arena *arena, const char *line)
{
    char **words;
    size_t word_count = text_words(arena, line, false, &words);
    if (word_count == 0)
        return 0;
    const Inventory *inventory = load(arena, words + 1, word_count - 1);
    size_t count = inventory_host_count(inventory), stored;
    for (size_t i = 0; i < count; i++) {
        const Host *host = inventory_host_at(inventory, i);
        size_t length;
        const char *bytes = read_text(
            arena, arena_printf(arena, "stored/%s/%s.json", words[0], host_address(host)), &length);
        const Value *theirs;
        check_fine(json_parse(arena, bytes, length, &theirs));
        compare_host(&(Comparison){arena, inventory, host}, theirs);
    }
    const char *const *names;
    check_fine(
        file_list(arena, arena_printf(arena, "%s/stored/%s", folder, words[0]), &names, &stored));
    assert_int_equal(count, stored);
    return count;
}

static void every_variable_is_what_ansible_says(void **state)
{
    size_t length, hosts = 0;
    char **lines;
    size_t line_count = text_split(*state, read_text(*state, "sets", &length), '\n', &lines);
    for (size_t i = 0; i < line_count; i++)
        hosts += compare_set(*state, lines[i]);
    assert_true(hosts >= HOSTS_MIN);
}

static void the_comparison_sees_differences(void **state)
{
    static const struct {
        const char *text;
        const char *json;
        bool is_same;
    } cases[] = {
        {"10.10", "10.1", true},     {"10.10", "\"10.10\"", true}, {"10.10", "10.2", false},
        {"0755", "493", true},       {"0755", "755", false},       {"08", "\"08\"", true},
        {"08", "8", false},          {"1e3", "\"1e3\"", true},     {"1e3", "1000.0", false},
        {"12_000", "12000", true},   {"0x10", "16", true},         {"y", "\"y\"", true},
        {"y", "true", false},        {"Yes", "true", true},        {"off", "false", true},
        {"off", "true", false},      {"~", "null", true},          {"", "\"\"", true},
        {"10.1.1.1", "10.1", false}, {"-5", "-5", true},           {"2030-12-31", "2030", false},
    };
    static const char text[] = "all: { hosts: { 10.0.0.1: } }";
    const Inventory *inventory =
        inventory_load_bytes(*state, "f.yml", text, strlen(text), diagnostics_new(*state));
    const Comparison comparison = {*state, inventory, inventory_host_at(inventory, 0)};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const Value *list;
        const char *json = arena_printf(*state, "[%s]", cases[i].json);
        check_fine(json_parse(*state, json, strlen(json), &list));
        if (same(&comparison, value_text(*state, cases[i].text), value_at(list, 0)) !=
            cases[i].is_same)
            fail_msg("'%s' and %s", cases[i].text, cases[i].json);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_variable_is_what_ansible_says, arena_setup,
                                        arena_teardown),
        cmocka_unit_test_setup_teardown(the_comparison_sees_differences, arena_setup,
                                        arena_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
