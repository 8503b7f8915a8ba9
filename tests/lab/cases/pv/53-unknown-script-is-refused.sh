# A vif and a disk with a hotplug script that does not exist: xl fails at once.
need_guest 1
! within 9 xl network-attach guest1 script=no-such-script || fail "xl network-attach succeeds"
summary="vif $took s"
xl network-detach guest1 1 || :
! within 9 xl block-attach guest1 "format=raw,vdev=xvdh,access=rw,script=no-such-script,target=$LAB_GUESTS_DIR/tap.img" || fail "xl block-attach succeeds"
remark "$summary, disk $took s"
xl block-detach guest1 xvdh || xl block-detach -f guest1 xvdh || :
guest 1 'ping -c 2 -W 2 10.77.0.1'
