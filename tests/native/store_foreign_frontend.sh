#!/bin/bash
# A backend directory whose key "frontend" leads into another domain, or
# nowhere, is not served (XSA-175): one line says so, and nothing is written there.
. "$PVBACK_SRC/tests/native/lib.sh"

victim=$(toolstack create victim)
rogue=$(toolstack create rogue)
toolstack attach-vbd "$victim" xvda "$(image disk 1)"
frontend "$victim" vbd 0

refused=0
try() { # KIND NUMBER FRONTEND
    local back
    back=$(backend "$1" "$rogue" "$2")
    xenstore-write "$back/frontend-id" "$rogue" "$back/online" 1 "$back/params" "$(image other 1)" "$back/mode" w \
        "$back/hotplug-status" connected "$back/frontend" "$3" "$back/state" 1
    eventually 5 logged "$4" "$1/$rogue/$2: .*frontend"
    ! store_is "$back/state" 2 || fail "$back is in state 2 with frontend \"$3\""
    refused=$((refused + 1))
}

try vbd 1 "/local/domain/$victim/device/vbd/51712" blkbackd
try vbd 2 "/local/domain/${rogue}0/device/vbd/2" blkbackd
try vbd 3 "device/vbd/3" blkbackd
try vbd 4 "" blkbackd
try vif 1 "/local/domain/$victim/device/vif/0" netbackd
[ "$refused" = 5 ]
expect "$(frontend_dir vbd "$victim" 51712)/state" 4
expect "$(backend vbd "$victim" 51712)/state" 4
toolstack destroy "$victim"
