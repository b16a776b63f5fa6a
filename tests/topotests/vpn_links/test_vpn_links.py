# SPDX-License-Identifier: GPL-2.0-or-later
"""
Each kind of tunnel link, in two VPNs with the same addresses, between the same two systems, all at once.

     red  10.1.0.1 ─┐ ═══ r-KIND, 10.N.0.1/30 ═══ 10.N.0.2 ─┌─ 10.2.0.1 red
                    r1 192.0.2.1 ──────────── 192.0.2.2 r2
     blue 10.1.0.1 ─┘ ═══ b-KIND, 10.N.0.1/30 ═══ 10.N.0.2 ─└─ 10.2.0.1 blue

Twelve links: every kind in red and in blue. What is sent on one arrives on its other end and nowhere else, to the
packet; opened with the kernel's keys, the outer format is as it should be, to the octet; OSPF is Full over each.
"""
import re
import struct
import time

import pytest

import esp
import vpnlink
import vpntopo as vpn
from lib.topogen import get_topogen

pytestmark = [pytest.mark.ospfd, pytest.mark.vpnd]

VPNS = {"red": ("r", "00a0c9:00000001", 1), "blue": ("b", "00a0c9:00000002", 2)}
KINDS = {"tun": 11, "shr": 12, "dst": 13, "gre": 14, "mpls": 15, "l2tp": 16}
COUNT = 20
# a second address pair, which tells blue's ipip-distinct from red's
SECOND = {"r1": "192.0.2.11", "r2": "192.0.2.12"}


def name(kind, vrf):
    return "{}-{}".format(VPNS[vrf][0], kind)


def encapsulation(router, kind, vrf):
    "The line of the configuration; labels and L2TP's ids are each end's own."
    number = VPNS[vrf][2]
    mine, its = (1, 2) if router == "r1" else (2, 1)
    return {
        "tun": "ipsec-tunnel",
        "shr": "ipip-shared",
        "dst": "ipip-distinct",
        "gre": "gre key {}".format(100 + number),
        "mpls": "mpls-in-ip label {} remote-label {}".format(100 * mine + number, 100 * its + number),
        "l2tp": "l2tp tunnel-id {0} peer-tunnel-id {1} session-id {0}{2} peer-session-id {1}{2}".format(
            mine, its, number
        ),
    }[kind]


def configured(router):
    text = vpnlink.head(router)
    for vrf, (_, vpn_id, _) in VPNS.items():
        for kind, network in KINDS.items():
            lines = ["address 10.{}.0.{}/30".format(network, router[1:])]
            if kind in ("tun", "shr"):
                lines.append("vpn-id " + vpn_id)
            addresses = SECOND if kind == "dst" and vrf == "blue" else vpnlink.ADDRESSES
            text += vpnlink.link(
                router, name(kind, vrf), vrf, encapsulation(router, kind, vrf), *lines, addresses=addresses
            )
    return text + "exit\ninterface {}-eth0\n ip address {}/24\nexit\n".format(router, SECOND[router])


def setup_module(module):
    vpnlink.start(module.__name__, configured, vrfs=VPNS)


def teardown_module(_module):
    get_topogen().stop_topology()


def every():
    return [(kind, vrf) for vrf in VPNS for kind in KINDS]


def test_all_links_come_up():
    "Twelve links, both ends, each with an MTU that its encapsulation leaves."
    vpnlink.wait_up(*(name(kind, vrf) for kind, vrf in every()))
    # 1500 - 20 IP - 8 ESP - 8 IV - 16 ICV = 1448: with 2 octets of trailer 1446 are left, then the encapsulation
    left = {"tun": 1446, "shr": 1446, "dst": 1446, "gre": 1438, "mpls": 1442, "l2tp": 1428}
    for kind, vrf in every():
        link = name(kind, vrf)
        assert vpnlink.state("r1", link)["mtu"] == left[kind], link
        assert "mtu {} ".format(left[kind]) in vpnlink.gear("r1").net.cmd_raises("ip link show " + link)


def counted(router):
    "Echo requests that came in on each link, and replies, as nftables counted them."
    said = vpnlink.gear(router).net.cmd_raises("nft list table inet count")
    return {line.split('"')[1]: int(line.split("packets ")[1].split()[0]) for line in said.splitlines() if "iifname" in line}


