/*
 * pg_settings of a running server: the value in the server's own unit, and who says so.
 *
 * As seen on a cluster of PostgreSQL 15.20 under Patroni 3.0.2 (tests/answers compares). Patroni
 * gives some settings on the command line (patroni/postgresql/config.py: CMDLINE_OPTIONS) and
 * writes the others to postgresql.conf; what initdb wrote is in postgresql.base.conf then.
 */
#include <ctype.h>
#include <string.h>

#include "base/attr.h"
#include "base/text.h"
#include "providers/sim/settings.h"
#include "providers/sim/state.h"
#include "schema/setting_value.h"

#define DATA      "/pg/data/"
#define CONF      DATA "postgresql.conf"
#define BASE_CONF DATA "postgresql.base.conf"
#define AUTO_CONF DATA "postgresql.auto.conf"

static const char *const on_command_line[] = {
    "cluster_name",
    "hot_standby",
    "listen_addresses",
    "max_connections",
    "max_locks_per_transaction",
    "max_prepared_transactions",
    "max_replication_slots",
    "max_wal_senders",
    "max_worker_processes",
    "port",
    "track_commit_timestamp",
    "wal_level",
    "wal_log_hints",
};

typedef enum Where { EVERYWHERE, ON_STANDBYS } Where;

/* What nobody asked for and is not as built. */
static const struct {
    const char *name, *setting, *source;
    const char *file; /* or NULL */
    Where where;
} standing[] = {
    {"DateStyle", "ISO, MDY", "client", NULL, EVERYWHERE},
    {"TimeZone", "UTC", "client", NULL, EVERYWHERE},
    {"application_name", "pgsteer/sim", "client", NULL, EVERYWHERE},
    {"client_encoding", "UTF8", "client", NULL, EVERYWHERE},
    {"client_min_messages", "warning", "client", NULL, EVERYWHERE},
    {"config_file", CONF, "override", NULL, EVERYWHERE},
    {"data_directory", "/pg/data", "override", NULL, EVERYWHERE},
    {"data_directory_mode", "0700", "default", NULL, EVERYWHERE},
    {"default_text_search_config", "pg_catalog.english", "configuration file", BASE_CONF,
     EVERYWHERE},
    {"default_transaction_read_only", "on", "client", NULL, EVERYWHERE},
    {"dynamic_shared_memory_type", "posix", "configuration file", BASE_CONF, EVERYWHERE},
    {"hba_file", DATA "pg_hba.conf", "override", NULL, EVERYWHERE},
    {"hot_standby", "on", "command line", NULL, EVERYWHERE},
    {"ident_file", DATA "pg_ident.conf", "override", NULL, EVERYWHERE},
    {"in_hot_standby", "on", "override", NULL, ON_STANDBYS},
    {"lc_messages", "C", "client", NULL, EVERYWHERE},
    {"lc_monetary", "C", "configuration file", BASE_CONF, EVERYWHERE},
    {"lc_numeric", "C", "configuration file", BASE_CONF, EVERYWHERE},
    {"lc_time", "C", "configuration file", BASE_CONF, EVERYWHERE},
    {"lock_timeout", "5000", "client", NULL, EVERYWHERE},
    {"log_file_mode", "0600", "default", NULL, EVERYWHERE},
    {"log_timezone", "Etc/UTC", "configuration file", BASE_CONF, EVERYWHERE},
    {"max_prepared_transactions", "0", "command line", NULL, EVERYWHERE},
    {"max_stack_depth", "2048", "default", NULL, EVERYWHERE},
    {"port", "5432", "command line", NULL, EVERYWHERE},
    {"primary_conninfo", "", "configuration file", CONF, ON_STANDBYS},
    {"recovery_target", "", "configuration file", CONF, ON_STANDBYS},
    {"recovery_target_lsn", "", "configuration file", CONF, ON_STANDBYS},
    {"recovery_target_name", "", "configuration file", CONF, ON_STANDBYS},
    {"recovery_target_time", "", "configuration file", CONF, ON_STANDBYS},
    {"recovery_target_timeline", "latest", "configuration file", CONF, ON_STANDBYS},
    {"recovery_target_xid", "", "configuration file", CONF, ON_STANDBYS},
    {"search_path", "pg_catalog", "client", NULL, EVERYWHERE},
    {"server_encoding", "UTF8", "default", NULL, EVERYWHERE},
    {"statement_timeout", "60000", "client", NULL, EVERYWHERE},
    {"timezone_abbreviations", "Default", "default", NULL, EVERYWHERE},
    {"transaction_deferrable", "off", "override", NULL, EVERYWHERE},
    {"transaction_isolation", "read committed", "override", NULL, EVERYWHERE},
    {"transaction_read_only", "on", "override", NULL, EVERYWHERE},
    {"unix_socket_permissions", "0777", "default", NULL, EVERYWHERE},
    {"wal_keep_size", "128", "configuration file", CONF, EVERYWHERE},
};

