# SPDX-License-Identifier: GPL-2.0-or-later
"""
A customer edge: told by a server of the provider's, filtered towards the provider, torn down when nobody wants it.

     red0 10.1.0.1/24 ─(VRF red)─ ce ── 192.0.2.1 ══ provider's core ══ 192.0.2.2 ── peer ─(VRF red)─ red0 10.2.0.1/24
                                                            │
                                       192.0.2.3 and 192.0.2.4 srv: ncclient, where the provider's servers are

ce is told only what a customer edge is told before it is shipped; whatever else
it runs comes over NETCONF.  The servers are ncclient on the connections that ce
opens, so what is tried is not tied to the server of ours.  The provider's space
also has 10.2.0.0/24, on srv: overlapping with the VPN.
"""
import json
import os
import socket
import sys

import pytest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), ".."))
# pylint: disable=C0413
import nctopo as nc
import vpntopo as vpn
from lib.topogen import Topogen, get_topogen

pytestmark = [pytest.mark.vpnd, pytest.mark.netconfd]

CE, PEER, FIRST, SECOND = "192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"
PORT = 4335
KEY = "the-key-of-this-link"
ROUTES = 1000

PRECONFIGURED = """
hostname ce
ip route 203.0.113.1/32 blackhole
interface ce-eth0
 ip address {ce}/24
exit
vpn
 customer-edge
  identity paris
  address {ce}
  provider-interface ce-eth0
  server {first}
  server {second}
  certificate {keys}/cert-branch.pem key {keys}/cert-branch.key ca {keys}/ca.pem
 exit
exit
"""
OTHER_END = """
hostname peer
interface peer-eth0
 ip address {peer}/24
exit
vpn
 ipsec-profile P
  authentication pre-shared-key {key}
  dead-peer-detection 0
  retry initial 1 maximum 2
 exit
 tunnel-link to-paris vrf red
  local {peer}
  remote {ce}
  encapsulation ipsec-tunnel
  ipsec-profile P
  vpn-id 00a0c9:00000001
 exit
exit
ip route 10.1.0.0/24 to-paris vrf red
"""
LINK = """
<vpn xmlns="http://frrouting.org/yang/vpnd" xmlns:nc="urn:ietf:params:xml:ns:netconf:base:1.0">
 <ipsec-profile{mark}><name>vpn:red:peer</name>{profile}</ipsec-profile>
 <tunnel-link{mark}><name>to-peer</name>{link}</tunnel-link>
 <customer-edge><provisioned-version>{version}</provisioned-version></customer-edge>
</vpn>"""
PROFILE = """<authentication><pre-shared-key>{key}</pre-shared-key></authentication>
 <retry><initial>1</initial><maximum>2</maximum></retry>"""
TUNNEL = """<vrf>red</vrf><local>{ce}</local><remote>{peer}</remote><encapsulation><type>ipsec-tunnel</type></encapsulation>
 <ipsec-profile>vpn:red:peer</ipsec-profile><vpn-id>00a0c9:00000001</vpn-id>"""


def build_topo(tgen):
    core = tgen.add_switch("core")
    core.add_link(tgen.add_router("ce", cls=nc.NetconfRouter))
    core.add_link(tgen.add_router("peer", cls=vpn.VpnRouter))
    core.add_link(tgen.add_router("srv", cls=vpn.VpnRouter))


def setup_module(module):
    tgen = Topogen(build_topo, module.__name__)
    tgen.start_topology()
    for name, network in (("ce", "10.1.0.1"), ("peer", "10.2.0.1")):
        net = tgen.gears[name].net
        vpn.dummy(net, "red0")
        vpn.vrf(net, "red", 101, ["red0"])
        net.cmd_raises("ip address add {}/24 dev red0".format(network))
    srv = tgen.gears["srv"].net
    for address in (FIRST, SECOND):
        srv.cmd_raises("ip address add {}/24 dev srv-eth0".format(address))
    srv.cmd_raises("ip link set srv-eth0 up; ip address add 10.2.0.7/24 dev lo; ip route add 10.1.0.0/24 via " + CE)
    nc.make_keys(tgen.gears["ce"])
    start("peer", OTHER_END.format(ce=CE, peer=PEER, key=KEY), ("zebra", "staticd", "vpnd"))
    text = PRECONFIGURED.format(ce=CE, first=FIRST, second=SECOND, keys=nc.KEYS)
    start("ce", text, ("zebra", "staticd", "vpnd", "netconfd"))


