/* The fields of the objects that lists and maps of the inventory hold. */
#include "schema/params_tables.h"

static const Parameter membership_fields[] = {
    {"name", TYPE_TEXT, .flags = NEEDED, .doc = "the role to be a member of"},
    {"state", TYPE_ENUM, .words = "grant|revoke|absent", .fallback = "grant",
     .doc = "grant, or take away"},
    {"admin", TYPE_BOOL, .doc = "may pass the membership on"},
    {"set", TYPE_BOOL, .doc = "may SET ROLE to it (PostgreSQL 16 and later)"},
    {"inherit", TYPE_BOOL, .doc = "has its privileges (PostgreSQL 16 and later)"},
};

const ParameterSchema schema_membership = {.name = "membership",
                                           .fields = membership_fields,
                                           .field_count = COUNT_OF(membership_fields),
                                           .text_field = "name"};

static const Parameter user_fields[] = {
    {"name", TYPE_TEXT, .flags = NEEDED, .doc = "role name"},
    {"state", TYPE_ENUM, .words = "create|absent", .fallback = "create",
     .doc = "wanted, or to be dropped"},
    {"password", TYPE_PASSWORD, .doc = "plain, or a stored SCRAM-SHA-256 or md5 form"},
    {"login", TYPE_BOOL, .doc = "may log in"},
    {"superuser", TYPE_BOOL, .doc = "passes every permission check"},
    {"createdb", TYPE_BOOL, .doc = "may create databases"},
    {"createrole", TYPE_BOOL, .doc = "may create roles"},
    {"inherit", TYPE_BOOL, .doc = "has the privileges of its roles without SET ROLE"},
    {"replication", TYPE_BOOL, .doc = "may stream the write-ahead log"},
    {"bypassrls", TYPE_BOOL, .doc = "ignores row level security"},
    {"connlimit", TYPE_INT, .min = -1, .max = NO_LIMIT, .doc = "connections at a time; -1: any"},
    {"expire_in", TYPE_INT, .min = 0, .max = NO_LIMIT, .unit = "days",
     .doc = "expires that many days after it was created"},
    {"expire_at", TYPE_TEXT, .doc = "YYYY-MM-DD or infinity"},
    {"comment", TYPE_TEXT, .doc = "comment on the role"},
    {"roles", TYPE_OBJECTS, .schema = &schema_membership, .doc = "memberships"},
    {"parameters", TYPE_TEXT_MAP, .doc = "settings of its sessions"},
    {"pgbouncer", TYPE_BOOL, .fallback = "false", .doc = "known to the pool"},
    {"pool_mode", TYPE_ENUM, .words = "transaction|session|statement", .doc = "pool mode"},
    {"pool_connlimit", TYPE_INT, .min = -1, .max = NO_LIMIT,
     .doc = "connections through the pool; -1: as every user"},
};

const ParameterSchema schema_user = {
    .name = "user", .fields = user_fields, .field_count = COUNT_OF(user_fields)};

static const Parameter schema_fields[] = {
    {"name", TYPE_TEXT, .flags = NEEDED, .doc = "schema name"},
    {"owner", TYPE_TEXT, .doc = "owner"},
    {"state", TYPE_ENUM, .words = "create|absent", .fallback = "create",
     .doc = "wanted, or to be dropped"},
};

const ParameterSchema schema_schema = {.name = "schema",
                                       .fields = schema_fields,
                                       .field_count = COUNT_OF(schema_fields),
                                       .text_field = "name"};

static const Parameter extension_fields[] = {
    {"name", TYPE_TEXT, .flags = NEEDED, .doc = "extension name"},
    {"schema", TYPE_TEXT, .doc = "schema it is put into"},
    {"version", TYPE_TEXT, .doc = "version when created"},
    {"state", TYPE_ENUM, .words = "create|absent", .fallback = "create",
     .doc = "wanted, or to be dropped"},
};

const ParameterSchema schema_extension = {.name = "extension",
                                          .fields = extension_fields,
                                          .field_count = COUNT_OF(extension_fields),
                                          .text_field = "name"};

