# Ping and TCP with segmentation offload in both directions.
need_guest 1
guest 1 'ping -c 3 -i 0.2 -W 2 10.77.0.1'
ping -c 3 -i 0.2 -W 2 10.77.0.2
guest 1 'iperf3 -c 10.77.0.1 -t 3 | grep receiver && iperf3 -R -c 10.77.0.1 -t 3 | grep receiver'
