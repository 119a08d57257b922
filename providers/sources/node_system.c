/* What a node is: system, size, clock, units, users, sockets, packages, jobs of ours. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "providers/sources/answer.h"
#include "providers/sources/fragments.h"
#include "providers/sources/rows.h"

enum { KIB = 1024 };

static const AnswerKey os_keys[] = {
    {"ID", "id", VALUE_TEXT},
    {"VERSION_ID", "version_id", VALUE_TEXT},
    {"VERSION_CODENAME", "codename", VALUE_TEXT},
    {"arch", "arch", VALUE_TEXT},
    {"kernel", "kernel", VALUE_TEXT},
    {"hostname", "hostname", VALUE_TEXT},
    {"virt", "virt", VALUE_TEXT},
    {"boot_id", "boot_id", VALUE_TEXT},
};

/* os-release values may be quoted; nothing in these three needs more of the shell's rules. */
static char *unquoted(char *text)
{
    size_t length = strlen(text);
    bool is_quoted = length >= 2 && (*text == '"' || *text == '\'') && text[length - 1] == *text;
    if (!is_quoted)
        return text;
    text[length - 1] = '\0';
    return text + 1;
}

static Error *parse_os(Arena *arena, const char *bytes, size_t length, int status,
                       const Value **ret)
{
    (void)status;
    Answer answer = answer_of(arena, bytes, length);
    Value *map = value_map(arena);
    answer_defaults(arena, map, os_keys, COUNT_OF(os_keys));
    for (char *line = answer_line(&answer); line; line = answer_line(&answer)) {
        char *key = NULL;
        char *text = NULL;
        if (answer_pair(line, '=', &key, &text))
            answer_set(arena, map, os_keys, COUNT_OF(os_keys), key, unquoted(text));
    }
    *ret = map;
    return NULL;
}

const Source source_node_os = {
    .name = "node.os",
    .scope = SCOPE_NODE,
    .via = VIA_PROBE,
    .text = embedded_node_os,
    .budget_ms = 20000,
    .max_bytes = 64L * KIB,
    .parse = parse_os,
    .doc = "operating system, kernel and name",
};

static const AnswerKey size_keys[] = {
    {"cpu_count", "cpu_count", VALUE_INT},
    {"memory_kb", "memory_kb", VALUE_INT},
    {"disk_bytes", "disk_bytes", VALUE_INT},
    {"disk_free_bytes", "disk_free_bytes", VALUE_INT},
};

static Error *parse_size(Arena *arena, const char *bytes, size_t length, int status,
                         const Value **ret)
{
    (void)status;
    Answer answer = answer_of(arena, bytes, length);
    const Value *map = answer_pairs(&answer, '=', size_keys, COUNT_OF(size_keys));
    if (value_get_int(map, "cpu_count", 0) < 1 || value_get_int(map, "memory_kb", 0) < 1)
        return error_new(ERROR_REFUSED, "processors or memory are not told by the node");
    *ret = map;
    return NULL;
}

const Source source_node_size = {
    .name = "node.size",
    .scope = SCOPE_NODE,
    .via = VIA_PROBE,
    .text = embedded_node_size,
    .budget_ms = 20000,
    .max_bytes = 64L * KIB,
    .parse = parse_size,
    .doc = "processors, memory and disk",
};

static const AnswerKey clock_keys[] = {{"wall_ms", "wall_ms", VALUE_INT}};

static Error *parse_clock(Arena *arena, const char *bytes, size_t length, int status,
                          const Value **ret)
{
    (void)status;
    Answer answer = answer_of(arena, bytes, length);
    *ret = answer_pairs(&answer, '=', clock_keys, COUNT_OF(clock_keys));
    return NULL;
}

const Source source_node_clock = {
    .name = "node.clock",
    .scope = SCOPE_NODE,
    .via = VIA_PROBE,
    .text = embedded_node_clock,
    .budget_ms = 20000,
    .max_bytes = 64L * KIB,
    .parse = parse_clock,
    .doc = "the node's time of day",
};

static Error *parse_packages(Arena *arena, const char *bytes, size_t length, int status,
                             const Value **ret)
{
    (void)status;
    Answer answer = answer_of(arena, bytes, length);
    Value *installed = value_map(arena);
    Value *half = value_list(arena);
    for (char *line = answer_line(&answer); line; line = answer_line(&answer)) {
        char *fields[3];
        if (answer_fields(line, fields, COUNT_OF(fields)) < COUNT_OF(fields))
            continue;
        if (strcmp(fields[0], "installed") == 0)
            value_set_text(arena, installed, fields[1], fields[2]);
        else if (strcmp(fields[0], "not-installed") != 0 && strcmp(fields[0], "config-files") != 0)
            value_push(arena, half, value_text(arena, fields[1]));
    }
    Value *map = value_map(arena);
    value_set(arena, map, "installed", installed);
    value_set(arena, map, "half", half);
    *ret = map;
    return NULL;
}

