#include "schema/server_settings.h"

#include <string.h>
#include <strings.h>

#include "base/attr.h"
#include "base/text.h"

/* Those that every major of 14 to 19 knows. */
static const char *const lasting[] = {
    "allow_in_place_tablespaces allow_system_table_mods application_name",
    "archive_cleanup_command archive_command archive_mode archive_timeout array_nulls",
    "authentication_timeout autovacuum autovacuum_analyze_scale_factor",
    "autovacuum_analyze_threshold autovacuum_freeze_max_age autovacuum_max_workers",
    "autovacuum_multixact_freeze_max_age autovacuum_naptime autovacuum_vacuum_cost_delay",
    "autovacuum_vacuum_cost_limit autovacuum_vacuum_insert_scale_factor",
    "autovacuum_vacuum_insert_threshold autovacuum_vacuum_scale_factor",
    "autovacuum_vacuum_threshold autovacuum_work_mem backend_flush_after backslash_quote",
    "backtrace_functions bgwriter_delay bgwriter_flush_after bgwriter_lru_maxpages",
    "bgwriter_lru_multiplier bonjour bonjour_name bytea_output check_function_bodies",
    "checkpoint_completion_target checkpoint_flush_after checkpoint_timeout checkpoint_warning",
    "client_connection_check_interval client_encoding client_min_messages cluster_name",
    "commit_delay commit_siblings compute_query_id config_file constraint_exclusion",
    "cpu_index_tuple_cost cpu_operator_cost cpu_tuple_cost cursor_tuple_fraction data_directory",
    "data_sync_retry datestyle deadlock_timeout debug_discard_caches debug_pretty_print",
    "debug_print_parse debug_print_plan debug_print_rewritten default_statistics_target",
    "default_table_access_method default_tablespace default_text_search_config",
    "default_toast_compression default_transaction_deferrable default_transaction_isolation",
    "default_transaction_read_only dynamic_library_path dynamic_shared_memory_type",
    "effective_cache_size effective_io_concurrency enable_async_append enable_bitmapscan",
    "enable_gathermerge enable_hashagg enable_hashjoin enable_incremental_sort",
    "enable_indexonlyscan enable_indexscan enable_material enable_memoize enable_mergejoin",
    "enable_nestloop enable_parallel_append enable_parallel_hash enable_partition_pruning",
    "enable_partitionwise_aggregate enable_partitionwise_join enable_seqscan enable_sort",
    "enable_tidscan event_source exit_on_error extension_destdir external_pid_file",
    "extra_float_digits file_extend_method force_parallel_mode from_collapse_limit fsync",
    "full_page_writes geqo geqo_effort geqo_generations geqo_pool_size geqo_seed",
    "geqo_selection_bias geqo_threshold gin_fuzzy_search_limit gin_pending_list_limit",
    "hash_mem_multiplier hba_file hot_standby hot_standby_feedback huge_page_size huge_pages",
    "ident_file idle_in_transaction_session_timeout idle_session_timeout",
    "ignore_checksum_failure ignore_invalid_pages ignore_system_indexes intervalstyle jit",
    "jit_above_cost jit_debugging_support jit_dump_bitcode jit_expressions",
    "jit_inline_above_cost jit_optimize_above_cost jit_profiling_support jit_provider",
    "jit_tuple_deforming join_collapse_limit krb_caseins_users krb_server_keyfile lc_messages",
    "lc_monetary lc_numeric lc_time listen_addresses lo_compat_privileges",
    "local_preload_libraries lock_timeout log_autovacuum_min_duration log_checkpoints",
    "log_connections log_destination log_directory log_disconnections log_duration",
    "log_error_verbosity log_executor_stats log_file_mode log_filename log_hostname",
    "log_line_prefix log_lock_waits log_min_duration_sample log_min_duration_statement",
    "log_min_error_statement log_min_messages log_parameter_max_length",
    "log_parameter_max_length_on_error log_parser_stats log_planner_stats",
    "log_recovery_conflict_waits log_replication_commands log_rotation_age log_rotation_size",
    "log_statement log_statement_sample_rate log_statement_stats log_temp_files log_timezone",
    "log_transaction_sample_rate log_truncate_on_rotation logging_collector",
    "logical_decoding_work_mem maintenance_io_concurrency maintenance_work_mem max_connections",
    "max_files_per_process max_locks_per_transaction max_logical_replication_workers",
    "max_parallel_maintenance_workers max_parallel_workers max_parallel_workers_per_gather",
    "max_pred_locks_per_page max_pred_locks_per_relation max_pred_locks_per_transaction",
    "max_prepared_transactions max_replication_slots max_slot_wal_keep_size max_stack_depth",
    "max_standby_archive_delay max_standby_streaming_delay max_sync_workers_per_subscription",
    "max_wal_senders max_wal_size max_worker_processes min_dynamic_shared_memory",
    "min_parallel_index_scan_size min_parallel_table_scan_size min_wal_size",
    "output_plugin_libraries parallel_leader_participation parallel_setup_cost",
    "parallel_tuple_cost password_encryption plan_cache_mode port post_auth_delay",
    "pre_auth_delay primary_conninfo primary_slot_name quote_all_identifiers random_page_cost",
    "recovery_end_command recovery_init_sync_method recovery_min_apply_delay recovery_target",
    "recovery_target_action recovery_target_inclusive recovery_target_lsn recovery_target_name",
    "recovery_target_time recovery_target_timeline recovery_target_xid",
    "remove_temp_files_after_crash restart_after_crash restore_command",
    "restrict_nonsystem_relation_kind role row_security search_path seed seq_page_cost",
    "session_authorization session_preload_libraries session_replication_role shared_buffers "
    "shared_memory_type",
    "shared_preload_libraries ssl ssl_ca_file ssl_cert_file ssl_ciphers ssl_crl_dir",
    "ssl_crl_file ssl_dh_params_file ssl_ecdh_curve ssl_key_file ssl_max_protocol_version",
    "ssl_min_protocol_version ssl_passphrase_command ssl_passphrase_command_supports_reload",
    "ssl_prefer_server_ciphers standard_conforming_strings statement_timeout",
    "superuser_reserved_connections synchronize_seqscans synchronous_commit",
    "synchronous_standby_names syslog_facility syslog_ident syslog_sequence_numbers",
    "syslog_split_messages tcp_keepalives_count tcp_keepalives_idle tcp_keepalives_interval",
    "tcp_user_timeout temp_buffers temp_file_limit temp_tablespaces timezone",
    "timezone_abbreviations trace_notify trace_sort track_activities track_activity_query_size",
    "track_commit_timestamp track_counts track_functions track_io_timing track_wal_io_timing",
    "transaction_deferrable transaction_isolation transaction_read_only transform_null_equals",
    "unix_socket_directories unix_socket_group unix_socket_permissions update_process_title",
    "vacuum_cost_delay vacuum_cost_limit vacuum_cost_page_dirty vacuum_cost_page_hit",
    "vacuum_cost_page_miss vacuum_failsafe_age vacuum_freeze_min_age vacuum_freeze_table_age",
    "vacuum_multixact_failsafe_age vacuum_multixact_freeze_min_age",
    "vacuum_multixact_freeze_table_age wal_buffers wal_compression wal_consistency_checking",
    "wal_init_zero wal_keep_size wal_level wal_log_hints wal_receiver_create_temp_slot",
    "wal_receiver_status_interval wal_receiver_timeout wal_recycle wal_retrieve_retry_interval",
    "wal_sender_timeout wal_skip_threshold wal_sync_method wal_writer_delay",
    "wal_writer_flush_after work_mem xmlbinary xmloption zero_damaged_pages",
};

