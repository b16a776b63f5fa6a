# SPDX-License-Identifier: GPL-2.0-or-later
"""
State of tunnel links, on vtysh, as JSON and as YANG operational data; counters
to the packet; clear; the alarm of a link that is given up, as a notification.

     pe1 ── backbone 10.0.0.0/24 ── pe2        VRF red: links paris (ipsec-tunnel, 10.1.0.0/30) and gre7
"""
import json
import os
import sys

import pytest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), ".."))
# pylint: disable=C0413
import vpntopo as vpn
from vpnd_config.test_vpnd_state import Listener, same, state, state_between
from lib.topogen import Topogen, get_topogen

pytestmark = [pytest.mark.vpnd]

LINKS = ("gre7", "paris")
COUNTERS = ("packetsIn", "packetsOut", "bytesIn", "bytesOut")


def build_topo(tgen):
    backbone = tgen.add_switch("backbone")
    for n in (1, 2):
        pe = tgen.add_router("pe{}".format(n), cls=vpn.VpnRouter)
        backbone.add_link(pe)
        tgen.add_switch("site{}".format(n)).add_link(pe)


def setup_module(module):
    tgen = Topogen(build_topo, module.__name__)
    tgen.start_topology()
    for n in (1, 2):
        vpn.vrf(tgen.gears["pe{}".format(n)].net, "red", 1001, ["pe{}-eth1".format(n)])
        vpn.start_pe(tgen, "pe{}".format(n), daemons=("zebra", "vpnd"))
    for name in LINKS:
        wait_state("pe1", name, "up")
        wait_state("pe2", name, "up")


def teardown_module(_module):
    get_topogen().stop_topology()


def gear(name):
    return get_topogen().gears[name]


def link(router, name):
    return vpn.show(gear(router), "show vpn tunnel-link " + name)["tunnelLinks"][name]


def wait_state(router, name, wanted):
    return vpn.wait_for(
        "{}: {} {}".format(router, name, wanted),
        lambda: link(router, name)["state"] == wanted or vpn._fail(link(router, name)),
    )


def test_yang_and_json_say_the_same():
    "Each link, every leaf, while they are up."
    for router in ("pe1", "pe2"):
        yang, shown = state_between(gear(router), "show vpn tunnel-link")
        assert sorted(shown["tunnelLinks"]) == sorted(entry["name"] for entry in yang["tunnel-link"]) == list(LINKS)
        for entry in yang["tunnel-link"]:
            for leaf in ("since", "vrf", "interface", "local", "remote", "mtu", "proposal", "ike-version", "rekeys"):
                assert leaf in entry, (leaf, entry)
            assert entry["state"] == "up" and "reason" not in entry
            same({leaf: value for leaf, value in entry.items() if leaf != "name"}, shown["tunnelLinks"][entry["name"]])


def test_what_is_said_is_so():
    "The MTU is the interface's, the encapsulation and the addresses are those configured."
    for router, local, remote in (("pe1", "10.0.0.1", "10.0.0.2"), ("pe2", "10.0.0.2", "10.0.0.1")):
        for name, encapsulation in (("gre7", "gre"), ("paris", "ipsec-tunnel")):
            said = link(router, name)
            (device,) = json.loads(gear(router).net.cmd_raises("ip -j link show dev " + name))
            assert (said["mtu"], said["ifIndex"]) == (device["mtu"], device["ifindex"])
            assert (said["local"], said["remote"]) == (local, remote)
            assert said["encapsulation"] == encapsulation and said["ikeVersion"] == 2
            assert said["ipsec"] is True and said["ipsecProfile"] == "GOLD" and said["establish"] == "permanent"


def test_state_by_key():
    for name, there in (("paris", True), ("london", False)):
        path = '/frr-vpnd:vpn/state/tunnel-link[name="{}"]'.format(name)
        output = json.loads(vpn.vtysh(gear("pe1"), "show mgmt get-data " + path))
        entries = output.get("frr-vpnd:vpn", {}).get("state", {}).get("tunnel-link", [])
        assert [entry["state"] for entry in entries] == (["up"] if there else []), output


