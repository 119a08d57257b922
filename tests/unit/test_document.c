/* YAML text to nodes: places, styles, aliases, bounds, and what is said about broken texts. */
#include <time.h>

#include "base/text.h"
#include "schema/document.h"
#include "unit.h"

typedef struct Parsed {
    Diagnostics *diagnostics;
    const DocNode *root;
} Parsed;

static Parsed parse_bytes(Arena *arena, const char *bytes, size_t length)
{
    Diagnostics *diagnostics = diagnostics_new(arena);
    return (Parsed){diagnostics, document_parse(arena, "f.yml", bytes, length, diagnostics)};
}

static Parsed parse(Arena *arena, const char *text)
{
    return parse_bytes(arena, text, strlen(text));
}

static const DocNode *parse_fine(Arena *arena, const char *text)
{
    Parsed parsed = parse(arena, text);
    if (!parsed.root)
        print_error("%s\n", diagnostics_at(parsed.diagnostics, 0)->message);
    assert_non_null(parsed.root);
    assert_int_equal(diagnostics_count(parsed.diagnostics), 0);
    return parsed.root;
}

static void check_scalar(const DocNode *node, const char *text, DocStyle style, int line,
                         int column)
{
    assert_non_null(node);
    assert_int_equal(node->type, DOC_SCALAR);
    assert_string_equal(node->text, text);
    assert_int_equal(node->style, style);
    assert_int_equal(node->origin.line, line);
    assert_int_equal(node->origin.column, column);
}

static void scalars_keep_text_style_and_place(void **state)
{
    const DocNode *root = parse_fine(*state, "a: 0755\n"
                                             "b: 'it''s'\n"
                                             "c: \"x\\ty\"\n"
                                             "d: |\n  two\n  lines\n"
                                             "e: >-\n  one\n  line\n"
                                             "ü: [ é, z ]\n");
    check_scalar(doc_get(root, "a"), "0755", DOC_PLAIN, 1, 4);
    check_scalar(doc_get(root, "b"), "it's", DOC_SINGLE_QUOTED, 2, 4);
    check_scalar(doc_get(root, "c"), "x\ty", DOC_DOUBLE_QUOTED, 3, 4);
    check_scalar(doc_get(root, "d"), "two\nlines\n", DOC_LITERAL, 4, 4);
    check_scalar(doc_get(root, "e"), "one line", DOC_FOLDED, 7, 4);
    const DocNode *list = doc_get(root, "ü");
    assert_int_equal(list->style, DOC_FLOW);
    check_scalar(list->list.items[1], "z", DOC_PLAIN, 10, 9);
    assert_int_equal(root->style, DOC_BLOCK);
    assert_null(doc_get(root, "nothing"));
    assert_null(doc_get(list, "a"));
    assert_null(doc_get(NULL, "a"));
}

static void empty_and_null_are_known(void **state)
{
    const DocNode *root = parse_fine(*state, "a:\nb: ~\nc: null\nd: ''\ne: !!str\nf: []\n");
    assert_true(doc_is_null(doc_get(root, "a")));
    assert_true(doc_is_null(doc_get(root, "b")));
    assert_true(doc_is_null(doc_get(root, "c")));
    assert_false(doc_is_null(doc_get(root, "d")));
    assert_false(doc_is_null(doc_get(root, "e")));
    assert_false(doc_is_null(doc_get(root, "f")));
    assert_string_equal(doc_type_name(doc_get(root, "a")), "nothing");
    assert_string_equal(doc_type_name(doc_get(root, "f")), "a list");
    assert_string_equal(doc_type_name(root), "a map");
    assert_true(doc_is_null(parse_fine(*state, "")));
    assert_true(doc_is_null(parse_fine(*state, "# only a comment\n")));
}

static void tags_and_anchors_are_kept(void **state)
{
    const DocNode *root = parse_fine(*state, "a: !vault x\nb: &n [1]\nc: *n\nd: !unsafe {}\n");
    assert_string_equal(doc_get(root, "a")->tag, "!vault");
    assert_string_equal(doc_get(root, "b")->anchor, "n");
    assert_ptr_equal(doc_get(root, "c"), doc_get(root, "b"));
    assert_string_equal(doc_get(root, "d")->tag, "!unsafe");
    assert_int_equal(root->size, 1 + 2 * 4 + 2);
}

static void merge_keys_follow_the_order_rule(void **state)
{
    const DocNode *root = parse_fine(*state, "x: &x { a: 1, b: 1 }\n"
                                             "y: &y { b: 2, c: 2 }\n"
                                             "z: { <<: [*x, *y], a: 3 }\n"
                                             "w: { <<: *y }\n"
                                             "v: { '<<': 1 }\n");
    const DocNode *z = doc_get(root, "z");
    assert_int_equal(z->map.count, 3);
    assert_string_equal(doc_get(z, "a")->text, "3");
    assert_string_equal(doc_get(z, "b")->text, "1");
    assert_string_equal(doc_get(z, "c")->text, "2");
    assert_int_equal(doc_get(root, "w")->map.count, 2);
    assert_non_null(doc_get(doc_get(root, "v"), "<<"));
}

