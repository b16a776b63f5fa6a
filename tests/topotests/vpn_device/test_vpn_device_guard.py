# SPDX-License-Identifier: GPL-2.0-or-later
"""
Guards: what is to be protected by IPsec never passes in clear, whoever is dead.

     red 10.1.0.1 ── r1 ── l-red: gre, mpls-in-ip or l2tp, with an IPsec profile ── r2 ── red 10.2.0.1

Whatever the kernel sends is captured on the wire between them.  That the capture sees packets in clear where nothing
holds them back is shown, too.
"""
import os
import re
import sys

import pytest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), ".."))
# pylint: disable=C0413
import vpntopo as vpn
from lib.topogen import Topogen, get_topogen

pytestmark = [pytest.mark.vpnd]

ROUTERS = {"r1": 1, "r2": 2}
KINDS = {
    "gre": (47, "gre key 7"),
    "mpls": (137, "mpls-in-ip label {label[0]} remote-label {label[1]}"),
    "l2tp": (115, "l2tp tunnel-id {label[0]} peer-tunnel-id {label[1]} session-id {label[0]} peer-session-id {label[1]}"),
}
CONFIG = """
hostname {name}
vpn
 ipsec-profile GOLD
  authentication pre-shared-key only-for-the-test
  retry initial 1 maximum 2
 exit
exit
interface {name}-eth0
 ip address 192.0.2.{n}/24
"""


def build(tgen):
    switch = tgen.add_switch("underlay")
    for name in ROUTERS:
        switch.add_link(tgen.add_router(name, cls=vpn.VpnRouter))


def setup_module(module):
    tgen = Topogen(build, module.__name__)
    tgen.start_topology()
    for name, n in ROUTERS.items():
        net = tgen.gears[name].net
        vpn.dummy(net, "red0")
        vpn.vrf(net, "red", 101, ["red0"])
        net.cmd_raises("ip address add 10.{}.0.1/24 dev red0".format(n))
        path = "/tmp/{}.conf".format(name)
        with open(path, "w", encoding="ascii") as config:
            config.write(CONFIG.format(name=name, n=n))
        vpn.start_pe(tgen, name, daemons=("zebra", "vpnd"), config=path, charon=False)


def teardown_module(_module):
    get_topogen().stop_topology()


def gear(name):
    return get_topogen().gears[name]


def run(name, command):
    return gear(name).net.cmd_raises(command)


def configure(name, *lines):
    vpn.vtysh(gear(name), "configure terminal", "vpn", *lines)


def link(name):
    return vpn.show(gear(name), "show vpn tunnel-link")["tunnelLinks"]["l-red"]


def add_links(kind):
    for name, n in ROUTERS.items():
        configure(
            name,
            "tunnel-link l-red vrf red",
            "local 192.0.2.{}".format(n),
            "remote 192.0.2.{}".format(3 - n),
            "encapsulation " + KINDS[kind][1].format(label=(100 + n, 103 - n)),
            "ipsec-profile GOLD",
        )
        vpn.wait_for(name + ": the device", lambda m=name: "l-red" in run(m, "ip -o link"))


def remove_links():
    for name in ROUTERS:
        configure(name, "no tunnel-link l-red vrf red")
    for name in ROUTERS:
        vpn.wait_for(name + ": no guard is left", lambda n=name: not guards(n) or vpn._fail(guards(n)))
        assert "l-red" not in run(name, "ip -o link")


def guards(name):
    "Block policies: (direction, protocol)."
    text = run(name, "ip xfrm policy")
    return sorted(re.findall(r"proto (\S+) \n\tdir (\S+) action block", text))


def capture():
    return vpn.Capture(gear("r1"), "r1-eth0")


def captured(wire, expression):
    return len(run("r1", "tcpdump -n -r {} {} 2>/dev/null".format(wire.path, expression)).splitlines())


