# SPDX-License-Identifier: GPL-2.0-or-later
"""
Two VPNs with the same addresses over one IKE SA: every statement of the demo.

     ce1-red ─┐                            ┌─ ce2-red
     10.1.0.0/24                             10.2.0.0/24
              pe1 ────── p ────── pe2
     ce1-blue ┘        (plain IP)          └─ ce2-blue

The network is network.py; captures on both of p's links run from before the first
daemon starts.
"""
import os
import sys

import pytest

sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))
# pylint: disable=C0413
import vpntopo as vpn
import network
from lib.topogen import get_topogen

pytestmark = [pytest.mark.bgpd, pytest.mark.ospfd, pytest.mark.vpnd]

CUSTOMERS = "--customer 10.1.0.0/24 --customer 10.2.0.0/24 --customer 10.11.0.0/16 --customer 10.22.0.0/16 --customer 192.168.0.0/16"
captures = {}


def setup_module(module):
    def capture(tgen):
        for ifname in ("p-eth0", "p-eth1"):
            captures[ifname] = vpn.Capture(tgen.gears["p"], ifname)

    tgen = network.start(module.__name__, before_routers=capture)
    network.wait_up(tgen)


def teardown_module(_module):
    get_topogen().stop_topology()


def gears(*names):
    return [get_topogen().gears[name] for name in names]


def test_one_label_per_vrf_and_one_peer_per_pe():
    "show vpn spi-label and show vpn peer: two labels, one peer that was discovered from BGP."
    for pe, other in (("pe1", "10.0.0.2"), ("pe2", "10.0.0.1")):
        (router,) = gears(pe)
        labels = vpn.show(router, "show vpn spi-label")["labels"]
        assert set(labels) == {"red", "blue"}
        assert labels["red"]["label"] != labels["blue"]["label"]
        peers = vpn.show(router, "show vpn peer")["peers"]
        assert list(peers) == [other]
        assert peers[other]["state"] == "up", peers


def test_red_reaches_red_and_blue_reaches_blue():
    "Different hosts answer to the same address: each VPN's own, counted at the hosts."
    for color, other in (("red", "blue"), ("blue", "red")):
        source, target, bystander = gears("ce1-" + color, "ce2-" + color, "ce2-" + other)
        before = [vpn.snmp(host, "Icmp", "InEchos") for host in (target, bystander)]
        assert vpn.ping(source, "10.2.0.1", 20, options="-I 10.1.0.1") == (20, 20)
        after = [vpn.snmp(host, "Icmp", "InEchos") for host in (target, bystander)]
        assert [now - then for now, then in zip(after, before)] == [20, 0]


def test_red_cannot_reach_blue():
    "10.22.0.1 is only in blue."
    red, blue = gears("ce1-red", "ce1-blue")
    assert vpn.ping(blue, "10.22.0.1", 3, options="-I 10.1.0.1") == (3, 3)
    assert vpn.ping(red, "10.22.0.1", 3, options="-I 10.1.0.1", wait=1)[1] == 0


def test_large_packets_cross():
    "The MTU of the xfrm interfaces fits ESP into the backbone's: no stall at full size."
    (source,) = gears("ce1-red")
    (pe1,) = gears("pe1")
    mtu = min(use["mtu"] for use in vpn.show(pe1, "show vpn spi-label")["uses"] if use["vrf"] == "red")
    assert 1400 <= mtu < 1500
    assert vpn.ping(source, "10.2.0.1", 5, options="-I 10.1.0.1 -M do -s {}".format(mtu - 28)) == (5, 5)
    assert vpn.ping(source, "10.2.0.1", 5, options="-I 10.1.0.1 -s 4000") == (5, 5)


def test_routes_are_only_on_xfrm_interfaces():
    "The VPN routes of the PE leave through the xfrm interface of their VRF, whatever else is there."
    for pe, prefix in (("pe1", "10.2.0.0/24"), ("pe2", "10.1.0.0/24")):
        (router,) = gears(pe)
        interfaces = {use["vrf"]: use["interface"] for use in vpn.show(router, "show vpn spi-label")["uses"]}
        for vrf_name in ("red", "blue"):
            (entry,) = [e for e in vpn.routes(router, vrf_name)[prefix] if e.get("selected")]
            assert [hop["interfaceName"] for hop in entry["nexthops"]] == [interfaces[vrf_name]]


def test_p_knows_nothing_of_the_vpns():
    "No VPN route in P's table, no BGP, no SA."
    (p,) = gears("p")
    table = p.net.cmd_raises("ip route")
    assert "10.1." not in table and "10.2." not in table and "192.168." not in table
    assert p.net.cmd_raises("ip xfrm state").strip() == ""


def test_one_ike_sa_and_one_child_sa():
    "Two VPNs, one IKE negotiation."
    for pe in network.PES:
        (router,) = gears(pe)
        sas = router.net.swanctl("--list-sas --raw")
        assert sas.count("state=ESTABLISHED") == 1, sas
        assert sas.count("state=INSTALLED") == 1, sas


def test_capture_shows_esp_ike_and_routing_only():
    "Taken apart by vpnspi-dump: SPIs are prefix|label of both VRFs, not one cleartext customer packet."
    (pe1, pe2) = gears("pe1", "pe2")
    labels = {
        router.name: {l["label"]: name for name, l in vpn.show(router, "show vpn spi-label")["labels"].items()}
        for router in (pe1, pe2)
    }
    for ifname, capture in captures.items():
        capture.stop()
        seen = capture.explain(CUSTOMERS, "--prefix-length 16")
        assert seen["cleartextCustomerPackets"] == 0, (ifname, seen)
        # ICMP: p has no route to the other PE until OSPF has converged, and tells BGP so
        assert set(seen["kinds"]) <= {"esp", "ike", "ospf", "bgp", "arp", "ipv6", "igmp", "icmp"}, (ifname, seen["kinds"])
        assert seen["ike"]["ikeSaInit"] == 2 and seen["ike"]["ikeAuth"] == 2, seen["ike"]
        assert seen["ike"].get("createChildSa", 0) == 0, seen["ike"]
        for name, address in network.PES.items():
            got = {spi["label"] for spi in seen["spis"] if spi["destination"] == address}
            assert got == set(labels[name]), (name, got, labels)
