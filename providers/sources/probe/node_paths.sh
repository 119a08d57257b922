sed 's/^/arg\t/' "$ARGS"
[ -s "$ARGS" ] || exit 0
mkdir "$SCRATCH"
# shellcheck disable=SC2016 # expanded by the inner sh
xargs -d '\n' -a "$ARGS" sh -c \
    'find "$@" -maxdepth 0 -printf "path\t%p\t%y\t%u\t%g\t%m\t%l\n"; exit 0' find 2>"$SCRATCH/errors"
# Not there is an answer; anything else is not.
if grep -v -e 'No such file or directory$' -e 'Not a directory$' "$SCRATCH/errors" >&2; then
    exit 1
fi
exit 0
