sed 's/^/arg\t/' "$ARGS"
[ -s "$ARGS" ] || exit 0
mkdir "$SCRATCH"
# shellcheck disable=SC2016 # expanded by the inner sh
xargs -d '\n' -a "$ARGS" sh -c \
    'find -L "$@" -maxdepth 0 -type f -printf "%u\t%g\t%m\t%s\t%p\n"; exit 0' find \
    >"$SCRATCH/list" 2>"$SCRATCH/errors"
if grep -v -e 'No such file or directory$' -e 'Not a directory$' "$SCRATCH/errors" >&2; then
    exit 1
fi
tab=$(printf '\t')
while IFS="$tab" read -r owner group mode size path; do
    printf 'file\t%s\t%s\t%s\t%s\t' "$path" "$owner" "$group" "$mode"
    if [ "$size" -le 262144 ]; then
        printf 'content\t'
        base64 -w0 <"$path" || exit 1
    else
        printf 'sha256\t'
        sha256sum <"$path" || exit 1
    fi
    echo
done <"$SCRATCH/list"
