# SPDX-License-Identifier: GPL-2.0-or-later
"""
A label meets two peers: three PEs with three prefix lengths, one VPN.

     h1 ── pe1 ──┐         red: h1 192.168.1.2, h2 192.168.2.2, h3 192.168.3.2
     h2 ── pe2 ──┼── backbone 10.0.0.0/24 (a switch)
     h3 ── pe3 ──┘         prefix lengths: pe1 16, pe2 20, pe3 8

Behind h2 is 172.20.2.1, to which pe2 has a static route; behind h3 172.20.3.1, which
pe3 learns by RIP.  At the end route targets make a hub of pe1, and spokes of the others.
"""
import os
import sys

import pytest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), ".."))
# pylint: disable=C0413
import vpntopo as vpn
from lib.topogen import Topogen, get_topogen

pytestmark = [pytest.mark.bgpd, pytest.mark.vpnd]
PREFIX_LENGTH = {1: 16, 2: 20, 3: 8}


def build_topo(tgen):
    backbone = tgen.add_switch("backbone")
    for n in PREFIX_LENGTH:
        pe = tgen.add_router("pe{}".format(n), cls=vpn.VpnRouter)
        if n == 3:
            host = tgen.add_router("h3")
        else:
            host = tgen.add_host("h{}".format(n), "192.168.{}.2/24".format(n), "via 192.168.{}.1".format(n))
        backbone.add_link(pe)
        site = tgen.add_switch("site{}".format(n))
        site.add_link(pe)
        site.add_link(host)


def setup_module(module):
    tgen = Topogen(build_topo, module.__name__)
    tgen.start_topology()
    for n in PREFIX_LENGTH:
        vpn.vrf(tgen.gears["pe{}".format(n)].net, "red", 1001, ["pe{}-eth1".format(n)])
        more = {1: (), 2: ("staticd",), 3: ("ripd",)}[n]
        vpn.start_pe(tgen, "pe{}".format(n), daemons=("zebra", "bgpd", "vpnd") + more)
    vpn.start_plain(tgen, "h3", ("zebra", "ripd"))
    tgen.gears["h2"].net.cmd_raises("ip address add 172.20.2.1/32 dev lo")
    tgen.gears["h3"].net.cmd_raises("ip address add 172.20.3.1/32 dev lo")
    for n in PREFIX_LENGTH:
        for other in PREFIX_LENGTH:
            if other != n:
                vpn.wait_route(tgen.gears["pe{}".format(n)], "red", "192.168.{}.0/24".format(other))


def teardown_module(_module):
    get_topogen().stop_topology()


def gear(name):
    return get_topogen().gears[name]


def test_every_site_reaches_every_other():
    "Also between PEs whose prefixes have different lengths."
    for n in PREFIX_LENGTH:
        for other in PREFIX_LENGTH:
            if other != n:
                target = "192.168.{}.2".format(other)
                vpn.wait_ping(gear("h{}".format(n)), target)
                assert vpn.ping(gear("h{}".format(n)), target, 10) == (10, 10)


def test_one_label_two_peers_two_prefixes():
    "The PE's one label stands behind one prefix for each peer: as many inbound SAs as peers, all SPIs distinct."
    for n, length in PREFIX_LENGTH.items():
        pe = gear("pe{}".format(n))
        label = vpn.show(pe, "show vpn spi-label")["labels"]["red"]
        assert label["length"] == 32 - length
        output = pe.net.cmd_raises("ip -o xfrm state list dst 10.0.0.{}".format(n))
        spis = [int(line.split("spi ")[1].split()[0], 16) for line in output.strip().splitlines()]
        assert len(spis) == 2 and len(set(spis)) == 2, output
        for spi in spis:
            assert spi & 0x80000000, "every prefix has its top bit set"
            assert spi & (2 ** (32 - length) - 1) == label["label"]


def test_rekey_of_one_peer_leaves_the_other_alone():
    "pe1 rekeys with pe2 under traffic to both: nothing lost, and only the prefix for pe2 changes."
    pe1 = gear("pe1")
    before = vpn.show(pe1, "show vpn peer")["peers"]
    flow = vpn.Flow(gear("h1"), "192.168.2.2")
    flow.wait_packets(20)
    vpn.rekey(pe1, "10.0.0.2")
    vpn.wait_for(
        "pe1: a new prefix for pe2", lambda: vpn.peer(pe1, "10.0.0.2")["prefixIn"] != before["10.0.0.2"]["prefixIn"]
    )
    flow.wait_packets(50)
    sent, received = flow.stop()
    assert sent == received
    assert vpn.peer(pe1, "10.0.0.3")["prefixIn"] == before["10.0.0.3"]["prefixIn"]