def teardown_module(_module):
    get_topogen().stop_topology()


def start(name, text, daemons):
    path = "/tmp/{}-customer-edge.conf".format(name)
    with open(path, "w", encoding="ascii") as file:
        file.write(text)
    vpn.start_pe(get_topogen(), name, daemons=daemons, config=path)


def gear(name):
    return get_topogen().gears[name]


def ce_edge(*lines):
    vpn.vtysh(gear("ce"), "configure terminal", "vpn", "customer-edge", *lines)


def provisioning():
    return vpn.show(gear("ce"), "show vpn provisioning")


def wait_provisioning(what, timeout=30, **values):
    def probe():
        now = provisioning()
        if any(now.get(key) != value for key, value in values.items()):
            raise ValueError(now)
        return now

    return vpn.wait_for(what, probe, timeout)


def link(name):
    links = vpn.show(gear(name), "show vpn tunnel-link")["tunnelLinks"]
    return links.get("to-peer" if name == "ce" else "to-paris")


def wait_link(name, state, timeout=30):
    def probe():
        now = link(name)
        if now["state"] != state:
            raise ValueError(now)
        return now

    return vpn.wait_for("{}: the link is {}".format(name, state), probe, timeout)


def push(session, version, operation=None, key=KEY):
    "What the server wants, in one commit, as a server does it."
    there = operation is None
    text = LINK.format(
        mark=nc.mark(operation),
        profile=PROFILE.format(key=key) if there else "",
        link=TUNNEL.format(ce=CE, peer=PEER) if there else "",
        version=version,
    )
    commit(session, text, route("10.2.0.0/24", operation))


def route(prefix, operation=None):
    "A static route over the server's link, for <config>."
    text = (
        nc.ROUTE.replace("blackhole", "ifindex")
        .replace("<interface>(null)</interface><bh-type>null</bh-type>", "<interface>to-peer</interface>")
        .replace("<vrf>default</vrf>", "<vrf>red</vrf>")
        .format(prefix=prefix, mark=nc.mark(operation))
    )
    return nc.ROUTING.replace("<vrf>default</vrf>", "<vrf>red</vrf>").format(text)


def commit(session, *parts):
    with session.locked("candidate"):
        session.edit_config(nc.config(*parts), target="candidate")
        session.validate("candidate")
        session.commit()


def home(address=FIRST):
    return nc.Home(gear("srv"), PORT, address=address)


def call_now():
    vpn.vtysh(gear("ce"), "netconf call-home customer-edge now")


def dropped(chain):
    "Packets that the last rules of a chain of ours have dropped."
    text = gear("ce").net.cmd_raises("nft list chain inet frr-vpnd " + chain)
    return sum(int(line.split("packets ")[1].split()[0]) for line in text.splitlines() if "counter" in line)


def unheard_pings():
    "Three of the peer's: dropped, beside what IPv6 multicasts by itself; ce's stack sees none."
    before, heard = dropped("input"), vpn.snmp(gear("ce"), "Icmp", "InEchos")
    assert vpn.ping(gear("peer"), CE, 3, wait=1)[1] == 0
    assert dropped("input") >= before + 3
    assert vpn.snmp(gear("ce"), "Icmp", "InEchos") == heard


def test_the_rules_are_there_before_anything_else():
    "Nobody has told ce anything yet, and the provider's interface is filtered; its addresses are what was typed."
    now = wait_provisioning("the provider's interface is filtered", filtered=True)
    assert now["state"] == "connecting" and now["address"] == CE and now["identity"] == "paris", now
    assert [s["address"] for s in now["servers"]] == [FIRST, SECOND], now
    unheard_pings()


