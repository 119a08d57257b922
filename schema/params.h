/*
 * schema/params.h - the one table of what an inventory may say: every parameter with its type,
 * default, where it may be written, what it is for and which artefacts it ends in. What a change of
 * it needs is said by the kinds that come from it (contract/kind.h, ParamRow.inventory).
 *
 * Typing, defaults, messages, the manual and the editor's schema all come from these rows. Adding a
 * parameter is adding a row. Defaults are those of the default set PARAMS_DEFAULT_SET; they are
 * YAML text, typed by the same rules as the inventory itself.
 *
 * What a type makes of a written value (schema/typing.h):
 *   bool, int, port                  VALUE_BOOL, VALUE_INT
 *   int or word                      VALUE_INT, or VALUE_TEXT for a word
 *   real, size, interval, ip, cidr,
 *   host, path, enum, username, text VALUE_TEXT, exactly as written ("10.10" stays "10.10")
 *   password                         VALUE_SECRET; an empty one is the VALUE_TEXT ""
 *   texts, cidrs / ports             VALUE_LIST of VALUE_TEXT / VALUE_INT; one scalar is a list of
 * one text map                         VALUE_MAP of VALUE_TEXT, as written; null stays VALUE_NULL
 *   objects                          VALUE_LIST of VALUE_MAP; an entry that is only a text becomes
 *                                    {name: TEXT}, so "roles: [a]" reads as [{name: a}]
 *   object map                       VALUE_MAP of VALUE_MAP; in pg_rto_plan of VALUE_LIST
 *   any                              as it looks: true/false, plain decimal numbers, null, text
 * A map holds only the keys that were written: an absent key is not managed, never a default.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/attr.h"

#define PARAMS_DEFAULT_SET  "4.5"
#define PARAMS_DEFAULT_DATE "August 1, 2026"

typedef enum ParameterType {
    TYPE_BOOL,
    TYPE_INT,
    TYPE_INT_OR_WORD, /* one of `words` */
    TYPE_REAL,        /* min and max in thousandths */
    TYPE_TEXT,
    TYPE_ENUM,
    TYPE_PATH,
    TYPE_PORT,
    TYPE_IP,
    TYPE_CIDR, /* IPv4 with an optional mask */
    TYPE_SIZE,
    TYPE_INTERVAL,
    TYPE_HOST, /* an IPv4 address or a name, which is not of digits and dots alone */
    TYPE_PASSWORD,
    TYPE_USERNAME,
    TYPE_TOKEN, /* may reach a command line: [A-Za-z0-9_.:-]+, no '-' first */
    TYPE_TEXTS,
    TYPE_PORTS,
    TYPE_CIDRS,
    TYPE_TEXT_MAP,
    TYPE_OBJECT,
    TYPE_OBJECTS,
    TYPE_OBJECT_MAP,
    TYPE_ANY,
    TYPE_COUNT
} ParameterType;

/* Where it is usually written; any place works. */
enum {
    LEVEL_GLOBAL = 1,
    LEVEL_CLUSTER = 2,
    LEVEL_INSTANCE = 4,
    LEVEL_ARGUMENT = 8, /* only sensible on a command line */
};

enum {
    PARAMETER_REQUIRED = 1,   /* a field without which the object means nothing          */
    PARAMETER_DEAD = 2,       /* read by nothing: a warning when written                  */
    PARAMETER_IDENTITY = 4,   /* part of a name: another value is another thing           */
    PARAMETER_SECRET = 8,     /* the text stays in the inventory, only a hole is seen     */
    PARAMETER_PORT_KEYS = 16, /* of TYPE_OBJECT_MAP: the keys are ports                   */
};

/* Which ${…} a value may hold; they are replaced while loading unless noted. */
enum {
    PLACE_ADMIN_IP = 1, /* ${admin_ip}                                                  */
    PLACE_CLUSTER = 2,  /* ${pg_cluster}                                                */
    PLACE_VERSION = 4,  /* ${pg_version}, $v                                            */
    PLACE_LISTEN = 8,   /* ${ip} ${lo} ${vip}                                           */
    PLACE_REPO = 16,    /* ${admin_ip}; ${distro_codename} ${distro_name} are kept      */
};

