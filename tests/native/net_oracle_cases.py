#!/usr/bin/env python3
"""Frames for net_oracle, and what has to become of each, by scapy: bytes, checksums, segments.

usage: net_oracle_cases.py RESULT
Shares nothing with netback; what netif and virtio_net_hdr can say is told here once more, from xen/io/netif.h
and from the virtio specification.
"""
import itertools
import struct
import sys

from scapy.layers.inet import GRE, ICMP, IP, TCP, UDP, IPOption_NOP, fragment
from scapy.layers.inet6 import (IPv6, IPv6ExtHdrDestOpt, IPv6ExtHdrFragment, IPv6ExtHdrHopByHop, IPv6ExtHdrRouting,
                                PadN, fragment6)
from scapy.layers.l2 import ARP, Dot1AD, Dot1Q, Ether
from scapy.layers.vxlan import VXLAN
from scapy.packet import Raw

GUEST, WIRE = "02:00:00:00:00:0a", "02:00:00:00:00:0b"
TX, RX = 0, 1
BLANK, VALIDATED = 1, 2
# What a guest's driver takes: everything; IPv4 alone; nothing.
ALL, ONLY_V4, NONE = 0, 1, 2

TAGS = {"": lambda: [], "tag": lambda: [Dot1Q(vlan=100)], "qinq": lambda: [Dot1AD(vlan=7), Dot1Q(vlan=100)],
        "tags": lambda: [Dot1Q(vlan=7), Dot1Q(vlan=100)]}


def options():
    return [PadN(optdata=b"\0" * 4)]


V4 = {"v4": 0, "v4opt4": 4, "v4opt40": 40}
V6 = {"v6": lambda: [], "v6hop": lambda: [IPv6ExtHdrHopByHop(options=options())],
      "v6dest": lambda: [IPv6ExtHdrDestOpt(options=options() * 3)],
      "v6three": lambda: [IPv6ExtHdrHopByHop(options=options()), IPv6ExtHdrRouting(addresses=[], segleft=0, type=2),
                          IPv6ExtHdrDestOpt(options=options())],
      "v6atomic": lambda: [IPv6ExtHdrFragment(offset=0, m=0, id=77)]}
L4 = {"tcp": 0, "tcp12": 12, "tcp40": 40, "udp": None}

cases = []


def add(name, way, caps, data, outs, flags=0, gso=(0, 0), start=0, offset=0, hdr_len=0, padding=0):
    """outs: [(bytes, blank, (gso type, size))], or None: it is to be refused. A bridge may cut padding off."""
    head = struct.pack("<BBBBBBHHHHH48s I", way, caps, outs is None, flags, gso[0], 0, gso[1], start, offset, hdr_len,
                       len(outs or []), name.encode(), len(data))
    cases.append(head + data)
    for out, blank, (kind, size) in outs or []:
        cases.append(struct.pack("<BBHII", blank, kind, size, padding, len(out)) + out)


def payload(size, salt=0):
    pattern = bytes((i * 131 ^ i >> 8 ^ salt) & 255 for i in range(min(size, 65536)))
    return pattern[:size]


def stack(layers):
    packet = layers[0]
    for layer in layers[1:]:
        packet = packet / layer
    return packet


def l3_layers(l3, number=0):
    if l3 in V4:
        return [IP(src="10.99.0.1", dst="10.99.0.2", id=0xfff0 + number & 0xffff, ttl=64,
                   options=[IPOption_NOP()] * V4[l3])]
    return [IPv6(src="fd99::1", dst="fd99::2", hlim=64)] + V6[l3]()


def l4_layer(l4, seq=0xfffff000, flags="PA"):
    if l4 == "udp":
        return UDP(sport=40000, dport=50000)
    return TCP(sport=40000, dport=50000, seq=seq & 0xffffffff, ack=77, flags=flags, window=0x1000,
               options=[("NOP", None)] * L4[l4])