static void many_keys_are_found_again(void **state)
{
    CLEANUP(text_release) Text text = TEXT_INIT;
    for (int i = 0; i < 500; i++)
        text_addf(&text, "key_%d: %d\n", i, i);
    const DocNode *root = parse_fine(*state, text_get(&text));
    for (int i = 0; i < 500; i++)
        assert_string_equal(doc_get(root, arena_printf(*state, "key_%d", i))->text,
                            arena_printf(*state, "%d", i));
}

/* What is said, and where. */
static const struct {
    const char *text, *code, *message;
    int line, column; /* of the last place */
} broken_texts[] = {
    {"a:\n\tb: 1\n", "E000", "a tab at column 1: YAML indents with blanks", 2, 1},
    {"a:\n  b: 1\n  \tc: 1\n", "E000", "a tab at column 3: YAML indents with blanks", 3, 3},
    {"a: b: c\n", "E000", "not YAML: a ':' where no key can be", 1, 5},
    {"a: [1, 2\nb: 3\n", "E000", "not YAML: a ',' or ']' is missing", 2, 2},
    {"a: { b: 1 c: 2 }\n", "E000", "not YAML: a ',' or '}' is missing", 1, 12},
    {"a: 1\n b: 2\n", "E000", "not YAML: a ':' where no key can be", 2, 3},
    {"a:\n  - 1\n b: 2\n", "E000", "not YAML: a key was expected here", 3, 2},
    {"a: 'x\n", "E000", "not YAML: a quote is not closed", 2, 1},
    {"a: \"\\q\"\n", "E000", "not YAML: an unknown escape in double quotes", 1, 5},
    {"a: @x\n", "E000", "not YAML: a text cannot begin with this character", 1, 4},
    {"a: b\nc\n", "E000", "not YAML: a key without a ':'", 3, 1},
    {"a: - b\n", "E000", "not YAML: a '-' where no list item can be", 1, 4},
    {"a: *x\n", "E000", "the alias *x has no anchor before it", 1, 4},
    {"a: &x [*x]\n", "E000", "the alias *x is inside of what it stands for", 1, 8},
    {"a: &\n", "E000", "not YAML: an '&' or '*' without a name", 1, 5},
    {"[a]: 1\n", "E000", "a key must be a single word or text", 1, 1},
    {"a: { <<: 1 }\n", "E000", "only a map can be merged", 1, 10},
    {"a: { <<: [1] }\n", "E000", "only a map can be merged", 1, 11},
    {"a: 1\n---\nb: 1\n", "E000", "a second YAML document begins", 2, 1},
    {"a: 1\nb: 2\na: 3\n", "E003", "the key a is given twice", 3, 1},
    {"a: x\xff\n", "E000", "a byte that is not UTF-8 (0xff)", 1, 5},
    {"a: \x01\n", "E000", "a control character (U+0001)", 1, 4},
    {"a: \xc2\x80\n", "E000", "a control character (U+0080)", 1, 4},
    {"a: \"\\0\"\n", "E000", "a text with a NUL character", 1, 4},
    {"a: !x!y z\n", "E000", "not YAML: a tag that nobody defined", 1, 4},
    {"a: [!m {}]\n", "E045", "the tag !m is not supported", 1, 5},
    {"a: !!binary aGk=\n", "E045", "the tag tag:yaml.org,2002:binary is not supported", 1, 4},
    {"!!python/tuple [1]\n", "E045", "the tag tag:yaml.org,2002:python/tuple is not supported", 1,
     1},
    {"a: 1\n...\nb: 2\n", "E000", "not YAML: a text after the end of the document", 3, 1},
    {"--- {a: 1}\n--- {b: 1}\n", "E000", "a second YAML document begins", 2, 1},
    {"a: {b: 1, b: 1}\n", "E003", "the key b is given twice", 1, 11},
    {"a: 1\r\nb: 1\r\na: 1\r\n", "E003", "the key a is given twice", 3, 1},
    {"a: x\xc0\xaf\n", "E000", "a byte that is not UTF-8 (0xc0)", 1, 5},        /* overlong */
    {"a: \xed\xa0\x80\n", "E000", "a byte that is not UTF-8 (0xed)", 1, 4},     /* surrogate */
    {"a: \xf4\x90\x80\x80\n", "E000", "a byte that is not UTF-8 (0xf4)", 1, 4}, /* too high */
    {"a: \xe2\x82\n", "E000", "a byte that is not UTF-8 (0xe2)", 1, 4},         /* cut off */
    {"\xff\xfe"
     "a",
     "E000", "a byte that is not UTF-8 (0xff)", 1, 1}, /* UTF-16 */
    {"a: \"\\ud800\"\n", "E000", "not YAML: an escape that is no character", 1, 7},
    {"a: \x7f\n", "E000", "a control character (U+007F)", 1, 4},
    {"<<: *x\n", "E000", "the alias *x has no anchor before it", 1, 5},
    {"a: 1\rb: 2\n", "E000", "a control character (U+000D)", 1, 5},
    {"a: 1\r\r\n", "E000", "a control character (U+000D)", 1, 5},
    {"a: 1\r", "E000", "a control character (U+000D)", 1, 5},
    {"a: \xc2\x85", "E000", "a control character (U+0085)", 1, 4},
    {"a: x\n# \xe2\x80\xa8\n", "E000", "a control character (U+2028)", 2, 3},
    {"a: \xe2\x80\xa9\n", "E000", "a control character (U+2029)", 1, 4},
    {"a: 1\n\xef\xbb\xbf"
     "b: 1\n",
     "E000", "a control character (U+FEFF)", 2, 1},
    /* two that were once published */
    {"pg_crontab:\n  - '00 01 * * * /pg/bin/pg-backup full' ]\n", "E000",
     "not YAML: a ']' that nobody opened", 2, 42},
    {"a: { name: meta ,baseline: cmdb.sql comment: \"x\" ,schemas: [pigsty] }\n", "E000",
     "not YAML: a ',' or '}' is missing", 1, 44},
    {"a: {b: 1}}\n", "E000", "not YAML: a '}' that nobody opened", 1, 10},
    {"a: ]\n", "E000", "not YAML: a ']' that nobody opened", 1, 4},
    {"a: [ [1], { b: [x, y,\n", "E000", "not YAML: the text ends before this bracket is closed", 1,
     16},
    {"a: [ b: ", "E000", "not YAML: the text ends before this bracket is closed", 1, 4},
    {"a: [ \xc3\xa9, &x { b: ", "E000", "not YAML: the text ends before this bracket is closed", 1,
     9},
    {"a: { b", "E000", "not YAML: the text ends before this bracket is closed", 1, 4},
    {"a: {b: 1]\n", "E000", "not YAML: a ',' or '}' is missing", 1, 9},
    {"a: |x\n  y\n", "E000", "not YAML: a text on the line of its | or >", 1, 5},
    {"a: |0\n", "E000", "not YAML: a text that is indented by 0 blanks", 1, 5},
    {"a: 'x\n---\n", "E000", "not YAML: a quote is not closed", 2, 1},
    {"a: \"\\xg\"\n", "E000", "not YAML: an unknown escape in double quotes", 1, 7},
    {"% x\n", "E000", "not YAML: a text cannot begin with a %", 1, 2},
    {"%x y\n", "E000", "not YAML: a line that begins with %", 1, 3},
    {"a: !<> 1\n", "E000", "not YAML: a '!' with no tag behind it", 1, 6},
    {"a: !x[ 1\n", "E000", "not YAML: a tag that does not end", 1, 6},
    {"a: [b:c:]\n", "E000", "not YAML: a ':' inside of a text", 1, 8},
    {"%YAML 3.0\n---\na: 1\n", "E000", "not YAML: a %YAML line with a version that nobody knows", 1,
     1},
};

