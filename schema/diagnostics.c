#include "schema/diagnostics.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "schema/codes.h"
#include "schema/diagnostics_internal.h"

enum { MESSAGE_MAX = 800, MESSAGE_HEAD = 600 }; /* bytes */

Diagnostics *diagnostics_new(Arena *arena)
{
    Diagnostics *diagnostics = ARENA_NEW(arena, Diagnostics);
    diagnostics->arena = arena;
    diagnostics->files = map_new(arena);
    diagnostics->today = "";
    return diagnostics;
}

Diagnostics *diagnostics_again(Arena *arena, const Diagnostics *diagnostics)
{
    Diagnostics *again = diagnostics_new(arena);
    for (size_t i = 0; i < map_count(diagnostics->files); i++) {
        SourceFile *copy = ARENA_NEW(arena, SourceFile);
        *copy = *(const SourceFile *)map_value_at(diagnostics->files, i);
        map_set(again->files, copy->name, copy);
    }
    return again;
}

static bool is_inside_character(char byte)
{
    return ((unsigned char)byte & 0xc0) == 0x80; /* of UTF-8 */
}

/* A message that quotes a long value keeps its beginning and its end. */
static void cut_middle(char *message)
{
    static const char mark[] = " ... ";
    size_t length = strlen(message), mark_length = sizeof(mark) - 1;
    if (length <= MESSAGE_MAX)
        return;
    char *head = message + MESSAGE_HEAD;
    char *tail = message + length - (MESSAGE_MAX - MESSAGE_HEAD - mark_length);
    while (is_inside_character(*head))
        head--;
    while (is_inside_character(*tail))
        tail++;
    memmove(head + mark_length, tail, strlen(tail) + 1);
    memcpy(head, mark, mark_length);
}

Diagnostic *diagnostics_add(Diagnostics *diagnostics, const char *code, const Origin *origin,
                            const char *advice, const char *fmt, ...)
{
    assert(codes_find(code));
    Problem *problem = ARENA_NEW(diagnostics->arena, Problem);
    Diagnostic *diagnostic = &problem->shown;
    diagnostic->code = arena_strdup(diagnostics->arena, code);
    if (advice)
        diagnostic->advice = arena_strdup(diagnostics->arena, advice);
    va_list args;
    va_start(args, fmt);
    char *message = arena_vprintf(diagnostics->arena, fmt, args);
    va_end(args);
    cut_middle(message);
    diagnostic->message = message;
    if (origin)
        diagnostic_add_place(diagnostic, origin);

    problem->number = diagnostics->count;
    ARENA_PUSH(diagnostics->arena, diagnostics->problems, diagnostics->count, diagnostics->capacity,
               problem);
    diagnostics->error_count += code[0] == 'E';
    diagnostics->is_sorted = false;
    return diagnostic;
}

void diagnostic_add_place(Diagnostic *diagnostic, const Origin *origin)
{
    if (!origin || origin->line <= 0)
        return;
    if (diagnostic->place_count < DIAGNOSTIC_PLACES_MAX)
        diagnostic->places[diagnostic->place_count++] = *origin;
    else
        diagnostic->places_left_off++;
}

void diagnostics_set_today(Diagnostics *diagnostics, const char *today)
{
    diagnostics->today = arena_strdup(diagnostics->arena, today);
}

const char *diagnostics_today(const Diagnostics *diagnostics)
{
    return diagnostics->today;
}

size_t diagnostics_error_count(const Diagnostics *diagnostics)
{
    return diagnostics->error_count;
}

size_t diagnostics_warning_count(const Diagnostics *diagnostics)
{
    return diagnostics->count - diagnostics->error_count - diagnostics->waived_count;
}

size_t diagnostics_waived_count(const Diagnostics *diagnostics)
{
    return diagnostics->waived_count;
}

size_t diagnostics_count(const Diagnostics *diagnostics)
{
    return diagnostics->count;
}

/* Files in the order of their names; problems without a place come last. */
static int compare_places(const Diagnostic *a, const Diagnostic *b)
{
    if (a->place_count == 0 || b->place_count == 0)
        return (a->place_count == 0) - (b->place_count == 0);
    int order = strcmp(a->places[0].file, b->places[0].file);
    if (order == 0)
        order = a->places[0].line - b->places[0].line;
    if (order == 0)
        order = a->places[0].column - b->places[0].column;
    return order;
}

