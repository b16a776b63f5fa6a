# SPDX-License-Identifier: GPL-2.0-or-later
"""
How a tunnel link comes up: by traffic and gone again when idle; to a peer whose address changes; never, with an alarm.

     lazy   r1 ═══ r2, both on-traffic, idle 10 s
     roam   r1 (remote any, known by its identity) ═══ r2 from 192.0.2.2, then from 192.0.2.22
     nobody r1 ═══ 192.0.2.99, where nobody is
"""
import pytest

import vpnlink
import vpntopo as vpn
from lib.topogen import get_topogen

pytestmark = [pytest.mark.vpnd]
NEW = "192.0.2.22"


def configured(name):
    text = vpnlink.head(name) + vpnlink.link(
        name,
        "lazy",
        "red",
        "ipsec-tunnel",
        "address 10.11.0.{}/30".format(name[1:]),
        "establish on-traffic idle 10",
        "vpn-id 00a0c9:00000001",
    )
    mine = ["address 10.12.0.{}/30".format(name[1:]), "vpn-id 00a0c9:00000002"]
    if name == "r1":
        mine.append("remote-identity r2.example")
        text += vpnlink.link(name, "roam", "red", "ipsec-tunnel", *mine, addresses={"r1": "192.0.2.1", "r2": "any"})
        text += """ ipsec-profile FEW
  authentication pre-shared-key only-for-the-test
  retry initial 1 maximum 1 limit 2
 exit
"""
        text += vpnlink.link(
            name,
            "nobody",
            "red",
            "ipsec-tunnel",
            protection="ipsec-profile FEW",
            addresses={"r1": "192.0.2.1", "r2": "192.0.2.99"},
        )
    else:
        mine.append("local-identity r2.example")
        text += vpnlink.link(name, "roam", "red", "ipsec-tunnel", *mine)
    return text + "exit\n"


def setup_module(module):
    vpnlink.start(module.__name__, configured, daemons=("zebra", "vpnd"), retransmit_tries=1)


def teardown_module(_module):
    get_topogen().stop_topology()


def test_traffic_brings_it_up():
    "Down and waiting, its device up so that traffic can come; the first packets bring it up, silence ends it."
    for name in ("r1", "r2"):
        vpn.wait_for(
            name + ": lazy waits for traffic",
            lambda n=name: "waiting for traffic" in vpnlink.state(n, "lazy")["reason"] and vpnlink.device_up(n, "lazy"),
        )
    vpn.wait_ping(vpnlink.gear("r1"), "10.11.0.2", "-I red")
    for name in ("r1", "r2"):
        vpnlink.wait_state(name, "lazy", "up")
    for name in ("r1", "r2"):
        vpnlink.wait_state(name, "lazy", "down", timeout=60)
    assert vpnlink.device_up("r1", "lazy")


def test_peer_that_moves():
    "r1 knows r2 by its identity, and follows it to another address."
    vpnlink.wait_up("roam")
    assert vpnlink.state("r1", "roam")["remote"] == "192.0.2.2"
    vpn.wait_ping(vpnlink.gear("r1"), "10.12.0.2", "-I red")
    vpnlink.gear("r2").net.cmd_raises("ip address add {}/24 dev r2-eth0".format(NEW))
    vpn.vtysh(
        vpnlink.gear("r2"), "configure terminal", "vpn", "tunnel-link roam vrf red", "local " + NEW
    )
    vpn.wait_for(
        "r1: roam comes from " + NEW,
        lambda: vpnlink.state("r1", "roam")["remote"] == NEW and vpnlink.state("r1", "roam")["state"] == "up",
        40,
    )
    vpn.wait_ping(vpnlink.gear("r1"), "10.12.0.2", "-I red")


def test_nobody_there():
    "Two attempts, then an alarm that says how to try again; which does."
    r1 = vpnlink.gear("r1")

    def alarm():
        return [a for a in vpn.show(r1, "show vpn alarm")["alarms"] if "nobody" in str(a)]

    (raised,) = vpn.wait_for("r1: an alarm", alarm, 60)
    assert "given up after 2 attempts" in str(raised) and "clear vpn tunnel-link nobody" in str(raised)
    state = vpnlink.state("r1", "nobody")
    assert state["state"] == "down" and not vpnlink.device_up("r1", "nobody")
    assert "no answer from 192.0.2.99" in state["reason"]
    vpn.vtysh(r1, "clear vpn tunnel-link nobody")
    vpn.wait_for("r1: nobody is tried again", lambda: vpnlink.state("r1", "nobody")["state"] == "connecting")
    assert not alarm()
