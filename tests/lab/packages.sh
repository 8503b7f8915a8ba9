#!/bin/bash
# Installs the Debian packages a job needs and that are not there yet.
# usage: packages.sh build|lab|qdisk|testpmd|native|style ...
set -euo pipefail

declare -A PACKAGES=(
    [build]="gcc libc6-dev pkg-config meson ninja-build
             libxen-dev liburing-dev libaio-dev libnl-3-dev libnl-route-3-dev
             libcmocka-dev libnbd-dev libseccomp-dev"
    [lab]="qemu-utils xen-utils-4.17 xen-utils-common xenstore-utils qemu-system-x86 python3
           busybox-static fio iperf3 e2fsprogs xfsprogs btrfs-progs kmod cpio xz-utils zstd binutils gcc libc6-dev
           iproute2 iputils-ping bridge-utils net-tools lvm2 dnsmasq-base openvswitch-switch procps psmisc
           strace util-linux"
    [qdisk]="qemu-system-xen"
    [testpmd]="dpdk-dev"
    [native]="libnbd-bin nbdkit openssl python3-scapy qemu-utils"
    [style]="git clang libclang-rt-14-dev llvm clang-format clang-tidy cppcheck shellcheck
           mandoc pyflakes3"
)

installed() {
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

as_root() {
    [ "$(id -u)" = 0 ] || { echo "packages: not root, cannot install: $*" >&2; exit 1; }
}

available() {
    apt-get install --simulate --quiet --quiet "$@" >/dev/null 2>&1
}

main() {
    local group package missing=()
    for group; do
        [ "${PACKAGES[$group]-}" ] || { echo "packages: no group $group" >&2; exit 2; }
        for package in ${PACKAGES[$group]}; do
            installed "$package" || missing+=("$package")
        done
    done
    [ ${#missing[@]} -gt 0 ] || return 0

    as_root "${missing[@]}"
    echo "installing: ${missing[*]}"
    export DEBIAN_FRONTEND=noninteractive
    available "${missing[@]}" || apt-get update --quiet --quiet
    apt-get install --yes --quiet --quiet --no-install-recommends "${missing[@]}" >/dev/null
}

main "$@"
