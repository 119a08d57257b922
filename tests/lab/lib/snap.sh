# shellcheck shell=bash
# Snapshots: the nodes' disks become read-only layers under fresh ones.
#
# $RUN/layers/ID-NODE are such disks; $RUN/snapshots/NAME/ holds the lab's key
# and flavour, and in nodes/NODE/ the seed, chain, base-chain, meminfo, and
# "on" for a node that was running.

need_snapshot_name() {
    [[ ${1:-} =~ ^[A-Za-z0-9][A-Za-z0-9_-]*$ ]] || die "bad snapshot name '${1:-}'"
}

# quiesce NODE...: ends Patroni (and so PostgreSQL) where it runs, replicas
# first, so that a restored cluster elects its leader at once. All else is
# left to the power cut: it recovers by itself.
quiesce() {
    local node replicas=() leaders=()
    for node in "$@"; do
        in_node "$node" systemctl -q is-active patroni.service || continue
        if in_recovery "$node"; then replicas+=("$node"); else leaders+=("$node"); fi
    done
    stop_patroni "${replicas[@]}"
    stop_patroni "${leaders[@]}"
}
in_recovery() {
    local pid
    for pid in $(node_pids "$1"); do
        { tr '\0' ' ' <"/proc/$pid/cmdline"; } 2>/dev/null | grep -q '^postgres:.*startup' && return 0
    done
    return 1
}
stop_patroni() {
    local node
    for node; do in_node "$node" timeout 60 systemctl stop patroni.service & done
    wait
}

empty_disk() {
    rm -rf "$RUN/nodes/$1/upper"
    mkdir -m 0755 "$RUN/nodes/$1/upper"
}

verb_snapshot() {
    lock_lab
    need_up
    need_snapshot_name "${1:-}"
    local name=$1 snap=$RUN/snapshots/$1 start id node dir running=() all
    [[ ! -e $snap ]] || die "snapshot $name exists (lab forget $name)"
    start=$(now_ms)
    mapfile -t all < <(nodes)
    for node in "${all[@]}"; do
        if node_running "$node"; then running+=("$node"); fi
    done
    say "stopping ${running[*]} for snapshot $name"
    quiesce "${running[@]}"
    power_off "${all[@]}"
    id=$(now_ms)
    rm -rf "$RUN/snapshots/.new"
    mkdir -p "$RUN/layers" "$RUN/snapshots/.new/nodes"
    cp -p "$KEY" "$KEY.pub" "$RUN/lab.conf" "$RUN/gen" "$RUN/snapshots/.new/"
    for node in "${all[@]}"; do
        dir=$RUN/nodes/$node
        mv "$dir/upper" "$RUN/layers/$id-$node"
        { printf '%s\n' "$RUN/layers/$id-$node" && cat "$dir/chain"; } >"$dir/chain.new"
        mv "$dir/chain.new" "$dir/chain"
        empty_disk "$node"
        mkdir "$RUN/snapshots/.new/nodes/$node"
        cp -a "$dir/seed" "$dir/chain" "$dir/base-chain" "$RUN/snapshots/.new/nodes/$node/"
        if [[ -e $dir/meminfo ]]; then cp "$dir/meminfo" "$RUN/snapshots/.new/nodes/$node/"; fi
    done
    for node in "${running[@]}"; do touch "$RUN/snapshots/.new/nodes/$node/on"; done
    mv "$RUN/snapshots/.new" "$snap"
    say "saved in $(since "$start") s"
    if ((${#running[@]})); then power_on "${running[@]}"; fi
    apply_peers_if_any
    say "snapshot $name made, nodes running again, in $(since "$start") s"
}

verb_restore() {
    lock_lab
    need_snapshot_name "${1:-}"
    local name=$1 snap=$RUN/snapshots/$1 start node dir on=() all=() old layer
    [[ -d $snap ]] || die "lab $LAB has no snapshot '$name'"
    start=$(now_ms)
    for dir in "$snap"/nodes/*/; do
        node=$(basename "$dir")
        all+=("$node")
        while read -r layer; do
            [[ -d $layer ]] || die "snapshot $name lies over a layer that is gone: $layer"
        done <"$dir/chain"
        if [[ -e $dir/on ]]; then on+=("$node"); fi
    done
    mapfile -t old < <(nodes)
    if ((${#old[@]})); then power_off "${old[@]}"; fi
    if [[ ! -e $NETNS_FILE ]]; then net_up; fi
    if [[ -n $(compgen -G "$RUN/nodes/*/peers" || true) ]]; then
        nsenter --net="$NETNS_FILE" nft delete table bridge lab 2>/dev/null || true
    fi
    rm -rf "$RUN/nodes"
    mkdir -p "$RUN/nodes"
    cp -p "$snap/key" "$snap/key.pub" "$snap/lab.conf" "$snap/gen" "$RUN/"
    for node in "${all[@]}"; do
        cp -a "$snap/nodes/$node" "$RUN/nodes/"
        rm -f "$RUN/nodes/$node/on"
        empty_disk "$node"
    done
    write_ssh_files
    if ((${#on[@]})); then power_on "${on[@]}"; fi
    gc_layers
    say "restored snapshot $name in $(since "$start") s"
}

verb_snapshots() {
    local s
    for s in "$RUN"/snapshots/*/; do
        [[ -d $s ]] || continue
        printf '%s %s\n' "$(basename "$s")" "$(cd "$s/nodes" && printf '%s\n' * | sort -V | paste -sd' ')"
    done
}
verb_forget() {
    lock_lab
    need_snapshot_name "${1:-}"
    [[ -d $RUN/snapshots/$1 ]] || die "lab $LAB has no snapshot '$1'"
    rm -rf "$RUN/snapshots/$1"
    gc_layers
    say "forgot snapshot $1"
}
# Deletes the layers that no node and no snapshot lies over.
gc_layers() {
    local layer
    for layer in "$RUN"/layers/*; do
        [[ -d $layer ]] || continue
        grep -qsxF -- "$layer" "$RUN"/nodes/*/chain "$RUN"/nodes/*/base-chain "$RUN"/snapshots/*/nodes/*/chain ||
            rm -rf "$layer"
    done
}