def test_static_routes_and_rip_between_pe_and_ce():
    "What pe2 has by a static route and pe3 by RIP is in the VPN; and h3 learns the VPN by RIP, having no other route."
    for target, pe, protocol in (("172.20.2.1", "pe2", "static"), ("172.20.3.1", "pe3", "rip")):
        (route,) = vpn.wait_route(gear(pe), "red", target + "/32")
        assert route["protocol"] == protocol
        vpn.wait_route(gear("pe1"), "red", target + "/32")
        vpn.wait_ping(gear("h1"), target)
        assert vpn.ping(gear("h1"), target, 10) == (10, 10)
    for prefix in ("192.168.1.0/24", "172.20.2.1"):
        assert "proto rip" in vpn.wait_kernel_route(gear("h3"), prefix)
    assert vpn.ping(gear("h3"), "192.168.1.2", 10) == (10, 10)


def test_the_backbone_is_not_the_vpns():
    "What has no route in the VPN is refused, of a site's or pe1's own; the kernel alone would take the backbone's."
    pe1, pe2 = gear("pe1"), gear("pe2")
    for net in (pe1.net, pe2.net):
        net.cmd_raises("ip address add 2001:db8::{}/64 dev {}-eth0 nodad".format(net.name[2:], net.name))
    for net, address in ((pe1.net, "1"), (gear("h1").net, "2")):
        net.cmd_raises("ip address add 2001:db8:1::{}/64 dev {}-eth{} nodad".format(address, net.name, 1 if net is pe1.net else 0))
    pe1.net.cmd_raises("sysctl -qw net.ipv6.conf.all.forwarding=1")
    gear("h1").net.cmd_raises("ip -6 route add default via 2001:db8:1::1")
    try:
        before = vpn.echoes(pe2)
        for target in ("10.0.0.2", "2001:db8::2"):
            assert vpn.ping(pe1, target, 1)[1] == 1
            gear("h1").net.cmd_nostatus("ping -n -c 3 -i 0.1 -W 1 " + target)
            pe1.net.cmd_nostatus("ping -n -c 3 -i 0.1 -W 1 -I red " + target)
        assert vpn.echoes(pe2) == tuple(count + 1 for count in before)
    finally:
        for net in (pe1.net, pe2.net):
            net.cmd_raises("ip address del 2001:db8::{}/64 dev {}-eth0".format(net.name[2:], net.name))


def targets(name, imported, exported):
    "Other route targets for a PE's VRF."
    vpn.vtysh(
        gear(name),
        "configure terminal",
        "router bgp 65000 vrf red",
        "address-family ipv4 unicast",
        "no rt vpn both",
        "rt vpn import " + imported,
        "rt vpn export " + exported,
    )


def test_hub_and_spoke_by_route_targets():
    "The hub imports what the spokes export, and they what it does: they reach the hub's site, and each other by it only."
    targets("pe1", "65000:20", "65000:10")
    for spoke, other in (("pe2", 3), ("pe3", 2)):
        targets(spoke, "65000:10", "65000:20")
    for spoke, other in (("pe2", 3), ("pe3", 2)):
        vpn.wait_route(gear(spoke), "red", "192.168.{}.0/24".format(other), installed=False)
        vpn.wait_route(gear(spoke), "red", "192.168.1.0/24")
        vpn.wait_route(gear("pe1"), "red", "192.168.{}.0/24".format(other))
    for n in (2, 3):
        vpn.wait_ping(gear("h1"), "192.168.{}.2".format(n))
        assert vpn.ping(gear("h1"), "192.168.{}.2".format(n), 10) == (10, 10)
    assert vpn.ping(gear("h2"), "192.168.3.2", 5, wait=1)[1] == 0
    # an aggregate of the hub's leads spokes to each other, by the hub
    hub = ("configure terminal", "router bgp 65000 vrf red", "address-family ipv4 unicast")
    vpn.vtysh(gear("pe1"), *hub, "aggregate-address 192.168.0.0/16")
    for spoke in ("pe2", "pe3"):
        vpn.wait_route(gear(spoke), "red", "192.168.0.0/16")
    vpn.wait_ping(gear("h2"), "192.168.3.2")
    before = vpn.snmp(gear("pe1"), "Ip", "ForwDatagrams")
    assert vpn.ping(gear("h2"), "192.168.3.2", 10) == (10, 10)
    assert vpn.snmp(gear("pe1"), "Ip", "ForwDatagrams") >= before + 20
    vpn.vtysh(gear("pe1"), *hub, "no aggregate-address 192.168.0.0/16")
    for spoke in ("pe2", "pe3"):
        vpn.wait_route(gear(spoke), "red", "192.168.0.0/16", installed=False)
    assert vpn.ping(gear("h2"), "192.168.3.2", 5, wait=1)[1] == 0
