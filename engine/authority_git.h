/*
 * engine/authority_git.h - leases in a git repository that all runners of an inventory reach.
 *
 * One ref for all, refs/pgsteer/leases, with a file DOMAIN.json for each lease, so that several
 * change all or none with one move of one ref; its history tells who had what. The version of a
 * lease is its blob. Any thread; the repository is opened anew each time.
 */
#pragma once

#include "engine/lease_authority.h"

#define LEASE_GIT_REF "refs/pgsteer/leases"

/* `path` of a bare repository, or a file:// URL of one. It need not be there yet. */
LeaseAuthority *lease_authority_git(const char *path, const StateDir *runners);
