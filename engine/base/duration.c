#include "base/duration.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

typedef struct Unit {
    const char *suffix;
    int64_t factor;
} Unit;

static const Unit durations[] = {
    {"ms", 1}, {"s", 1000}, {"min", 60000}, {"m", 60000}, {"h", 3600000}, {"d", 86400000},
};

#define KIB 1024LL
#define MIB (1024 * KIB)
#define GIB (1024 * MIB)
#define TIB (1024 * GIB)

static const Unit sizes[] = {
    {"", 1},      {"B", 1},    {"kB", KIB},  {"KiB", KIB}, {"MB", MIB},
    {"MiB", MIB}, {"GB", GIB}, {"GiB", GIB}, {"TB", TIB},  {"TiB", TIB},
};

/* A whole number without a sign and one of the units. */
static Error *parse(const char *text, const Unit *units, size_t count, const char *advice,
                    int64_t *ret)
{
    size_t digits = strspn(text, "0123456789");
    for (size_t i = 0; digits > 0 && i < count; i++) {
        if (strcmp(text + digits, units[i].suffix) != 0)
            continue;
        errno = 0;
        long long number = strtoll(text, NULL, 10);
        if (errno == ERANGE || number > INT64_MAX / units[i].factor)
            return error_new(ERROR_INVALID, "'%s' is too large", text);
        *ret = number * units[i].factor;
        return NULL;
    }
    return error_new(ERROR_INVALID, "'%s' is not %s", text, advice);
}

Error *duration_parse(const char *text, int64_t *ret_ms)
{
    return parse(text, durations, COUNT_OF(durations),
                 "a duration such as '30s' (a whole number and ms, s, min, h or d)", ret_ms);
}

Error *size_parse(const char *text, int64_t *ret_bytes)
{
    return parse(text, sizes, COUNT_OF(sizes),
                 "a size such as '64MB' (a whole number and B, kB, MB, GB or TB)", ret_bytes);
}

void duration_format(Text *out, int64_t duration_ms)
{
    if (duration_ms < 0) {
        text_add(out, "-");
        duration_ms = duration_ms == INT64_MIN ? INT64_MAX : -duration_ms;
    }
    /* Rounded first, so that 9.96 s is 10 s and not 10.0 s. */
    long long tenths = duration_ms / 100 + (duration_ms % 100 >= 50);
    long long seconds = duration_ms / 1000 + (duration_ms % 1000 >= 500);
    if (tenths < 100)
        text_addf(out, "%lld.%lld s", tenths / 10, tenths % 10);
    else if (seconds < 100)
        text_addf(out, "%lld s", seconds);
    else if (seconds < 3600)
        text_addf(out, "%lldm%02llds", seconds / 60, seconds % 60);
    else if (seconds < 86400)
        text_addf(out, "%lldh%02lldm", seconds / 3600, seconds / 60 % 60);
    else
        text_addf(out, "%lldd%02lldh", seconds / 86400, seconds / 3600 % 24);
}

void size_format(Text *out, int64_t bytes)
{
    static const Unit names[] = {{"TiB", TIB}, {"GiB", GIB}, {"MiB", MIB}, {"KiB", KIB}};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        if (bytes < names[i].factor)
            continue;
        int64_t tenths = bytes / (names[i].factor / 8) * 10 / 8;
        text_addf(out, tenths < 100 && tenths % 10 ? "%.1f %s" : "%.0f %s", (double)tenths / 10,
                  names[i].suffix);
        return;
    }
    text_addf(out, "%lld B", (long long)bytes);
}
