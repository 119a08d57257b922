#include "providers/kinds/pg_restart.h"

#include <string.h>

#include "base/attr.h"

static const struct {
    const char *name;
    int first, last; /* major versions; 0: all */
} settings[] = {
    {"archive_mode", 0, 0},
    {"autovacuum_freeze_max_age", 0, 0},
    {"autovacuum_max_workers", 0, 17},
    {"autovacuum_multixact_freeze_max_age", 0, 0},
    {"autovacuum_worker_slots", 18, 0},
    {"bonjour", 0, 0},
    {"bonjour_name", 0, 0},
    {"cluster_name", 0, 0},
    {"commit_timestamp_buffers", 17, 0},
    {"config_file", 0, 0},
    {"data_directory", 0, 0},
    {"data_sync_retry", 0, 0},
    {"dynamic_shared_memory_type", 0, 0},
    {"event_source", 0, 0},
    {"external_pid_file", 0, 0},
    {"hba_file", 0, 0},
    {"hot_standby", 0, 0},
    {"huge_page_size", 0, 0},
    {"huge_pages", 0, 0},
    {"ident_file", 0, 0},
    {"ignore_invalid_pages", 0, 0},
    {"io_max_combine_limit", 18, 0},
    {"io_max_concurrency", 18, 0},
    {"io_method", 18, 0},
    {"jit_provider", 0, 0},
    {"listen_addresses", 0, 0},
    {"logging_collector", 0, 0},
    {"max_active_replication_origins", 18, 0},
    {"max_connections", 0, 0},
    {"max_files_per_process", 0, 0},
    {"max_locks_per_transaction", 0, 0},
    {"max_logical_replication_workers", 0, 0},
    {"max_notify_queue_pages", 17, 0},
    {"max_pred_locks_per_transaction", 0, 0},
    {"max_prepared_transactions", 0, 0},
    {"max_replication_slots", 0, 0},
    {"max_wal_senders", 0, 0},
    {"max_worker_processes", 0, 0},
    {"min_dynamic_shared_memory", 0, 0},
    {"multixact_member_buffers", 17, 0},
    {"multixact_offset_buffers", 17, 0},
    {"notify_buffers", 17, 0},
    {"old_snapshot_threshold", 0, 16},
    {"port", 0, 0},
    {"recovery_target", 0, 0},
    {"recovery_target_action", 0, 0},
    {"recovery_target_inclusive", 0, 0},
    {"recovery_target_lsn", 0, 0},
    {"recovery_target_name", 0, 0},
    {"recovery_target_time", 0, 0},
    {"recovery_target_timeline", 0, 0},
    {"recovery_target_xid", 0, 0},
    {"reserved_connections", 16, 0},
    {"serializable_buffers", 17, 0},
    {"shared_buffers", 0, 0},
    {"shared_memory_type", 0, 0},
    {"shared_preload_libraries", 0, 0},
    {"subtransaction_buffers", 17, 0},
    {"superuser_reserved_connections", 0, 0},
    {"track_activity_query_size", 0, 0},
    {"track_commit_timestamp", 0, 0},
    {"transaction_buffers", 17, 0},
    {"unix_socket_directories", 0, 0},
    {"unix_socket_group", 0, 0},
    {"unix_socket_permissions", 0, 0},
    {"wal_buffers", 0, 0},
    {"wal_decode_buffer_size", 15, 0},
    {"wal_level", 0, 0},
    {"wal_log_hints", 0, 0},
};

bool pg_reads_at_start(const char *setting, int64_t version)
{
    for (size_t i = 0; i < COUNT_OF(settings); i++) {
        if (strcmp(settings[i].name, setting) == 0)
            return version >= settings[i].first &&
                   (settings[i].last == 0 || version <= settings[i].last);
    }
    return false;
}