def test_tables_for_people():
    pe1 = gear("pe1")
    (line,) = [line for line in vpn.vtysh(pe1, "show vpn tunnel-link").splitlines() if line.startswith("paris")]
    assert line.split()[1:3] == ["red", "up"] and "10.0.0.2" in line
    detail = vpn.vtysh(pe1, "show vpn tunnel-link paris")
    assert "Tunnel link paris is up" in detail and link("pe1", "paris")["proposal"] in detail
    assert "there is no tunnel-link london" in vpn.vtysh(pe1, "show vpn tunnel-link london")
    assert "there is no tunnel-link london" in vpn.vtysh(pe1, "clear vpn tunnel-link london")
    assert vpn.show(pe1, "show vpn tunnel-link london")["tunnelLinks"] == {}


def counters(router, name):
    return {key: link(router, name)[key] for key in COUNTERS}


def test_counters_are_exact():
    "25 pings of 100 octets: 128 octets with ICMP and IP, each way, at both ends."
    vpn.wait_ping(gear("pe1"), "10.1.0.2", "-I red")
    before = {router: counters(router, "paris") for router in ("pe1", "pe2")}
    assert vpn.ping(gear("pe1"), "10.1.0.2", 25, options="-I red -s 100") == (25, 25)
    for router, old in before.items():
        goal = {key: old[key] + (25 if key.startswith("packets") else 25 * 128) for key in COUNTERS}
        assert counters(router, "paris") == goal


def sas(router):
    "SPIs of the SAs that receive."
    return [line.split()[3] for line in gear(router).net.cmd_raises("ip xfrm state list").splitlines() if "spi" in line]


def test_clear_negotiates_anew():
    "Other SAs, and counters go on."
    before, packets = set(sas("pe1")), link("pe1", "paris")["packetsIn"]
    vpn.vtysh(gear("pe1"), "clear vpn tunnel-link all")
    vpn.wait_for("other SAs", lambda: sas("pe1") and not before & set(sas("pe1")))
    for name in LINKS:
        wait_state("pe1", name, "up")
        wait_state("pe2", name, "up")
    vpn.wait_ping(gear("pe1"), "10.1.0.2", "-I red")
    assert link("pe1", "paris")["packetsIn"] > packets


def test_link_that_is_given_up():
    "The peer proves to be somebody else: reason, failures, an alarm and its notification; removed, the alarm ends."
    pe1 = gear("pe1")
    listener = Listener(pe1, "/frr-vpnd:vpn-alarm")

    def about(raised):
        return lambda heard: heard.get("frr-vpnd:vpn-alarm", {}).get("raised") is raised

    vpn.vtysh(
        pe1, "configure terminal", "vpn", "tunnel-link london vrf red", "local 10.0.0.1", "remote 10.0.0.2",
        "encapsulation ipip-shared", "remote-identity somebody.else", "ipsec-profile GOLD",
    )
    (heard,) = listener.wait_for("the alarm as a notification", about(True))
    said = wait_state("pe1", "london", "down") and link("pe1", "london")
    assert "authentication" in said["reason"] and said["failures"] >= 2 and "nextAttemptIn" not in said, said
    (alarm,) = vpn.show(pe1, "show vpn alarm")["alarms"]
    assert heard["frr-vpnd:vpn-alarm"]["object"] == alarm["object"] and "london" in alarm["object"]
    (entry,) = [entry for entry in state(pe1)["tunnel-link"] if entry["name"] == "london"]
    assert entry["reason"] == said["reason"]
    for command in ("show vpn tunnel-link", "show vpn tunnel-link london"):
        assert said["reason"] in vpn.vtysh(pe1, command)
    assert link("pe1", "paris")["state"] == "up" and link("pe1", "gre7")["state"] == "up"
    vpn.vtysh(pe1, "configure terminal", "vpn", "no tunnel-link london")
    listener.wait_for("its end as a notification", about(False))
    vpn.wait_for("no alarm", lambda: vpn.show(pe1, "show vpn alarm")["alarms"] == [])
    listener.process.end("TERM")
