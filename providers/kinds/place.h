/*
 * providers/kinds/place.h - what a host is for, and the words that the tables of the node kinds
 * use.
 *
 * The tables name paths, owners and contents as texts with words between at signs
 * ("/etc/@dbsu@"); place_expand() puts the host's own value there. Pure; any thread.
 */
#pragma once

#include "base/arena.h"
#include "schema/contract/facts.h"
#include "schema/contract/resource.h"
#include "schema/inventory.h"

/* Bits: a host has several roles at once. */
enum {
    PLACE_ANY = 1,      /* every host                                    */
    PLACE_REPO = 2,     /* infra node that serves the package repository */
    PLACE_ETCD = 4,     /* member of etcd                                */
    PLACE_PG = 8,       /* member of a PostgreSQL cluster                 */
    PLACE_POOLER = 16,  /* ... with PgBouncer                            */
    PLACE_PROXY = 32,   /* ... with HAProxy                               */
    PLACE_PATRONI = 64, /* ... under Patroni                            */
    PLACE_INFRA = 128,
    PLACE_LEASES = 256, /* member of etcd that keeps leases              */
};

unsigned place_roles(const Host *host);

/* A member of etcd, where the inventory says that leases are kept in it. */
bool place_keeps_leases(const Host *host);

/* `text` with every @word@ replaced; asserts that the word exists. */
const char *place_expand(Arena *arena, const Host *host, const char *text);

/* "etcd-1": the host's name in the etcd cluster. */
const char *place_etcd_member(Arena *arena, const Host *host);

/* The host that holds the certificate authority: the first infra node, without an infra group the
 * first member of etcd; NULL if there is neither. */
const Host *place_ca_host(const Inventory *inventory);

/* The list that the host's packages come from, written by kind apt; "" when the node keeps the
 * sources that it has: its modules do not name the local repository, or nobody serves one. */
const char *place_apt_list(const Inventory *inventory, const Host *host);

/* The verb that reads it again: the node that holds the repository does not wait for its own web
 * server. */
const char *place_apt_refresh(const Host *host);

/* What `source` said about the host; else NULL, and `scope` is marked unknown in `out`. */
const Value *place_reading(ResourceSet *out, const Facts *facts, const Host *host,
                           const char *scope, const char *source);

/* The entry `name` of such a reading; else NULL, and `scope` is marked unknown in `out`: an entry
 * that was not asked about says nothing. */
const Value *place_entry(ResourceSet *out, const Value *reading, const char *scope,
                         const char *name);
