/*
 * schema/pool_limits.h - what a pool does where neither its database nor its user says otherwise.
 */
#pragma once

#define POOL_DEFAULT_SIZE       50  /* server connections of one user to one database */
#define POOL_DEFAULT_RESERVE    30  /* and that many more in need */
#define POOL_MAX_DATABASE       100 /* server connections to one database */
#define POOL_MAX_USER           100 /* server connections of one user */

#define POOL_QUOTED(number)     #number
#define POOL_LIMIT_TEXT(number) POOL_QUOTED(number)
