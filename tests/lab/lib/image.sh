# shellcheck shell=bash
# The cached images: base (bare Debian 12), pool (all packages, as the layer
# /www/pigsty), baked (all packages installed), baked-infra (nginx on top).
# packages.list and the functions that build are the recipe: a change of it
# makes a new generation directory; the .deb files of all stay in debs/.

LAB_SUITE=bookworm
BAKE_DISABLE=(postgresql etcd haproxy pgbouncer patroni vip-manager keepalived
    prometheus-node-exporter prometheus-postgres-exporter nginx)

set_generation() {
    [[ $LAB_CACHE != *[:,\ ]* && $LAB_CACHE == /* ]] || die "bad cache path '$LAB_CACHE'"
    local sum
    sum=$({
        grep -v '^#' "$LAB_LIB/packages.list"
        printf '%s\n' "$LAB_SUITE" "${BAKE_DISABLE[@]}"
        declare -f make_base fetch_pool fetch_minor bake
    } | sha256sum)
    GEN=$LAB_CACHE/gen-${sum:0:12}
    DEBS=$LAB_CACHE/debs
}
packages_of() {
    local class name want=" $* "
    while read -r class name; do
        [[ $want == *" $class "* ]] && printf '%s\n' "$name"
    done <"$LAB_LIB/packages.list"
    return 0
}

# The Debian sources that the host itself uses, as one-line entries.
host_sources() {
    local uri release comp origin
    # shellcheck disable=SC2016
    apt-get indextargets --format '$(REPO_URI)|$(RELEASE)|$(COMPONENT)|$(ORIGIN)' "Created-By: Packages" |
        sort -u | while IFS='|' read -r uri release comp origin; do
        [[ $origin == Debian* && $release == "$LAB_SUITE"* && $comp == main ]] || continue
        printf 'deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] %s %s %s\n' "$uri" "$release" "$comp"
    done
}

# The layers that are wanted: ensure_images bare|packages.
ensure_images() {
    set_generation
    local want=$1
    if [[ -e $GEN/base.ok && -e $GEN/pool.ok && ($want == bare || -e $GEN/baked.ok) ]]; then
        touch "$GEN/used"
        return 0
    fi
    local start
    start=$(now_ms)
    lock_cache
    mkdir -p "$GEN" "$DEBS/partial"
    touch "$GEN/used"
    prune_generations
    [[ -e $GEN/base.ok ]] || build_base
    [[ -e $GEN/pool.ok ]] || build_pool
    if [[ $want == packages && ! -e $GEN/baked.ok ]]; then build_baked; fi
    unlock_cache
    say "images are in $GEN (built in $(since "$start") s)"
}

# Deletes a folder in which a build may have been killed: what was mounted there goes first, and
# nothing of another file system is ever touched.
remove_build() {
    local mounted
    while read -r mounted; do
        umount "$mounted" || die "cannot unmount $mounted, which a killed build has left"
    done < <(awk -v below="$1/" 'index($5, below) == 1 { print $5 }' /proc/self/mountinfo | tac)
    rm -rf --one-file-system "$1"
}

# Deletes generations of other recipes that were not used for a day and that
# no lab or snapshot lies over.
prune_generations() {
    local gen
    for gen in "$LAB_CACHE"/gen-*; do
        [[ -n $(find "$gen/used" -mmin +1440 2>/dev/null) ]] || continue
        # shellcheck disable=SC2153
        grep -qsF -- "$gen/" "$LAB_STATE"/*/nodes/*/base-chain "$LAB_STATE"/*/snapshots/*/nodes/*/base-chain ||
            remove_build "$gen"
    done
}

find_sources() {
    host_sources >"$GEN/sources.list"
    if [[ ! -s $GEN/sources.list ]]; then
        slow "apt-get update on the host" apt_retry update
        host_sources >"$GEN/sources.list"
    fi
    [[ -s $GEN/sources.list ]] || die "the host has no apt source of Debian $LAB_SUITE"
}

build_base() {
    find_sources
    remove_build "$GEN/base"
    local include
    include=$(packages_of base | paste -sd,)
    slow "building the base image ($include)" make_base "$include"
    touch "$GEN/base.ok"
}
make_base() {
    local root=$GEN/base
    mmdebstrap --mode=root --variant=minbase --include="$1" \
        --aptopt='Acquire::Check-Valid-Until "false"' --aptopt='Acquire::Languages "none"' \
        --dpkgopt=force-unsafe-io --dpkgopt='path-exclude=/usr/share/doc/*' \
        --dpkgopt='path-include=/usr/share/doc/*/copyright' \
        --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
        --dpkgopt='path-include=/usr/share/locale/locale.alias' \
        --dpkgopt='path-exclude=/usr/share/info/*' \
        "$LAB_SUITE" "$root" "$GEN/sources.list"
    rm -f "$root"/etc/ssh/ssh_host_* "$root"/etc/apt/apt.conf.d/99mmdebstrap "$root"/etc/hostname
    rm -rf "$root"/etc/apt/sources.list.d/* "$root"/var/lib/apt/lists/* "$root"/var/cache/apt/*.bin
    : >"$root/etc/apt/sources.list"
    rm -f "$root/etc/resolv.conf"
    : >"$root/etc/resolv.conf"
    : >"$root/etc/machine-id"
    rm -f "$root/var/lib/dbus/machine-id"
    chroot "$root" useradd -m -u 1000 -s /bin/bash "$LAB_USER"
    mkdir -m 0700 "$root/home/$LAB_USER/.ssh"
    chown 1000:1000 "$root/home/$LAB_USER/.ssh"
    printf '%s ALL=(ALL:ALL) NOPASSWD: ALL\n' "$LAB_USER" >"$root/etc/sudoers.d/$LAB_USER"
    chmod 0440 "$root/etc/sudoers.d/$LAB_USER"
    mkdir -p "$root/etc/systemd/journald.conf.d"
    printf '[Journal]\nStorage=volatile\nRuntimeMaxUse=32M\n' >"$root/etc/systemd/journald.conf.d/lab.conf"
    systemctl --root="$root" enable systemd-networkd.service ssh.service
    systemctl --root="$root" set-default multi-user.target
    systemctl --root="$root" disable systemd-networkd-wait-online.service
    systemctl --root="$root" mask console-getty.service apt-daily.timer apt-daily-upgrade.timer \
        systemd-networkd-wait-online.service
}

# apt_base ARG...: apt-get or apt-cache as if the base image were the system.
apt_base() {
    local tool=$1
    shift
    "$tool" -o Dir::Etc::sourcelist="$GEN/sources.list" -o Dir::Etc::sourceparts=/dev/null \
        -o Dir::Etc::preferences=/dev/null -o Dir::Etc::preferencesparts=/dev/null \
        -o Dir::State::lists="$GEN/lists" -o Dir::State::status="$GEN/base/var/lib/dpkg/status" \
        -o Dir::State::extended_states="$GEN/base/var/lib/apt/extended_states" \
        -o Dir::Cache::archives="$DEBS" -o Dir::Cache::pkgcache="$GEN/pkgcache" -o Dir::Cache::srcpkgcache= \
        -o APT::Sandbox::User=root -o APT::Install-Recommends=false -o Acquire::Languages=none \
        -o Acquire::Check-Valid-Until=false -o Acquire::Retries=3 -o APT::Update::Post-Invoke= \
        -o DPkg::Post-Invoke= -o Debug::NoLocking=true "$@"
}
versions_of() { apt_base apt-cache madison "$1" | awk -F'|' '{gsub(/ /, "", $2); print $2}' | sort -u; }

build_pool() {
    rm -rf "$GEN/pool" "$GEN/lists"
    mkdir -p "$GEN/pool/www/pigsty" "$GEN/lists/partial"
    [[ -s $GEN/sources.list ]] || find_sources
    slow "reading the package lists" apt_base apt-get update
    slow "fetching the packages that nodes install" fetch_pool
    ln "$DEBS"/*.deb "$GEN/pool/www/pigsty/"
    rm -rf "$GEN/lists" "$GEN/pkgcache"
    local minors
    minors=$(cd "$DEBS" && printf '%s\n' postgresql-15_*.deb | cut -d_ -f2 | paste -sd' ')
    say "  $(find "$DEBS" -name '*.deb' | wc -l) packages, $(du -sm "$DEBS" | cut -f1) MB; postgresql-15: $minors"
    [[ $minors == *" "* ]] || say "  WARNING: only one minor of postgresql-15 is to be had; upgrade tests need two"
    touch "$GEN/pool.ok"
}
fetch_pool() {
    local v pkg all
    mapfile -t all < <(packages_of node infra pool)
    apt_base apt-get -y -d install "${all[@]}"
    for v in $(versions_of postgresql-15); do
        fetch_minor "$v"
    done
    # Older versions of what a node can be upgraded in; their dependencies are
    # those of the newest one.
    cd "$DEBS" || return
    all=()
    for pkg in haproxy nginx nginx-common postgresql-15-repack; do
        for v in $(versions_of "$pkg"); do all+=("$pkg=$v"); done
    done
    apt_base apt-get download "${all[@]}"
}
# One minor of PostgreSQL with the newest extension builds that go with it.
fetch_minor() {
    local v=$1 repack
    for repack in $(versions_of postgresql-15-repack | sort -rV); do
        apt_base apt-get -y -d install "postgresql-15=$v" "postgresql-client-15=$v" "libpq5=$v" \
            "postgresql-15-repack=$repack" postgresql-15-cron && return 0
        echo "postgresql-15 $v does not go with postgresql-15-repack $repack"
    done
    apt_base apt-get -y -d install "postgresql-15=$v" "postgresql-client-15=$v" "libpq5=$v"
}

build_baked() {
    rm -rf "$GEN/index" "$GEN/baked" "$GEN/baked-infra" "$GEN/bake.work" "$GEN/bake.root"
    mkdir -p "$GEN/index/www/pigsty" "$GEN/bake.root"
    slow "indexing the packages" make_index
    local node infra
    mapfile -t node < <(packages_of node)
    mapfile -t infra < <(packages_of infra)
    slow "baking the layer of installed packages (${#node[@]} and what they need)" \
        bake "$GEN/baked" "$GEN/index:$GEN/pool:$GEN/base" "${node[@]}"
    slow "baking the layer of the infra node (${infra[*]})" \
        bake "$GEN/baked-infra" "$GEN/index:$GEN/pool:$GEN/baked:$GEN/base" "${infra[@]}"
    rm -rf "$GEN/index" "$GEN/bake.work" "$GEN/bake.root"
    touch "$GEN/baked.ok"
}
make_index() {
    cd "$GEN/pool/www/pigsty" || return
    apt-ftparchive packages . >"$GEN/index/www/pigsty/Packages"
}
# bake UPPER LOWERS PKG...: installs into UPPER over LOWERS, starting nothing.
# All mounts are made in a mount namespace of their own and go with it.
bake() {
    local upper=$1 lowers=$2 root=$GEN/bake.root
    shift 2
    rm -rf "$GEN/bake.work"
    mkdir -p "$upper" "$GEN/bake.work"
    # shellcheck disable=SC2016
    disable="${BAKE_DISABLE[*]}" unshare --mount --pid --ipc --uts --net --fork --kill-child bash -euc '
        lowers=$1 upper=$2 work=$3 root=$4
        shift 4
        mount -t overlay overlay -o "lowerdir=$lowers,upperdir=$upper,workdir=$work" "$root"
        mount -t proc proc "$root/proc"
        mount -t tmpfs tmpfs "$root/run"
        mount -t tmpfs tmpfs "$root/tmp"
        mount -t tmpfs tmpfs "$root/dev"
        for d in null zero full random urandom tty; do
            : >"$root/dev/$d"
            mount --bind "/dev/$d" "$root/dev/$d"
        done
        ln -s /proc/self/fd "$root/dev/fd"
        mkdir "$root/dev/shm" && chmod 1777 "$root/dev/shm"
        printf "#!/bin/sh\nexit 101\n" >"$root/usr/sbin/policy-rc.d"
        chmod 755 "$root/usr/sbin/policy-rc.d"
        mkdir -p "$root/etc/postgresql-common/createcluster.d"
        echo "create_main_cluster = false" >"$root/etc/postgresql-common/createcluster.d/lab-bake.conf"
        echo "deb [trusted=yes] file:/www/pigsty ./" >"$root/etc/apt/sources.list"
        export DEBIAN_FRONTEND=noninteractive PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 HOME=/root
        chroot "$root" apt-get -o APT::Sandbox::User=root update
        chroot "$root" apt-get -y --no-install-recommends -o APT::Sandbox::User=root install "$@"
        rm -f "$root/usr/sbin/policy-rc.d" "$root/etc/postgresql-common/createcluster.d/lab-bake.conf"
        rmdir "$root/etc/postgresql-common/createcluster.d" 2>/dev/null || true
        : >"$root/etc/apt/sources.list"
        rm -rf "$root"/var/lib/apt/lists/* "$root"/var/cache/apt/*.bin "$root"/var/lib/etcd/default
        rm -f "$root"/var/log/apt/* "$root"/var/log/dpkg.log "$root"/var/log/alternatives.log
        rm -rf "$root"/root/.cache
        for unit in $disable; do
            [ ! -e "$root/lib/systemd/system/$unit.service" ] || chroot "$root" systemctl disable "$unit.service"
        done
    ' bake "$lowers" "$upper" "$GEN/bake.work" "$root" "$@"
    rm -rf "${upper:?}"/{run,tmp,proc,dev}
}

cache_info() {
    set_generation
    printf 'cache       %s\ngeneration  %s\n' "$LAB_CACHE" "${GEN##*/}"
    local l
    for l in base pool baked; do
        printf '%-11s %s\n' "$l" "$([[ -e $GEN/$l.ok ]] && echo built || echo missing)"
    done
    if [[ -d $DEBS ]]; then
        printf 'packages    %s\n' "$(find "$DEBS" -name '*.deb' | wc -l)"
        find "$DEBS" -name 'postgresql-15_*.deb' -printf '            %f\n'
    fi
}
# Drops the images, keeping the .deb files; with "all" also those.
cache_drop() {
    set_generation
    lock_cache
    local f
    for f in "$LAB_STATE"/*/lab.conf; do
        [[ -e $f ]] && die "a lab is up over the cached images: ${f%/lab.conf}"
    done
    rm -rf "$LAB_CACHE"/gen-*
    if [[ ${1:-} == all ]]; then rm -rf "$DEBS"; fi
    unlock_cache
    say "dropped the cached images${1:+ and packages}"
}
