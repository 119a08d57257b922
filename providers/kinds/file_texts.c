#include "providers/kinds/file_texts.h"

/* The units start only once the file that pgsteer writes last is there: a package that starts its
 * service while it is installed does not start it with the distribution's own configuration. */

const char file_text_etcd_unit[] =
    "# Written by pgsteer; a change here is undone.\n"
    "[Unit]\n"
    "Description=etcd, the store that PostgreSQL clusters agree in\n"
    "After=network-online.target\n"
    "Wants=network-online.target\n"
    "ConditionPathExists=/etc/etcd/etcd.yml\n"
    "\n"
    "[Service]\n"
    "Type=notify\n"
    "User=etcd\n"
    "Group=etcd\n"
    "ExecStart=/usr/bin/etcd --config-file /etc/etcd/etcd.yml\n"
    /* A member tells that it is ready when there is a quorum: that may take others. */
    "TimeoutStartSec=infinity\n"
    "Restart=on-failure\n"
    "RestartSec=2\n"
    "LimitNOFILE=65536\n"
    "OOMScoreAdjust=-900\n"
    "\n"
    "[Install]\n"
    "WantedBy=multi-user.target\n";

/* KillMode=process: PostgreSQL lives on when Patroni goes. A Patroni that died is started again
 * before its lease ends, so that nobody else promotes while the old leader still takes writes; but
 * not for ever, since each failed creation moves a data directory aside. */
const char file_text_patroni_unit[] = "# Written by pgsteer; a change here is undone.\n"
                                      "[Unit]\n"
                                      "Description=Patroni, high availability for PostgreSQL\n"
                                      "After=network-online.target etcd.service\n"
                                      "Wants=network-online.target\n"
                                      "ConditionPathExists=/etc/patroni/patroni.yml\n"
                                      "StartLimitIntervalSec=120\n"
                                      "StartLimitBurst=3\n"
                                      "\n"
                                      "[Service]\n"
                                      "Type=simple\n"
                                      "User=@dbsu@\n"
                                      "Group=postgres\n"
                                      "ExecStart=/usr/bin/patroni /etc/patroni/patroni.yml\n"
                                      "ExecReload=/bin/kill -s HUP $MAINPID\n"
                                      "KillMode=process\n"
                                      "TimeoutSec=120\n"
                                      "Restart=on-failure\n"
                                      "RestartSec=2\n"
                                      "LimitNOFILE=655360\n"
                                      "OOMScoreAdjust=-1000\n"
                                      "\n"
                                      "[Install]\n"
                                      "WantedBy=multi-user.target\n";

const char file_text_pgbouncer_unit[] =
    "# Written by pgsteer; a change here is undone.\n"
    "[Unit]\n"
    "Description=PgBouncer, connection pool for PostgreSQL\n"
    "After=network-online.target\n"
    "Wants=network-online.target\n"
    "ConditionPathExists=/etc/pgbouncer/database.txt\n"
    "\n"
    "[Service]\n"
    "Type=notify\n"
    "User=@dbsu@\n"
    "Group=postgres\n"
    "ExecStart=/usr/sbin/pgbouncer /etc/pgbouncer/pgbouncer.ini\n"
    "ExecReload=/bin/kill -s HUP $MAINPID\n"
    "KillSignal=SIGINT\n"
    "TimeoutStopSec=60\n"
    "Restart=on-failure\n"
    "RestartSec=1\n"
    "LimitNOFILE=655360\n"
    "\n"
    "[Install]\n"
    "WantedBy=multi-user.target\n";

const char file_text_haproxy_unit[] =
    "# Written by pgsteer; a change here is undone.\n"
    "[Unit]\n"
    "Description=HAProxy, the way to the services of PostgreSQL clusters\n"
    "After=network-online.target\n"
    "Wants=network-online.target\n"
    "ConditionPathExists=/etc/haproxy/conf.d\n"
    "\n"
    "[Service]\n"
    "Type=notify\n"
    "RuntimeDirectory=haproxy\n"
    "RuntimeDirectoryPreserve=yes\n"
    /* What was noted for the last reload says nothing about servers now. */
    "ExecStartPre=/bin/rm -f /run/haproxy/server-state\n"
    "ExecStart=/usr/sbin/haproxy -Ws -f /etc/haproxy/haproxy.cfg -f /etc/haproxy/conf.d"
    " -p /run/haproxy.pid\n"
    "ExecReload=/usr/sbin/haproxy -c -q -f /etc/haproxy/haproxy.cfg -f /etc/haproxy/conf.d\n"
    "ExecReload=-/etc/haproxy/keep-state\n"
    "ExecReload=/bin/kill -s USR2 $MAINPID\n"
    "KillMode=mixed\n"
    "SuccessExitStatus=143\n"
    "Restart=always\n"
    "LimitNOFILE=655360\n"
    "\n"
    "[Install]\n"
    "WantedBy=multi-user.target\n";

/* Asked by address or name, it answers before any default site: a package that is installed with
 * its own site does not stand in the way. */
const char file_text_web_site[] = "# Written by pgsteer; a change here is undone.\n"
                                  "server {\n"
                                  "    listen 80;\n"
                                  "    server_name @address@ @name@ i.pigsty localhost;\n"
                                  "    root @repo_home@;\n"
                                  "    autoindex on;\n"
                                  "    access_log off;\n"
                                  "}\n";

const char file_text_no_main_cluster[] =
    "# Written by pgsteer: clusters are made by Patroni, not by the package.\n"
    "create_main_cluster = false\n";

const char file_text_tmpfiles[] = "# Written by pgsteer; a change here is undone.\n"
                                  "d /run/postgresql 2775 @dbsu@ postgres -\n";

const char file_text_profile[] = "# Written by pgsteer; a change here is undone.\n"
                                 "export PATH=\"@pg_bin@:$PATH\"\n"
                                 "export PGDATA=/pg/data\n"
                                 "export PGHOST=/var/run/postgresql\n"
                                 "alias pg='patronictl -c /etc/patroni/patroni.yml'\n";

const char file_text_sudo_limit[] =
    "# Written by pgsteer; a change here is undone.\n"
    "Cmnd_Alias PGSTEER_UNITS = /usr/bin/systemctl start patroni, \\\n"
    "    /usr/bin/systemctl stop patroni, \\\n"
    "    /usr/bin/systemctl restart patroni, \\\n"
    "    /usr/bin/systemctl reload patroni, \\\n"
    "    /usr/bin/systemctl start pgbouncer, \\\n"
    "    /usr/bin/systemctl stop pgbouncer, \\\n"
    "    /usr/bin/systemctl restart pgbouncer, \\\n"
    "    /usr/bin/systemctl reload pgbouncer, \\\n"
    "    /usr/bin/systemctl reload haproxy\n"
    "@dbsu@ ALL=(root) NOPASSWD: PGSTEER_UNITS\n";

const char file_text_sudo_all[] = "# Written by pgsteer; a change here is undone.\n"
                                  "@dbsu@ ALL=(ALL:ALL) ALL\n";

const char file_text_sudo_nopass[] = "# Written by pgsteer; a change here is undone.\n"
                                     "@dbsu@ ALL=(ALL:ALL) NOPASSWD: ALL\n";