const Source source_node_packages = {
    .name = "node.packages",
    .scope = SCOPE_NODE,
    .via = VIA_PROBE,
    .text = embedded_node_packages,
    .budget_ms = 20000,
    .max_bytes = 4L * KIB * KIB,
    .parse = parse_packages,
    .doc = "installed packages with versions",
};

static const AnswerKey unit_keys[] = {
    {"LoadState", "load", VALUE_TEXT},
    {"ActiveState", "active", VALUE_TEXT},
    {"SubState", "sub", VALUE_TEXT},
    {"UnitFileState", "enabled", VALUE_TEXT},
    {"MainPID", "pid", VALUE_INT},
    {"ExecMainStartTimestampMonotonic", "started_us", VALUE_INT},
    {"NeedDaemonReload", "need_reload", VALUE_BOOL},
    {"Result", "result", VALUE_TEXT},
};

/* The lines up to the next empty one. */
static Value *unit_block(Answer *answer, size_t *ret_lines)
{
    Value *map = value_map(answer->arena);
    answer_defaults(answer->arena, map, unit_keys, COUNT_OF(unit_keys));
    for (char *line = answer_line(answer); line && *line; line = answer_line(answer)) {
        char *key = NULL;
        char *text = NULL;
        if (answer_pair(line, '=', &key, &text))
            answer_set(answer->arena, map, unit_keys, COUNT_OF(unit_keys), key, text);
        ++*ret_lines;
    }
    return map;
}

/* The names that were asked for, an empty line, then a block for each in the same order. */
static Error *parse_units(Arena *arena, const char *bytes, size_t length, int status,
                          const Value **ret)
{
    (void)status;
    Answer answer = answer_of(arena, bytes, length);
    const char **names = NULL;
    size_t count = 0;
    size_t capacity = 0;
    for (char *line = answer_line(&answer); line && *line; line = answer_line(&answer))
        ARENA_PUSH(arena, names, count, capacity, line);
    Value *map = value_map(arena);
    for (size_t i = 0; i < count; i++) {
        size_t lines = 0;
        Value *unit = unit_block(&answer, &lines);
        if (lines == 0)
            return error_new(ERROR_REFUSED, "systemctl tells nothing about %s", names[i]);
        value_set(arena, map, names[i], unit);
    }
    *ret = map;
    return NULL;
}

const Source source_node_units = {
    .name = "node.units",
    .scope = SCOPE_NODE,
    .via = VIA_PROBE,
    .text = embedded_node_units,
    .budget_ms = 20000,
    .max_bytes = 256L * KIB,
    .parse = parse_units,
    .doc = "state of services",
};

/* "name:x:GID:a,b" lists the member? */
static bool lists_member(const char *members, const char *name)
{
    size_t length = strlen(name);
    for (const char *at = members; at; at = strchr(at, ',')) {
        at += *at == ',';
        if (strncmp(at, name, length) == 0 && (at[length] == ',' || at[length] == '\0'))
            return true;
    }
    return false;
}

/* Cut "a:b:c" in place into exactly `max` fields, missing ones "". */
static void colon_fields(char *line, char **ret_fields, size_t max)
{
    char *end = line + strlen(line);
    for (size_t i = 0; i < max; i++) {
        ret_fields[i] = line;
        char *colon = strchr(line, ':');
        if (colon)
            *colon = '\0';
        line = colon ? colon + 1 : end;
    }
}

enum {
    PASSWD_NAME,
    PASSWD_X,
    PASSWD_UID,
    PASSWD_GID,
    PASSWD_GECOS,
    PASSWD_HOME,
    PASSWD_SHELL,
    PASSWD_FIELDS
};
enum { GROUP_NAME, GROUP_X, GROUP_GID, GROUP_MEMBERS, GROUP_FIELDS };

static int64_t number_of(const char *text)
{
    int64_t number = -1;
    return text_to_int(text, &number) ? number : -1;
}

/* The users that were asked for, while their groups are still coming in. */
typedef struct Users {
    Arena *arena;
    Value *map; /* name -> user, or null as long as there is none */
    struct {
        const char *name;
        Value *user, *groups;
        int64_t gid;
    } * items;
    size_t count, capacity;
} Users;

static void add_user(Users *users, char *line)
{
    Arena *arena = users->arena;
    char *fields[PASSWD_FIELDS];
    colon_fields(line, fields, PASSWD_FIELDS);
    if (!value_get(users->map, fields[PASSWD_NAME]))
        return;
    if (users->count == users->capacity) {
        users->capacity = users->capacity ? users->capacity * 2 : 8;
        users->items = arena_grow_array(arena, users->items, users->count, users->capacity,
                                        sizeof(*users->items));
    }
    Value *user = value_map(arena);
    Value *groups = value_list(arena);
    value_set_int(arena, user, "uid", number_of(fields[PASSWD_UID]));
    value_set_int(arena, user, "gid", number_of(fields[PASSWD_GID]));
    value_set_text(arena, user, "group", "");
    value_set(arena, user, "groups", groups);
    value_set_text(arena, user, "home", fields[PASSWD_HOME]);
    value_set_text(arena, user, "shell", fields[PASSWD_SHELL]);
    value_set(arena, users->map, fields[PASSWD_NAME], user);
    users->items[users->count].name = fields[PASSWD_NAME];
    users->items[users->count].user = user;
    users->items[users->count].groups = groups;
    users->items[users->count++].gid = number_of(fields[PASSWD_GID]);
}

