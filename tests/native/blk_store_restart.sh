#!/bin/bash
# blkbackd is restarted, then killed and started again, under load on a qcow2 image: a
# pause for the guest, and a qemu-storage-daemon that is left until its worker is done.
. lib.sh
. blk_store_lib.sh
command -v fio >/dev/null || skip "fio is not installed"

guest=$(toolstack create guest)
outside qemu-img create -q -f qcow2 "$TMPDIR/disk" 32M
attach "$guest" "qcow2:$TMPDIR/disk"
disk_open "$guest"
outside fio --name=load --verify_state_save=0 --ioengine=nbd --uri="$DISK" --rw=randwrite --bsrange=4k-64k --size=32M --io_size=24M \
    --iodepth=8 --rate=12M --verify=crc32c --do_verify=1 --minimal >"$TMPDIR/fio" 2>&1 &
load=$!
for signal in TERM KILL; do
    sleep 0.4
    daemon_stop blkbackd $signal
    daemons_start blkbackd
done
wait $load || fail "fio: $(cat "$TMPDIR/fio")"
disk_close
xl block-detach "$guest" xvda
outside qemu-img check -q "$TMPDIR/disk" || [ $? = 3 ] || fail "qemu-img check"
[ "$(bad_requests)" = 0 ] || fail "requests failed: $(bad_requests)"
! pgrep -f blkback-store >/dev/null || fail "a blkback-store is left"
! compgen -G '/run/pvback/store*' || fail "something is left in /run/pvback"
