/*
 * providers/sources/fragments.h - the texts below providers/sources/probe/, put into the binary by
 * the build: one array a file, named after it.
 */
#pragma once

extern const char embedded_prelude[], embedded_masking[], embedded_epilogue[];
extern const char embedded_node_os[], embedded_node_size[], embedded_node_clock[];
extern const char embedded_node_packages[], embedded_node_units[], embedded_node_users[];
extern const char embedded_node_paths[], embedded_node_files[], embedded_node_secret_files[];
extern const char embedded_node_data[], embedded_node_certs[], embedded_node_markers[];
extern const char embedded_node_jobs[], embedded_node_repo[], embedded_node_listen[];
extern const char embedded_node_proxy[], embedded_etcd_member[];
