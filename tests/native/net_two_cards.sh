#!/bin/bash
# A guest with two cards: one works on while nobody drives the other, while that one is driven and idle, and when it is gone; and
# an idle card costs no processor time.
. net_lib.sh

# worker DEVID: its pid
worker() {
    pgrep -f "netback-worker vif/${NET_DOMAIN[guest]}/$1\$" || pgrep -f "netback-worker.*vif/${NET_DOMAIN[guest]}/$1"
}

# ticks PID: processor time in hundredths of a second
ticks() {
    awk '{ print $14 + $15 }' "/proc/$1/stat"
}

works() {
    ping -q -n -f -c 50 -w 5 10.99.0.2 >/dev/null || fail "$1: to the guest"
    in_guest guest ping -q -n -f -c 50 -w 5 10.99.0.1 >/dev/null || fail "$1: from the guest"
}

net_guest guest
net_addresses guest 2
toolstack attach-vif "${NET_DOMAIN[guest]}" 1
works "the second waits for its driver"

net-tap "${NET_DOMAIN[guest]}" 1 --netns guest --ifname eth1 >"$TMPDIR/second.tap" 2>&1 &
eventually 10 grep -qs ready "$TMPDIR/second.tap"
sleep 0.2
idle=$(worker 1)
before=$(ticks "$idle")
works "the second is idle"
after=$(ticks "$idle")
[ $((after - before)) -le 1 ] || fail "the idle card took $((after - before)) hundredths of a second"
kill $!
wait $! || fail "$(cat "$TMPDIR/second.tap")"
works "the second is gone"
net_card_end guest
