# shellcheck shell=bash
# For tests that reach a disk through blk-nbd.

# nbd_serve DOMAIN SOCKET [OPTION]...: in the background, until nbd_end
nbd_serve() {
    blk-nbd "$1" 51712 --socket "$2" "${@:3}" &
    NBD_PID=$!
    eventually 10 test -S "$2"
}

# It ends well only if each request was answered once and no grant is in use any more.
nbd_end() {
    kill -TERM "$NBD_PID"
    wait "$NBD_PID" || fail "blk-nbd: exit code $?"
}

# Of the daemon's log: requests that were refused or failed, in all.
bad_requests() {
    sed -nE 's/.*refused ([0-9]+), failed ([0-9]+);.*/\1 \2/p' "$WORLD_LOGS/blkbackd.log" |
        awk '{ sum += $1 + $2 } END { print sum + 0 }'
}
