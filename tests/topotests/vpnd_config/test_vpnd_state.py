# SPDX-License-Identifier: GPL-2.0-or-later
"""
State of vpnd, on vtysh, as JSON and as YANG operational data, of two PEs with
one VPN; counters to the packet; clear; an alarm as a YANG notification.

     h1 ── pe1 ── backbone 10.0.0.0/24 ── pe2 ── h2        VRF red: 192.168.1.0/24, 192.168.2.0/24
"""
import json
import os
import sys
import time

import pytest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), ".."))
# pylint: disable=C0413
import vpntopo as vpn
from lib.topogen import Topogen, get_topogen

pytestmark = [pytest.mark.bgpd, pytest.mark.vpnd]

HERE = os.path.dirname(os.path.realpath(__file__))


def build_topo(tgen):
    backbone = tgen.add_switch("backbone")
    for n in (1, 2):
        pe = tgen.add_router("pe{}".format(n), cls=vpn.VpnRouter)
        host = tgen.add_host("h{}".format(n), "192.168.{}.2/24".format(n), "via 192.168.{}.1".format(n))
        backbone.add_link(pe)
        site = tgen.add_switch("site{}".format(n))
        site.add_link(pe)
        site.add_link(host)


def setup_module(module):
    tgen = Topogen(build_topo, module.__name__)
    tgen.start_topology()
    for n in (1, 2):
        vpn.vrf(tgen.gears["pe{}".format(n)].net, "red", 1001, ["pe{}-eth1".format(n)])
        vpn.start_pe(tgen, "pe{}".format(n), daemons=("zebra", "bgpd", "vpnd"))
    wait_up()


def teardown_module(_module):
    get_topogen().stop_topology()


def gear(name):
    return get_topogen().gears[name]


def wait_up():
    vpn.wait_route(gear("pe1"), "red", "192.168.2.0/24")
    vpn.wait_route(gear("pe2"), "red", "192.168.1.0/24")
    vpn.wait_ping(gear("h1"), "192.168.2.2")


def state(router):
    "The operational data of vpnd."
    output = vpn.vtysh(router, "show mgmt get-data /frr-vpnd:vpn/state")
    return json.loads(output).get("frr-vpnd:vpn", {}).get("state", {})


def camel(name):
    head, *tail = name.split("-")
    return head + "".join(word.capitalize() for word in tail)


def state_between(router, command):
    """
    The operational data, and what `command` shows: of one moment. Both count packets, and a packet may come between the two
    questions, so the command is asked before and after; what did not change over the reading is what was read.
    """
    for _ in range(20):
        before, yang, after = vpn.show(router, command), state(router), vpn.show(router, command)
        if before == after:
            return yang, after
    raise AssertionError("{} never stood still: {} then {}".format(command, before, after))


def same(yang, shown, names=None):
    "Each leaf of the YANG entry says what the JSON says; counters are strings in YANG's JSON."
    for leaf, value in yang.items():
        key = (names or {}).get(leaf, camel(leaf))
        if leaf == "since":  # RFC 3339, Z or +00:00
            assert value[:19] == shown[key][:19]
        else:
            assert str(shown[key]) == str(value), (leaf, value, shown)


def test_yang_and_json_say_the_same():
    "Peer, label and use, every leaf."
    for name, other in (("pe1", "10.0.0.2"), ("pe2", "10.0.0.1")):
        router = gear(name)
        yang, shown = state_between(router, "show vpn peer")
        peers = shown["peers"]
        (peer,) = yang["peer"]
        assert peer.pop("address") == other and list(peers) == [other]
        assert peer["state"] == "up" and "reason" not in peer
        for leaf in ("prefix-in", "prefix-out", "proposal", "generations", "labels-in", "packets-in", "since"):
            assert leaf in peer
        same(peer, peers[other])
        yang, shown = state_between(router, "show vpn spi-label")
        (label,) = yang["spi-label"]
        same(label, dict(shown["labels"]["red"], vrf="red"), {"label-length": "length"})
        (use,), (shown_use,) = yang["use"], shown["uses"]
        same(use, shown_use, {"label-length": "length", "peer": "pe"})
        assert "alarm" not in yang and vpn.show(router, "show vpn alarm")["alarms"] == []


