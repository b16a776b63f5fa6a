# SPDX-License-Identifier: GPL-2.0-or-later
"""
Guards: what is to be protected by IPsec never passes in clear, whoever is dead.

     red 10.1.0.1 ── r1 ═══ l-gre, l-mpls, l-l2tp, with an IPsec profile ═══ r2 ── red 10.2.0.1

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
# name: IP protocol, third octet of the addresses that are reached over it, encapsulation
KINDS = {
    "gre": (47, 11, "gre key 7"),
    "mpls": (137, 12, "mpls-in-ip label {label[0]} remote-label {label[1]}"),
    "l2tp": (115, 13, "l2tp tunnel-id {label[0]} peer-tunnel-id {label[1]} session-id {label[0]} peer-session-id {label[1]}"),
}
HOLD = 5  # seconds of dead-peer detection: so long a link that a new vpnd finds up is held
IN_CLEAR = "(" + " or ".join("ip proto {}".format(protocol) for protocol, _, _ in KINDS.values()) + ")"
CONFIG = """
hostname {name}
vpn
 ipsec-profile GOLD
  authentication pre-shared-key only-for-the-test
  dead-peer-detection {hold}
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
        for _, octet, _ in KINDS.values():
            net.cmd_raises("ip address add 10.{}.{}.1/24 dev red0".format(n, octet))
        path = "/tmp/{}.conf".format(name)
        with open(path, "w", encoding="ascii") as config:
            config.write(CONFIG.format(name=name, n=n, hold=HOLD))
        vpn.start_pe(tgen, name, daemons=("zebra", "vpnd"), config=path, charon=False)


def teardown_module(_module):
    get_topogen().stop_topology()


def gear(name):
    return get_topogen().gears[name]


def run(name, command):
    return gear(name).net.cmd_raises(command)


def configure(name, *lines):
    vpn.vtysh(gear(name), "configure terminal", "vpn", *lines)


def link(name, kind):
    return vpn.show(gear(name), "show vpn tunnel-link")["tunnelLinks"]["l-" + kind]


def lines_of(kind, n, ifname=None):
    return (
        "tunnel-link {} vrf red".format(ifname or "l-" + kind),
        "local 192.0.2.{}".format(n),
        "remote 192.0.2.{}".format(3 - n),
        "encapsulation " + KINDS[kind][2].format(label=(100 + n, 103 - n)),
        "ipsec-profile GOLD",
        "exit",
    )


def add_links(*kinds):
    for name, n in ROUTERS.items():
        configure(name, *(line for kind in kinds for line in lines_of(kind, n)))
        for kind in kinds:
            vpn.wait_for("{}: the device l-{}".format(name, kind), lambda m=name, k=kind: "l-" + k in run(m, "ip -o link"))


def remove_links(*kinds):
    for name in ROUTERS:
        configure(name, *("no tunnel-link l-{} vrf red".format(kind) for kind in kinds))
    for name in ROUTERS:
        vpn.wait_for(name + ": no guard is left", lambda n=name: not guards(n) or vpn._fail(guards(n)))
        assert "l-" not in run(name, "ip -br link | cut -d' ' -f1")


def guards(name):
    "Block policies: (protocol, direction)."
    text = run(name, "ip xfrm policy")
    return sorted(re.findall(r"proto (\S+) \n\tdir (\S+) action block", text))


def capture():
    return vpn.Capture(gear("r1"), "r1-eth0")


def captured(wire, expression):
    return len(run("r1", "tcpdump -n -r {} '{}' 2>/dev/null".format(wire.path, expression)).splitlines())


def route(name, kind):
    run(name, "ip route replace 10.{}.{}.0/24 vrf red dev l-{}".format(3 - ROUTERS[name], KINDS[kind][1], kind))


def over(kind):
    "Where a ping goes over the link of this kind, and its options."
    return "10.2.{}.1".format(KINDS[kind][1]), "-I red -I 10.1.{}.1".format(KINDS[kind][1])


def force_and_send(kind, count):
    "As if IPsec were up, which it is not: the device up, a route, and packets."
    run("r1", "ip link set l-{} up".format(kind))
    route("r1", kind)
    target, options = over(kind)
    if kind == "l2tp":
        run("r1", "ip neighbor replace {} lladdr 02:00:00:00:00:02 dev l-l2tp".format(target))
    return vpn.ping(gear("r1"), target, count, interval=0.01, options=options, wait=1)


