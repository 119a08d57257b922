sed 's/^/arg\t/' "$ARGS"
while IFS= read -r name; do
    getent passwd "$name" | sed 's/^/user\t/'
done <"$ARGS"
getent group | sed 's/^/group\t/'
