# Without /dev/xen each daemon ends with status 1 and one line that names what is missing.
for program in blkback/blkbackd netback/netbackd consoled/consoled; do
    status=0
    # shellcheck disable=SC2016 # for the inner shell
    timeout 20 unshare --mount bash -c 'mount -t tmpfs none /dev/xen && mount -t tmpfs none /run/pvback && exec "$0" -f' \
        "$LAB_BUILD/$program" >"$WORK/without" 2>&1 </dev/null || status=$?
    cat "$WORK/without"
    equal "$status" 1 "${program##*/}'s exit status"
    equal "$(wc -l <"$WORK/without")" 1 "lines of ${program##*/}"
    grep -q '/dev/xen/' "$WORK/without" || fail "$(cat "$WORK/without")"
done
