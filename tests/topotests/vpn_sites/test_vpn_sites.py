# SPDX-License-Identifier: GPL-2.0-or-later
"""
Two customers' VPNs built from an empty database by vpnctl alone, and changed while they carry traffic.

     red:  paris, rome, oslo     static routes; hub and spoke, then full mesh
     blue: paris, turin, delft   OSPF over the links, full mesh
                                 the topology and the addresses: vpnsites.py

The tests follow each other: each begins with what the one before left.
"""
import pytest

import vpnsites as sites
import vpntopo as vpn
from lib.topogen import get_topogen

pytestmark = [pytest.mark.netconfd, pytest.mark.ospfd, pytest.mark.vpnd]


def setup_module(module):
    sites.start_network(module.__name__)


def teardown_module(_module):
    get_topogen().stop_topology()


def test_built_from_an_empty_database():
    "vpnctl describes two VPNs and their first four CEs; each CE is shipped; the server makes them VPNs."
    sites.vpnctl("vpn", "add", "red", "--vpn-id", "00a0c9:1", "--topology", "hub-and-spoke", "--prefix", "10.0.0.0/8")
    sites.vpnctl("vpn", "add", "blue", "--vpn-id", "00a0c9:2", "--topology", "full-mesh", "--routing", "dynamic")
    for name in ("paris", "rome"):
        hub = ["--hub"] if name == "paris" else []
        sites.vpnctl("ce", "add", name, "--address", sites.address(name), "--vpn", "red", "--prefix", sites.prefix("red", name), *hub)
    sites.vpnctl("ce", "add", "paris", "--vpn", "blue", "--link-name", "paris-b")
    for name in ("turin", "delft"):
        sites.vpnctl("ce", "add", name, "--address", sites.address(name), "--vpn", "blue")
    for name in ("paris", "rome", "turin", "delft"):
        sites.preconfigure(name, "--key-pair")
        sites.start_ce(name)
    sites.Server()
    sites.wait_provisioned("paris", "rome", "turin", "delft")
    sites.wait_reach("red", "paris", "rome")
    sites.wait_reach("blue", "paris", "turin", "delft")


def test_each_vpn_reaches_its_own_sites_only():
    "Exact counts: what is sent in a VPN arrives at its site of that address, and at no other."
    for vpn_name, names in (("red", ("paris", "rome")), ("blue", ("paris", "turin", "delft"))):
        for name in names:
            for other in names:
                if name == other:
                    continue
                before = sites.echoes()
                assert sites.ping(vpn_name, name, other) == (10, 10), (vpn_name, name, other)
                after = sites.echoes()
                assert {n: after[n] - before[n] for n in after} == {n: 10 if n == other else 0 for n in after}
