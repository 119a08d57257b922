#include "schema/selector.h"

#include <assert.h>
#include <ctype.h>
#include <string.h>

#include "base/json.h"

/* The filter in postfix order: operands push a value, operators take one or two and push one. */
typedef enum StepKind {
    STEP_NAME,
    STEP_LITERAL,
    STEP_NOT,
    STEP_EQUAL,
    STEP_DIFFERS,
    STEP_AND,
    STEP_OR,
    STEP_OPEN, /* '(': on the stack of operators only */
} StepKind;

typedef struct Step {
    StepKind kind;
    const char *name;
    const Value *literal;
} Step;

enum { MAX_STEPS = 128 };

struct Selector {
    const Step *steps;
    size_t count; /* 0: every member */
};

static const struct {
    const char *text;
    StepKind kind;
    int binding;
} operators[] = {
    {"||", STEP_OR, 1},      {"&&", STEP_AND, 2}, {"==", STEP_EQUAL, 3},
    {"!=", STEP_DIFFERS, 3}, {"!", STEP_NOT, 4},
};

typedef struct Parser {
    Arena *arena;
    const char *text;
    const char *at;
    Step steps[MAX_STEPS];
    size_t count;
    Step waiting[MAX_STEPS]; /* operators */
    size_t waiting_count;
    bool wants_operand;
} Parser;

static Error *refuse(const Parser *parser, const char *what)
{
    return error_new(ERROR_INVALID, "selector '%s': %s at column %td", parser->text, what,
                     parser->at - parser->text + 1);
}

static int binding_of(StepKind kind)
{
    for (size_t i = 0; i < COUNT_OF(operators); i++) {
        if (operators[i].kind == kind)
            return operators[i].binding;
    }
    return 0;
}

static Error *emit(Parser *parser, Step step)
{
    if (parser->count == MAX_STEPS)
        return refuse(parser, "too long");
    parser->steps[parser->count++] = step;
    return NULL;
}

/* Emit the operators that bind at least as tightly. */
static Error *emit_waiting(Parser *parser, int binding)
{
    while (parser->waiting_count > 0) {
        Step top = parser->waiting[parser->waiting_count - 1];
        if (top.kind == STEP_OPEN || binding_of(top.kind) < binding)
            break;
        parser->waiting_count--;
        TRY(emit(parser, top));
    }
    return NULL;
}

static Error *wait_for(Parser *parser, StepKind kind)
{
    if (parser->waiting_count == MAX_STEPS)
        return refuse(parser, "nested too deeply");
    parser->waiting[parser->waiting_count++] = (Step){.kind = kind};
    return NULL;
}

/* `text`: JSON, or a bare word, which is a text. */
static const Value *literal_of(Arena *arena, const char *bytes, size_t length)
{
    while (length > 0 && *bytes == ' ') {
        bytes++;
        length--;
    }
    while (length > 0 && bytes[length - 1] == ' ')
        length--;
    const Value *value = NULL;
    Error *error = json_parse(arena, bytes, length, &value);
    if (!error)
        return value;
    error_free(error);
    return value_text(arena, arena_strndup(arena, bytes, length));
}

static Error *take_quoted(Parser *parser, char quote)
{
    const char *start = parser->at + 1;
    const char *end = strchr(start, quote);
    if (!end)
        return refuse(parser, "a quote is not closed");
    size_t length = (size_t)(end - start);
    Step step = {.kind = STEP_LITERAL};
    if (quote == '"')
        step = (Step){STEP_NAME, arena_strndup(parser->arena, start, length), NULL};
    else if (quote == '\'')
        step.literal = value_text(parser->arena, arena_strndup(parser->arena, start, length));
    else
        step.literal = literal_of(parser->arena, start, length);
    parser->at = end + 1;
    parser->wants_operand = false;
    return emit(parser, step);
}

static Error *take_name(Parser *parser)
{
    const char *start = parser->at;
    while (isalnum((unsigned char)*parser->at) || *parser->at == '_')
        parser->at++;
    Step step = {.kind = STEP_NAME};
    step.name = arena_strndup(parser->arena, start, (size_t)(parser->at - start));
    parser->wants_operand = false;
    return emit(parser, step);
}

static Error *take_operand(Parser *parser)
{
    char c = *parser->at;
    if (c == '!') {
        parser->at++;
        return wait_for(parser, STEP_NOT);
    }
    if (c == '(') {
        parser->at++;
        return wait_for(parser, STEP_OPEN);
    }
    if (c == '`' || c == '\'' || c == '"')
        return take_quoted(parser, c);
    if (isalpha((unsigned char)c) || c == '_')
        return take_name(parser);
    return refuse(parser, "a name or `word` was expected");
}