static int compare_problems(const void *left, const void *right)
{
    const Problem *a = *(const Problem *const *)left, *b = *(const Problem *const *)right;
    int order = (a->shown.code[0] != 'E') - (b->shown.code[0] != 'E');
    if (order == 0)
        order = compare_places(&a->shown, &b->shown);
    if (order == 0)
        order = strcmp(a->shown.code, b->shown.code);
    return order ? order : (a->number > b->number) - (a->number < b->number);
}

const Diagnostic *diagnostics_at(Diagnostics *diagnostics, size_t i)
{
    if (!diagnostics->is_sorted && diagnostics->count > 0)
        qsort(diagnostics->problems, diagnostics->count, sizeof(Problem *), compare_problems);
    diagnostics->is_sorted = true;
    return i < diagnostics->count ? &diagnostics->problems[i]->shown : NULL;
}

void diagnostics_waive(Diagnostics *diagnostics, size_t i, const char *reason, const char *until)
{
    assert(i < diagnostics->count);
    Diagnostic *diagnostic = &diagnostics->problems[i]->shown;
    assert(diagnostic->code[0] == 'W');
    diagnostics->waived_count += !diagnostic->waived_for;
    diagnostic->waived_for = arena_strdup(diagnostics->arena, reason);
    diagnostic->waived_until = arena_strdup(diagnostics->arena, until);
}

void diagnostics_advise(Diagnostics *diagnostics, size_t i, const char *line)
{
    assert(i < diagnostics->count);
    Diagnostic *diagnostic = &diagnostics->problems[i]->shown;
    diagnostic->advice = diagnostic->advice
                             ? arena_printf(diagnostics->arena, "%s\n%s", diagnostic->advice, line)
                             : arena_strdup(diagnostics->arena, line);
}

static SourceFile *source_file(Diagnostics *diagnostics, const char *name)
{
    SourceFile *file = map_get(diagnostics->files, name);
    if (file)
        return file;
    file = ARENA_NEW(diagnostics->arena, SourceFile);
    file->name = arena_strdup(diagnostics->arena, name);
    map_set(diagnostics->files, file->name, file);
    return file;
}

void diagnostics_add_file(Diagnostics *diagnostics, const char *file, const char *bytes,
                          size_t length)
{
    SourceFile *source = source_file(diagnostics, file);
    source->bytes = bytes;
    source->length = length;
}

void diagnostics_hide(Diagnostics *diagnostics, const Origin *start, int end_line, int end_column)
{
    SourceFile *source = source_file(diagnostics, start->file);
    HiddenSpan span = {start->line, start->column, end_line, end_column};
    ARENA_PUSH(diagnostics->arena, source->hidden, source->hidden_count, source->hidden_capacity,
               span);
}

void diagnostics_distrust(Diagnostics *diagnostics, const char *file)
{
    source_file(diagnostics, file)->is_distrusted = true;
}

static const Value *places_value(Arena *arena, const Diagnostic *diagnostic)
{
    Value *places = value_list(arena);
    for (size_t i = 0; i < diagnostic->place_count; i++) {
        Value *place = value_map(arena);
        value_set_text(arena, place, "file", diagnostic->places[i].file);
        value_set_int(arena, place, "line", diagnostic->places[i].line);
        value_set_int(arena, place, "column", diagnostic->places[i].column);
        value_push(arena, places, place);
    }
    return places;
}

static const Value *waiver_value(Arena *arena, const Diagnostic *diagnostic)
{
    Value *waiver = value_map(arena);
    value_set_text(arena, waiver, "reason", diagnostic->waived_for);
    value_set_text(arena, waiver, "until", diagnostic->waived_until);
    return waiver;
}

const Value *diagnostics_value(Arena *arena, Diagnostics *diagnostics)
{
    Value *list = value_list(arena);
    for (size_t i = 0; i < diagnostics->count; i++) {
        const Diagnostic *diagnostic = diagnostics_at(diagnostics, i);
        Value *item = value_map(arena);
        value_set_text(arena, item, "code", diagnostic->code);
        value_set_text(arena, item, "severity", diagnostic->code[0] == 'E' ? "error" : "warning");
        value_set_text(arena, item, "message", diagnostic->message);
        value_set_text(arena, item, "advice", diagnostic->advice);
        value_set(arena, item, "places", places_value(arena, diagnostic));
        value_set_int(arena, item, "more_places", (int64_t)diagnostic->places_left_off);
        if (diagnostic->waived_for)
            value_set(arena, item, "waived", waiver_value(arena, diagnostic));
        value_push(arena, list, item);
    }
    return list;
}
