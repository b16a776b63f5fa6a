# SPDX-License-Identifier: GPL-2.0-or-later
"""
Two customers' VPNs built from an empty database by vpnctl alone, and changed while they carry traffic.  A CE has what
"vpnctl ce preconfigure" says, filters what its provider sends, and calls its server: at its start, when the server tells it
to (mode notify), and when somebody whom it does not know knocks.

     red:  paris, rome, oslo     static routes; hub and spoke, then full mesh
     blue: paris, turin, delft   OSPF over the links, full mesh
                                 the topology and the addresses: vpnsites.py

The tests follow each other: each begins with what the one before left.
"""
import pytest

import vpnsites as sites
import vpntopo as vpn
from lib.topogen import get_topogen

NOTIFY = ("--mode", "notify")
pytestmark = [pytest.mark.netconfd, pytest.mark.ospfd, pytest.mark.vpnd]


def setup_module(module):
    sites.start_network(module.__name__)


def teardown_module(_module):
    get_topogen().stop_topology()


def test_built_from_an_empty_database():
    "vpnctl describes two VPNs and their first four CEs; each CE is shipped; the server makes them VPNs."
    sites.vpnctl("vpn", "add", "red", "--vpn-id", "00a0c9:1", "--topology", "hub-and-spoke", "--prefix", "10.0.0.0/8")
    sites.vpnctl("vpn", "add", "blue", "--vpn-id", "00a0c9:2", "--topology", "full-mesh", "--routing", "dynamic")
    sites.add("red", "paris", "--hub", *NOTIFY)
    sites.add("red", "rome", *NOTIFY)
    sites.add("blue", "paris", "--link-name", "paris-b")
    sites.add("blue", "turin", *NOTIFY)
    sites.add("blue", "delft", *NOTIFY)
    for name in ("paris", "rome", "turin", "delft"):
        sites.preconfigure(name)
        sites.start_ce(name)
    sites.Server()
    sites.wait_provisioned("paris", "rome", "turin", "delft")
    sites.wait_reach("red", "paris", "rome")
    sites.wait_reach("blue", "paris", "turin", "delft")
    for name in ("paris", "rome", "turin", "delft"):
        said = sites.provisioning(name)
        assert said["identity"] == name and said["filtered"], said
        assert said["version"] == sites.ce_status(name)["version"], (said, sites.ce_status(name))
        assert vpn.ping(sites.gear("core"), sites.address(name), 3, wait=1)[1] == 0  # filtered


def test_each_vpn_reaches_its_own_sites_only():
    "Exact counts: what is sent in a VPN arrives at its site of that address, and at no other."
    for vpn_name, names in (("red", ("paris", "rome")), ("blue", ("paris", "turin", "delft"))):
        for name in names:
            for other in names:
                if name == other:
                    continue
                before = sites.echoes()
                assert sites.ping(vpn_name, name, other) == (10, 10), (vpn_name, name, other)
                after = sites.echoes()
                assert {n: after[n] - before[n] for n in after} == {n: 10 if n == other else 0 for n in after}


def keys(name):
    "Profile → key, as the CE's running configuration has them."
    found, profile = {}, None
    for line in vpn.vtysh(sites.gear(name), "show running-config").splitlines():
        words = line.split()
        if words[:1] == ["ipsec-profile"] and line.startswith(" ipsec"):
            profile = words[1]
        elif words[:2] == ["authentication", "pre-shared-key"]:
            found[profile] = words[2]
    return found


def test_a_site_joins_under_traffic():
    "oslo joins the hub: nothing is lost between the sites that are there, and only the hub and oslo are told."
    versions = {name: sites.ce_status(name)["version"] for name in sites.NUMBERS if sites.ce_status(name)}
    red = sites.Flow("red", "rome", "paris")
    blue = sites.Flow("blue", "turin", "delft")
    red.wait_packets(20)
    sites.add("red", "oslo", *NOTIFY)
    sites.preconfigure("oslo")
    sites.start_ce("oslo")
    sites.wait_provisioned("paris", "oslo")
    sites.wait_reach("red", "paris", "rome", "oslo")
    for flow in (red, blue):
        flow.wait_packets(20)
        sent, received = flow.stop()
        assert sent == received
    after = {name: sites.ce_status(name)["version"] for name in versions}
    assert {name for name in versions if versions[name] != after[name]} == {"paris"}
    assert set(sites.links("rome")) == {"paris"}


