# SPDX-License-Identifier: GPL-2.0-or-later
"""
Unlabeled VPN routes between BGP speakers, octet by octet, and between VRFs of
one PE; nothing here needs vpnd.

     source 10.0.0.2 (internal) ──┐
     client 10.0.0.3 (internal) ──┼── pe1 10.0.0.1: route reflector, VRFs red and blue
     other  10.0.0.4 (AS 65001) ──┘

Whatever is passed on keeps its next hop and its SPI label: the one means nothing
without the other.
"""
import functools
import os
import re
import sys

import pytest

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..")]
# pylint: disable=C0413
import peering
import update as u
import vpntopo as vpn
from peering import log
from lib.topogen import Topogen, get_topogen

pytestmark = [pytest.mark.bgpd]

SPEAKERS = {"source": ("10.0.0.2", 65000), "client": ("10.0.0.3", 65000), "other": ("10.0.0.4", 65001)}
SOURCE = SPEAKERS["source"][0]
PREFIX = "10.9.0.0/24"
RD = u.rd(65000, 2)
RT = u.route_target(65000, 77)  # no VRF here imports it
running = []

BGP = """
router bgp 65000
 bgp router-id 10.0.0.1
 no bgp ebgp-requires-policy
 neighbor 10.0.0.2 remote-as internal
 neighbor 10.0.0.2 passive
 neighbor 10.0.0.3 remote-as internal
 neighbor 10.0.0.3 passive
 neighbor 10.0.0.4 remote-as external
 neighbor 10.0.0.4 passive
 address-family ipv4 unlabeled-vpn
  neighbor 10.0.0.2 activate
  neighbor 10.0.0.2 route-reflector-client
  neighbor 10.0.0.3 activate
  neighbor 10.0.0.3 route-reflector-client
  neighbor 10.0.0.4 activate
 exit-address-family
router bgp 65000 vrf blue
 bgp router-id 10.0.0.1
 address-family ipv4 unicast
  rd vpn export 65000:3
  rt vpn import 65000:1
  rt vpn export 65000:3
  import vpn
 exit-address-family
"""


def build(tgen):
    switch = tgen.add_switch("s1")
    switch.add_link(tgen.add_router("pe1"), nodeif="pe1-eth0")
    for name in SPEAKERS:
        switch.add_link(tgen.add_router(name), nodeif=name + "-eth0")


def setup_module(module):
    tgen = Topogen(build, module.__name__)
    tgen.start_topology()
    pe1 = tgen.gears["pe1"]
    vpn.vrf(pe1, "blue", 1002, [])
    peering.start_pe1(tgen, BGP)
    for name, (address, asn) in SPEAKERS.items():
        running.append(peering.start_speaker(tgen.gears[name], address, asn))
    for name in SPEAKERS:
        peering.wait_established(name)


def teardown_module(_module):
    for speaker in running:
        speaker.end("TERM")
    get_topogen().stop_topology()


def send(update):
    peering.send(update, name="source")


def announce(label):
    send(u.update(u.mp_reach(PREFIX, SOURCE, RD) + u.MANDATORY + RT + u.label_attribute(u.spi_label(label, 16))))


def heard(name, code, value):
    "An update with this attribute, as the newest of those that have it."
    attributes = [u.attributes_of(line.split()[1]) for line in log(name) if line.startswith("update ")]
    attributes = [a for a in attributes if code in a]
    return attributes[-1] if attributes and attributes[-1][code][1] == value else vpn._fail(attributes)


def wait_heard(name, code, value):
    return vpn.wait_for("{} hears".format(name), functools.partial(heard, name, code, value), timeout=30)


REACH = u.mp_reach(PREFIX, SOURCE, RD)[3:]
UNREACH = u.mp_unreach(PREFIX, RD)[3:]


@pytest.mark.parametrize("name", ["client", "other"])
def test_passed_on_unchanged(name):
    "To a client and to another AS: the same next hop (with RD 0), NLRI and label, flags as the draft has them."
    announce(300)
    attributes = wait_heard(name, 14, REACH)
    assert attributes[u.SPI_LABEL] == (u.WELL_KNOWN, u.spi_label(300, 16)), attributes
    assert attributes[16][1] == RT[3:], attributes


@pytest.mark.parametrize("name", ["client", "other"])
def test_next_hop_self_does_not_apply(name):
    "Even where it is configured: the label is the next hop's, and nobody else's."
    neighbor = SPEAKERS[name][0]
    change = "neighbor {} next-hop-self force".format(neighbor)
    pe1 = get_topogen().gears["pe1"]
    before = len(log(name))
    enter = ("configure terminal", "router bgp 65000", "address-family ipv4 unlabeled-vpn")
    vpn.vtysh(pe1, *enter, change)
    vpn.vtysh(pe1, "clear bgp ipv4 unlabeled-vpn {} soft out".format(neighbor))
    announce(302)
    vpn.wait_for("an update", lambda: len(log(name)) > before)
    attributes = wait_heard(name, u.SPI_LABEL, u.spi_label(302, 16))
    assert attributes[14][1] == REACH, attributes
    vpn.vtysh(pe1, *enter, "no " + change)


