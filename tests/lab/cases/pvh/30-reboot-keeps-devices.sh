# xl reboot: the guest comes again with a new number, its disk and card work again.
tiny 8 "/srv/lab/guest8.img,raw,xvda,w" bridge=xenbr0
create 8 150
first=$(domid 8)
guest 8 'echo before | dd of=/dev/xvda conv=fsync'
watch_console 8
xl reboot guest8
await_line guest8 "@lab up" 150
[ "$(domid 8)" != "$first" ] || fail "it is the same guest"
equal "$(guest 8 'head -n 1 /dev/xvda')" before "content of the disk"
guest 8 'ping -c 2 -W 2 10.77.0.1'
xl shutdown -w guest8
