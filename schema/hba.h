/*
 * schema/hba.h - from HBA rules of the inventory to lines of pg_hba.conf and pgb_hba.conf.
 *
 * A rule is expanded to one line for each address its alias stands for. Lines are sorted by
 * `order`; equal ones keep defaults before own rules; rules without an order come last. What can
 * only be a mistake is refused by hba_check() while the inventory is loaded; the others do as
 * little as possible with such a rule: they leave it away.
 *
 * Differs from Pigsty where that writes lines that PostgreSQL refuses or that do not mean what they
 * say: a bare address gets /32; "ssl" with addr localhost gives hostssl for the host lines; "os"
 * and "ident" on a socket are peer.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/value.h"
#include "schema/inventory.h"

typedef enum HbaTarget {
    HBA_POSTGRES,
    HBA_PGBOUNCER,
} HbaTarget;

typedef struct HbaLine {
    const char *text;     /* aligned, without a newline: "host     all ..." */
    const char *rule;     /* the same with one blank between the words */
    const char *title;    /* of the rule it came from, "" if none */
    int64_t order;        /* INT64_MAX: none was given */
    bool enabled;         /* false: not for the role of this host */
    bool is_default;      /* of the list of default rules */
    const Value *source;  /* the rule it came from */
    const Origin *origin; /* of the rule; NULL for a default */
} HbaLine;

/* The parameter with the rules: of the defaults, or of a cluster's own. */
const char *hba_param(HbaTarget target, bool is_default);

/* The lines of one of the two lists, sorted, those of other roles too. Returns how many. */
size_t hba_list_lines(Arena *arena, const Inventory *inventory, const Host *host, HbaTarget target,
                      bool is_default, HbaLine **ret_lines);

/* The same of both. */
size_t hba_lines(Arena *arena, const Inventory *inventory, const Host *host, HbaTarget target,
                 HbaLine **ret_lines);

typedef struct HbaFile {
    const Value *rules;  /* list of texts: HbaLine.rule of the enabled lines, in order */
    const char *content; /* the file: titles as comments, lines of other roles commented out */
} HbaFile;

const HbaFile *hba_file(Arena *arena, const Inventory *inventory, const Host *host,
                        HbaTarget target);

/* The rules of an existing file in the same form: without comments, one blank between words. */
const Value *hba_rules_of(Arena *arena, const char *content);

/* What is wrong with a rule, or NULL. */
const char *hba_check(Arena *arena, const Value *rule, HbaTarget target);
