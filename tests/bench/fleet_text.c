#include "bench/fleet_text.h"

enum { PER_NET = 200 };

static const char head[] = "all:\n"
                           "  vars:\n"
                           "    version: v4.5.0\n"
                           "    admin_ip: 10.0.0.10\n"
                           "    pgsteer_waivers:\n"
                           "      - { code: W054, reason: as in real fleets, until: 9999-12-31 }\n"
                           "    region: europe\n"
                           "    ansible_user: admin\n"
                           "    pg_version: 15\n"
                           "    pg_rto: fast\n"
                           "    node_timezone: Europe/Vienna\n"
                           "    node_ntp_servers: [ 'pool 10.0.0.10 iburst' ]\n"
                           "    pgbackrest_enabled: false\n"
                           "    pg_admin_password: bench-dba\n"
                           "    pg_monitor_password: bench-monitor\n"
                           "    pg_replication_password: bench-replicator\n"
                           "    patroni_password: bench-patroni\n"
                           "    pg_etcd_password: bench-dcs\n"
                           "    etcd_root_password: bench-etcd\n"
                           "    haproxy_admin_password: bench-haproxy\n"
                           "  children:\n"
                           "    infra: { hosts: { 10.0.0.10: { infra_seq: 1 } } }\n"
                           "    etcd:\n"
                           "      hosts:\n"
                           "        10.0.0.11: { etcd_seq: 1 }\n"
                           "        10.0.0.12: { etcd_seq: 2 }\n"
                           "        10.0.0.13: { etcd_seq: 3 }\n"
                           "      vars: { etcd_cluster: etcd }\n";

static void add_address(Text *text, size_t host)
{
    size_t net = host / PER_NET;
    text_addf(text, "10.%zu.%zu.%zu", 1 + net / 250, net % 250, 10 + host % PER_NET);
}

static void add_members(Text *text, size_t first, size_t count)
{
    text_add(text, "      hosts:\n");
    for (size_t i = 0; i < count; i++) {
        text_add(text, "        ");
        add_address(text, first + i);
        text_addf(text,
                  ": { pg_seq: %zu, pg_role: %s, nodename: db-%zu, node_tune: oltp,"
                  " vip_role: %s }\n",
                  i + 1, i ? "replica" : "primary", first + i, i ? "backup" : "master");
    }
}

static void add_accounts(Text *text, size_t cluster)
{
    text_addf(text,
              "        pg_users:\n"
              "          - { name: app_%zu, password: app-%zu-81c4, pgbouncer: true,"
              " roles: [dbrole_readwrite], connlimit: 200 }\n"
              "          - { name: report_%zu, password: report-%zu-5e20, pgbouncer: true,"
              " roles: [dbrole_readonly] }\n"
              "        pg_databases:\n"
              "          - name: shop_%zu\n"
              "            owner: app_%zu\n"
              "            schemas: [ shop, audit ]\n"
              "            extensions:\n"
              "              - { name: pg_trgm, schema: public }\n"
              "              - { name: btree_gist }\n"
              "            comment: orders and what belongs to them\n",
              cluster, cluster, cluster, cluster, cluster, cluster);
}

static void add_access(Text *text, size_t cluster)
{
    text_addf(text,
              "        pg_hba_rules:\n"
              "          - { title: reports, user: report_%zu, db: shop_%zu,"
              " addr: 172.16.0.0/12, auth: pwd, order: 700 }\n"
              "          - { title: application, user: app_%zu, db: all, addr: intra,"
              " auth: pwd, order: 710 }\n"
              "        pg_services:\n"
              "          - { name: reports, port: 5446, selector: '[]', dest: pgbouncer,"
              " backup: '[? pg_role == `primary` ]' }\n",
              cluster, cluster, cluster);
}

static void add_settings(Text *text, size_t cluster)
{
    text_addf(text,
              "        pg_conf: oltp.yml\n"
              "        pg_parameters:\n"
              "          work_mem: %zuMB\n"
              "          log_min_duration_statement: %zums\n"
              "        pg_vip_enabled: false\n"
              "        node_crontab: [ '%zu 3 * * * /usr/local/bin/report shop_%zu' ]\n",
              4 + cluster % 13, 100 + cluster % 7 * 50, cluster % 60, cluster);
}

static void add_cluster(Text *text, size_t cluster, size_t first, size_t count)
{
    text_addf(text, "    pg-%zu:\n", cluster);
    add_members(text, first, count);
    text_addf(text, "      vars:\n        pg_cluster: pg-%zu\n", cluster);
    add_accounts(text, cluster);
    add_access(text, cluster);
    add_settings(text, cluster);
}

void fleet_text_add(Text *text, size_t host_count)
{
    text_add(text, head);
    for (size_t first = 0; first < host_count; first += FLEET_MEMBERS) {
        size_t left = host_count - first;
        add_cluster(text, first / FLEET_MEMBERS, first,
                    left < FLEET_MEMBERS ? left : FLEET_MEMBERS);
    }
}
