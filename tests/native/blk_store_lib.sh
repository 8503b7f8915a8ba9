# shellcheck shell=bash
# For tests of disks behind script=block-pvback.
# shellcheck source=tests/native/blk_nbd_lib.sh
. "$PVBACK_SRC/tests/native/blk_nbd_lib.sh"

for tool in qemu-img qemu-io qemu-storage-daemon nbdcopy qemu-nbd; do
    command -v "$tool" >/dev/null || skip "$tool is not installed"
done

SCRIPT=$PVBACK_SRC/hotplug/block-pvback
# shellcheck disable=SC2034 # the guest's disk, for the tests' NBD clients
DISK="nbd+unix:///?socket=$TMPDIR/guest.nbd"

# outside COMMAND...: a program that has nothing to do with Xen
outside() {
    LD_PRELOAD='' timeout 60 "$@"
}

# attach DOMAIN TARGET [rw|ro] [VDEV]: as a user does
attach() {
    xl block-attach "$1" "vdev=${4:-xvda},format=raw,access=${3:-rw},script=$SCRIPT,target=$2"
}

# disk_open DOMAIN: the guest takes its disk into use
disk_open() {
    nbd_serve "$1" "$TMPDIR/guest.nbd"
}

disk_close() {
    nbd_end
}

# qsd_pid DOMAIN: of the qemu-storage-daemon of its disk
qsd_pid() {
    local store
    store=$(pgrep -f "blkback-store vbd/$1/51712 ") && pgrep -P "$store" -f qemu-storage
}

# kill_qsd DOMAIN: as soon as there is one
kill_qsd() {
    eventually 10 qsd_pid "$1" >/dev/null
    kill -KILL "$(qsd_pid "$1")"
}

# fill FILE MEBIBYTES: with what does not repeat
fill() {
    openssl rand -out "$1" $(($2 << 20)) 2>/dev/null || head -c "${2}M" /dev/urandom >"$1"
}
