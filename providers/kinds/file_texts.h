/*
 * providers/kinds/file_texts.h - the plain files that we write on nodes, as texts with @words@.
 *
 * Deterministic: no time, no random number. None of them holds a secret.
 */
#pragma once

extern const char file_text_etcd_unit[];
extern const char file_text_patroni_unit[];
extern const char file_text_pgbouncer_unit[];
extern const char file_text_haproxy_unit[];
extern const char file_text_web_site[];
extern const char file_text_no_main_cluster[];
extern const char file_text_tmpfiles[];
extern const char file_text_profile[];
extern const char file_text_sudo_limit[];
extern const char file_text_sudo_all[];
extern const char file_text_sudo_nopass[];
