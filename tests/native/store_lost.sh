#!/bin/bash
# When xenstored is gone the daemons say so and end; their workers let go of the
# guests' rings in good order, so that a successor can take over.
. "$PVBACK_SRC/tests/native/lib.sh"

domain=$(toolstack create guest)
toolstack attach-vbd "$domain" xvda "$(image disk 1)"
toolstack attach-vif "$domain" 0
frontend "$domain" vbd 0 deaf
frontend "$domain" vif 0 deaf

nothing_mapped() {
    # xenstored's own mapping is gone with it.
    [ "$(standin list | awk -v d="$domain" '$1 == d { print $2 }')" = 0 ]
}

kill -KILL "$(cat /run/xenstored/pid)"
for name in blkbackd netbackd consoled; do
    daemon_gone "$name" 10
    rm "$WORLD_RUN/$name.pid"
    logged "$name" "XenStore is lost" || fail "$name does not say why it ended"
done
eventually 5 nothing_mapped
for kind in blkback netback; do
    logged "${kind}d" "$kind-worker: v.*" || fail "the worker of $kind has not finished"
done
