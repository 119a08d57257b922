/*
 * schema/origin.h - where in the inventory a value was written.
 *
 * Lines and columns count from 1. The file name is as the user gave it. Plain data, never freed on
 * its own: it lives in the inventory's arena.
 */
#pragma once

typedef struct Origin {
    const char *file;
    int line;
    int column;
} Origin;