static const Parameter database_fields[] = {
    {"name", TYPE_TEXT, .flags = NEEDED, .doc = "database name"},
    {"state", TYPE_ENUM, .words = "create|absent|recreate", .fallback = "create",
     .doc = "wanted, dropped, made anew"},
    {"owner", TYPE_TEXT, .doc = "owner"},
    {"template", TYPE_TEXT, .doc = "database it is copied from"},
    {"strategy", TYPE_ENUM, .words = "FILE_COPY|WAL_LOG|file_copy|wal_log", .doc = "how"},
    {"encoding", TYPE_TEXT, .doc = "encoding"},
    {"locale", TYPE_TEXT, .doc = "locale"},
    {"lc_collate", TYPE_TEXT, .doc = "collation"},
    {"lc_ctype", TYPE_TEXT, .doc = "character types"},
    {"locale_provider", TYPE_ENUM, .words = "libc|icu|builtin", .doc = "locale provider"},
    {"icu_locale", TYPE_TEXT, .doc = "ICU locale"},
    {"icu_rules", TYPE_TEXT, .doc = "ICU collation rules"},
    {"builtin_locale", TYPE_TEXT, .doc = "locale of the builtin provider"},
    {"tablespace", TYPE_TEXT, .doc = "default tablespace"},
    {"is_template", TYPE_BOOL, .doc = "may be copied by any user"},
    {"allowconn", TYPE_BOOL, .doc = "can be connected to"},
    {"connlimit", TYPE_INT, .min = -1, .max = NO_LIMIT, .doc = "connections at a time; -1: any"},
    {"revokeconn", TYPE_BOOL, .doc = "only owner and system roles may connect"},
    {"parameters", TYPE_TEXT_MAP, .doc = "settings of its sessions"},
    {"comment", TYPE_TEXT, .doc = "comment on the database"},
    {"schemas", TYPE_OBJECTS, .schema = &schema_schema, .doc = "schemas inside"},
    {"extensions", TYPE_OBJECTS, .schema = &schema_extension, .doc = "extensions inside"},
    {"baseline", TYPE_TEXT, .doc = "SQL file run after it was created"},
    {"pgbouncer", TYPE_BOOL, .fallback = "true", .doc = "reached through the pool"},
    {"pool_auth_user", TYPE_TEXT, .doc = "role that looks up passwords"},
    {"pool_mode", TYPE_ENUM, .words = "transaction|session|statement", .doc = "pool mode"},
    {"pool_size", TYPE_INT, .min = 0, .max = NO_LIMIT, .doc = "server connections a user"},
    {"pool_size_min", TYPE_INT, .min = 0, .max = NO_LIMIT, .doc = "kept open"},
    {"pool_reserve", TYPE_INT, .min = 0, .max = NO_LIMIT, .doc = "extra ones in need"},
    {"pool_connlimit", TYPE_INT, .min = -1, .max = NO_LIMIT,
     .doc = "connections in all; -1: as every database"},
    {"register_datasource", TYPE_BOOL, .fallback = "true", .doc = "shown in dashboards"},
};

const ParameterSchema schema_database = {
    .name = "database", .fields = database_fields, .field_count = COUNT_OF(database_fields)};

static const Parameter service_fields[] = {
    {"name", TYPE_TEXT, .flags = NEEDED, .doc = "name after the cluster's"},
    {"port", TYPE_PORT, .flags = NEEDED, .doc = "port it listens on"},
    {"ip", TYPE_TEXT, .fallback = "*", .doc = "address it listens on"},
    {"selector", TYPE_TEXT, .flags = NEEDED, .doc = "which members serve"},
    {"backup", TYPE_TEXT, .doc = "which members serve when no other can"},
    {"dest", TYPE_INT_OR_WORD, .words = "default|postgres|pgbouncer", .min = 1, .max = 65535,
     .fallback = "default", .doc = "what is behind it, or its port"},
    {"check", TYPE_TEXT, .fallback = "/", .doc = "health path of Patroni"},
    {"maxconn", TYPE_INT, .min = 1, .max = NO_LIMIT, .fallback = "5000",
     .doc = "client connections"},
    {"balance", TYPE_TEXT, .words = "roundrobin|leastconn", .fallback = "roundrobin",
     .doc = "how connections are spread"},
    {"options", TYPE_TEXT, .doc = "replaces the server defaults"},
};

const ParameterSchema schema_service = {
    .name = "service", .fields = service_fields, .field_count = COUNT_OF(service_fields)};

static const Parameter hba_fields[] = {
    {"title", TYPE_TEXT, .doc = "comment above the rule"},
    {"role", TYPE_ENUM, .words = "default|common|primary|replica|offline|standby|delayed",
     .fallback = "default", .doc = "members on which it counts"},
    {"order", TYPE_INT, .min = 0, .max = NO_LIMIT, .doc = "place among the rules"},
    {"addr", TYPE_TEXT, .doc = "address, CIDR or alias"},
    {"user", TYPE_TEXT, .fallback = "all", .doc = "users"},
    {"db", TYPE_TEXT, .fallback = "all", .doc = "databases"},
    {"auth", TYPE_TEXT, .doc = "method or alias"},
    {"rules", TYPE_TEXTS, .doc = "raw lines instead"},
};

