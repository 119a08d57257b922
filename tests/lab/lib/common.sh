# shellcheck shell=bash disable=SC2034
# Names, messages, locks and progress of the test lab. Sourced by tests/lab/lab.

LAB_CACHE=${PGSTEER_LAB_CACHE:-/var/cache/pgsteer-lab}
LAB_STATE=/var/lib/pgsteer-lab
LAB_SUBNET=10.10.10
LAB_USER="admin"
LAB_MAX_NODES=40
SLOW_PID=""
SLOW_LOG=""

# set_lab NAME: sets every variable that carries the lab's name.
set_lab() {
    [[ $1 =~ ^[a-z][a-z0-9]{0,11}$ ]] ||
        die "bad lab name '$1': a letter, then up to 11 letters or digits, all lower case"
    LAB=$1
    RUN=$LAB_STATE/$LAB
    NETNS=pgsteer-$LAB
    NETNS_FILE=/run/netns/$NETNS
    local bridge=br-$LAB
    BRIDGE=${bridge:0:15}
    KEY=$RUN/key
    KNOWN_HOSTS=$RUN/known_hosts
    SSH_CONFIG=$RUN/ssh_config
    LOCK_FILE=/run/lock/pgsteer-lab.$LAB
}

say() { printf '%s\n' "lab $LAB: $*" >&2; }
die() {
    printf 'lab: %s\n' "$*" >&2
    exit 1
}

# Wall clock in milliseconds, without a fork.
now_ms() { local t=${EPOCHREALTIME/[.,]/}; printf '%s' "${t%???}"; }
# since MS: seconds passed since MS, as "1.2".
since() {
    local d=$(($(now_ms) - $1))
    printf '%d.%d' $((d / 1000)) $((d % 1000 / 100))
}

# lock FD FILE WHAT: takes the exclusive lock on FILE, saying so when it waits.
lock() {
    local fd=$1 file=$2 what=$3
    mkdir -p "${file%/*}"
    eval "exec $fd>\"\$file\""
    flock -n "$fd" && return 0
    say "waiting for another command that holds the lock of $what"
    flock -w "${PGSTEER_LAB_LOCK_WAIT:-900}" "$fd" || die "the lock of $what is still held: $file"
}
lock_lab() { lock 9 "$LOCK_FILE" "lab $LAB"; }
lock_cache() { lock 8 "$LAB_CACHE/.lock" "the cache"; }
unlock_cache() { exec 8>&-; }

# slow LABEL CMD...: runs CMD with its output in a log, says that it goes on
# every 4 s, and shows the end of the log when it fails. Sets SLOW_LOG.
slow() {
    local label=$1 start pid rc=0 next
    shift
    SLOW_LOG=$(mktemp /tmp/pgsteer-lab-log.XXXXXX)
    start=$(now_ms)
    next=$((start + 4000))
    say "$label"
    # A process group of its own, so that an interrupt can end all of it.
    set -m
    (
        set -e
        trap - INT TERM
        "$@"
    ) >"$SLOW_LOG" 2>&1 </dev/null 9>&- &
    pid=$!
    set +m
    SLOW_PID=$pid
    while kill -0 "$pid" 2>/dev/null; do
        sleep 0.1
        if (($(now_ms) >= next)); then
            say "  ... $label: $(since "$start") s"
            next=$((next + 4000))
        fi
    done
    wait "$pid" || rc=$?
    SLOW_PID=
    if ((rc != 0)); then
        tail -n 30 "$SLOW_LOG" | sed 's/^/  | /' >&2
        die "failed ($rc): $label (whole output: $SLOW_LOG)"
    fi
    rm -f "$SLOW_LOG"
    say "  done in $(since "$start") s"
}

interrupted() {
    trap '' INT TERM
    if [[ -n $SLOW_PID ]]; then
        kill -TERM -- "-$SLOW_PID" 2>/dev/null || true
        wait "$SLOW_PID" 2>/dev/null || true
    fi
    rm -f "$SLOW_LOG"
    say "interrupted (lab down cleans up)"
    exit 130
}

# Every cgroup hierarchy of the machine that a node gets a directory in.
# cpuset is left out: a new cpuset takes no process before it is set up.
cgroup_roots() {
    local mp type opts
    while read -r _ mp type opts _; do
        case $type in
        cgroup) [[ ,$opts, == *,cpuset,* ]] || printf '%s\n' "$mp" ;;
        cgroup2) printf '%s\n' "$mp" ;;
        esac
    done </proc/self/mounts
}
# The hierarchy in which a node's systemd keeps its processes.
cgroup_main() {
    if [[ -d /sys/fs/cgroup/systemd ]]; then
        printf /sys/fs/cgroup/systemd
    elif [[ -d /sys/fs/cgroup/unified ]]; then
        printf /sys/fs/cgroup/unified
    else
        printf /sys/fs/cgroup
    fi
}
cgroup_name() { printf 'pgsteer-%s-%s' "$LAB" "$1"; }

# Installs what the host lacks.
need_host() {
    local pair pkgs=()
    for pair in mmdebstrap:mmdebstrap systemd-nspawn:systemd-container ip:iproute2 \
        apt-ftparchive:apt-utils ssh:openssh-client ssh-keygen:openssh-client nft:nftables; do
        command -v "${pair%%:*}" >/dev/null || pkgs+=("${pair#*:}")
    done
    ((${#pkgs[@]})) || return 0
    say "the host lacks: ${pkgs[*]}"
    slow "apt-get update on the host" apt_retry update
    slow "installing on the host: ${pkgs[*]}" apt_retry install -y --no-install-recommends "${pkgs[@]}"
}
apt_retry() {
    local i
    for i in 1 2 3 4 5 6 7 8 9 10; do
        DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 "$@" && return 0
        echo "apt-get $* failed (try $i), again in 3 s"
        sleep 3
    done
    return 1
}
need_root() { ((EUID == 0)) || die "needs root"; }
need_up() { [[ -e $RUN/lab.conf && -e $NETNS_FILE ]] || die "lab $LAB is not up (tests/lab/lab up)"; }