static Error *take_operator(Parser *parser)
{
    if (*parser->at == ')') {
        TRY(emit_waiting(parser, 0));
        if (parser->waiting_count == 0)
            return refuse(parser, "a ')' that nobody opened");
        parser->waiting_count--;
        parser->at++;
        return NULL;
    }
    for (size_t i = 0; i < COUNT_OF(operators); i++) {
        size_t length = strlen(operators[i].text);
        if (operators[i].kind == STEP_NOT || strncmp(parser->at, operators[i].text, length) != 0)
            continue;
        TRY(emit_waiting(parser, operators[i].binding));
        parser->at += length;
        parser->wants_operand = true;
        return wait_for(parser, operators[i].kind);
    }
    return refuse(parser, "&&, ||, ==, != or ']' was expected");
}

static void skip_blanks(Parser *parser)
{
    while (isspace((unsigned char)*parser->at))
        parser->at++;
}

static Error *take_filter(Parser *parser)
{
    parser->wants_operand = true;
    for (skip_blanks(parser); *parser->at != ']' || parser->wants_operand; skip_blanks(parser))
        TRY(parser->wants_operand ? take_operand(parser) : take_operator(parser));
    TRY(emit_waiting(parser, 0));
    return parser->waiting_count > 0 ? refuse(parser, "a '(' is not closed") : NULL;
}

Error *selector_parse(Arena *arena, const char *text, Selector **ret)
{
    Parser parser = {.arena = arena, .text = text, .at = text};
    skip_blanks(&parser);
    if (*parser.at != '[')
        return refuse(&parser, "'[' was expected");
    parser.at++;
    skip_blanks(&parser);
    if (*parser.at == '?') {
        parser.at++;
        TRY(take_filter(&parser));
    } else if (*parser.at == '*') {
        parser.at++;
        skip_blanks(&parser);
    }
    if (*parser.at != ']')
        return refuse(&parser, "']' was expected");
    parser.at++;
    skip_blanks(&parser);
    if (*parser.at)
        return refuse(&parser, "nothing may follow the ']'");
    *ret = ARENA_NEW(arena, Selector);
    **ret =
        (Selector){arena_grow_array(arena, parser.steps, parser.count, parser.count, sizeof(Step)),
                   parser.count};
    return NULL;
}

static bool is_true(const Value *value)
{
    switch (value->type) {
    case VALUE_NULL:
        return false;
    case VALUE_BOOL:
        return value->boolean;
    case VALUE_TEXT:
        return *value->text != '\0';
    case VALUE_LIST:
    case VALUE_MAP:
        return value_count(value) > 0;
    case VALUE_INT:
    case VALUE_REAL:
    case VALUE_SECRET:
    case VALUE_LATE:
    case VALUE_TYPE_COUNT:
        break;
    }
    return true;
}

static const Value *apply(StepKind kind, const Value *a, const Value *b)
{
    switch (kind) {
    case STEP_EQUAL:
        return value_bool(value_equal(a, b));
    case STEP_DIFFERS:
        return value_bool(!value_equal(a, b));
    case STEP_AND:
        return is_true(a) ? b : a;
    case STEP_OR:
        return is_true(a) ? a : b;
    case STEP_NAME:
    case STEP_LITERAL:
    case STEP_NOT:
    case STEP_OPEN:
        break;
    }
    assert(false);
    return &value_null;
}

static const Value *operand(const Step *step, const Host *host)
{
    const Value *value = step->kind == STEP_NAME ? host_param(host, step->name) : step->literal;
    return value ? value : &value_null;
}

bool selector_matches(const Selector *selector, const Host *host)
{
    const Value *stack[MAX_STEPS];
    size_t depth = 0;
    for (size_t i = 0; i < selector->count; i++) {
        const Step *step = &selector->steps[i];
        if (step->kind == STEP_NAME || step->kind == STEP_LITERAL) {
            stack[depth++] = operand(step, host);
        } else if (step->kind == STEP_NOT) {
            assert(depth >= 1);
            stack[depth - 1] = value_bool(!is_true(stack[depth - 1]));
        } else {
            assert(depth >= 2);
            depth--;
            stack[depth - 1] = apply(step->kind, stack[depth - 1], stack[depth]);
        }
    }
    return depth == 0 || is_true(stack[0]);
}
