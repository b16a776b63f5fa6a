# SPDX-License-Identifier: GPL-2.0-or-later
"""
Policy on a link: what is learned over it passes a route map; what leaves or enters by it passes a packet filter.

     red 10.1.0.1, 10.1.9.1 ── r1 ═══ paris (ipsec-tunnel) ═══ r2 ── 10.2.0.1, 10.2.8.1, 10.2.9.1 red

BGP by interface over the link; r1 takes no 10.2.9.0/24 and prefers 10.2.8.0/24; r2 tells nothing of 10.2.7.0/24.
OSPF in blue, over lyon (gre): zebra's route map keeps 10.2.9.0/24 out of the kernel.
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

pytestmark = [pytest.mark.bgpd, pytest.mark.ospfd, pytest.mark.vpnd]
VRFS = ("red", "blue")
NETWORKS = ("10.{}.7.1", "10.{}.8.1", "10.{}.9.1")

ROUTING = """
ip prefix-list NINE permit 10.2.9.0/24
ip prefix-list EIGHT permit 10.2.8.0/24
ip prefix-list SEVEN permit 10.2.7.0/24
route-map IN deny 10
 match ip address prefix-list NINE
exit
route-map IN permit 20
 match ip address prefix-list EIGHT
 set local-preference 300
exit
route-map IN permit 30
exit
route-map OUT deny 10
 match ip address prefix-list SEVEN
exit
route-map OUT permit 20
exit
router bgp 65000 vrf red
 bgp router-id {behind}
 neighbor paris interface remote-as internal
 address-family ipv4 unicast
  redistribute connected
{maps} exit-address-family
exit
{zebra}router ospf vrf blue
 ospf router-id {behind}
 network 10.0.0.0/8 area 0
exit
interface blue0
 ip ospf passive
exit
"""
ZEBRA = """vrf blue
 ip protocol ospf route-map IN
exit-vrf
"""
MAPS = {"r1": "  neighbor paris route-map IN in\n", "r2": "  neighbor paris route-map OUT out\n"}
FILTER = """
table inet filter {
 chain in {
  type filter hook prerouting priority 0;
  iifname "paris" ip daddr 10.1.9.1 icmp type echo-request counter drop
 }
 chain out {
  type filter hook postrouting priority 0;
  oifname "paris" ip daddr 10.2.8.1 icmp type echo-request counter drop
 }
}
"""


def configured(name):
    return (
        vpnlink.head(name)
        + vpnlink.link(name, "paris", "red", "ipsec-tunnel")
        + vpnlink.link(name, "lyon", "blue", "gre key 7")
        + "exit\n"
        + ROUTING.format(behind=vpnlink.BEHIND[name], maps=MAPS[name], zebra=ZEBRA if name == "r1" else "")
    )


def setup_module(module):
    vpnlink.start(module.__name__, configured, vrfs=VRFS, daemons=("zebra", "bgpd", "ospfd", "vpnd"))
    for name in ("r1", "r2"):
        for vrf in VRFS:
            for network in NETWORKS:
                vpnlink.gear(name).net.cmd_raises("ip address add {}/24 dev {}0".format(network.format(name[1:]), vrf))


def teardown_module(_module):
    get_topogen().stop_topology()


def test_route_maps_of_bgp():
    "In: one is refused, one is changed, the rest taken as it is. Out: one is not told."
    r1 = vpnlink.gear("r1")
    vpnlink.wait_up("paris", "lyon")
    for network in ("10.2.0.0/24", "10.2.8.0/24"):
        (hop,) = vpn.wait_route(r1, "red", network)[0]["nexthops"]
        assert hop["interfaceName"] == "paris"
    routes = vpn.show(r1, "show bgp vrf red ipv4 unicast")["routes"]
    assert routes["10.2.8.0/24"][0]["locPrf"] == 300
    assert routes["10.2.0.0/24"][0]["locPrf"] == 100
    assert "10.2.9.0/24" not in routes and "10.2.7.0/24" not in routes
    for name, network in (("r2", "10.1.9.0/24"), ("r2", "10.1.7.0/24")):
        vpn.wait_route(vpnlink.gear(name), "red", network)


def test_route_map_of_ospf():
    "OSPF knows all that is behind; the route map decides what is installed in this VRF, and only in this."
    r1 = vpnlink.gear("r1")
    vpnlink.wait_full("lyon", "blue")
    for network in ("10.2.0.0/24", "10.2.7.0/24", "10.2.8.0/24"):
        (hop,) = vpn.wait_route(r1, "blue", network)[0]["nexthops"]
        assert hop["interfaceName"] == "lyon"
    vpn.wait_for("OSPF knows it", lambda: "10.2.9.0/24" in vpn.show(r1, "show ip ospf vrf blue route")["blue"])
    vpn.wait_route(r1, "blue", "10.2.9.0/24", installed=False)
    assert not r1.net.cmd_raises("ip route show vrf blue 10.2.9.0/24").strip()
    vpn.wait_route(vpnlink.gear("r2"), "blue", "10.1.9.0/24")


def test_packet_filter():
    "Dropped as they come out of the link, or before they go in: as many as were sent, and what is not meant passes."
    r1, r2 = vpnlink.gear("r1"), vpnlink.gear("r2")
    vpn.wait_ping(r1, "10.2.8.1", "-I red")
    vpn.wait_ping(r2, "10.1.9.1", "-I red")
    r1.net.cmd_raises("nft -f -", stdin=FILTER)
    before = vpnlink.state("r2", "paris")["packetsIn"]
    assert vpn.ping(r2, "10.1.9.1", 20, interval=0.01, options="-I red", wait=1) == (20, 0)
    assert vpn.ping(r1, "10.2.8.1", 30, interval=0.01, options="-I red", wait=1) == (30, 0)
    counts = re.findall(r"packets (\d+) ", r1.net.cmd_raises("nft list table inet filter"))
    assert counts == ["20", "30"]
    # none of the 30 has entered the link; BGP's keepalives may have
    assert vpnlink.state("r2", "paris")["packetsIn"] - before < 10
    assert vpn.ping(r1, "10.2.0.1", 10, interval=0.01, options="-I red") == (10, 10)
    assert vpn.ping(r2, "10.1.0.1", 10, interval=0.01, options="-I red") == (10, 10)
    for name in ("r1", "r2"):
        assert vpnlink.state(name, "paris")["state"] == "up"
