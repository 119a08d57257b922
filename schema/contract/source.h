/*
 * schema/contract/source.h - one thing that can be read, as a row.
 *
 * The engine runs the union of the sources that a command's kinds name, stage by stage, one round
 * trip per node and stage: 0 the node probe, 1 DCS and Patroni REST, 2 SQL on the members, 3 SQL in
 * the databases that the plan touches. A source whose `needs` reading is not known, or whose
 * `gate` says no, is not asked (a bare node has no Patroni to ask; that is known, not unknown).
 *
 * What a source is asked *about* (which files, which units, which databases) are its arguments: the
 * arguments that the desired resources on that node ask for (resource_ask), or their names, for the
 * kinds that list it in Kind.sources. They
 * travel as length-prefixed data, never as command text.
 *
 * parse() is pure: foreign bytes in, Value out; it must survive any bytes (fuzzed).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/value.h"
#include "schema/contract/facts.h"

typedef enum SourceVia {
    VIA_PROBE, /* `text` is a Perl fragment of the constant node probe                          */
    VIA_REST,  /* `text` is a path of the Patroni REST API, asked through the node              */
    VIA_SQL, /* `text` is one statement that returns one JSON text, asked as the database superuser
                over the node's own socket; $1 is the JSON list of arguments                  */
} SourceVia;

typedef enum SourceScope {
    SCOPE_NODE,     /* asked on each node; subject = host address                    */
    SCOPE_LEADER,   /* asked on the member that leads now; subject = cluster name    */
    SCOPE_DATABASE, /* asked on the leader in each database; subject = cluster/database */
} SourceScope;

typedef struct Source {
    const char *name; /* "node.units", "patroni.config", "sql.roles" */
    SourceScope scope;
    SourceVia via;
    int stage; /* 0-3 */
    const char *text;
    int64_t budget_ms;
    size_t max_bytes;
    /* NULL: the answer is JSON. `exit_status` is the fragment's, or the HTTP status. */
    Error *(*parse)(Arena *arena, const char *bytes, size_t length, int status, const Value **ret);
    /* NULL: always. Should this subject be asked, given what is known? */
    bool (*gate)(const Facts *facts, const char *host_address);
    const char *doc; /* one clause for `status` and the manual */
} Source;
