# SPDX-License-Identifier: GPL-2.0-or-later
"""
Devices of tunnel links without IPsec: made, counted, kept over a crash of vpnd, changed, removed.

     red 10.1.0.1 ─┐    ┌── l-red  ──┐    ┌─ red 10.2.0.1
                   r1 ──┤            ├── r2                  outside: 192.0.2.1, 192.0.2.2,
    blue 10.1.0.1 ─┘    └── l-blue ──┘    └─ blue 10.2.0.1   2001:db8::1, 2001:db8::2

Both VRFs use the same addresses.  Each kind is tried over IPv4 and IPv6, with a link in each VRF between the same two
systems; of ipip-distinct, which has nothing to tell links apart but addresses, red goes over IPv4 and blue over IPv6.
What the packets are outside is read off the wire.
"""
import base64
import ipaddress
import os
import re
import struct
import sys

import pytest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), ".."))
# pylint: disable=C0413
import vpntopo as vpn
from lib.topogen import Topogen, get_topogen

pytestmark = [pytest.mark.vpnd]

VRFS = {"red": 1, "blue": 2}
ROUTERS = {"r1": 1, "r2": 2}
OUTSIDE = {4: "192.0.2.{}", 6: "2001:db8::{}"}
PINGS = {"red": 5, "blue": 7}
LINKS = [(name, vrf) for name in ROUTERS for vrf in VRFS]

CONFIG = """
hostname {name}
vpn
exit
interface {name}-eth0
 ip address 192.0.2.{n}/24
 ipv6 address 2001:db8::{n}/64
"""


def gre(n, vrf):
    return "gre key {}".format(VRFS[vrf])


def mpls(n, vrf):
    label, other = 100 * VRFS[vrf] + n, 100 * VRFS[vrf] + 3 - n
    return "mpls-in-ip label {} remote-label {}".format(label, other)


def l2tp(n, vrf):
    "Both sessions in one tunnel; a cookie in each direction, of 4 octets to r1 and of 8 to r2."
    cookies = ["0a0b0c0d", "1122334455667788"]
    text = "l2tp tunnel-id {0} peer-tunnel-id {1} session-id {2} peer-session-id {3} cookie {4} peer-cookie {5}"
    session = 1000 * VRFS[vrf]
    return text.format(10 + n, 13 - n, session + n, session + 3 - n, cookies[n - 1], cookies[2 - n])


def ipip(n, vrf):
    return "ipip-distinct"


# name: encapsulation, outer IP version of the link in each VRF
KINDS = {
    "ipip": (ipip, {"red": 4, "blue": 6}),
    "gre": (gre, {"red": 4, "blue": 4}),
    "gre-in-ipv6": (gre, {"red": 6, "blue": 6}),
    "mpls": (mpls, {"red": 4, "blue": 4}),
    "mpls-in-ipv6": (mpls, {"red": 6, "blue": 6}),
    "l2tp": (l2tp, {"red": 4, "blue": 4}),
    "l2tp-in-ipv6": (l2tp, {"red": 6, "blue": 6}),
}


def headers(kind, vrf, n):
    "What stands between outer IP header and inner packet when r<n> sends: protocol, octets; L2TP up to the frame."
    other = 3 - n
    if kind.startswith("ipip"):
        return {0x4: 4, 0x6: 41}, b""
    if kind.startswith("gre"):
        return {0x4: 47, 0x6: 47}, struct.pack("!HHI", 0x2000, 0x0800, VRFS[vrf])
    if kind.startswith("mpls"):
        return {0x4: 137, 0x6: 137}, struct.pack("!I", (100 * VRFS[vrf] + other) << 12 | 0x100 | 64)
    cookie = bytes.fromhex("1122334455667788" if n == 1 else "0a0b0c0d")
    return {0x4: 115, 0x6: 115}, struct.pack("!I", 1000 * VRFS[vrf] + other) + cookie


def build(tgen):
    switch = tgen.add_switch("underlay")
    for name in ROUTERS:
        switch.add_link(tgen.add_router(name, cls=vpn.VpnRouter))


