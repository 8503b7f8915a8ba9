#!/bin/bash
# Makes what QEMU and the guests boot from and keeps it in a cache outside the tree:
# the hypervisor, a kernel with its modules, the initial ramdisks of dom0 and of the guests.
# usage: images.sh 6.1|6.12     prints where they are, one KEY=path a line
set -euo pipefail

here=$(dirname "$(readlink -f "$0")")
cache=${XDG_CACHE_HOME:-$HOME/.cache}/pvback

# The archive's answers are cached for good; remove the cache directory for newer packages.
main() {
    local kernel=$1 linux dom0_ramdisk guest_ramdisk
    mkdir -p "$cache"
    exec 9>"$cache/lock"
    flock 9

    fetch xen-4.17 unpack_xen xen-hypervisor-4.17-amd64
    linux=linux-$kernel
    case $kernel in
    6.1) fetch "$linux" unpack_linux linux-image-amd64 ;;
    6.12) fetch "$linux" unpack_linux linux-image-6.12-amd64 ;;
    *) die "no kernel $kernel here: 6.1 or 6.12" ;;
    esac

    dom0_ramdisk=$(ramdisk "$here/dom0-ramdisk.sh" "$cache/$linux")
    guest_ramdisk=$(ramdisk "$here/guest-ramdisk.sh" "$cache/$linux")
    echo "XEN=$cache/xen-4.17/xen"
    echo "LINUX=$cache/$linux/vmlinux"
    echo "MODULES=$cache/$linux/lib/modules"
    echo "DOM0_RAMDISK=$dom0_ramdisk"
    echo "GUEST_RAMDISK=$guest_ramdisk"
}

die() {
    echo "images: $*" >&2
    exit 1
}

# fetch DIR UNPACK PACKAGE: $cache/DIR is complete or not there at all.
fetch() {
    local dir=$cache/$1 unpack=$2 package=$3 work
    [ -d "$dir" ] && return
    echo "fetching $package" >&2
    work=$(mktemp -d "$cache/fetch.XXXXXX")
    # shellcheck disable=SC2064 # $work is meant to be this one
    trap "rm -rf '$work'" EXIT
    mkdir "$work/tree"
    "$unpack" "$package" "$work" >&2
    mv "$work/tree" "$dir"
    rm -rf "$work"
}

# know PACKAGE: brings apt's lists when they do not have it.
know() {
    apt-cache show "$1" >/dev/null 2>&1 || apt-get update --quiet --quiet || true
}

# download PACKAGE WORK: its files go to WORK/deb.
download() {
    local package=$1 work=$2
    know "$package"
    (cd "$work" && apt-get --quiet --quiet -o APT::Sandbox::User=root download "$package") ||
        die "cannot fetch $package from the archive apt is set up for"
    dpkg -x "$work/${package}"_*.deb "$work/deb"
}

unpack_xen() {
    local package=$1 work=$2
    download "$package" "$work"
    gunzip <"$(echo "$work"/deb/boot/xen-*.gz)" >"$work/tree/xen"
}

# The kernel is kept uncompressed: Xen and xl would otherwise unpack it in emulation, at every boot.
unpack_linux() {
    local meta=$1 work=$2 package
    know "$meta"
    package=$(apt-cache depends "$meta" 2>/dev/null | awk '/Depends: linux-image-/ { print $2; exit }')
    [ "$package" ] || die "the archive apt is set up for has no $meta"
    download "$package" "$work"
    python3 "$here/vmlinux.py" "$work"/deb/boot/vmlinuz-* >"$work/tree/vmlinux"
    mkdir -p "$work/tree/lib"
    mv "$work/deb/lib/modules" "$work/tree/lib/"
    depmod -b "$work/tree" "$(ls "$work/tree/lib/modules")"
}

# ramdisk SCRIPT TREE: runs the builder unless its result for just these inputs is there.
ramdisk() {
    local script=$1 tree=$2 key image
    key=$("$script" --inputs "$tree" | xargs cat | sha256sum | cut -c1-16)
    image=$cache/$(basename "$script" .sh)-$(ls "$tree/lib/modules")-$key.cpio
    [ -f "$image" ] || {
        "$script" "$tree" >"$image.new" || die "$script failed"
        mv "$image.new" "$image"
    }
    echo "$image"
}

main "$@"
