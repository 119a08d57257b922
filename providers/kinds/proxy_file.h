/*
 * providers/kinds/proxy_file.h - HAProxy's files, from maps to texts and back.
 *
 * The file of a service is one listener; the main file is a flat map "section/keyword" to the rest
 * of the line ("listen stats/bind" -> "*:9101"). Comments, blanks and indentation mean nothing.
 * Rendering is deterministic, in the map's order. Pure; any thread.
 */
#pragma once

#include "base/arena.h"
#include "base/value.h"

#define PROXY_FILE        "/etc/haproxy/haproxy.cfg"
#define PROXY_FOLDER      "/etc/haproxy/conf.d"
#define PROXY_KEEPER_FILE "/etc/haproxy/keep-state"
#define PROXY_STATE_FILE  "/run/haproxy/server-state"
#define PROXY_SOCKET      "/var/run/haproxy.sock"
#define PROXY_UNIT        "haproxy.service"
#define PROXY_HEADER      "# Written by pgsteer; a change here is undone.\n"

/* Before a reload, which servers are up is written to the file that the new process starts from:
 * HAProxy 2.6 takes every server for one that is up until its first checks, so for that long a
 * replica would get what is meant for the leader. */
extern const char proxy_keeper_text[];

/* "/etc/haproxy/conf.d/<cluster>-<service>.cfg" */
const char *proxy_service_path(Arena *arena, const char *cluster, const char *service);

/* The first line of a service's file, without a newline: it says whose file it is. */
const char *proxy_service_marker(Arena *arena, const char *cluster, const char *service);

/* The service that such a first line names; NULL when it is none of this cluster's. */
const char *proxy_marked_service(Arena *arena, const char *line, const char *cluster);

/* `params` = bind, maxconn, balance, check, options, members {name: rest of the server line}, lines
 * [all other lines]; the same that reading gives. Numbers come back as texts. */
const char *proxy_service_render(Arena *arena, const char *cluster, const char *service,
                                 const Value *params);
const Value *proxy_service_read(Arena *arena, const char *text);

/* The lines of every service beside its own: the listener, TCP, how its servers are checked. */
const Value *proxy_service_lines(Arena *arena, const char *cluster, const char *service);

/* The main file. "listen stats/stats auth USER" holds that user's password: a text or a secret
 * hole. The first gives content pieces (contract/content.h). */
const Value *proxy_main_render(Arena *arena, const Value *keys);
const Value *proxy_main_read(Arena *arena, const char *text);
