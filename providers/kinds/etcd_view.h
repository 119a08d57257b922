/*
 * providers/kinds/etcd_view.h - what etcd is right now, drawn from the answers of its members.
 *
 * Whether it ever was whole is told by a marker on its nodes, put there when authentication was
 * enabled: an etcd without quorum and without marker is one whose creation was interrupted.
 */
#pragma once

#include "schema/contract/domain.h"
#include "schema/contract/facts.h"
#include "schema/contract/resource.h"

#define ETCD_MARKER "etcd"

typedef enum EtcdState {
    ETCD_NEW,     /* every member was read, none has data: or a creation was interrupted */
    ETCD_LIVING,  /* some member that votes answers with a quorum behind it              */
    ETCD_SILENT,  /* it was whole once, and none answers                                 */
    ETCD_UNKNOWN, /* none answers and not every node was read                            */
} EtcdState;

typedef struct EtcdView {
    EtcdState state;
    const Host *host;     /* LIVING: who answered; else the first member */
    const Value *reading; /* LIVING: its etcd.member; else NULL          */
    const char *reason;   /* SILENT, UNKNOWN: one clause                 */
} EtcdView;

EtcdView etcd_view(const Domain *domain, const Facts *facts);

/* The entry of a living cluster's member list with this peer URL, or NULL. One that was added and
 * never started has no name there. */
const Value *etcd_view_member(const EtcdView *view, const char *peer_url);

/* A learner copies what the others have, does not count for the quorum and answers no question
 * about the whole (etcd documentation, "Learner"). */
bool etcd_view_is_learner(const Value *member);

/* "https://ADDRESS:PORT", by which a host is known to the others. */
const char *etcd_view_peer_url(Arena *arena, const Host *host);

/* Mark `scope` unknown in `out` when nothing can be said about etcd as a whole. */
bool etcd_view_is_unknown(const EtcdView *view, ResourceSet *out, const char *scope);