def test_hub_and_spoke_becomes_a_full_mesh():
    "rome and oslo speak over the hub, then directly; who speaks with the hub notices nothing."
    before = sites.forwarded("paris")
    assert sites.ping("red", "rome", "oslo") == (10, 10)
    assert sites.forwarded("paris") - before == 20
    flow = sites.Flow("red", "oslo", "paris")
    flow.wait_packets(20)
    sites.vpnctl("topology", "set", "red", "full-mesh")
    sites.wait_provisioned("paris", "rome", "oslo")
    for name, other in (("rome", "oslo"), ("oslo", "rome")):
        sites.wait_link(name, other)
        vpn.wait_route(sites.gear(name), "red", sites.prefix("red", other))
    flow.wait_packets(20)
    sent, received = flow.stop()
    assert sent == received
    sites.wait_reach("red", "rome", "oslo")
    before = sites.forwarded("paris")
    assert sites.ping("red", "rome", "oslo") == (10, 10)
    assert sites.forwarded("paris") == before


def test_keys_rotate_under_traffic():
    "Each pair has a new key and all links are the same ones; nothing is lost; the new keys are what counts."
    names = sites.SITES["red"]
    old = {name: keys(name) for name in names}
    flows = [sites.Flow("red", a, b) for a, b in (("rome", "paris"), ("oslo", "rome"))]
    for flow in flows:
        flow.wait_packets(20)
    sites.vpnctl("key", "rotate", "red")
    vpn.wait_for("the rotation has ended", lambda: not sites.status()["rotations"])
    sites.wait_provisioned(*names)
    for flow in flows:
        flow.wait_packets(20)
        sent, received = flow.stop()
        assert sent == received
    new = {name: keys(name) for name in names}
    for name in names:
        for other in names:
            if name != other:
                profile = "vpn:red:" + other
                assert new[name][profile] == new[other]["vpn:red:" + name] != old[name][profile]
        assert {p: k for p, k in new[name].items() if ":blue:" in p} == {p: k for p, k in old[name].items() if ":blue:" in p}
    vpn.vtysh(sites.gear("rome"), "clear vpn tunnel-link all")
    sites.wait_reach("red", "rome", "paris", "oslo")


def test_a_site_is_removed_by_provisioning_it():
    "oslo's peers lose its link, then oslo all of its VPN; nobody else loses a packet; then nobody knows oslo."
    flow = sites.Flow("red", "rome", "paris")
    flow.wait_packets(20)
    sites.vpnctl("ce", "remove", "oslo")
    vpn.wait_for("oslo is forgotten", lambda: not sites.ce_status("oslo"))
    sites.wait_provisioned("paris", "rome")
    flow.wait_packets(20)
    sent, received = flow.stop()
    assert sent == received
    assert set(sites.links("rome")) == {"paris"} and "oslo" not in sites.links("paris")
    assert sites.links("oslo") == {} and keys("oslo") == {}
    assert " dev red0 " in sites.gear("oslo").net.cmd_raises("ip route show vrf red").replace("\n", " ")
    assert "static" not in sites.gear("oslo").net.cmd_raises("ip route show vrf red")
    assert not sites.reaches("red", "oslo", "paris")


def test_a_site_disappears_from_the_database():
    "delft is forgotten: nobody tells it; its peers drop it, its links end, and it comes in no more."
    sites.vpnctl("ce", "remove", "delft", "--forget")
    assert not sites.ce_status("delft")
    sites.wait_provisioned("paris", "turin")
    assert "delft" not in sites.links("paris") and "delft" not in sites.links("turin")
    assert set(sites.links("delft")) == {"paris-b", "turin"}  # what it was told is there …
    for name in ("paris-b", "turin"):  # … and of no use
        vpn.wait_for("delft: link {} is not up".format(name), lambda n=name: sites.link("delft", n)["state"] != "up", 90)
    assert not sites.reaches("blue", "delft", "turin")
    assert sites.ping("blue", "turin", "paris") == (10, 10)