def test_the_two_ends_fit_together():
    "What one end chose is what the other sends with."
    one, two = (vpn.peer(gear("pe1"), "10.0.0.2"), vpn.peer(gear("pe2"), "10.0.0.1"))
    assert one["prefixIn"] == two["prefixOut"] and one["prefixOut"] == two["prefixIn"]
    assert one["ikeInitiations"] + two["ikeInitiations"] == 1
    label = vpn.show(gear("pe2"), "show vpn spi-label")["labels"]["red"]
    (use,) = vpn.show(gear("pe1"), "show vpn spi-label")["uses"]
    assert (use["label"], use["length"]) == (label["label"], label["length"])
    assert int(use["spi"], 16) == int(one["spiPrefixOut"], 16) + label["label"]


def test_state_by_key():
    entry = 'show mgmt get-data /frr-vpnd:vpn/state/{}'
    pe1 = gear("pe1")
    for key, there in (('peer[address="10.0.0.2"]', True), ('peer[address="10.0.0.9"]', False)):
        output = json.loads(vpn.vtysh(pe1, entry.format(key)))
        peers = output.get("frr-vpnd:vpn", {}).get("state", {}).get("peer", [])
        assert [peer["state"] for peer in peers] == (["up"] if there else []), output
    (use,) = vpn.show(pe1, "show vpn spi-label")["uses"]
    key = 'use[vrf="red"][peer="10.0.0.2"][label="{label}"][label-length="{length}"]'.format(**use)
    (yang,) = json.loads(vpn.vtysh(pe1, entry.format(key)))["frr-vpnd:vpn"]["state"]["use"]
    assert yang["spi"] == use["spi"]


def test_tables_for_people():
    "Tables have the peer, the labels, the reason of nothing; the long form has all about one peer."
    pe1 = gear("pe1")
    (line,) = [line for line in vpn.vtysh(pe1, "show vpn peer").splitlines() if line.startswith("10.0.0.2")]
    assert line.split()[1] == "up"
    detail = vpn.vtysh(pe1, "show vpn peer 10.0.0.2")
    assert "Peer 10.0.0.2 is up" in detail and vpn.peer(pe1, "10.0.0.2")["proposal"] in detail
    labels = vpn.vtysh(pe1, "show vpn spi-label")
    (use,) = vpn.show(pe1, "show vpn spi-label")["uses"]
    assert use["spi"] in labels and use["interface"] in labels
    assert "No alarms." in vpn.vtysh(pe1, "show vpn alarm")


def counters(router, address):
    return {key: vpn.peer(router, address)[key] for key in ("packetsIn", "packetsOut", "bytesIn", "bytesOut")}


def wait_counted(router, address, before, packets, size):
    "So many packets of that size each way were counted since, no more and no less."
    goal = {
        key: value + (packets if key.startswith("packets") else packets * size) for key, value in before.items()
    }
    vpn.wait_for(
        "{}: {} packets counted".format(router.name, packets),
        lambda: counters(router, address) == goal or vpn._fail((counters(router, address), goal)),
    )


def settled(router, address):
    "Counters that have not changed for longer than vpnd takes to read them (5 s)."
    since = {}

    def unchanged():
        now = counters(router, address)
        first = since.setdefault(tuple(now.values()), time.monotonic())
        return now if time.monotonic() - first > 6 else vpn._fail(now)

    return vpn.wait_for("counters settled", unchanged)


def test_counters_are_exact():
    "25 pings of 100 octets: 128 octets with ICMP and IP, each way, at both ends."
    before = [settled(gear("pe1"), "10.0.0.2"), settled(gear("pe2"), "10.0.0.1")]
    assert vpn.ping(gear("h1"), "192.168.2.2", 25, options="-s 100") == (25, 25)
    wait_counted(gear("pe1"), "10.0.0.2", before[0], 25, 128)
    wait_counted(gear("pe2"), "10.0.0.1", before[1], 25, 128)


