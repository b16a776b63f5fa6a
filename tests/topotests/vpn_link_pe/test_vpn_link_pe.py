# SPDX-License-Identifier: GPL-2.0-or-later
"""
A VRF of a PE takes a tunnel link to a CE: routes cross from the link into the BGP/IPsec VPN and back.

     10.1.0.1 red ── ce ═══ tunnel link ═══ pe1 ─── BGP/IPsec VPN ─── pe2 ── red 10.2.0.1
                     10.0.0.3              10.0.0.1 (red 10.3.0.1)   10.0.0.2

One vpnd and one charon on pe1 serve both: the provider edge and the link.
"""
import pytest

import vpnlink
import vpntopo as vpn
from lib.topogen import Topogen, get_topogen

pytestmark = [pytest.mark.bgpd, pytest.mark.ospfd, pytest.mark.vpnd]
BACKBONE = {"pe1": "10.0.0.1", "pe2": "10.0.0.2", "ce": "10.0.0.3"}
BEHIND = {"pe1": "10.3.0.1", "pe2": "10.2.0.1", "ce": "10.1.0.1"}

PROFILE = """
hostname {name}
interface {name}-eth0
 ip address {address}/24
exit
vpn
 ipsec-profile GOLD
  authentication pre-shared-key only-for-the-test
  dead-peer-detection 10
  retry initial 1 maximum 4
 exit
"""
PROVIDER_EDGE = """ provider-edge
  local-address {address}
  ipsec-profile GOLD
 exit
"""
LINK = """ tunnel-link {link} vrf red
  local {address}
  remote {remote}
  encapsulation ipip-shared
  ipsec-profile GOLD
  vpn-id 00a0c9:00000001
 exit
"""
BGP = """
router bgp 65000
 bgp router-id {address}
 no bgp default ipv4-unicast
 neighbor {neighbor} remote-as internal
 address-family ipv4 unlabeled-vpn
  neighbor {neighbor} activate
 exit-address-family
exit
router bgp 65000 vrf red
 bgp router-id {address}
 address-family ipv4 unicast
  redistribute connected
  redistribute ospf
  rd vpn export 65000:{number}
  rt vpn both 65000:1
  spi-label vpn export auto
  export vpn
  import vpn
 exit-address-family
exit
"""
OSPF = """
router ospf vrf red
 ospf router-id {behind}
 network 10.0.0.0/8 area 0
{redistribute}exit
interface red0
 ip ospf passive
exit
"""


def configured(name):
    values = {"name": name, "address": BACKBONE[name], "behind": BEHIND[name], "redistribute": ""}
    text = PROFILE
    if name != "ce":
        text += PROVIDER_EDGE
        values.update(neighbor=BACKBONE["pe2" if name == "pe1" else "pe1"], number=name[2:])
    if name != "pe2":
        text += LINK
        values.update(link="to-ce" if name == "pe1" else "to-pe", remote=BACKBONE["ce" if name == "pe1" else "pe1"])
    text += "exit\n"
    if name != "ce":
        text += BGP
    if name != "pe2":
        text += OSPF
        if name == "pe1":
            values["redistribute"] = " redistribute bgp\n"
    return text.format(**values)


def build(tgen):
    switch = tgen.add_switch("backbone")
    for name in BACKBONE:
        switch.add_link(tgen.add_router(name, cls=vpn.VpnRouter))


def setup_module(module):
    tgen = Topogen(build, module.__name__)
    tgen.start_topology()
    for name, address in BEHIND.items():
        net = tgen.gears[name].net
        vpn.dummy(net, "red0")
        vpn.vrf(net, "red", 101, ["red0"])
        net.cmd_raises("ip address add {}/24 dev red0".format(address))
        path = "/tmp/{}.conf".format(name)
        with open(path, "w", encoding="ascii") as file:
            file.write(configured(name))
        daemons = {"ce": ("zebra", "ospfd", "vpnd"), "pe1": ("zebra", "bgpd", "ospfd", "vpnd")}
        vpn.start_pe(tgen, name, daemons=daemons.get(name, ("zebra", "bgpd", "vpnd")), config=path)


def teardown_module(_module):
    get_topogen().stop_topology()


def test_link_and_peer_come_up():
    "On pe1 the link to the CE and the peer pe2, side by side."
    vpnlink.wait_state("pe1", "to-ce", "up")
    vpnlink.wait_state("ce", "to-pe", "up")
    vpn.wait_peer(vpnlink.gear("pe1"), BACKBONE["pe2"], "up")


def test_routes_cross_both_ways():
    "The CE learns what is behind pe2, and pe2 what is behind the CE."
    (hop,) = vpn.wait_route(vpnlink.gear("ce"), "red", "10.2.0.0/24")[0]["nexthops"]
    assert hop["interfaceName"] == "to-pe"
    (hop,) = vpn.wait_route(vpnlink.gear("pe2"), "red", "10.1.0.0/24")[0]["nexthops"]
    assert hop["interfaceName"].startswith("vpno")


def test_traffic_crosses():
    "From behind the CE to behind pe2, every packet."
    vpn.wait_ping(vpnlink.gear("ce"), "10.2.0.1", "-I red")
    assert vpn.ping(vpnlink.gear("ce"), "10.2.0.1", 50, interval=0.01, options="-I red") == (50, 50)


def test_link_goes_and_takes_its_routes():
    "The CE forgets the link: pe2 loses the CE's network, and the peer stays up."
    vpn.vtysh(vpnlink.gear("ce"), "configure terminal", "vpn", "no tunnel-link to-pe")
    vpnlink.wait_not_up("pe1", "to-ce")
    vpn.wait_route(vpnlink.gear("pe2"), "red", "10.1.0.0/24", installed=False, timeout=30)
    assert vpn.peer(vpnlink.gear("pe1"), BACKBONE["pe2"])["state"] == "up"
    vpn.wait_route(vpnlink.gear("pe1"), "red", "10.2.0.0/24")
