# SPDX-License-Identifier: GPL-2.0-or-later
"""
The SPI-label attribute on the wire: what bgpd takes, what it treats as a
withdraw, and that the session stays up through all of it (RFC 7606).

     pe1 ──── peer           peer: speaker.py, which says what it is told
     bgpd, no vpnd           pe1: VRF red, imports and exports 65000:1

Each malformation is sent with a route that was there before: the route must go
and the session must stay.  There is no vpnd, so nothing may be installed in the
VRF, whatever arrives.
"""
import os
import sys

import pytest

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..")]
# pylint: disable=C0413
import update as u
import vpntopo as vpn
from peering import log, send, start_pe1, start_speaker, wait_established
from lib.topogen import Topogen, get_topogen

pytestmark = [pytest.mark.bgpd]

PEER = "10.0.0.2"
PREFIX = "10.9.0.0/24"
OTHER = "10.10.0.0/24"
RD = u.rd(65000, 2)
RT = u.route_target(65000, 1)

BGP = """
router bgp 65000
 bgp router-id 10.0.0.1
 neighbor 10.0.0.2 remote-as internal
 neighbor 10.0.0.2 passive
 address-family ipv4 unlabeled-vpn
  neighbor 10.0.0.2 activate
 exit-address-family
"""


def build(tgen):
    switch = tgen.add_switch("s1")
    switch.add_link(tgen.add_router("pe1"), nodeif="pe1-eth0")
    switch.add_link(tgen.add_router("peer"), nodeif="peer-eth0")


def setup_module(module):
    tgen = Topogen(build, module.__name__)
    tgen.start_topology()
    start_pe1(tgen, BGP)
    module.speaker = start_speaker(tgen.gears["peer"], PEER)
    wait_established()


def teardown_module(module):
    module.speaker.end("TERM")
    get_topogen().stop_topology()


def paths(prefix):
    "What bgpd has of the peer's route, or nothing."
    table = vpn.show(get_topogen().gears["pe1"], "show bgp ipv4 unlabeled-vpn rd 65000:2 {}".format(prefix))
    return table.get("65000:2", {}).get("paths", [])


def wait_paths(prefix, there):
    return vpn.wait_for(
        "{} {}there".format(prefix, "" if there else "not "),
        lambda: (paths(prefix) or vpn._fail("no path")) if there else (not paths(prefix) or vpn._fail(paths(prefix))),
        timeout=15,
    )


def announce(prefix=PREFIX, label=None, attributes=None):
    "A whole update, with the label 300/16, another, or other attributes altogether."
    label = u.label_attribute(u.spi_label(300, 16)) if label is None else label
    return u.update(u.mp_reach(prefix, PEER, RD) + u.MANDATORY + RT + label if attributes is None else attributes)


def session():
    return vpn.show(get_topogen().gears["pe1"], "show bgp neighbors {}".format(PEER))[PEER]


def assert_session_up():
    "It is up, has never been down, and nobody complained."
    state = session()
    assert state["bgpState"] == "Established" and state["connectionsDropped"] == 0, state
    assert not [line for line in log() if line.startswith(("notification", "closed"))], log()


def test_negotiated():
    "Both have the SAFI, and our End-of-RIB for it came."
    capabilities = session()["neighborCapabilities"]["multiprotocolExtensions"]
    assert capabilities["ipv4UnlabeledVpn"]["advertisedAndReceived"], capabilities
    end_of_rib = "update " + "00000006800f030001f1"
    vpn.wait_for("End-of-RIB", lambda: end_of_rib in log() or vpn._fail(log()))


def test_taken():
    "Label and length as sent, right-adjusted; the padding is ignored."
    send(announce(), announce(OTHER, u.label_attribute(u.spi_label(5, 6, padding=0x3FFFFFF))))
    assert wait_paths(PREFIX, True)[0]["spiLabel"] == {"label": 300, "length": 16}
    assert wait_paths(OTHER, True)[0]["spiLabel"] == {"label": 5, "length": 6}
    assert_session_up()


def test_not_installed_without_vpnd():
    "The VRF has the path, as invalid, with the reason; zebra has nothing."
    pe1 = get_topogen().gears["pe1"]

    def probe():
        path = vpn.show(pe1, "show bgp vrf red ipv4 unicast {}".format(PREFIX))["paths"][0]
        return path if not path["valid"] else vpn._fail(path)

    use = vpn.wait_for("an invalid path", probe)["spiLabelUse"]
    assert use["pe"] == PEER and use["state"] == "down" and use["reason"], use
    assert PREFIX not in vpn.routes(pe1, "red")


