/*
 * providers/kinds/kinds.h - all kinds, one entry each, in the order in which plans list them.
 *
 * Adding a kind: one file beside this one with its `const Kind kind_xxx` (and the file's name in
 * providers/CMakeLists.txt), one entry here.
 */
#pragma once

#include "schema/contract/kind.h"

/* clang-format off */
#define PGSTEER_KINDS(KIND) \
    /* infra */   \
    KIND(repo)    \
    KIND(ca)      \
    /* node */    \
    KIND(node)    \
    KIND(apt)     \
    KIND(packages) \
    KIND(user)    \
    KIND(dir)     \
    KIND(link)    \
    KIND(file)    \
    KIND(unit)    \
    KIND(cert)    \
    /* etcd */    \
    KIND(etcd_learner) \
    KIND(etcd)    \
    KIND(etcd_auth) \
    KIND(etcd_user) \
    /* cluster */ \
    KIND(instance) \
    KIND(config)  \
    KIND(autoconf) \
    KIND(hba)     \
    KIND(provision) \
    KIND(role)    \
    KIND(database) \
    KIND(pooler)  \
    KIND(service) \
    KIND(haproxy)
/* clang-format on */

#define KIND_DECLARE(name) extern const Kind kind_##name;
PGSTEER_KINDS(KIND_DECLARE)
#undef KIND_DECLARE

/* NULL-terminated. */
extern const Kind *const pgsteer_kinds[];
