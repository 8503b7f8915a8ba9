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
