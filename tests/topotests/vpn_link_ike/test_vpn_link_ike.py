# SPDX-License-Identifier: GPL-2.0-or-later
"""
What IKE does to tunnel links: certificates, IKEv1, reauthentication, both ends at once; and what of an inner header
outer ones have.

     red 10.1.0.1 ── r1 ═══ paris, lyon: IKEv2, a key         192.0.2.N   ═══ r2 ── 10.2.0.1 red
                        ═══ oldham, shared: IKEv1             192.0.2.1N
                        ═══ geneva: IKEv2, certificates       192.0.2.2N
                        ═══ twin: both begin at once, or one   192.0.2.3N
                            before the other knows it
"""
import os
import re
import struct
import sys

import pytest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), ".."))
# pylint: disable=C0413
import esp
import vpnlink
import vpnpki
import vpntopo as vpn
from lib.topogen import Topogen, get_topogen

pytestmark = [pytest.mark.vpnd]
PAIRS = {"GOLD": "192.0.2.{}", "OLD": "192.0.2.1{}", "CERT": "192.0.2.2{}"}
TWIN = {"r1": "192.0.2.31", "r2": "192.0.2.32"}
# name: profile, encapsulation, version of IKE
LINKS = {
    "paris": ("GOLD", "ipsec-tunnel", 2),
    "lyon": ("GOLD", "gre key 7", 2),
    "oldham": ("OLD", "ipsec-tunnel", 1),
    "shared": ("OLD", "ipip-shared", 1),
    "geneva": ("CERT", "ipsec-tunnel", 2),
}
PROFILES = """ ipsec-profile OLD
  authentication pre-shared-key only-for-the-test
  ike version 1
  ike proposal aes256-sha256-modp2048
  dead-peer-detection 10
  retry initial 1 maximum 4
 exit
 ipsec-profile CERT
  authentication certificate {pki}/{name}.pem key {pki}/{name}.key ca {pki}/authority.pem
  dead-peer-detection 10
  retry initial 1 maximum 4
 exit
"""


def address(link, name):
    return "10.{}.0.{}".format(11 + list(LINKS).index(link), name[1:])


def configured(name, pki):
    text = vpnlink.head(name) + PROFILES.format(pki=pki, name=name)
    for link, (profile, encapsulation, _) in LINKS.items():
        text += vpnlink.link(
            name,
            link,
            "red",
            encapsulation,
            "address {}/30".format(address(link, name)),
            protection="ipsec-profile " + profile,
            addresses={router: PAIRS[profile].format(router[1:]) for router in ("r1", "r2")},
        )
    outside = [pair.format(name[1:]) for pair in PAIRS.values()] + [TWIN[name]]
    return text + "exit\ninterface {}-eth0\n{}exit\n".format(name, "".join(" ip address {}/24\n".format(a) for a in outside))


def setup_module(module):
    tgen = Topogen(vpnlink.build, module.__name__)
    tgen.start_topology()
    module.pki = vpnpki.Pki(os.path.join(tgen.logdir, "pki"))
    r1 = tgen.gears["r1"]
    for authority in ("authority", "stranger"):
        module.pki.authority(r1, authority)
    module.pki.host(r1, "foreign", "stranger", PAIRS["CERT"].format(2))
    for name in vpnlink.ADDRESSES:
        net = tgen.gears[name].net
        module.pki.host(r1, name, "authority", PAIRS["CERT"].format(name[1:]))
        vpn.dummy(net, "red0")
        vpn.vrf(net, "red", 101, ["red0"])
        net.cmd_raises("ip address add {}/24 dev red0".format(vpnlink.BEHIND[name]))
        path = "/tmp/{}.conf".format(name)
        with open(path, "w", encoding="ascii") as file:
            file.write(configured(name, module.pki.directory))
        vpn.start_pe(tgen, name, daemons=("zebra", "vpnd"), config=path)
        vpn.Background(tgen.gears[name], "monitor", "ip -o monitor link > /tmp/gearlogdir/monitor.txt")


def teardown_module(_module):
    get_topogen().stop_topology()


def events(link):
    "What the kernel has told of the link's interface, at both ends."
    return [
        line
        for name in ("r1", "r2")
        for line in vpnlink.gear(name).net.cmd_raises("cat /tmp/gearlogdir/monitor.txt").splitlines()
        if re.match(r"(Deleted )?\d+: {}[@:]".format(link), line)
    ]


def child(link):
    "charon's name of the CHILD_SA that protects the link."
    return "proto-gre" if link in LINKS and LINKS[link][1].startswith("gre") else link


def installed(name, link):
    "How many CHILD_SAs of it charon has installed."
    return len(re.findall(r"^  {}: #\d+, reqid \d+, INSTALLED".format(child(link)), swanctl(name, "--list-sas"), re.M))


def swanctl(name, arguments):
    return vpnlink.gear(name).net.swanctl(arguments)


