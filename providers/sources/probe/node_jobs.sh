units=$(systemctl list-units --all --plain --no-legend 'pgsteer-*.service' | awk '{print $1}') || exit 1
for unit in $units; do
    job=${unit#pgsteer-}
    status=
    file=/run/pgsteer/jobs/${job%.service}/status
    [ -e "$file" ] && IFS= read -r status <"$file"
    printf 'job\t%s\t%s\n' "$unit" "$status"
    systemctl show --property=ActiveState,Result -- "$unit"
done
