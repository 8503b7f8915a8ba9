#!/bin/bash
# Disks on NBD servers, over UNIX sockets and TCP: what the server says of itself is
# what the guest sees; one that is killed and comes back has lost nothing that the guest
# was told is written, even if it had all of it in memory only; a larger one is noticed.
. lib.sh
. blk_store_lib.sh
command -v nbdkit >/dev/null || skip "nbdkit is not installed"

guest=$(toolstack create guest)
socket=$TMPDIR/server.nbd
fill "$TMPDIR/source" 8

# server IMAGE [OPTION]...: qemu-nbd, in the background
server() {
    LD_PRELOAD='' qemu-nbd -t -k "$socket" -f raw --cache=none --discard=unmap -x 'the disk' "${@:2}" "$1" &
    server=$!
    eventually 10 test -S "$socket"
}

server_ends() { # [SIGNAL]
    kill "-${1:-TERM}" $server
    wait $server || :
    rm -f "$socket"
}

truncate -s 8M "$TMPDIR/image"
server "$TMPDIR/image"
target="nbd+unix:///the%20disk?socket=$socket"
attach "$guest" "$target"
disk_open "$guest"
[ "$(outside nbdinfo --size "$DISK")" = $((8 << 20)) ] || fail "size"
outside nbdcopy --flush "$TMPDIR/source" "$DISK"
outside nbdcopy "$DISK" "$TMPDIR/back"
cmp "$TMPDIR/source" "$TMPDIR/back"
expect "$(backend vbd "$guest" 51712)/feature-discard" 1
expect "$(backend vbd "$guest" 51712)/feature-persistent" 0

# Gone: the guest waits. Back, and larger: that too is noticed.
server_ends KILL
outside qemu-io -f raw -c 'write -P 5 1M 64k' -c flush -c 'read -P 5 1M 64k' "$DISK" >"$TMPDIR/out" &
io=$!
sleep 0.5
kill -0 $io || fail "it did not wait: $(cat "$TMPDIR/out")"
truncate -s 12M "$TMPDIR/image"
server "$TMPDIR/image"
wait $io || fail "qemu-io: $(cat "$TMPDIR/out")"
wait_for "$(backend vbd "$guest" 51712)/sectors" $((12 * 2048))

# While it is gone the disk can be detached, and there is no server that can be attached to.
server_ends
SECONDS=0
disk_close
xl block-detach "$guest" xvda
[ "$SECONDS" -lt 10 ] || fail "detached after $SECONDS s"
! attach "$guest" "$target" 2>/dev/null || fail "attached without a server"
logged blkbackd "cannot connect to $socket" || fail "no line about it"
xl block-detach "$guest" xvda 2>/dev/null || xl block-detach -f "$guest" xvda 2>/dev/null || :

# A server that holds all in memory, and forgets it.
memory() {
    LD_PRELOAD='' nbdkit -f -U "$socket" memory 8M &
    server=$!
    eventually 10 test -S "$socket"
}
memory
attach "$guest" "nbd+unix:///?socket=$socket"
disk_open "$guest"
outside qemu-io -t writeback -f raw -c 'write -P 6 0 1M' -c 'write -P 7 4M 512' -c 'write -P 8 4M 512' -c 'sleep 600' \
    -c 'read -P 6 0 1M' -c 'read -P 8 4M 512' "$DISK" >"$TMPDIR/out" &
io=$!
sleep 0.25
kill -KILL $server
wait $server || :
rm -f "$socket"
memory
wait $io || fail "forgotten: $(cat "$TMPDIR/out")"
! grep -q 'Pattern verification failed' "$TMPDIR/out" || fail "forgotten: $(cat "$TMPDIR/out")"
disk_close
xl block-detach "$guest" xvda
kill $server
wait $server || :
rm -f "$socket"

# TCP; and a server that is read-only serves a disk that is.
LD_PRELOAD='' nbdkit -f -r -i 127.0.0.1 -p 10809 -e x file "$TMPDIR/source" &
server=$!
eventually 10 outside nbdinfo --size nbd://127.0.0.1/x
! attach "$guest" nbd://127.0.0.1/x 2>/dev/null || fail "attached for writing"
logged blkbackd 'the server has it read-only' || fail "no line about read-only"
xl block-detach "$guest" xvda 2>/dev/null || xl block-detach -f "$guest" xvda 2>/dev/null || :
attach "$guest" nbd://localhost:10809/x ro
disk_open "$guest"
outside nbdcopy "$DISK" "$TMPDIR/back"
cmp "$TMPDIR/source" "$TMPDIR/back"
disk_close
kill $server
wait $server || :
[ "$(bad_requests)" = 0 ] || fail "requests failed: $(bad_requests)"
