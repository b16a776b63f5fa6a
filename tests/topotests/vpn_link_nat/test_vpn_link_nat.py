# SPDX-License-Identifier: GPL-2.0-or-later
"""
Tunnel links across NAT, on one side and on both: ipsec-tunnel crosses it, in UDP; the others say that they cannot.

     r1 10.1.1.1 ── nat1 203.0.113.1 ──┐
                                       ├── core ── r3 203.0.113.3
     r2 10.2.2.1 ── nat2 203.0.113.2 ──┘

     one   r1 ═══ r3, which knows r1 by its identity (remote any); masquerading in between
     both  r1 ═══ r2, each behind its own; nat2 forwards IKE to r2
     gre   r1 ═══ r3, in transport mode: refused, and why is the link's reason

Behind them, in VRF red: 172.16.N.1, N the router's number.
"""
import os
import sys

import pytest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), ".."))
# pylint: disable=C0413
import esp
import vpnlink
import vpntopo as vpn
from lib.topogen import Topogen, get_topogen

pytestmark = [pytest.mark.ospfd, pytest.mark.vpnd]
ADDRESS = {"r1": "10.1.1.1", "r2": "10.2.2.1", "r3": "203.0.113.3"}
GATEWAY = {"r1": "10.1.1.254", "r2": "10.2.2.254"}
NAT = {"nat1": "203.0.113.1", "nat2": "203.0.113.2"}
INSIDE = {"nat1": "r1", "nat2": "r2"}

# router: link: remote, encapsulation, identities of this end and of the other
LINKS = {
    "r1": {
        "one": ("203.0.113.3", "ipsec-tunnel", "r1.example", "r3.example"),
        "both": ("203.0.113.2", "ipsec-tunnel", "r1.example", "r2.example"),
        "gre": ("203.0.113.3", "gre key 7", "r1-gre.example", "r3-gre.example"),
    },
    "r2": {"both": ("any", "ipsec-tunnel", "r2.example", "r1.example")},
    "r3": {
        "one": ("any", "ipsec-tunnel", "r3.example", "r1.example"),
        "gre": ("203.0.113.1", "gre key 7", "r3-gre.example", "r1-gre.example"),
    },
}
LINK = """ tunnel-link {link} vrf red
  local {local}
  remote {remote}
  encapsulation {encapsulation}
  ipsec-profile GOLD
  local-identity {mine}
  remote-identity {its}
 exit
"""
CONFIG = """
hostname {name}
interface {name}-eth0
 ip address {address}/24
exit
{default}
vpn
 ipsec-profile GOLD
  authentication pre-shared-key only-for-the-test
  dead-peer-detection 10
  retry initial 1 maximum 2
 exit
{links}exit
router ospf vrf red
 ospf router-id {behind}
 network 172.16.0.0/12 area 0
exit
interface red0
 ip ospf passive
exit
"""
RULES = """
table ip nat {{
 chain pre {{
  type nat hook prerouting priority dstnat;
  iifname "{nat}-eth1" udp dport {{ 500, 4500 }} dnat to {inside}
 }}
 chain post {{
  type nat hook postrouting priority srcnat;
  oifname "{nat}-eth1" masquerade
 }}
}}
"""


def behind(name):
    return "172.16.{}.1".format(name[1:])


def build(tgen):
    core = tgen.add_switch("core")
    for nat, router in INSIDE.items():
        lan = tgen.add_switch("lan" + nat[3:])
        lan.add_link(tgen.add_router(router, cls=vpn.VpnRouter))
        lan.add_link(tgen.add_router(nat))
        core.add_link(tgen.gears[nat])
    core.add_link(tgen.add_router("r3", cls=vpn.VpnRouter))


def start_nat(net, nat):
    "Not a router of ours: addresses, forwarding, and rules."
    router = INSIDE[nat]
    net.cmd_raises("ip address add {}/24 dev {}-eth0".format(GATEWAY[router], nat))
    net.cmd_raises("ip address add {}/24 dev {}-eth1".format(NAT[nat], nat))
    net.cmd_raises("sysctl -qw net.ipv4.ip_forward=1")
    net.cmd_raises("nft -f -", stdin=RULES.format(nat=nat, inside=ADDRESS[router]))


