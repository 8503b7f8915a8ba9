# vif=['mac=00:16:3e:76:c6:56,bridge=xenbr0']: the card has that address and is in that bridge.
need_guest 2
equal "$(guest 2 'cat /sys/class/net/eth0/address')" 00:16:3e:76:c6:56 "address of eth0"
[ -e "/sys/class/net/xenbr0/brif/vif$(domid 2).0" ] || fail "its tap is not in xenbr0"
guest 2 'ping -c 3 -i 0.2 -W 2 10.77.0.1'
