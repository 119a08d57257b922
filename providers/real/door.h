/*
 * providers/real/door.h - a Unix socket of ours, in a folder that nobody else can enter: where
 * libpq and libcurl connect to, so that their bytes can travel over SSH instead.
 */
#pragma once

#include "base/attr.h"
#include "base/error.h"

typedef struct Door {
    char folder[64];
    char path[128];    /* of the socket */
    char no_file[128]; /* a file that does not exist */
    int listener;
} Door;

/* Start with {.listener = -1} and end with door_close (CLEANUP). Errors: ERROR_LOCAL. */
MUST_USE Error *door_open(Door *door, const char *name);
void door_close(Door *door);

/* The connection that was just made to it, non-blocking; the caller owns it. Errors: ERROR_LOCAL.
 */
MUST_USE Error *door_accept(const Door *door, int *ret_fd);
