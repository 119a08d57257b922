# shellcheck shell=bash
# What every lint starts with. A lint is called with the tree to look at (default: this one), prints
# "file:line: what is wrong" for each finding, and fails if there was any.
set -euo pipefail
LC_ALL=C
export LC_ALL
lint_directory=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tree=${1:-${PGSTEER_SOURCE:-$lint_directory/../..}}
cd "$tree"

# The C files of the layers, or of the directories given, one a line, sorted.
c_files() {
    local directories=("$@") existing=() directory
    [ $# -gt 0 ] || directories=(engine schema plans providers)
    for directory in "${directories[@]}"; do
        [ ! -d "$directory" ] || existing+=("$directory")
    done
    if [ ${#existing[@]} -eq 0 ]; then
        echo "no sources in $tree" >&2
        return 1
    fi
    find "${existing[@]}" -name '*.[ch]' | sort
}

# Read findings on stdin, print them, and fail if there are any.
report() {
    local findings
    findings=$(cat)
    [ -z "$findings" ] || { printf '%s\n' "$findings"; return 1; }
}
