#!/bin/bash
# The real xentop (xl top) shows what the disks of a guest do; what that needs goes with the guest's last disk. A socket where
# a QEMU listens is left to it.
. lib.sh

command -v xentop >/dev/null || skip "xentop is not installed"

# columns DOMAIN: VBD_RD VBD_WR VBD_RSECT VBD_WSECT of that guest, with the kernel's list of devices as in a real dom0:
# ours are there, without statistics.
columns() {
    # shellcheck disable=SC2016
    unshare -m bash -c 'mount -t tmpfs none /sys/bus
        mkdir -p "/sys/bus/xen-backend/devices/vbd-$0-51712" "/sys/bus/xen-backend/devices/vbd-$0-51728"
        xentop -b -i 1' "$(domid_of "$1")" | awk -v name="$1" '
        $1 == "NAME" { for (i = 1; i <= NF; i++) place[$i] = i }
        $1 == name   { print $place["VBD_RD"], $place["VBD_WR"], $place["VBD_RSECT"], $place["VBD_WSECT"] }'
}
domid_of() { xl domid "$1"; }

# requests RW: how many a second of them were
requests() {
    blk-bench "$guest" "$1" --seconds 1 --rw "$2" --qd 8 >"$TMPDIR/bench"
    sed -n 's/.*; \([0-9]*\) requests, events.*/\1/p' "$TMPDIR/bench"
}

guest=$(toolstack create first)
toolstack attach-vbd "$guest" 51712 "$(image a 64)"
toolstack attach-vbd "$guest" 51728 "$(image b 64)"
[ "$(columns first)" = "- - - -" ] || fail "before a disk is connected: $(columns first)"
reads=$(requests 51712 randread)
writes=$(requests 51728 randwrite)
# libxenstat waits half a second for an answer, and without one shows nothing this time.
counted() { [ "$(columns first)" = "$reads $writes $((reads * 8)) $((writes * 8))" ]; }
eventually 10 counted || fail "xentop shows $(columns first) after $reads reads and $writes writes of 4 KiB"

# Nothing of it stays.
socket=/var/run/xen/qmp-libxenstat-$guest
[ -S "$socket" ] || fail "there is no socket"
toolstack destroy "$guest"
gone() { [ ! -e "$socket" ]; }
eventually 5 gone || fail "$socket stays"
eventually 5 sh -c '! xenstore-exists /local/domain/0/backend/qdisk' || fail "a node stays"

# A QEMU's own.
guest=$(toolstack create second)
socket=/var/run/xen/qmp-libxenstat-$guest
LD_PRELOAD='' /usr/bin/python3 -c '
import socket, sys, time
qemu = socket.socket(socket.AF_UNIX)
qemu.bind(sys.argv[1])
qemu.listen()
time.sleep(60)' "$socket" &
qemu=$!
listening() { [ -S "$socket" ]; }
eventually 5 listening
inode=$(stat -c %i "$socket")
toolstack attach-vbd "$guest" 51712 "$(image a 64)"
requests 51712 randread >/dev/null
xenstore-exists "/local/domain/0/backend/qdisk/$guest" && fail "QEMU's socket was taken for ours"
toolstack destroy "$guest"
[ "$(stat -c %i "$socket")" = "$inode" ] || fail "QEMU's socket was removed"
kill $qemu