/* Those that came or went. */
static const ServerSetting passing[] = {
    {"allow_alter_system", 17, 0},
    {"archive_library", 15, 0},
    {"autovacuum_analyze_score_weight", 19, 0},
    {"autovacuum_freeze_score_weight", 19, 0},
    {"autovacuum_max_parallel_workers", 19, 0},
    {"autovacuum_multixact_freeze_score_weight", 19, 0},
    {"autovacuum_vacuum_insert_score_weight", 19, 0},
    {"autovacuum_vacuum_max_threshold", 18, 0},
    {"autovacuum_vacuum_score_weight", 19, 0},
    {"autovacuum_worker_slots", 18, 0},
    {"commit_timestamp_buffers", 17, 0},
    {"createrole_self_grant", 16, 0},
    {"db_user_namespace", 0, 17},
    {"debug_io_direct", 16, 0},
    {"debug_logical_replication_streaming", 17, 0},
    {"debug_parallel_query", 16, 0},
    {"debug_print_raw_parse", 19, 0},
    {"enable_distinct_reordering", 18, 0},
    {"enable_eager_aggregate", 19, 0},
    {"enable_group_by_reordering", 17, 0},
    {"enable_presorted_aggregate", 16, 0},
    {"enable_self_join_elimination", 18, 0},
    {"escape_string_warning", 0, 19},
    {"event_triggers", 17, 0},
    {"extension_control_path", 18, 0},
    {"file_copy_method", 18, 0},
    {"gss_accept_delegation", 16, 0},
    {"hosts_file", 19, 0},
    {"icu_validation_level", 16, 0},
    {"idle_replication_slot_timeout", 18, 0},
    {"io_combine_limit", 17, 0},
    {"io_max_combine_limit", 18, 0},
    {"io_max_concurrency", 18, 0},
    {"io_max_workers", 19, 0},
    {"io_method", 18, 0},
    {"io_min_workers", 19, 0},
    {"io_worker_idle_timeout", 19, 0},
    {"io_worker_launch_interval", 19, 0},
    {"io_workers", 18, 19},
    {"log_autoanalyze_min_duration", 19, 0},
    {"log_lock_failures", 18, 0},
    {"log_startup_progress_interval", 15, 0},
    {"logical_replication_mode", 16, 17},
    {"max_active_replication_origins", 18, 0},
    {"max_notify_queue_pages", 17, 0},
    {"max_parallel_apply_workers_per_subscription", 16, 0},
    {"max_repack_replication_slots", 19, 0},
    {"md5_password_warnings", 18, 0},
    {"min_eager_agg_group_size", 19, 0},
    {"multixact_member_buffers", 17, 0},
    {"multixact_offset_buffers", 17, 0},
    {"notify_buffers", 17, 0},
    {"oauth_validator_libraries", 18, 0},
    {"old_snapshot_threshold", 0, 17},
    {"password_expiration_warning_threshold", 19, 0},
    {"promote_trigger_file", 0, 16},
    {"recovery_prefetch", 15, 0},
    {"recursive_worktable_factor", 15, 0},
    {"reserved_connections", 16, 0},
    {"scram_iterations", 16, 0},
    {"send_abort_for_crash", 16, 0},
    {"send_abort_for_kill", 16, 0},
    {"serializable_buffers", 17, 0},
    {"ssl_groups", 18, 0},
    {"ssl_sni", 19, 0},
    {"ssl_tls13_ciphers", 18, 0},
    {"stats_fetch_consistency", 15, 0},
    {"stats_temp_directory", 0, 15},
    {"subtransaction_buffers", 17, 0},
    {"summarize_wal", 17, 0},
    {"sync_replication_slots", 17, 0},
    {"synchronized_standby_slots", 17, 0},
    {"timing_clock_source", 19, 0},
    {"trace_connection_negotiation", 17, 0},
    {"trace_recovery_messages", 0, 17},
    {"track_cost_delay_timing", 18, 0},
    {"transaction_buffers", 17, 0},
    {"transaction_timeout", 17, 0},
    {"vacuum_buffer_usage_limit", 16, 0},
    {"vacuum_defer_cleanup_age", 0, 16},
    {"vacuum_max_eager_freeze_failure_rate", 18, 0},
    {"vacuum_truncate", 18, 0},
    {"wal_decode_buffer_size", 15, 0},
    {"wal_sender_shutdown_timeout", 19, 0},
    {"wal_summary_keep_time", 17, 0},
};