def connection(name, link):
    "charon's name of the connection that has the link."
    blocks = re.split(r"^(?=\S)", swanctl(name, "--list-conns"), flags=re.M)
    (found,) = [block.split(":")[0] for block in blocks if re.search(r"^  {}: ".format(child(link)), block, re.M)]
    return found


def undisturbed(link, action):
    "The interface sees no event at either end, and no packet is lost, whatever action() does."
    before = events(link)
    flow = vpn.Flow(vpnlink.gear("r1"), address(link, "r2"), interval=0.002, options="-I " + link)
    flow.wait_packets(20)
    action()
    flow.wait_packets(50)
    sent, received = flow.stop()
    assert events(link) == before
    assert sent == received and sent > 70, "{} of {} lost".format(sent - received, sent)
    for name in ("r1", "r2"):
        assert vpnlink.state(name, link)["state"] == "up"


def test_links_come_up():
    "With a key, in both versions of IKE, and with certificates; every packet arrives."
    vpnlink.wait_up(*LINKS)
    for link, (_, _, version) in LINKS.items():
        for name in ("r1", "r2"):
            assert vpnlink.state(name, link)["ikeVersion"] == version, (name, link)
        assert vpn.ping(vpnlink.gear("r1"), address(link, "r2"), 20, interval=0.01, options="-I " + link) == (20, 20), link
    assert events("paris")


@pytest.mark.parametrize("link", ("geneva", "paris", "lyon"))
def test_reauthentication(link):
    "IKEv2: a new IKE_SA with new CHILD_SAs, made before the old ones go; paris and lyon share one."

    def action():
        before = ike_ids("r1", link)
        swanctl("r1", "--rekey --reauth --ike " + connection("r1", link))
        vpn.wait_for("another IKE_SA", lambda: len(ike_ids("r1", link)) == 1 and ike_ids("r1", link) != before)
        for name in ("r1", "r2"):
            vpn.wait_for(name + ": one CHILD_SA", lambda n=name: installed(n, link) == 1)

    undisturbed(link, action)


def ike_ids(name, link):
    conn = connection(name, link)
    return set(re.findall(r"^{}: #(\d+), ".format(re.escape(conn)), swanctl(name, "--list-sas"), re.M))


def test_rekeying_in_ikev1():
    "Quick Mode again, from either end: the interface sees nothing of it."
    for name in ("r1", "r2"):
        before = events("oldham")
        rekeys = {n: vpnlink.state(n, "oldham")["rekeys"] for n in ("r1", "r2")}
        swanctl(name, "--rekey --child oldham")
        # who begins has the new keys a message earlier
        vpn.wait_for("rekeyed at both ends", lambda: all(vpnlink.state(n, "oldham")["rekeys"] > rekeys[n] for n in rekeys))
        assert vpn.ping(vpnlink.gear("r1"), address("oldham", "r2"), 20, interval=0.01, options="-I oldham") == (20, 20)
        assert events("oldham") == before


IKE_RULE = 'table ip silence {{ chain raw {{ type filter hook prerouting priority raw; iifname "{}-eth0" ip saddr {} udp dport 500 drop; }}; }}'


def configure_twin(name):
    vpn.vtysh(
        vpnlink.gear(name),
        "configure terminal",
        "vpn",
        "tunnel-link twin vrf red",
        "local " + TWIN[name],
        "remote " + TWIN[vpnlink.other(name)],
        "encapsulation ipsec-tunnel",
        "ipsec-profile GOLD",
        "address 10.99.0.{}/30".format(name[1:]),
    )


def remove_twin():
    for name in ("r1", "r2"):
        vpn.vtysh(vpnlink.gear(name), "configure terminal", "vpn", "no tunnel-link twin")
    for name in ("r1", "r2"):
        vpn.wait_for(name + ": nothing is left of twin", lambda n=name: "twin" not in swanctl(n, "--list-sas"))


def test_both_begin_at_once():
    "The underlay swallows IKE until both ends have begun: each answers the other's, one of the two stays, and the interface never falls."
    seen = {name: (len(monitored(name)), begun(name)) for name in ("r1", "r2")}
    for name in ("r1", "r2"):
        net = vpnlink.gear(name).net
        net.cmd_raises("nft -f -", stdin=IKE_RULE.format(name, TWIN[vpnlink.other(name)]))
    for name in ("r1", "r2"):
        configure_twin(name)
    vpn.wait_for(
        "both have begun",
        lambda: all(vpnlink.state(name, "twin").get("reason", "").startswith("attempt ") for name in ("r1", "r2")),
    )
    for name in ("r1", "r2"):
        vpnlink.gear(name).net.cmd_raises("nft delete table ip silence")
    vpnlink.wait_up("twin")
    for name in ("r1", "r2"):
        vpn.wait_for(
            name + ": one CHILD_SA, one IKE_SA",
            lambda n=name: (installed(n, "twin"), len(ike_ids(n, "twin"))) == (1, 1) or vpn._fail(swanctl(n, "--list-sas")),
        )
    assert vpn.ping(vpnlink.gear("r1"), "10.99.0.2", 20, interval=0.01, options="-I twin") == (20, 20)
    for name, (length, before) in seen.items():
        assert begun(name) > before, name + " has not begun"
        assert not fell(monitored(name)[length:]), monitored(name)[length:]
    remove_twin()


