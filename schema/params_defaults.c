/* Defaults that are more than a word, as YAML in the shape a user would write. */
#include "schema/params_tables.h"

const char default_roles[] =
    "- { name: dbrole_readonly, login: false, comment: reads every database }\n"
    "- { name: dbrole_offline, login: false, comment: reads on offline members only }\n"
    "- { name: dbrole_readwrite, login: false, roles: [dbrole_readonly],"
    " comment: reads and writes every database }\n"
    "- { name: dbrole_admin, login: false, roles: [pg_monitor, dbrole_readwrite],"
    " comment: creates objects }\n"
    "- { name: postgres, superuser: true, comment: system superuser }\n"
    "- { name: replicator, replication: true, roles: [pg_monitor, dbrole_readonly],"
    " comment: system replicator }\n"
    "- { name: dbuser_dba, superuser: true, roles: [dbrole_admin], pgbouncer: true,"
    " pool_mode: session, pool_connlimit: 16, comment: administrator }\n"
    "- { name: dbuser_monitor, roles: [pg_monitor, dbrole_readonly], pgbouncer: true,"
    " parameters: { log_min_duration_statement: 1000 }, pool_mode: session, pool_connlimit: 8,"
    " comment: monitoring }\n";

const char default_privileges[] = "- GRANT USAGE ON SCHEMAS TO dbrole_readonly\n"
                                  "- GRANT SELECT ON TABLES TO dbrole_readonly\n"
                                  "- GRANT SELECT ON SEQUENCES TO dbrole_readonly\n"
                                  "- GRANT EXECUTE ON FUNCTIONS TO dbrole_readonly\n"
                                  "- GRANT USAGE ON SCHEMAS TO dbrole_offline\n"
                                  "- GRANT SELECT ON TABLES TO dbrole_offline\n"
                                  "- GRANT SELECT ON SEQUENCES TO dbrole_offline\n"
                                  "- GRANT EXECUTE ON FUNCTIONS TO dbrole_offline\n"
                                  "- GRANT INSERT ON TABLES TO dbrole_readwrite\n"
                                  "- GRANT UPDATE ON TABLES TO dbrole_readwrite\n"
                                  "- GRANT DELETE ON TABLES TO dbrole_readwrite\n"
                                  "- GRANT USAGE ON SEQUENCES TO dbrole_readwrite\n"
                                  "- GRANT UPDATE ON SEQUENCES TO dbrole_readwrite\n"
                                  "- GRANT TRUNCATE ON TABLES TO dbrole_admin\n"
                                  "- GRANT REFERENCES ON TABLES TO dbrole_admin\n"
                                  "- GRANT TRIGGER ON TABLES TO dbrole_admin\n"
                                  "- GRANT CREATE ON SCHEMAS TO dbrole_admin\n";

const char default_extensions[] = "- { name: pg_stat_statements, schema: monitor }\n"
                                  "- { name: pgstattuple, schema: monitor }\n"
                                  "- { name: pg_buffercache, schema: monitor }\n"
                                  "- { name: pageinspect, schema: monitor }\n"
                                  "- { name: pg_prewarm, schema: monitor }\n"
                                  "- { name: pg_visibility, schema: monitor }\n"
                                  "- { name: pg_freespacemap, schema: monitor }\n"
                                  "- { name: postgres_fdw, schema: public }\n"
                                  "- { name: file_fdw, schema: public }\n"
                                  "- { name: btree_gist, schema: public }\n"
                                  "- { name: btree_gin, schema: public }\n"
                                  "- { name: pg_trgm, schema: public }\n"
                                  "- { name: intagg, schema: public }\n"
                                  "- { name: intarray, schema: public }\n"
                                  "- { name: pg_repack }\n";

const char default_hba_rules[] =
    "- { user: '${dbsu}', db: all, addr: local, auth: ident, order: 100,"
    " title: database superuser by its system user }\n"
    "- { user: '${dbsu}', db: replication, addr: local, auth: ident, order: 150,"
    " title: replication of the database superuser by its system user }\n"
    "- { user: '${repl}', db: replication, addr: localhost, auth: pwd, order: 200,"
    " title: replication from this node }\n"
    "- { user: '${repl}', db: replication, addr: intra, auth: pwd, order: 250,"
    " title: replication from the intranet }\n"
    "- { user: '${repl}', db: postgres, addr: intra, auth: pwd, order: 300,"
    " title: rewind from the intranet }\n"
    "- { user: '${monitor}', db: all, addr: localhost, auth: pwd, order: 350,"
    " title: monitoring from this node }\n"
    "- { user: '${monitor}', db: all, addr: infra, auth: pwd, order: 400,"
    " title: monitoring from infra nodes }\n"
    "- { user: '${admin}', db: all, addr: intra, auth: pwd, order: 450,"
    " title: administrator from the intranet }\n"
    "- { user: '${admin}', db: all, addr: world, auth: ssl, order: 500,"
    " title: administrator from anywhere with TLS }\n"
    "- { user: '+dbrole_readonly', db: all, addr: localhost, auth: pwd, order: 550,"
    " title: pooled sessions from this node }\n"
    "- { user: '+dbrole_readonly', db: all, addr: intra, auth: pwd, order: 600,"
    " title: business users from the intranet }\n"
    "- { user: '+dbrole_offline', db: all, addr: intra, auth: pwd, order: 650,"
    " title: offline users from the intranet }\n";

