/* YAML files as keys: what is written is read again, and the short way of reading agrees with the
 * parser or gives up. */
#include "base/random.h"
#include "base/value.h"
#include "providers/kinds/yaml_file.h"
#include "providers/kinds/yaml_lines.h"
#include "schema/contract/content.h"
#include "unit.h"

enum { EDITS = 20000 };

static const char file[] = "# written by hand\n"
                           "\n"
                           "scope: 'pg-test'\n"
                           "log:\n"
                           "  level: 'INFO'\n"
                           "  file_num: 4\n"
                           "bootstrap:\n"
                           "  dcs:\n"
                           "    ttl: 30\n"
                           "  initdb:\n"
                           "    - encoding: 'UTF8'\n"
                           "    - 'data-checksums'\n"
                           "postgresql:\n"
                           "  use_unix_socket: true\n"
                           "  basebackup:\n"
                           "    - max-rate: '1000M'\n"
                           "      checkpoint: 'fast'\n"
                           "    - -5\n"
                           "  data_dir: '/pg/data'\n"
                           "  password: sha256:00ff\n";

static void expect_text(const Value *keys, const char *key, const char *text)
{
    assert_string_equal(value_as_text(value_get(keys, key), "(none)"), text);
}

static void reads_what_we_write(void **state)
{
    const Value *keys = yaml_lines_read(*state, file, NULL);
    assert_non_null(keys);
    assert_int_equal(value_count(keys), 9);
    expect_text(keys, "scope", "pg-test");
    expect_text(keys, "log/file_num", "4");
    expect_text(keys, "bootstrap/dcs/ttl", "30");
    expect_text(keys, "postgresql/use_unix_socket", "true");
    expect_text(keys, "postgresql/data_dir", "/pg/data");
    expect_text(keys, "postgresql/password", "sha256:00ff");
    const Value *options = value_get(keys, "postgresql/basebackup");
    assert_int_equal(value_count(options), 2);
    expect_text(value_at(options, 0), "checkpoint", "fast");
    assert_string_equal(value_as_text(value_at(options, 1), ""), "-5");
    assert_string_equal(value_as_text(value_at(value_get(keys, "bootstrap/initdb"), 1), ""),
                        "data-checksums");
}

static void leaves_a_section_out(void **state)
{
    const Value *keys = yaml_lines_read(*state, file, "bootstrap");
    assert_non_null(keys);
    assert_int_equal(value_count(keys), 7);
    assert_null(value_get(keys, "bootstrap/dcs/ttl"));
    const Value *others = yaml_lines_read(*state, "ab: 1\nabc: 2\n", "ab");
    assert_int_equal(value_count(others), 1);
    expect_text(others, "abc", "2");
}

/* YAML, or not, but not as we write it. */
static void gives_up(void **state)
{
    static const char *const files[] = {
        "",
        "# nothing\n",
        "a:\n",
        "a:\nb: 1\n",
        "a: x\n",
        "a: 'it''s'\n",
        "a: \"b\"\n",
        "a: ~\n",
        "a: 1 # one\n",
        "a: 1\na: 2\n",
        "a:\n  b: 1\na:\n  c: 2\n",
        "a: 1\na:\n  b: 2\n",
        "a:\n- 1\n",
        "a:\n   b: 1\n",
        "a:\n    b: 1\n",
        "a: 1\n  b: 2\n",
        "a:\n  - 1\n  b: 2\n",
        "a:\n  b: 1\n  - 2\n",
        "a:\n  - b: 1\n    b: 2\n",
        "a:\n  - 1\n    b: 2\n",
        "a: [1, 2]\n",
        "a: {}\n",
        "a: 'b\n  c'\n",
        "a: '\xc3\xa9'\n",
        "a : 1\n",
        "a: 1\r\n",
        "a:  1\n",
        "a: 1 \n",
        "\ta: 1\n",
        "1: 2\n",
        "--- \na: 1\n",
    };
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        if (yaml_lines_read(*state, files[i], NULL))
            fail_msg("read: %s", files[i]);
    }
}

/* -- against the parser ---------------------------------------------------------------------- */

/* Where the short way gives up: a document end changes nothing and is not ours. */
static const Value *parsed(Arena *arena, const char *bytes)
{
    const Value *keys = NULL;
    const char *whole = arena_printf(arena, "%s%s...\n", bytes,
                                     bytes[0] && bytes[strlen(bytes) - 1] != '\n' ? "\n" : "");
    assert_null(yaml_lines_read(arena, whole, NULL));
    Error *error = yaml_file_read(arena, whole, NULL, &keys);
    error_free(error);
    return keys;
}

static void edit(Random *random, char *bytes)
{
    static const char signs[] = "\n\n  :-'#a1~{";
    size_t length = strlen(bytes), at = random_below(random, length);
    size_t count = random_below(random, 4);
    if (count > length - at)
        count = length - at;
    if (random_below(random, 2) == 0)
        memmove(bytes + at, bytes + at + count, length - at - count + 1);
    else
        bytes[at] = signs[random_below(random, sizeof(signs) - 1)];
}

static void agrees_with_the_parser(void **state)
{
    (void)state;
    size_t read = 0;
    for (size_t i = 0; i < EDITS; i++) {
        Arena *arena = arena_new();
        Random random = random_from(i);
        char *bytes = arena_strdup(arena, file);
        for (size_t k = 0, edits = 1 + random_below(&random, 3); k < edits; k++)
            edit(&random, bytes);
        const Value *keys = yaml_lines_read(arena, bytes, NULL);
        if (keys && !value_equal(keys, parsed(arena, bytes)))
            fail_msg("seed %zu differs:\n%s", i, bytes);
        read += keys != NULL;
        arena_free(arena);
    }
    assert_in_range(read, EDITS / 10, EDITS - EDITS / 10);
}

/* What is rendered takes the short way, but for texts that need an escape. */
static void reads_what_is_rendered(void **state)
{
    Arena *arena = *state;
    Value *keys = value_map(arena);
    const char *bytes = NULL;
    value_set_text(arena, keys, "scope", "pg-test");
    value_set_text(arena, keys, "etcd3/password", "it's");
    value_set_text(arena, keys, "etcd3/user", "a: #b");
    check_fine(content_render(arena, yaml_file_render(arena, "# ours\n", keys), &bytes));
    assert_null(yaml_lines_read(arena, bytes, NULL));
    const Value *seen = NULL;
    check_fine(yaml_file_read(arena, bytes, NULL, &seen));
    assert_true(value_equal(seen, keys));
    value_set_text(arena, keys, "etcd3/password", "its");
    check_fine(content_render(arena, yaml_file_render(arena, "# ours\n", keys), &bytes));
    seen = yaml_lines_read(arena, bytes, NULL);
    assert_true(seen && value_equal(seen, keys));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_we_write),
        cmocka_unit_test(leaves_a_section_out),
        cmocka_unit_test(gives_up),
        cmocka_unit_test(agrees_with_the_parser),
        cmocka_unit_test(reads_what_is_rendered),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