def test_the_second_server_tells_it_what_to_run():
    "Nobody is at the first one. What comes from the second is one commit; then the VPN is there, and saved: that alone."
    file, unsaved = file_state(), "ip route 203.0.113.9/32 blackhole"
    vpn.vtysh(gear("ce"), "configure terminal", unsaved)
    with home(SECOND) as server:
        session, name = server.session(timeout=120)
        assert name == "branch"
        wait_provisioning("a session is seen", inSession=True)
        push(session, 7)
        session.close_session()
    now = wait_provisioning("what was told is known", state="up", version=7, profiles=1, tunnelLinks=1, inSession=False)
    assert (now["server"], now["port"]) == (SECOND, PORT), now
    wait_link("ce", "up")
    wait_link("peer", "up")
    vpn.wait_ping(gear("ce"), "10.2.0.1", "-I red")
    vpn.wait_ping(gear("peer"), "10.1.0.1", "-I red")
    text = vpn.wait_for("what was told is saved", lambda: "tunnel-link to-peer" in saved() and saved())
    assert "ip route 10.2.0.0/24 to-peer" in text and KEY in text
    assert unsaved in vpn.vtysh(gear("ce"), "show running-config") and unsaved not in text
    assert file_state() == file
    vpn.vtysh(gear("ce"), "configure terminal", "no " + unsaved)


def saved():
    return gear("ce").net.cmd_raises("cat /etc/frr/frr.conf")


def file_state():
    "Who may read the file, and how much of it is not the server's; no other file is left beside it."
    net = gear("ce").net
    files = net.cmd_raises("ls /etc/frr; stat -L -c %a:%U:%G /etc/frr/frr.conf")
    return files, saved().split("! what the provider's server")[0]


def test_state_in_yang():
    text = vpn.vtysh(gear("ce"), "show mgmt get-data /frr-vpnd:vpn/state/provisioning")
    for words in ('"state":"up"', '"server":"{}"'.format(SECOND), '"provisioned-version":"7"', '"last-contact"'):
        assert words in text.replace(" ", ""), text


def test_the_servers_objects_are_marked_and_guarded():
    "A command that would change one is refused, in words that say who has to be asked, and changes nothing."
    assert link("ce")["provisioned"] is True
    before = vpn.vtysh(gear("ce"), "show running-config")
    for lines in (
        ("vpn", "ipsec-profile vpn:red:peer", "lifetime 100"),
        ("vpn", "no ipsec-profile vpn:red:peer"),
        ("vpn", "ipsec-profile vpn:red:mine"),
        ("vpn", "tunnel-link to-peer vrf red", "remote 192.0.2.9"),
        ("vpn", "tunnel-link to-peer vrf blue"),
        ("vpn", "no tunnel-link to-peer"),
        ("no ip route 10.2.0.0/24 to-peer vrf red",),
        ("ip route 10.2.0.0/24 to-peer 50 vrf red",),
        ("ip route 10.9.0.0/24 192.0.2.2 to-peer vrf red",),
        ("vrf red", "no ip route 10.2.0.0/24 to-peer"),
        ("vrf red", "ipv6 route 2001:db8:9::/48 to-peer"),
    ):
        commands = " ".join("-c '{}'".format(c) for c in ("configure terminal",) + lines)
        said = gear("ce").net.cmd("vtysh {} 2>&1 || true".format(commands))
        assert "is the provider's" in said and "no customer-edge" in said, said
    assert vpn.vtysh(gear("ce"), "show running-config") == before
    # what is not the server's is anybody's
    vpn.vtysh(gear("ce"), "configure terminal", "vpn", "ipsec-profile OWN", "lifetime 100", "exit", "no ipsec-profile OWN")
    vpn.vtysh(gear("ce"), "configure terminal", "ip route 10.9.0.0/24 red0 vrf red")
    assert "10.9.0.0/24" in vpn.vtysh(gear("ce"), "show running-config")
    vpn.vtysh(gear("ce"), "configure terminal", "no ip route 10.9.0.0/24 red0 vrf red")
    assert vpn.vtysh(gear("ce"), "show running-config") == before


