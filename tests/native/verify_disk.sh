#!/bin/bash
# fio --verify over one store: four jobs write and read at random, from one sector to 1 MiB at a time, beside flushes, and find
# again what they have written; round after round until the time is over. In the first half of it the worker copies the guest's
# pages, in the second they are mapped.
# usage, in a world without daemons: verify_disk.sh SECONDS STORE
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/blk_nbd_lib.sh"
. "$(dirname "$0")/verify_stores.sh"

JOBS=4
JOB_MIB=16
# shellcheck disable=SC2034 # for the stores
DISK_MIB=$((JOBS * JOB_MIB))

seconds=$1
store=$2
cd "$TMPDIR" || exit 1

attach() {
    toolstack attach-vbd "$guest" 51712 "$TARGET"
}

# share_nbd: blk-nbd has one client at a time; behind qemu-nbd that can be four.
share_nbd() {
    LD_PRELOAD='' qemu-nbd --socket="$TMPDIR/shared" --shared=$JOBS --persistent --format=raw \
        "nbd+unix:///?socket=$TMPDIR/nbd" &
    SHARE_PID=$!
    eventually 10 test -S "$TMPDIR/shared"
}

# one_round RANGE SIZE: sets $mib. Not by time: over more than one pass fio 3.33 does not find again what it has written.
one_round() {
    local kib seed=$RANDOM
    LD_PRELOAD='' timeout 120 fio --name=verify --ioengine=nbd --uri="nbd+unix:///?socket=$TMPDIR/shared" --numjobs=$JOBS \
        --group_reporting --size="$2" --offset_increment=${JOB_MIB}M --rw=randrw --bsrange="$1" --iodepth=16 --fsync=16 \
        --verify=crc32c --verify_fatal=1 --verify_state_save=0 --randrepeat=0 --randseed=$seed --minimal \
        --output="$TMPDIR/out" >"$TMPDIR/messages" 2>&1 ||
        fail "$store: round $round, $1, seed $seed: $(cat "$TMPDIR/messages" "$TMPDIR/out")"
    kib=$(cut -d ';' -f 47 "$TMPDIR/out")
    [ "${kib:-0}" -gt 0 ] || fail "$store: round $round has written nothing: $(cat "$TMPDIR/messages" "$TMPDIR/out")"
    written=$((written + kib))
}

# rounds_until SECONDS [OPTION-OF-BLK-NBD]...: at least one; large and small blocks take turns.
rounds_until() {
    local done=no
    nbd_serve "$guest" "$TMPDIR/nbd" "${@:2}"
    share_nbd
    until [ $done = yes ] && [ $SECONDS -ge "$1" ]; do
        done=yes
        round=$((round + 1))
        if [ $((round % 2)) = 1 ]; then
            one_round 512-1M ${JOB_MIB}M
        else
            one_round 512-16k 2M
        fi
        progress
    done
    kill -TERM "$SHARE_PID"
    wait "$SHARE_PID" || :
    nbd_end
}

progress() {
    [ ! -t 2 ] || printf '\r%s: %d of %d s, round %d, %d MiB written ' "$store" "$SECONDS" "$seconds" "$round" \
        $((written / 1024)) >&2
}

fio --enghelp 2>/dev/null | grep -qw nbd || skip "this fio has no nbd engine"
command -v qemu-nbd >/dev/null || skip "qemu-nbd is not installed"
make=store_${store//-/_}
[ "$(type -t "$make")" = function ] || fail "no store $store; there are: $(compgen -A function store_ | grep -v _end | sed 's/^store_//; s/_/-/g' | paste -sd ' ')"
"$make"
export DAEMON_OPTIONS
daemons_start blkbackd
guest=$(toolstack create guest)
attach

round=0
written=0
SECONDS=0
rounds_until $((seconds / 2))
rounds_until "$seconds" --persistent
[ ! -t 2 ] || printf '\r\033[K' >&2

[ "$(bad_requests)" = 0 ] || fail "$store: requests failed: $(bad_requests)"
toolstack detach "$guest" vbd 51712
[ "$(type -t "${make}_end")" != function ] || "${make}_end"
echo "$store: ok, $round rounds in $SECONDS s, $((written / 1024)) MiB written and found again"
