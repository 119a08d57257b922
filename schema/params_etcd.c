/* The etcd cluster. */
#include "schema/params_tables.h"

static const Parameter etcd_rows[] = {
    {"etcd_seq", TYPE_INT, I, NULL, .doc = "member number", .feeds = "member name <cluster>-<seq>",
     .change = "IM (remove + add member)", .min = 0, .max = NO_LIMIT},
    {"etcd_cluster", TYPE_TEXT, C, "etcd", .doc = "cluster name, must equal group name etcd",
     .feeds = "member names, token", .change = "IM"},
    {"etcd_learner", TYPE_BOOL, I | A, "false", .doc = "join as non-voter",
     .feeds = "member add flag", .change = "E"},
    {"etcd_data", TYPE_PATH, C, "/data/etcd", .doc = "data directory", .feeds = "etcd.conf, unit",
     .change = "RB of member"},
    {"etcd_port", TYPE_PORT, C, "2379", .doc = "client port",
     .feeds = "etcd.conf; patroni.yml and vip-manager.yml of every cluster",
     .change = "E rolling + L + V"},
    {"etcd_peer_port", TYPE_PORT, C, "2380", .doc = "peer port", .feeds = "etcd.conf, member URLs",
     .change = "E rolling"},
    {"etcd_init", TYPE_ENUM, C, "new", .doc = "new or existing", .feeds = "etcd.conf; member add",
     .change = "N (CLI switch; engine must derive it)", .words = "new|existing"},
    {"etcd_election_timeout", TYPE_INT, C, "1000", .doc = "ms", .feeds = "etcd.conf",
     .change = "E rolling restart", .min = 10, .max = NO_LIMIT, .unit = "ms"},
    {"etcd_heartbeat_interval", TYPE_INT, C, "100", .doc = "ms", .feeds = "etcd.conf",
     .change = "E rolling restart", .min = 10, .max = NO_LIMIT, .unit = "ms"},
    {"etcd_root_password", TYPE_PASSWORD, G, "Etcd.Root", .doc = "root user password (RBAC)",
     .feeds = "etcd.pass; patronictl.yml; used by tasks", .change = "E (only set on first enable)"},
};

static const Parameter etcd_remove_rows[] = {
    {"etcd_safeguard", TYPE_BOOL, G | C | A, "false", .doc = "refuse removal", .feeds = "guard",
     .change = "N"},
    {"etcd_rm_data", TYPE_BOOL, G | C | A, "true", .doc = "delete data on removal",
     .feeds = "files", .change = "N (CLI)"},
    {"etcd_rm_pkg", TYPE_BOOL, G | C | A, "false", .doc = "uninstall on removal",
     .feeds = "packages", .change = "N (CLI)"},
};

const ParameterTable params_etcd = {"ETCD", etcd_rows, COUNT_OF(etcd_rows)};
const ParameterTable params_etcd_remove = {"ETCD_REMOVE", etcd_remove_rows,
                                           COUNT_OF(etcd_remove_rows)};
