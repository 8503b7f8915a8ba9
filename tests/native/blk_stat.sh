#!/bin/bash
# pvback-stat shows what a disk does, as a table, as histograms and as JSON, and says so when a page is none.
. lib.sh

stat=$PVBACK_SRC/tools/pvback-stat
disk=$(image disk 64)
guest=$(toolstack create guest)
toolstack attach-vbd "$guest" 51712 "$disk"

"$stat" -n 1 -i 0.1 | grep -q '^DISK .*IOPS' || fail "no table without disks"
"$stat" "vbd/$guest/51712" && fail "a disk that never connected is no error"

blk-bench "$guest" 51712 --seconds 1 --rw randread --qd 8 >"$TMPDIR/bench" &
pages() { [ -e "/run/pvback/stats/vbd-$guest-51712" ]; }
eventually 5 pages || fail "there is no page"
"$stat" -n 1 -i 0.2 >"$TMPDIR/table"
grep -Eq "^vbd/$guest/51712 +read +[1-9][0-9]* +[0-9.]+ +[0-9.]+u?m?s .* 0$" "$TMPDIR/table" ||
    fail "nothing is read: $(cat "$TMPDIR/table")"
wait $!

# What the frontend has counted is what the page says, in each form.
requests=$(sed -n 's/.*; \([0-9]*\) requests, events.*/\1/p' "$TMPDIR/bench")
"$stat" "vbd/$guest/51712" >"$TMPDIR/bars"
grep -q "^read: $requests requests, $((requests * 4096)) bytes, 0 failed" "$TMPDIR/bars" ||
    fail "$requests requests: $(cat "$TMPDIR/bars")"
grep -q '#####' "$TMPDIR/bars" || fail "no bars: $(cat "$TMPDIR/bars")"
LD_PRELOAD='' "$stat" --json "vbd/$guest/51712" | LD_PRELOAD='' /usr/bin/python3 -c '
import json, sys
disk, = json.load(sys.stdin)
read = disk["operations"]["read"]
sums = [sum(read[name]) for name in ("latency", "queued", "service")]
assert [read["requests"]] * 3 == sums == [int(sys.argv[1])] * 3, (sums, sys.argv)
assert disk["in_flight"] == 0, disk["in_flight"]
' "$requests" || fail "JSON says something else"

# Pages that were spoilt, each in its way, are told from the good one beside them.
mkdir "$TMPDIR/pages"
cd "$TMPDIR/pages" || exit
# spoilt N COMMAND...: page N, after that command on it
spoilt() {
    cp "/run/pvback/stats/vbd-$guest-51712" "vbd-9-$1"
    "${@:2}" "vbd-9-$1"
}
# put OFFSET BYTES FILE
put() {
    printf '%b' "$2" | dd of="$3" bs=1 seek="$1" conv=notrunc status=none
}
spoilt 1 truncate -s 0
spoilt 2 truncate -s 8192
spoilt 3 put 0 XX
spoilt 4 put 8 '\x02'
spoilt 5 put 12 '\xff\xff'
spoilt 6 put 20 '\xff\xff\xff\xff'
spoilt 7 put 32 '../../'
spoilt 8 cp /bin/ls
cp "/run/pvback/stats/vbd-$guest-51712" good
"$stat" --dir . -n 1 -i 0.01 >"$TMPDIR/out" 2>"$TMPDIR/err" && fail "garbage is no error"
grep -q "^vbd/$guest/51712" "$TMPDIR/out" || fail "the good page is not shown: $(cat "$TMPDIR/out")"
[ "$(wc -l <"$TMPDIR/out")" = 3 ] || fail "garbage is shown: $(cat "$TMPDIR/out")"
for why in '1: .*too few' '2: .*were announced' '3: .*begin with' '4: .*version is 2' '5: .*sizes' '6: .*sizes' \
    '7: .*proper name' '8: .*begin with'; do
    grep -q "vbd-9-$why" "$TMPDIR/err" || fail "not told: $why: $(cat "$TMPDIR/err")"
done
