# SPDX-License-Identifier: GPL-2.0-or-later
"""
Traffic-driven links and routing protocols exclude each other: where OSPF or BGP runs over a link of a VRF no link of it
can be made on-traffic; who runs them over an on-traffic link is told, and the link is down until one of the two is gone.

     red 10.1.0.1 ── r1 ═══ lazy, 10.11.0.0/30, on traffic ═══ r2 ── 10.2.0.1 red

mgmtd has no configuration of OSPF and BGP to refuse (of RIP it has: vpn_link_config), so vpnd goes by what they learn, and by who
listens on a link, neighbours or none.
"""
import os
import re
import sys

import pytest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), ".."))
# pylint: disable=C0413
import vpnlink
import vpntopo as vpn
from lib.topogen import get_topogen

pytestmark = [pytest.mark.bgpd, pytest.mark.ospf6d, pytest.mark.ospfd, pytest.mark.vpnd]


def configured(name):
    return (
        vpnlink.head(name)
        + vpnlink.link(name, "lazy", "red", "ipsec-tunnel", "address 10.11.0.{}/30".format(name[1:]), "establish on-traffic")
        + "exit\nvrf red\n ip route {} 10.11.0.{}\nexit-vrf\n".format(vpnlink.NETWORK[vpnlink.other(name)], 3 - int(name[1:]))
    )


def setup_module(module):
    vpnlink.start(module.__name__, configured, daemons=("zebra", "bgpd", "ospfd", "ospf6d", "vpnd"))


def teardown_module(_module):
    get_topogen().stop_topology()


def both(*commands):
    for name in ("r1", "r2"):
        lines = [command.format(mine=name[1:], its=3 - int(name[1:]), behind=vpnlink.BEHIND[name]) for command in commands]
        vpn.vtysh(vpnlink.gear(name), *lines)


def wait_for_traffic():
    for name in ("r1", "r2"):
        vpn.wait_for(
            name + ": lazy waits for traffic",
            lambda n=name: ("waiting for traffic" in vpnlink.state(n, "lazy").get("reason", "") and vpnlink.device_up(n, "lazy"))
            or vpn._fail(vpnlink.state(n, "lazy")),
        )


def test_static_routes_go_with_it():
    "Nothing of what follows is said to a link that only static routes use."
    wait_for_traffic()
    vpn.wait_ping(vpnlink.gear("r1"), "10.2.0.1", "-I red")
    vpnlink.wait_up("lazy")
    assert vpn.ping(vpnlink.gear("r1"), "10.2.0.1", 10, options="-I red") == (10, 10)


PROTOCOLS = {
    "ospf": (
        ("configure terminal", "router ospf vrf red", "network 10.0.0.0/8 area 0"),
        ("configure terminal", "no router ospf vrf red"),
    ),
    "bgp": (
        (
            "configure terminal",
            "router bgp 65000 vrf red",
            "bgp router-id {behind}",
            "neighbor 10.11.0.{its} remote-as internal",
            "neighbor 10.11.0.{its} timers connect 1",
            "address-family ipv4 unicast",
            "network 10.{mine}.5.0/24",
        ),
        ("configure terminal", "no router bgp 65000 vrf red"),
    ),
}


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_protocol_over_it(protocol):
    "It, or the first route that it learns, takes the link down, at an end that is on-traffic, with words; without it, and cleared, the link works again."
    for name in ("r1", "r2"):
        vpnlink.gear(name).net.cmd_raises("ip address replace 10.{}.5.1/24 dev red0".format(name[1:]))
    use, leave = PROTOCOLS[protocol]
    both(*use)

    def refused():
        said = {name: vpnlink.state(name, "lazy").get("reason", "") for name in ("r1", "r2")}
        found = [name for name, reason in said.items() if reason.lower().startswith(protocol + " runs over it")]
        return found or vpn._fail(said)

    (first, *_) = vpn.wait_for("an end refuses", refused, timeout=90)
    state = vpnlink.state(first, "lazy")
    assert state["state"] == "down" and "establish permanent" in state["reason"] and "clear vpn tunnel-link lazy" in state["reason"]
    vpn.wait_for(first + ": the device is gone", lambda: "lazy" not in vpnlink.gear(first).net.cmd_raises("ip -br link"))
    both(*leave)
    both("clear vpn tunnel-link lazy")
    for name in ("r1", "r2"):  # what was on its way may have brought it up
        vpn.wait_for(
            name + ": lazy waits for traffic, or is up",
            lambda n=name: "runs over it" not in vpnlink.state(n, "lazy").get("reason", "") and vpnlink.device_up(n, "lazy"),
        )
    vpn.wait_ping(vpnlink.gear("r1"), "10.2.0.1", "-I red")


def typed(*commands):
    "On r1, below vpn; whether it was taken, and what was said."
    return vpn.type_in(vpnlink.gear("r1"), "configure terminal", "vpn", *commands)


def accepted(*commands):
    fine, said = typed(*commands)
    assert fine, said


def refused(*commands):
    fine, said = typed(*commands)
    assert not fine, "{} was accepted".format(commands)
    return said


def configured_now():
    return vpnlink.gear("r1").net.cmd_raises("vtysh -c 'show running-config'")


