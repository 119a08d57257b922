#include "plans/page.h"

#include <string.h>

enum {
    COLUMNS_MIN = 40,
    RIGHT_COLUMN = 80,         /* where the right-hand texts begin, if they fit */
    MEMBERS_COUNTS_WIDTH = 22, /* so that counts stand below each other */
};

static const char *const color_codes[] = {
    [COLOR_PLAIN] = "", [COLOR_GREEN] = "32", [COLOR_YELLOW] = "33",
    [COLOR_RED] = "31", [COLOR_DIM] = "2",    [COLOR_BOLD] = "1",
};

Page page_new(FILE *out, const RenderOptions *options)
{
    size_t columns = options->columns < COLUMNS_MIN ? COLUMNS_MIN : options->columns;
    return (Page){.out = out, .options = options, .columns = columns};
}

/* Bytes of the first character; 1 for what is not UTF-8. */
static size_t character(const char *text)
{
    unsigned char lead = (unsigned char)text[0];
    size_t length = lead < 0x80 ? 1 : (lead >= 0xf0 ? 4 : (lead >= 0xe0 ? 3 : 2));
    for (size_t i = 1; i < length; i++) {
        if (((unsigned char)text[i] & 0xc0) != 0x80)
            return 1;
    }
    return length;
}

static size_t character_columns(const char *text, size_t length)
{
    char single[5] = {0};
    memcpy(single, text, length);
    return length == 1 ? 1 : text_columns(single);
}

size_t page_fit(const char *text, size_t columns)
{
    size_t at = 0, used = 0;
    while (text[at]) {
        size_t length = character(text + at);
        used += character_columns(text + at, length);
        if (used > columns)
            break;
        at += length;
    }
    return at;
}

/* Control characters would move the cursor or worse: they become blanks. */
static void print(const Page *page, const char *text, size_t length)
{
    for (size_t i = 0; i < length;) {
        unsigned char c = (unsigned char)text[i];
        size_t bytes = character(text + i);
        bool is_c1 = c == 0xc2 && bytes == 2 && (unsigned char)text[i + 1] < 0xa0;
        bool is_broken = c >= 0x80 && bytes == 1;
        if (c < ' ' || c == 0x7f || is_c1 || is_broken)
            fputc(is_broken ? '?' : ' ', page->out);
        else
            fwrite(text + i, 1, bytes, page->out);
        i += bytes;
    }
}

/* The mark is the first word; a heading is coloured as a whole. */
static void print_colored(const Page *page, Color color, const char *text, size_t length)
{
    if (!page->options->color || color == COLOR_PLAIN) {
        print(page, text, length);
        return;
    }
    size_t start = 0;
    while (start < length && text[start] == ' ')
        start++;
    size_t end = start;
    while (end < length && (color == COLOR_BOLD || color == COLOR_DIM || text[end] != ' '))
        end++;
    print(page, text, start);
    fprintf(page->out, "\033[%sm", color_codes[color]);
    print(page, text + start, end - start);
    fputs("\033[0m", page->out);
    print(page, text + end, length - end);
}

void page_line(const Page *page, Color color, const char *text)
{
    size_t length = page_fit(text, page->columns);
    if (text[length] == '\0') {
        print_colored(page, color, text, length);
    } else {
        const char *mark = page->options->unicode ? "…" : "...";
        length = page_fit(text, page->columns - text_columns(mark));
        print_colored(page, color, text, length);
        fputs(mark, page->out);
    }
    fputc('\n', page->out);
}

void page_blank(const Page *page)
{
    fputc('\n', page->out);
}

void page_pad(Text *text, size_t column, size_t least)
{
    size_t used = text_columns(text_get(text));
    size_t count = used < column ? column - used : 0;
    text_add_repeat(text, " ", count > least ? count : least);
}

/* How much of `text` goes on a line of so many columns: up to a blank, if one is past `hang`. */
static size_t break_at(const char *text, size_t columns, size_t hang)
{
    size_t fits = page_fit(text, columns);
    if (text[fits] == '\0' || text[fits] == ' ')
        return fits;
    size_t at = fits;
    while (at > hang && text[at] != ' ')
        at--;
    return at > hang ? at : (fits ? fits : character(text));
}

static void trim(Text *line)
{
    while (line->length > 0 && line->bytes[line->length - 1] == ' ')
        line->bytes[--line->length] = '\0';
}

static void put_rest(const Page *page, const char *text, size_t hang)
{
    while (*(text += strspn(text, " "))) {
        CLEANUP(text_release) Text line = TEXT_INIT;
        size_t length = break_at(text, page->columns - hang, 0);
        text_add_repeat(&line, " ", hang);
        text_add_bytes(&line, text, length);
        trim(&line);
        page_line(page, COLOR_PLAIN, text_get(&line));
        text += length;
    }
}

static size_t right_column(const Page *page, const char *right)
{
    size_t width = text_columns(right);
    if (width == 0)
        return page->columns + 1;
    if (RIGHT_COLUMN + width <= page->columns)
        return RIGHT_COLUMN;
    return width + 1 < page->columns ? page->columns - width : 0;
}

void page_put(const Page *page, Color color, const char *text, size_t hang, const char *right)
{
    CLEANUP(text_release) Text line = TEXT_INIT;
    size_t column = right_column(page, right);
    size_t room = column > hang + 1 ? column - 1 : page->columns;
    hang = hang + 20 > page->columns ? 4 : hang;
    size_t length = break_at(text, room, hang);
    text_add_bytes(&line, text, length);
    trim(&line);
    if (*right && column > hang + 1) {
        page_pad(&line, column, 1);
        text_add(&line, right);
    }
    page_line(page, color, text_get(&line));
    put_rest(page, text + length, hang);
}

static void add_rule(const Page *page, Text *text, size_t count)
{
    text_add_repeat(text, page->options->unicode ? "─" : "-", count);
}

static void add_part(const Page *page, Text *text, const char *part)
{
    if (!*part)
        return;
    text_addf(text, " %s ", part);
    add_rule(page, text, 2);
}

/* "3 members ─────── + 58": the rule between them makes the counts of all headings line up. */
static void add_members_counts(const Page *page, Text *text, const char *members,
                               const char *counts)
{
    if (!*members) {
        add_part(page, text, counts);
        return;
    }
    size_t used = text_columns(members) + text_columns(counts) + (*counts ? 2 : 0);
    text_addf(text, " %s ", members);
    add_rule(page, text, used + 2 < MEMBERS_COUNTS_WIDTH ? MEMBERS_COUNTS_WIDTH - used : 2);
    if (*counts)
        add_part(page, text, counts);
}

void page_heading(const Page *page, const char *name, const char *title, const char *members,
                  const char *counts, const char *impact)
{
    CLEANUP(text_release) Text left = TEXT_INIT;
    CLEANUP(text_release) Text right = TEXT_INIT;
    add_rule(page, &left, 2);
    text_addf(&left, " %s ", name);
    add_part(page, &right, title);
    add_members_counts(page, &right, members, counts);
    add_part(page, &right, impact);
    size_t used = text_columns(text_get(&left)) + text_columns(text_get(&right));
    add_rule(page, &left, used + 2 <= page->columns ? page->columns - used : 2);
    text_add(&left, text_get(&right));
    page_line(page, COLOR_BOLD, text_get(&left));
}
