# SPDX-License-Identifier: GPL-2.0-or-later
"""
Labels of one PE alone: refused with a reason, given when the reason is gone.

     pe1 ── backbone          66 VRFs, v0 to v65; a label space of 64 at first
"""
import os
import sys

import pytest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), ".."))
# pylint: disable=C0413
import vpntopo as vpn
from lib.topogen import Topogen, get_topogen

pytestmark = [pytest.mark.bgpd, pytest.mark.vpnd]
VRFS = ["v{}".format(n) for n in range(66)]


def setup_module(module):
    tgen = Topogen(vpn.build_lonely_pe, module.__name__)
    tgen.start_topology()
    lines = ["link add {} up type vrf table {}".format(name, 2000 + n) for n, name in enumerate(VRFS)]
    tgen.gears["pe1"].net.cmd_raises("ip -batch -", stdin="\n".join(lines) + "\n")
    vpn.start_lonely_pe(tgen, VRFS, address="10.0.0.77", prefix_length=26)


def teardown_module(_module):
    get_topogen().stop_topology()


def labels():
    return vpn.show(get_topogen().gears["pe1"], "show vpn spi-label")["labels"]


def test_local_address_not_on_the_machine():
    "No label is given, and the reason names the address."
    vpn.wait_for(
        "every label refused for the address",
        lambda: len(labels()) == len(VRFS)
        and all(l["state"] != "up" and "10.0.0.77" in l["reason"] for l in labels().values()),
    )


def test_label_space_exhausted():
    "With 6-bit labels some VRFs get none, and are told; the others work."
    vpn.vtysh(
        get_topogen().gears["pe1"], "configure terminal", "vpn", "provider-edge", "local-address 10.0.0.1"
    )

    def probe():
        states = [l["state"] for l in labels().values()]
        refused = [l["reason"] for l in labels().values() if l["state"] != "up"]
        return states.count("up") >= 60 and refused and all("label" in reason for reason in refused)

    vpn.wait_for("labels up to the last, then a reason", probe)
    up = [l["label"] for l in labels().values() if l["state"] == "up"]
    assert len(set(up)) == len(up) and max(up) < 64


def test_more_room_gives_every_vrf_a_label():
    "A shorter prefix makes room: the refused ones come up."
    vpn.vtysh(get_topogen().gears["pe1"], "configure terminal", "vpn", "provider-edge", "spi-prefix-length 16")
    vpn.wait_for(
        "all labels up", lambda: len(labels()) == len(VRFS) and all(l["state"] == "up" for l in labels().values())
    )
