# xl save and xl restore: the guest goes on where it was, under a new number; a file's pages, its disk, card and console are as before.
tiny 7 "/srv/lab/guest7.img,raw,xvda,w" bridge=xenbr0
create 7
first=$(domid 7)
guest 7 'dd if=/dev/urandom of=/dev/xvda bs=1M count=8 conv=fsync && head -c 8388608 /dev/xvda | md5sum >/sum && head -c 4194304 /dev/urandom >/kept && md5sum /kept >/kept.sum'
within 120 xl save guest7 /srv/lab/guest7.save
eventually gone 7
within 120 xl restore /srv/lab/guest7.save
rm /srv/lab/guest7.save
[ "$(domid 7)" != "$first" ] || fail "it is the same guest"
guest 7 'md5sum -c /kept.sum && [ "$(head -c 8388608 /dev/xvda | md5sum)" = "$(cat /sum)" ]'
guest 7 'echo after | dd of=/dev/xvda conv=fsync,notrunc && ping -c 2 -W 2 10.77.0.1'
equal "$(head -n 1 /srv/lab/guest7.img)" after "what it wrote after that"
xl destroy guest7