typedef struct Parameter Parameter;

/* The fields of an object. */
typedef struct ParameterSchema {
    const char *name; /* "user": for messages */
    const Parameter *fields;
    size_t field_count;
    const char *text_field;  /* which field an entry that is only a text fills; NULL: refused */
    ParameterType open_type; /* with is_open: the type of keys that are no field */
    bool is_open;
    bool is_positional; /* a list with the values of all fields in order */
} ParameterSchema;

struct Parameter {
    const char *name;
    ParameterType type;
    unsigned levels;
    const char
        *fallback;     /* default as YAML text; NULL: unset. Of a field: what is done without it */
    const char *doc;   /* one clause */
    const char *feeds; /* the artefacts it ends in */
    const char *words; /* "a|b|c": all that TYPE_ENUM takes; good with any scalar type, and for
                          texts only samples */
    const char *unit;  /* of an int; NULL: a plain number */
    const char *since; /* the default set that gave the default this value; NULL: always */
    int64_t min, max;  /* inclusive; max 0: no range */
    unsigned flags;
    unsigned placeholders;
    const ParameterSchema *schema; /* TYPE_OBJECT, TYPE_OBJECTS, TYPE_OBJECT_MAP */
};

typedef struct ParameterTable {
    const char *section; /* "PG_BOOTSTRAP" */
    const Parameter *rows;
    size_t count;
    const char *title; /* what it is about, one clause */
} ParameterTable;

size_t params_table_count(void);
const ParameterTable *params_table_at(size_t i);

/* All rows, numbered through the tables. */
size_t params_count(void);
const Parameter *params_at(size_t i);

/* The row, or NULL; *ret_number (may be NULL) is its number for params_at(). */
const Parameter *params_find(const char *name, size_t *ret_number);
const char *params_section(const Parameter *row);

/* A field of an object, or NULL. */
const Parameter *params_field(const ParameterSchema *schema, const char *name);

/* "a, b or c" of "a|b|c". */
const char *params_words(Arena *arena, const char *words);

/* "a text", "a port (1-65535)", "one of a, b, c": for messages. */
const char *params_type_name(ParameterType type);

/* "a, b or c" of "a|b|c". */
const char *params_words(Arena *arena, const char *words);

/* A name of an earlier release. */
typedef struct ParameterRename {
    const char *old_name, *new_name; /* new_name "": removed without another */
    const char *since;               /* the release */
    const char *note;                /* how to rewrite the value; NULL: it stays as it is */
    const char *of;                  /* the schema whose field it is; NULL: a parameter */
} ParameterRename;

/* NULL: it never was a name. */
const ParameterRename *params_renamed(const char *name);
const ParameterRename *params_renamed_field(const ParameterSchema *schema, const char *name);

/* "is since Pigsty 2.0 called ip", "was removed in Pigsty 4.0". */
const char *params_rename_text(Arena *arena, const ParameterRename *rename);

/* The i-th one; NULL behind the last. That of a family is the beginning of its names. */
const ParameterRename *params_renamed_at(size_t i);
const ParameterRename *params_renamed_family_at(size_t i);
const ParameterRename *params_renamed_field_at(const ParameterSchema *schema, size_t i);

/* The module of a parameter that belongs to software this program does not manage, or NULL. */
const char *params_foreign_module(const char *name);

/* What to do instead of one of Ansible's words ("ansible_…") that are not supported, or NULL. */
const char *params_refused_advice(const char *name);

/* The known name nearest to a misspelt one, or NULL. */
const char *params_nearest(const char *name);
const char *params_nearest_field(const ParameterSchema *schema, const char *name);

/* The nearest among all parameters and all fields of objects, or NULL. */
const char *params_nearest_of_all(const char *name);