def test_label_changes():
    "It is announced anew."
    announce(301)
    for name in ("client", "other"):
        wait_heard(name, u.SPI_LABEL, u.spi_label(301, 16))


def test_withdrawn():
    "Without a label."
    announce(300)
    for name in ("client", "other"):
        wait_heard(name, u.SPI_LABEL, u.spi_label(300, 16))
    send(u.update(u.mp_unreach(PREFIX, RD)))
    for name in ("client", "other"):
        assert u.SPI_LABEL not in wait_heard(name, 15, UNREACH)


def test_reflector_without_the_vrf_keeps_what_it_reflects():
    "Nobody here imports that route target, and no security association is asked for."
    announce(300)
    wait_heard("client", 14, REACH)
    assert vpn.show(get_topogen().gears["pe1"], "show bgp spi-label")["uses"] == []


def test_leak_between_vrfs_of_one_pe():
    "Needs no label and no vpnd: the packets never leave the machine."
    pe1 = get_topogen().gears["pe1"]
    route = vpn.wait_route(pe1, "blue", "192.168.1.0/24")[0]
    assert route["protocol"] == "bgp" and route["nexthops"][0]["vrf"] == "red", route
    path = vpn.show(pe1, "show bgp vrf blue ipv4 unicast 192.168.1.0/24")["paths"][0]
    assert path["valid"] and "spiLabelUse" not in path, path


def rib(safi, prefix="192.168.1.0/24"):
    "Is our own route in this VPN RIB?"
    # as text: FRR's JSON of a table without that RD is not JSON
    return prefix in vpn.vtysh(get_topogen().gears["pe1"], "show bgp ipv4 {} rd 65000:1".format(safi))


def configure_red(*commands):
    vpn.vtysh(
        get_topogen().gears["pe1"],
        *("configure terminal", "router bgp 65000 vrf red", "address-family ipv4 unicast") + commands
    )


def wait_ribs(labeled, unlabeled):
    vpn.wait_for(
        "in the labeled RIB: {}, in the unlabeled one: {}".format(labeled, unlabeled),
        lambda: (rib("vpn"), rib("unlabeled-vpn")) == (labeled, unlabeled) or vpn._fail((rib("vpn"), rib("unlabeled-vpn"))),
        timeout=30,
    )


def test_exports_to_either_or_both():
    "An SPI label alone: unlabeled only. With an MPLS label: both. No SPI label: as ever."
    wait_ribs(False, True)
    configure_red("label vpn export 1000")
    wait_ribs(True, True)
    configure_red("no spi-label vpn export")
    wait_ribs(True, False)
    configure_red("no label vpn export")
    wait_ribs(True, False)
    configure_red("spi-label vpn export auto")
    wait_ribs(False, True)


def wait_aggregate(there):
    "In both RIBs, and valid, or in none."
    pe1 = get_topogen().gears["pe1"]

    def look():
        texts = [vpn.vtysh(pe1, "show bgp ipv4 {} rd 65000:1".format(safi)) for safi in ("vpn", "unlabeled-vpn")]
        best = [bool(re.search(r"^ *\*> *192\.168\.0\.0/16", text, re.M)) for text in texts]
        return best == [there] * 2 and all(("192.168.0.0/16" in text) == there for text in texts) or vpn._fail(texts)

    vpn.wait_for("the aggregate is in both RIBs: {}".format(there), look, timeout=30)


def test_aggregates_are_exported():
    "To both RIBs; and withdrawn when there is none configured, or nothing that it stands for."
    configure_red("label vpn export 1000", "aggregate-address 192.168.0.0/16")
    wait_aggregate(True)
    configure_red("no aggregate-address 192.168.0.0/16")
    wait_aggregate(False)
    configure_red("aggregate-address 192.168.0.0/16")
    wait_aggregate(True)
    configure_red("no redistribute connected")
    wait_aggregate(False)
    configure_red("redistribute connected")
    wait_aggregate(True)
    configure_red("no aggregate-address 192.168.0.0/16", "no label vpn export")
    wait_aggregate(False)
    wait_ribs(False, True)


def test_configuration_is_written_back():
    pe1 = get_topogen().gears["pe1"]
    running_config = vpn.vtysh(pe1, "show running-config")
    assert "  spi-label vpn export auto\n" in running_config
    assert " address-family ipv4 unlabeled-vpn\n  neighbor 10.0.0.2 activate\n" in running_config
    configure_red("no spi-label vpn export")
    assert "spi-label" not in vpn.vtysh(pe1, "show running-config")
    vpn.wait_for("no VRF wants a label", lambda: vpn.show(pe1, "show bgp spi-label")["vrfs"] == [])


def test_refused_outside_of_a_vrf():
    "With a message that says where it belongs."
    pe1 = get_topogen().gears["pe1"]
    answer = pe1.net.cmd_nostatus(
        "vtysh -c 'configure terminal' -c 'router bgp 65000' -c 'address-family ipv4 unicast' "
        "-c 'spi-label vpn export auto'",
        warn=False,
    )
    assert "this is not a VRF" in str(answer)
