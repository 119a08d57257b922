# shellcheck shell=bash
# The nodes: their seed (identity), disks, start and end.
#
# $RUN/nodes/NODE/: seed/ (what makes the node this node), upper/ (its disk),
# chain (layers below, top first), base-chain (those of a fresh disk),
# console.log; meminfo, cut and peers while such a change is in force.

node_ip() {
    case $1 in
    infra) printf '%s.10' "$LAB_SUBNET" ;;
    n[1-9] | n[1-9][0-9]) printf '%s.%d' "$LAB_SUBNET" $((10 + ${1#n})) ;;
    *) die "no such node name: '$1' (infra, n1, n2 ...)" ;;
    esac
}
# The lab's nodes, infra first.
nodes() {
    local f names=()
    for f in "$RUN"/nodes/*/seed; do
        [[ -e $f ]] || continue
        f=${f%/seed}
        names+=("${f##*/}")
    done
    ((${#names[@]})) || return 0
    printf '%s\n' "${names[@]}" | sort -V
}
need_node() { [[ -n ${1:-} && -d $RUN/nodes/$1/seed ]] || die "lab $LAB has no node '${1:-}'"; }
# node_args ARG...: sets NODES to the named nodes, or to all of them.
node_args() {
    local n
    if (($# == 0)) || [[ $1 == all ]]; then
        mapfile -t NODES < <(nodes)
    else
        NODES=("$@")
        for n in "${NODES[@]}"; do need_node "$n"; done
    fi
}

# node_pid NODE: pid (on the host) of the node's systemd, or rc 1.
node_pid() {
    local cg f pid key value
    cg=$(cgroup_main)/$(cgroup_name "$1")
    for f in "$cg/init.scope/cgroup.procs" "$cg/payload/init.scope/cgroup.procs"; do
        [[ -e $f ]] || continue
        while read -r pid; do
            while read -r key value; do
                [[ $key == NSpid: ]] || continue
                [[ $value =~ [[:space:]]1$ ]] && printf '%s' "$pid" && return 0
                break
            done <"/proc/$pid/status"
        done <"$f"
    done 2>/dev/null
    return 1
}
node_running() { node_pid "$1" >/dev/null; }
# The pid of the node's launcher, while it lives (also before it entered the
# node's cgroups).
node_launcher() {
    local f=$RUN/nodes/$1/launcher pid
    [[ -s $f ]] || return 0
    pid=$(<"$f")
    if { tr '\0' '\n' <"/proc/$pid/cmdline"; } 2>/dev/null | grep -qxF "$RUN/nodes/$1"; then
        printf '%s\n' "$pid"
    fi
}
# Every pid of the node, its launcher included.
node_pids() {
    local dir
    dir=$(cgroup_main)/$(cgroup_name "$1")
    {
        node_launcher "$1"
        if [[ -d $dir ]]; then find "$dir" -name cgroup.procs -exec cat {} + 2>/dev/null || true; fi
    } | sort -un
}

# seed_node NODE: what makes a node itself: name, address, keys, machine-id.
seed_node() {
    local node=$1 dir=$RUN/nodes/$1 seed=$RUN/nodes/$1/seed.new ip
    ip=$(node_ip "$node")
    rm -rf "$seed"
    mkdir -p "$seed/etc/ssh" "$seed/etc/systemd/network" "$seed/home/$LAB_USER/.ssh"
    printf '%s\n' "$node" >"$seed/etc/hostname"
    printf '127.0.0.1\tlocalhost\n127.0.1.1\t%s\n::1\tlocalhost ip6-localhost ip6-loopback\n' "$node" >"$seed/etc/hosts"
    tr -d - </proc/sys/kernel/random/uuid >"$seed/etc/machine-id"
    cat >"$seed/etc/systemd/network/10-lab.network" <<EOF
[Match]
Name=host0

[Network]
Address=$ip/24
Gateway=$LAB_SUBNET.1
LinkLocalAddressing=no
IPv6AcceptRA=no
EOF
    ssh-keygen -q -t ed25519 -N '' -C "root@$node" -f "$seed/etc/ssh/ssh_host_ed25519_key"
    ssh-keygen -q -t ecdsa -N '' -C "root@$node" -f "$seed/etc/ssh/ssh_host_ecdsa_key"
    cp "$KEY.pub" "$seed/home/$LAB_USER/.ssh/authorized_keys"
    chmod 755 "$seed" "$seed/etc" "$seed/etc/ssh" "$seed/etc/systemd" "$seed/etc/systemd/network" \
        "$seed/home" "$seed/home/$LAB_USER"
    chmod 644 "$seed"/etc/{hostname,hosts,machine-id} "$seed"/etc/systemd/network/* \
        "$seed/home/$LAB_USER/.ssh/authorized_keys"
    chmod 700 "$seed/home/$LAB_USER/.ssh"
    chown -R 1000:1000 "$seed/home/$LAB_USER"
    mv "$seed" "$dir/seed"
}
# The layers of a fresh disk, top first: base_chain NODE FLAVOUR.
base_chain() {
    local node=$1 flavour=$2
    if [[ $flavour == packages ]]; then
        if [[ $node == infra ]]; then printf '%s\n' "$GEN/baked-infra"; fi
        printf '%s\n' "$GEN/baked"
    fi
    if [[ $node == infra ]]; then printf '%s\n' "$GEN/pool"; fi
    printf '%s\n' "$GEN/base"
}
# fresh_disk NODE: an empty upper layer with the seed on the fresh layers.
fresh_disk() {
    local dir=$RUN/nodes/$1
    rm -rf "$dir/upper"
    cp -a "$dir/seed" "$dir/upper"
    cp "$dir/base-chain" "$dir/chain"
}
make_node() {
    local node=$1 flavour=$2
    mkdir -p "$RUN/nodes/$node"
    base_chain "$node" "$flavour" >"$RUN/nodes/$node/base-chain"
    seed_node "$node"
    fresh_disk "$node"
}
# boot_node NODE: powers the node on, and returns at once.
boot_node() {
    local node=$1 dir=$RUN/nodes/$1 roots
    mapfile -t roots < <(cgroup_roots)
    setsid "$LAB_LIB/boot-node" "$dir" "$NETNS_FILE" "$BRIDGE" "$LAB" "$node" "$(cgroup_name "$node")" \
        "${roots[@]}" >>"$dir/console.log" 2>&1 </dev/null 9>&- 8>&- &
    echo $! >"$dir/launcher"
}

# wait_ready NODE...: until sshd answers and lets users in. First by the
# node's own socket table (no packet needed), then by the banner.
wait_ready() {
    local node start pid left=() next wait=()
    start=$(now_ms)
    next=$((start + 4000))
    wait=("$@")
    while ((${#wait[@]})); do
        left=()
        for node in "${wait[@]}"; do
            if ! { pid=$(node_pid "$node") && node_is_up "$node" "$pid"; }; then
                left+=("$node")
                # With the node's launcher gone, nothing is to be waited for.
                if ! kill -0 "$(<"$RUN/nodes/$node/launcher")" 2>/dev/null; then
                    tail -n 20 "$RUN/nodes/$node/console.log" | sed 's/^/  | /' >&2
                    die "node $node does not start (end of its console above)"
                fi
            fi
        done
        wait=("${left[@]}")
        ((${#wait[@]})) || break
        (($(now_ms) - start < 90000)) || die "not up after 90 s: ${wait[*]} (see $RUN/nodes/NODE/console.log)"
        if (($(now_ms) >= next)); then
            say "  ... waiting for ${wait[*]}: $(since "$start") s"
            next=$((next + 4000))
        fi
        sleep 0.03
    done
    local ips=()
    for node in "$@"; do [[ -e $RUN/nodes/$node/cut ]] || ips+=("$(node_ip "$node")"); done
    ((${#ips[@]})) || return 0
    # shellcheck disable=SC2016
    nsenter --net="$NETNS_FILE" timeout 30 bash -c '
        for ip; do
            until { exec 3<>"/dev/tcp/$ip/22" && read -r -t 2 line <&3 && [[ $line == SSH-* ]]; } 2>/dev/null; do
                sleep 0.05
            done
            exec 3>&-
        done' banner "${ips[@]}" || die "no sshd banner from all of: ${ips[*]}"
}
node_is_up() {
    local node=$1 pid=$2 tcp trie
    { tcp=$(<"/proc/$pid/net/tcp") && trie=$(<"/proc/$pid/net/fib_trie"); } 2>/dev/null || return 1
    [[ $tcp == *":0016 00000000:0000 0A"* ]] || return 1
    # With its cable out a node does not set its address.
    [[ $trie == *"$(node_ip "$node")"$'\n'* || -e $RUN/nodes/$node/cut ]] || return 1
    [[ ! -e /proc/$pid/root/run/nologin ]]
}

# power_on NODE...: boots, puts a cut and meminfo back in force, waits.
power_on() {
    local node
    for node in "$@"; do boot_node "$node"; done
    for node in "$@"; do back_in_force "$node"; done
    wait_ready "$@"
}
# back_in_force NODE: a starting node gets its meminfo and its cut cable.
back_in_force() {
    [[ -e $RUN/nodes/$1/cut || -e $RUN/nodes/$1/meminfo ]] || return 0
    wait_pid "$1"
    if [[ -e $RUN/nodes/$1/meminfo ]]; then apply_meminfo "$1"; fi
    if [[ -e $RUN/nodes/$1/cut ]]; then link "$1" down; fi
}
wait_pid() {
    local i
    for ((i = 0; i < 300; i++)); do
        node_running "$1" && return 0
        sleep 0.03
    done
    die "node $1 does not start (see $RUN/nodes/$1/console.log)"
}

# power_off NODE...: SIGKILL, by pid, to the nodes' systemd (with it goes the
# whole pid namespace), then to what is left of the launchers.
power_off() {
    local node pid pids=() i left wait=("$@")
    for ((i = 0; ${#wait[@]}; i++)); do
        left=()
        for node in "${wait[@]}"; do
            mapfile -t pids < <(node_pids "$node")
            ((${#pids[@]} == 0)) && continue
            left+=("$node")
            if ((i < 8)) && pid=$(node_pid "$node"); then
                kill -KILL "$pid" 2>/dev/null || true
            elif ((i >= 8)) || { pid=$(node_launcher "$node") && [[ ${pids[*]} == "$pid" ]]; }; then
                # No systemd, only what was to start it, or still something.
                drop_nspawn_locks "${pids[@]}"
                kill -KILL "${pids[@]}" 2>/dev/null || true
            fi
        done
        wait=("${left[@]}")
        ((i < 400)) || die "processes of ${wait[*]} do not go away: ${pids[*]}"
        if ((${#wait[@]})); then sleep 0.05; fi
    done
    for node in "$@"; do
        drop_cgroups "$node" &
    done
    wait
    for node in "$@"; do
        rm -rf "/run/systemd/nspawn/propagate/$LAB-$node" "/run/systemd/nspawn/unix-export/$LAB-$node"
    done
}
# nspawn removes its lock files when it ends by itself, not when it is killed.
drop_nspawn_locks() {
    local pid f
    for pid; do
        for f in "/proc/$pid"/fd/*; do
            f=$(readlink "$f" 2>/dev/null) || continue
            case $f in /run/systemd/nspawn/locks/*) rm -f "$f" ;; esac
        done
    done
}
drop_cgroups() {
    local root dir i
    for root in $(cgroup_roots); do
        dir=$root/$(cgroup_name "$1")
        for ((i = 0; i < 40; i++)); do
            [[ -d $dir ]] || break
            find "$dir" -depth -type d -exec rmdir {} + 2>/dev/null && break
            sleep 0.05
        done
    done
}
# shut_down NODE...: clean power-off of all at once; hard after 90 s.
shut_down() {
    local node pid start
    start=$(now_ms)
    for node in "$@"; do
        if pid=$(node_pid "$node"); then kill -s RTMIN+4 "$pid" 2>/dev/null || true; fi
    done
    for node in "$@"; do
        while node_running "$node"; do
            if (($(now_ms) - start > 90000)); then
                say "node $node did not shut down in 90 s: killing it"
                break
            fi
            sleep 0.05
        done
    done
    power_off "$@"
}
# in_node NODE CMD...: CMD as root in the node's namespaces, without ssh.
in_node() {
    local pid node=$1
    shift
    pid=$(node_pid "$node") || die "node $node is not running"
    nsenter -t "$pid" -m -u -i -n -p -r -w env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root \
        LC_ALL=C.UTF-8 TERM="${TERM:-dumb}" "$@"
}

# --- memory that the node believes to have -------------------------------
apply_meminfo() {
    in_node "$1" sh -c 'umask 022; mkdir -p /run/lab
        while umount /proc/meminfo 2>/dev/null; do :; done
        cat >/run/lab/meminfo && mount --bind /run/lab/meminfo /proc/meminfo' <"$RUN/nodes/$1/meminfo"
}
# scaled_meminfo KB: a meminfo of a machine with KB kB, three quarters free.
scaled_meminfo() {
    awk -v total="$1" '
        $1 == "MemTotal:" { real = $2 }
        { v = int($2 * total / real) }
        $1 == "MemTotal:" { v = total }
        $1 == "MemFree:" || $1 == "MemAvailable:" { v = int(total * 3 / 4) }
        $1 == "SwapTotal:" || $1 == "SwapFree:" || $1 == "SwapCached:" { v = 0 }
        $1 ~ /^(Huge|Direct|Vmalloc|Hugetlb|Percpu)/ { print; next }
        { printf "%-15s %8d kB\n", $1, v }' /proc/meminfo
}
