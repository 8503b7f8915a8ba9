# A guest gets an address by DHCP: broadcasts and checksums of both directions are right.
need_guest 2
# shellcheck disable=SC2016 # for the guest
guest 2 'printf "#!/bin/sh\n[ \"\$1\" != bound ] || echo \"\$ip\" >/tmp/lease\n" >/tmp/lease.sh; chmod 755 /tmp/lease.sh; udhcpc -i eth0 -n -q -t 5 -s /tmp/lease.sh'
lease=$(guest 2 'cat /tmp/lease')
[[ $lease == 10.77.0.1?? ]] || fail "lease '$lease'"
