# SPDX-License-Identifier: GPL-2.0-or-later
"""
A PE with a wrong pre-shared key: no VPN route, a reason in words, all else runs.

     ce1-red ─┐                            ┌─ ce2-red
     10.1.0.0/24                             10.2.0.0/24
              pe1 ────── p ────── pe2 (wrong key)
     ce1-blue ┘                            └─ ce2-blue

The network is that of vpn_demo.
"""
import os
import sys

import pytest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "vpn_demo"))
# pylint: disable=C0413
import vpntopo as vpn
import network
from lib.topogen import get_topogen

pytestmark = [pytest.mark.bgpd, pytest.mark.ospfd, pytest.mark.vpnd]
KEY = "only-for-the-demo"


def setup_module(module):
    with open(os.path.join(network.HERE, "pe2", "frr.conf"), encoding="utf-8") as right:
        wrong = right.read().replace(KEY, "another-key")
    path = "/tmp/wrong-psk.conf"
    with open(path, "w", encoding="utf-8") as config:
        config.write(wrong)
    network.start(module.__name__, config={"pe2": path})


def teardown_module(_module):
    get_topogen().stop_topology()


def gears(*names):
    return [get_topogen().gears[name] for name in names]


def test_reason_names_the_authentication():
    "show vpn peer says that it is the authentication, on both sides; nothing of the key is told."
    for pe, other in (("pe1", "10.0.0.2"), ("pe2", "10.0.0.1")):
        (router,) = gears(pe)
        vpn.wait_for(
            pe + ": authentication failed",
            lambda r=router, o=other: "authentication" in vpn.peer(r, o)["reason"].lower()
            and vpn.peer(r, o)["state"] != "up",
        )
        assert "another-key" not in vpn.vtysh(router, "show vpn peer")


def test_route_is_there_but_neither_valid_nor_installed():
    "BGP has the route, but as its SA is not up it is invalid: not installed, in no form."
    pe1, ce1 = gears("pe1", "ce1-red")
    vpn.wait_for(
        "pe1: the route is in the unlabeled VPN table",
        lambda: "10.2.0.0/24" in vpn.vtysh(pe1, "show bgp ipv4 unlabeled-vpn"),
    )
    for vrf_name in ("red", "blue"):
        vpn.wait_route(pe1, vrf_name, "10.2.0.0/24", installed=False)
        assert "10.2.0.0/24" not in pe1.net.cmd_raises("ip route show vrf " + vrf_name)
    assert vpn.ping(ce1, "10.2.0.1", 2, options=network.LAN1, wait=1)[1] == 0


def test_right_key_brings_it_up():
    "Corrected on the running router, the peer comes up and the routes are installed."
    (pe2,) = gears("pe2")
    vpn.vtysh(
        pe2,
        "configure terminal",
        "vpn",
        "ipsec-profile GOLD",
        "authentication pre-shared-key " + KEY,
    )
    vpn.vtysh(pe2, "clear vpn peer all")
    vpn.vtysh(gears("pe1")[0], "clear vpn peer all")
    network.wait_up(get_topogen())
    vpn.wait_ping(gears("ce1-red")[0], "10.2.0.1", network.LAN1)
