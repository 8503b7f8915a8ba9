#!/bin/bash
# Builds dom0's initial ramdisk on stdout: just enough to mount this machine's file system over 9p.
# usage: dom0-ramdisk.sh [--inputs] KERNEL_TREE
set -euo pipefail

here=$(dirname "$(readlink -f "$0")")
# shellcheck source=tests/lab/ramdisk-lib.sh
. "$here/ramdisk-lib.sh"

MODULES="virtio_pci 9pnet_virtio 9p overlay"

if [ "$1" = --inputs ]; then
    printf '%s\n' "$0" "$here/ramdisk-lib.sh" "$here/dom0-initrd-init" /bin/busybox
    exit
fi

tree=$1
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
mkdir -p "$root"/{bin,dev,proc,newroot}
add_busybox "$root"
# shellcheck disable=SC2086 # a list of names
add_modules "$root" "$tree" $MODULES
install -m 755 "$here/dom0-initrd-init" "$root/init"
pack "$root"
