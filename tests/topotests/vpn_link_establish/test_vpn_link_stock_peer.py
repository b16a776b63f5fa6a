# SPDX-License-Identifier: GPL-2.0-or-later
"""
The other end is strongSwan and ip(8), and nothing of ours; beside the link the two have an ordinary SA of policies.

     red 10.1.0.1 ── r1 vpnd ═══ paris (ipip-shared) ═══ ipip device, charon ── r2
                     192.0.2.1                           192.0.2.2
     10.5.1.1 ────── r1 ─── tunnel mode, by swanctl ──────────── r2 ── 10.5.2.1       192.0.2.11, 192.0.2.12
"""
import os
import re
import sys

import pytest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), ".."))
# pylint: disable=C0413
import vpnlink
import vpntopo as vpn
from lib.topogen import Topogen, get_topogen

pytestmark = [pytest.mark.vpnd]
CONNECTION = """
 {name} {{
  version = 2
  local_addrs = {local}
  remote_addrs = {remote}
  mobike = no
  local {{
   auth = psk
   id = {local}
  }}
  remote {{
   auth = psk
   id = {remote}
  }}
  children {{
   {name} {{
{child}
   }}
  }}
 }}
"""
SECRET = """
secrets {
 ike-any {
  secret = only-for-the-test
 }
}
"""
SIGNAL = ("mode = {mode}", "local_ts = 192.0.2.2/32[4]", "remote_ts = 192.0.2.1/32[4]")


def connection(name, local, remote, child):
    return CONNECTION.format(name=name, local=local, remote=remote, child="\n".join("    " + line for line in child))


def nets(n):
    return ("mode = tunnel", "local_ts = 10.5.{}.0/24".format(n), "remote_ts = 10.5.{}.0/24".format(3 - n))


def load(name, *connections):
    "As an operator does it: swanctl unloads all else."
    path = "/tmp/{}-swanctl.conf".format(name)
    with open(path, "w", encoding="ascii") as file:
        file.write("connections {\n" + "".join(connections) + "}\n" + SECRET)
    vpnlink.gear(name).net.swanctl("--load-all --noprompt --file " + path)


def theirs(mode):
    "What r2 has: the link's other end in this mode, and the static one."
    signal = [line.format(mode=mode) for line in SIGNAL]
    load("r2", connection("site", "192.0.2.2", "192.0.2.1", signal), connection("static", "192.0.2.12", "192.0.2.11", nets(2)))


def configured(name):
    link = vpnlink.link(name, "paris", "red", "ipip-shared", "address 10.9.0.1/32 peer 10.9.0.2")
    return vpnlink.head(name) + link + "exit\ninterface r1-eth0\n ip address 192.0.2.11/24\nexit\n"


def setup_module(module):
    tgen = Topogen(vpnlink.build, module.__name__)
    tgen.start_topology()
    r1, r2 = (tgen.gears[name].net for name in ("r1", "r2"))
    for n, net in enumerate((r1, r2), 1):
        vpn.dummy(net, "lan")
        net.cmd_raises("ip address add 10.5.{}.1/24 dev lan".format(n))
    for address in ("192.0.2.2/24", "192.0.2.12/24"):
        r2.cmd_raises("ip address add {} dev r2-eth0".format(address))
    r2.cmd_raises("ip link add red type ipip local 192.0.2.2 remote 192.0.2.1 ttl 64 && ip link set red mtu 1400 up")
    r2.cmd_raises("ip address add 10.9.0.2 peer 10.9.0.1 dev red")
    r2.cmd_raises("ip route add 10.5.1.0/24 via 192.0.2.11 src 10.5.2.1")
    r2.start_charon(plugin="no")
    theirs("tunnel")
    vpn.vrf(r1, "red", 101, [])
    r1.cmd_raises("ip address add 192.0.2.11/24 dev r1-eth0")
    r1.start_charon()
    load("r1", connection("static", "192.0.2.11", "192.0.2.12", nets(1)))
    path = "/tmp/r1.conf"
    with open(path, "w", encoding="ascii") as file:
        file.write(configured("r1"))
    vpn.start_pe(tgen, "r1", daemons=("zebra", "vpnd"), config=path, charon=False)
    r1.cmd_raises("ip route add 10.5.2.0/24 via 192.0.2.12 src 10.5.1.1")


def teardown_module(_module):
    get_topogen().stop_topology()


def installed(name, child):
    return len(re.findall(r"^  {}: #\d+, reqid \d+, INSTALLED".format(child), vpnlink.gear(name).net.swanctl("--list-sas"), re.M))


