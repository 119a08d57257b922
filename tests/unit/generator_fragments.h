/* tests/unit/generator_fragments.h - what the inventories of the generator are made of. */
#pragma once

#include <stddef.h>

enum { TEXTS_MAX = 6 };

/* Whose variable it is. */
typedef enum Where { IN_FLEET, IN_INFRA, IN_ETCD, IN_CLUSTER, IN_MEMBER, WHERE_COUNT } Where;

/* What a later inventory of the same fleet may say. */
typedef enum Rule {
    CHANGES, /* anything */
    GROWS,   /* this text or a later one: less would take data away */
    STAYS,   /* the same: it is fixed when a thing is made */
} Rule;

/* What fragments are items of; each is one of another, the first of none. */
typedef enum List {
    SIZES, /* counts, which are not written */
    VARS,
    USERS,
    DATABASES,
    HBA_RULES,
    POOL_RULES,
    SERVICES,
    PARAMETERS,
    DCS,
    DCS_POSTGRESQL,
    DCS_PARAMETERS,
    DCS_SLOTS,
    EXTENSION_PACKAGES,
    LIST_COUNT
} List;

typedef struct ListRow {
    List parent;
    const char *open, *close;
} ListRow;

typedef struct Fragment {
    Where where;
    List list;
    Rule rule;
    const char *texts[TEXTS_MAX]; /* until NULL; "": it is not there; '#': the place */
} Fragment;

extern const ListRow generator_lists[LIST_COUNT];

/* The first ones are the sizes. */
enum { ETCD_SIZE, CLUSTERS, MEMBERS, PRIMARY, ROLE, FIRST_FRAGMENT };
extern const Fragment generator_fragments[];
extern const size_t generator_fragment_count;