def test_what_is_sent_on_a_link_arrives_on_its_other_end_only():
    "Echo requests, one more on each link than on the one before: every count is its own."
    for router in ("r1", "r2"):
        icmp = "echo-request" if router == "r2" else "echo-reply"
        rules = "".join(
            'add rule inet count in iifname "{}" icmp type {} counter\n'.format(name(kind, vrf), icmp)
            for kind, vrf in every()
        )
        vpnlink.gear(router).net.cmd_raises(
            "nft -f -",
            stdin="add table inet count\nadd chain inet count in {{ type filter hook prerouting priority 0; }}\n{}".format(
                rules
            ).replace("{{", "{").replace("}}", "}"),
        )
    sent = {}
    for count, (kind, vrf) in enumerate(every(), COUNT):
        link = name(kind, vrf)
        sent[link] = count
        result = vpn.ping(
            vpnlink.gear("r1"), "10.{}.0.2".format(KINDS[kind]), count, interval=0.01, options="-I " + link
        )
        assert result == (count, count), link
    assert counted("r2") == sent
    assert counted("r1") == sent
    for link, count in sent.items():
        for router in ("r1", "r2"):
            state = vpnlink.state(router, link)
            assert state["packetsIn"] >= count and state["packetsOut"] >= count, state


# next header of ESP, octets between it and the inner packet, as r1 sends them
def format_of(kind, vrf, sent):
    number = VPNS[vrf][2]
    if kind == "gre":
        return 47, struct.pack(">HHI", 0x2000, 0x0800, 100 + number)
    if kind == "mpls":
        return 137, struct.pack(">I", (200 + number) << 12 | 1 << 8 | sent[3])  # label, bottom of stack, TTL
    if kind == "l2tp":
        return 115, struct.pack(">I", 20 + number) + sent[4:16] + b"\x08\x00"  # session, Ethernet
    return 4, b""


def test_outer_format_to_the_octet():
    "One SA each for the links that have their own, one for each protocol that shares; nothing but ESP and IKE."
    r1 = vpnlink.gear("r1")
    capture = vpn.Capture(r1, "r1-eth0")
    for kind, vrf in every():
        # the size says which link it is: nothing else has it
        size = 100 + 10 * KINDS[kind] + VPNS[vrf][2]
        assert vpn.ping(
            r1, "10.{}.0.2".format(KINDS[kind]), 1, options="-I {} -s {}".format(name(kind, vrf), size)
        ) == (1, 1)
    vpn.wait_for(
        "requests and replies are in the file",
        lambda: sum(packet[9] == 50 for packet in esp.packets(capture)) >= 2 * len(every()),
    )
    capture.stop()
    known = esp.keys(r1)
    spis = {}
    for packet in esp.packets(capture):
        if packet[9] == 17:
            assert 500 in struct.unpack_from(">HH", packet, 20), packet.hex()  # IKE
            continue
        spi, next_header, body, wire = esp.opened(packet, known)
        for kind, vrf in every():
            inner = 20 + 8 + 100 + 10 * KINDS[kind] + VPNS[vrf][2]
            outside, between = format_of(kind, vrf, body)
            if len(body) != len(between) + inner or packet[12:16] != bytes(map(int, source(kind, vrf).split("."))):
                continue
            assert next_header == outside and body.startswith(between), (kind, vrf, body.hex())
            request = body[len(between) :]
            assert request[0] == 0x45 and request[9] == 1, request.hex()
            assert request[12:20] == bytes([10, KINDS[kind], 0, 1, 10, KINDS[kind], 0, 2])
            assert wire == 20 + 8 + 8 + 16 + (len(body) + 2 + 3) // 4 * 4
            spis[name(kind, vrf)] = spi
    assert set(spis) == {name(kind, vrf) for kind, vrf in every()}
    for kind in ("gre", "mpls", "l2tp"):
        assert spis["r-" + kind] == spis["b-" + kind], kind
    assert len(set(spis.values())) == 3 * 2 + 3


def source(kind, vrf):
    return SECOND["r1"] if kind == "dst" and vrf == "blue" else vpnlink.ADDRESSES["r1"]


