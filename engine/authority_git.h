/*
 * engine/authority_git.h - leases in a git repository that all runners of an inventory reach.
 *
 * One ref for all, refs/pgsteer/leases, with a file DOMAIN.json for each lease, so that several
 * change all or none with one move of one ref; its history tells who had what. The version of a
 * lease is its blob. Any thread; the repository is opened anew each time. One behind a URL is
 * fetched and pushed by the git program (engine/git/ref_files.h), with leases.git in the state
 * directory in between.
 */
#pragma once

#include "engine/lease_authority.h"

#define LEASE_GIT_REF "refs/pgsteer/leases"

/* `place`: the path of a bare repository, or a URL. It need not be there yet. */
LeaseAuthority *lease_authority_git(const char *place, const StateDir *runners);
