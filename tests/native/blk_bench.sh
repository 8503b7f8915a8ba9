#!/bin/bash
# blk-bench drives a disk in each way that it knows, in those ways that the protocol offers.
. lib.sh

disk=$(image disk 64)
guest=$(toolstack create guest)
toolstack attach-vbd "$guest" 51712 "$disk"

# bench OPTION...: for a second
bench() {
    blk-bench "$guest" 51712 --seconds 1 "$@" >"$TMPDIR/out" || fail "blk-bench $*: $(cat "$TMPDIR/out")"
    grep -q 'failed: 0$' "$TMPDIR/out" || fail "blk-bench $*: $(cat "$TMPDIR/out")"
}

# last_says TEXT: the worker's counters
last_says() {
    eventually 5 grep -q "served.*$1" "$WORLD_LOGS/blkbackd.log" || fail "no worker counts $1"
}

bench --rw randread --qd 32
bench --rw write --bs 131072 --qd 16
bench --rw write --bs 131072 --qd 16 --indirect
last_says ' [1-9][0-9]* indirect'
bench --rw randwrite --qd 400 --ring-order 4 --persistent
last_says ' [1-9][0-9]* in mapped pages'
bench --rw read --bs 4194304 --indirect --persistent --ring-order 2
queues=$(($(nproc) < 16 ? $(nproc) : 16))
bench --rw randwrite --qd 16 --queues "$queues" --persistent