const char default_pgb_hba_rules[] =
    "- { user: '${dbsu}', db: pgbouncer, addr: local, auth: peer, order: 100,"
    " title: pool console by the system user }\n"
    "- { user: all, db: all, addr: localhost, auth: pwd, order: 150,"
    " title: everybody from this node }\n"
    "- { user: '${monitor}', db: pgbouncer, addr: intra, auth: pwd, order: 200,"
    " title: monitoring from the intranet }\n"
    "- { user: '${monitor}', db: all, addr: world, auth: deny, order: 250,"
    " title: monitoring from nowhere else }\n"
    "- { user: '${admin}', db: all, addr: intra, auth: pwd, order: 300,"
    " title: administrator from the intranet }\n"
    "- { user: '${admin}', db: all, addr: world, auth: deny, order: 350,"
    " title: administrator from nowhere else }\n"
    "- { user: all, db: all, addr: intra, auth: pwd, order: 400,"
    " title: everybody from the intranet }\n";

const char default_services[] =
    "- { name: primary, port: 5433, dest: default, check: /primary, selector: '[]' }\n"
    "- { name: replica, port: 5434, dest: default, check: /read-only, selector: '[]',"
    " backup: '[? pg_role == `primary` || pg_role == `offline` ]' }\n"
    "- { name: default, port: 5436, dest: postgres, check: /primary, selector: '[]' }\n"
    "- { name: offline, port: 5438, dest: postgres, check: /replica,"
    " selector: '[? pg_role == `offline` || pg_offline_query ]',"
    " backup: '[? pg_role == `replica` && !pg_offline_query ]' }\n";

const char default_rto_plan[] = "fast: [20, 5, 5, 15, 5, 1s, 0.5s, 1s, 3, 3]\n"
                                "norm: [30, 5, 10, 25, 5, 2s, 1s, 2s, 3, 3]\n"
                                "safe: [60, 10, 20, 45, 10, 3s, 1.5s, 3s, 3, 3]\n"
                                "wide: [120, 20, 30, 95, 15, 4s, 2s, 4s, 3, 3]\n";

const char default_backup_repo[] =
    "local: { path: /pg/backup, retention_full_type: count, retention_full: 2 }\n"
    "minio:\n"
    "  type: s3\n"
    "  s3_endpoint: sss.pigsty\n"
    "  s3_region: us-east-1\n"
    "  s3_bucket: pgsql\n"
    "  s3_key: pgbackrest\n"
    "  s3_key_secret: S3User.Backup\n"
    "  s3_uri_style: path\n"
    "  path: /pgbackrest\n"
    "  storage_port: 9000\n"
    "  storage_ca_file: /etc/pki/ca.crt\n"
    "  block: y\n"
    "  bundle: y\n"
    "  bundle_limit: 20MiB\n"
    "  bundle_size: 128MiB\n"
    "  cipher_type: aes-256-cbc\n"
    "  cipher_pass: pgBackRest\n"
    "  retention_full_type: time\n"
    "  retention_full: 14\n";

const char default_node_exporter_options[] =
    "--no-collector.softnet --no-collector.nvme --collector.tcpstat --collector.processes";

const char default_proxy_env[] =
    "no_proxy: localhost,127.0.0.1,10.0.0.0/8,192.168.0.0/16,*.pigsty,*.aliyun.com,mirrors.*,"
    "*.myqcloud.com,*.tsinghua.edu.cn\n";

const char default_dns_records[] =
    "- ${admin_ip} i.pigsty\n"
    "- ${admin_ip} m.pigsty supa.pigsty api.pigsty adm.pigsty cli.pigsty ddl.pigsty\n";

const char default_infra_services[] =
    "- { name: Metrics, url: /vmetrics/vmui/, icon: metrics }\n"
    "- { name: Logs, url: /vlogs/select/vmui/, icon: logs }\n"
    "- { name: Traces, url: /vtraces/select/vmui/, icon: traces }\n"
    "- { name: Monitor Targets, url: /vmetrics/targets, icon: target }\n"
    "- { name: Alert Rules, url: /vmalert/vmalert/groups, icon: alert }\n"
    "- { name: Alert Manager, url: '/alertmgr/#/alerts', icon: alertmgr }\n"
    "- { name: CA Certificate, url: /ca.crt, icon: lock }\n"
    "- { name: Software Repo, url: /pigsty, icon: package }\n"
    "- { name: Explain Visualizer, url: /pev, icon: search }\n";
