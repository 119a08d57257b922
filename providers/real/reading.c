#include "providers/real/reading.h"

#include <stdlib.h>

#include "base/clock.h"

void reading_start(Reading *reading, const ReadRequest *request)
{
    *reading = (Reading){
        .source = request->source->name,
        .subject = request->subject,
        .unknown_reason = "it was not answered",
        .unknown_code = ERROR_REFUSED,
        .read_wall_ms = clock_wall_ms(),
    };
}

void reading_set_value(Reading *reading, const Value *value)
{
    reading->value = value;
    reading->unknown_reason = NULL;
}

void reading_set_unknown(Reading *reading, ErrorCode code, const char *reason)
{
    reading->value = NULL;
    reading->unknown_code = code;
    reading->unknown_reason = reason;
}

void reading_set_error(Reading *reading, Arena *arena, Error *error)
{
    char *text = error_text(error);
    reading_set_unknown(reading, error->code, arena_strdup(arena, text));
    free(text);
    error_free(error);
}
