#!/usr/bin/env python3
"""Writes the uncompressed kernel inside a bzImage to standard output."""
import lzma
import struct
import subprocess
import sys
import zlib


def payload(image):
    """The compressed part, found as Documentation/x86/boot.rst says."""
    setup_sectors = image[0x1F1]
    offset, length = struct.unpack_from("<II", image, 0x248)
    start = (setup_sectors + 1) * 512 + offset
    return image[start:start + length]


def unpack(data):
    if data.startswith(b"\xfd7zXZ"):
        return lzma.LZMADecompressor().decompress(data)
    if data.startswith(b"\x1f\x8b"):
        return zlib.decompressobj(wbits=31).decompress(data)
    if data.startswith(b"\x28\xb5\x2f\xfd"):
        # The size the kernel's build appends is no part of the zstd frame.
        return subprocess.run(["zstd", "-dc"], input=data[:-4], stdout=subprocess.PIPE, check=True).stdout
    sys.exit(f"vmlinux.py: unknown compression {data[:4]!r}")


def main():
    with open(sys.argv[1], "rb") as file:
        vmlinux = unpack(payload(file.read()))
    if not vmlinux.startswith(b"\x7fELF"):
        sys.exit("vmlinux.py: no ELF file inside")
    sys.stdout.buffer.write(vmlinux)


if __name__ == "__main__":
    main()
