/*
 * schema/inventory_internal.h - the parts of an inventory, for inventory*.c and rules*.c only.
 *
 * A definition (Var) is typed once, where it is written, and shared by all hosts that see it. A
 * host is a list of layers of definitions, widest first; a parameter is looked up from the
 * narrowest one. Only definitions that hold secrets or placeholders have a value of their own per
 * host, or per cluster where that is enough.
 */
#pragma once

#include "base/key_index.h"
#include "base/map.h"
#include "schema/document.h"
#include "schema/inventory.h"
#include "schema/params.h"
#include "schema/secret.h"
#include "schema/typing.h"

typedef struct Var {
    const char *name;
    const Parameter *row; /* NULL: not in the table */
    const DocNode *key;   /* NULL: a default */
    const DocNode *node;
    Typed typed; /* value NULL: could not be typed, as if not written */
} Var;

enum {
    VARS_MAX = 320,           /* parameters of the table */
    VAR_STRANGER = UINT16_MAX /* the number of a name that is not in the table */
};

/* A set of parameters of the table, by number. */
typedef struct ParamSet {
    uint64_t bits[VARS_MAX / 64];
} ParamSet;

/* The definitions of one place: `vars` of all, of a group, of a host, or the defaults. Hosts are
 * asked for a hundred parameters each, so those of the table are found by their number in it. */
typedef struct VarSet {
    const char **names;
    Var *vars;
    uint16_t *numbers; /* in the table, or VAR_STRANGER */
    size_t count;
    KeyIndex index;
    ParamSet has;        /* most questions end here */
    uint32_t *differing; /* positions of those whose value differs from host to host */
    size_t differing_count, differing_capacity;
} VarSet;

typedef struct VarSets {
    const VarSet **items;
    size_t count, capacity;
} VarSets;

struct Group {
    const char *name;
    Origin origin;
    VarSets sets;    /* one a file */
    VarSets *beside; /* of group_vars, one for each folder of the inventory; NULL: none */
    const Host **hosts;
    size_t host_count, host_capacity;
};

/* The value of a definition that differs from host to host. */
typedef struct Resolved {
    const Var *var;
    const Value *value;
} Resolved;

struct Host {
    const Inventory *inventory;
    size_t number; /* in file order */
    const char *address, *name, *instance, *cluster;
    Origin origin;
    const Group **groups; /* in file order */
    size_t group_count, group_capacity;
    VarSets own;    /* host variables, in file order */
    VarSets layers; /* everything, widest first, without the defaults */
    const Resolved *resolved;
    size_t resolved_count;
    const Host *lead; /* the first host in file order of the same cluster; itself if in none */
};

/* A file that was read. */
typedef struct SourceBytes {
    const char *bytes;
    size_t length;
} SourceBytes;

struct Inventory {
    Arena *arena;
    Diagnostics *diagnostics; /* while loading */
    const FileTree *tree;     /* while loading: where files are */
    Places places;
    const VarSet *defaults; /* one for each row of the table, in its order */
    VarSets all, all_beside;
    SourceBytes *files;
    size_t file_count, file_capacity, byte_count;
    Map *directories;     /* of one walk: real path → the path by which it was gone into */
    const char **folders; /* where group_vars and host_vars may be, the narrowest last */
    size_t folder_count, folder_capacity;
    size_t parsed_count;
    bool is_broken; /* a file is missing: what the others say is not checked any further */
    Host **hosts;
    size_t host_count, host_capacity;
    ParamSet own_params; /* that one host at least has in its own variables */
    Map *host_by_address;
    Map *groups; /* name → Group, file order */
    PgCluster **clusters;
    size_t cluster_count, cluster_capacity;
    Map *cluster_by_name;
    Map *secrets;         /* address → Secret */
    Map *nearest;         /* unknown name → the known one that looks like it, or "" */
    const char **foreign; /* modules whose parameters were met */
    size_t foreign_count, foreign_capacity, foreign_uses;
    Origin foreign_origin;
    SecretKeys keys;
};

/* inventory_sources.c: files and directories. `bytes` is NUL-terminated. */
MUST_USE Error *inventory_read_sources(Inventory *inventory, const char *const *paths,
                                       size_t path_count);
void inventory_take_bytes(Inventory *inventory, const char *name, const char *bytes, size_t length);

/* Where the inventory is read from. */
FileType inventory_file_type(const Inventory *inventory, const char *path);

/* The names in a directory; false: it was reported. A walk begins with depth 0; one that was gone
 * into before in the same walk is refused, so that links among directories lead to an end. */
bool inventory_list(Inventory *inventory, const char *path, unsigned depth,
                    const char *const **ret_names, size_t *ret_count);

/* Read a file that was found, not named; problems are reported. The root, or NULL. */
const DocNode *inventory_read_found(Inventory *inventory, const char *path);

/* Something that was found cannot be read. Takes the error. */
void inventory_report_unreadable(Inventory *inventory, Error *error);

/* Is it a name that Ansible leaves out when it reads a directory of inventories? */
bool inventory_ignores(const char *name);

/* The part of a name from its last dot on, "" if there is none, and whether it is one of YAML. */
const char *inventory_extension(const char *name);
bool inventory_is_yaml_extension(const char *extension);

/* inventory_beside.c: group_vars and host_vars of all folders; groups and hosts are known. */
void inventory_take_beside(Inventory *inventory);

/* inventory_tree.c: take one parsed file in; after the last one, settle who is ungrouped. */
void inventory_take(Inventory *inventory, const DocNode *root, const char *directory);
void inventory_settle_groups(Inventory *inventory);

/* inventory_vars.c: the definitions of a map node; NULL node: none. */
const VarSet *inventory_vars(Inventory *inventory, const DocNode *map, const char *directory);
const VarSet *inventory_defaults(Inventory *inventory);
const Var *varset_find(const VarSet *set, const char *name);

/* The number of a name in the table, or VAR_STRANGER, and the definition with a number (not that),
 * or NULL. */
size_t inventory_number(const Inventory *inventory, const char *name);
const Var *varset_at(const VarSet *set, size_t number);

static inline bool paramset_has(const ParamSet *set, size_t number)
{
    return set->bits[number / 64] >> number % 64 & 1;
}

static inline void paramset_add(ParamSet *set, size_t number)
{
    set->bits[number / 64] |= (uint64_t)1 << number % 64;
}

void paramset_join(ParamSet *set, const ParamSet *more);

/* Have two sets a parameter in common? */
bool paramset_meets(const ParamSet *a, const ParamSet *b);

/* inventory_resolve.c: layers, identity, clusters, values that differ from host to host. */
void inventory_resolve(Inventory *inventory);

/* The definition that counts on a host: never NULL for a row of the table. */
const Var *host_var(const Host *host, const char *name);
const Var *host_var_at(const Host *host, size_t number);

/* May two hosts differ in one of these parameters? Not where they see the same places, except for
 * their own variables, and have none of them there. */
bool hosts_may_differ(const Host *a, const Host *b, const ParamSet *params);

/* Does the i-th definition of a set count on a host that sees the set? */
bool host_follows(const Host *host, const VarSet *set, size_t i);

/* inventory_values.c */
void inventory_resolve_values(Inventory *inventory);
const Value *host_var_value(const Host *host, const Var *var);

/* waivers.c: when everything else was said: what the inventory waives of it. */
void inventory_waive(const Inventory *inventory, Diagnostics *diagnostics);
