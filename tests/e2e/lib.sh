# shellcheck shell=bash disable=SC2034 # variables are for the scenarios
# What the scenarios share: a lab named e2e, pgsteer inside of its network, checks that say what they
# expected and what they saw, and waits that end.
#
# A scenario sources this, calls bare_nodes or ready_cluster, checks, and ends with finish. A check
# that fails is printed and counted, and the scenario goes on; what later steps need is a must.
# Nothing sleeps for a fixed time. Scratch files are kept when a check failed.
set -uo pipefail

e2e=$(cd "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
source_root=${PGSTEER_SOURCE:-$(cd "$e2e/../.." && pwd)}
pgsteer=${PGSTEER:-$source_root/build/dev/engine/cli/pgsteer}
build=${PGSTEER_BUILD:-$source_root/build/dev}
export PGSTEER_LAB=${PGSTEER_LAB:-e2e}
export LC_ALL=C.UTF-8

work=$(mktemp -d "/tmp/pgsteer-$PGSTEER_LAB.XXXXXX")
shared=$build/$PGSTEER_LAB # the state of the cluster that the snapshot "ready" holds
inventory=$work/inventory.yml
state=$work/state
out=$work/out
err=$work/err
checks=0
patience=3 # times as long as a machine takes that has nothing else to do
failures=0
began=$EPOCHSECONDS
members=(n1 n2 n3)
cp "$e2e/inventory.yml" "$inventory"

cleanup() {
    local pid
    for pid in $(jobs -p); do kill "$pid" 2>/dev/null; done
    if ((failures == 0)); then rm -rf "$work"; else echo "kept: $work"; fi
}
trap cleanup EXIT
trap 'exit 130' INT TERM

# -- checks --------------------------------------------------------------------------------------

say() { printf '%4d s  %s\n' $((EPOCHSECONDS - began)) "$*"; }
passed() {
    checks=$((checks + 1))
    say "ok    $1"
}
failed() {
    checks=$((checks + 1))
    failures=$((failures + 1))
    say "FAIL  $1"
    printf '%s\n' "${@:2}" | sed 's/^/          /'
}

# check WHAT CMD...: CMD succeeds.
check() {
    local what=$1
    shift
    if "$@" >"$work/check" 2>&1; then
        passed "$what"
    else
        failed "$what" "expected to succeed: $*" "$(tail -n 30 "$work/check")"
    fi
}

# check_is WHAT EXPECTED SEEN
check_is() {
    if [[ $2 == "$3" ]]; then passed "$1"; else failed "$1" "expected: $2" "seen:     $3"; fi
}

# check_has WHAT FILE PATTERN (extended regular expression), check_lacks: the contrary
check_has() {
    if grep -qE -e "$3" "$2"; then
        passed "$1"
    else
        failed "$1" "expected a line with: $3" "seen in $2:" "$(tail -n 40 "$2")"
    fi
}
check_lacks() {
    if grep -qE -e "$3" "$2"; then
        failed "$1" "expected no line with: $3" "seen in $2:" "$(grep -E -e "$3" "$2" | head -n 10)"
    else
        passed "$1"
    fi
}

must() { "$@" || stop "needed, but failed: $*"; }
stop() {
    failed "$1" "${@:2}"
    finish
}

finish() {
    printf '%d checks, %d failed, %d s\n' "$checks" "$failures" $((EPOCHSECONDS - began))
    exit $((failures > 0))
}

# wait_for SECONDS WHAT CMD...: until CMD succeeds; a failed check when it does not in time.
wait_for() {
    local end=$((EPOCHSECONDS + $1 * patience)) what=$2
    shift 2
    until "$@" >"$work/wait" 2>&1; do
        if ((EPOCHSECONDS >= end)); then
            failed "$what" "waited in vain for: $*" "$(tail -n 20 "$work/wait")"
            return 1
        fi
        sleep 0.2
    done
    passed "$what"
}

# -- pgsteer -------------------------------------------------------------------------------------

# steer COMMAND ARGS...: pgsteer where the nodes are, stdin closed; fills $out and $err.
steer() {
    local command=$1 options=()
    shift
    case $command in
    plan | apply | status | list | graph | lease)
        options=(-i "$inventory" -state-dir "$state" -ssh-config "$(lab ssh_config)")
        ;;
    validate) options=(-i "$inventory") ;;
    state) options=(-i "$inventory" -state-dir "$state") ;;
    esac
    lab run timeout 400 "$pgsteer" "$command" "${options[@]}" "$@" >"$out" 2>"$err" </dev/null
}

# check_steer WHAT EXIT COMMAND ARGS...
check_steer() {
    local what=$1 expected=$2 status
    shift 2
    steer "$@"
    status=$?
    if ((status == expected)); then
        passed "$what"
    else
        failed "$what" "pgsteer $* exited $status, expected $expected" \
            "stdout:" "$(tail -n 60 "$out")" "stderr:" "$(tail -n 60 "$err")"
        return 1
    fi
}