def test_what_was_saved_is_read_again():
    "mgmtd starts anew with the file: nothing of the server's in it is taken for a change by hand, and its servers are called as before."
    before = vpn.vtysh(gear("ce"), "show running-config")
    vpn.kill(gear("ce"), "mgmtd")
    vpn.restart(gear("ce"), "mgmtd")
    vpn.wait_for("the configuration is there", lambda: vpn.vtysh(gear("ce"), "show running-config") == before)
    wait_link("ce", "up")
    with home() as server:
        call_now()
        session, _ = server.session()
        session.close_session()
    vpn.wait_for("the session is over", lambda: not provisioning()["inSession"])


class Hammer:
    """
    srv sends UDP to a port of ce as fast as it can, from before there are rules until
    after; a socket there takes what comes.
    """

    PORT = 5555

    def __init__(self, command="", address=CE):
        with nc.inside(gear("ce")):
            self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self.socket.bind(("0.0.0.0", self.PORT))
        self.socket.setblocking(False)
        gear("srv").net.cmd_raises("cat > /tmp/hammer.py", stdin=HAMMER)
        where = gear("ce") if command else gear("srv")
        self.sender = vpn.Background(where, "hammer", "{} nice -n 19 python3 /tmp/hammer.py {} {}".format(command, address, self.PORT))

    def taken(self):
        "Has the socket got anything?"
        try:
            return bool(self.socket.recv(1))
        except BlockingIOError:
            return False

    def end(self):
        self.sender.end("KILL")
        self.socket.close()


HAMMER = """
import socket, sys
sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
while True:
    try:
        sock.sendto(b"x", (sys.argv[1], int(sys.argv[2])))
    except OSError:  # nobody there (yet)
        pass
"""


def wait_dropped(count):
    "Until the rules have dropped that many packets more."
    before = dropped("input")
    vpn.wait_for("packets are dropped", lambda: dropped("input") >= before + count)


def test_a_reboot_where_no_server_is():
    "The power fails. ce runs what was saved; its interface is down until it is filtered: not one packet is taken before."
    net, before = gear("ce").net, vpn.vtysh(gear("ce"), "show running-config")
    mac = json.loads(net.cmd_raises("ip -j link show dev ce-eth0"))[0]["address"]
    for daemon in ("netconfd", "vpnd", "staticd", "zebra", "mgmtd", "charon"):
        vpn.kill(gear("ce"), daemon)
    net.cmd_raises(
        "ip link set ce-eth0 down; ip link del to-peer; ip xfrm state flush; ip xfrm policy flush;"
        "ip route flush proto static; rm -f {}/*.pid; nft flush ruleset".format(vpn.RUN)
    )
    assert "frr-vpnd" not in net.cmd_raises("nft list tables")
    gear("srv").net.cmd_raises("ip neigh replace {} lladdr {} dev srv-eth0 nud permanent".format(CE, mac))
    hammer = Hammer()
    try:
        net.start_charon()
        vpn.start_daemons(gear("ce"))
        wait_provisioning("the provider's interface is filtered", filtered=True)
        wait_dropped(1000)
        assert not hammer.taken()
    finally:
        hammer.end()
    vpn.wait_for("the configuration is there", lambda: vpn.vtysh(gear("ce"), "show running-config") == before)
    wait_link("ce", "up")
    vpn.wait_ping(gear("ce"), "10.2.0.1", "-I red")
    wait_provisioning("no server was reached", state="connecting", version=7)


def called():
    "The server whose turn it is."
    homes = json.loads(vpn.vtysh(gear("ce"), "show netconf call-home json"))
    return homes.get("customer-edge", {}).get("server")


def read_file(servers, routes):
    "One commit for vpnd and staticd, which has so much more to do that vpnd speaks before running is what was committed."
    lines = ["vpn", "customer-edge"] + servers + ["exit", "exit"] + routes
    gear("ce").net.cmd_raises("cat > /tmp/ce-more.conf", stdin="\n".join(lines) + "\n")
    gear("ce").net.cmd_raises("vtysh -f /tmp/ce-more.conf")


