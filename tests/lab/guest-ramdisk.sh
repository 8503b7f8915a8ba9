#!/bin/bash
# Builds the part of a guest's initial ramdisk that all guests share, on stdout.
# What differs (/init, its number, its script) is a second, small cpio that dom0-lib.sh appends.
# usage: guest-ramdisk.sh [--inputs] KERNEL_TREE
set -euo pipefail

here=$(dirname "$(readlink -f "$0")")
# shellcheck source=tests/lab/ramdisk-lib.sh
. "$here/ramdisk-lib.sh"

MODULES="xen-blkfront xen-netfront ext4"
TOOLS="/usr/bin/fio /usr/bin/iperf3 /sbin/mke2fs /sbin/e2fsck"

if [ "$1" = --inputs ]; then
    printf '%s\n' "$0" "$here/ramdisk-lib.sh" /bin/busybox
    # shellcheck disable=SC2086 # a list of names
    printf '%s\n' $TOOLS
    exit
fi

# Debian's fio is linked with network storage libraries of 80 MB that no guest calls.
# Libraries of the same names and symbols, whose functions abort, let it start without them.
STUBBED="libgfapi.so.0 libnbd.so.0 libibverbs.so.1 librdmacm.so.1 librados.so.2 librbd.so.1
         libpmemblk.so.1 libpmem.so.1"

# symbols_of LIBRARY PROGRAM: "name version" of each function PROGRAM takes from LIBRARY.
symbols_of() {
    local library
    library=$(ldconfig -p | awk -v name="$1" '$1 == name { print $NF; exit }')
    join <(nm -D --defined-only --format=posix "$library" | awk '{ sub(/@.*/, "", $1); print $1 }' | sort -u) \
        <(nm -D --undefined-only --format=posix "$2" |
            awk '{ split($1, s, "@"); print s[1], s[2] }' | sort -u)
}

# stub LIBRARY PROGRAM DIR
stub() {
    local symbols map
    symbols=$(symbols_of "$1" "$2")
    map=$(mktemp)
    # The empty version is for a library without any: the linker takes no empty script.
    awk '$2 { list[$2] = list[$2] $1 ";" }
         END { print "STUB { };"; for (v in list) print v, "{ global:", list[v], "};" }' \
        <<<"$symbols" >"$map"
    awk '{ printf "void %s(void) { __builtin_trap(); }\n", $1 }' <<<"$symbols" |
        gcc -shared -fPIC -nostdlib -Wl,-soname,"$1" -Wl,--version-script,"$map" -w -x c -o "$3/$1" -
    rm "$map"
}

# libraries DIR PROGRAM...: copies what the programs need, stubs included.
libraries() {
    local dir=$1 library
    shift
    for library in $STUBBED; do
        stub "$library" /usr/bin/fio "$dir"
    done
    LD_LIBRARY_PATH=$dir ldd "$@" |
        awk -v stubs="$dir/" '$3 ~ /^\// && index($3, stubs) != 1 { print $3 }' | sort -u |
        xargs cp -L --target-directory="$dir"
}

tree=$1
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
mkdir -p "$root"/{bin,sbin,dev,proc,sys,tmp,etc,mnt,root,run,var,lab,lib,lib64}
add_busybox "$root"
# shellcheck disable=SC2086 # a list of names
add_modules "$root" "$tree" $MODULES
# shellcheck disable=SC2086
cp -L $TOOLS "$root/sbin/"
ln -sf mke2fs "$root/sbin/mkfs.ext4"
# shellcheck disable=SC2086
libraries "$root/lib" $TOOLS
cp -L /lib64/ld-linux-x86-64.so.2 "$root/lib64/"
cp /etc/mke2fs.conf "$root/etc/"
pack "$root"
