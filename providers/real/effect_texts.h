/*
 * providers/real/effect_texts.h - the texts below providers/real/effects/, put into the binary by
 * the build: one array a file, named after it.
 */
#pragma once

extern const char embedded_effect_begin[], embedded_effect_files[], embedded_effect_system[];
extern const char embedded_effect_packages[], embedded_effect_certs[], embedded_effect_etcd[];
extern const char embedded_effect_end[], embedded_fence[], embedded_relay[];