def setup_module(module):
    tgen = Topogen(build, module.__name__)
    tgen.start_topology()
    for name, n in ROUTERS.items():
        net = tgen.gears[name].net
        for vrf, number in VRFS.items():
            vpn.dummy(net, vrf + "0")
            vpn.vrf(net, vrf, 100 + number, [vrf + "0"])
            net.cmd_raises("ip address add 10.{}.0.1/24 dev {}0".format(n, vrf))
        # a ping of 224.0.0.1 is answered, as an OSPF router answers Hellos
        net.cmd_raises("sysctl -qw net.ipv4.icmp_echo_ignore_broadcasts=0")
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


def add_links(kind):
    encapsulation, versions = KINDS[kind]
    for name, n in ROUTERS.items():
        lines = []
        for vrf in VRFS:
            outside = OUTSIDE[versions[vrf]]
            lines += [
                "tunnel-link l-{0} vrf {0}".format(vrf),
                "local " + outside.format(n),
                "remote " + outside.format(3 - n),
                "encapsulation " + encapsulation(n, vrf),
                "no ipsec",
                "exit",
            ]
        configure(name, *lines)


def link(name, vrf):
    return vpn.show(gear(name), "show vpn tunnel-link")["tunnelLinks"]["l-" + vrf]


def wait_up():
    for name, n in ROUTERS.items():
        for vrf in VRFS:
            vpn.wait_for(
                "{}: l-{} is up".format(name, vrf),
                lambda n=name, v=vrf: link(n, v)["state"] == "up" or vpn._fail(link(n, v)),
            )
            run(name, "ip route replace 10.{}.0.0/24 vrf {} dev l-{}".format(3 - n, vrf, vrf))


def index(name, vrf):
    return int(run(name, "ip -o link show dev l-{}".format(vrf)).split(":")[0])


def ping(vrf, target, count, options=""):
    return vpn.ping(gear("r1"), target, count, options="-I {} {}".format(vrf, options))


def left_over(name):
    "Interfaces, tunnels and policies that links make."
    return (
        re.findall(r"\b(?:l-red|l-blue|vpnm\d+)\b", run(name, "ip -o link"))
        + run(name, "ip l2tp show tunnel").split()
        + run(name, "ip xfrm policy").split()
    )


def remove_links():
    for name in ROUTERS:
        configure(name, *("no tunnel-link l-{0} vrf {0}".format(vrf) for vrf in VRFS))
    for name in ROUTERS:
        vpn.wait_for(name + ": nothing is left", lambda n=name: not left_over(n) or vpn._fail(left_over(n)))


class Wire:
    "What is on the underlay, at r1, between the two systems: (sender, protocol, what follows the outer header)."

    def __init__(self):
        self.capture = vpn.Capture(gear("r1"), "r1-eth0")

    def packets(self):
        return list(self.parse(base64.b64decode(run("r1", "base64 -w0 " + self.capture.path))))

    @staticmethod
    def parse(data):
        offset = 24
        while offset + 16 <= len(data):
            size = struct.unpack_from("<I", data, offset + 8)[0]
            frame = data[offset + 16 : offset + 16 + size]
            offset += 16 + size
            kind, packet = struct.unpack_from("!H", frame, 12)[0], frame[14:]
            if kind == 0x0800:
                length = struct.unpack_from("!H", packet, 2)[0]
                yield str(ipaddress.ip_address(packet[12:16])), packet[9], packet[8], packet[20:length]
            elif kind == 0x86DD:
                length = struct.unpack_from("!H", packet, 4)[0]
                yield str(ipaddress.ip_address(packet[8:24])), packet[6], packet[7], packet[40 : 40 + length]

    def of_link(self, kind, vrf, n):
        "Inner packets that r<n> sent over this link, with the outer hop limit."
        protocols, header = headers(kind, vrf, n)
        source = OUTSIDE[KINDS[kind][1][vrf]].format(n)
        for sender, protocol, hops, rest in self.packets():
            if sender != source or protocol not in protocols.values():
                continue
            if kind.startswith("gre") and rest[2:4] == b"\x86\xdd":
                rest = rest[:2] + b"\x08\x00" + rest[4:]
            if not rest.startswith(header):
                continue
            inner = rest[len(header) :]
            if kind.startswith("l2tp"):
                if inner[12:14] not in (b"\x08\x00", b"\x86\xdd"):
                    yield hops, None  # ARP
                    continue
                inner = inner[14:]
            version = inner[0] >> 4
            assert version in protocols and protocols[version] == protocol, (protocol, inner[:4])
            yield hops, inner

    def count(self, kind, vrf, name):
        "Inner packets and their octets that were sent; an ARP packet of L2TP has 28 octets."
        inner = [packet for _, packet in self.of_link(kind, vrf, ROUTERS[name])]
        return len(inner), sum(28 if packet is None else len(packet) for packet in inner)

    def echoes(self, kind, vrf, n, size):
        "How many ICMP echo requests of this length r<n> sent to 10.x over this link."
        return len([p for _, p in self.of_link(kind, vrf, n) if p and p[0] == 0x45 and p[9] == 1 and p[20] == 8 and len(p) == size])

    def stop(self):
        self.capture.stop()


