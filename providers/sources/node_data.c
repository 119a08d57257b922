/* The data directory of PostgreSQL: what it holds and whether a server runs on it. */
#include <string.h>

#include "providers/sources/answer.h"
#include "providers/sources/fragments.h"
#include "providers/sources/rows.h"

static const AnswerKey data_keys[] = {
    {"path", "path", VALUE_TEXT},
    {"initialized", "initialized", VALUE_BOOL},
    {"empty", "empty", VALUE_BOOL},
    {"no_database", "no_database", VALUE_BOOL}, /* none but templates: initdb was cut short */
    {"version", "version", VALUE_TEXT},
    {"has_backup_label", "has_backup_label", VALUE_BOOL},
    {"postmaster_pid", "postmaster_pid", VALUE_INT},
};

/* Labels of pg_controldata with lc_messages C. */
static const AnswerKey control_keys[] = {
    {"Database system identifier", "system_identifier", VALUE_TEXT},
    {"Database cluster state", "state", VALUE_TEXT},
    {"Latest checkpoint's TimeLineID", "timeline", VALUE_INT},
    {"Latest checkpoint location", "checkpoint_lsn", VALUE_TEXT},
    {"Latest checkpoint's REDO location", "redo_lsn", VALUE_TEXT},
    {"Minimum recovery ending location", "min_recovery", VALUE_TEXT},
};

static void read_control(Answer *answer, Value *map)
{
    for (char *line = answer_line(answer); line; line = answer_line(answer)) {
        char *key = NULL;
        char *text = NULL;
        if (answer_pair(line, ':', &key, &text))
            answer_set(answer->arena, map, control_keys, COUNT_OF(control_keys), key, text);
    }
}

static Error *parse_data(Arena *arena, const char *bytes, size_t length, int status,
                         const Value **ret)
{
    (void)status;
    Answer answer = answer_of(arena, bytes, length);
    Value *map = value_map(arena);
    Value *signals = value_list(arena);
    answer_defaults(arena, map, data_keys, COUNT_OF(data_keys));
    answer_defaults(arena, map, control_keys, COUNT_OF(control_keys));
    value_set(arena, map, "signals", signals);
    for (char *line = answer_line(&answer); line; line = answer_line(&answer)) {
        char *key = NULL;
        char *text = NULL;
        if (strcmp(line, "--") == 0)
            read_control(&answer, map);
        else if (!answer_pair(line, '=', &key, &text))
            continue;
        else if (strcmp(key, "signal") == 0)
            value_push(arena, signals, value_text(arena, text));
        else
            answer_set(arena, map, data_keys, COUNT_OF(data_keys), key, text);
    }
    if (value_get_bool(map, "initialized", false) && !*value_get_text(map, "system_identifier"))
        return error_new(ERROR_REFUSED, "pg_controldata tells no system identifier");
    *ret = map;
    return NULL;
}

const Source source_node_data = {
    .name = "node.data",
    .scope = SCOPE_NODE,
    .via = VIA_PROBE,
    .text = embedded_node_data,
    .budget_ms = 20000,
    .max_bytes = 64L * 1024,
    .parse = parse_data,
    .doc = "the data directory of PostgreSQL",
};