/* Which of the users are in this group? Groups follow all users in the answer. */
static void add_group(const Users *users, char *line)
{
    Arena *arena = users->arena;
    char *fields[GROUP_FIELDS];
    colon_fields(line, fields, GROUP_FIELDS);
    for (size_t i = 0; i < users->count; i++) {
        if (users->items[i].gid == number_of(fields[GROUP_GID]))
            value_set_text(arena, users->items[i].user, "group", fields[GROUP_NAME]);
        else if (lists_member(fields[GROUP_MEMBERS], users->items[i].name))
            value_push(arena, users->items[i].groups, value_text(arena, fields[GROUP_NAME]));
    }
}

static Error *parse_users(Arena *arena, const char *bytes, size_t length, int status,
                          const Value **ret)
{
    (void)status;
    Answer answer = answer_of(arena, bytes, length);
    Users users = {.arena = arena, .map = value_map(arena)};
    for (char *line = answer_line(&answer); line; line = answer_line(&answer)) {
        char *fields[2];
        answer_fields(line, fields, COUNT_OF(fields));
        if (strcmp(fields[0], "arg") == 0)
            value_set(arena, users.map, fields[1], &value_null);
        else if (strcmp(fields[0], "user") == 0)
            add_user(&users, fields[1]);
        else if (strcmp(fields[0], "group") == 0)
            add_group(&users, fields[1]);
    }
    *ret = users.map;
    return NULL;
}

const Source source_node_users = {
    .name = "node.users",
    .scope = SCOPE_NODE,
    .via = VIA_PROBE,
    .text = embedded_node_users,
    .budget_ms = 20000,
    .max_bytes = 1L * KIB * KIB,
    .parse = parse_users,
    .doc = "users of the operating system",
};

static const AnswerKey job_keys[] = {
    {"ActiveState", "active", VALUE_TEXT},
    {"Result", "result", VALUE_TEXT},
    {"status", "status", VALUE_TEXT},
};

static Error *parse_jobs(Arena *arena, const char *bytes, size_t length, int status,
                         const Value **ret)
{
    (void)status;
    Answer answer = answer_of(arena, bytes, length);
    Value *jobs = value_map(arena);
    Value *job = NULL;
    for (char *line = answer_line(&answer); line; line = answer_line(&answer)) {
        char *fields[3];
        char *key = NULL;
        char *text = NULL;
        if (strncmp(line, "job\t", 4) == 0) {
            answer_fields(line, fields, COUNT_OF(fields));
            job = value_map(arena);
            answer_defaults(arena, job, job_keys, COUNT_OF(job_keys));
            value_set_text(arena, job, "status", fields[2]);
            value_set(arena, jobs, fields[1], job);
        } else if (job && answer_pair(line, '=', &key, &text)) {
            answer_set(arena, job, job_keys, COUNT_OF(job_keys), key, text);
        }
    }
    *ret = jobs;
    return NULL;
}

const Source source_node_jobs = {
    .name = "node.jobs",
    .scope = SCOPE_NODE,
    .via = VIA_PROBE,
    .text = embedded_node_jobs,
    .budget_ms = 20000,
    .max_bytes = 256L * KIB,
    .parse = parse_jobs,
    .doc = "jobs of ours on the node",
};

static Error *parse_listen(Arena *arena, const char *bytes, size_t length, int status,
                           const Value **ret)
{
    (void)status;
    Answer answer = answer_of(arena, bytes, length);
    Value *ports = value_list(arena);
    bool seen[65536] = {false};
    for (char *line = answer_line(&answer); line; line = answer_line(&answer)) {
        const char *colon = strrchr(line, ':');
        char *end = NULL;
        unsigned long port = colon ? strtoul(colon + 1, &end, 16) : 0;
        if (port == 0 || port > 65535 || *end != '\0' || seen[port])
            continue;
        seen[port] = true;
        value_push(arena, ports, value_int(arena, (int64_t)port));
    }
    Value *map = value_map(arena);
    value_set(arena, map, "tcp", ports);
    *ret = map;
    return NULL;
}

const Source source_node_listen = {
    .name = "node.listen",
    .scope = SCOPE_NODE,
    .via = VIA_PROBE,
    .text = embedded_node_listen,
    .budget_ms = 20000,
    .max_bytes = 1L * KIB * KIB,
    .parse = parse_listen,
    .doc = "TCP ports that are listened on",
};