static void broken_texts_are_explained(void **state)
{
    for (size_t i = 0; i < COUNT_OF(broken_texts); i++) {
        Parsed parsed = parse(*state, broken_texts[i].text);
        const Diagnostic *problem = diagnostics_at(parsed.diagnostics, 0);
        if (!problem) {
            fail_msg("'%s' was accepted", broken_texts[i].text);
            return;
        }
        const Origin *place = &problem->places[problem->place_count - 1];
        bool same = strcmp(problem->message, broken_texts[i].message) == 0 &&
                    strcmp(problem->code, broken_texts[i].code) == 0 && problem->place_count > 0 &&
                    place->line == broken_texts[i].line && place->column == broken_texts[i].column;
        if (!same)
            fail_msg("'%s': %s %s at %d:%d", broken_texts[i].text, problem->code, problem->message,
                     place->line, place->column);
    }
}

/* What is unusual, but YAML. */
static void unusual_texts_are_read(void **state)
{
    static const struct {
        const char *text, *key, *value;
        int line, column; /* of the value */
    } cases[] = {
        {"\xef\xbb\xbf"
         "a: 1\n",
         "a", "1", 1, 5}, /* the mark counts as a column */
        {"a: 1\r\nb: 2\r\n", "b", "2", 2, 4},
        {"a: =\n", "a", "=", 1, 4},
        {"=: 1\n", "=", "1", 1, 4},
        {"a: &x 1\nb: &x 2\nc: *x\n", "c", "2", 2, 4}, /* the last anchor of a name counts */
        {"%YAML 1.1\n---\na: 1\n...\n", "a", "1", 3, 4},
        {"a: !!str 5\n", "a", "5", 1, 4},
        {"a: !<tag:yaml.org,2002:int> 5\n", "a", "5", 1, 4},
        {"a:\tb\tc\n", "a", "b\tc", 1, 4},
        {"a: b#c #d\n", "a", "b#c", 1, 4},
        {"? a\n: b\n", "a", "b", 2, 3},
        {"&k a: *k\n", "a", "a", 1, 1},
        {"<<: [{a: 1}, {a: 2}]\n", "a", "1", 1, 10},
        {"<<: {a: 1}\na: 2\n", "a", "2", 2, 4},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const DocNode *value = doc_get(parse_fine(*state, cases[i].text), cases[i].key);
        check_scalar(value, cases[i].value, DOC_PLAIN, cases[i].line, cases[i].column);
    }
}

