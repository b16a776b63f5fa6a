# SPDX-License-Identifier: GPL-2.0-or-later
"""
Routing that starts by itself: OSPF, OSPFv3, RIP, RIPng, BGP and IS-IS are configured once, while there is no link; each
takes up the link that appears in its VRF, loses it at once when it goes, and takes it up again after a reboot; none goes
with a link that is on-traffic.

     VRF of r1, 10.1.0.1, fd00:1::1 ═══ l-PROTOCOL (ipip-shared; gre for IS-IS) ═══ VRF of r2, 10.2.0.1, fd00:2::1

One VRF for each protocol, all with the same addresses; unnumbered links, but for those of RIP, IS-IS, and BGP's listen
range.  IS-IS is no IP: of all kinds only gre carries it.
"""
import pytest

import vpnlink
import vpntopo as vpn
from lib.topogen import get_topogen

pytestmark = [pytest.mark.bgpd, pytest.mark.isisd, pytest.mark.ospfd, pytest.mark.ospf6d, pytest.mark.ripd, pytest.mark.vpnd]
PROTOCOLS = ("ospf", "ospf6", "rip", "ripng", "bgp", "listen", "isis")
IPV6 = ("ospf6", "ripng")
# ripd takes nothing from an address that is not in a network of the interface, and a session needs two addresses
NUMBERED = {"rip": "10.8.0", "listen": "10.9.0", "isis": "10.7.0"}

ROUTING = """
router ospf vrf ospf
 ospf router-id {behind}
 network 10.0.0.0/8 area 0
exit
interface ospf0
 ip ospf passive
exit
router ospf6 vrf ospf6
 ospf6 router-id {behind}
exit
interface ospf60
 ipv6 ospf6 area 0
 ipv6 ospf6 passive
exit
interface l-ospf6
 ipv6 ospf6 area 0
exit
router rip vrf rip
 network 10.0.0.0/8
 timers basic 5 30 30
exit
router ripng vrf ripng
 network l-ripng
 network ripng0
 timers basic 5 30 30
exit
router isis VPN vrf isis
 net 49.0001.0000.0000.000{n}.00
 is-type level-2-only
 lsp-mtu 1400
 lsp-gen-interval 1
exit
interface isis0
 ip router isis VPN
 isis passive
exit
interface l-isis
 ip router isis VPN
 isis hello-interval 1
exit
router bgp 65000 vrf bgp
 bgp router-id {behind}
 no bgp network import-check
 neighbor l-bgp interface remote-as internal
 address-family ipv4 unicast
  network {number}
 exit-address-family
exit
"""
LISTENER = """
router bgp 65000 vrf listen
 bgp router-id {behind}
 no bgp network import-check
 neighbor SPOKES peer-group
 neighbor SPOKES remote-as internal
 bgp listen range 10.9.0.0/24 peer-group SPOKES
 address-family ipv4 unicast
  network {number}
 exit-address-family
exit
"""
SPOKE = """
router bgp 65000 vrf listen
 bgp router-id {behind}
 no bgp network import-check
 neighbor 10.9.0.1 remote-as internal
 neighbor 10.9.0.1 timers connect 2
 address-family ipv4 unicast
  network {number}
 exit-address-family
exit
"""


def configured(name):
    text = vpnlink.head(name) + "exit\n" + ROUTING + (LISTENER if name == "r1" else SPOKE)
    return text.replace("{behind}", vpnlink.BEHIND[name]).replace("{number}", vpnlink.NETWORK[name]).replace("{n}", name[1:])


def setup_module(module):
    vpnlink.start(
        module.__name__,
        configured,
        vrfs=PROTOCOLS,
        daemons=("zebra", "ospfd", "ospf6d", "ripd", "ripngd", "bgpd", "isisd", "vpnd"),
    )


def teardown_module(_module):
    get_topogen().stop_topology()


def add_links(name):
    commands = ["configure terminal", "vpn"]
    for number, protocol in enumerate(PROTOCOLS, 1):
        commands += [
            "tunnel-link l-{0} vrf {0}".format(protocol),
            "local " + vpnlink.ADDRESSES[name],
            "remote " + vpnlink.ADDRESSES[vpnlink.other(name)],
            "encapsulation " + ("gre key 7" if protocol == "isis" else "ipip-shared"),
            "ipsec-profile GOLD",
            "vpn-id 00a0c9:0000000{}".format(number),
        ]
        if protocol in NUMBERED:
            commands.append("address {}.{}/30".format(NUMBERED[protocol], name[1:]))
        commands.append("exit")
    vpn.vtysh(vpnlink.gear(name), *commands)


