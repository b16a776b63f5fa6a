# SPDX-License-Identifier: GPL-2.0-or-later
"""
Bodies of UPDATE messages with routes of the unlabeled VPN SAFI, whole or spoilt.
"""
import socket
import struct

from speaker import AFI_IP, SAFI_UNICAST, SAFI_UNLABELED_VPN

WELL_KNOWN, OPTIONAL, OPTIONAL_TRANSITIVE, PARTIAL = 0x40, 0x80, 0xC0, 0x20
SPI_LABEL = 254  # wire/codepoints.h


def attribute(flags, code, value, length=None):
    return bytes((flags, code, len(value) if length is None else length)) + value


def rd(asn, number):
    return struct.pack("!HHI", 0, asn, number)


def nlri(prefix, distinguisher=b""):
    address, length = prefix.split("/")
    octets = socket.inet_aton(address)[: (int(length) + 7) // 8]
    return bytes((int(length) + 8 * len(distinguisher),)) + distinguisher + octets


def mp_reach(prefix, next_hop, distinguisher, safi=SAFI_UNLABELED_VPN):
    "MP_REACH_NLRI; without a distinguisher for a SAFI that has none."
    hop = (bytes(8) if distinguisher else b"") + socket.inet_aton(next_hop)
    head = struct.pack("!HBB", AFI_IP, safi, len(hop)) + hop + b"\0"
    return attribute(OPTIONAL, 14, head + nlri(prefix, distinguisher))


def mp_reach_unicast(prefix, next_hop):
    return mp_reach(prefix, next_hop, b"", SAFI_UNICAST)


def mp_unreach(prefix, distinguisher):
    return attribute(OPTIONAL, 15, struct.pack("!HB", AFI_IP, SAFI_UNLABELED_VPN) + nlri(prefix, distinguisher))


def spi_label(label, bits, padding=0):
    "The value of the attribute: left-adjusted, the rest padding."
    return bytes((bits,)) + struct.pack("!I", label << (32 - bits) | padding)


def label_attribute(value, flags=WELL_KNOWN, length=None):
    return attribute(flags, SPI_LABEL, value, length)


def route_target(asn, number):
    return attribute(OPTIONAL_TRANSITIVE, 16, struct.pack("!BBHI", 0, 2, asn, number))


ORIGIN = attribute(WELL_KNOWN, 1, b"\0")
AS_PATH = attribute(WELL_KNOWN, 2, b"")
LOCAL_PREF = attribute(WELL_KNOWN, 5, struct.pack("!I", 100))
MANDATORY = ORIGIN + AS_PATH + LOCAL_PREF


def update(attributes, withdrawn=b"", routes=b""):
    "The hex of a body."
    return (
        struct.pack("!H", len(withdrawn)) + withdrawn + struct.pack("!H", len(attributes)) + attributes + routes
    ).hex()


def attributes_of(body):
    "The attributes of a body that came (hex): {code: (flags, value)}."
    data = bytes.fromhex(body)
    withdrawn = struct.unpack("!H", data[:2])[0]
    size = struct.unpack("!H", data[2 + withdrawn : 4 + withdrawn])[0]
    data = data[4 + withdrawn :][:size]
    found = {}
    while data:
        flags, code = data[:2]
        length, head = (struct.unpack("!H", data[2:4])[0], 4) if flags & 0x10 else (data[2], 3)
        assert code not in found, "attribute {} twice".format(code)
        found[code] = (flags, data[head : head + length])
        data = data[head + length :]
    return found
