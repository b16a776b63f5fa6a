# SPDX-License-Identifier: GPL-2.0-or-later
"""
Two sites that have a link of their own beside the VPN: OSPF's metrics decide which one is used, and the other is taken
when it fails, in both directions.

     red 10.1.0.1 ── r1 ═══ paris (ipip-shared) ═══ r2 ── 10.2.0.1 red
                      └──── backdoor, 10.9.0.0/30 ───┘
"""
import os
import sys

import pytest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), ".."))
# pylint: disable=C0413
import vpnlink
import vpntopo as vpn
from lib.topogen import Topogen, get_topogen

pytestmark = [pytest.mark.ospfd, pytest.mark.vpnd]
BACKDOOR = {"r1": "r1-eth1", "r2": "r2-eth1"}
LOW, HIGH = 10, 100


def configured(name):
    return (
        vpnlink.head(name)
        + vpnlink.link(name, "paris", "red", "ipip-shared")
        + "exit\n"
        + vpnlink.ospf(name, "red")
        + "interface {}\n ip ospf network point-to-point\n ip ospf cost {}\nexit\n".format(BACKDOOR[name], HIGH)
        + "interface paris\n ip ospf cost {}\nexit\n".format(LOW)
    )


def build(tgen):
    vpnlink.build(tgen)
    switch = tgen.add_switch("backdoor")
    for name in vpnlink.ADDRESSES:
        switch.add_link(tgen.gears[name])


def setup_module(module):
    tgen = Topogen(build, module.__name__)
    tgen.start_topology()
    for name in vpnlink.ADDRESSES:
        net = tgen.gears[name].net
        vpn.dummy(net, "red0")
        vpn.vrf(net, "red", 101, ["red0", BACKDOOR[name]])
        net.cmd_raises("ip address add {}/24 dev red0".format(vpnlink.BEHIND[name]))
        path = "/tmp/{}.conf".format(name)
        with open(path, "w", encoding="ascii") as file:
            file.write(configured(name) + "interface {}\n ip address 10.9.0.{}/30\nexit\n".format(BACKDOOR[name], name[1:]))
        vpn.start_pe(tgen, name, daemons=("zebra", "ospfd", "vpnd"), config=path)


def teardown_module(_module):
    get_topogen().stop_topology()


def wait_over(way):
    "Both sites reach each other over paris, or over the backdoor; and what is sent does go there."
    for name in vpnlink.ADDRESSES:
        ifname = "paris" if way == "paris" else BACKDOOR[name]
        other = vpnlink.other(name)

        def hops(n=name, o=other):
            entries = vpn.routes(vpnlink.gear(n), "red").get(vpnlink.NETWORK[o], [])
            return [hop["interfaceName"] for entry in entries if entry.get("installed") for hop in entry["nexthops"]]

        vpn.wait_for("{}: {} over {}".format(name, other, ifname), lambda i=ifname, h=hops: h() == [i] or vpn._fail(h()))
    # from behind: of itself the kernel may take the backdoor's address, which the other site reaches over the backdoor
    options = "-I {} -I red".format(vpnlink.BEHIND["r1"])
    vpn.wait_ping(vpnlink.gear("r1"), vpnlink.BEHIND["r2"], options)
    before = sent("r1"), sent("r2")
    assert vpn.ping(vpnlink.gear("r1"), vpnlink.BEHIND["r2"], 50, interval=0.01, options=options) == (50, 50)
    for start, name in zip(before, vpnlink.ADDRESSES):
        over_paris = sent(name) - start
        # OSPF's own are few
        assert (50 <= over_paris < 70) if way == "paris" else over_paris < 20, (name, over_paris)


def sent(name):
    return vpnlink.state(name, "paris")["packetsOut"]


def costs(paris, backdoor):
    for name in vpnlink.ADDRESSES:
        vpn.vtysh(
            vpnlink.gear(name),
            "configure terminal",
            "interface paris",
            "ip ospf cost {}".format(paris),
            "interface " + BACKDOOR[name],
            "ip ospf cost {}".format(backdoor),
        )


def test_vpn_preferred():
    vpnlink.wait_up("paris")
    vpnlink.wait_full("paris", "red")
    wait_over("paris")


def test_vpn_fails():
    "The link goes, by a hand at one end: both ends take the backdoor, and the link when it is back."
    vpn.vtysh(vpnlink.gear("r2"), "configure terminal", "vpn", "no tunnel-link paris")
    wait_backdoor_only()
    vpn.vtysh(
        vpnlink.gear("r2"),
        "configure terminal",
        "vpn",
        "tunnel-link paris vrf red",
        "local 192.0.2.2",
        "remote 192.0.2.1",
        "encapsulation ipip-shared",
        "ipsec-profile GOLD",
    )
    vpnlink.wait_up("paris")
    wait_over("paris")


def wait_backdoor_only():
    for name in vpnlink.ADDRESSES:
        routes = vpn.wait_for(
            name + ": over the backdoor",
            lambda n=name: [
                hop
                for entry in vpn.routes(vpnlink.gear(n), "red").get(vpnlink.NETWORK[vpnlink.other(n)], [])
                if entry.get("installed")
                for hop in entry["nexthops"]
                if hop["interfaceName"] == BACKDOOR[n]
            ],
        )
        assert len(routes) == 1
    vpn.wait_ping(vpnlink.gear("r1"), vpnlink.BEHIND["r2"], "-I red")


def test_backdoor_preferred():
    "The same two, with the metrics the other way."
    costs(HIGH, LOW)
    wait_over("backdoor")


def test_backdoor_fails():
    "The VPN takes over, and gives back."
    for name in vpnlink.ADDRESSES:
        vpnlink.gear(name).net.cmd_raises("ip link set {} down".format(BACKDOOR[name]))
    wait_over("paris")
    for name in vpnlink.ADDRESSES:
        vpnlink.gear(name).net.cmd_raises("ip link set {} up".format(BACKDOOR[name]))
    wait_over("backdoor")
