# SPDX-License-Identifier: GPL-2.0-or-later
"""
PEs that know each other by certificates: no key is shared, no PE is configured about
another.  One PE has its certificate from another CA: its routes are not installed, the
reason names the CA; with a certificate of the right one it is taken in.

     red 192.168.1.1 ── pe1 ──┐
     red 192.168.2.1 ── pe2 ──┼── backbone 10.0.0.0/24 (a switch)
     red 192.168.3.1 ── pe3 ──┘
           pe1, pe2: certificates of the provider's CA      all trust the provider's CA
           pe3: first of a stranger's CA, then of the provider's
"""
import os
import sys

import pytest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), ".."))
# pylint: disable=C0413
import vpnpki
import vpntopo as vpn
from lib.topogen import Topogen, get_topogen

pki = None  # made by setup_module
pytestmark = [pytest.mark.bgpd, pytest.mark.vpnd]
PES = {"pe1": 1, "pe2": 2, "pe3": 3}

CONFIG = """
hostname pe{n}
vpn
 ipsec-profile GOLD
  authentication certificate {pki}/pe{n}.pem key {pki}/pe{n}.key ca {pki}/provider.pem
 exit
 provider-edge
  local-address 10.0.0.{n}
  ipsec-profile GOLD
 exit
exit
interface pe{n}-eth0
 ip address 10.0.0.{n}/24
interface lan vrf red
 ip address 192.168.{n}.1/24
router bgp 65000
 bgp router-id 10.0.0.{n}
 no bgp default ipv4-unicast
{neighbors} address-family ipv4 unlabeled-vpn
{activations} exit-address-family
router bgp 65000 vrf red
 bgp router-id 10.0.0.{n}
 address-family ipv4 unicast
  redistribute connected
  rd vpn export 65000:{n}
  rt vpn both 65000:1
  spi-label vpn export auto
  export vpn
  import vpn
"""


def build_topo(tgen):
    backbone = tgen.add_switch("backbone")
    for pe in PES:
        backbone.add_link(tgen.add_router(pe, cls=vpn.VpnRouter))


def config(pki, n):
    others = ["10.0.0.{}".format(o) for o in PES.values() if o != n]
    neighbors = "".join(" neighbor {0} remote-as internal\n neighbor {0} timers connect 1\n".format(o) for o in others)
    activations = "".join("  neighbor {} activate\n".format(o) for o in others)
    return CONFIG.format(n=n, pki=pki.directory, neighbors=neighbors, activations=activations)


def setup_module(module):
    tgen = Topogen(build_topo, module.__name__)
    tgen.start_topology()
    pki = module.pki = vpnpki.Pki(os.path.join(tgen.logdir, "pki"))
    pe1 = tgen.gears["pe1"]
    for authority in ("provider", "stranger"):
        pki.authority(pe1, authority)
    for pe, n in PES.items():
        pki.host(pe1, "pe{}".format(n), "stranger" if pe == "pe3" else "provider", "10.0.0.{}".format(n))
        vpn.dummy(tgen.gears[pe].net, "lan")
        vpn.vrf(tgen.gears[pe].net, "red", 1001, ["lan"])
        path = os.path.join(tgen.logdir, pe + ".conf")
        with open(path, "w", encoding="ascii") as file:
            file.write(config(pki, n))
        vpn.start_pe(tgen, pe, daemons=("zebra", "bgpd", "vpnd"), config=path)


def teardown_module(_module):
    get_topogen().stop_topology()


def gear(name):
    return get_topogen().gears[name]


def wait_vpn(pe, other):
    "The other's network is reached, from this one's."
    n, o = PES[pe], PES[other]
    vpn.wait_route(gear(pe), "red", "192.168.{}.0/24".format(o))
    vpn.wait_ping(gear(pe), "192.168.{}.1".format(o), "-I red -I 192.168.{}.1".format(n))


def test_one_ca_vouches_for_both():
    "They authenticate by signatures, in both directions, and know of each other only from BGP."
    wait_vpn("pe1", "pe2")
    wait_vpn("pe2", "pe1")
    # both may have begun: then one of the two goes
    vpn.wait_for("one IKE SA is left", lambda: gear("pe1").net.swanctl("--list-sas --raw").count("state=ESTABLISHED") == 1)


