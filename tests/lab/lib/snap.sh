# shellcheck shell=bash
# Snapshots: the nodes' disks become read-only layers under fresh ones.
#
# $RUN/layers/ID-NODE are such disks; $RUN/snapshots/NAME/ holds the lab's key
# and flavour, and per node its seed, chain, base-chain and meminfo.

verb_snapshot() { die "not yet"; }
verb_restore() { die "not yet"; }
verb_snapshots() { die "not yet"; }
verb_forget() { die "not yet"; }
gc_layers() { :; }