def test_ospf_is_full_over_each():
    "Configured once per VRF, by prefix; the adjacency goes as soon as the link does."
    for router in ("r1", "r2"):
        vpn.vtysh(
            vpnlink.gear(router),
            "configure terminal",
            *(
                line
                for vrf in VPNS
                for line in (
                    "router ospf vrf " + vrf,
                    "ospf router-id " + vpnlink.BEHIND[router],
                    "network 10.0.0.0/8 area 0",
                )
            ),
        )
    for kind, vrf in every():
        vpnlink.wait_full(name(kind, vrf), vrf)
    vpn.vtysh(vpnlink.gear("r1"), "configure terminal", "vpn", "no tunnel-link r-gre")
    vpnlink.wait_no_adjacency("r1", "r-gre", "red")
    assert "b-gre" in vpnlink.adjacencies("r1", "blue")


def switches(router):
    "How often vpnd's threads have gone to sleep: once for each thing that they woke up for."
    pid = vpnlink.gear(router).net.cmd_raises("cat {}/vpnd.pid".format(vpn.RUN)).strip()
    said = vpnlink.gear(router).net.cmd_raises("cat /proc/{}/task/*/status".format(pid))
    return sum(int(number) for number in re.findall(r"^voluntary_ctxt_switches:\s+(\d+)", said, re.M))


def timers(router):
    "What vpnd waits for time to do."
    return re.findall(r"^  (\w+) +\d", vpnlink.gear(router).net.cmd_raises('vtysh -d vpnd -c "show event timers"'), re.M)


def test_vpnd_at_rest():
    "Twelve links that are up cost nothing: of vpnd's timers only the look at what the kernel tells nobody of is left."
    for router in ("r1", "r2"):
        vpn.wait_for(
            router + ": one timer", lambda r=router: timers(r) == ["watch"] or vpn._fail(timers(r)), timeout=90
        )
    begin = time.monotonic()
    before = switches("r1")
    vpn.wait_for("ten seconds of rest", lambda: time.monotonic() - begin >= 10, interval=1)
    assert switches("r1") - before <= 3  # vtysh has said good-bye, and the look, if it was due


TOO_BIG = """
import socket, struct
def checksum(data):
    total = sum(struct.unpack(">%dH" % (len(data) // 2), data))
    total = (total >> 16) + (total & 0xffff)
    return ~(total + (total >> 16)) & 0xffff
r1, r2 = socket.inet_aton("192.0.2.1"), socket.inet_aton("192.0.2.2")
header = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 1500, 1, 0x4000, 64, 50, 0, r1, r2)
header = header[:10] + struct.pack(">H", checksum(header)) + header[12:]
packet = struct.pack(">BBHHH", 3, 4, 0, 0, 1300) + header + struct.pack(">II", {spi}, 1)
packet = packet[:2] + struct.pack(">H", checksum(packet)) + packet[4:]
socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP).sendto(packet, ("192.0.2.1", 0))
"""


def test_path_mtu_that_is_learned():
    "A router on the way says that packets of one link are too big for it: the links over this path have so many octets less."
    assert vpnlink.state("r1", "r-tun")["mtu"] == 1446
    link = vpnlink.gear("r1").net.cmd_raises("ip -d link show r-tun")
    if_id = re.search(r"if_id (0x[0-9a-f]+)", link).group(1)
    sas = vpnlink.gear("r1").net.cmd_raises("ip -o xfrm state list")
    (spi,) = re.findall(r"^src 192\.0\.2\.1 dst 192\.0\.2\.2.*? spi (0x[0-9a-f]+).*if_id {}\b".format(if_id), sas, re.M)
    vpnlink.gear("r2").net.cmd_raises("python3 -", stdin=TOO_BIG.format(spi=spi))
    for link, left in (("r-tun", 1246), ("b-gre", 1238), ("b-dst", 1446)):  # b-dst has another path
        vpn.wait_for(
            "r1: {} has {} octets".format(link, left),
            lambda k=link, n=left: vpnlink.state("r1", k)["mtu"] == n or vpn._fail(vpnlink.state("r1", k)),
            timeout=30,
        )