def test_the_reason_names_the_ca():
    "Who checks says which certificate, and whose it is."
    why = 'certificate "CN=pe3" was issued by a CA that is not configured (issuer "CN=stranger")'
    for pe in ("pe1", "pe2"):

        def probe(pe=pe):
            seen = vpn.peer(gear(pe), "10.0.0.3")
            return (seen["state"] != "up" and seen["reason"] == "authentication failed: " + why) or vpn._fail(seen)

        vpn.wait_for("{}: {}".format(pe, why), probe)


def test_who_is_refused_is_told():
    "pe3 says that it is its own credentials that the others refuse, though its SA was up for a moment."
    for address in ("10.0.0.1", "10.0.0.2"):

        def probe(address=address):
            seen = vpn.peer(gear("pe3"), address)
            why = "authentication failed: the peer refused our credentials"
            return (seen["state"] != "up" and seen["reason"].startswith(why)) or vpn._fail(seen)

        vpn.wait_for("pe3: its credentials are refused by " + address, probe)


def test_no_route_to_whom_nobody_vouches_for():
    "BGP has the routes in both directions; they are invalid and not installed, in no form."
    for pe, prefix in (("pe1", "192.168.3.0/24"), ("pe2", "192.168.3.0/24"), ("pe3", "192.168.1.0/24")):
        router = gear(pe)
        vpn.wait_for(
            "{}: {} in BGP".format(pe, prefix),
            lambda r=router, p=prefix: p in vpn.vtysh(r, "show bgp ipv4 unlabeled-vpn"),
        )
        vpn.wait_route(router, "red", prefix, installed=False)
        vpn.wait_for("{}: {} is not in the kernel".format(pe, prefix), lambda r=router, p=prefix: p not in r.net.cmd_raises("ip route show vrf red"))
    for pe in ("pe1", "pe2"):
        assert "10.0.0.3" not in gear(pe).net.cmd_raises("ip xfrm state")
    # pe3 trusts them, so IKE gives it SAs until it hears that its own certificate is refused
    vpn.wait_for("pe3: no SA stays", lambda: not gear("pe3").net.cmd_raises("ip xfrm state").strip())


def test_nothing_of_a_key_is_shown():
    "The paths are configuration; the key is charon's."
    with open(os.path.join(pki.directory, "pe1.key"), encoding="ascii") as file:
        secret = file.read().splitlines()[1]
    for command in ("show running-config", "show vpn peer json"):
        assert secret not in vpn.vtysh(gear("pe1"), command)
    logs = gear("pe1").net.cmd_raises("cat /tmp/gearlogdir/charon.log vpnd.log mgmtd.log")
    assert "pe1.key" in vpn.vtysh(gear("pe1"), "show running-config") and secret not in logs


def test_a_certificate_of_the_right_ca():
    "Issued, configured under another name, and the PE is in; nothing is done at the others."
    pe3 = gear("pe3")
    pki.host(pe3, "pe3", "provider", "10.0.0.3")
    new = "{0}/new.pem key {0}/new.key ca {0}/provider.pem".format(pki.directory)
    pe3.net.cmd_raises("cd {} && cp -p pe3.pem new.pem && cp -p pe3.key new.key".format(pki.directory))
    vpn.vtysh(pe3, "configure terminal", "vpn", "ipsec-profile GOLD", "authentication certificate " + new)
    vpn.vtysh(pe3, "clear vpn peer all")
    wait_vpn("pe3", "pe1")
    wait_vpn("pe2", "pe3")


def test_an_ended_list_of_revoked_certificates_is_used_on():
    "pe1 gets a list that has pe3 on it and ended yesterday: pe3 is refused, and that is said; pe2, which is not on it, is believed."
    pe1 = gear("pe1")
    pki.ended_list(pe1, "provider", "pe3")
    files = "{0}/pe1.pem key {0}/pe1.key ca {0}/provider.pem crl {0}/provider.crl".format(pki.directory)
    vpn.vtysh(pe1, "configure terminal", "vpn", "ipsec-profile GOLD", "authentication certificate " + files)
    vpn.vtysh(pe1, "clear vpn peer all")

    def probe():
        seen = vpn.peer(pe1, "10.0.0.3")
        return (seen["state"] != "up" and "is revoked" in seen["reason"]) or vpn._fail(seen)

    vpn.wait_for("pe1: the certificate of pe3 is revoked", probe)
    vpn.wait_route(pe1, "red", "192.168.3.0/24", installed=False)
    wait_vpn("pe1", "pe2")
    wait_vpn("pe2", "pe3")
    assert "crl is stale" in pe1.net.cmd_raises("cat /tmp/gearlogdir/charon.log")