/* Is it one of the words? */
static bool is_in(const char *words, const char *name)
{
    size_t length = strlen(name), word;
    for (; *words; words += word + (words[word] == ' ')) {
        word = strcspn(words, " ");
        if (word == length && strncasecmp(words, name, length) == 0)
            return true;
    }
    return false;
}

static bool is_lasting(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(lasting); i++) {
        if (is_in(lasting[i], name))
            return true;
    }
    return false;
}

bool server_setting_find(const char *name, ServerSetting *ret)
{
    *ret = (ServerSetting){.name = name};
    for (size_t i = 0; i < COUNT_OF(passing); i++) {
        if (strcasecmp(passing[i].name, name) == 0) {
            *ret = passing[i];
            return true;
        }
    }
    return is_lasting(name);
}

typedef struct Names {
    const char **items;
    size_t count, capacity;
} Names;

const char *server_setting_nearest(Arena *arena, const char *name)
{
    Names names = {0};
    for (size_t i = 0; i < COUNT_OF(lasting); i++) {
        char **words;
        size_t count = text_words(arena, lasting[i], false, &words);
        for (size_t w = 0; w < count; w++)
            ARENA_PUSH(arena, names.items, names.count, names.capacity, words[w]);
    }
    for (size_t i = 0; i < COUNT_OF(passing); i++)
        ARENA_PUSH(arena, names.items, names.count, names.capacity, passing[i].name);
    return text_nearest(name, names.items, names.count);
}