@pytest.mark.parametrize("kind", KINDS)
def test_kind(kind):
    "One kind after the other, from nothing to nothing."
    for name in ROUTERS:
        assert left_over(name) == []
    wire = Wire()
    add_links(kind)
    wait_up()
    for vrf in VRFS:
        vpn.wait_for("{}: the link carries".format(vrf), lambda v=vrf: ping(v, "10.2.0.1", 1)[1] == 1)
    check_exact(kind, wire)
    check_multicast()
    wire.stop()
    if set(KINDS[kind][1].values()) != {6}:  # the kernel's requests are the same in IPv6
        check_crash()
        check_changes()
    remove_links()


def check_exact(kind, wire):
    "Each link carries its own packets, as many as were sent, in the format of its kind; vpnd counts what is on the wire."
    lost = {key: settled(lambda k=key: missed(wire, kind, *k)) for key in LINKS}
    for vrf, count in PINGS.items():
        assert ping(vrf, "10.2.0.1", count, "-s 200") == (count, count)
    for vrf, count in PINGS.items():
        vpn.wait_for(
            "{}: {} packets on the wire".format(vrf, count),
            lambda v=vrf, c=count: wire.echoes(kind, v, 1, 228) == c or vpn._fail(wire.echoes(kind, v, 1, 228)),
        )
        assert {hops for hops, _ in wire.of_link(kind, vrf, 1)} == {64}
    for name, vrf in LINKS:
        vpn.wait_for(
            "{}: l-{} counts what is sent".format(name, vrf),
            lambda n=name, v=vrf: sent(n, v) == wire.count(kind, v, n) or vpn._fail((sent(n, v), wire.count(kind, v, n))),
        )
        vpn.wait_for(
            "{}: l-{} counts what is received".format(name, vrf),
            lambda n=name, v=vrf: missed(wire, kind, n, v) == lost[n, v] or vpn._fail((missed(wire, kind, n, v), lost[n, v])),
        )


def sent(name, vrf):
    state = link(name, vrf)
    return state["packetsOut"], state["bytesOut"]


def missed(wire, kind, name, vrf):
    "What was sent to this system before its end of the link was there: packets, octets."
    state, on_wire = link(name, vrf), wire.count(kind, vrf, "r2" if name == "r1" else "r1")
    return on_wire[0] - state["packetsIn"], on_wire[1] - state["bytesIn"]


def settled(probe):
    "The value of two numbers that are in step once nothing is on its way."
    seen = []

    def same():
        seen.append(probe())
        return len(seen) > 1 and seen[-1] == seen[-2]

    vpn.wait_for("packets that are on their way arrive", same)
    return seen[-1]


def check_multicast():
    "Link-local multicast passes in both directions and arrives on the link's own interface."
    for vrf in VRFS:
        output = run("r1", "ping -n -c 1 -W 2 -t 1 -I l-{} 224.0.0.1".format(vrf))
        assert "64 bytes from 10.2.0.1" in output, output
        own = re.search(r"inet6 (fe80::\S+)/64", run("r1", "ip -6 address show dev l-{} scope link".format(vrf))).group(1)
        other = re.search(r"inet6 (fe80::\S+)/64", run("r2", "ip -6 address show dev l-{} scope link".format(vrf))).group(1)
        output = run("r1", "ping -n -c 2 -i 0.2 -W 2 -I l-{0} ff02::1%l-{0}".format(vrf))
        answered = set(re.findall(r"from (fe80::[0-9a-f:]+)%", output))
        assert other in answered and answered <= {own, other}, output


