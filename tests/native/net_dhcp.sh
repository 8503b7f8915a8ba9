#!/bin/bash
# A guest gets its address by DHCP over the bridge: the request is a broadcast, with a checksum left open.
. net_lib.sh

dnsmasq --no-daemon --conf-file=/dev/null --port=0 --interface=xenbr0 --bind-interfaces --no-ping \
    --dhcp-range=10.99.0.50,10.99.0.60,1h --dhcp-authoritative --dhcp-leasefile="$TMPDIR/leases" \
    >"$TMPDIR/dnsmasq.log" 2>&1 &
server=$!
eventually 5 grep -q started "$TMPDIR/dnsmasq.log"
cat >"$TMPDIR/set" <<'END'
#!/bin/sh
[ "$1" != bound ] || ip addr add "$ip/24" dev "$interface"
END
chmod +x "$TMPDIR/set"

net_guest guest
in_guest guest busybox udhcpc -i eth0 -q -n -t 5 -T 1 -s "$TMPDIR/set" >"$TMPDIR/udhcpc.log" 2>&1 ||
    fail "$(cat "$TMPDIR/udhcpc.log" "$TMPDIR/dnsmasq.log")"
in_guest guest ip -4 addr show dev eth0 | grep -q 'inet 10\.99\.0\.5[0-9]/24\|inet 10\.99\.0\.60/24' ||
    fail "no address: $(cat "$TMPDIR/udhcpc.log")"
in_guest guest ping -q -n -c 1 -W 5 10.99.0.1 >/dev/null
net_card_end guest
kill $server
