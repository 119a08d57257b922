/*
 * cli/explain.h - where things come from, offline: a parameter on hosts (explain_var*), an object
 * of what is wanted (explain_object*), a setting of PostgreSQL on hosts (explain_setting*).
 *
 * Each question is answered by one struct, which is then written as text or as JSON. Secrets never
 * get into it: values are masked when they are taken.
 */
#pragma once

#include "cli/session.h"
#include "plans/page.h"
#include "schema/inventory_trace.h"
#include "schema/params.h"

/* -- hosts ----------------------------------------------------------------------------------- */

/* The ones that were asked about, in file order; at least one. */
typedef struct ExplainHosts {
    const Host **items;
    size_t count, capacity;
    Map *by_address;
    const char *cluster; /* whose members they are, or NULL */
} ExplainHosts;

/* `host` (an address, name or instance) and `cluster` may be NULL: all. Errors: ERROR_INVALID for
 * names that are not known, with the nearest one. */
MUST_USE Error *explain_hosts(const Session *session, const char *host, const char *cluster,
                              ExplainHosts *ret);

bool explain_is_asked(const ExplainHosts *hosts, const Host *host);

/* "pg-test-1 (10.10.10.11)", "both hosts of pg-test", "all 12 hosts" */
const char *explain_asked(Arena *arena, const ExplainHosts *hosts);

/* The names, at most a few of them without -v. */
const char *explain_names(const Page *page, Arena *arena, const Host *const *hosts, size_t count);
const char *explain_count(Arena *arena, size_t count); /* "1 host", "3 hosts" */
const Value *explain_names_json(Arena *arena, const Host *const *hosts, size_t count);

/* -- one parameter --------------------------------------------------------------------------- */

/* A definition that counts on some of the hosts. */
typedef struct VarWinner {
    const Definition *definitions; /* that apply to the first of the hosts, strongest first */
    size_t definition_count;
    const Definition *winner; /* one of them */
    const Value *value;       /* on the first of the hosts, placeholders filled */
    bool differs;             /* other hosts have another value */
    bool is_mixed;            /* to other hosts, other definitions apply */
    const Host **hosts;
    size_t host_count, host_capacity;
} VarWinner;

typedef struct VarAnswer {
    const Parameter *row;
    const ExplainHosts *hosts;
    VarWinner *winners; /* in the order of their first host */
    size_t winner_count, winner_capacity;
    const Diagnostic **warnings; /* of the lines that count */
    size_t warning_count, warning_capacity;
    bool has_readers;     /* they were looked for: of one host, or one cluster */
    const char **readers; /* "config.pg-test (settings)" */
    size_t reader_count, reader_capacity;
} VarAnswer;

/* `name` is in the table. */
MUST_USE Error *explain_var(const Session *session, const char *name, const ExplainHosts *hosts,
                            VarAnswer *ret);

/* Find the objects on the hosts that are made of the parameter. */
MUST_USE Error *explain_readers(const Session *session, VarAnswer *answer);

void explain_var_text(const Page *page, Arena *arena, const Registry *registry,
                      const VarAnswer *answer);
const Value *explain_var_json(Arena *arena, const Registry *registry, const VarAnswer *answer);

/* -- one object ------------------------------------------------------------------------------ */

/* A whole param, or one key of a map or of settings. */
typedef struct ObjectLine {
    const ParamRow *row;
    const char *key;      /* or NULL */
    const Value *value;   /* masked; NULL: not managed */
    const Origin *origin; /* where it is written; or NULL */
    const char *param;    /* the parameter of which it is the value, or a part; or NULL */
    const char *reason;   /* a formula; or NULL */
    const char *secret;   /* what kind of secret it is; or NULL */
    bool is_default;      /* of `param` */
} ObjectLine;

/* For people: the value, why it has it, and where it is written ("default"; "": nobody says). */
const char *explain_line_value(Arena *arena, const ObjectLine *line);
const char *explain_line_reason(Arena *arena, const ObjectLine *line);
const char *explain_line_source(Arena *arena, const ObjectLine *line);

const Value *explain_line_json(Arena *arena, const Kind *kind, const ObjectLine *line);