def test_nothing_announced_without_a_label():
    "Our own route is in the RIB for VRFs of this PE, and went to no peer."
    table = vpn.show(get_topogen().gears["pe1"], "show bgp ipv4 unlabeled-vpn rd 65000:1 192.168.1.0/24")
    path = table["65000:1"]["paths"][0]
    assert path["valid"] and "spiLabel" not in path, path
    # behind two lengths of two octets each, MP_REACH_NLRI (14) comes first
    announced = [line for line in log() if line.startswith("update ") and line[7:][10:12] == "0e"]
    assert not announced, announced


def test_label_changes():
    "An update with another label replaces the route."
    send(announce(label=u.label_attribute(u.spi_label(301, 16))))
    vpn.wait_for("label 301", lambda: paths(PREFIX)[0]["spiLabel"]["label"] == 301)
    send(announce())
    vpn.wait_for("label 300", lambda: paths(PREFIX)[0]["spiLabel"]["label"] == 300)


GOOD = u.spi_label(300, 16)
MALFORMED = {
    "missing": b"",
    "empty": u.label_attribute(b""),
    "too short": u.label_attribute(GOOD[:4]),
    "too long": u.label_attribute(GOOD + b"\0"),
    "label of 0 bits": u.label_attribute(b"\0" + GOOD[1:]),
    "label of 5 bits": u.label_attribute(b"\5" + GOOD[1:]),
    "label of 33 bits": u.label_attribute(b"\x21" + GOOD[1:]),
    "label of 255 bits": u.label_attribute(b"\xff" + GOOD[1:]),
    "optional": u.label_attribute(GOOD, u.OPTIONAL_TRANSITIVE),
    "not transitive": u.label_attribute(GOOD, 0),
    "partial": u.label_attribute(GOOD, u.WELL_KNOWN | u.PARTIAL),
    "twice, the same": u.label_attribute(GOOD) * 2,
    "twice, another": u.label_attribute(GOOD) + u.label_attribute(u.spi_label(301, 16)),
    "length beyond the attributes": u.label_attribute(GOOD, length=200),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_malformed(name):
    "Treated as a withdraw; another route of the same session stays; the session is up."
    send(announce())
    wait_paths(PREFIX, True)
    send(announce(label=MALFORMED[name]))
    wait_paths(PREFIX, False)
    assert_session_up()
    assert paths(OTHER)


def test_malformed_before_the_routes():
    "The routes may come after the attribute that is malformed."
    send(announce())
    wait_paths(PREFIX, True)
    send(u.update(u.label_attribute(b"") + u.MANDATORY + RT + u.mp_reach(PREFIX, PEER, RD)))
    wait_paths(PREFIX, False)
    assert_session_up()


def unicast(prefix):
    return vpn.show(get_topogen().gears["pe1"], "show bgp ipv4 unicast").get("routes", {}).get(prefix, [])


def test_foreign_mp():
    "With routes of another SAFI in MP_REACH_NLRI: those are withdrawn."
    reach = u.mp_reach_unicast("172.16.0.0/24", PEER)
    send(u.update(reach + u.MANDATORY))
    vpn.wait_for("a unicast route", lambda: unicast("172.16.0.0/24"))
    send(u.update(reach + u.MANDATORY + u.label_attribute(GOOD)))
    vpn.wait_for("no unicast route", lambda: not unicast("172.16.0.0/24"))
    assert_session_up()


def test_foreign_plain():
    "With routes at the end of the update."
    next_hop = u.attribute(u.WELL_KNOWN, 3, bytes((10, 0, 0, 2)))
    routes = u.nlri("172.17.0.0/24")
    send(u.update(u.MANDATORY + next_hop, routes=routes))
    vpn.wait_for("a unicast route", lambda: unicast("172.17.0.0/24"))
    send(u.update(u.MANDATORY + next_hop + u.label_attribute(GOOD), routes=routes))
    vpn.wait_for("no unicast route", lambda: not unicast("172.17.0.0/24"))
    assert_session_up()


def test_withdraw():
    "MP_UNREACH_NLRI takes the route, and needs no label."
    send(announce())
    wait_paths(PREFIX, True)
    send(u.update(u.mp_unreach(PREFIX, RD)))
    wait_paths(PREFIX, False)
    assert_session_up()


def test_use_goes_with_the_last_path():
    "When no path needs a label of another PE any more, it is wanted no longer."
    pe1 = get_topogen().gears["pe1"]
    send(u.update(u.mp_unreach(OTHER, RD)))
    wait_paths(OTHER, False)
    vpn.wait_for("no uses", lambda: vpn.show(pe1, "show bgp spi-label")["uses"] == [])
