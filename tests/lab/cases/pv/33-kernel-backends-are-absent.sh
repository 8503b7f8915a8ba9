# Neither the kernel's backends nor xenconsoled do the work these tests see done.
need_guest 1
! grep -E '^xen_(blk|net)back ' /proc/modules || fail "a kernel backend is loaded"
! pidof xenconsoled || fail "xenconsoled is running"
equal "$(echo /sys/bus/xen-backend/drivers/*)" '/sys/bus/xen-backend/drivers/*' "backend drivers"
