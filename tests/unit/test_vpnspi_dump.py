#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""vpnspi-dump as its users call it: options, output, exit status.

The captures are made here, octet by octet; what the parser makes of any packet
is in test_packet.c.
"""

import json
import os
import struct
import subprocess
import tempfile
import unittest

DUMP = os.path.join(os.environ["BUILD"], "tools/vpnspi-dump")
ESP = bytes.fromhex("8010012c00000007") + bytes(16)
ETHERNET = bytes(12) + b"\x08\x00"


def ip(protocol, payload, source="10.0.0.1", destination="10.0.0.2"):
    octets = [bytes(int(n) for n in address.split(".")) for address in (source, destination)]
    return struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(payload), 0, 0, 64, protocol, 0) + b"".join(octets) + payload


def pcap(*packets, link_type=1):
    out = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, link_type)
    for packet in packets:
        out += struct.pack("<IIII", 1700000000, 0, len(packet), len(packet)) + packet
    return out


LEAK = ETHERNET + ip(4, ip(1, bytes(8), "10.1.0.1", "10.2.0.1"))
CLEAN = ETHERNET + ip(50, ESP)


class VpnspiDump(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        os.chmod(self.folder.name, 0o755)
        self.addCleanup(self.folder.cleanup)

    def write(self, name, content):
        path = os.path.join(self.folder.name, name)
        with open(path, "wb") as out:
            out.write(content if isinstance(content, bytes) else content.encode())
        return path

    def dump(self, *args, status=0, data=None):
        done = subprocess.run([DUMP, *args], input=data, capture_output=True, check=False)
        self.assertEqual(done.returncode, status, done.stderr.decode())
        return done.stdout.decode(), done.stderr.decode()

    def refused(self, words, *args):
        out, err = self.dump(*args, status=1)
        self.assertIn(words, err)
        self.assertEqual(out, "")

    def test_line(self):
        path = self.write("c", pcap(CLEAN))
        out, _ = self.dump("-r", path, "-p", "16")
        self.assertIn("10.0.0.1 > 10.0.0.2 ESP SPI 0x8010012c = prefix 0x80100000/16 | label 300, sequence 7", out)
        self.assertIn("cleartext customer packets: 0", out)

    def test_json(self):
        path = self.write("c", pcap(CLEAN, CLEAN, LEAK))
        labels = self.write("m", '{"uses": [{"vrf": "red", "pe": "10.0.0.2", "label": 300, "length": 16}]}')
        out, _ = self.dump("-r", path, "--json", "--spi-map", labels, "--customer", "10.1.0.0/16")
        seen = json.loads(out)
        self.assertEqual(seen["kinds"], {"esp": 2, "icmp": 1})
        self.assertEqual(seen["cleartextCustomerPackets"], 1)
        self.assertEqual(len(seen["spis"]), 1)
        self.assertEqual(seen["spis"][0]["vrf"], "red")
        self.assertEqual(seen["spis"][0]["label"], 300)
        self.assertEqual(seen["spis"][0]["packets"], 2)

    def test_assert_no_cleartext(self):
        options = ("--summary", "--customer", "10.1.0.0/16", "--assert-no-cleartext")
        self.dump("-r", self.write("clean", pcap(CLEAN)), *options)
        _, err = self.dump("-r", self.write("leak", pcap(CLEAN, LEAK)), *options, status=3)
        self.assertIn("1 customer packets in clear", err)

    def test_standard_input_and_count(self):
        out, _ = self.dump("-r", "-", "--json", "-c", "2", data=pcap(CLEAN, CLEAN, CLEAN))
        self.assertEqual(json.loads(out)["packets"], 2)

    def test_filter(self):
        path = self.write("c", pcap(CLEAN, LEAK))
        out, _ = self.dump("-r", path, "--json", "ip", "proto", "50")
        self.assertEqual(json.loads(out)["packets"], 1)

    def test_json_with_packets(self):
        path = self.write("c", pcap(CLEAN))
        out, err = self.dump("-r", path, "--json", "--packets")
        self.assertEqual(json.loads(out)["packets"], 1)
        self.assertIn("ESP SPI 0x8010012c", err)

    def test_truncated_file(self):
        path = self.write("c", pcap(CLEAN, CLEAN)[:-10])
        self.assertIn("truncated", self.dump("-r", path, "--json", status=1)[1])

    def test_refusals(self):
        path = self.write("c", pcap(CLEAN))
        self.refused("one of -i INTERFACE and -r FILE")
        self.refused("one of -i INTERFACE and -r FILE", "-r", path, "-i", "lo")
        self.refused("No such file", "-r", path + "x")
        self.refused("not a number from 0 to 26", "-r", path, "-p", "27")
        self.refused("it is no IP prefix", "-r", path, "--customer", "red")
        self.refused("needs --customer", "-r", path, "--assert-no-cleartext")
        self.refused("it is no JSON object", "-r", path, "-m", path)
        self.refused("filter", "-r", path, "esp or or")
        self.refused("not understood", "-r", self.write("w", pcap(link_type=105)))
        self.refused("", "-r", self.write("e", b""))

    def test_full_disk(self):
        path = self.write("c", pcap(CLEAN))
        with open("/dev/full", "wb") as full:
            done = subprocess.run([DUMP, "-r", path, "--json"], stdout=full, stderr=subprocess.PIPE, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"could not be written", done.stderr)


if __name__ == "__main__":
    unittest.main()