typedef struct ObjectAnswer {
    const Resource *resource;
    const Domain *domain;
    const Host *host;     /* whose parameters it is made of */
    const ParamRow *only; /* the param that was asked about; NULL: all */
    const char *only_key; /* and its key; NULL: all */
    ObjectLine *lines;
    size_t line_count, line_capacity;
    const char **params; /* of the inventory, that it is made of */
    size_t param_count, param_capacity;
} ObjectAnswer;

/* ADDRESS, ADDRESS.PARAM, ADDRESS.KEY or ADDRESS.PARAM.KEY. Errors: ERROR_INVALID for what there is
 * not, with the nearest one. */
MUST_USE Error *explain_object(const Session *session, const char *address, ObjectAnswer *ret);

void explain_object_text(const Page *page, Arena *arena, const ObjectAnswer *answer);
const Value *explain_object_json(Arena *arena, const ObjectAnswer *answer);

/* -- all objects of a cluster or a node ------------------------------------------------------ */

typedef struct ScopeAnswer {
    const char *name;
    const Domain *domain;   /* whose name it is, or that of its node; NULL: of none */
    const Resource **items; /* kind by kind */
    size_t count, capacity;
} ScopeAnswer;

MUST_USE Error *explain_scope(const Session *session, const char *name, ScopeAnswer *ret);

void explain_scope_text(const Page *page, Arena *arena, const ScopeAnswer *answer);
const Value *explain_scope_json(Arena *arena, const ScopeAnswer *answer);

/* "cluster pg-test (pgsteer.yml:10:9)" */
const char *explain_domain(Arena *arena, const Domain *domain);

/* What a kind wants in a domain when nothing is known of the nodes. */
MUST_USE Error *explain_wanted(const Session *session, const Kind *kind, const Domain *domain,
                               ResourceSet **ret);

/* The line of one key, and all lines of one param. */
void explain_key(Arena *arena, const Inventory *inventory, const Resource *resource,
                 const ParamRow *row, const char *key, ObjectAnswer *answer);
void explain_lines(Arena *arena, const Inventory *inventory, const Resource *resource,
                   const ParamRow *row, ObjectAnswer *answer);

/* -- one setting of PostgreSQL ---------------------------------------------------------------- */

typedef struct SettingSource {
    const Resource *resource;
    ObjectLine line;
} SettingSource;

/* What counts on some of the hosts, and what it shadows there. */
typedef struct SettingWinner {
    const SettingSource *sources; /* strongest first */
    size_t source_count;
    const Host **hosts;
    size_t host_count, host_capacity;
} SettingWinner;

typedef struct SettingAnswer {
    const char *name;
    const ExplainHosts *hosts;
    SettingWinner *winners;
    size_t winner_count, winner_capacity;
    SettingSource *sessions; /* of roles and databases that begin with another value */
    size_t session_count, session_capacity;
    const char **known; /* all settings that were met, for suggestions */
    size_t known_count, known_capacity;
} SettingAnswer;

/* No winner: nothing wants a setting of that name on these hosts, see explain_unknown(). */
MUST_USE Error *explain_setting(const Session *session, const char *name, const ExplainHosts *hosts,
                                SettingAnswer *ret);

/* ERROR_INVALID: the name is no parameter, and no setting that is wanted; and what it could mean.
 */
MUST_USE Error *explain_unknown(Arena *arena, const SettingAnswer *answer);

void explain_setting_text(const Page *page, Arena *arena, const SettingAnswer *answer);
const Value *explain_setting_json(Arena *arena, const SettingAnswer *answer);

/* -- what the answers share ------------------------------------------------------------------ */

/* A copy in which everything behind a key that looks secret is a hole; the addresses of holes begin
 * with `prefix`. */
const Value *explain_mask(Arena *arena, const Value *value, const char *prefix);

/* "pgsteer.yml:14:9" */
const char *explain_place(Arena *arena, const Origin *origin);
const Value *explain_place_json(Arena *arena, const Origin *origin);

/* A value on a line: as it is, or how much it holds when it is long. */
const char *explain_brief(Arena *arena, const Value *value);

/* How many of so many winners are shown, and a line about the rest. */
size_t explain_shown(const Page *page, size_t count);
void explain_hidden(const Page *page, Arena *arena, size_t count);

/* All of a long value, an entry a line; nothing when explain_brief shows it. */
void explain_rest(const Page *page, Arena *arena, const Value *value);
