# A second instance of each daemon ends with status 1 and one line, the first is not disturbed.
for program in blkback/blkbackd netback/netbackd consoled/consoled; do
    status=0
    timeout 20 "$LAB_BUILD/$program" -f >"$WORK/second" 2>&1 </dev/null || status=$?
    cat "$WORK/second"
    equal "$status" 1 "${program##*/}'s exit status"
    equal "$(wc -l <"$WORK/second")" 1 "lines of ${program##*/}"
    grep -q 'another .* is running' "$WORK/second" || fail "$(cat "$WORK/second")"
done
need_guest 1
guest 1 true
