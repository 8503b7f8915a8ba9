#!/bin/bash
# The real xl and the real block script attach and detach a file and a block
# device; the guest connects, and the loop device is given back.
. "$PVBACK_SRC/tests/native/lib.sh"

domain=$(toolstack create guest)
back=$(backend vbd "$domain" 51712)

attach() { # TARGET
    xl block-attach "$domain" "format=raw,vdev=xvda,access=rw,target=$1"
    expect "$back/hotplug-status" connected
    frontend "$domain" vbd 0
    expect "$back/state" 4
    xl block-list "$domain" | grep -q "^51712 *0 *$domain *4 " || fail "xl block-list: $(xl block-list "$domain")"
}

detach() {
    xl block-detach "$domain" xvda
    store_gone "$back" || fail "$back is still there"
    store_gone "$(frontend_dir vbd "$domain" 51712)" || fail "the frontend's directory is still there"
}

file=$(image disk 8)
attach "$file"
node=$(store "$back/node")
[ "$(losetup -nO BACK-FILE "$node" | xargs)" = "$file" ] || fail "$node is not of $file"
expect "$back/physical-device-path" "$node"
expect "$back/sectors" 16384
detach
[ "$(loops_used)" = 0 ] || fail "a loop device is left"

device=$(losetup -f --show "$(image partition 4)")
attach "$device"
expect "$back/physical-device-path" "$device"
expect "$back/physical-device" "$(stat -c '%t:%T' "$device")"
expect "$back/sectors" 8192
detach
losetup -d "$device"
