# A guest with vif=[''] is in the first bridge; it and dom0 reach each other.
need_guest 1
guest 1 'ping -c 3 -i 0.2 -W 2 10.77.0.1'
ping -c 3 -i 0.2 -W 2 10.77.0.2
