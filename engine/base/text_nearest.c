#include <string.h>

#include "base/text.h"

/* Longer words are not compared: they are no typing errors. */
enum { MAX_LETTERS = 64 };

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Insertions, deletions, replacements and swaps of neighbours that make `a` of `b`; once they are
 * surely `limit` or more, `limit`. */
static size_t edit_distance(const char *a, size_t a_length, const char *b, size_t b_length,
                            size_t limit)
{
    size_t rows[3][MAX_LETTERS + 1]; /* of the matrix: i, i - 1 and i - 2, modulo 3 */
    for (size_t j = 0; j <= b_length; j++)
        rows[0][j] = j;
    size_t least = 0, least_above; /* nothing below two rows is less than the least of them */
    for (size_t i = 1; i <= a_length; i++) {
        least_above = least;
        least = i;
        size_t *row = rows[i % 3];
        const size_t *above = rows[(i - 1) % 3], *above2 = rows[(i + 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= b_length; j++) {
            size_t replaced = above[j - 1] + (a[i - 1] != b[j - 1]);
            row[j] = smaller(replaced, 1 + smaller(above[j], row[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = smaller(row[j], above2[j - 2] + 1);
            least = smaller(least, row[j]);
        }
        if (least >= limit && least_above >= limit)
            return limit;
    }
    return rows[a_length % 3][b_length];
}

const char *text_nearest(const char *word, const char *const *names, size_t count)
{
    size_t length = strlen(word);
    if (length > MAX_LETTERS)
        return NULL;
    size_t best_distance = length <= 4 ? 2 : length <= 8 ? 3 : 4; /* one more than is allowed */
    const char *best = NULL;
    for (size_t i = 0; i < count; i++) {
        size_t name_length = strlen(names[i]);
        size_t shorter = smaller(length, name_length), longer = length + name_length - shorter;
        if (longer > MAX_LETTERS || longer - shorter >= best_distance)
            continue;
        size_t distance = edit_distance(word, length, names[i], name_length, best_distance);
        if (distance < best_distance) {
            best_distance = distance;
            best = names[i];
        }
    }
    return best;
}
