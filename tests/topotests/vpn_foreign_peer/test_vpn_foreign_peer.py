# SPDX-License-Identifier: GPL-2.0-or-later
"""
A PE whose IPsec is none of ours: it announces a VPN route, and answers IKE with an
ordinary SPI.  The route is not installed, the reason names the peer and the SPI.

     pe1 ──── peer           peer: a BGP speaker (bgp_spilabel_attr/speaker.py) and stock strongSwan,
                             without the plugin, its SPIs below 2^31 (V=0)
"""
import os
import sys

import pytest

HERE = os.path.dirname(os.path.realpath(__file__))
SPEAKER = os.path.join(HERE, "..", "bgp_spilabel_attr")
sys.path[:0] = [SPEAKER, os.path.join(HERE, "..")]
# pylint: disable=C0413
import peering
import update as u
import vpntopo as vpn
from lib.topogen import Topogen, get_topogen

pytestmark = [pytest.mark.bgpd, pytest.mark.vpnd]

CONFIG = (
    vpn.LONELY_PE.format(address="10.0.0.1", prefix_length=16)
    + """ neighbor 10.0.0.2 remote-as internal
 neighbor 10.0.0.2 passive
 address-family ipv4 unlabeled-vpn
  neighbor 10.0.0.2 activate
"""
    + vpn.EXPORTING_VRF.format(vrf="red", number=1)
)
SWANCTL = """
connections {
  pe {
    version = 2
    local_addrs = 10.0.0.2
    remote_addrs = 10.0.0.1
    proposals = aes256gcm16-prfsha384-x25519,default
    local {
      auth = psk
    }
    remote {
      auth = psk
    }
    children {
      vpn {
        local_ts = 0.0.0.0/0,::/0
        remote_ts = 0.0.0.0/0,::/0
        esp_proposals = aes256gcm16-x25519,aes256gcm16,default
        policies = no
      }
    }
  }
}
secrets {
  ike-group {
    secret = "only-for-the-test"
  }
}
"""


def build(tgen):
    switch = tgen.add_switch("s1")
    for name in ("pe1", "peer"):
        switch.add_link(tgen.add_router(name, cls=vpn.VpnRouter), nodeif=name + "-eth0")


def setup_module(module):
    tgen = Topogen(build, module.__name__)
    tgen.start_topology()
    pe1, peer = tgen.gears["pe1"], tgen.gears["peer"]
    vpn.vrf(pe1.net, "red", 1001, [])
    peer.net.cmd_raises("ip addr add 10.0.0.2/24 dev peer-eth0")
    peer.net.start_charon(plugin="no", extra="spi_min = 0x100\n    spi_max = 0x7fffffff")
    peer.net.cmd_raises("cat > {}/swanctl.conf".format(vpn.RUN), stdin=SWANCTL)
    peer.net.swanctl("--load-all --noprompt --file {}/swanctl.conf".format(vpn.RUN))
    config = os.path.join(tgen.logdir, "pe1.conf")
    with open(config, "w", encoding="ascii") as file:
        file.write(CONFIG)
    vpn.start_pe(tgen, "pe1", daemons=("zebra", "bgpd", "vpnd"), config=config)
    module.speaker = peering.attach_speaker(peer, "10.0.0.2")
    peering.wait_established()
    route = (
        u.mp_reach("10.9.0.0/24", "10.0.0.2", u.rd(65000, 2))
        + u.MANDATORY
        + u.route_target(65000, 1)
        + u.label_attribute(u.spi_label(300, 16))
    )
    peering.send(u.update(route))


def teardown_module(module):
    module.speaker.end("TERM")
    get_topogen().stop_topology()


def test_refused_with_the_spi_as_the_reason():
    "show vpn peer names V=0; show vpn spi-label has the same reason for what waits for it."
    pe1 = get_topogen().gears["pe1"]
    vpn.wait_for(
        "V=0 as the reason",
        lambda: "V=0" in vpn.peer(pe1, "10.0.0.2")["reason"] or vpn._fail(vpn.peer(pe1, "10.0.0.2")),
    )
    (use,) = vpn.show(pe1, "show vpn spi-label")["uses"]
    assert use["state"] != "up" and use["pe"] == "10.0.0.2", use


def test_route_is_not_installed():
    pe1 = get_topogen().gears["pe1"]
    assert "10.9.0.0/24" in vpn.vtysh(pe1, "show bgp ipv4 unlabeled-vpn")
    assert "10.9.0.0/24" not in vpn.routes(pe1, "red")
    assert pe1.net.cmd_raises("ip -o xfrm state").strip() == ""


def test_the_rest_runs_on():
    "Our own label is up, the session too."
    pe1 = get_topogen().gears["pe1"]
    assert vpn.show(pe1, "show vpn spi-label")["labels"]["red"]["state"] == "up"
    assert vpn.show(pe1, "show bgp neighbors 10.0.0.2")["10.0.0.2"]["bgpState"] == "Established"
