#!/bin/bash
# pvback-stat shows what a card does, as a table, in full and as JSON; the kernel's counters of the tap (ip -s link) and the real
# xentop (xl top) agree: what the guest sends is received by its tap, and shown as the driver domain's RX.
. net_lib.sh

stat=$PVBACK_SRC/tools/pvback-stat
net_bridge
net_guest guest
net_addresses guest 2
guest=${NET_DOMAIN["guest"]}

# kernel rx|tx WHAT: of the tap
kernel() {
    cat "/sys/class/net/vif$guest.0/statistics/$1_$2"
}
# counted JSON-PATH...: of the page
counted() {
    LD_PRELOAD='' "$stat" --json "vif/$guest/0" | LD_PRELOAD='' /usr/bin/python3 -c '
import json, sys
card, = json.load(sys.stdin)
print(*(card[path.split(".")[0]][path.split(".")[1]] for path in sys.argv[1:]))' "$@"
}
both_count() {
    [ "$(counted tx.packets tx.bytes rx.packets rx.bytes)" = \
        "$(kernel rx packets) $(kernel rx bytes) $(kernel tx packets) $(kernel tx bytes)" ]
}

# Much more from the guest than to it.
in_guest guest ping -q -n -c 200 -i 0.002 -W 5 -s 1000 10.99.0.1 >/dev/null
ip netns exec guest /usr/bin/python3 -c '
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for _ in range(300):
    s.sendto(bytes(1400), ("10.99.0.1", 9))' || fail "cannot send"
eventually 5 both_count || fail "the kernel says otherwise"
[ "$(kernel rx bytes)" -gt $((300 * 1400 + 200 * 1000)) ] || fail "$(kernel rx bytes) bytes from the guest"

# Guest and host say something of their own now and then, so each pair is read again if it differs.
in_full() {
    "$stat" "vif/$guest/0" | grep -q "^tx (from the guest): $(kernel rx packets) packets, $(kernel rx bytes) bytes, 0 lost"
}
eventually 5 in_full
"$PVBACK_SRC/tools/pvback-limit" "vif/$guest/0" rx-bytes=5M
limited() { "$stat" "vif/$guest/0" | grep -qx '  limited to 5000000 bytes a second'; }
eventually 5 limited
"$stat" -n 1 -i 0.05 >"$TMPDIR/table"
grep -Eq "^vif/$guest/0 +tx +[0-9]+ +[0-9.]+ +0$" "$TMPDIR/table" || fail "no table: $(cat "$TMPDIR/table")"
cp "/run/pvback/stats/vif-$guest-0" "$TMPDIR/vif-9-0"
printf '\x02' | dd of="$TMPDIR/vif-9-0" bs=1 seek=8 conv=notrunc status=none
"$stat" --dir "$TMPDIR" "vif/9/0" 2>"$TMPDIR/err" && fail "another version is no error"
grep -q "its version is 2" "$TMPDIR/err" || fail "not told: $(cat "$TMPDIR/err")"

# NETTX(k) and NETRX(k), in KiB: what the tap sends and gets, as with the kernel's backend; it is known by its name.
as_xentop_says() {
    [ "$(unshare -m bash -c 'mount -t tmpfs none /sys/bus && mkdir -p /sys/bus/xen-backend/devices && xentop -b -i 1' |
        awk '$1 == "NAME"  { for (i = 1; i <= NF; i++) place[$i] = i }
             $1 == "guest" { print $place["NETTX(k)"], $place["NETRX(k)"] }')" = \
        "$(($(kernel tx bytes) / 1024)) $(($(kernel rx bytes) / 1024))" ]
}
if command -v xentop >/dev/null; then
    eventually 5 as_xentop_says
    ip link set "vif$guest.0" name renamed
    found=$(ip -s link show dev renamed | awk '/RX:/ { getline; print $1 }')
    [ "$found" -gt $((300 * 1400)) ] || fail "ip -s link of the renamed tap: $found"
fi
net_card_end guest