const ParameterSchema schema_hba = {
    .name = "rule", .fields = hba_fields, .field_count = COUNT_OF(hba_fields)};

static const Parameter haproxy_server_fields[] = {
    {"name", TYPE_TEXT, .flags = NEEDED, .doc = "server name"},
    {"ip", TYPE_HOST, .flags = NEEDED, .doc = "address or host name"},
    {"port", TYPE_PORT, .flags = NEEDED, .doc = "port"},
    {"weight", TYPE_INT, .min = 0, .max = 255, .doc = "share of the load"},
    {"backup", TYPE_BOOL, .doc = "serves when no other can"},
    {"options", TYPE_TEXT, .doc = "more words of the server line"},
};

const ParameterSchema schema_haproxy_server = {.name = "server",
                                               .fields = haproxy_server_fields,
                                               .field_count = COUNT_OF(haproxy_server_fields)};

static const Parameter haproxy_service_fields[] = {
    {"name", TYPE_TEXT, .flags = NEEDED, .doc = "name of the listener"},
    {"port", TYPE_PORT, .flags = NEEDED, .doc = "port it listens on"},
    {"ip", TYPE_TEXT, .fallback = "*", .doc = "address it listens on"},
    {"protocol", TYPE_ENUM, .words = "tcp|http", .fallback = "tcp", .doc = "what it speaks"},
    {"balance", TYPE_TEXT, .words = "roundrobin|leastconn", .fallback = "roundrobin",
     .doc = "how connections are spread"},
    {"maxconn", TYPE_INT, .min = 1, .max = NO_LIMIT, .fallback = "10000",
     .doc = "client connections"},
    {"options", TYPE_TEXTS, .doc = "raw lines"},
    {"default", TYPE_TEXT, .doc = "server defaults"},
    {"servers", TYPE_OBJECTS, .schema = &schema_haproxy_server, .doc = "where to"},
};

const ParameterSchema schema_haproxy_service = {.name = "node service",
                                                .fields = haproxy_service_fields,
                                                .field_count = COUNT_OF(haproxy_service_fields)};

static const Parameter exporter_fields[] = {
    {"pg_cluster", TYPE_TEXT, .flags = NEEDED, .doc = "cluster name"},
    {"pg_seq", TYPE_INT, .flags = NEEDED, .max = NO_LIMIT, .doc = "instance number"},
    {"pg_host", TYPE_HOST, .flags = NEEDED, .doc = "address or host name"},
    {"pg_port", TYPE_PORT, .fallback = "5432", .doc = "port"},
    {"pg_dbsu", TYPE_USERNAME, .doc = "OS user of the server"},
    {"pg_databases", TYPE_OBJECTS, .schema = &schema_database, .doc = "databases to register"},
    {"pg_monitor_username", TYPE_USERNAME, .doc = "role that the exporter logs in as"},
    {"pg_monitor_password", TYPE_PASSWORD, .doc = "password of that role"},
    {"pg_exporter_url", TYPE_PASSWORD, .doc = "connection text"},
};

const ParameterSchema schema_exporter = {.name = "exporter",
                                         .fields = exporter_fields,
                                         .field_count = COUNT_OF(exporter_fields),
                                         .open_type = TYPE_ANY,
                                         .is_open = true};

static const Parameter rto_fields[] = {
    {"ttl", TYPE_INT, .min = 20, .max = NO_LIMIT, .unit = "s", .doc = "life of the leader key"},
    {"loop_wait", TYPE_INT, .min = 1, .max = NO_LIMIT, .unit = "s", .doc = "time between looks"},
    {"retry_timeout", TYPE_INT, .min = 3, .max = NO_LIMIT, .unit = "s",
     .doc = "time of trying again"},
    {"primary_start_timeout", TYPE_INT, .min = 0, .max = NO_LIMIT, .unit = "s",
     .doc = "time for a crashed leader"},
    {"safety_margin", TYPE_INT, .min = 0, .max = NO_LIMIT, .unit = "s",
     .doc = "time the watchdog fires early"},
    {"inter", TYPE_INTERVAL, .doc = "time between checks of the proxy"},
    {"fastinter", TYPE_INTERVAL, .doc = "the same while a server changes"},
    {"downinter", TYPE_INTERVAL, .doc = "the same while a server is down"},
    {"rise", TYPE_INT, .min = 1, .max = NO_LIMIT, .doc = "good checks until up"},
    {"fall", TYPE_INT, .min = 1, .max = NO_LIMIT, .doc = "bad checks until down"},
};

