# SPDX-License-Identifier: GPL-2.0-or-later
"""
Captured ESP, opened with the keys that the kernel has: AES-GCM (RFC 4106), over IPv4.
"""
import base64
import re
import struct

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

IPV4_HEADER = 20
ESP_HEADER = 8
IV = 8


def keys(router):
    "SPI → (key, salt) of every SA of the router that has an AES-GCM key."
    found = {}
    for state in re.split(r"\n(?=src )", router.net.cmd_raises("ip xfrm state")):
        spi = re.search(r"proto esp spi 0x([0-9a-f]+)", state)
        key = re.search(r"aead rfc4106\(gcm\(aes\)\) 0x([0-9a-f]+) 128", state)
        if spi and key:
            octets = bytes.fromhex(key.group(1))
            found[int(spi.group(1), 16)] = octets[:-4], octets[-4:]
    return found


def packets(capture):
    "IPv4 packets of a capture (vpntopo.Capture on Ethernet), without their Ethernet header."
    data = base64.b64decode(capture.router.net.cmd_raises("base64 -w0 " + capture.path))
    order = "<" if data[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") else ">"
    at = 24
    while at < len(data):
        length = struct.unpack_from(order + "I", data, at + 8)[0]
        frame = data[at + 16 : at + 16 + length]
        at += 16 + length
        if frame[12:14] == b"\x08\x00":
            yield frame[14 : 14 + struct.unpack_from(">H", frame, 16)[0]]


def opened(packet, known):
    """
    An ESP packet's (SPI, next header, payload, length on the wire); fails if its SPI or key is not known, or if
    its authentication or padding is wrong.
    """
    assert packet[0] == 0x45 and packet[9] == 50, packet.hex()
    esp = packet[IPV4_HEADER:]
    spi = struct.unpack_from(">I", esp)[0]
    key, salt = known[spi]
    iv = esp[ESP_HEADER : ESP_HEADER + IV]
    plain = AESGCM(key).decrypt(salt + iv, esp[ESP_HEADER + IV :], esp[:ESP_HEADER])
    padding, next_header = plain[-2], plain[-1]
    body = plain[: -2 - padding]
    assert plain[len(body) : -2] == bytes(range(1, padding + 1)), plain.hex()
    return spi, next_header, body, len(packet)