def over_link(name, protocol):
    "Next hops over the link of the installed route to the network behind the other end."
    ip, behind = ("ipv6", vpnlink.NETWORK6) if protocol in IPV6 else ("ip", vpnlink.NETWORK)
    routes = vpn.show(vpnlink.gear(name), "show {} route vrf {}".format(ip, protocol))
    return [
        hop
        for entry in routes.get(behind[vpnlink.other(name)], [])
        if entry.get("installed") and entry["protocol"] == ("bgp" if protocol == "listen" else protocol)
        for hop in entry["nexthops"]
        if hop.get("interfaceName") == "l-" + protocol
    ]


def wait_learned():
    for protocol in PROTOCOLS:
        for name in ("r1", "r2"):
            vpn.wait_for("{}: {} over its link".format(name, protocol), lambda n=name, p=protocol: over_link(n, p), 90)


@pytest.mark.parametrize("name", ("r1", "r2"))
def test_nothing_is_learned_without_links(name):
    "The protocols run, and know nobody."
    for protocol in PROTOCOLS:
        assert not over_link(name, protocol)


def test_links_appear():
    "All are up; the network behind is learned over each by its VRF's protocol, in both directions."
    for name in ("r1", "r2"):
        add_links(name)
    vpnlink.wait_up(*("l-" + protocol for protocol in PROTOCOLS))
    wait_learned()


def wait_traffic(protocol):
    behind, version = (vpnlink.BEHIND6, "-6") if protocol in IPV6 else (vpnlink.BEHIND, "-4")
    # with a source: of itself the kernel takes the link-local address of an unnumbered link, which cannot be answered
    vpn.wait_ping(vpnlink.gear("r1"), behind["r2"], "{} -I {} -I {}".format(version, behind["r1"], protocol))


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_traffic_passes(protocol):
    "From behind one end to behind the other."
    wait_traffic(protocol)


SAID = {"ospf": "OSPF", "ospf6": "OSPF", "rip": "RIP", "ripng": "RIPng", "bgp": "BGP", "listen": "BGP", "isis": "IS-IS"}


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_on_traffic_is_refused(protocol):
    "No link over which a protocol has routes is made on-traffic: by mgmtd, which knows of RIP, or by vpnd."
    link = "tunnel-link l-{0} vrf {0}".format(protocol)
    fine, said = vpn.type_in(vpnlink.gear("r1"), "configure terminal", "vpn", link, "establish on-traffic")
    words = "tunnel-link l-{0}: establish on-traffic and {1} in VRF {0} exclude each other".format(protocol, SAID[protocol])
    assert not fine and words in said, said


def test_links_go():
    "Removed at one end: the other end's protocols know it as soon as the link is down there, long before their timers."
    vpn.vtysh(
        vpnlink.gear("r2"),
        "configure terminal",
        "vpn",
        *("no tunnel-link l-" + protocol for protocol in PROTOCOLS),
    )
    for protocol in PROTOCOLS:
        vpnlink.wait_not_up("r1", "l-" + protocol)
    for protocol in PROTOCOLS:
        vpn.wait_for(
            "r1: {} has no route over its link".format(protocol),
            lambda p=protocol: not over_link("r1", p),
            timeout=40 if protocol == "isis" else 10,  # isisd spreads its computations; an LSP lives 20 minutes
        )


def test_links_come_back():
    "With new devices, and nothing configured but the links."
    add_links("r2")
    vpnlink.wait_up(*("l-" + protocol for protocol in PROTOCOLS))
    wait_learned()


def test_reboot():
    "r2's power fails. What was written is all it comes back with: the links are up, and all is learned and passes, as before."
    r2 = vpnlink.gear("r2")
    vpn.vtysh(r2, "write")
    for pid_file in r2.net.cmd_raises("cd {} && ls *.pid".format(vpn.RUN)).split():
        vpn.kill(r2, pid_file[: -len(".pid")])
    links = " ".join("l-" + protocol for protocol in PROTOCOLS)
    r2.net.cmd_raises("for link in {}; do ip link del $link; done; ip xfrm state flush; ip xfrm policy flush; rm -f {}/*.pid".format(links, vpn.RUN))
    r2.net.start_charon()
    vpn.start_daemons(r2)
    vpnlink.wait_up(*("l-" + protocol for protocol in PROTOCOLS))
    wait_learned()
    for protocol in PROTOCOLS:
        wait_traffic(protocol)
