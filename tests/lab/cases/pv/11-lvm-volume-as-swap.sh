# The swap volume of the same guest can be switched on and off.
need_guest 1
guest 1 'mkswap /dev/xvda1 && swapon /dev/xvda1'
size=$(guest 1 "awk '\$1 == \"/dev/xvda1\" { print \$3 }' /proc/swaps")
guest 1 'swapoff /dev/xvda1'
[ "$size" -gt 30000 ] || fail "swap of $size KiB"
