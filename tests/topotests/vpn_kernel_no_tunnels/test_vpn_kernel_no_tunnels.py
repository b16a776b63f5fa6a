# SPDX-License-Identifier: GPL-2.0-or-later
"""
A kernel without GRE, L2TP's Ethernet sessions and the flower classifier: links that need them say so, another is up.

     r1 ── underlay       the lab's kernel is booted without these (kernel-args)
"""
import os
import sys

import pytest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), ".."))
# pylint: disable=C0413
import vpntopo as vpn
from lib.topogen import Topogen, get_topogen

pytestmark = [pytest.mark.vpnd]

LINKS = {
    "l-gre": ("gre key 7", "CONFIG_NET_IPGRE"),
    "l-mpls": ("mpls-in-ip label 100 remote-label 200", "CONFIG_NET_CLS_FLOWER"),
    "l-l2tp": ("l2tp tunnel-id 1 peer-tunnel-id 2 session-id 3 peer-session-id 4", "CONFIG_L2TP_ETH"),
    "l-ipip": ("ipip-distinct", None),
}
HEAD = """
hostname r1
interface r1-eth0
 ip address 192.0.2.1/24
exit
vpn
"""
LINK = """ tunnel-link {name} vrf default
  local 192.0.2.1
  remote 192.0.2.{remote}
  encapsulation {encapsulation}
  no ipsec
  address 172.16.{n}.1/32
 exit
"""


def build(tgen):
    tgen.add_switch("underlay").add_link(tgen.add_router("r1", cls=vpn.VpnRouter))


def setup_module(module):
    tgen = Topogen(build, module.__name__)
    tgen.start_topology()
    path = "/tmp/r1.conf"
    with open(path, "w", encoding="ascii") as config:
        config.write(HEAD)
        for n, (name, (encapsulation, _)) in enumerate(LINKS.items()):
            config.write(LINK.format(name=name, encapsulation=encapsulation, n=n, remote=n + 2))
        config.write("exit\n")
    vpn.start_pe(tgen, "r1", daemons=("zebra", "vpnd"), config=path, charon=False)


def teardown_module(_module):
    get_topogen().stop_topology()


def test_the_kernel_has_no_gre():
    "Or this test would prove nothing."
    r1 = get_topogen().gears["r1"]
    status, _, error = r1.net.cmd_status("ip link add g0 type gre local 192.0.2.1 remote 192.0.2.9", warn=False)
    assert status != 0, error


@pytest.mark.parametrize("name", LINKS)
def test_each_link(name):
    "Down with what the kernel lacks as the reason, or up."
    r1 = get_topogen().gears["r1"]
    lacks = LINKS[name][1]

    def probe():
        link = vpn.show(r1, "show vpn tunnel-link")["tunnelLinks"][name]
        said = link["state"] == "up" if not lacks else link["state"] == "down" and lacks in link["reason"]
        return said or vpn._fail(link)

    vpn.wait_for(name, probe)
    names = r1.net.cmd_raises("ip -o link")
    assert (name in names) == (lacks is None)
    assert "vpnm" not in names, names


def test_daemons_run_on():
    running = {name for name, _ in get_topogen().gears["r1"].net.listDaemons()}
    assert {"zebra", "mgmtd", "vpnd"} <= running
