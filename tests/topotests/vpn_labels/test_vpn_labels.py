# SPDX-License-Identifier: GPL-2.0-or-later
"""
Labels of one PE alone: refused with a reason, given when the reason is gone.

     pe1 ── backbone          66 VRFs, v1 to v66; a label space of 64 at first
"""
import os
import sys

import pytest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), ".."))
# pylint: disable=C0413
import vpntopo as vpn
from lib.topogen import Topogen, get_topogen

pytestmark = [pytest.mark.bgpd, pytest.mark.vpnd]
VRFS = 67

PE = """
hostname pe1
vpn
 ipsec-profile GOLD
  authentication pre-shared-key only-for-the-test
 exit
 provider-edge
  local-address 10.0.0.77
  ipsec-profile GOLD
  spi-prefix-length 26
 exit
exit
interface pe1-eth0
 ip address 10.0.0.1/24
"""
VRF = """
router bgp 65000 vrf v{v}
 bgp router-id 10.0.0.1
 address-family ipv4 unicast
  rd vpn export 65000:{v}
  rt vpn both 65000:{v}
  spi-label vpn export auto
  export vpn
  import vpn
"""


def build_topo(tgen):
    tgen.add_switch("backbone").add_link(tgen.add_router("pe1", cls=vpn.VpnRouter))


def setup_module(module):
    tgen = Topogen(build_topo, module.__name__)
    tgen.start_topology()
    pe1 = tgen.gears["pe1"]
    lines = ["link add v{0} up type vrf table {1}".format(v, 2000 + v) for v in range(1, VRFS)]
    pe1.net.cmd_raises("ip -batch -", stdin="\n".join(lines) + "\n")
    with open("/tmp/vpn_labels.conf", "w", encoding="ascii") as config:
        config.write(PE + "router bgp 65000\n bgp router-id 10.0.0.1\n")
        config.write("".join(VRF.format(v=v) for v in range(1, VRFS)))
    vpn.start_pe(tgen, "pe1", daemons=("zebra", "bgpd", "vpnd"), config="/tmp/vpn_labels.conf")


def teardown_module(_module):
    get_topogen().stop_topology()


def labels():
    return vpn.show(get_topogen().gears["pe1"], "show vpn spi-label")["labels"]


def test_local_address_not_on_the_machine():
    "No label is given, and the reason names the address."
    vpn.wait_for(
        "every label refused for the address",
        lambda: len(labels()) == VRFS - 1
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
        "all labels up", lambda: len(labels()) == VRFS - 1 and all(l["state"] == "up" for l in labels().values())
    )
