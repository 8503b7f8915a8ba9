# shellcheck shell=bash disable=SC2034 # verify_disk.sh takes what is set here
# What verify_disk.sh writes to and reads back: one function for each store, store_NAME with _ for each -. It makes the
# store and sets
#   TARGET          what is attached as the guest's disk, of at least DISK_MIB
#   DAEMON_OPTIONS  blkbackd's, before it is started
# and may replace attach(). store_NAME_end, if there is one, takes it down again.

# A file, by io_uring.
store_raw() {
    TARGET=$(image disk.img "$DISK_MIB")
    DAEMON_OPTIONS="--engine io_uring"
}

# A file, without a copy here where pages are mapped.
store_raw_direct() {
    store_raw
    DAEMON_OPTIONS+=" --data direct"
}

# A file, by libaio.
store_raw_aio() {
    TARGET=$(image disk.img "$DISK_MIB")
    DAEMON_OPTIONS="--engine aio"
}

# A block device, by io_uring: a loop device with O_DIRECT over a file.
store_device() {
    [ -n "${STANDIN_LOOPS-}" ] || skip "the world has no loop devices"
    TARGET=/dev/loop${STANDIN_LOOPS% *}
    DAEMON_OPTIONS="--engine io_uring"
    losetup --direct-io=on "$TARGET" "$(image disk.img "$DISK_MIB")" || skip "cannot set up $TARGET"
}

store_device_end() {
    losetup -d "$TARGET"
}

# A block device, by libaio.
store_device_aio() {
    store_device
    DAEMON_OPTIONS="--engine aio"
}

store_device_aio_end() {
    store_device_end
}

# --- behind script=block-pvback

attach_target() {
    attach() {
        # shellcheck disable=SC2154 # verify_disk.sh sets it
        xl block-attach "$guest" "vdev=xvda,format=raw,access=rw,script=$PVBACK_SRC/hotplug/block-pvback,target=$TARGET"
    }
}

# format_store NAME DRIVER
format_store() {
    command -v qemu-storage-daemon >/dev/null || skip "qemu-storage-daemon is not installed"
    LD_PRELOAD='' qemu-img create -q -f "$2" "$TMPDIR/disk.$1" "${DISK_MIB}M"
    TARGET=$1:$TMPDIR/disk.$1
    attach_target
}

store_qcow2() {
    format_store qcow2 qcow2
}

store_vhd() {
    format_store vhd vpc
}

# nbd_store [OPTION]...: a file behind qemu-nbd
nbd_store() {
    LD_PRELOAD='' qemu-nbd -t -k "$TMPDIR/server" -f raw --cache=none "$@" "$(image disk.img "$DISK_MIB")" &
    NBD_SERVER=$!
    eventually 10 test -S "$TMPDIR/server"
    attach_target
}

store_nbd() {
    nbd_store
    TARGET="nbd+unix:///?socket=$TMPDIR/server"
}

store_nbd_end() {
    kill $NBD_SERVER
}

# With TLS, which is the matter of a qemu-storage-daemon.
store_nbds() {
    mkdir "$TMPDIR/psk"
    echo "guest:$(od -An -N32 -tx1 /dev/urandom | tr -d ' \n')" >"$TMPDIR/psk/keys.psk"
    nbd_store --object "tls-creds-psk,id=tls,dir=$TMPDIR/psk,endpoint=server" --tls-creds tls
    TARGET="nbds+unix:///?socket=$TMPDIR/server&tls-psk-file=$TMPDIR/psk/keys.psk&tls-username=guest"
}

store_nbds_end() {
    kill $NBD_SERVER
}

# Ceph: a cluster of its own for as long as it takes.
store_rbd() {
    # shellcheck source=tests/native/ceph_lib.sh
    . "$PVBACK_SRC/tests/native/ceph_lib.sh"
    ceph_start "$TMPDIR/ceph"
    LD_PRELOAD='' rbd -c "$CEPH_CONF" create --size "${DISK_MIB}M" rbd/disk
    TARGET="rbd:rbd/disk?conf=$CEPH_CONF"
    attach_target
}

store_rbd_end() {
    ceph_stop
}
