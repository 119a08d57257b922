
effect_file_put() {
    IFS= read -r path <"$A/path"
    IFS= read -r owner <"$A/owner"
    IFS= read -r group <"$A/group"
    IFS= read -r mode <"$A/mode"
    place "$A/content" "$path" "$owner" "$group" "$mode"
}

effect_file_remove() {
    IFS= read -r path <"$A/path"
    [ -e "$path" ] || [ -L "$path" ] || return 0
    rm -f -- "$path" || exit 1
    sync -- "${path%/*}/"
    changed
}

effect_dir() {
    IFS= read -r path <"$A/path"
    IFS= read -r owner <"$A/owner"
    IFS= read -r group <"$A/group"
    IFS= read -r mode <"$A/mode"
    if [ ! -d "$path" ]; then
        make_parent "$path"
        mkdir -- "$path" || exit 1
        changed
    fi
    own "$path" "$owner" "$group" "$mode"
}

effect_link() {
    IFS= read -r path <"$A/path"
    IFS= read -r target <"$A/target"
    if [ -L "$path" ]; then
        [ "$(readlink -- "$path")" = "$target" ] && return 0
    elif [ -e "$path" ]; then
        fail "$path is there and is not a link"
    fi
    make_parent "$path"
    # A name that mktemp made unique; ln wants it free.
    temporary=$(mktemp -u -- "${path%/*}/.pgsteer.XXXXXXXX") || exit 1
    ln -s -- "$target" "$temporary" && mv -fT -- "$temporary" "$path" || exit 1
    sync -- "${path%/*}/"
    changed
}

# A block between two marker lines in a file that others write, too. Empty content takes it out.
effect_file_block() {
    IFS= read -r path <"$A/path"
    IFS= read -r block <"$A/block"
    owner=root group=root mode=0644
    if [ -e "$path" ]; then
        owner=$(stat -L -c %U -- "$path") group=$(stat -L -c %G -- "$path") mode=$(stat -L -c %a -- "$path")
    fi
    [ ! -e "$A/owner" ] || IFS= read -r owner <"$A/owner"
    [ ! -e "$A/group" ] || IFS= read -r group <"$A/group"
    [ ! -e "$A/mode" ] || IFS= read -r mode <"$A/mode"
    old=$path
    [ -e "$path" ] || old=/dev/null
    awk -v first="# BEGIN pgsteer $block" -v last="# END pgsteer $block" -v content="$A/content" '
        function put(line) {
            if (is_put++) return
            if ((getline line < content) <= 0) return
            print first
            do print line; while ((getline line < content) > 0)
            print last
        }
        $0 == first && !inside {put(); inside = 1; next}
        $0 == last && inside {inside = 0; next}
        !inside {print}
        END {
            put()
            if (inside) exit 3
        }' "$old" >"$A/new"
    case $? in
    0) ;;
    3) fail "$path has the line '# BEGIN pgsteer $block' without its end: mend it by hand" ;;
    *) exit 1 ;;
    esac
    # A link is followed: the file is shared with others.
    [ ! -L "$path" ] || path=$(readlink -f -- "$path")
    place "$A/new" "$path" "$owner" "$group" "$mode"
}

# staged PATH: is it in the set that is being checked, or to be removed?
is_in_set() {
    [ ! -e "$A/stage$1" ] || return 0
    for is_in_set_item in "$A"/remove/*; do
        [ -e "$is_in_set_item" ] || continue
        IFS= read -r is_in_set_path <"$is_in_set_item"
        [ "$is_in_set_path" != "$1" ] || return 0
    done
    return 1
}

# The set as haproxy will read it: what is not in the set is as it is now.
check_haproxy() {
    command -v haproxy >/dev/null || fail "haproxy is not installed, so its configuration cannot be checked"
    mkdir -p "$A/stage/etc/haproxy/conf.d"
    for file in /etc/haproxy/haproxy.cfg /etc/haproxy/conf.d/*.cfg; do
        [ ! -f "$file" ] || is_in_set "$file" || cp -- "$file" "$A/stage$file" || exit 1
    done
    haproxy -c -f "$A/stage/etc/haproxy/haproxy.cfg" -f "$A/stage/etc/haproxy/conf.d" \
        >"$A/check" 2>&1 && return 0
    # The message names the file it will be, not where it was staged.
    fail "haproxy refuses the configuration: $(sed -n "s,$A/stage,,g; s/^\[ALERT\] *([0-9]*) : *//p" "$A/check" | head -3 | tr '\n' ' ')"
}

