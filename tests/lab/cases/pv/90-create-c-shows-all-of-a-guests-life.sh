# xl create -c shows the console from the kernel's first line to the shutdown, and ends with the guest.
tiny 6
sed -i 's/ quiet"/"/' "$LAB_GUESTS_DIR/guest6.cfg"
timeout 100 xl create -c "$LAB_GUESTS_DIR/guest6.cfg" </dev/null 2>&1 9>&- | cat >"$WORK/life" &
viewer=$!
eventually grep -aq '@lab up' "$WORK/life"
grep -aq 'Linux version' "$WORK/life" || fail "its first lines are missing"
xl shutdown -w guest6
wait "$viewer"
grep -aqE 'System halted|Power down' "$WORK/life" || fail "its last line is missing"
