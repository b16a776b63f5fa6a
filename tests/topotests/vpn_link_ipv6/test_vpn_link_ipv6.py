# SPDX-License-Identifier: GPL-2.0-or-later
"""
Tunnel links over IPv6: every kind, with IPsec, between two IPv6 addresses; IPv4 and IPv6 inside.

     red 10.1.0.1, fd00:1::1 ── r1 2001:db8::1 ═══ tun, shr, dst, gre, mpls, l2tp ═══ 2001:db8::2 r2 ── 10.2.0.1, fd00:2::1

Each link has addresses of both versions. OSPF and OSPFv3 come last: OSPFv3 tells of a point-to-point interface's own
address, which is then reached by any of the links.
"""
import os
import re
import sys

import pytest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), ".."))
# pylint: disable=C0413
import vpnlink
import vpntopo as vpn
from lib.topogen import get_topogen

pytestmark = [pytest.mark.ospfd, pytest.mark.ospf6d, pytest.mark.vpnd]
OUTSIDE = {"r1": "2001:db8::1", "r2": "2001:db8::2"}
SECOND = {"r1": "2001:db8::11", "r2": "2001:db8::12"}
COUNT = 10

# name: encapsulation, octets of an inner packet in 1500: 1500 - 40 IPv6 - 8 ESP - 8 IV - 16 ICV, padded, less its own
KINDS = {
    "tun": ("ipsec-tunnel", 1426),
    "shr": ("ipip-shared", 1426),
    "dst": ("ipip-distinct", 1426),
    "gre": ("gre key 7", 1418),
    "mpls": ("mpls-in-ip label {mine} remote-label {its}", 1422),
    "l2tp": ("l2tp tunnel-id 5 peer-tunnel-id 5 session-id 6 peer-session-id 6", 1408),
}
ROUTING = """
router ospf vrf red
 ospf router-id {behind}
 network 10.0.0.0/8 area 0
exit
router ospf6 vrf red
 ospf6 router-id {behind}
exit
interface red0
 ip ospf passive
 ipv6 ospf6 area 0
 ipv6 ospf6 passive
exit
"""
INTERFACE = """interface {link}
 ipv6 ospf6 area 0
exit
"""


def number(kind):
    return 11 + list(KINDS).index(kind)


def configured(name):
    mine, its = (101, 102) if name == "r1" else (102, 101)
    text = vpnlink.head(name)
    for kind, (encapsulation, _) in KINDS.items():
        text += vpnlink.link(
            name,
            kind,
            "red",
            encapsulation.format(mine=mine, its=its),
            "address 10.{}.0.{}/30".format(number(kind), name[1:]),
            "address fd00:{}::{}/64".format(number(kind), name[1:]),
            *(["vpn-id 00a0c9:00000001"] if kind == "tun" else []),
            addresses=SECOND if kind == "dst" else OUTSIDE,
        )
    return text + "exit\ninterface {}-eth0\n ipv6 address {}/64\nexit\n".format(name, SECOND[name])


def setup_module(module):
    vpnlink.start(module.__name__, configured, daemons=("zebra", "ospfd", "ospf6d", "vpnd"))


def teardown_module(_module):
    get_topogen().stop_topology()


def test_links_come_up():
    "Both ends, with the MTU that IPv6 outside leaves."
    vpnlink.wait_up(*KINDS)
    for kind, (_, mtu) in KINDS.items():
        for name in ("r1", "r2"):
            assert vpnlink.state(name, kind)["mtu"] == mtu, (name, kind)


@pytest.mark.parametrize("version", (4, 6))
def test_exact(version):
    "As many packets as were sent come out of each link's other end; the largest pass, too."
    hook = "icmp type echo-request" if version == 4 else "icmpv6 type echo-request"
    rules = "".join('  iifname "{}" {} counter\n'.format(kind, hook) for kind in KINDS)
    vpnlink.gear("r2").net.cmd_raises(
        "nft -f -",
        stdin="table inet count{}{{\n chain in {{\n  type filter hook prerouting priority 0;\n{} }}\n}}\n".format(version, rules),
    )
    sent = {}
    for count, (kind, (_, mtu)) in enumerate(KINDS.items(), COUNT):
        target = "10.{}.0.2".format(number(kind)) if version == 4 else "fd00:{}::2".format(number(kind))
        size = mtu - (28 if version == 4 else 48)
        for options, packets in (("", count), ("-M do -s {}".format(size), 2)):
            result = vpn.ping(vpnlink.gear("r1"), target, packets, interval=0.01, options="-I {} {}".format(kind, options))
            assert result == (packets, packets), (kind, options)
        sent[kind] = count + 2
    said = vpnlink.gear("r2").net.cmd_raises("nft list table inet count{}".format(version))
    counted = {line.split('"')[1]: int(line.split("packets ")[1].split()[0]) for line in said.splitlines() if "iifname" in line}
    assert counted == sent


def test_only_esp_outside():
    "On the underlay there is ESP between the two systems, and IKE."
    capture = vpn.Capture(vpnlink.gear("r1"), "r1-eth0")
    for kind in KINDS:
        assert vpn.ping(vpnlink.gear("r1"), "fd00:{}::2".format(number(kind)), 5, options="-I " + kind) == (5, 5)

    def seen():
        text = vpnlink.gear("r1").net.cmd_raises("tcpdump -n -r {} 2>/dev/null".format(capture.path))
        return [line for line in text.splitlines() if re.search(r"IP6 2001:db8::1?[12] > 2001:db8::1?[12]:", line)]

    vpn.wait_for("requests and replies", lambda: sum("ESP" in line for line in seen()) >= 10 * len(KINDS))
    capture.stop()
    assert not [line for line in seen() if "ESP" not in line and "isakmp" not in line and "ICMP6, neighbor" not in line]


def test_routing_of_both_versions():
    "OSPF and OSPFv3 are Full over each link; what is behind is reached by both."
    for name in ("r1", "r2"):
        text = ROUTING.format(behind=vpnlink.BEHIND[name]) + "".join(INTERFACE.format(link=kind) for kind in KINDS)
        vpn.vtysh(vpnlink.gear(name), "configure terminal", *(line.strip() for line in text.splitlines() if line))
    for kind in KINDS:
        vpnlink.wait_full(kind, "red")
    for name in ("r1", "r2"):
        vpn.wait_for(name + ": OSPFv3 over every link", lambda n=name: set(ospf6(n)) == set(KINDS) or vpn._fail(ospf6(n)))
    vpn.wait_ping(vpnlink.gear("r1"), "10.2.0.1", "-I red")
    vpn.wait_ping(vpnlink.gear("r1"), "fd00:2::1", "-6 -I fd00:1::1 -I red")


def ospf6(name):
    "Interfaces over which there is a Full neighbour."
    said = vpn.show(vpnlink.gear(name), "show ipv6 ospf6 vrf red neighbor")
    return sorted(entry["interfaceName"] for entry in said["neighbors"] if entry["state"] == "Full")