const ParameterSchema schema_rto = {.name = "profile",
                                    .fields = rto_fields,
                                    .field_count = COUNT_OF(rto_fields),
                                    .is_positional = true};

/* Any option of pgBackRest's "repo" family; a row have those that are secret or a choice. */
static const Parameter repo_fields[] = {
    {"type", TYPE_ENUM, .words = "posix|cifs|s3|azure|gcs|sftp", .fallback = "posix",
     .doc = "sort of storage"},
    {"cipher_type", TYPE_ENUM, .words = "none|aes-256-cbc", .doc = "encryption"},
    {"retention_full_type", TYPE_ENUM, .words = "count|time", .doc = "what retention_full counts"},
    {"s3_uri_style", TYPE_ENUM, .words = "host|path", .doc = "where an S3 bucket is named"},
    {"cipher_pass", TYPE_PASSWORD, .doc = "key of the encryption"},
    {"s3_key", TYPE_PASSWORD, .doc = "S3 access key"},
    {"s3_key_secret", TYPE_PASSWORD, .doc = "S3 secret key"},
    {"s3_token", TYPE_PASSWORD, .doc = "S3 session token"},
    {"s3_sse_customer_key", TYPE_PASSWORD, .doc = "S3 key of encryption by the server"},
    {"azure_key", TYPE_PASSWORD, .doc = "Azure key"},
    {"gcs_key", TYPE_PASSWORD, .doc = "GCS token, or file of a service key"},
    {"sftp_private_key_passphrase", TYPE_PASSWORD, .doc = "SFTP key passphrase"},
};

const ParameterSchema schema_repo = {.name = "repository",
                                     .fields = repo_fields,
                                     .field_count = COUNT_OF(repo_fields),
                                     .open_type = TYPE_TEXT,
                                     .is_open = true};

static const Parameter pitr_fields[] = {
    {"cluster", TYPE_TEXT, .doc = "cluster whose backup is read"},
    {"type", TYPE_ENUM, .words = "default|time|xid|name|lsn|immediate", .fallback = "default",
     .doc = "what ends it"},
    {"time", TYPE_TEXT, .doc = "point in time"},
    {"name", TYPE_TEXT, .doc = "restore point"},
    {"xid", TYPE_TEXT, .doc = "transaction"},
    {"lsn", TYPE_TEXT, .doc = "log position"},
    {"set", TYPE_TEXT, .fallback = "latest", .doc = "backup label"},
    {"timeline", TYPE_TEXT, .fallback = "latest", .doc = "timeline"},
    {"exclusive", TYPE_BOOL, .fallback = "false", .doc = "stop just before"},
    {"action", TYPE_ENUM, .words = "pause|promote|shutdown", .fallback = "pause",
     .doc = "what then"},
    {"archive", TYPE_BOOL, .fallback = "true", .doc = "archive afterwards"},
    {"db_include", TYPE_TEXTS, .doc = "only these databases"},
    {"db_exclude", TYPE_TEXTS, .doc = "not these databases"},
    {"link_map", TYPE_TEXT_MAP, .doc = "links to move"},
    {"process", TYPE_INT, .min = 1, .max = 999, .doc = "processes"},
    {"repo", TYPE_OBJECT, .schema = &schema_repo, .doc = "repository"},
    {"data", TYPE_PATH, .doc = "data directory"},
    {"port", TYPE_PORT, .doc = "port"},
    {"backup", TYPE_BOOL, .fallback = "false", .doc = "keep the old data aside"},
};

const ParameterSchema schema_pitr = {
    .name = "recovery", .fields = pitr_fields, .field_count = COUNT_OF(pitr_fields)};

static const Parameter expect_down_fields[] = {
    {"until", TYPE_TEXT, .flags = NEEDED, .doc = "YYYY-MM-DD, or with a time"},
    {"reason", TYPE_TEXT, .flags = NEEDED, .doc = "why"},
};

const ParameterSchema schema_expect_down = {.name = "expectation",
                                            .fields = expect_down_fields,
                                            .field_count = COUNT_OF(expect_down_fields)};

static const Parameter waiver_fields[] = {
    {"code", TYPE_TEXT, .flags = NEEDED, .doc = "code of the warning, such as W032"},
    {"reason", TYPE_TEXT, .flags = NEEDED, .doc = "why it is right as it is"},
    {"until", TYPE_TEXT, .flags = NEEDED, .doc = "YYYY-MM-DD, the last day"},
    {"match", TYPE_TEXT, .doc = "only where the message has these words: a cluster, a parameter"},
};

const ParameterSchema schema_waiver = {
    .name = "waiver", .fields = waiver_fields, .field_count = COUNT_OF(waiver_fields)};