def check_crash():
    "vpnd is killed and comes back: not one packet is lost, and the interfaces are the same."
    before = {(name, vrf): index(name, vrf) for name in ROUTERS for vrf in VRFS}
    flow = vpn.Flow(gear("r1"), "10.2.0.1", options="-I blue")
    flow.wait_packets(10)
    vpn.kill(gear("r1"), "vpnd")
    vpn.restart(gear("r1"), "vpnd")
    for vrf in VRFS:
        vpn.wait_for(vrf + ": adopted", lambda v=vrf: link("r1", v)["state"] == "up" or vpn._fail(link("r1", v)))
    flow.wait_packets(10)
    sent, received = flow.stop()
    assert sent == received
    assert before == {(name, vrf): index(name, vrf) for name in ROUTERS for vrf in VRFS}


def check_changes():
    "MTU and address are changed in place; what the link is made of needs a new one."
    before = index("r1", "red")
    configure("r1", "tunnel-link l-red vrf red", "mtu 1300", "address 172.16.0.1/32 peer 172.16.0.2")
    vpn.wait_for("the MTU", lambda: "mtu 1300" in run("r1", "ip link show dev l-red"))
    vpn.wait_for("the address", lambda: "172.16.0.1 peer 172.16.0.2/32" in run("r1", "ip address show dev l-red"))
    assert "10.1.0.1" not in run("r1", "ip address show dev l-red")
    assert index("r1", "red") == before
    run("r1", "ip address add 172.17.0.1/32 dev l-red")  # somebody else's
    configure("r1", "tunnel-link l-red vrf red", "no mtu", "no address 172.16.0.1/32", "address 172.16.0.3/32")
    vpn.wait_for("the address", lambda: "172.16.0.3/32" in run("r1", "ip address show dev l-red"))
    assert "172.16.0.1" not in run("r1", "ip address show dev l-red")
    assert "172.17.0.1" in run("r1", "ip address show dev l-red")
    assert index("r1", "red") == before
    run("r1", "ip address del 172.16.0.3/32 dev l-red")
    vpn.wait_for("the address is back", lambda: "172.16.0.3/32" in run("r1", "ip address show dev l-red"))
    run("r1", "ip link set l-red down")
    vpn.wait_for("it is up again", lambda: "UP" in run("r1", "ip link show dev l-red").split(">")[0].split(","))
    run("r1", "ip link set l-red nomaster")
    vpn.wait_for("it is in its VRF again", lambda: "master red" in run("r1", "ip link show dev l-red"))
    assert index("r1", "red") == before


def test_link_that_differs_is_made_anew():
    "Another key is another device; traffic passes again when both ends have it."
    add_links("gre")
    wait_up()
    vpn.wait_for("the link carries", lambda: ping("red", "10.2.0.1", 1)[1] == 1)
    before = index("r1", "red")
    for name in ROUTERS:
        configure(name, "tunnel-link l-red vrf red", "encapsulation gre key 77")
        vpn.wait_for(name + ": the key", lambda n=name: "77" in run(n, "ip -d link show dev l-red").split("key", 1)[-1])
    assert index("r1", "red") != before
    wait_up()
    vpn.wait_for("the link carries", lambda: ping("red", "10.2.0.1", 1)[1] == 1)
    remove_links()


def test_interface_of_somebody_else_is_left_alone():
    "One that has the link's name is the link's reason; when it has gone, the link comes up."
    vpn.dummy(gear("r1").net, "l-red")
    before = run("r1", "ip -o -d link show dev l-red")
    add_links("gre")
    reason = vpn.wait_for("a reason", lambda: link("r1", "red").get("reason"))
    assert "not vpnd's" in reason, reason
    assert run("r1", "ip -o -d link show dev l-red") == before
    assert link("r1", "blue")["state"] == "up" or vpn.wait_for("blue", lambda: link("r1", "blue")["state"] == "up")
    run("r1", "ip link del l-red")
    wait_up()
    vpn.wait_for("the link carries", lambda: ping("red", "10.2.0.1", 1)[1] == 1)
    remove_links()


def test_device_that_somebody_removes_comes_back():
    add_links("mpls")
    wait_up()
    run("r1", "ip link del l-red")
    vpn.wait_for("it is back", lambda: index("r1", "red"))
    run("r1", "ip link del vpnm1")  # what carries both
    vpn.wait_for("it is back", lambda: "vpnm1" in run("r1", "ip -o link"))
    wait_up()
    for vrf in VRFS:
        vpn.wait_for("{}: the link carries".format(vrf), lambda v=vrf: ping(v, "10.2.0.1", 1)[1] == 1)
    remove_links()
