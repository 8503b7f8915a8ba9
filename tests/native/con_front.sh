#!/bin/bash
# con-front is a guest's console for scripts: what it reads is printed, what is typed comes out.
. lib.sh

domid=$(toolstack create talker)
# Before that, its page would be taken for that of the console which the toolstack has made.
served() { [ "$(store "/local/domain/$domid/console/tty")" ]; }
eventually 10 served
mkfifo "$TMPDIR/says"
con-front "$domid" <"$TMPDIR/says" >"$TMPDIR/hears" &
front=$!
exec 5>"$TMPDIR/says"
echo "hello from the guest" >&5

# The console that the toolstack had made is replaced by that of con-front.
eventually 10 grep -q "hello from the guest" /var/log/xen/console/guest-talker.log
printf 'typed by a person\n' >"$(store "/local/domain/$domid/console/tty")"
eventually 10 grep -q "typed by a person" "$TMPDIR/hears"

kill "$front"
wait "$front" || true
toolstack destroy "$domid"
