#!/bin/bash
# A qemu-storage-daemon that is killed under load, twice: the guest only waits, and
# finds everything that it has written, flushed or not. One line says that the store is
# lost, one that it is back. A disk beside it is not held up.
. lib.sh
. blk_store_lib.sh
command -v fio >/dev/null || skip "fio is not installed"

guest=$(toolstack create guest)
outside qemu-img create -q -f qcow2 "$TMPDIR/disk" 32M
attach "$guest" "qcow2:$TMPDIR/disk"
disk_open "$guest"

# Its qcow2's tables are new, and in the memory of the one that dies.
outside qemu-io -t writeback -f raw -c 'write -P 1 0 1M' -c 'write -P 2 8M 64k' -c 'sleep 600' \
    -c 'read -P 1 0 1M' -c 'read -P 2 8M 64k' "$DISK" >"$TMPDIR/out" &
io=$!
sleep 0.25
kill_qsd "$guest"
wait $io || fail "lost: $(cat "$TMPDIR/out")"
! grep -q 'Pattern verification failed' "$TMPDIR/out" || fail "lost: $(cat "$TMPDIR/out")"

outside fio --name=load --verify_state_save=0 --ioengine=nbd --uri="$DISK" --rw=randwrite --bsrange=4k-64k --size=32M --io_size=24M \
    --iodepth=8 --verify=crc32c --do_verify=1 --randrepeat=1 --minimal >"$TMPDIR/fio" 2>&1 &
load=$!
for _ in 1 2; do
    sleep 0.2
    kill_qsd "$guest"
done
wait $load || fail "fio: $(cat "$TMPDIR/fio")"
disk_close
xl block-detach "$guest" xvda
outside qemu-img check -q "$TMPDIR/disk" || [ $? = 3 ] || fail "qemu-img check" # 3: leaked clusters only
log=$WORLD_LOGS/blkbackd.log
[ "$(bad_requests)" = 0 ] || fail "requests failed: $(bad_requests)"
[ "$(grep -c 'store is lost' "$log")" -le 3 ] || fail "more lines than losses"
logged blkbackd "vbd/$guest/51712: store is lost: .*; requests wait until it is back" || fail "no line of the loss"
logged blkbackd "vbd/$guest/51712: store is back after [0-9]+ ms" || fail "no line of the return"