def force_and_send(count):
    "As if IPsec were up, which it is not: the device up, a route, and packets."
    run("r1", "ip link set l-red up && ip route replace 10.2.0.0/24 vrf red dev l-red")
    if "ether" in run("r1", "ip link show dev l-red"):
        run("r1", "ip neighbor replace 10.2.0.1 lladdr 02:00:00:00:00:02 dev l-red")
    return vpn.ping(gear("r1"), "10.2.0.1", count, options="-I red", wait=1)


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_in_clear_without_charon(kind):
    "No charon has ever run.  The device is down; who forces it up sees that nothing leaves."
    protocol = KINDS[kind][0]
    add_links(kind)
    assert [direction for _, direction in guards("r1")] == ["in", "out"]
    assert "UP" not in run("r1", "ip link show dev l-red").split(">")[0]
    vpn.kill(gear("r1"), "vpnd")  # it would set the device down again
    wire = capture()
    assert force_and_send(20)[1] == 0
    assert captured(wire, "ip proto {}".format(protocol)) == 0
    # and that the capture would have seen them: without the guard they leave
    run("r1", "ip xfrm policy flush")
    assert force_and_send(5)[1] == 0
    vpn.wait_for("packets in clear", lambda: captured(wire, "ip proto {}".format(protocol)) >= 5)
    wire.stop()
    # vpnd comes back, sets the device down, and its guard
    vpn.restart(gear("r1"), "vpnd")
    vpn.wait_for("the guard is back", lambda: len(guards("r1")) == 2)
    vpn.wait_for("the device is down", lambda: "UP" not in run("r1", "ip link show dev l-red").split(">")[0])
    remove_links()


def test_what_comes_in_clear_is_dropped():
    "r2 has no guard and sends in clear; r1 takes none of it."
    add_links("gre")
    for name in ROUTERS:
        vpn.kill(gear(name), "vpnd")
        run(name, "ip link set l-red up")
    run("r2", "ip xfrm policy flush && ip route replace 10.1.0.0/24 vrf red dev l-red")
    wire = capture()
    assert vpn.ping(gear("r2"), "10.1.0.1", 10, options="-I red", wait=1)[1] == 0
    vpn.wait_for("packets in clear", lambda: captured(wire, "ip proto 47 and src 192.0.2.2") >= 10)
    assert "0 0" in run("r1", "ip -s link show dev l-red | awk '/RX:/ { getline; print $1, $2 }'")
    wire.stop()
    for name in ROUTERS:
        vpn.restart(gear(name), "vpnd")
        vpn.wait_for(name + ": vpnd knows the link", lambda n=name: link(n)["state"] != "up")
    remove_links()


def test_flushed_guard_comes_back():
    "Somebody flushes the kernel's policies under a vpnd that runs."
    add_links("gre")
    run("r1", "ip xfrm policy flush")
    vpn.wait_for("the guard is back", lambda: len(guards("r1")) == 2)
    remove_links()


def test_guard_is_shared_and_goes_with_the_last():
    add_links("gre")
    for name, n in ROUTERS.items():
        configure(
            name,
            "tunnel-link l-red2 vrf red",
            "local 192.0.2.{}".format(n),
            "remote 192.0.2.{}".format(3 - n),
            "encapsulation gre key 8",
            "ipsec-profile GOLD",
        )
        vpn.wait_for(name + ": the device", lambda m=name: "l-red2" in run(m, "ip -o link"))
        assert len(guards(name)) == 2
        configure(name, "no tunnel-link l-red2 vrf red")
        vpn.wait_for(name + ": the device has gone", lambda m=name: "l-red2" not in run(m, "ip -o link"))
        assert len(guards(name)) == 2
    remove_links()


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_in_clear_when_ipsec_goes(kind):
    "Traffic flows in ESP; the SAs are terminated, then charon is killed: not one packet in clear, in either direction."
    protocol = KINDS[kind][0]
    for name in ROUTERS:
        gear(name).net.start_charon()
    add_links(kind)
    for name, n in ROUTERS.items():
        vpn.wait_for(name + ": up", lambda m=name: link(m)["state"] == "up" or vpn._fail(link(m)), timeout=40)
        run(name, "ip route replace 10.{}.0.0/24 vrf red dev l-red".format(3 - n))
    vpn.wait_ping(gear("r1"), "10.2.0.1", options="-I red")
    wire = capture()
    flow = vpn.Flow(gear("r1"), "10.2.0.1", options="-I red")
    flow.wait_packets(50)
    for name in ROUTERS:
        gear(name).net.swanctl("--terminate --ike '*' --force || true")
    before = flow.now()[0]
    vpn.wait_for("packets that find no SA, or a new one", lambda: flow.now()[0] > before + 50)
    for name in ROUTERS:
        vpn.kill(gear(name), "charon")
    before = flow.now()[0]
    vpn.wait_for("packets after charon's end", lambda: flow.now()[0] > before + 50)
    flow.stop()
    wire.stop()
    assert captured(wire, "esp") > 100
    assert captured(wire, "ip proto {}".format(protocol)) == 0
    remove_links()
    for name in ROUTERS:
        run(name, "ip xfrm state flush; ip xfrm policy flush")
