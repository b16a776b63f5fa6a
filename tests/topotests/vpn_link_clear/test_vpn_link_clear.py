# SPDX-License-Identifier: GPL-2.0-or-later
"""
IPsec or none, for each VPN and each remote; BFD over links of either sort.

     r1 192.0.2.1 ═══ r2 192.0.2.2     blue: each kind that can be without IPsec; red: gre with IPsec, on 192.0.2.1N
              ╚══════ r3 192.0.2.3     red: gre without IPsec

All is in OSPF; r1 reaches the red networks of r2 over IPsec and of r3 in clear.
"""
import os
import sys

import pytest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), ".."))
# pylint: disable=C0413
import esp
import vpnlink
import vpntopo as vpn
from lib.topogen import Topogen, get_topogen

pytestmark = [pytest.mark.bfdd, pytest.mark.ospfd, pytest.mark.vpnd]
ROUTERS = {"r1": 1, "r2": 2, "r3": 3}
DPD = 60  # seconds: BFD is to be the one that sees it
CLEAR, SAFE, MPLS = "192.0.2.{}", "192.0.2.1{}", "192.0.2.2{}"  # MPLS in IP and IP in IP cannot share addresses

# name: vrf, the two ends, addresses, protection, encapsulation, IP protocol outside
LINKS = {
    "b-dst": ("blue", (1, 2), CLEAR, "no ipsec", "ipip-distinct", 4),
    "b-gre": ("blue", (1, 2), CLEAR, "no ipsec", "gre key 9", 47),
    "b-mpls": ("blue", (1, 2), MPLS, "no ipsec", "mpls-in-ip label {label} remote-label {remote_label}", 137),
    "b-l2tp": ("blue", (1, 2), CLEAR, "no ipsec", "l2tp tunnel-id 5 peer-tunnel-id 5 session-id 6 peer-session-id 6", 115),
    "r-safe": ("red", (1, 2), SAFE, "ipsec-profile GOLD", "gre key 9", 50),
    "r-far": ("red", (1, 3), CLEAR, "no ipsec", "gre key 9", 47),
}
BFD = ("b-gre", "r-safe")
LINK = """ tunnel-link {link} vrf {vrf}
  local {local}
  remote {remote}
  encapsulation {encapsulation}
  {protection}
  address {address}
 exit
"""
CONFIG = """
hostname {name}
interface {name}-eth0
{addresses}exit
vpn
 ipsec-profile GOLD
  authentication pre-shared-key only-for-the-test
  dead-peer-detection {dpd}
 exit
{links}exit
{ospf}{bfd}"""
OSPF = """router ospf vrf {vrf}
 ospf router-id 10.0.0.{n}
 network 10.0.0.0/8 area 0
exit
interface {vrf}0
 ip ospf passive
exit
"""


def address(link, n):
    return "10.{}.0.{}".format(11 + list(LINKS).index(link), n)


def of(n):
    "The links that a router has."
    return [link for link, (_, ends, *_) in LINKS.items() if n in ends]


def configured(name, n):
    links = ""
    for link in of(n):
        vrf, ends, pair, protection, encapsulation, _ = LINKS[link]
        other = ends[0] + ends[1] - n
        links += LINK.format(
            link=link,
            vrf=vrf,
            local=pair.format(n),
            remote=pair.format(other),
            protection=protection,
            encapsulation=encapsulation.format(label=100 + n, remote_label=100 + other),
            address=address(link, n) + "/24",
        )
    return CONFIG.format(
        name=name,
        addresses="".join(" ip address {}/24\n".format(pair.format(n)) for pair in (CLEAR, SAFE, MPLS)),
        dpd=DPD,
        links=links,
        ospf="".join(OSPF.format(vrf=vrf, n=n) for vrf in ("red", "blue")),
        bfd="".join("interface {}\n ip ospf bfd\nexit\n".format(link) for link in BFD if link in of(n)),
    )


def build(tgen):
    switch = tgen.add_switch("underlay")
    for name in ROUTERS:
        switch.add_link(tgen.add_router(name, cls=vpn.VpnRouter))


def setup_module(module):
    tgen = Topogen(build, module.__name__)
    tgen.start_topology()
    for name, n in ROUTERS.items():
        net = tgen.gears[name].net
        for table, vrf in enumerate(("red", "blue"), 101):
            vpn.dummy(net, vrf + "0")
            vpn.vrf(net, vrf, table, [vrf + "0"])
            net.cmd_raises("ip address add 10.{0}.{0}.1/24 dev {1}0".format(n, vrf))
        path = "/tmp/{}.conf".format(name)
        with open(path, "w", encoding="ascii") as file:
            file.write(configured(name, n))
        vpn.start_pe(tgen, name, daemons=("zebra", "ospfd", "bfdd", "vpnd"), config=path)


def teardown_module(_module):
    get_topogen().stop_topology()


def gear(name):
    return get_topogen().gears[name]


def ends(link):
    return ["r{}".format(n) for n in LINKS[link][1]]


def wait_full(link, timeout=60):
    for name in ends(link):
        vpn.wait_for(
            "{}: OSPF over {} is Full".format(name, link),
            lambda n=name: vpnlink.adjacencies(n, LINKS[link][0])[link].startswith("Full/")
            or vpn._fail(vpnlink.adjacencies(n, LINKS[link][0])),
            timeout,
        )