static void long_lines_are_read(void **state)
{
    static const size_t lengths[] = {600, 1000, 100000};
    for (size_t i = 0; i < COUNT_OF(lengths); i++) {
        CLEANUP(text_release) Text text = TEXT_INIT;
        text_add(&text, "a: 1\nb: ");
        text_add_repeat(&text, "x", lengths[i]);
        text_add(&text, "\nc: 3\n");
        const DocNode *root = parse_fine(*state, text_get(&text));
        assert_int_equal(strlen(doc_get(root, "b")->text), lengths[i]);
        check_scalar(doc_get(root, "c"), "3", DOC_PLAIN, 3, 4);
    }
}

static void nul_bytes_are_found(void **state)
{
    Parsed parsed = parse_bytes(*state, "a: 1\nb\0: 2\n", 11);
    assert_null(parsed.root);
    assert_string_equal(diagnostics_at(parsed.diagnostics, 0)->message,
                        "a control character (U+0000)");
    assert_int_equal(diagnostics_at(parsed.diagnostics, 0)->places[0].line, 2);
}

static void check_refused(Arena *arena, const char *text, const char *message)
{
    Parsed parsed = parse(arena, text);
    assert_null(parsed.root);
    assert_string_equal(diagnostics_at(parsed.diagnostics, 0)->message, message);
}

static void depth_is_bounded(void **state)
{
    CLEANUP(text_release) Text text = TEXT_INIT;
    text_add_repeat(&text, "[", DOCUMENT_MAX_DEPTH);
    text_add_repeat(&text, "]", DOCUMENT_MAX_DEPTH);
    parse_fine(*state, text_get(&text));
    text_clear(&text);
    text_add_repeat(&text, "[", 100000);
    check_refused(*state, text_get(&text), "nested more than 64 levels deep");

    text_clear(&text); /* each alias adds half of what is allowed */
    text_add(&text, "a: &a ");
    text_add_repeat(&text, "[", 40);
    text_add_repeat(&text, "]", 40);
    text_add(&text, "\nb: ");
    text_add_repeat(&text, "[", 40);
    text_add(&text, "*a");
    text_add_repeat(&text, "]", 40);
    check_refused(*state, text_get(&text), "the alias *a is nested too deeply");
}

static void expansion_is_bounded(void **state)
{
    CLEANUP(text_release) Text text = TEXT_INIT;
    text_add(&text, "a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for (int i = 1; i < 10; i++) {
        text_addf(&text, "a%d: &a%d [", i, i);
        for (int j = 0; j < 9; j++)
            text_addf(&text, "%s*a%d", j ? ", " : "", i - 1);
        text_add(&text, "]\n");
    }
    clock_t start = clock();
    check_refused(*state, text_get(&text), "more than a million nodes through aliases");
    assert_true(clock() - start < CLOCKS_PER_SEC / 10);
}

static void length_is_bounded(void **state)
{
    size_t length = DOCUMENT_MAX_BYTES + 1;
    char *bytes = must_malloc(length);
    memset(bytes, ' ', length);
    Parsed parsed = parse_bytes(*state, bytes, length);
    free(bytes);
    assert_null(parsed.root);
    assert_string_equal(diagnostics_at(parsed.diagnostics, 0)->message, "longer than 64 MB");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(scalars_keep_text_style_and_place, arena_setup,
                                        arena_teardown),
        cmocka_unit_test_setup_teardown(empty_and_null_are_known, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(tags_and_anchors_are_kept, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(merge_keys_follow_the_order_rule, arena_setup,
                                        arena_teardown),
        cmocka_unit_test_setup_teardown(many_keys_are_found_again, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(broken_texts_are_explained, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(nul_bytes_are_found, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(depth_is_bounded, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(expansion_is_bounded, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(unusual_texts_are_read, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(long_lines_are_read, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(length_is_bounded, arena_setup, arena_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