class Frame:
    """What scapy makes of a stack with TCP or UDP in it; from the guest, or else from the wire."""

    def __init__(self, packet, layer, size):
        self.raw = bytes(packet)
        self.body = len(self.raw) - size
        self.offset = 16 if layer is TCP else 6
        self.start = self.body - (8 if layer is UDP else 20 + 4 * ((len(packet[layer].options) + 3) // 4))
        below = packet.getlayer(IPv6) or packet.getlayer(IP)
        at = len(self.raw) - len(bytes(below))
        addresses = self.raw[at + 8:at + 40] if isinstance(below, IPv6) else self.raw[at + 12:at + 20]
        # RFC 9293 3.1, RFC 768, RFC 8200 8.1
        self.pseudo = add16(addresses + struct.pack("!II", len(self.raw) - self.start, 6 if layer is TCP else 17))

    def finished(self, way):
        return from_side(self.raw, way)

    def left_open(self, way, value=None):
        """Before the checksum is filled in."""
        data = bytearray(from_side(self.raw, way))
        at = self.start + self.offset
        data[at:at + 2] = struct.pack("!H", self.pseudo if value is None else value)
        return bytes(data)


def from_side(data, way):
    """No checksum of scapy's covers the Ethernet header."""
    return data if way == TX else data[:6] + bytes.fromhex(WIRE.replace(":", "")) + data[12:]


def ethernet(tags=""):
    return [Ether(src=GUEST, dst="ff:ff:ff:ff:ff:ff")] + TAGS[tags]()


def make(tags, l3, l4, data, number=0, **more):
    """The frame as a stack."""
    return stack(ethernet(tags) + l3_layers(l3, number) + [l4_layer(l4, **more), Raw(data)])


def frame(tags, l3, l4, data, **more):
    return Frame(make(tags, l3, l4, data, **more), layer_of(l4), len(data))


def add16(data, total=0):
    data += b"\0" * (len(data) & 1)
    total += sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return total


def layer_of(l4):
    return UDP if l4 == "udp" else TCP


def takes(caps, l3):
    return caps == ALL or caps == ONLY_V4 and l3 in V4


def both_ways(name, tags, l3, made):
    """A checksum left open."""
    # Not every frontend leaves the pseudo header's sum there.
    for value in (None, 0xbeef):
        add(f"{name} open", TX, ALL, made.left_open(TX, value), [(made.raw, 0, (0, 0))], BLANK)
    for caps in (ALL, ONLY_V4, NONE):
        blank = not tags and takes(caps, l3)
        want = made.left_open(RX) if blank else made.finished(RX)
        add(f"{name} open", RX, caps, made.left_open(RX), [(want, blank, (0, 0))], BLANK, (0, 0), made.start, made.offset,
            made.body)


def untouched(name, data, caps=(ALL,), padding=0):
    """Nothing is left open, and not a byte changes."""
    for flags in (0, VALIDATED):
        add(f"{name} whole", TX, ALL, data, [(data, 0, (0, 0))], flags, padding=padding)
    for one in caps:
        add(f"{name} whole", RX, one, from_side(data, RX), [(from_side(data, RX), 0, (0, 0))], padding=padding)


def checksums():
    for tags, l3, l4 in itertools.product(TAGS, [*V4, *V6], L4):
        for size in (0, 1, 1400) if not tags else (33,):
            made = frame(tags, l3, l4, payload(size))
            both_ways(f"{tags} {l3} {l4} {size}", tags, l3, made)
        untouched(f"{tags} {l3} {l4}", made.raw)
    # A sum of zero is sent as ffff, zero being "none".
    for tags, l3 in itertools.product(TAGS, [*V4, *V6]):
        odd = frame(tags, l3, "udp", b"\0\0" + payload(20))
        at = odd.start + odd.offset
        made = frame(tags, l3, "udp", odd.raw[at:at + 2] + payload(20))
        assert made.raw[at:at + 2] == b"\xff\xff"
        both_ways(f"{tags} {l3} udp sum 0", tags, l3, made)
    none = make("", "v4", "udp", payload(20))
    none[UDP].chksum = 0
    untouched("v4 udp without a sum", bytes(none))
    wrong = make("", "v4", "tcp", payload(20))
    wrong[TCP].chksum = 0x1234
    untouched("v4 tcp with a wrong sum", bytes(wrong))


def padded():
    """What is behind the end of the packet is not in its checksum."""
    for tags, l3, l4 in itertools.product(TAGS, ("v4", "v4opt4", "v6"), ("tcp", "udp")):
        made = frame(tags, l3, l4, payload(3))
        for fill in (b"\0" * 7, b"\0" * 18, payload(6, 0x55), payload(9, 0x99)):
            add(f"{tags} {l3} {l4} padded", TX, ALL, made.left_open(TX) + fill, [(made.raw + fill, 0, (0, 0))], BLANK,
                padding=len(fill))
            untouched(f"{tags} {l3} {l4} padded", made.raw + fill, padding=len(fill))


def fragments():
    """They have no checksum of their own; one that claims to is refused."""
    for tags, l4 in itertools.product(TAGS, ("tcp", "udp")):
        ether = stack(ethernet(tags))
        whole = l3_layers("v4")[0] / l4_layer(l4) / Raw(payload(1000))
        parts = [ether / IP(bytes(part)) for part in fragment(IP(bytes(whole)), 400)]
        six = stack(l3_layers("v6") + [IPv6ExtHdrFragment(id=5), l4_layer(l4), Raw(payload(1800))])
        parts += [ether / IPv6(bytes(part)) for part in fragment6(six, 1280)]
        assert len(parts) > 4
        for number, part in enumerate(parts):
            untouched(f"{tags} {l4} fragment {number}", bytes(part), (ALL, NONE))
            add(f"{tags} {l4} fragment {number} open", TX, ALL, bytes(part), None, BLANK)


def tunnels():
    """netif has no word for what is inside."""
    for l3, l4, outer in itertools.product(("v4", "v6"), ("tcp", "udp"), ("v4", "v6")):
        below = stack(ethernet() + l3_layers(outer))
        inner = make("", l3, l4, payload(333))
        inside = Frame(inner, layer_of(l4), 333)
        zero = {"chksum": 0} if outer == "v4" else {}
        for name, packet, size in (
                ("vxlan", below / UDP(sport=1234, dport=4789, **zero) / VXLAN(vni=7, flags=8) / inner, len(inside.raw)),
                ("gre", below / GRE() / inner[IP if l3 == "v4" else IPv6], len(inside.raw) - 14),
                ("ip in ip", below / inner[IP if l3 == "v4" else IPv6], len(inside.raw) - 14)):
            data = bytes(packet)
            untouched(f"{name} {outer} {l3} {l4}", data)
            data = from_side(data, RX)
            shift = len(data) - len(inside.raw)
            inside_open = data[:len(data) - size] + inside.left_open(TX)[len(inside.raw) - size:]
            for caps in ALL, NONE:
                add(f"{name} {outer} {l3} {l4} open inside", RX, caps, inside_open, [(data, 0, (0, 0))], BLANK, (0, 0),
                    inside.start + shift, inside.offset, inside.body + shift)
    # And the outer sum of a tunnel, which is like any other.
    for outer in "v4", "v6":
        data = bytes(VXLAN(vni=7, flags=8) / make("", "v4", "tcp", payload(100)))
        both_ways(f"vxlan {outer} outer sum", "", outer, frame("", outer, "udp", data))


def segments(tags, l3, l4, data, mss, flags):
    """What the frame becomes: RFC 9293, RFC 3168 6.1.2 (CWR on the first), FIN and PSH on the last."""
    parts = [data[i:i + mss] for i in range(0, len(data), mss)]
    for number, part in enumerate(parts):
        own = flags
        if number + 1 < len(parts):
            own = own.replace("F", "").replace("P", "")
        if number:
            own = own.replace("C", "")
        yield bytes(make(tags, l3, l4, part, seq=0xfffff000 + number * mss, flags=own, number=number))


def large():
    for tags, l3, l4 in itertools.product(TAGS, ("v4", "v4opt4", "v6", "v6hop", "v6dest"), ("tcp", "tcp12")):
        sizes = [(1449, 1448, "PA"), (4344, 1448, "FPAC")]
        if l4 == "tcp12" and l3 in ("v4", "v6") and tags in ("", "qinq"):
            sizes += [(60000, 1448, "PA"), (8000, 536, "PAE"), (40, 1, "PA")]
        for size, mss, flags in sizes:
            one_large(tags, l3, l4, payload(size), mss, flags)


def one_large(tags, l3, l4, data, mss, flags):
    kind = 4 if l3 in V4 else 6
    name = f"{tags} {l3} {l4} {len(data)}/{mss} large"
    whole = frame(tags, l3, l4, data, flags=flags)
    parts = list(segments(tags, l3, l4, data, mss, flags))
    for claim in (BLANK, VALIDATED):
        add(name, TX, ALL, whole.left_open(TX), [(one, 0, (0, 0)) for one in parts], claim, (kind, mss))
    for caps in (ALL, ONLY_V4, NONE):
        if not tags and takes(caps, l3):
            outs = [(whole.left_open(RX), 1, (kind, mss))]
        else:
            outs = [(from_side(one, RX), 0, (0, 0)) for one in parts]
        add(name, RX, caps, whole.left_open(RX), outs, BLANK, (kind, mss), whole.start, whole.offset, whole.body)


def others():
    for tags in TAGS:
        ether = stack(ethernet(tags))
        untouched(f"{tags} arp", bytes(ether / ARP(psrc="10.99.0.1", pdst="10.99.0.2")))
        untouched(f"{tags} icmp", bytes(ether / l3_layers("v4")[0] / ICMP() / Raw(payload(64))))
        add(f"{tags} icmp open", TX, ALL, bytes(ether / l3_layers("v4")[0] / ICMP()), None, BLANK)
        add(f"{tags} udp large", TX, ALL, bytes(make(tags, "v4", "udp", payload(3000))), None, BLANK, (4, 1000))
        add(f"{tags} v6 as v4", TX, ALL, bytes(make(tags, "v6", "tcp", payload(3000))), None, BLANK, (4, 1000))


def main():
    for part in checksums, padded, fragments, tunnels, large, others:
        part()
    with open(sys.argv[1], "wb") as file:
        file.write(b"".join(cases))


main()
