#include "kill_ways.h"

#include "base/attr.h"

/* A node of infra, etcd, and a cluster. */
#define FLEET(etcds, vars, users, replicas, clusters)                                              \
    "all:\n"                                                                                       \
    "  children:\n"                                                                                \
    "    infra: { hosts: { 10.10.10.10: { infra_seq: 1, nodename: infra } } }\n"                   \
    "    etcd: { hosts: { 10.10.10.10: { etcd_seq: 1 }" etcds " } }\n"                             \
    "    pg-test:\n"                                                                               \
    "      vars:\n"                                                                                \
    "        pg_cluster: pg-test\n" vars                                                           \
    "        pg_users: [ { name: app, password: DBUser.App, roles: [dbrole_readwrite] }" users     \
    " ]\n"                                                                                         \
    "      hosts:\n"                                                                               \
    "        10.10.10.11: { pg_seq: 1, pg_role: primary }\n" replicas clusters                     \
    "  vars: { admin_ip: 10.10.10.10, pg_version: 15 }\n"

#define REPLICA  "        10.10.10.12: { pg_seq: 2, pg_role: replica }\n"
#define SECOND   "        10.10.10.13: { pg_seq: 3, pg_role: replica }\n"

#define DATABASE "        pg_databases: [ { name: app, owner: app, schemas: [app] } ]\n"
#define DATABASES                                                                                  \
    "        pg_databases: [ { name: app, owner: report, schemas: [app, more], comment: hello },"  \
    " { name: other, owner: report, extensions: [ { name: pg_trgm } ] } ]\n"

#define OLD_USERS ", { name: report, password: DBUser.One }"
#define NEW_USERS                                                                                  \
    ", { name: report, password: DBUser.Two, connlimit: 3,"                                        \
    " pgbouncer: true }, { name: more, createdb: true }"

#define FEW_CONNECTIONS "        pg_max_conn: 300\n"
#define MANY_CONNECTIONS                                                                           \
    "        pg_max_conn: 700\n        pg_parameters: { work_mem: 32MB, shared_buffers: 512MB }\n"

#define PASSWORDS                                                                                  \
    "        pg_admin_password: Pass.Admin\n        pg_monitor_password: Pass.Monitor\n"           \
    "        patroni_password: Pass.Patroni\n"
#define RULES                                                                                      \
    "        pg_hba_rules: [ { user: app, db: app, addr: intra, auth: pwd, title: apps } ]\n"      \
    "        pg_services: [ { name: slow, port: 5439, dest: postgres, selector: '[]' } ]\n"

#define ETCDS ", 10.10.10.11: { etcd_seq: 2 }, 10.10.10.12: { etcd_seq: 3 }"

#define OTHER_CLUSTER                                                                              \
    "    pg-other:\n"                                                                              \
    "      vars: { pg_cluster: pg-other }\n"                                                       \
    "      hosts: { 10.10.10.13: { pg_seq: 1, pg_role: primary } }\n"

#define PLAIN FLEET("", DATABASE, "", REPLICA, "")

const KillWay kill_ways[] = {
    {"bare", {PLAIN}},
    {"access",
     {FLEET("", DATABASE, OLD_USERS, "", ""), FLEET("", DATABASES RULES, NEW_USERS, "", "")}},
    {"restart", {PLAIN, FLEET("", DATABASE MANY_CONNECTIONS, "", REPLICA, "")}},
    {"fewer",
     {FLEET("", DATABASE MANY_CONNECTIONS, "", REPLICA, ""),
      FLEET("", DATABASE FEW_CONNECTIONS, "", REPLICA, "")}},
    {"join", {PLAIN, FLEET("", DATABASE, "", REPLICA SECOND, "")}},
    {"leave", {FLEET("", DATABASE, "", REPLICA SECOND, ""), PLAIN}},
    {"passwords", {PLAIN, FLEET("", DATABASE PASSWORDS, "", REPLICA, "")}},
    {"etcd", {PLAIN, FLEET(ETCDS, DATABASE, "", REPLICA, "")}},
    {"cluster", {PLAIN, FLEET("", DATABASE, "", REPLICA, OTHER_CLUSTER)}},
};

const size_t kill_way_count = COUNT_OF(kill_ways);
