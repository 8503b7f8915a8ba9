# A vif for a bridge that is not there: xl says so at once, no tap stays.
need_guest 1
! within 9 xl network-attach guest1 bridge=nosuchbr >"$WORK/xl" 2>&1 || fail "xl network-attach succeeds"
remark "refused in $took s: $(xl_says "$WORK/xl")"
xl network-detach guest1 1 || :
eventually [ ! -e "/sys/class/net/vif$(domid 1).1" ]
guest 1 'ping -c 2 -W 2 10.77.0.1'