def test_what_is_called_is_what_was_committed():
    "vpnd's notification does not overtake the commit it belongs to: netconfd reads the new servers, not the old ones."
    before = vpn.vtysh(gear("ce"), "show running-config")
    routes = ["ip route 198.18.{}.{}/32 blackhole".format(i // 250, i % 250) for i in range(ROUTES)]
    read_file(["no server " + FIRST, "no server " + SECOND, "server 192.0.2.9"], routes)
    vpn.wait_for("the new server is called", lambda: called() == "192.0.2.9 port {}".format(PORT))
    read_file(["no server 192.0.2.9", "server " + FIRST, "server " + SECOND], ["no " + route for route in routes])
    vpn.wait_for("the old ones are called", lambda: called() in ["{} port {}".format(s, PORT) for s in (FIRST, SECOND)])
    assert vpn.vtysh(gear("ce"), "show running-config") == before


def test_nobody_else_removes_the_rules():
    "Whoever flushes the rule set leaves ours: not one packet more is taken. They can be told from others."
    hammer = Hammer()
    try:
        wait_dropped(1000)
        gear("ce").net.cmd_raises("nft add table inet other; nft flush ruleset")
        assert gear("ce").net.cmd_raises("nft list tables").split("\n") == ["table inet frr-vpnd", ""]
        refused = gear("ce").net.cmd("nft delete table inet frr-vpnd 2>&1 || true")
        assert "not permitted" in refused, refused
        wait_dropped(1000)
        assert not hammer.taken()
    finally:
        hammer.end()


def test_what_passes_the_providers_interface():
    "A port that listens is not reached; path MTU messages are; nothing is forwarded either way."
    net = gear("ce").net
    before = dropped("input")
    net.cmd_raises("socat TCP-LISTEN:5555,fork,reuseaddr EXEC:true > /dev/null 2>&1 < /dev/null & echo $! > /tmp/ce-socat.pid")
    try:
        assert gear("srv").net.cmd("socat -T 1 - TCP:{}:5555,connect-timeout=1 < /dev/null 2>&1 || true".format(CE))
        assert dropped("input") > before
    finally:
        net.cmd("kill $(cat /tmp/ce-socat.pid)")
    # srv has a route to the VPN's addresses by ce, and ce a route by which it would forward
    net.cmd_raises("sysctl -w net.ipv4.ip_forward=1; ip route add 10.1.0.0/24 dev red0")
    try:
        forwarded, seen = dropped("forward"), sent("red0")
        gear("srv").net.cmd("ping -c 3 -i 0.1 -W 1 -I 10.2.0.7 10.1.0.9")
        assert dropped("forward") == forwarded + 3
        assert sent("red0") == seen
    finally:
        net.cmd_raises("ip route del 10.1.0.0/24 dev red0")


def sent(ifname):
    "Packets that left ce by an interface."
    return json.loads(gear("ce").net.cmd_raises("ip -s -j link show dev " + ifname))[0]["stats64"]["tx"]["packets"]


def host(name, gateway):
    "A host behind ce, in VRF red: packets of its are forwarded, not ce's own."
    net = gear("ce").net
    net.cmd_raises(
        "ip netns add {0}; ip link add {0} type veth peer name eth0 netns {0}; ip link set {0} master red up;"
        "ip address add 10.1.1.1/24 dev {0}; ip -n {0} link set eth0 up; ip -n {0} address add 10.1.1.2/24 dev eth0;"
        "ip -n {0} route add default via {1}".format(name, gateway)
    )


@pytest.fixture(scope="module")
def lan():
    host("lan", "10.1.1.1")
    yield gear("ce").net
    gear("ce").net.cmd("ip netns del lan; ip link del lan")


def ping_outside(net):
    "From the site to an address of the provider's: replies, of 3."
    return int(net.cmd("ip netns exec lan ping -c 3 -i 0.1 -W 1 {} | grep -c 'bytes from' || true".format(FIRST)).strip())


def test_internet_access_is_as_configured(lan):
    "none: nothing leaves, though there is a route; nat: from ce's address, nothing begins outside; gateway: as it is."
    vpn.vtysh(
        gear("ce"),
        "configure terminal",
        "ip route {}/32 {} ce-eth0 vrf red nexthop-vrf default".format(FIRST, FIRST),
        "ip route 10.1.1.0/24 lan nexthop-vrf red",
    )
    vpn.wait_for("the leaked routes", lambda: FIRST in lan.cmd("ip route show vrf red") and "10.1.1.0" in lan.cmd("ip route"))
    srv = gear("srv").net
    srv.cmd_raises("ip route add 10.1.1.0/24 via " + CE)
    before = dropped("forward")
    assert ping_outside(lan) == 0
    assert dropped("forward") == before + 3

    ce_edge("internet-access nat vrf red")
    capture = vpn.Capture(gear("srv"), "srv-eth0")
    vpn.wait_for("the site reaches the provider, translated", lambda: ping_outside(lan) == 3)
    text = capture_text(capture)
    assert "10.1.1.2" not in text, text
    assert srv.cmd("ping -c 2 -i 0.1 -W 1 10.1.1.2 | grep -c 'bytes from' || true").strip() == "0"

    ce_edge("internet-access gateway vrf red")
    vpn.wait_for("outside reaches the site", lambda: srv.cmd("ping -c 1 -W 1 10.1.1.2 | grep -c 'bytes from' || true").strip() == "1")
    assert ping_outside(lan) == 3

    ce_edge("internet-access none")
    vpn.wait_for("nothing leaves again", lambda: ping_outside(lan) == 0)
    vpn.vtysh(
        gear("ce"),
        "configure terminal",
        "no ip route {}/32 {} ce-eth0 vrf red nexthop-vrf default".format(FIRST, FIRST),
        "no ip route 10.1.1.0/24 lan nexthop-vrf red",
    )
    srv.cmd_raises("ip route del 10.1.1.0/24 via " + CE)
    wait_link("ce", "up")


def test_the_two_spaces_do_not_meet(lan):
    "The provider's space has a default route, the VPN none: nothing of the VPN's, ce's own packets included, gets there."
    srv, ce = gear("srv").net, gear("ce").net
    srv.cmd_raises("ip address add 2001:db8:c::3/64 dev srv-eth0 nodad")
    ce.cmd_raises(
        "ip address add 2001:db8:c::1/64 dev ce-eth0 nodad; ip route add default via {}; ip route add default via 2001:db8:c::3;"
        "ip address add 2001:db8:1::1/64 dev lan nodad; sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1;"
        "ip -n lan address add 2001:db8:1::2/64 dev eth0 nodad; ip -n lan route add default via 2001:db8:1::1".format(FIRST)
    )
    try:
        assert vpn.ping(gear("srv"), "2001:db8:c::1", 1)[1] == 0
        before = vpn.echoes(gear("srv"))
        for target in (FIRST, "2001:db8:c::3"):
            assert vpn.ping(gear("ce"), target, 1)[1] == 1
            ce.cmd("ip netns exec lan ping -c 3 -i 0.1 -W 1 " + target)
            ce.cmd("ping -c 3 -i 0.1 -W 1 -I red " + target)
        assert vpn.echoes(gear("srv")) == tuple(count + 1 for count in before)
    finally:
        ce.cmd_raises("ip route del default; ip -6 route del default; ip address del 2001:db8:c::1/64 dev ce-eth0")
        srv.cmd_raises("ip address del 2001:db8:c::3/64 dev srv-eth0")


def test_the_internet_over_the_vpn(lan):
    "With internet-access none: a default route over the link leads to the gateway of another site."
    peer = gear("peer")
    peer.net.cmd_raises("ip address add 198.18.0.1/32 dev red0")
    vpn.vtysh(peer, "configure terminal", "ip route 10.1.1.0/24 to-paris vrf red")
    told(route("0.0.0.0/0"))
    ping = "ip netns exec lan ping -c 1 -W 1 198.18.0.1 | grep -c 'bytes from' || true"
    vpn.wait_for("the site reaches the gateway's Internet", lambda: lan.cmd(ping).strip() == "1")
    told(route("0.0.0.0/0", "remove"))


def told(*parts):
    "A server changes something."
    with home() as server:
        call_now()
        session, _ = server.session()
        commit(session, *parts)
        vpn.wait_for("vpnd knows of the session", lambda: provisioning()["inSession"])
        session.close_session()
    vpn.wait_for("the session is over", lambda: not provisioning()["inSession"])


def capture_text(capture):
    capture.stop()
    return get_topogen().gears["srv"].net.cmd_raises("tcpdump -n -r {} 2> /dev/null".format(capture.path))


def test_an_unknown_peer_knocks():
    "Somebody whom ce does not know wants to negotiate: ce calls its server, once for many knocks."
    srv = gear("srv")
    srv.net.start_charon(plugin="no")
    srv.net.cmd_raises("cat > {}/knock.conf".format(vpn.RUN), stdin=KNOCK.format(here=FIRST, there=CE))
    srv.net.swanctl("--load-all --file {}/knock.conf".format(vpn.RUN))
    again = "while :; do swanctl --initiate --child any --timeout 5 --uri {}; sleep 1; done\n".format(vpn.VICI)
    srv.net.cmd_raises("cat > {}/knock.sh".format(vpn.RUN), stdin=again)
    with home() as server:
        # after a call that went well there is none for an hour
        call_now()
        session, _ = server.session()
        session.close_session()
        vpn.wait_for(
            "the call went well", lambda: not provisioning()["inSession"] and "lastError" not in provisioning()
        )
        knocks = vpn.Background(srv, "knocks", "sh {}/knock.sh".format(vpn.RUN))
        session, _ = server.session(timeout=45)
        session.close_session()
        knocks.end("TERM")
    assert "{} wants to negotiate and is not known".format(FIRST) in gear("ce").net.cmd_raises("cat /tmp/gearlogdir/vpnd.log")


KNOCK = """
connections {{
  stranger {{
    version = 2
    local_addrs = {here}
    remote_addrs = {there}
    proposals = aes256gcm16-prfsha384-x25519
    local {{ auth = psk }}
    remote {{ auth = psk }}
    children {{ any {{ }} }}
  }}
}}
secrets {{ ike-any {{ secret = whatever }} }}
"""


def test_rules_stay_when_vpnd_dies_and_links_too():
    "vpnd killed: the interface is filtered all the time; the next vpnd finds the link up and knows the server."
    vpn.kill(gear("ce"), "vpnd")
    unheard_pings()
    vpn.restart(gear("ce"), "vpnd")
    wait_link("ce", "up")
    now = wait_provisioning("the last contact outlives vpnd", version=7, filtered=True)
    assert now["server"] in (FIRST, SECOND) and "lastContact" in now, now


def test_no_server_for_too_long():
    "The links are torn down when retain is over, with that reason; a server that is back brings them back."
    ce_edge("interval 5", "retain 6")
    wait_provisioning("nobody was reached for too long", 60, state="down")
    assert "retain" in wait_link("ce", "down")["reason"]
    vpn.wait_for("peer: the link is not up", lambda: link("peer")["state"] != "up")
    assert "customer-edge" in [a["object"] for a in vpn.show(gear("ce"), "show vpn alarm")["alarms"]]
    with home() as server:
        session, _ = server.session()
        wait_link("ce", "up", timeout=60)
        ce_edge("no retain", "no interval")
        session.close_session()
    wait_link("peer", "up", timeout=60)
    assert "customer-edge" not in [a["object"] for a in vpn.show(gear("ce"), "show vpn alarm")["alarms"]]


def test_the_address_is_learned():
    "address dhcp: what a lease says is shown, and a server is called from it."
    ce_edge("address dhcp ce-eth0")
    wait_provisioning("the interface's address is known", address=CE)
    net = gear("ce").net
    with home() as server:
        call_now()
        session, _ = server.session()
        session.close_session()
        vpn.wait_for("the session is over", lambda: not provisioning()["inSession"])
    srv = gear("srv").net
    srv.cmd_raises("cat > /tmp/udhcpd.conf", stdin=UDHCPD)
    srv.cmd_raises("touch /tmp/udhcpd.leases; udhcpd -f -S /tmp/udhcpd.conf > /dev/null 2>&1 < /dev/null & echo $! > /tmp/udhcpd.pid")
    try:
        net.cmd_raises("cat > /tmp/lease.sh; chmod +x /tmp/lease.sh", stdin=LEASE)
        net.cmd_raises("timeout 30 udhcpc -i ce-eth0 -f -n -q -t 10 -T 1 -s /tmp/lease.sh")
        wait_provisioning("the leased address is known", address="192.0.2.77")
        with home() as server:
            sock = server.accept(timeout=60)
            assert sock.getpeername()[0] == "192.0.2.77"
            sock.close()
    finally:
        srv.cmd("kill $(cat /tmp/udhcpd.pid)")
        net.cmd("ip address del 192.0.2.77/24 dev ce-eth0; ip address replace {}/24 dev ce-eth0".format(CE))
    ce_edge("address " + CE)
    wait_provisioning("the address that is typed", address=CE)


UDHCPD = """
start 192.0.2.77
end 192.0.2.77
interface srv-eth0
lease_file /tmp/udhcpd.leases
option subnet 255.255.255.0
"""
LEASE = """#!/bin/sh
[ "$1" = bound ] || exit 0
ip address flush dev $interface
ip address add $ip/24 dev $interface
"""


def test_removed_by_the_server():
    "The last push takes all of it: the peer is told by IKE at once, nothing of it is left at ce."
    wait_link("ce", "up", timeout=60)
    deletes = int(gear("peer").net.cmd("grep -c 'received DELETE for' /tmp/gearlogdir/charon.log || true"))
    with home() as server:
        call_now()
        session, _ = server.session()
        push(session, 8, operation="remove")
        session.close_session()
    wait_provisioning("nothing is left", version=8, profiles=0, tunnelLinks=0)
    assert link("ce") is None
    vpn.wait_for(
        "the peer was told by IKE",
        lambda: int(gear("peer").net.cmd("grep -c 'received DELETE for' /tmp/gearlogdir/charon.log || true")) > deletes,
    )
    vpn.wait_for("peer: the link is not up", lambda: link("peer")["state"] != "up")
    net = gear("ce").net
    vpn.wait_for("charon has no connection of it", lambda: "vpnd-link-" not in net.swanctl("--list-conns") + "")
    vpn.wait_for(
        "charon has forgotten the key",
        lambda: int(net.cmd("grep -c 'unloaded shared key with id .vpnd-link-' /tmp/gearlogdir/charon.log || true")) >= 1,
    )
    vpn.wait_for("no SA is left", lambda: not net.cmd("ip xfrm state").strip())
    assert KEY not in vpn.vtysh(gear("ce"), "show running-config")
    vpn.wait_for("the key is in no file", lambda: KEY not in saved())
    assert "customer-edge" in saved()


def test_no_key_is_in_a_log():
    for name in ("ce", "peer"):
        found = gear(name).net.cmd("grep -l {} /tmp/gearlogdir/*.log || true".format(KEY))
        assert not found.strip(), found


def test_an_interface_that_appears_is_filtered():
    "The rules name an interface that there is not; when it appears it is set up, and not one packet is taken."
    net = gear("ce").net
    ce_edge("provider-interface wan0")
    vpn.wait_for("the rules name it", lambda: "wan0" in net.cmd("nft list chain inet frr-vpnd input"))
    net.cmd_raises(
        "ip netns add outside; ip link add wanx address 02:00:00:00:05:02 type veth peer name out0 netns outside; ip address add 198.18.5.2/24 dev wanx;"
        "ip -n outside address add 198.18.5.1/24 dev out0; ip -n outside link set out0 up;"
        "ip -n outside neigh replace 198.18.5.2 lladdr 02:00:00:00:05:02 dev out0 nud permanent"
    )
    hammer = Hammer("ip netns exec outside", "198.18.5.2")
    try:
        net.cmd_raises("ip link set wanx name wan0")
        wait_dropped(1000)
        assert not hammer.taken()
        ce_edge("no provider-interface")
        vpn.wait_for("without rules packets are taken", hammer.taken)
    finally:
        hammer.end()
        net.cmd("ip link del wan0; ip netns del outside")
    ce_edge("provider-interface ce-eth0")
    wait_provisioning("the provider's interface is filtered", filtered=True)


def test_without_customer_edge_there_are_no_rules():
    vpn.vtysh(gear("ce"), "configure terminal", "vpn", "no customer-edge")
    vpn.wait_for("the table is gone", lambda: "frr-vpnd" not in gear("ce").net.cmd_raises("nft list tables"))
    vpn.wait_ping(gear("peer"), CE)
    assert provisioning() == {"configured": False}