def test_nothing_in_clear_without_charon():
    "No charon has ever run.  The devices are down; who forces them up sees that nothing leaves."
    add_links(*KINDS)
    assert [direction for _, direction in guards("r1")] == ["in", "out"] * len(KINDS)
    for kind in KINDS:
        assert "UP" not in flags("r1", kind)
    vpn.kill(gear("r1"), "vpnd")  # it would set the devices down again
    wire = capture()
    for kind in KINDS:
        assert force_and_send(kind, 20)[1] == 0
    assert captured(wire, IN_CLEAR) == 0
    # and that the capture would have seen them: without the guard they leave
    run("r1", "ip xfrm policy flush")
    for kind, (protocol, _, _) in KINDS.items():
        assert force_and_send(kind, 5)[1] == 0
        vpn.wait_for(kind + " in clear", lambda p=protocol: captured(wire, "ip proto {}".format(p)) >= 5)
    wire.stop()
    # vpnd comes back; it puts up the guards at once, and sets the devices down when nobody says that there are SAs
    vpn.restart(gear("r1"), "vpnd")
    vpn.wait_for("the guards are back", lambda: len(guards("r1")) == 2 * len(KINDS))
    for kind in KINDS:
        vpn.wait_for("l-{} is down".format(kind), lambda k=kind: "UP" not in flags("r1", k))
    remove_links(*KINDS)


def flags(name, kind):
    return run(name, "ip -o link show dev l-{}".format(kind)).split("<")[1].split(">")[0].split(",")


def test_what_comes_in_clear_is_dropped():
    "r2 has no guard and sends in clear; r1 takes none of it."
    add_links("gre")
    for name in ROUTERS:
        vpn.kill(gear(name), "vpnd")
        run(name, "ip link set l-gre up")
    run("r2", "ip xfrm policy flush")
    route("r2", "gre")
    wire = capture()
    assert vpn.ping(gear("r2"), "10.1.11.1", 10, options="-I red -I 10.2.11.1", wait=1)[1] == 0
    vpn.wait_for("packets in clear", lambda: captured(wire, "ip proto 47 and src 192.0.2.2") >= 10)
    assert "0 0" in run("r1", "ip -s link show dev l-gre | awk \"/RX:/ { getline; print \\$1, \\$2 }\"")
    wire.stop()
    for name in ROUTERS:
        vpn.restart(gear(name), "vpnd")
        vpn.wait_for(name + ": vpnd knows the link", lambda n=name: link(n, "gre")["state"] != "up")
    remove_links("gre")


def test_flushed_guard_comes_back():
    "Somebody flushes the kernel's policies under a vpnd that runs."
    add_links("gre")
    run("r1", "ip xfrm policy flush")
    vpn.wait_for("the guard is back", lambda: len(guards("r1")) == 2)
    remove_links("gre")


def test_guard_is_shared_and_goes_with_the_last():
    add_links("gre")
    for name, n in ROUTERS.items():
        second = [line.replace("key 7", "key 8") for line in lines_of("gre", n, "l-gre2")]
        configure(name, *second)
        vpn.wait_for(name + ": the device", lambda m=name: "l-gre2" in run(m, "ip -o link"))
        assert len(guards(name)) == 2
        configure(name, "no tunnel-link l-gre2 vrf red")
        vpn.wait_for(name + ": the device has gone", lambda m=name: "l-gre2" not in run(m, "ip -o link"))
        assert len(guards(name)) == 2
    remove_links("gre")


def test_nothing_in_clear_when_ipsec_goes():
    "Traffic flows in ESP; the SAs are terminated, then charon is killed: not one packet in clear, in either direction."
    for name in ROUTERS:
        gear(name).net.start_charon()
    add_links(*KINDS)
    for name in ROUTERS:
        for kind in KINDS:
            vpn.wait_for("{}: {} up".format(name, kind), lambda m=name, k=kind: link(m, k)["state"] == "up" or vpn._fail(link(m, k)))
            route(name, kind)
    for kind in KINDS:
        target, options = over(kind)
        vpn.wait_ping(gear("r1"), target, options=options)
    wire = capture()
    flows = [
        vpn.Background(gear("r1"), "flow-" + kind, "ping -n -q -i 0.02 {1} {0}".format(*over(kind))) for kind in KINDS
    ]
    more_echoes(60 * len(KINDS), "InEchoReps")
    for name in ROUTERS:
        gear(name).net.swanctl("--terminate --ike '*' --force || true")
    more_echoes(60 * len(KINDS), "OutEchos")  # that find no SA, or a new one
    for name in ROUTERS:
        vpn.kill(gear(name), "charon")
    more_echoes(60 * len(KINDS), "OutEchos")
    for flow in flows:
        flow.end("INT")
    wire.stop()
    assert captured(wire, "esp") > 100 * len(KINDS)
    assert captured(wire, IN_CLEAR) == 0
    remove_links(*KINDS)
    for name in ROUTERS:
        run(name, "ip xfrm state flush; ip xfrm policy flush")


def more_echoes(count, counter):
    goal = vpn.snmp(gear("r1"), "Icmp", counter) + count
    vpn.wait_for("{} more of {}".format(count, counter), lambda: vpn.snmp(gear("r1"), "Icmp", counter) >= goal)
