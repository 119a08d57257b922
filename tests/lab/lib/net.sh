# shellcheck shell=bash
# The lab's network namespace and the faults that can be put on it.

# The first namespace that ip makes makes /run/netns a mount: a lab that found
# it absent notes that, and the last lab takes it away again.
NETNS_LOCK=/run/lock/pgsteer-lab-netns
NETNS_MADE=/run/lock/pgsteer-lab-netns.made

net_up() {
    lock 7 "$NETNS_LOCK" "the network namespaces"
    mountpoint -q /run/netns || touch "$NETNS_MADE"
    ip netns add "$NETNS"
    exec 7>&-
    ip -n "$NETNS" -batch - <<EOF
link set lo up
link add $BRIDGE type bridge forward_delay 0 mcast_snooping 0
addr add $LAB_SUBNET.1/24 dev $BRIDGE
link set $BRIDGE up
EOF
}
net_down() {
    [[ -e $NETNS_FILE ]] || return 0
    lock 7 "$NETNS_LOCK" "the network namespaces"
    ip netns del "$NETNS"
    if [[ -e $NETNS_MADE && -z $(ls -A /run/netns) ]]; then
        while mountpoint -q /run/netns; do umount /run/netns || break; done
        rmdir /run/netns 2>/dev/null || true
        rm -f "$NETNS_MADE"
    fi
    exec 7>&-
}
# The host side of the node's cable. nspawn names it vb-MACHINE (over 15
# characters that is an alternative name of it, which ip takes as well).
port() { printf 'vb-%s-%s' "$LAB" "$1"; }
link() {
    local i
    for ((i = 0; i < 100; i++)); do
        ip -n "$NETNS" link set "$(port "$1")" "$2" 2>/dev/null && return 0
        sleep 0.02
    done
    ip -n "$NETNS" link set "$(port "$1")" "$2"
}
# The kernel's own name of the port, for nft.
port_name() {
    ip -n "$NETNS" -o link show dev "$(port "$1")" | sed -E 's/^[0-9]+: ([^@:]+).*/\1/'
}
# Sets the table of node pairs that do not hear each other, from all peers files.
apply_peers() {
    local node peer rules=""
    for node in $(nodes); do
        [[ -s $RUN/nodes/$node/peers ]] || continue
        while read -r peer; do
            if ! node_running "$node" || ! node_running "$peer"; then continue; fi
            rules+="iifname \"$(port_name "$node")\" oifname \"$(port_name "$peer")\" drop"$'\n'
            rules+="iifname \"$(port_name "$peer")\" oifname \"$(port_name "$node")\" drop"$'\n'
        done <"$RUN/nodes/$node/peers"
    done
    nsenter --net="$NETNS_FILE" nft -f - <<EOF
table bridge lab
delete table bridge lab
table bridge lab {
chain forward {
type filter hook forward priority 0; policy accept;
$rules
}
}
EOF
}
cut_pair() {
    local f=$RUN/nodes/$1/peers
    grep -qsx "$2" "$f" || printf '%s\n' "$2" >>"$f"
}
heal_pair() {
    local f
    for f in "$RUN/nodes/$1/peers:$2" "$RUN/nodes/$2/peers:$1"; do
        [[ -e ${f%:*} ]] && sed -i "/^${f##*:}\$/d" "${f%:*}"
    done
    return 0
}
# Processes in the lab's network namespace that are not in a node.
netns_pids() {
    local ino p
    [[ -e $NETNS_FILE ]] || return 0
    ino=$(stat -Lc %i "$NETNS_FILE")
    for p in /proc/[0-9]*; do
        [[ $(readlink "$p/ns/net" 2>/dev/null) == "net:[$ino]" ]] && printf '%s\n' "${p#/proc/}"
    done
    return 0
}
