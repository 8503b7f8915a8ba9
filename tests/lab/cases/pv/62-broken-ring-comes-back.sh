# A card of two queues whose ring is broken is out of service, and the error node says why. It comes back without a reboot:
# the guest's driver is bound anew; or the admin detaches and attaches it.
stop_backends net
start_daemon netbackd "$LAB_BUILD/netback/netbackd" --queues 4
LAB_VCPUS=2 tiny 12 '' bridge=xenbr0
create 12
domain=$(domid 12)
front=/local/domain/$domain/device/vif/0 error=/local/domain/0/error/backend/vif/$domain/0/error
ping -c 1 -W 5 10.77.0.13
break_it() {
    "$LAB_BUILD/tests/lab/break-ring" "$domain" 10.77.0.13 "$(xenstore-read "$front/queue-0/tx-ring-ref")" \
        "$(xenstore-read "$front/queue-1/tx-ring-ref")"
    eventually state_is "$front" 6
    eventually state_is "/local/domain/0/backend/vif/$domain/0" 6
    xenstore-read "$error" | grep 'broke the ring'
}
comes_back() {
    guest 12 'n=50; until [ -e /sys/class/net/eth0 ] || [ $n = 0 ]; do usleep 100000; n=$((n-1)); done; ip address add 10.77.0.13/24 dev eth0; ip link set eth0 up'
    guest 12 'ping -c 2 -i 0.2 -W 5 10.77.0.1'
    ping -c 1 -W 5 10.77.0.13
    ! xenstore-read "$error" || fail "the error node is still there"
    xenstore-read "$front/queue-1/tx-ring-ref"
}
break_it
guest 12 'echo vif-0 >/sys/bus/xen/drivers/vif/unbind; echo vif-0 >/sys/bus/xen/drivers/vif/bind'
comes_back
break_it
within 20 xl network-detach guest12 0
xl network-attach guest12 bridge=xenbr0
comes_back
xl destroy guest12
stop_backends net
start_backends net
