#!/bin/bash
# What a guest may do in XenStore: write its own half of a device, read the backend's, and
# nothing with the backend's half, nor with anything of another guest or of domain 0. A
# guest that removes or chmods its own half stops its own device only.
. "$PVBACK_SRC/tests/native/lib.sh"

one=$(toolstack create one)
two=$(toolstack create two)
for domain in $one $two; do
    toolstack attach-vbd "$domain" xvda "$(image "disk$domain" 1)"
    toolstack attach-vif "$domain" 0
    frontend "$domain" vbd 0
    frontend "$domain" vif 0
done

may() { # DOMAIN COMMAND...
    as_guest "$@" >/dev/null 2>&1 || fail "domain $1 may not ${*:2}"
}

may_not() {
    if as_guest "$@" >/dev/null 2>&1; then
        fail "domain $1 may ${*:2}"
    fi
}

for kind in vbd/51712 vif/0; do
    own=/local/domain/$one/device/$kind
    back=/local/domain/0/backend/${kind%/*}/$one/${kind#*/}
    may "$one" xenstore-write "$own/something" 1
    may "$one" xenstore-read "device/$kind/something"
    may "$one" xenstore-read "$back/state"
    may_not "$one" xenstore-write "$back/state" 6
    may_not "$one" xenstore-write "$back/new" 1
    may_not "$one" xenstore-rm "$back/state"
    may_not "$one" xenstore-rm "$back"
    may_not "$one" xenstore-chmod "$back/state" "b$one"
    may_not "$two" xenstore-read "$own/state"
    may_not "$two" xenstore-write "$own/state" 6
    may_not "$two" xenstore-read "$back/state"
    may_not "$two" xenstore-ls "$back"
    may_not "$two" xenstore-write "${back/\/$one\//\/$two\/}/state" 6
done
may_not "$one" xenstore-write "/local/domain/$one/name" other
may_not "$one" xenstore-write /local/domain/0/name other
may_not "$one" xenstore-write "/local/domain/0/backend/vbd/$one/1/frontend" x
may_not "$one" xenstore-rm "/local/domain/$two"
may_not "$one" xenstore-read "/libxl/$one/type"

# Its own half it may remove: that is a frontend that is gone.
may "$one" xenstore-rm "device/vbd/51712"
wait_for "$(backend vbd "$one" 51712)/state" 6
# Whom it lets read its state besides is its own matter: domain 0 may always.
may "$one" xenstore-chmod "device/vif/0/state" "n$one"
may "$one" xenstore-write "device/vif/0/state" 6
wait_for "$(backend vif "$one" 0)/state" 6
expect "$(backend vbd "$two" 51712)/state" 4
expect "$(backend vif "$two" 0)/state" 4
