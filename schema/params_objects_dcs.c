/* The fields of pg_dcs: Patroni's dynamic configuration, as far as no other parameter gives it
 * (Patroni documentation, "Dynamic Configuration Settings"). A default is what is written when
 * nothing else is said; what has none is left to Patroni. */
#include "schema/params_tables.h"

static const Parameter slot_fields[] = {
    {"type", TYPE_ENUM, .words = "physical|logical", .doc = "sort of slot"},
    {"database", TYPE_TEXT, .doc = "database that a logical slot decodes"},
    {"plugin", TYPE_TOKEN, .doc = "output plugin of a logical slot"},
    {"cluster_type", TYPE_ENUM, .words = "primary|standby",
     .doc = "sort of cluster in which a physical slot exists; in others it is dropped"},
    {"state", TYPE_ENUM, .words = "create|absent", .fallback = "create",
     .doc = "wanted, or to be dropped: who reads it loses its place"},
};

static const ParameterSchema schema_slot = {
    .name = "slot", .fields = slot_fields, .field_count = COUNT_OF(slot_fields)};

static const Parameter ignored_slot_fields[] = {
    {"name", TYPE_TOKEN, .doc = "name of the slot"},
    {"type", TYPE_ENUM, .words = "physical|logical", .doc = "sort of slot"},
    {"database", TYPE_TEXT, .doc = "database of a logical slot"},
    {"plugin", TYPE_TOKEN, .doc = "output plugin of a logical slot"},
};

static const ParameterSchema schema_ignored_slot = {.name = "ignored slot",
                                                    .fields = ignored_slot_fields,
                                                    .field_count = COUNT_OF(ignored_slot_fields),
                                                    .text_field = "name"};

static const Parameter postgresql_fields[] = {
    {"use_pg_rewind", TYPE_BOOL, .fallback = "true", .doc = "a former leader is rewound"},
    {"use_slots", TYPE_BOOL, .fallback = "true", .doc = "replicas stream from slots"},
    {"parameters", TYPE_TEXT_MAP, .doc = "PostgreSQL settings of every member"},
    {"parameters_primary", TYPE_TEXT_MAP, .doc = "those that differ on the leader"},
    {"parameters_replica", TYPE_TEXT_MAP, .doc = "those that differ on replicas"},
    {"parameters_standby_leader", TYPE_TEXT_MAP, .doc = "those that differ on a standby leader"},
    {"recovery_conf", TYPE_TEXT_MAP, .doc = "more recovery settings of replicas"},
    {"pg_ident", TYPE_TEXTS, .doc = "lines of pg_ident.conf"},
};

static const ParameterSchema schema_dcs_postgresql = {.name = "dynamic PostgreSQL configuration",
                                                      .fields = postgresql_fields,
                                                      .field_count = COUNT_OF(postgresql_fields),
                                                      .open_type = TYPE_ANY,
                                                      .is_open = true};

static const Parameter dcs_fields[] = {
    {"synchronous_mode", TYPE_BOOL, .words = "quorum",
     .doc = "commits wait for replicas; if unset, pg_rpo and pg_conf say it"},
    {"synchronous_mode_strict", TYPE_BOOL,
     .doc = "they wait also while there is no replica; if unset, pg_conf says it"},
    {"synchronous_node_count", TYPE_INT, .min = 1, .max = NO_LIMIT,
     .doc = "replicas that a commit waits for; 1 if unset"},
    {"maximum_lag_on_syncnode", TYPE_INT, .min = -1, .max = NO_LIMIT, .unit = "bytes",
     .fallback = "-1", .doc = "lag at which a synchronous replica is exchanged; -1: never"},
    {"failsafe_mode", TYPE_BOOL, .fallback = "true",
     .doc = "the leader goes on without the DCS while it reaches every member"},
    {"primary_stop_timeout", TYPE_INT, .min = 0, .max = NO_LIMIT, .unit = "s", .fallback = "30",
     .doc = "time to stop a synchronous leader before it is killed; 0: no limit"},
    {"primary_race_backoff", TYPE_INT, .min = 0, .max = NO_LIMIT, .unit = "s",
     .doc = "time that replicas wait with an election while the log still comes; 0 if unset"},
    {"max_timelines_history", TYPE_INT, .min = 0, .max = NO_LIMIT,
     .doc = "timelines kept in the DCS; 0, and if unset: all"},
    {"check_timeline", TYPE_BOOL, .doc = "only members on the latest timeline may lead"},
    {"member_slots_ttl", TYPE_INTERVAL,
     .doc = "how long the slot of a member that is gone is kept; 30min if unset"},
    {"slots", TYPE_OBJECT_MAP, .schema = &schema_slot,
     .doc = "permanent replication slots by name; others are left alone"},
    {"ignore_slots", TYPE_OBJECTS, .schema = &schema_ignored_slot,
     .doc = "slots that Patroni does not touch; left alone if unset"},
    {"postgresql", TYPE_OBJECT, .schema = &schema_dcs_postgresql, .doc = "how PostgreSQL runs"},
};

const ParameterSchema schema_dcs = {.name = "dynamic configuration",
                                    .fields = dcs_fields,
                                    .field_count = COUNT_OF(dcs_fields),
                                    .open_type = TYPE_ANY,
                                    .is_open = true};
