#include "schema/setting_places.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/attr.h"

static const char standbys[] = "Patroni makes standbys and promotes them.";

/* On the command line: Patroni, patroni/postgresql/config.py, CMDLINE_OPTIONS. */
static const SettingPlace places[] = {
    {"listen_addresses", SETTING_IN_LOCAL_FILE, true, "pg_listen", NULL},
    {"port", SETTING_IN_LOCAL_FILE, true, "pg_port", NULL},
    {"cluster_name", SETTING_IN_LOCAL_FILE, true, "pg_cluster", NULL},
    {"max_connections", SETTING_IN_DCS, true, "pg_max_conn", NULL},
    {"max_worker_processes", SETTING_IN_DCS, true, NULL,
     "It follows from the number of CPUs and pg_conf."},
    {"max_locks_per_transaction", SETTING_IN_DCS, true, NULL,
     "It follows from pg_max_conn and pg_libs."},
    {"max_prepared_transactions", SETTING_IN_DCS, true, NULL,
     "It follows from pg_max_conn and pg_libs."},
    {"wal_level", SETTING_IN_DCS, true, NULL, "It is logical."},
    {"hot_standby", SETTING_OF_PATRONI, true, NULL, "It is on everywhere."},
    {"max_wal_senders", SETTING_IN_DCS, true, NULL, "It is 50."},
    {"max_replication_slots", SETTING_IN_DCS, true, NULL, "It is 50."},
    {"wal_keep_size", SETTING_IN_DCS, true, NULL, "Slots keep what replicas need."},
    {"wal_keep_segments", SETTING_IN_DCS, true, NULL, "Slots keep what replicas need."},
    {"track_commit_timestamp", SETTING_IN_DCS, true, NULL, "It is on."},
    {"wal_log_hints", SETTING_IN_DCS, true, NULL, "It is on."},
    {"shared_buffers", SETTING_IN_DCS, false, "pg_shared_buffer_ratio", NULL},
    {"shared_preload_libraries", SETTING_IN_DCS, false, "pg_libs", NULL},
    {"password_encryption", SETTING_IN_DCS, false, "pg_pwd_enc", NULL},
    {"log_directory", SETTING_IN_DCS, false, "pg_log_dir", NULL},
    {"io_method", SETTING_IN_DCS, false, "pg_io_method", NULL},
    {"data_directory", SETTING_OF_PATRONI, false, "pg_data", NULL},
    {"hba_file", SETTING_OF_PATRONI, false, "pg_hba_rules", NULL},
    {"ident_file", SETTING_OF_PATRONI, false, NULL, "Lines of it are pg_ident of pg_dcs."},
    {"synchronous_standby_names", SETTING_OF_PATRONI, false, NULL,
     "It follows from pg_rpo, or from synchronous_mode of pg_dcs."},
    {"primary_conninfo", SETTING_OF_PATRONI, false, NULL, "Replicas follow the leader."},
    {"primary_slot_name", SETTING_OF_PATRONI, false, NULL, "Each replica has a slot."},
    {"config_file", SETTING_OF_PATRONI, false, "pg_data", NULL},
    {"restore_command", SETTING_OF_PATRONI, false, NULL, "It follows from pgbackrest_enabled."},
    {"recovery_min_apply_delay", SETTING_OF_PATRONI, false, "pg_delay", NULL},
    {"archive_cleanup_command", SETTING_OF_PATRONI, false, NULL, standbys},
    {"recovery_end_command", SETTING_OF_PATRONI, false, NULL, standbys},
    {"recovery_target", SETTING_OF_PATRONI, false, NULL, standbys},
    {"recovery_target_action", SETTING_OF_PATRONI, false, NULL, standbys},
    {"recovery_target_inclusive", SETTING_OF_PATRONI, false, NULL, standbys},
    {"recovery_target_lsn", SETTING_OF_PATRONI, false, NULL, standbys},
    {"recovery_target_name", SETTING_OF_PATRONI, false, NULL, standbys},
    {"recovery_target_time", SETTING_OF_PATRONI, false, NULL, standbys},
    {"recovery_target_timeline", SETTING_OF_PATRONI, false, NULL, standbys},
    {"recovery_target_xid", SETTING_OF_PATRONI, false, NULL, standbys},
    {"promote_trigger_file", SETTING_OF_PATRONI, false, NULL, standbys},
};

const SettingPlace *setting_place(const char *setting)
{
    int first = tolower((unsigned char)*setting);
    for (size_t i = 0; i < COUNT_OF(places); i++) {
        if (places[i].setting[0] == first && strcasecmp(places[i].setting, setting) == 0)
            return &places[i];
    }
    return NULL;
}

const SettingPlace *setting_place_at(size_t i)
{
    return i < COUNT_OF(places) ? &places[i] : NULL;
}

bool setting_is_free_in_parameters(const SettingPlace *place)
{
    return !place->on_command_line && place->home != SETTING_OF_PATRONI;
}

bool setting_is_free_in_dcs(const SettingPlace *place)
{
    return !place->owner && place->home == SETTING_IN_DCS;
}

const char *setting_advice(Arena *arena, const SettingPlace *place)
{
    if (place->owner)
        return arena_printf(arena, "Use %s.", place->owner);
    if (!setting_is_free_in_dcs(place))
        return place->note;
    return arena_printf(arena, "%s Another value is written in pg_dcs, as postgresql: parameters.",
                        place->note);
}

const char *setting_refusal(Arena *arena, const char *setting)
{
    const SettingPlace *place = setting_place(setting);
    return place && !setting_is_free_in_parameters(place) ? setting_advice(arena, place) : NULL;
}

const char *setting_home_name(SettingHome home)
{
    static const char *const names[] = {[SETTING_IN_DCS] = "the DCS, for every member",
                                        [SETTING_IN_LOCAL_FILE] = "patroni.yml of the member",
                                        [SETTING_OF_PATRONI] =
                                            "what Patroni makes of the situation"};
    return names[home];
}
