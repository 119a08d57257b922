#include "mutate.h"

#include <assert.h>
#include <string.h>

static const char *const other_values[] = {
    "nonsense",   "-1",           "0",  "99999999999999999999",
    "[ 1, two ]", "{ a: b }",     "''", "\"7\"",
    "yes",        "1.5",          "~",  "010",
    "0x1f",       "10.10.10.300", "-o", "a b",
    "'{{ x }}'",  "2031-02-31",   "[]", "*no",
};

uint64_t random_next(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static size_t random_below(uint64_t *random, size_t count)
{
    return (size_t)(random_next(random) % count);
}

/* NOLINTNEXTLINE(misc-no-recursion): depth is bounded by the document's */
static void add_values(Arena *arena, Original *original, const DocNode *node)
{
    bool is_on_one_line = node->end_line == node->origin.line && node->style <= DOC_DOUBLE_QUOTED;
    if (node->type == DOC_SCALAR && is_on_one_line && node->end_column > node->origin.column)
        ARENA_PUSH(arena, original->values, original->value_count, original->value_capacity, node);
    for (size_t i = 0; node->type == DOC_LIST && i < node->list.count; i++)
        add_values(arena, original, node->list.items[i]);
    for (size_t i = 0; node->type == DOC_MAP && i < node->map.count; i++)
        add_values(arena, original, node->map.values[i]);
}

Original *original_new(Arena *arena, const char *text, const DocNode *root)
{
    Original *original = ARENA_NEW(arena, Original);
    original->text = text;
    original->lines = ARENA_ARRAY(arena, size_t, strlen(text) + 1);
    for (const char *at = text; *at; at += strcspn(at, "\n"), at += *at == '\n')
        original->lines[original->line_count++] = (size_t)(at - text);
    original->lines[original->line_count] = strlen(text);
    add_values(arena, original, root);
    return original;
}

/* Columns count characters, offsets count bytes. */
static size_t offset_of(const Original *original, int line, int column)
{
    size_t offset = original->lines[line - 1];
    for (int i = 1; i < column; i++) {
        offset++;
        while (((unsigned char)original->text[offset] & 0xc0) == 0x80)
            offset++;
    }
    return offset;
}

typedef struct Span {
    size_t start, end;
} Span;

static Span span_of(const Original *original, const DocNode *node)
{
    return (Span){offset_of(original, node->origin.line, node->origin.column),
                  offset_of(original, node->end_line, node->end_column)};
}

static void add_part(Text *text, const Original *original, size_t start, size_t end)
{
    text_add_bytes(text, original->text + start, end - start);
}

static size_t line_mutation(const Original *original, Mutation mutation, uint64_t *random,
                            Text *ret)
{
    size_t line = random_below(random, original->line_count);
    size_t start = original->lines[line], end = original->lines[line + 1];
    add_part(ret, original, 0, start);
    if (mutation == MUTATE_DUPLICATE_LINE)
        add_part(ret, original, start, end);
    if (mutation == MUTATE_INDENT) {
        size_t indent = strspn(original->text + start, " ");
        size_t change = 1 + random_below(random, 3);
        if (random_below(random, 2) == 0)
            text_add_repeat(ret, " ", change);
        else
            start += change < indent ? change : indent;
    }
    if (mutation != MUTATE_DELETE_LINE)
        add_part(ret, original, start, end);
    add_part(ret, original, end, strlen(original->text));
    return line + 1;
}

static size_t swap(const Original *original, uint64_t *random, Text *ret)
{
    size_t one = random_below(random, original->value_count);
    size_t other = random_below(random, original->value_count);
    Span a = span_of(original, original->values[one]);
    Span b = span_of(original, original->values[other]);
    if (a.start > b.start) {
        Span c = a;
        a = b;
        b = c;
        one = other;
    }
    add_part(ret, original, 0, a.start);
    if (a.start < b.start) {
        add_part(ret, original, b.start, b.end);
        add_part(ret, original, a.end, b.start);
    }
    add_part(ret, original, a.start, a.end);
    add_part(ret, original, b.end, strlen(original->text));
    return (size_t)original->values[one]->origin.line;
}

static size_t retype(const Original *original, uint64_t *random, Text *ret)
{
    const DocNode *node = original->values[random_below(random, original->value_count)];
    Span span = span_of(original, node);
    add_part(ret, original, 0, span.start);
    text_add(ret, other_values[random_below(random, COUNT_OF(other_values))]);
    add_part(ret, original, span.end, strlen(original->text));
    return (size_t)node->origin.line;
}

size_t mutate(const Original *original, Mutation mutation, uint64_t *random, Text *ret)
{
    assert(original->line_count > 0 && original->value_count > 0);
    text_clear(ret);
    switch (mutation) {
    case MUTATE_SWAP:
        return swap(original, random, ret);
    case MUTATE_RETYPE:
        return retype(original, random, ret);
    case MUTATE_TRUNCATE:
        add_part(ret, original, 0, random_below(random, strlen(original->text)));
        return original->line_count;
    case MUTATE_DELETE_LINE:
    case MUTATE_DUPLICATE_LINE:
    case MUTATE_INDENT:
    case MUTATION_COUNT:
        break;
    }
    return line_mutation(original, mutation, random, ret);
}

const char *mutation_name(Mutation mutation)
{
    static const char *const names[] = {[MUTATE_DELETE_LINE] = "delete a line",
                                        [MUTATE_DUPLICATE_LINE] = "duplicate a line",
                                        [MUTATE_INDENT] = "indent",
                                        [MUTATE_SWAP] = "swap two values",
                                        [MUTATE_RETYPE] = "retype a value",
                                        [MUTATE_TRUNCATE] = "truncate"};
    return names[mutation];
}
