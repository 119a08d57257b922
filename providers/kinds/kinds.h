/*
 * providers/kinds/kinds.h - all kinds, one line each; the list itself is in registry.c.
 *
 * Adding a kind: one file beside this one with its `const Kind kind_xxx`, a line here and a line in
 * registry.c (and its name in providers/CMakeLists.txt).
 */
#pragma once

#include "schema/contract/kind.h"

extern const Kind kind_apt;
extern const Kind kind_autoconf;
extern const Kind kind_ca;
extern const Kind kind_cert;
extern const Kind kind_config;
extern const Kind kind_database;
extern const Kind kind_dir;
extern const Kind kind_etcd;
extern const Kind kind_etcd_auth;
extern const Kind kind_etcd_user;
extern const Kind kind_file;
extern const Kind kind_haproxy;
extern const Kind kind_hba;
extern const Kind kind_instance;
extern const Kind kind_link;
extern const Kind kind_node;
extern const Kind kind_packages;
extern const Kind kind_pooler;
extern const Kind kind_provision;
extern const Kind kind_repo;
extern const Kind kind_role;
extern const Kind kind_service;
extern const Kind kind_unit;
extern const Kind kind_user;

/* NULL-terminated; the order in which plans list them. */
extern const Kind *const pgsteer_kinds[];
