mkdir "$SCRATCH"
while IFS= read -r folder; do
    printf 'arg\t%s\n' "$folder"
    [ -d "$folder" ] || continue
    find "$folder" -maxdepth 1 -name '*.deb' -printf '%f %s\n' | sort >"$SCRATCH/there"
    exists=false
    current=false
    if [ -f "$folder/Packages" ]; then
        exists=true
        awk '/^Filename:/ {name = $2; sub(".*/", "", name)}
             /^Size:/ {size = $2}
             /^$/ {if (name != "") print name, size; name = ""}
             END {if (name != "") print name, size}' "$folder/Packages" | sort >"$SCRATCH/index"
        cmp -s "$SCRATCH/there" "$SCRATCH/index" && current=true
    fi
    printf 'repo\t%s\t%s\t%s\t%s\n' "$folder" "$(wc -l <"$SCRATCH/there")" "$exists" "$current"
done <"$ARGS"