def test_who_was_refused_is_not_waited_for():
    "r1 begins before r2 has the link, and is refused; r2, which has the higher address, does not wait for it then."
    words = "tunnel link twin: {} began before it was known here".format(TWIN["r1"])
    said = lambda: vpnlink.gear("r2").net.cmd_raises("cat /tmp/gearlogdir/vpnd.log").count(words)
    for _ in range(5):  # r1's next attempt may come before r2 has begun
        before = said()
        configure_twin("r1")
        vpn.wait_for("r1 is refused", lambda: "no proposal chosen" in vpnlink.state("r1", "twin").get("reason", ""))
        configure_twin("r2")
        vpnlink.wait_up("twin")
        count = said() - before
        remove_twin()
        if count:
            break
    assert count == 1


def begun(name):
    "How often charon began to negotiate with the other end of twin."
    log = vpnlink.gear(name).net.cmd_raises("cat " + vpnlink.gear(name).net.charon_log)
    return len(re.findall(r"initiating IKE_SA \S+ to {}".format(re.escape(TWIN[vpnlink.other(name)])), log))


def monitored(name):
    return vpnlink.gear(name).net.cmd_raises("cat /tmp/gearlogdir/monitor.txt")


def fell(text):
    "Was twin's interface up, and then not?"
    up = ["UP" in said.split(",") for said in re.findall(r"^\d+: twin@\S+ <(\S*)>", text, re.M)]
    assert True in up, text
    return False in up[up.index(True) :]


def outer_tos(packets, sender):
    return {packet[1] for packet in packets if packet[9] == 50 and packet[12:16] == sender}


@pytest.mark.parametrize("link", ("paris", "lyon"))
def test_dscp_and_ecn(link):
    "Outside, packets have the inner DSCP and ECN; congestion that is marked outside arrives inside."
    r1, r2 = vpnlink.gear("r1"), vpnlink.gear("r2")
    tos = 0xB8 | 0x02  # EF, ECT(0)
    capture = vpn.Capture(r1, "r1-eth0")
    assert vpn.ping(r1, address(link, "r2"), 10, interval=0.01, options="-I {} -Q {} -s 300".format(link, tos)) == (10, 10)

    def large():
        return [packet for packet in esp.packets(capture) if packet[9] == 50 and struct.unpack_from(">H", packet, 2)[0] > 328]

    vpn.wait_for("requests and replies are in the file", lambda: len(large()) >= 20)
    capture.stop()
    assert outer_tos(large(), bytes((192, 0, 2, 1))) == {tos}
    r2.net.cmd_raises(
        "nft -f -",
        stdin="table ip marks {{ chain outside {{ type filter hook prerouting priority raw;"
        ' iifname "r2-eth0" ip protocol esp ip ecn set ce; }}; chain inside {{ type filter hook prerouting priority 0;'
        ' iifname "{}" icmp type echo-request ip ecn ce counter; }}; }}'.format(link),
    )
    assert vpn.ping(r1, address(link, "r2"), 10, interval=0.01, options="-I {} -Q {}".format(link, tos)) == (10, 10)
    said = r2.net.cmd_raises("nft list table ip marks")
    r2.net.cmd_raises("nft delete table ip marks")
    assert "packets 10 " in said, said


def test_certificate_of_a_stranger():
    "r2 shows one of another CA: the link is down at both ends, and r1 says whose it was; with its own it is up again."
    pki_dir = sys.modules[__name__].pki.directory
    other = "authentication certificate {0}/foreign.pem key {0}/foreign.key ca {0}/authority.pem".format(pki_dir)
    own = "authentication certificate {0}/r2.pem key {0}/r2.key ca {0}/authority.pem".format(pki_dir)
    vpn.vtysh(vpnlink.gear("r2"), "configure terminal", "vpn", "ipsec-profile CERT", other)
    vpn.vtysh(vpnlink.gear("r1"), "clear vpn tunnel-link geneva")
    vpn.wait_for(
        "r1: geneva says why",
        lambda: "foreign" in vpnlink.state("r1", "geneva").get("reason", "") or vpn._fail(vpnlink.state("r1", "geneva")),
    )
    assert not vpnlink.device_up("r1", "geneva")
    assert vpnlink.state("r1", "paris")["state"] == "up"
    vpn.vtysh(vpnlink.gear("r2"), "configure terminal", "vpn", "ipsec-profile CERT", own)
    vpnlink.wait_up("geneva")