check_each() {
    for file in "$A"/files/*; do
        IFS= read -r path <"$file/path"
        "$@" "$A/stage$path" >"$A/check" 2>&1 ||
            fail "$path is refused: $(sed "s,$A/stage,,g" "$A/check" | head -3 | tr '\n' ' ')"
    done
}

# Files that are judged together: staged, checked, then moved.
effect_file_set_put() {
    checker=none
    [ ! -e "$A/checker" ] || IFS= read -r checker <"$A/checker"
    differs=
    for file in "$A"/files/*; do
        [ -e "$file/path" ] || continue
        IFS= read -r path <"$file/path"
        mkdir -p -- "$A/stage${path%/*}" && cp -- "$file/content" "$A/stage$path" || exit 1
        cmp -s -- "$file/content" "$path" || differs=yes
    done
    for file in "$A"/remove/*; do
        [ -e "$file" ] || continue
        IFS= read -r path <"$file"
        [ ! -e "$path" ] || differs=yes
    done
    if [ -n "$differs" ]; then
        case $checker in
        none) ;;
        haproxy) check_haproxy ;;
        visudo) check_each visudo -c -q -f ;;
        sshd) check_each sshd -t -f ;;
        *) fail "there is no checker '$checker'" ;;
        esac
    fi
    for file in "$A"/files/*; do
        [ -e "$file/path" ] || continue
        IFS= read -r path <"$file/path"
        IFS= read -r owner <"$file/owner"
        IFS= read -r group <"$file/group"
        IFS= read -r mode <"$file/mode"
        place "$file/content" "$path" "$owner" "$group" "$mode"
    done
    for file in "$A"/remove/*; do
        [ -e "$file" ] || continue
        IFS= read -r path <"$file"
        [ -e "$path" ] || [ -L "$path" ] || continue
        rm -f -- "$path" && sync -- "${path%/*}/" || exit 1
        changed
    done
}

effect_marker() {
    IFS= read -r key <"$A/key"
    folder=/var/lib/pgsteer/markers
    if [ ! -e "$A/value" ]; then
        [ -e "$folder/$key.json" ] || return 0
        rm -f -- "$folder/$key.json" && sync -- "$folder/" || exit 1
        changed
        return 0
    fi
    [ -d "$folder" ] || mkdir -p -- "$folder" || exit 1
    own /var/lib/pgsteer root root 0700
    own "$folder" root root 0700
    place "$A/value" "$folder/$key.json" root root 0600
}

# Is there a database but the templates, as the probe (node_data.sh) sees it?
has_database() {
    for folder in "$1"/base/*/ "$1"/pg_tblspc/*; do
        case $folder in
        */base/1/ | */base/4/ | */base/pgsql_tmp/ | *'*'*) ;;
        *) return 0 ;;
        esac
    done
    return 1
}

# Only a data directory of ours, and never under a running server.
effect_data_remove() {
    IFS= read -r path <"$A/path"
    [ -e "$path" ] || return 0
    # What a copy that was cut short left has no control file, which comes last; what an initdb that
    # was cut short left has no database.
    if [ -e "$A/unfinished" ] && [ -s "$path/global/pg_control" ] && has_database "$path"; then
        fail "$path has a control file and databases, so it may hold data"
    fi
    real=$(readlink -f -- "$path") || exit 1
    case $path in
    /pg/data | /data/postgres/?*) ;;
    *) fail "$path is not a data directory of ours" ;;
    esac
    case $real in
    /data/postgres/?*) ;;
    *) fail "$path leads to $real, which is not below /data/postgres" ;;
    esac
    for process in /proc/[0-9]*; do
        [ "$(readlink "$process/cwd" 2>/dev/null)" != "$real" ] ||
            fail "a server runs on $path (process ${process#/proc/})"
    done
    [ -n "$(find "$real" -mindepth 1 -maxdepth 1 -print -quit)" ] || return 0
    find "$real" -mindepth 1 -delete || exit 1
    sync -- "$real"
    changed
}