# steer_aside COMMAND ARGS...: the same in the background; its pid is $aside.
steer_aside() {
    local command=$1
    shift
    "$lab" run "$pgsteer" "$command" -i "$inventory" -state-dir "$state" \
        -ssh-config "$(lab ssh_config)" "$@" >"$out.aside" 2>"$err.aside" </dev/null &
    aside=$!
}

# "71 0 0": what a plan or an apply says it adds, changes, destroys.
plan_counts() { sed -nE 's/^Plan: ([0-9]+) to add, ([0-9]+) to change, ([0-9]+) to destroy.*/\1 \2 \3/p' "$1"; }
apply_counts() {
    sed -nE 's/^Apply complete! Resources: ([0-9]+) added, ([0-9]+) changed, ([0-9]+) destroyed.*/\1 \2 \3/p' "$1"
}

# insert MARK LINE: a line of the inventory above "# more MARK", indented like it.
insert() {
    mark=$1 line=$2 perl -0pi -e 's/^( *)(# more \Q$ENV{mark}\E)$/$1$ENV{line}\n$1$2/m' "$inventory"
}

check_no_changes() {
    check_steer "$1" 0 plan -detailed-exitcode && check_has "$1: and says so" "$out" '^No changes\.'
}

# -- the lab -------------------------------------------------------------------------------------

lab=$source_root/tests/lab/lab
lab() { "$lab" "$@"; }
quiet() { "$@" >>"$work/lab.log" 2>&1 || { tail -n 20 "$work/lab.log" && return 1; }; }
lab_is_up() { lab netns >/dev/null 2>&1; }

# bare_nodes bare|packages: fresh Debian on every node; snapshots are kept.
bare_nodes() {
    local flavour=$1 options=()
    [[ $flavour == packages ]] && options=(--with-packages)
    if lab_is_up; then quiet lab down --keep-snapshots || stop "lab down"; fi
    quiet lab up --nodes 3 "${options[@]}" || stop "lab up"
    say "nodes are up, $flavour"
}

# The cluster that create.test left, as it left it, healthy.
ready_cluster() {
    if ! lab snapshots | grep -q '^ready '; then
        say "no snapshot: creating the cluster first"
        bare_nodes bare
        check_steer "the cluster is created" 0 apply -auto-approve || finish
        keep_ready
    fi
    quiet lab restore ready || stop "lab restore"
    cp -a "$shared/state" "$state"
    wait_for 60 "the cluster is healthy after the restore" is_healthy || finish
}

keep_ready() {
    if lab snapshots | grep -q '^ready '; then quiet lab forget ready; fi
    rm -rf "$shared"
    mkdir -p "$shared"
    cp -a "$state" "$shared/state"
    quiet lab snapshot ready || stop "lab snapshot"
}

# root NODE CMD...: as root, by the back door, without SSH.
root() { lab exec "$@"; }
root_all() {
    local node
    for node in infra "${members[@]}"; do root "$node" "$@" || return; done
}

# psql_on NODE DATABASE SQL: as the superuser, over the server's socket.
psql_on() { root "$1" runuser -u postgres -- psql -XAtq -v ON_ERROR_STOP=1 -d "$2" -c "$3"; }
pool_console() { root "$1" runuser -u postgres -- psql -XAtq -p 6432 -d pgbouncer -c "$2"; }

# login USER PASSWORD HOST PORT DATABASE SQL: as a client, from outside of the nodes.
login() {
    PGPASSWORD=$2 PGCONNECT_TIMEOUT=5 lab run psql -XAtq "host=$3 port=$4 user=$1 dbname=$5" -c "$6"
}

# "Leader running", "Replica running" for each member, by patronictl.
patronictl_list() {
    root "$1" patronictl -c /etc/patroni/patroni.yml list -f tsv 2>/dev/null
}

# As etcd has it, where a restored member's key may say what was, and as the servers have it.
is_healthy() {
    local list
    list=$(patronictl_list n1) || return 1
    printf '%s\n' "$list"
    [[ $(grep -cE $'\t(Leader|Replica|Sync Standby)\t(running|streaming)\t' <<<"$list") == 3 ]] &&
        [[ $(grep -c $'\tLeader\t' <<<"$list") == 1 ]] &&
        ! grep -q $'\tunknown' <<<"$list" &&
        [[ $(psql_on "$(leader_in <<<"$list")" postgres \
            "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'") == 2 ]] &&
        login dbuser_app e2e-app-27c1 10.10.10.11 5433 app 'SELECT 1' &&
        login dbuser_app e2e-app-27c1 10.10.10.12 5434 app 'SELECT 1'
}

leader_in() { awk -F'\t' '$4 == "Leader" { sub(/.*-/, "n", $2); print $2 }'; }
leader() { patronictl_list n1 | leader_in; }
