
# The job that installs: runs as a transient unit, so that it survives the loss of the connection.
packages_job='
set -u
folder=$1
export LC_ALL=C DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 APT_LISTCHANGES_FRONTEND=none
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
exec >"$folder/log" 2>&1 </dev/null
policy=/usr/sbin/policy-rc.d
restore_policy() {
    rm -f "$policy"
    [ ! -e "$policy.pgsteer-saved" ] || mv "$policy.pgsteer-saved" "$policy"
}
finish() {
    status=$?
    restore_policy
    echo "$status" >"$folder/status.new" && mv "$folder/status.new" "$folder/status"
}
trap finish EXIT
trap "exit 130" HUP INT TERM
# Nothing starts by being installed. A policy of somebody else comes back afterwards; one of ours
# that an interrupted run left is just replaced.
if [ -e "$policy" ] && ! grep -q pgsteer "$policy"; then
    mv "$policy" "$policy.pgsteer-saved" || exit 1
fi
printf "#!/bin/sh\n# pgsteer installs packages: no service starts meanwhile\nexit 101\n" >"$policy" &&
    chmod 755 "$policy" || exit 1
dpkg --configure -a --force-confold --force-confdef || exit 1
xargs -d "\n" -a "$folder/names" apt-get install -q -y --no-install-recommends --allow-downgrades \
    -o DPkg::Lock::Timeout=120 -o Dpkg::Use-Pty=0 -o Acquire::Retries=2 \
    -o APT::Keep-Downloaded-Packages=false \
    -o Dpkg::Options::=--force-confold -o Dpkg::Options::=--force-confdef --
'

# missing_packages: what of $A/wanted is not installed, to $A/missing. True if something is.
missing_packages() {
    # shellcheck disable=SC2016 # the ${} are dpkg's
    dpkg-query -W -f '${db:Status-Status} ${Package} ${Version}\n' |
        awk '$1 == "installed" {print $2; print $2 "=" $3}' >"$A/installed"
    grep -Fxv -f "$A/installed" "$A/wanted" >"$A/missing"
}

# wait_job UNIT FOLDER: until it has ended; its closing status to $job_status ("lost" without one).
wait_job() {
    job_turns=0
    while [ ! -e "$2/status" ]; do
        job_turns=$((job_turns + 1))
        if [ $((job_turns % 5)) -eq 0 ]; then
            case $(systemctl show --property=ActiveState --value -- "$1.service") in
            active | activating | deactivating) ;;
            *) [ -e "$2/status" ] || break ;;
            esac
        fi
        sleep 0.2
    done
    job_status=lost
    [ ! -e "$2/status" ] || IFS= read -r job_status <"$2/status"
}

start_packages_job() {
    (umask 077 && mkdir -p -- "$folder") || exit 1
    systemctl reset-failed -- "$unit.service" 2>/dev/null
    rm -f -- "$folder/status"
    cp -- "$A/missing" "$folder/names" && printf '%s' "$packages_job" >"$folder/run" || exit 1
    systemd-run --quiet --unit="$unit" --service-type=exec --description="pgsteer installs packages" \
        sh "$folder/run" "$folder" >"$A/start" 2>&1
}

# The lines of apt's output that say why.
packages_failed() {
    why=$(grep -h -E '^(E: |dpkg: error|Errors were encountered)' "$folder/log" 2>/dev/null |
        grep -v 'Errors were encountered' | sed 's/^E: //' | head -4 | tr '\n' ';' | sed 's/;$//; s/;/; /g')
    [ -n "$why" ] || why=$(tail -n 2 "$folder/log" 2>/dev/null | tr '\n' ' ')
    [ "$job_status" != lost ] || why="the job was ended from outside${why:+; $why}"
    fail "packages could not be installed: $why"
}

effect_packages() {
    job=packages
    [ ! -e "$A/job" ] || IFS= read -r job <"$A/job"
    unit=pgsteer-$job
    folder=/run/pgsteer/jobs/$job
    cat -- "$A"/names/* >"$A/wanted"
    if systemctl is-active -q -- "$unit.service"; then
        wait_job "$unit" "$folder"
        changed
    fi
    missing_packages || return 0
    if ! start_packages_job; then
        # Somebody else was faster: wait for that one, then start our own.
        systemctl is-active -q -- "$unit.service" || fail "the job could not be started: $(head -1 "$A/start")"
        wait_job "$unit" "$folder"
        missing_packages || return 0
        start_packages_job || fail "the job could not be started: $(head -1 "$A/start")"
    fi
    changed
    wait_job "$unit" "$folder"
    [ "$job_status" = 0 ] || packages_failed
    ! missing_packages || fail "apt ended without an error, but these are not installed: $(tr '\n' ' ' <"$A/missing")"
}

effect_apt_update() {
    list=''
    [ ! -e "$A/list" ] || IFS= read -r list <"$A/list"
    set -- -q -o APT::Update::Error-Mode=any -o Acquire::Retries=2
    [ -z "$list" ] || set -- "$@" -o "Dir::Etc::sourcelist=$list" -o Dir::Etc::sourceparts=- \
        -o APT::Get::List-Cleanup=0
    tries=0
    # The lock of the lists has no timeout option of its own.
    until apt-get update "$@" >"$A/log" 2>&1; do
        tries=$((tries + 1))
        if [ "$tries" -gt 60 ] || ! grep -q 'Could not get lock' "$A/log"; then
            fail "the package lists could not be read: $(grep -E '^(E|W): ' "$A/log" | sed 's/^[EW]: //' | head -2 | tr '\n' ' ')"
        fi
        sleep 1
    done
    changed
}

# The index of a folder of packages, as "deb [...] URL ./" reads it.
effect_repo_index() {
    IFS= read -r path <"$A/path"
    [ -d "$path" ] || fail "$path is not a folder"
    cd "$path" || exit 1
    find . -maxdepth 1 -name '*.deb' -printf '%f %s\n' | sort >"$A/there"
    if [ -f Packages ]; then
        awk '/^Filename:/ {name = $2; sub(".*/", "", name)}
             /^Size:/ {size = $2}
             /^$/ {if (name != "") print name, size; name = ""}
             END {if (name != "") print name, size}' Packages | sort >"$A/index"
        ! cmp -s "$A/there" "$A/index" || return 0
    fi
    mkdir "$A/stanzas" || exit 1
    # shellcheck disable=SC2016 # expanded by the inner sh
    find . -maxdepth 1 -name '*.deb' -printf '%f\0' | xargs -0 -r -n 8 -P "$(nproc)" sh -c '
        folder=$1
        shift
        for name; do
            sum=$(sha256sum <"$name") && {
                dpkg-deb -f "$name" && printf "Filename: ./%s\nSize: %s\nSHA256: %s\n\n" \
                    "$name" "$(stat -c %s "$name")" "${sum%% *}"
            } >"$folder/$name" || exit 1
        done' sh "$A/stanzas" || fail "the packages in $path could not be read"
    find "$A/stanzas" -type f -print0 | sort -z | xargs -0 -r cat >"$A/new" || exit 1
    place "$A/new" "$path/Packages" root root 0644
    wc -l <"$A/there"
}