def test_tunnel_mode_answered():
    "r2 answers tunnel mode to the proposal of transport mode: refused, and why is the link's reason."
    vpn.wait_for(
        "r1: paris says why",
        lambda: "the peer wants tunnel mode where this link is in transport mode" in vpnlink.state("r1", "paris")["reason"]
        or vpn._fail(vpnlink.state("r1", "paris")),
    )
    assert not vpnlink.device_up("r1", "paris")
    for name in ("r1", "r2"):
        vpn.wait_for(name + ": no SA is left", lambda n=name: not vpnlink.gear(n).net.cmd_raises("ip xfrm state").strip())
    assert vpnlink.state("r1", "paris")["failures"] >= 1


def test_transport_mode_answered():
    "The same peer, as it should be: up at the next attempt, and an ipip device is its other end, to the packet."
    theirs("transport")
    vpn.vtysh(vpnlink.gear("r1"), "clear vpn tunnel-link paris")
    vpnlink.wait_state("r1", "paris", "up")
    r2 = vpnlink.gear("r2").net
    r2.cmd_raises(
        "nft -f -",
        stdin='table ip counted { chain c { type filter hook prerouting priority 0; iifname "red" ip protocol icmp counter; }; }',
    )
    assert vpn.ping(vpnlink.gear("r1"), "10.9.0.2", 20, interval=0.01, options="-I paris") == (20, 20)
    assert vpn.ping(vpnlink.gear("r2"), "10.9.0.1", 20, interval=0.01) == (20, 20)
    said = r2.cmd_raises("nft list table ip counted")
    assert "packets 40 " in said, said  # 20 requests and 20 replies, whatever IPv6 says of itself


def static_spis():
    "SPIs of the SAs between the second addresses, in r1's kernel."
    return set(re.findall(r"src 192\.0\.2\.1[12] dst 192\.0\.2\.1[12]\n\tproto esp spi (\S+)", vpnlink.gear("r1").net.cmd_raises("ip xfrm state")))


def test_static_sa_beside_it():
    "In vpnd's own charon: it comes up, and neither the link's end nor vpnd's restart touches it."
    r1 = vpnlink.gear("r1")
    r1.net.swanctl("--initiate --child static")
    before = static_spis()
    assert len(before) == 2
    assert vpn.ping(r1, "10.5.2.1", 20, interval=0.01, options="-I 10.5.1.1") == (20, 20)
    vpn.vtysh(r1, "clear vpn tunnel-link paris")
    vpn.kill(r1, "vpnd")
    vpn.restart(r1, "vpnd")
    vpnlink.wait_state("r1", "paris", "up")
    # a vpnd that finds the device up says so, also when charon has not yet done what was cleared
    vpn.wait_for("r1: the link has an SA", lambda: installed("r1", "paris") == 1)
    vpn.wait_ping(r1, "10.9.0.2", "-I paris")
    assert vpn.ping(r1, "10.9.0.2", 20, interval=0.01, options="-I paris") == (20, 20)
    assert vpn.ping(r1, "10.5.2.1", 20, interval=0.01, options="-I 10.5.1.1") == (20, 20)
    assert static_spis() == before


def test_operator_loads_connections():
    "swanctl --load-all unloads vpnd's connections; the link comes up again all the same."
    r1 = vpnlink.gear("r1")
    load("r1", connection("static", "192.0.2.11", "192.0.2.12", nets(1)))
    assert "vpnd-link" not in r1.net.swanctl("--list-conns")
    vpn.vtysh(r1, "clear vpn tunnel-link paris")
    vpn.wait_for("r1: the connection is loaded again", lambda: "vpnd-link" in r1.net.swanctl("--list-conns"))
    vpnlink.wait_state("r1", "paris", "up")
    assert vpn.ping(r1, "10.9.0.2", 20, interval=0.01, options="-I paris") == (20, 20)


def test_link_removed():
    "Its SA goes at both ends, and the static one stays."
    r1 = vpnlink.gear("r1")
    before = static_spis()
    vpn.vtysh(r1, "configure terminal", "vpn", "no tunnel-link paris vrf red")
    vpn.wait_for("r2: the link's SA is gone", lambda: installed("r2", "site") == 0)
    assert vpn.ping(r1, "10.5.2.1", 20, interval=0.01, options="-I 10.5.1.1") == (20, 20)
    assert static_spis() == before and len(before) == 2
