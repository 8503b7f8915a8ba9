# A link in /etc/xen/auto and xendomains' own command line start a guest; its stop shuts the guest down.
tiny 7 "/srv/lab/guest7.img,raw,xvda,w" bridge=xenbr0
mkdir -p /etc/xen/auto /var/lib/xen/save
ln -sf "$LAB_GUESTS_DIR/guest7.cfg" /etc/xen/auto/guest7
mkdir -p /var/lock/subsys
sed -i 's/^XENDOMAINS_SAVE=.*/XENDOMAINS_SAVE=/' /etc/default/xendomains
watch_console 7
/etc/init.d/xendomains start 9>&-
await_line guest7 "@lab up" 90
guest 7 'ping -c 2 -W 2 10.77.0.1'
xl list | grep -q '^guest7 '
rm /etc/xen/auto/guest7
xl shutdown -w guest7
eventually gone 7
