IFS= read -r data <"$ARGS" || data=/pg/data
printf 'path=%s\n' "$data"
if [ ! -e "$data" ]; then
    echo 'empty=true'
    exit 0
fi
[ -n "$(find -H "$data" -mindepth 1 -maxdepth 1 -print -quit)" ] || echo 'empty=true'
for signal in standby.signal recovery.signal; do
    [ -e "$data/$signal" ] && printf 'signal=%s\n' "$signal"
done
[ -e "$data/backup_label" ] && echo 'has_backup_label=true'
pid=
[ -e "$data/postmaster.pid" ] && IFS= read -r pid <"$data/postmaster.pid"
# Alive, and its own directory is this one: not a recycled number.
case $pid in
'' | *[!0-9]*) ;;
*)
    [ "$(readlink "/proc/$pid/cwd" 2>/dev/null)" = "$(readlink -f "$data")" ] &&
        printf 'postmaster_pid=%s\n' "$pid"
    ;;
esac
[ -e "$data/PG_VERSION" ] && [ -e "$data/global/pg_control" ] || exit 0
IFS= read -r version <"$data/PG_VERSION"
printf 'initialized=true\nversion=%s\n' "$version"
# initdb makes the database postgres last; template0 has the number 4 since PostgreSQL 15. Databases
# of users begin at 16384.
databases=
for folder in "$data"/base/*/ "$data"/pg_tblspc/*; do
    case $folder in
    */base/1/ | */base/4/ | */base/pgsql_tmp/ | *'*'*) ;;
    *) databases=yes ;;
    esac
done
[ -n "$databases" ] || echo 'no_database=true'
for program in /usr/pgsql/bin/pg_controldata "/usr/lib/postgresql/$version/bin/pg_controldata" \
    "/usr/pgsql-$version/bin/pg_controldata"; do
    [ -x "$program" ] || continue
    echo '--'
    "$program" -D "$data"
    exit "$?"
done
echo "$data is initialised, but there is no pg_controldata to read it" >&2
exit 1
