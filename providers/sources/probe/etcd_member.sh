# Asks the local etcd; etcdctl reads the root client certificate, each call is bounded.
[ -f /etc/etcd/etcd.yml ] || exit 0
echo 'configured=true'
data=$(sed -n "s/^data-dir:[[:space:]]*[\"']\{0,1\}\([^\"']*\)[\"']\{0,1\}[[:space:]]*\$/\1/p" /etc/etcd/etcd.yml)
[ -n "$data" ] && [ -d "$data/member" ] && echo 'data_initialized=true'
command -v etcdctl >/dev/null && [ -f /etc/etcd/root.crt ] || exit 0
endpoint=$(sed -n "s/^advertise-client-urls:[[:space:]]*[\"']\{0,1\}\([^\"',]*\).*/\1/p" /etc/etcd/etcd.yml)
[ -n "$endpoint" ] || endpoint=https://127.0.0.1:2379
ask_etcd() {
    ETCDCTL_API=3 timeout 3 etcdctl --endpoints="$endpoint" --command-timeout=2s --dial-timeout=2s \
        --cacert=/etc/etcd/ca.crt --cert=/etc/etcd/root.crt --key=/etc/etcd/root.key "$@" 2>/dev/null
}
mkdir "$SCRATCH"
ask_etcd member list >"$SCRATCH/members" &
ask_etcd user list >"$SCRATCH/users" &
# A name that does not exist is let in only while authentication is off.
ask_etcd --user=pgsteer-probe:none get pgsteer-probe >/dev/null && echo yes >"$SCRATCH/open" &
ask_etcd get /pg/ --prefix -w json >"$SCRATCH/keys" && echo yes >"$SCRATCH/healthy" &
for role in $(ask_etcd role list); do
    printf 'role\t%s\n' "$role"
    ask_etcd role get "$role" | sed 's/^/grant\t/'
done
wait
[ -e "$SCRATCH/healthy" ] || exit 0
echo 'healthy=true'
if [ -e "$SCRATCH/open" ]; then echo 'auth_enabled=false'; else echo 'auth_enabled=true'; fi
sed 's/^/member\t/' "$SCRATCH/members"
sed 's/^/user\t/' "$SCRATCH/users"
printf 'keys\t'
# The header's identifiers are unsigned 64-bit numbers, which not every JSON reader takes.
sed 's/"header":{[^}]*},\{0,1\}//' "$SCRATCH/keys" | base64 -w0
echo