def wait_route_over_lazy(protocol):
    vpn.wait_for(
        "r1: the kernel has a route of {} over lazy".format(protocol),
        lambda: " dev lazy " in vpnlink.gear("r1").net.cmd_raises("ip route show vrf red proto " + protocol),
    )


OSPF = {
    "ospf": (("router ospf vrf red", "network 10.0.0.0/8 area 0"), ("no router ospf vrf red",)),
    "ospf6": (("router ospf6 vrf red", "interface lazy", "ipv6 ospf6 area 0"), ("interface lazy", "no ipv6 ospf6 area 0", "no router ospf6 vrf red")),
}


@pytest.mark.parametrize("daemon", OSPF)
def test_nobody_answers_it(daemon):
    "OSPF at one end alone has no neighbour and no route, but is not silent: beside it nothing is made on-traffic, and what is so already goes down."
    r1 = vpnlink.gear("r1")
    use, leave = OSPF[daemon]

    def joined():
        return re.search(r"224\.0\.0\.5\b|ff02::5\b", r1.net.cmd_raises("ip maddr show dev lazy"))

    accepted("tunnel-link lazy vrf red", "establish permanent")
    vpnlink.wait_up("lazy")
    vpn.vtysh(r1, "configure terminal", *use)
    vpn.wait_for("r1: it listens", joined)
    assert "proto ospf" not in r1.net.cmd_raises("ip route show vrf red; ip -6 route show vrf red")
    said = refused("tunnel-link lazy vrf red", "establish on-traffic")
    assert "establish on-traffic and OSPF in VRF red" in said and "it listens on tunnel-link lazy" in said, said
    vpn.vtysh(r1, "configure terminal", *leave)
    vpn.wait_for("r1: it listens no more", lambda: not joined())
    accepted("tunnel-link lazy vrf red", "establish on-traffic")
    vpn.wait_ping(r1, "10.2.0.1", "-I red")
    vpn.vtysh(r1, "configure terminal", *use)
    vpn.wait_for(
        "r1: lazy is down",
        lambda: vpnlink.state("r1", "lazy").get("reason", "").startswith("OSPF runs over it") or vpn._fail(vpnlink.state("r1", "lazy")),
    )
    vpn.vtysh(r1, "configure terminal", *leave)
    vpn.vtysh(r1, "clear vpn tunnel-link lazy")
    vpn.wait_ping(r1, "10.2.0.1", "-I red")


def test_permanent_link_goes_with_it():
    "What the words say to do: the same link, permanent, carries OSPF. (Where none runs, another link is made on-traffic.)"
    accepted("tunnel-link idle vrf red", "establish on-traffic")
    both("configure terminal", "vpn", "tunnel-link lazy vrf red", "establish permanent")
    both("configure terminal", "router ospf vrf red", "network 10.0.0.0/8 area 0")
    vpnlink.wait_up("lazy")
    vpnlink.wait_full("lazy", "red")
    for name in ("r1", "r2"):
        assert vpnlink.state(name, "lazy")["state"] == "up"


def test_refused_beside_ospf():
    "While OSPF has routes over lazy nothing in its VRF is made on-traffic, lazy neither; what is so already is left alone."
    wait_route_over_lazy("ospf")
    accepted("tunnel-link second vrf red")
    said = refused("tunnel-link second vrf red", "establish on-traffic")
    assert "tunnel-link second: establish on-traffic and OSPF in VRF red exclude each other" in said, said
    assert "it has routes over tunnel-link lazy" in said, said
    assert "tunnel-link lazy: establish on-traffic and OSPF" in refused("tunnel-link lazy vrf red", "establish on-traffic")
    accepted("tunnel-link second vrf default", "establish on-traffic")
    assert "tunnel-link second: establish on-traffic and OSPF" in refused("tunnel-link second vrf red")
    assert "tunnel-link second vrf default\n" in configured_now()
    accepted("no tunnel-link second")
    accepted("tunnel-link idle vrf red", "mtu 1300")
    assert vpnlink.state("r1", "lazy")["state"] == "up"


def test_restart_with_it():
    "A vpnd that starts takes what was saved, though OSPF has routes; what is typed from then on is refused as before."
    before = configured_now()
    vpn.kill(vpnlink.gear("r1"), "vpnd")
    wait_route_over_lazy("ospf")
    vpn.restart(vpnlink.gear("r1"), "vpnd")
    vpnlink.wait_state("r1", "lazy", "up")
    assert vpnlink.state("r1", "idle")["vrf"] == "red"
    assert configured_now() == before and "  establish on-traffic\n" in before
    wait_route_over_lazy("ospf")
    assert "and OSPF in VRF red" in refused("tunnel-link lazy vrf red", "establish on-traffic")


def test_refused_beside_bgp():
    "The same with BGP; without either it is taken."
    both(*PROTOCOLS["ospf"][1])
    both(*PROTOCOLS["bgp"][0])
    wait_route_over_lazy("bgp")
    assert "establish on-traffic and BGP in VRF red" in refused("tunnel-link lazy vrf red", "establish on-traffic")
    both(*PROTOCOLS["bgp"][1])
    vpn.wait_for(
        "r1: no route over lazy is BGP's", lambda: not vpnlink.gear("r1").net.cmd_raises("ip route show vrf red proto bgp")
    )
    accepted("tunnel-link lazy vrf red", "establish on-traffic")
