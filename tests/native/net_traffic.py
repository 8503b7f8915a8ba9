#!/usr/bin/env python3
"""Carries data over TCP and UDP and looks whether they arrive as they were sent.

usage: net_traffic.py serve ADDRESS...     says "ready", serves until its input ends
       net_traffic.py check BYTES ADDRESS...  so many each way by TCP, datagrams of all sizes; 0 = all well
       net_traffic.py checks BYTES ADDRESS... the same for each line of its input; answers with "right", or ends
"""
import hashlib
import random
import socket
import sys
import threading

PORT = 5009
TIMEOUT = 10
DATAGRAMS = [0, 1, 2, 17, 100, 1400, 1452, 1453, 1472, 1473, 2000, 4096, 9000, 20000, 60000]


def family(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def receive(connection, size):
    """The digest of this many bytes."""
    digest = hashlib.md5()
    while size:
        data = connection.recv(min(size, 1 << 18))
        if not data:
            raise EOFError("the connection ended early")
        digest.update(data)
        size -= len(data)
    return digest.digest()


def serve_one(connection):
    """A length and as many bytes come; their digest and the bytes of the same seed go back."""
    with connection:
        size = int.from_bytes(connection.recv(8, socket.MSG_WAITALL), "big")
        connection.sendall(receive(connection, size))
        data = random.Random(size).randbytes(size)
        connection.sendall(data)
        connection.recv(1)


def serve_tcp(address):
    listener = socket.create_server((address, PORT), family=family(address))
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=serve_one, args=[connection], daemon=True).start()


def serve_udp(address):
    echo = socket.socket(family(address), socket.SOCK_DGRAM)
    echo.bind((address, PORT))
    while True:
        data, sender = echo.recvfrom(65536)
        echo.sendto(data[::-1], sender)


def serve(addresses):
    for address in addresses:
        for target in serve_tcp, serve_udp:
            threading.Thread(target=target, args=[address], daemon=True).start()
    print("ready", flush=True)
    sys.stdin.read()


def check_tcp(address, size):
    data = random.Random(size + 1).randbytes(size)
    with socket.create_connection((address, PORT), TIMEOUT) as connection:
        connection.sendall(size.to_bytes(8, "big"))
        connection.sendall(data)
        if connection.recv(16, socket.MSG_WAITALL) != hashlib.md5(data).digest():
            sys.exit(f"{address}: other bytes arrived there")
        if receive(connection, size) != hashlib.md5(random.Random(size).randbytes(size)).digest():
            sys.exit(f"{address}: other bytes arrived here")


def check_udp(address):
    with socket.socket(family(address), socket.SOCK_DGRAM) as echo:
        echo.settimeout(TIMEOUT)
        echo.connect((address, PORT))
        for size in DATAGRAMS:
            data = random.Random(size).randbytes(size)
            echo.send(data)
            if echo.recv(65536) != data[::-1]:
                sys.exit(f"{address}: other bytes came back in a datagram of {size}")


def check(size, addresses):
    for address in addresses:
        check_tcp(address, size)
        check_udp(address)


def main():
    if sys.argv[1] == "serve":
        serve(sys.argv[2:])
    elif sys.argv[1] == "check":
        check(int(sys.argv[2]), sys.argv[3:])
    else:
        for _ in sys.stdin:
            check(int(sys.argv[2]), sys.argv[3:])
            print("right", flush=True)


main()
