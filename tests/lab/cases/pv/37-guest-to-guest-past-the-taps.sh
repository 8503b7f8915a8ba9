# Two guests whose cards have key direct: ping and TCP go past the taps, both ways, and their other cards' do not; dom0 is
# reached by either.
need_guest 1
need_guest 2
mkdir -p /etc/xen/scripts/vif-post.d
echo '[ "$command" != online ] || [ "$bridge" != directbr ] || xenstore_write "$XENBUS_PATH/direct" fast' >/etc/xen/scripts/vif-post.d/direct.hook
chmod +x /etc/xen/scripts/vif-post.d/direct.hook
ip link add directbr type bridge
ip address add 10.79.2.1/24 dev directbr
ip link set directbr up
card=([1]=1 [2]=2) # the second guest has two already
for number in 1 2; do
    dev=eth${card[number]}
    xl network-attach guest$number bridge=directbr
    guest $number "n=50; until [ -e /sys/class/net/$dev ] || [ \$n = 0 ]; do usleep 200000; n=\$((n-1)); done; ip address add 10.79.2.$((number + 1))/24 dev $dev; ip link set $dev up"
done
# seen CARD: frames that guest 1's tap has got of it
seen() {
    cat "/sys/class/net/vif$(domid 1).$1/statistics/rx_packets"
}
guest 2 'iperf3 -s -D'
# flows NETWORK: from guest 1 to guest 2, and back; no fewer than a hundred frames, however busy the machine is
flows() {
    guest 1 "ping -q -c 100 -i 0.02 -W 2 $1.3 && iperf3 -c $1.3 -t 1 >/tmp/there && iperf3 -c $1.3 -t 1 -R >/tmp/back; grep -h receiver /tmp/there /tmp/back"
}
flows 10.77.0 >"$WORK/tap" # first, as the guests' programs are slow when they are new
flows 10.79.2 >"$WORK/direct"
[ "$(grep -c receiver "$WORK/direct")" = 2 ] || fail "$(cat "$WORK/direct")"
direct=$(seen 1)
[ "$direct" -lt 90 ] || fail "the tap has seen $direct frames"
[ "$(seen 0)" -ge 100 ] || fail "a card without the key goes past its tap"
ping -c 2 -W 5 10.79.2.2
ping -c 2 -W 5 10.79.2.3
remark "past the taps: $(awk '/receiver/ { print $7 $8 }' "$WORK/direct" | paste -sd ' '), through them: $(awk '/receiver/ { print $7 $8 }' "$WORK/tap" | paste -sd ' ')"
guest 2 'killall iperf3'
for number in 1 2; do
    xl network-detach guest$number ${card[number]}
done
rm /etc/xen/scripts/vif-post.d/direct.hook
ip link del directbr
