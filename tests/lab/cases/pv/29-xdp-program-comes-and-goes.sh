# A guest's XDP program is attached in netfront and detached, twice: it sees frames as they are, ping and TCP work
# meanwhile and afterwards, and states follow. (Linux' netfront waits for state 8 each time.)
need_guest 1
busybox httpd -f -p 10.77.0.1:8099 -h "$LAB_BUILD/tests/lab" &
guest 1 'dmesg -c >/dev/null; wget -q -O /bin/xdp-look http://10.77.0.1:8099/xdp-look && chmod 755 /bin/xdp-look'
kill $!
connected() {
    [ "$(xenstore-read "$back/state")" = 4 ]
}
back=/local/domain/0/backend/vif/$(xl domid guest1)/0
for _ in 1 2; do
    guest 1 'xdp-look eth0 sh -c "ping -c 3 -i 0.2 -W 2 10.77.0.1 && iperf3 -c 10.77.0.1 -R -t 1"' >"$WORK/look"
    grep -q 'xdp-look: good=[1-9][0-9]* bad=0' "$WORK/look" || fail "$(grep xdp-look "$WORK/look")"
    eventually connected
    guest 1 'ping -c 2 -i 0.2 -W 2 10.77.0.1'
done
remark "$(grep -o 'good=[0-9]*' "$WORK/look")"
equal "$(guest 1 'dmesg -c | grep -iE "xennet|vif|warning|bug|netfront"; :')" "" "the guest's log"
