#!/bin/bash
# A guest that is kept to the addresses of its configuration gets one by DHCP, finds its neighbours and carries TCP by IPv4
# and IPv6; what it sends under another's MAC or address is dropped, and counted by its reason. Without the switch it passes. Switch and list
# change while the guest runs, and what makes no sense changes nothing.
. net_lib.sh

# key NAME VALUE: of the backend
key() {
    xenstore-write "$(backend vif "$guest" 0)/$1" "$2"
}
# lost: of all that was spoofed, "REASON=PACKETS" a line
lost() {
    LD_PRELOAD='' "$PVBACK_SRC/tools/pvback-stat" --json "vif/$guest/0" | LD_PRELOAD='' /usr/bin/python3 -c '
import json, sys
for reason, packets in json.load(sys.stdin)[0]["lost"]["tx"].items():
    print(f"{reason}={packets}")' | grep ^spoofed_
}
# lost_all REASON...: each at least once
lost_all() {
    local reason now
    now=$(lost)
    for reason; do
        grep -q "^spoofed_$reason=[1-9]" <<<"$now" || return 1
    done
}
# forge MAC HEX...: a frame to all, from this MAC
forge() {
    in_guest guest /usr/bin/python3 -c '
import socket, sys
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
s.bind(("eth0", 0))
s.send(bytes.fromhex("ffffffffffff" + "".join(sys.argv[1:]).replace(":", "")))' "$@"
}

net_bridge
dnsmasq --no-daemon --conf-file=/dev/null --port=0 --interface=xenbr0 --bind-interfaces --no-ping \
    --dhcp-range=10.99.0.50,10.99.0.50,1h --dhcp-authoritative --dhcp-leasefile="$TMPDIR/leases" \
    >"$TMPDIR/dnsmasq.log" 2>&1 &
server=$!
coproc SERVER { exec net_traffic.py serve 10.99.0.1 fd99::1; }
read -r _ <&"${SERVER[0]}"
printf '#!/bin/sh\n[ "$1" != bound ] || ip addr add "$ip/24" dev "$interface"\n' >"$TMPDIR/set"
chmod +x "$TMPDIR/set"

net_domain guest
guest=${NET_DOMAIN["guest"]}
mac=$(store "$(backend vif "$guest" 0)/mac")
other=00:16:3e:99:99:99
# ARP: that 10.99.0.1 is at the guest's
arp="0806 0001 0800 06 04 0002 $mac 0a630001 ffffffffffff ffffffff 0000 00000000 00000000 00000000 00000000"

key antispoof 1
key ip '10.99.0.50 fd99::50'
net_card guest

in_guest guest busybox udhcpc -i eth0 -q -n -t 5 -T 1 -s "$TMPDIR/set" >"$TMPDIR/udhcpc.log" 2>&1 ||
    fail "no DHCP: $(cat "$TMPDIR/udhcpc.log" "$TMPDIR/dnsmasq.log")"
# With the search for duplicates, and without its delays.
in_guest guest sh -c 'echo 50 >/proc/sys/net/ipv6/neigh/eth0/retrans_time_ms
    echo 0 >/proc/sys/net/ipv6/conf/eth0/router_solicitation_delay'
in_guest guest ip addr add fd99::50/64 dev eth0
settled() { [ -z "$(in_guest guest ip -6 addr show dev eth0 tentative)" ]; }
eventually 5 settled
[ -z "$(in_guest guest ip -6 addr show dev eth0 dadfailed)" ] || fail "the guest's address is another's"
in_guest guest net_traffic.py check 200000 10.99.0.1 fd99::1
[ "$(lost | grep -c '=0$')" = 6 ] || fail "an honest guest lost packets: $(lost)"

in_guest guest ip addr add 10.99.0.66/24 dev eth0
in_guest guest ip addr add fd99::66/64 dev eth0 nodad
# pings FROM TO: an answer comes, soon; that none has left is told by the counters
pings() { in_guest guest ping -q -n -c 1 -W 0.1 -I "$1" "$2" >/dev/null 2>&1; }
! pings 10.99.0.66 10.99.0.1 || fail "another IPv4 address passes"
! pings fd99::66 fd99::1 || fail "another IPv6 address passes"
forge "${mac//:/}" "$arp"
forge "${other//:/}" "${arp//$mac/$other}"
forge "${mac//:/}" 8864 "$(printf '00%.0s' {1..46})"
ip neigh show dev xenbr0 | grep -q "10.99.0.1 " && fail "forged ARP was believed"
eventually 5 lost_all mac arp ipv4 ipv6 type

# The list grows.
key ip '10.99.0.50 10.99.0.66 fd99::50'
eventually 5 pings 10.99.0.66 10.99.0.1
! pings fd99::66 fd99::1 || fail "an address passes that the list has not got"
# What is wrong is told, as long as it is so, and what was right stays.
key ip '10.99.0.500'
told() { logged netbackd 'antispoof: key ip is "10.99.0.500", must be up to'; }
eventually 5 told
pings 10.99.0.66 10.99.0.1 || fail "a wrong list is in force"
! pings fd99::66 fd99::1 || fail "a wrong list has switched the filter off"
error=/local/domain/0/error/backend/vif/$guest/0/error
is_told() { [[ $(store "$error") == *10.99.0.500* ]]; }
is_over() { [ ! "$(store "$error")" ]; }
eventually 5 is_told
key ip '10.99.0.50 fd99::50'
eventually 5 is_over
# Without the switch the same frames pass.
key antispoof 0
eventually 5 pings fd99::66 fd99::1
before=$(lost | grep mac)
forge "${other//:/}" 88b5 "$(printf '00%.0s' {1..46})"
[ "$(lost | grep mac)" = "$before" ] || fail "frames are dropped without the switch"
net_card_end guest

# What cannot be kept to is no card.
key antispoof 1
key ip '10.99.0.500'
net-tap "$guest" 0 --netns guest >/dev/null 2>&1 &
wait_for "$(backend vif "$guest" 0)/state" 5
kill $server
