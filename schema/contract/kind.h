/*
 * schema/contract/kind.h - a sort of manageable thing: a table of params and two pure functions.
 *
 * A kind knows nothing of other kinds, transports or order. desired() turns the inventory into
 * wanted resources (it must work with empty facts: what cannot be known yet is late); read() turns
 * facts into seen resources. desired() is called twice: with empty facts and `for_asking`, for what
 * must be read, where params that take time can be left out; then with what was read. The diff,
 * planning, help and manual are generic over the tables.
 *
 * Adding a kind: one file in providers/kinds with one `const Kind`, one line in its registry.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "schema/contract/facts.h"
#include "schema/contract/resource.h"

typedef enum ParamType {
    PARAM_BOOL,
    PARAM_INT,
    PARAM_STRING,
    PARAM_SIZE,     /* text; equal when the same number of bytes */
    PARAM_DURATION, /* text; equal when the same milliseconds    */
    PARAM_LIST,     /* order counts                               */
    PARAM_SET,      /* a list in which order does not count       */
    PARAM_MAP,      /* compared key by key                        */
    PARAM_TEXT,     /* long text, shown as a line diff            */
    PARAM_LINES,    /* list of lines, shown as a line diff        */
    PARAM_SETTINGS, /* map of PostgreSQL settings, compared in the server's unit and vartype */
} ParamType;

/* What a change of a param needs, besides the kind's own verb. Ordered: the larger includes the
 * smaller, so folding needs is max(). */
typedef enum Need {
    NEED_NOTHING,   /* the verb itself is all                                   */
    NEED_RELOAD,    /* the service must re-read its files: no session notices   */
    NEED_RECONNECT, /* named sessions are cut                                    */
    NEED_RESTART,   /* the service must be restarted                             */
    NEED_RECREATE,  /* cannot be changed in place: replaced, or refused for data  */
    NEED_COUNT
} Need;

/* Whose service a need is about (who reloads, who restarts). */
typedef enum Service {
    SERVICE_NONE,
    SERVICE_ETCD,
    SERVICE_PATRONI,  /* the daemon */
    SERVICE_POSTGRES, /* through Patroni */
    SERVICE_PGBOUNCER,
    SERVICE_HAPROXY,
    SERVICE_NGINX,
    SERVICE_SYSTEMD, /* daemon-reload */
    SERVICE_APT,     /* package lists */
    SERVICE_COUNT
} Service;

enum {
    PARAM_FLAG_SECRET = 1,      /* never printed, stored or digested reversibly          */
    PARAM_FLAG_CREATE_ONLY = 2, /* fixed for life: a difference is a finding or a recreate */
    PARAM_FLAG_FOLD = 4,        /* not listed in a plan of a new resource unless -v       */
    PARAM_FLAG_ADD_ONLY = 8,    /* a set/map/list of which extra observed entries are not ours */
    PARAM_FLAG_SESSIONS = 16,   /* PostgreSQL settings that only some sessions begin with      */
};

typedef struct ParamRow {
    const char *name;
    ParamType type;
    Need need;
    Service service;
    unsigned flags;
    const char *doc;       /* one sentence */
    const char *inventory; /* the inventory parameter(s) it comes from, for explain; or NULL */
} ParamRow;

struct Kind {
    const char *name;
    DomainType domain;
    const char *doc;
    bool folds;        /* listed as "N more" in a plan of new resources unless -v */
    bool data_bearing; /* removing it loses data */
    Service starts;    /* creating one starts this service, which then needs no reload for it */
    const ParamRow *params;
    size_t param_count;
    const char *const *sources; /* NULL-terminated names */
    /* Names of the verbs for create, update, delete; NULL: the kind cannot do that. */
    const char *create_verb, *update_verb, *delete_verb;

    Error *(*desired)(const Domain *domain, const Facts *facts, ResourceSet *out);
    Error *(*read)(const Domain *domain, const Facts *facts, ResourceSet *out);
    /* Optional (PARAM_MAP and PARAM_SETTINGS): the need of one key. NULL: the row's need. */
    Need (*key_need)(const Domain *domain, const Facts *facts, const char *param, const char *key);
};

/* Index of a param row, or -1. */
int kind_param(const Kind *kind, const char *name);

const char *need_name(Need need);
const char *service_name(Service service);
