/*
 * tests/bench/fleet_text.h - the text of a large inventory: about 500 bytes a host, always the
 * same for the same number of hosts, without a mistake in it.
 */
#pragma once

#include "base/text.h"

enum {
    FLEET_MEMBERS = 3,        /* of each cluster */
    FLEET_HOSTS_MAX = 120000, /* about 60 MB */
};

/* `host_count` hosts in clusters of three (the last one may be smaller), three more for etcd and
 * one for the packages. */
void fleet_text_add(Text *text, size_t host_count);
