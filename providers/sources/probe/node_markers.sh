for file in /var/lib/pgsteer/markers/*.json; do
    [ -f "$file" ] || continue
    name=${file##*/}
    printf '%s\t' "${name%.json}"
    base64 -w0 <"$file" || exit 1
    echo
done
exit 0
