# SPDX-License-Identifier: GPL-2.0-or-later
"""
A label meets two peers: three PEs with three prefix lengths, one VPN.

     h1 ── pe1 ──┐         red: h1 192.168.1.2, h2 192.168.2.2, h3 192.168.3.2
     h2 ── pe2 ──┼── backbone 10.0.0.0/24 (a switch)
     h3 ── pe3 ──┘         prefix lengths: pe1 16, pe2 20, pe3 8
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
        vpn.start_pe(tgen, "pe{}".format(n), daemons=("zebra", "bgpd", "vpnd"))
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
