
# make_group NAME [GID]
make_group() {
    getent group "$1" >/dev/null && return 0
    set -- "$1" "${2:+--gid=$2}"
    groupadd ${system:+--system} ${2:+"$2"} -- "$1" || exit 1
    changed
}

effect_user() {
    IFS= read -r name <"$A/name"
    uid='' gid='' group=$name home='' shell='' system=''
    [ ! -e "$A/uid" ] || IFS= read -r uid <"$A/uid"
    [ ! -e "$A/gid" ] || IFS= read -r gid <"$A/gid"
    [ ! -e "$A/group" ] || IFS= read -r group <"$A/group"
    [ ! -e "$A/home" ] || IFS= read -r home <"$A/home"
    [ ! -e "$A/shell" ] || IFS= read -r shell <"$A/shell"
    [ ! -e "$A/system" ] || IFS= read -r system <"$A/system"
    [ "$system" != false ] || system=''
    make_group "$group" "$gid"
    if ! entry=$(getent passwd "$name"); then
        useradd ${system:+--system} ${uid:+"--uid=$uid"} "--gid=$group" ${home:+"--home-dir=$home"} \
            --create-home ${shell:+"--shell=$shell"} -- "$name" || exit 1
        changed
    else
        seen_uid=$(printf '%s' "$entry" | cut -d: -f3)
        [ -z "$uid" ] || [ "$uid" = "$seen_uid" ] ||
            fail "user $name has uid $seen_uid, not $uid: files would lose their owner, change it by hand"
        [ "$(id -gn -- "$name")" = "$group" ] || { usermod "--gid=$group" -- "$name" && changed; } || exit 1
        [ -z "$home" ] || [ "$(printf '%s' "$entry" | cut -d: -f6)" = "$home" ] ||
            { usermod "--home=$home" -- "$name" && changed; } || exit 1
        [ -z "$shell" ] || [ "$(printf '%s' "$entry" | cut -d: -f7)" = "$shell" ] ||
            { usermod "--shell=$shell" -- "$name" && changed; } || exit 1
    fi
    for file in "$A"/groups/*; do
        [ -e "$file" ] || continue
        IFS= read -r group <"$file"
        make_group "$group"
        case " $(id -Gn -- "$name") " in
        *" $group "*) ;;
        *)
            usermod --append "--groups=$group" -- "$name" || exit 1
            changed
            ;;
        esac
    done
}

effect_hostname() {
    place "$A/name" /etc/hostname root root 0644
    IFS= read -r name <"$A/name"
    [ "$(uname -n)" = "$name" ] && return 0
    hostname "$name" || exit 1
    changed
}

# What a unit says about itself when it does not do as told.
unit_failed() {
    result=$(systemctl show --property=Result --value -- "$1" 2>/dev/null)
    last=$(journalctl -q -n 3 -o cat -u "$1" 2>/dev/null | tr '\n' ' ')
    fail "$2 ${result:+(result: $result) }${last:+: $last}"
}

effect_unit() {
    name='' block=true
    IFS= read -r action <"$A/action"
    [ ! -e "$A/name" ] || IFS= read -r name <"$A/name"
    [ ! -e "$A/block" ] || IFS= read -r block <"$A/block"
    wait_option=''
    [ "$block" = true ] || wait_option=--no-block
    case $action in
    daemon-reload)
        systemctl daemon-reload || exit 1
        changed
        return 0
        ;;
    start)
        systemctl is-active -q -- "$name" && return 0
        # A unit that failed too often before may not be started at once otherwise.
        systemctl reset-failed -- "$name" 2>/dev/null
        ;;
    stop)
        case $(systemctl show --property=ActiveState --value -- "$name") in
        inactive | failed) return 0 ;;
        esac
        ;;
    reload) systemctl is-active -q -- "$name" || return 0 ;;
    enable) [ "$(systemctl is-enabled -- "$name" 2>/dev/null)" != enabled ] || return 0 ;;
    disable) [ "$(systemctl is-enabled -- "$name" 2>/dev/null)" != disabled ] || return 0 ;;
    restart) ;;
    *) fail "there is no unit action '$action'" ;;
    esac
    said=$(systemctl -q $wait_option "$action" -- "$name" 2>&1) ||
        unit_failed "$name" "$action of $name failed: $(printf '%s' "$said" | head -1)"
    changed
}
