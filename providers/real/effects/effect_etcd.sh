
# The local etcd, with the root client certificate.
etcd_call() {
    ETCDCTL_API=3 etcdctl --endpoints="$endpoint" --command-timeout=10s --dial-timeout=5s \
        --cacert=/etc/etcd/ca.crt --cert=/etc/etcd/root.crt --key=/etc/etcd/root.key "$@"
}

# etcd_must ARGUMENTS: or the effect fails with the reason alone. etcdctl 3.4 prints it as JSON.
etcd_must() {
    etcd_call "$@" >"$A/answer" 2>"$A/said" && return 0
    reason=$(sed -n 's/.*"error":"\([^"]*\)".*/\1/p; s/^Error: *//p' "$A/said" | tail -1)
    [ -n "$reason" ] || reason=$(tail -1 "$A/said")
    case $reason in
    # A learner that has not caught up; a member that joined less than 5 s ago; an election.
    *'in sync with leader'* | *'unhealthy cluster'* | *'request timed out'* | *'no leader'* | *'leader changed'*)
        not_now "etcd says: $reason"
        ;;
    *) fail "etcd says: $reason" ;;
    esac
}

etcd_has() { # LIST NAME: is NAME a line of "LIST list"?
    etcd_must "$1" list
    grep -Fxq -e "$2" "$A/answer"
}

# The member at a peer URL: $id and $is_learner ("true", "false"); both empty when it is not listed.
etcd_member() {
    IFS= read -r peer_url <"$A/peer_url"
    etcd_must member list
    # shellcheck disable=SC2046 # two words
    set -- $(awk -F ', ' -v url="$peer_url" '$4 == url {print $1, $6}' "$A/answer")
    id=${1-} is_learner=${2-}
}

etcd_member_add() {
    etcd_member
    [ -z "$id" ] || return 0
    IFS= read -r learner <"$A/learner"
    [ "$learner" = false ] || set -- --learner
    etcd_must member add "$name" "$@" --peer-urls="$peer_url"
    changed
}

# The leader's client URL as $endpoint. Who does not answer does not lead.
etcd_ask_leader() {
    etcd_call endpoint status --cluster >"$A/answer" 2>"$A/said" || :
    endpoint=$(awk -F ', ' '$5 == "true" {print $1; exit}' "$A/answer")
    [ -n "$endpoint" ] || not_now "etcd has no leader"
}

# Of the leader: with authentication a follower of etcd 3.4 hands the request on without its user,
# and again and again until the request times out.
etcd_member_promote() {
    etcd_member
    [ -n "$id" ] || fail "etcd has no member at $peer_url"
    [ "$is_learner" = true ] || return 0
    etcd_ask_leader
    etcd_must member promote "$id"
    changed
}

# Never a member that counts for the quorum.
etcd_learner_remove() {
    etcd_member
    [ -n "$id" ] || return 0
    [ "$is_learner" = true ] || fail "the member of etcd at $peer_url is no learner any more"
    etcd_must member remove "$id"
    changed
}

# A role that may read and write below a prefix; without one it has no rights of its own.
etcd_role_put() {
    if ! etcd_has role "$name"; then
        etcd_must role add "$name"
        changed
    fi
    [ -e "$A/prefix" ] || return 0
    IFS= read -r prefix <"$A/prefix"
    etcd_must role get "$name"
    [ "$(grep -Fc -e "(prefix $prefix)" "$A/answer")" -lt 2 ] || return 0
    etcd_must role grant-permission "$name" readwrite "$prefix" --prefix=true
    changed
}

# Can the name log in with the password? Told to etcdctl by environment, not by command line.
etcd_knows() {
    password=$(cat -- "$A/password")
    ETCDCTL_API=3 ETCDCTL_USER=$name ETCDCTL_PASSWORD=$password etcdctl --endpoints="$endpoint" \
        --command-timeout=10s --dial-timeout=5s --cacert=/etc/etcd/ca.crt --cert=/etc/etcd/root.crt \
        --key=/etc/etcd/root.key get pgsteer-none >/dev/null 2>"$A/said" && return 0
    ! grep -q 'invalid user ID or password' "$A/said"
}

etcd_is_open() {
    ETCDCTL_API=3 ETCDCTL_USER=pgsteer-none ETCDCTL_PASSWORD=none etcdctl --endpoints="$endpoint" \
        --command-timeout=10s --dial-timeout=5s --cacert=/etc/etcd/ca.crt --cert=/etc/etcd/root.crt \
        --key=/etc/etcd/root.key get pgsteer-none >/dev/null 2>&1
}

etcd_user_put() {
    if ! etcd_has user "$name"; then
        if [ -s "$A/password" ]; then
            etcd_must user add "$name" --interactive=false <"$A/password"
        else
            etcd_must user add "$name" --no-password
        fi
        changed
    elif [ -s "$A/password" ] && { etcd_is_open || ! etcd_knows; }; then
        # While authentication is off nothing tells whether a password fits.
        etcd_must user passwd "$name" --interactive=false <"$A/password"
        changed
    fi
    etcd_must user get "$name"
    cp -- "$A/answer" "$A/roles_now"
    for file in "$A"/roles/*; do
        [ -e "$file" ] || continue
        IFS= read -r role <"$file"
        sed -n 's/^Roles: *//p' "$A/roles_now" | tr ' ' '\n' | grep -Fxq -e "$role" && continue
        etcd_must user grant-role "$name" "$role"
        changed
    done
}

etcd_auth_enable() {
    etcd_is_open || return 0
    etcd_must auth enable
    changed
}

etcd_key_put() {
    IFS= read -r key <"$A/key"
    etcd_must get "$key" --print-value-only
    printf '\n' >"$A/newline"
    cat -- "$A/value" "$A/newline" | cmp -s - "$A/answer" && return 0
    etcd_must put "$key" <"$A/value"
    changed
}

etcd_key_delete() {
    IFS= read -r key <"$A/key"
    etcd_must del "$key"
    [ "$(head -1 "$A/answer")" = 0 ] || changed
}

etcd_prefix_delete() {
    IFS= read -r prefix <"$A/prefix"
    case $prefix in
    /?*/) ;;
    *) fail "'$prefix' is not a prefix like /pg/name/" ;;
    esac
    etcd_must del "$prefix" --prefix
    [ "$(head -1 "$A/answer")" = 0 ] || changed
}

effect_etcd() {
    IFS= read -r op <"$A/op"
    name=''
    [ ! -e "$A/name" ] || IFS= read -r name <"$A/name"
    command -v etcdctl >/dev/null || fail "etcdctl is not installed"
    endpoint=$(sed -n "s/^advertise-client-urls:[[:space:]]*[\"']\{0,1\}\([^\"',]*\).*/\1/p" /etc/etcd/etcd.yml 2>/dev/null)
    [ -n "$endpoint" ] || endpoint=https://127.0.0.1:2379
    case $op in
    member_add | member_promote | learner_remove | role_put | user_put | auth_enable | key_put | key_delete | prefix_delete)
        "etcd_$op"
        ;;
    *) fail "there is no etcd operation '$op'" ;;
    esac
}
