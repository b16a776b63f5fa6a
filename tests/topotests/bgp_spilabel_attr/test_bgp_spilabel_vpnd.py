# SPDX-License-Identifier: GPL-2.0-or-later
"""
bgpd and vpnd lose and find each other again.

     pe1 ── backbone          VRF red, which exports with an SPI label; no peer

What vpnd said holds while it is away; who comes back is synchronised with.
"""
import os
import sys

import pytest

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..")]
# pylint: disable=C0413
import vpntopo as vpn
from lib.topogen import Topogen, get_topogen

pytestmark = [pytest.mark.bgpd, pytest.mark.vpnd]


def setup_module(module):
    tgen = Topogen(vpn.build_lonely_pe, module.__name__)
    tgen.start_topology()
    vpn.vrf(tgen.gears["pe1"], "red", 1001, [])
    vpn.start_lonely_pe(tgen)


def teardown_module(_module):
    get_topogen().stop_topology()


def pe1():
    return get_topogen().gears["pe1"]


def said():
    return vpn.show(pe1(), "show bgp spi-label")


def wait_said(what, check):
    return vpn.wait_for(what, lambda: (lambda s: s if check(s) else vpn._fail(s))(said()))


def together(state):
    return (
        state["vpnd"]["present"]
        and state["vpnd"]["synchronised"]
        and state.get("peAddress") == "10.0.0.1"
        and [v["state"] for v in state["vrfs"]] == ["up"]
    )


def test_label_and_address_are_told():
    "bgpd knows the label that vpnd has, and the PE address."
    state = wait_said("a label and an address", together)
    assert state["vrfs"][0]["label"] == vpn.show(pe1(), "show vpn spi-label")["labels"]["red"]["label"]
    assert state["vrfs"][0]["length"] == 16


def test_vpnd_dies_and_comes_back():
    "bgpd sees both; the label stays what it was throughout."
    label = said()["vrfs"][0]["label"]
    vpn.kill(pe1(), "vpnd")
    state = wait_said("vpnd is gone", lambda s: not s["vpnd"]["present"])
    assert state["vrfs"][0]["label"] == label and state["peAddress"] == "10.0.0.1"
    vpn.restart(pe1(), "vpnd")
    assert wait_said("vpnd is back", together)["vrfs"][0]["label"] == label


def test_bgpd_dies_and_comes_back():
    "It is told again what it needs, without being remembered as gone."
    label = said()["vrfs"][0]["label"]
    vpn.kill(pe1(), "bgpd")
    vpn.restart(pe1(), "bgpd")
    assert wait_said("bgpd is back", together)["vrfs"][0]["label"] == label


def test_no_label_without_a_provider_edge():
    "The label goes, with a reason, and the address too."
    vpn.vtysh(pe1(), "configure terminal", "vpn", "no provider-edge")
    state = wait_said("no label", lambda s: [v["state"] for v in s["vrfs"]] == ["down"])
    assert state["vrfs"][0]["reason"], state
    wait_said("no address", lambda s: "peAddress" not in s)
