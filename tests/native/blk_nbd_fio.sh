#!/bin/bash
# fio writes through blk-nbd, deep and shallow, in each ABI, and finds again what it has written.
. lib.sh
. blk_nbd_lib.sh
cd "$TMPDIR" || exit 1
fio --enghelp 2>/dev/null | grep -qw nbd || skip "this fio has no nbd engine"

# run_fio NAME OPTION...
run_fio() {
    LD_PRELOAD='' timeout 50 fio --name="$1" --ioengine=nbd --uri="nbd+unix:///?socket=$TMPDIR/nbd" \
        --size=32M --verify_state_save=0 --verify=crc32c --verify_fatal=1 --randrepeat=0 "${@:2}" --output="$TMPDIR/out" \
        >"$TMPDIR/messages" 2>&1 || fail "fio $1: $(cat "$TMPDIR/messages" "$TMPDIR/out")"
    grep -qE 'err= 0' "$TMPDIR/out" || fail "fio $1: $(cat "$TMPDIR/out")"
}

disk=$(image disk 32)
guest=$(toolstack create guest)
toolstack attach-vbd "$guest" 51712 "$disk"
for abi in x86_64 x86_32 native; do
    nbd_serve "$guest" "$TMPDIR/nbd" --abi "$abi"
    run_fio "deep-$abi" --rw=randwrite --bsrange=512-64k --iodepth=64
    nbd_end
done
nbd_serve "$guest" "$TMPDIR/nbd"
run_fio big --rw=write --bs=1M --iodepth=4
run_fio shallow --rw=randwrite --bs=4k --iodepth=1 --size=4M --fsync=16
# Not by time: over more than one pass fio 3.33 does not find again what it has written, on any engine.
run_fio mixed --rw=randrw --bs=4k --iodepth=32
nbd_end
[ "$(bad_requests)" = 0 ] || fail "requests failed: $(bad_requests)"