def test_clear_negotiates_anew_and_counters_go_on():
    pe1 = gear("pe1")
    before = vpn.peer(pe1, "10.0.0.2")
    vpn.vtysh(pe1, "clear vpn peer 10.0.0.2")
    vpn.wait_for(
        "another prefix",
        lambda: vpn.peer(pe1, "10.0.0.2")["state"] == "up"
        and vpn.peer(pe1, "10.0.0.2")["prefixIn"] != before["prefixIn"],
    )
    wait_up()
    vpn.wait_for("counters go on", lambda: vpn.peer(pe1, "10.0.0.2")["packetsIn"] > before["packetsIn"])


class Listener:
    "listen.py on a router: what it has heard."

    def __init__(self, router, *xpaths):
        self.router = router
        self.path = "/tmp/gearlogdir/notifications"
        self.process = vpn.Background(
            router, "listen", "sh -c \"exec python3 {}/listen.py {} > {}\"".format(HERE, " ".join(xpaths), self.path)
        )
        vpn.wait_for("listening", self.heard)

    def heard(self):
        return [json.loads(line) for line in self.router.net.cmd_raises("cat " + self.path).splitlines()]

    def wait_for(self, what, test):
        return vpn.wait_for(what, lambda: [h for h in self.heard() if test(h)] or vpn._fail(self.heard()))


def test_alarm_is_raised_notified_and_cleared():
    "The address goes from the machine: an alarm, everywhere; it comes back: the alarm ends, traffic flows."
    pe1 = gear("pe1")
    listener = Listener(pe1, "/frr-vpnd:vpn-alarm")

    def about(raised):
        return (
            lambda h: h.get("frr-vpnd:vpn-alarm", {}).get("raised") is raised
            and "10.0.0.1" in h["frr-vpnd:vpn-alarm"]["text"]
        )

    pe1.net.cmd_raises("ip address del 10.0.0.1/24 dev pe1-eth0")
    (heard,) = listener.wait_for("the alarm as a notification", about(True))
    (alarm,) = vpn.wait_for(
        "the alarm", lambda: [a for a in vpn.show(pe1, "show vpn alarm")["alarms"] if "10.0.0.1" in a["text"]]
    )
    assert heard["frr-vpnd:vpn-alarm"]["object"] == alarm["object"]
    (yang,) = [a for a in state(pe1)["alarm"] if a["object"] == alarm["object"]]
    same(yang, alarm)
    assert alarm["text"].split(": ")[-1] in vpn.vtysh(pe1, "show vpn alarm")
    pe1.net.cmd_raises("ip address add 10.0.0.1/24 dev pe1-eth0")
    listener.wait_for("its end as a notification", about(False))
    vpn.wait_for("no alarm", lambda: vpn.show(pe1, "show vpn alarm")["alarms"] == [])
    listener.process.end("TERM")
    wait_up()


def test_peer_that_cannot_come_up():
    "Another key at pe2: the reason says so, failures count up to the limit, then an alarm; clear begins again."
    pe1, pe2 = gear("pe1"), gear("pe2")
    profile = ("configure terminal", "vpn", "ipsec-profile GOLD")
    vpn.vtysh(pe2, *profile, "authentication pre-shared-key another")
    for router in (pe1, pe2):
        vpn.vtysh(router, "clear vpn peer all")
    (alarm,) = vpn.wait_for(
        "an alarm about the peer",
        lambda: [a for a in vpn.show(pe1, "show vpn alarm")["alarms"] if "10.0.0.2" in a["object"]],
    )
    peer = vpn.peer(pe1, "10.0.0.2")
    assert peer["state"] == "down" and "authentication" in peer["reason"], (peer, alarm)
    assert peer["failures"] >= 2 and "nextAttemptIn" not in peer, peer
    assert peer["reason"] in vpn.vtysh(pe1, "show vpn peer"), alarm
    assert peer["reason"] in vpn.vtysh(pe1, "show vpn peer 10.0.0.2"), alarm
    vpn.vtysh(pe2, *profile, "authentication pre-shared-key only-for-the-test")
    for router in (pe1, pe2):
        vpn.vtysh(router, "clear vpn peer all")
    wait_up()
    vpn.wait_for("no alarm", lambda: vpn.show(pe1, "show vpn alarm")["alarms"] == [])