def setup_module(module):
    tgen = Topogen(build, module.__name__)
    tgen.start_topology()
    for nat in NAT:
        start_nat(tgen.gears[nat].net, nat)
    for name, address in ADDRESS.items():
        net = tgen.gears[name].net
        vpn.dummy(net, "red0")
        vpn.vrf(net, "red", 101, ["red0"])
        net.cmd_raises("ip address add {}/24 dev red0".format(behind(name)))
        links = "".join(
            LINK.format(link=link, local=address, remote=remote, encapsulation=kind, mine=mine, its=its)
            for link, (remote, kind, mine, its) in LINKS[name].items()
        )
        default = "ip route 0.0.0.0/0 {}".format(GATEWAY[name]) if name in GATEWAY else ""
        path = "/tmp/{}.conf".format(name)
        with open(path, "w", encoding="ascii") as file:
            file.write(CONFIG.format(name=name, address=address, default=default, links=links, behind=behind(name)))
        vpn.start_pe(tgen, name, daemons=("zebra", "ospfd", "vpnd"), config=path)


def teardown_module(_module):
    get_topogen().stop_topology()


def gear(name):
    return get_topogen().gears[name]


@pytest.mark.parametrize("link,ends,seen", [("one", ("r1", "r3"), NAT["nat1"]), ("both", ("r1", "r2"), NAT["nat1"])])
def test_tunnel_crosses(link, ends, seen):
    "Up at both ends; who answers knows the address that NAT gave the other; the MTU leaves room for UDP."
    for name in ends:
        vpnlink.wait_state(name, link, "up")
    assert vpnlink.state(ends[1], link)["remote"] == seen
    for name in ends:
        # 1500 - 20 IP - 8 UDP - 8 ESP - 8 IV - 16 ICV = 1440, less 2 octets of trailer
        assert vpnlink.state(name, link)["mtu"] == 1438, name
        sas = gear(name).net.cmd_raises("ip xfrm state")
        assert "encap type espinudp" in sas


def test_routing_crosses():
    "OSPF over both links, unnumbered: r3 reaches what is behind r2 through r1."
    vpn.wait_route(gear("r3"), "red", "172.16.2.0/24")
    vpn.wait_route(gear("r2"), "red", "172.16.3.0/24")
    vpn.wait_ping(gear("r2"), behind("r3"), "-I red")


def test_only_udp_on_the_way():
    "Every packet arrives; on the core there is ESP in UDP and nothing else of it, from the addresses of NAT."
    capture = vpn.Capture(gear("r3"), "r3-eth0")
    assert vpn.ping(gear("r2"), behind("r3"), 50, interval=0.01, options="-I red") == (50, 50)
    vpn.wait_for("requests and replies are in the file", lambda: len(in_udp(capture)) >= 100)
    # as large as it may be: nothing is cut
    assert vpn.ping(gear("r1"), behind("r3"), 5, options="-I red -M do -s {}".format(1438 - 28)) == (5, 5)
    capture.stop()
    packets = list(esp.packets(capture))
    assert not [packet for packet in packets if packet[9] in (47, 50)]
    assert not [packet for packet in packets if packet[6] & 0x20 or packet[7]], "a fragment"
    assert {packet[12:16] for packet in in_udp(capture)} == {bytes((203, 0, 113, 1)), bytes((203, 0, 113, 3))}


def in_udp(capture):
    "ESP in UDP of r3's link: port 4500 at r3, and no marker of IKE (four zeros) after the UDP header."
    return [
        packet
        for packet in esp.packets(capture)
        if packet[9] == 17 and b"\x11\x94" in (packet[20:22], packet[22:24]) and packet[28:32] != bytes(4) and len(packet) > 29
    ]


def test_kind_that_cannot_cross_says_so():
    "In transport mode the outer addresses would not be those of the tunnel: down, with the reason, at both ends."
    for name in ("r1", "r3"):
        vpn.wait_for(
            name + ": gre says why",
            lambda n=name: "there is NAT on the way: only encapsulation ipsec-tunnel crosses it" in vpnlink.state(n, "gre")["reason"]
            or vpn._fail(vpnlink.state(n, "gre")),
        )
        assert not vpnlink.device_up(name, "gre")