/* "2GB" of a setting in pages is "262144", "yes" is "on". */
const char *pg_setting_text(Arena *arena, const SimSetting *row, const char *text)
{
    double number = 0;
    int truth = -1;
    if (strcmp(row->vartype, "bool") == 0)
        truth = setting_value_truth(text);
    if (truth >= 0)
        return truth ? "on" : "off";
    bool is_number = strcmp(row->vartype, "integer") == 0 || strcmp(row->vartype, "real") == 0;
    if (is_number && setting_value_number(row->name, text, &number))
        return arena_printf(arena, "%.15g", number);
    return text;
}

typedef struct Said {
    const char *setting, *source, *file;
} Said;

static const char *special(const Node *node, const char *name)
{
    if (strcmp(name, "data_checksums") == 0)
        return node->server.has_checksums ? "on" : "off";
    return NULL;
}

/* Patroni documentation, "Replication modes": the member's name, other characters as '_'. */
static const char *slot_name(const Node *node)
{
    char *name = arena_strdup(node->sim->arena, node->patroni.name ? node->patroni.name : "");
    for (char *c = name; *c; c++)
        *c = isalnum((unsigned char)*c) ? *c : '_';
    return name;
}

static Said said_of(const Node *node, const SimSetting *row, const Value *in_auto_conf)
{
    const Value *set = value_get(node->server.settings, row->name);
    Said said = {special(node, row->name), "default", NULL};
    if (!said.setting)
        said.setting = row->boot_val;
    for (size_t i = 0; i < COUNT_OF(standing); i++) {
        bool is_here = standing[i].where == EVERYWHERE || node->server.is_standby;
        if (is_here && strcmp(standing[i].name, row->name) == 0)
            said = (Said){standing[i].setting, standing[i].source, standing[i].file};
    }
    if (node->server.is_standby && strcmp(row->name, "primary_slot_name") == 0)
        return (Said){slot_name(node), "configuration file", CONF};
    if (!set)
        return said;
    said = (Said){value_as_text(set, ""), "configuration file", CONF};
    if (value_get(in_auto_conf, row->name))
        said.file = AUTO_CONF;
    for (size_t i = 0; i < COUNT_OF(on_command_line); i++) {
        if (strcmp(on_command_line[i], row->name) == 0)
            said = (Said){said.setting, "command line", NULL};
    }
    return said;
}

static const Value *text_or_null(Arena *arena, const char *text)
{
    return text ? value_text(arena, text) : &value_null;
}

static const Value *tell_setting(const Answering *about, const SimSetting *row,
                                 const Value *in_auto_conf)
{
    const Server *server = &about->node->server;
    Said said = said_of(about->node, row, in_auto_conf);
    bool is_secret = strcmp(row->name, "primary_conninfo") == 0;
    Value *map = value_map(about->arena);
    value_set(about->arena, map, "setting",
              is_secret ? &value_null : value_text(about->arena, said.setting));
    value_set(about->arena, map, "unit", text_or_null(about->arena, *row->unit ? row->unit : NULL));
    value_set_text(about->arena, map, "vartype", row->vartype);
    value_set_text(about->arena, map, "context", row->context);
    value_set_text(about->arena, map, "source", said.source);
    value_set(about->arena, map, "sourcefile", text_or_null(about->arena, said.file));
    value_set_bool(about->arena, map, "pending_restart",
                   value_get(server->pending, row->name) != NULL);
    return map;
}

const Value *pg_settings_tell(const Answering *about, const Value *in_auto_conf)
{
    Value *map = value_map(about->arena);
    for (size_t i = 0; i < sim_setting_count; i++)
        value_set(about->arena, map, sim_settings[i].name,
                  tell_setting(about, &sim_settings[i], in_auto_conf));
    return map;
}