def test_links_are_up_and_ospf_is_full():
    "Whether with IPsec or not."
    for link in LINKS:
        for name in ends(link):
            vpnlink.wait_state(name, link, "up")
    for link in LINKS:
        wait_full(link)


def test_each_remote_is_reached_as_configured():
    "In one VPN, r2 over the link with IPsec and r3 over the one without."
    for network, link in (("10.2.2.0/24", "r-safe"), ("10.3.3.0/24", "r-far")):
        (hop,) = vpn.wait_route(gear("r1"), "red", network)[0]["nexthops"]
        assert hop["interfaceName"] == link
    vpn.wait_ping(gear("r1"), "10.2.2.1", "-I red")
    vpn.wait_ping(gear("r1"), "10.3.3.1", "-I red")


def test_what_is_clear_and_what_is_not():
    "On the wire: each link's packets in its own format, as many as were sent, and what has IPsec in ESP only."
    r1 = gear("r1")
    sizes = {link: 200 + 10 * number for number, link in enumerate(LINKS)}
    capture = vpn.Capture(r1, "r1-eth0")
    for count, link in enumerate(LINKS, 10):
        n = LINKS[link][1][1]
        options = "-I {} -s {}".format(link, sizes[link])
        assert vpn.ping(r1, address(link, n), count, interval=0.01, options=options) == (count, count), link
    for count, link in enumerate(LINKS, 10):
        if LINKS[link][5] != 50:
            vpn.wait_for(
                "{}: {} requests and replies in clear".format(link, count),
                lambda k=link, c=count: echoes(capture, sizes[k], LINKS[k][5]) == 2 * c
                or vpn._fail(echoes(capture, sizes[k], LINKS[k][5])),
            )
    capture.stop()
    assert echoes(capture, sizes["r-safe"]) == 0
    safe = {SAFE.format(n) for n in (1, 2)}
    for packet in esp.packets(capture):
        outer = {".".join(map(str, packet[at : at + 4])) for at in (12, 16)}
        if outer == safe:
            assert packet[9] == 50 or (packet[9] == 17 and packet[20:22] in (b"\x01\xf4", b"\x11\x94")), packet.hex()


def echoes(capture, size, protocol=None):
    "Packets in which an ICMP echo of this size can be read, of this outer protocol or of any."
    inner = (20 + 8 + size).to_bytes(2, "big")
    found = 0
    for packet in esp.packets(capture):
        at = packet.find(b"\x45\x00" + inner, 20)
        if at > 0 and packet[at + 9] == 1 and protocol in (None, packet[9]):
            found += 1
    return found


def bfd_up(name, vrf, peer):
    peers = vpn.show(gear(name), "show bfd vrf {} peers".format(vrf))
    return [entry for entry in peers if entry["peer"] == peer and entry["status"] == "up"]


def cut(link, how):
    "The underlay swallows what the link sends, at both ends: add or delete the rule."
    for name in ends(link):
        pair = LINKS[link][2]
        n = next(n for n in LINKS[link][1] if "r{}".format(n) != name)
        rule = 'table ip cut {{ chain raw {{ type filter hook prerouting priority raw; iifname "{0}-eth0" ip saddr {1} ip protocol {2} drop; }}; }}'
        if how == "add":
            gear(name).net.cmd_raises("nft -f -", stdin=rule.format(name, pair.format(n), LINKS[link][5]))
        else:
            gear(name).net.cmd_raises("nft delete table ip cut")


@pytest.mark.parametrize("link", BFD)
def test_bfd_sees_a_silent_break(link):
    "The path swallows packets, and nobody says so: the adjacency falls long before OSPF or IPsec would notice."
    vrf, numbers = LINKS[link][0], LINKS[link][1]
    for name in ends(link):
        peer = address(link, next(n for n in numbers if "r{}".format(n) != name))
        vpn.wait_for("{}: BFD with {}".format(name, peer), lambda n=name, p=peer: bfd_up(n, vrf, p))
    cut(link, "add")
    for name in ends(link):
        # OSPF's dead interval is 40 s, dead peer detection 60 s
        vpn.wait_for(
            "{}: no adjacency over {}".format(name, link),
            lambda n=name: not vpnlink.adjacencies(n, vrf).get(link, "").startswith("Full/"),
            timeout=15,
        )
        assert vpnlink.state(name, link)["state"] == "up"
    cut(link, "delete")
    wait_full(link)


def test_one_remote_loses_its_ipsec():
    "Protection is changed for one remote: the link comes up in clear when both have said so; the other VPN has not noticed."
    since = {link: vpnlink.state("r1", link)["since"] for link in ("b-gre", "r-far")}
    for name in ("r1", "r2"):
        vpn.vtysh(gear(name), "configure terminal", "vpn", "tunnel-link r-safe vrf red", "no ipsec")
    for name in ("r1", "r2"):
        vpnlink.wait_state(name, "r-safe", "up")
        vpn.wait_for(name + ": no SA is left", lambda n=name: not gear(n).net.cmd_raises("ip xfrm state").strip())
        assert "\tdir " not in gear(name).net.cmd_raises("ip xfrm policy")  # IKE's sockets have their own
    wait_full("r-safe")
    assert vpn.ping(gear("r1"), address("r-safe", 2), 10, options="-I r-safe") == (10, 10)
    assert since == {link: vpnlink.state("r1", link)["since"] for link in since}
