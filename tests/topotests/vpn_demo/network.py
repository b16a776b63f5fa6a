# SPDX-License-Identifier: GPL-2.0-or-later
"""
The demo network, for the demo and for the tests that need no more than it:

     ce1-red ─┐                            ┌─ ce2-red       red and blue use the
     10.1.0.0/24                             10.2.0.0/24    same addresses at both
              pe1 ────── p ────── pe2                       ends, links to the PE
     ce1-blue ┘        (plain IP)          └─ ce2-blue      included

PEs: zebra, mgmtd, bgpd, ospfd (backbone, and blue's CEs), vpnd, charon with the plugin.
P: zebra, ospfd.  PE-CE: eBGP for red, OSPF for blue.  Addresses: pe1 10.0.0.1,
pe2 10.0.0.2, p 10.0.0.9; pe1-p 172.16.1.0/30, pe2-p 172.16.2.0/30; PE-CE
192.168.1.0/30 and 192.168.2.0/30; only in blue: 10.11.0.1 and 10.22.0.1 behind
ce1-blue and ce2-blue.
"""
import os

import vpntopo as vpn
from lib.topogen import Topogen

HERE = os.path.dirname(os.path.realpath(__file__))
PES = {"pe1": "10.0.0.1", "pe2": "10.0.0.2"}
LAN1 = "-I 10.1.0.1"  # from a customer's network at site 1: red's CE links are not announced
CES = ("ce1-red", "ce1-blue", "ce2-red", "ce2-blue")


def build(tgen):
    for name in PES:
        tgen.add_router(name, cls=vpn.VpnRouter)
    for name in ("p",) + CES:
        tgen.add_router(name)
    for n, pe in enumerate(PES, 1):
        for number, other in enumerate(("p", "ce{}-red".format(n), "ce{}-blue".format(n))):
            switch = tgen.add_switch("s{}{}".format(n, number))
            switch.add_link(tgen.gears[pe])
            switch.add_link(tgen.gears[other])


def prepare(tgen):
    "What the operator does with ip(8) before FRR: VRFs, and the CEs' networks."
    for pe in PES:
        net = tgen.gears[pe].net
        vpn.vrf(net, "red", 1001, [pe + "-eth1"])
        vpn.vrf(net, "blue", 1002, [pe + "-eth2"])
    for ce in CES:
        vpn.dummy(tgen.gears[ce].net, "lan")


def start(name, before_routers=None, config=None, **charon):
    """
    The network, started.  before_routers(tgen) runs when the links are there and no
    daemon is; config: PE's frr.conf per PE; charon: how PEs' charons are started.
    """
    os.environ["PYTEST_TOPOTEST_SCRIPTDIR"] = HERE
    tgen = Topogen(build, name)
    tgen.start_topology()
    prepare(tgen)
    if before_routers:
        before_routers(tgen)
    vpn.start_plain(tgen, "p", ("zebra", "ospfd"))
    for ce in CES:
        vpn.start_plain(tgen, ce, ("zebra", "bgpd" if "red" in ce else "ospfd"))
    for pe in PES:
        vpn.start_pe(tgen, pe, config=(config or {}).get(pe, os.path.join(HERE, pe, "frr.conf")), **charon)
    return tgen


def wait_up(tgen, timeout=120):
    "Until both VPNs work: the PEs' routes are installed and the CEs have them."
    for pe, prefix in (("pe1", "10.2.0.0/24"), ("pe2", "10.1.0.0/24")):
        for vrf_name in ("red", "blue"):
            vpn.wait_route(tgen.gears[pe], vrf_name, prefix, timeout=timeout)
    for ce in CES:
        vpn.wait_kernel_route(tgen.gears[ce], "10.2.0.0/24" if ce.startswith("ce1") else "10.1.0.0/24")
