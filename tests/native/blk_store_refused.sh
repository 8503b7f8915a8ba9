#!/bin/bash
# A target that is nonsense, or a store that is not to be had: xl fails at once, one
# line says why, and a disk beside it works on.
. lib.sh
. blk_store_lib.sh

guest=$(toolstack create guest)
outside qemu-img create -q -f qcow2 "$TMPDIR/good" 8M
attach "$guest" "qcow2:$TMPDIR/good"
disk_open "$guest"

# refused TARGET PATTERN: of the line in the log and of the error node
refused() {
    local node=/local/domain/0/error/backend/vbd/$guest/51728/error lines
    lines=$(wc -l <"$WORLD_LOGS/blkbackd.log")
    SECONDS=0
    ! attach "$guest" "$1" "${3:-rw}" xvdb 2>/dev/null || fail "attached: $1"
    [ "$SECONDS" -lt 5 ] || fail "xl took $SECONDS s: $1"
    tail -n "+$((lines + 1))" "$WORLD_LOGS/blkbackd.log" | grep -E "vbd/$guest/51728: .*$2" >/dev/null ||
        fail "no such line: $2; $(tail -n 3 "$WORLD_LOGS/blkbackd.log")"
    store "$node" | grep -qE "$2" || fail "error node: $(store "$node")"
    xl block-detach "$guest" xvdb 2>/dev/null || xl block-detach -f "$guest" xvdb 2>/dev/null || :
}

refused "$TMPDIR/good" 'it says no format: write raw:'
refused "qcow7:$TMPDIR/good" '"qcow7" is no format that is known here'
refused "qcow2:good" 'behind qcow2: belongs a path'
refused "nbd:whatever" 'behind nbd: belongs a URI'
refused "nbd://" 'it names no host'
refused "nbd://host:99999/x" '"99999" is no port'
refused "nbd+unix:///x" 'a UNIX socket is written'
refused "nbds://host/x" 'TLS needs'
refused "rbd:pool" 'it is written rbd:POOL'
refused "qcow2:$TMPDIR/missing" "$TMPDIR/missing: No such file"
refused "qcow2:$TMPDIR" 'neither a file nor a block device'
refused "dmg:$TMPDIR/good" 'cannot be written to'
refused "qcow2:$TMPDIR/good" 'No such file|in use|lock' # its own guest's, QEMU's lock
refused "nbd+unix:///?socket=$TMPDIR/nobody" "cannot connect to $TMPDIR/nobody: No such file"
refused "nbd://127.0.0.1:1/x" 'cannot connect to 127.0.0.1 port 1: Connection refused'
refused "nbd://no.such.host.invalid/x" 'cannot resolve host no.such.host.invalid'

# The format is what the configuration says.
head -c 1M /dev/zero >"$TMPDIR/zero"
refused "qcow2:$TMPDIR/zero" 'not in qcow2 format'
outside qemu-img create -q -f qcow2 "$TMPDIR/corrupt" 8M
printf '\377\377\377\377' | dd of="$TMPDIR/corrupt" bs=1 seek=36 conv=notrunc status=none # the size of its tables
refused "qcow2:$TMPDIR/corrupt" 'disk store: .*(too large|too big|invalid)'

outside qemu-io -f raw -c 'write -P 9 0 1M' -c 'read -P 9 0 1M' "$DISK" >/dev/null || fail "the disk beside it"
disk_close

# Last: without the program. The mount is this world's.
mount --bind /dev/null "$(readlink -f "$(command -v qemu-storage-daemon)")"
refused "qcow2:$TMPDIR/good" 'qemu-storage-daemon is not installed; it is in qemu-utils'
