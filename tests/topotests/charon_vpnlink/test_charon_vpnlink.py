# SPDX-License-Identifier: GPL-2.0-or-later
"""
Tunnel links in charon, without FRR: the test speaks to the plugin in vpnd's
place, loads connections with swanctl and makes devices with ip(8).

      10.9.0.1 ── red (xfrm, if_id 0x30000001) ─ gw ──── core ──── peer ─ device ── 10.9.0.2
                                             192.0.2.1          192.0.2.2

The peer is strongSwan without anything of ours (an ipip, xfrm or VTI device), or
a second gateway with the plugin.  Packets are counted exactly: by the SAs, and by
the kernel's counters of what it dropped.
"""
import os
import re
import sys

import pytest

sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))
from linklab import CONN, NONE, TRANSPORT, VENDOR_ID, Gateway, Stock, Wire, signal, wait_for, wildcards  # noqa: E402

GW, PEER = "192.0.2.1", "192.0.2.2"
RED, BLUE = 0x30000001, 0x30000002
RED_ID, BLUE_ID = "00a0c900000001", "00a0c900000002"
HERE, THERE = "10.9.0.1", "10.9.0.2"

VERSIONS = pytest.mark.parametrize("version", [1, 2], ids=["ikev1", "ikev2"])
ROLES = pytest.mark.parametrize("initiator", ["gw", "peer"], ids=["initiator", "responder"])


@pytest.fixture
def stock(tmp_path):
    "Our gateway and a peer without anything of ours; charons run, nothing is configured."
    yield from run_wire(Gateway("gw", GW, str(tmp_path)), Stock("peer", PEER, str(tmp_path)))


@pytest.fixture
def pair(tmp_path):
    "Two gateways of ours."
    yield from run_wire(Gateway("gw", GW, str(tmp_path)), Gateway("peer", PEER, str(tmp_path)))


def run_wire(left, right):
    wire = Wire(left, right)
    try:
        for node in wire.both:
            node.start()
        yield wire
    finally:
        wire.remove()


def exact(wire, count, **of):
    "Both ends' SAs have counted this many packets each way, and nothing was dropped."
    expected = {(GW, PEER): count, (PEER, GW): count}
    assert wire.left.packets(of.get("left")) == expected, wire.left.run("ip -s xfrm state")
    assert wire.right.packets(of.get("right")) == expected, wire.right.run("ip -s xfrm state")
    for node in wire.both:
        assert node.dropped() == {}, node.dropped()


def up(wire, initiator, child="red", theirs="red"):
    "One of the two initiates; both have it installed."
    if initiator == "gw":
        wire.left.up(child)
    else:
        wire.right.up(theirs)
    wait_for(lambda: wire.left.installed(child) == 1 and wire.right.installed(theirs) == 1, "the link at both ends")


def down(wire):
    "Our end takes it down; nothing is left at either."
    wire.left.swanctl("--terminate --ike " + CONN)
    nothing(wire)


def nothing(wire):
    "No SA and no policy of links at either end."
    wait_for(lambda: not any(node.sa_blocks() for node in wire.both), "no SAs")
    for node in wire.both:
        assert "if_id" not in node.run("ip xfrm policy")


# ---------------------------------------------------------------- stock strongSwan


@VERSIONS
def test_signal_with_ipip(stock, version):
    "Method 3 with a peer that has an ipip device and a transport mode SA: our end is a tunnel."
    gw, peer = stock.both
    gw.xfrm("red", RED, HERE, THERE)
    peer.ipip("red", GW, THERE, HERE)
    gw.links(PEER, {"red": (RED, None, TRANSPORT)}, version)
    peer.configure(GW, {"red": signal(PEER, GW)}, version=version)
    for initiator in ("gw", "peer"):
        up(stock, initiator)
        check_signal(stock)
        down(stock)
    assert not gw.alerts()


def check_signal(wire):
    "A tunnel here, transport there, and every packet comes through."
    gw, peer = wire.both
    ours = gw.sa_blocks()
    assert len(ours) == 2 and all("mode tunnel" in sa and "if_id 0x30000001" in sa for sa in ours), ours
    assert all("mode transport" in sa for sa in peer.sa_blocks())
    # IPv4 and IPv6, for the link's if_id only: in and forward of what comes, out of what goes
    policies = gw.run("ip xfrm policy")
    for family in ("0.0.0.0/0", "::/0"):
        for direction in ("in", "fwd", "out"):
            assert re.search(r"src {0} dst {0} \n\tdir {1} ".format(family, direction), policies), policies
    assert policies.count("if_id 0x30000001") == 6 and policies.count("mode tunnel") == 6, policies
    gw.ping(THERE)
    peer.ping(HERE)
    exact(wire, 40)


@VERSIONS
@pytest.mark.parametrize("device", ["xfrm", "vti"])
def test_wildcards_with_xfrm_and_vti(stock, version, device):
    "Tunnel mode for everything with a peer that has an xfrm interface or a VTI."
    gw, peer = stock.both
    gw.xfrm("red", RED, HERE, THERE)
    gw.links(PEER, {"red": (RED, None, NONE)}, version)
    if device == "xfrm":
        peer.xfrm("red", 7, THERE, HERE)
        peer.configure(GW, {"red": wildcards(7)}, version=version)
    else:
        peer.vti("red", GW, 7, THERE, HERE)
        peer.configure(GW, {"red": wildcards() + ["mark_in = 7", "mark_out = 7"]}, version=version)
    for initiator in ("gw", "peer"):
        up(stock, initiator)
        gw.ping(THERE)
        peer.ping(HERE)
        exact(stock, 40)
        down(stock)
    assert not gw.alerts()


@VERSIONS
def test_rekeyed_with_stock(stock, version):
    "Both ends rekey, again and again, with packets on their way: the SAs stay tunnels, and nothing is left over."
    gw, peer = stock.both
    gw.xfrm("red", RED, HERE, THERE)
    peer.ipip("red", GW, THERE, HERE)
    gw.links(PEER, {"red": (RED, None, TRANSPORT)}, version)
    peer.configure(GW, {"red": signal(PEER, GW)}, version=version)
    up(stock, "gw")
    rekey_with_traffic(stock, gw, THERE, version)
    assert all("mode tunnel" in sa for sa in gw.sa_blocks())
    wait_for(lambda: one_pair(gw, version), "the old SAs are gone")
    assert gw.run("ip xfrm policy").count("if_id 0x30000001") == 6
    gw.swanctl("--terminate --ike " + CONN)
    wait_for(lambda: "if_id" not in gw.run("ip xfrm policy") and not gw.sa_blocks(), "nothing is left")


def rekey_with_traffic(wire, sender, to, version, child="red"):
    """
    Six rekeyings, three of each end, while the sender pings.  IKEv2: not one packet is lost.  IKEv1: who rekeys sends
    on the new SA before its third message has reached the other end; those packets, and no others, are lost.
    """
    ping = sender.popen("ping -q -i 0.005 {}".format(to))
    for node in wire.both * 3:
        before = node.spis()
        node.swanctl("--rekey --child " + child)
        wait_for(lambda: len(wire.left.spis() - before) and wire.left.installed(child) == 1
                 and wire.right.installed(child) == 1, "new SAs")
    ping.send_signal(2)
    out = ping.communicate(timeout=20)[0]
    sent, received = map(int, re.search(r"(\d+) packets transmitted, (\d+) received", out).groups())
    assert sent > 50, out
    early = 0
    for node in wire.both:
        dropped = node.dropped()
        # an SPI that was allocated has no keys yet: "not fully acquired"
        early += dropped.pop("XfrmAcquireError", 0) if version == 1 else 0
        assert not dropped, dropped
    # the last one may have been on its way when ping ended
    assert early <= sent - received <= early + 1, out


def one_pair(node, version, links=1):
    "Old SAs are gone; in IKEv1 those that receive stay until they expire, as charon does it."
    blocks = node.sa_blocks()
    if version == 1:
        blocks = [sa for sa in blocks if sa.startswith("src " + node.address)]
        return len(blocks) == links
    return len(blocks) == 2 * links


# ---------------------------------------------------------------- two gateways of ours, VPN-ID


def two_vrfs(node, here, there):
    "red and blue with the same addresses."
    for table, (name, if_id) in enumerate((("red", RED), ("blue", BLUE)), 10):
        node.vrf("vrf-" + name, table)
        node.xfrm(name, if_id, here, there, vrf="vrf-" + name)


def both_ids(how):
    return {"red": (RED, RED_ID, how), "blue": (BLUE, BLUE_ID, how)}


@VERSIONS
@pytest.mark.parametrize("how", [TRANSPORT, NONE], ids=["transport", "wildcards"])
def test_two_links_of_one_ike_sa(pair, version, how):
    "Same selectors, same inner addresses, one IKE_SA: the VPN-ID alone tells red from blue."
    two_vrfs(pair.left, HERE, THERE)
    two_vrfs(pair.right, THERE, HERE)
    pair.left.links(PEER, both_ids(how), version)
    # the other end loads them in the other order: the first that fits would be the wrong one
    pair.right.links(GW, dict(reversed(both_ids(how).items())), version)
    for initiator in ("gw", "peer"):
        for child in ("red", "blue"):
            up(pair, initiator, child, child)
        for node in pair.both:
            assert len(re.findall(r"^vpnd-link-peer: #\d+, ESTABLISHED", node.listed(), re.M)) == 1, node.listed()
        pair.left.ping(THERE, 10, "vrf-red")
        pair.left.ping(THERE, 25, "vrf-blue")
        exact(pair, 10, left=RED, right=RED)
        exact(pair, 25, left=BLUE, right=BLUE)
        down(pair)
    assert not pair.left.alerts() and not pair.right.alerts()


@VERSIONS
def test_rekeyings_keep_the_vpn(pair, version):
    "Each end rekeys red, then blue: each stays in its VPN."
    two_vrfs(pair.left, HERE, THERE)
    two_vrfs(pair.right, THERE, HERE)
    pair.left.links(PEER, both_ids(TRANSPORT), version)
    pair.right.links(GW, dict(reversed(both_ids(TRANSPORT).items())), version)
    up(pair, "gw", "red", "red")
    up(pair, "gw", "blue", "blue")
    for child in ("red", "blue"):
        for node in pair.both:
            before = pair.left.spis()
            node.swanctl("--rekey --child " + child)
            wait_for(lambda: len(pair.left.spis() - before) and pair.left.installed(child) == 1
                     and pair.right.installed(child) == 1, "new SAs")
    wait_for(lambda: all(one_pair(node, version, 2) for node in pair.both), "the old SAs are gone")
    pair.left.ping(THERE, 10, "vrf-red")
    pair.left.ping(THERE, 25, "vrf-blue")
    exact(pair, 10, left=RED, right=RED)
    exact(pair, 25, left=BLUE, right=BLUE)
    assert not pair.left.alerts() and not pair.right.alerts()


class Pending:
    "False, and in a failed test's words what both charons have."

    def __init__(self, wire):
        self.wire = wire

    def __bool__(self):
        return False

    def __repr__(self):
        return "\n".join(node.listed() + node.log()[-6000:] for node in self.wire.both)


def test_rekey_collision(pair):
    "Both ends rekey at the same moment: one pair of SAs is left, nothing was lost."
    for node, here, there in ((pair.left, HERE, THERE), (pair.right, THERE, HERE)):
        node.xfrm("red", RED, here, there)
    pair.left.links(PEER, {"red": (RED, RED_ID, TRANSPORT)})
    pair.right.links(GW, {"red": (RED, RED_ID, TRANSPORT)})
    up(pair, "gw")
    ping = pair.left.popen("ping -q -i 0.005 " + THERE)
    for _ in range(3):
        before = pair.left.spis()
        rekeys = [node.popen("env STRONGSWAN_CONF={0}/strongswan.conf swanctl --rekey --child red --uri unix://{0}/vici"
                             .format(node.dir)) for node in pair.both]
        for rekey in rekeys:
            assert "rekey completed" in rekey.communicate(timeout=20)[0]
        wait_for(lambda: not pair.left.spis() & before and len(pair.left.sa_blocks()) == 2
                 and len(pair.right.sa_blocks()) == 2 or Pending(pair), "new SAs only")
    ping.send_signal(2)
    out = ping.communicate(timeout=20)[0]
    sent, received = map(int, re.search(r"(\d+) packets transmitted, (\d+) received", out).groups())
    assert sent > 50 and sent - received <= 1, out
    for node in pair.both:
        assert node.dropped() == {} and node.installed("red") == 1
        assert node.run("ip xfrm policy").count("if_id 0x30000001") == 6
        assert not node.alerts()


@pytest.mark.parametrize("how", ["rekey", "reauth"])
def test_ike_sa_is_renewed(pair, how):
    "After an IKE rekeying or reauthentication a new link is still told by its VPN-ID."
    two_vrfs(pair.left, HERE, THERE)
    two_vrfs(pair.right, THERE, HERE)
    pair.left.links(PEER, both_ids(TRANSPORT))
    pair.right.links(GW, dict(reversed(both_ids(TRANSPORT).items())))
    up(pair, "gw", "red", "red")

    def number():
        found = re.findall(r"^vpnd-link-peer: #(\d+), ESTABLISHED", pair.left.listed(), re.M)
        return found[0] if len(found) == 1 else None

    before = number()
    pair.left.swanctl("--rekey --ike {} {}".format(CONN, "--reauth" if how == "reauth" else ""))
    wait_for(lambda: number() not in (None, before) and pair.left.installed("red") == pair.right.installed("red") == 1,
             "a new IKE_SA with the link")
    up(pair, "peer", "blue", "blue")
    before = {node: node.packets() for node in pair.both}
    assert all(sum(counts.values()) == 0 for counts in before.values())
    pair.left.ping(THERE, 10, "vrf-red")
    pair.left.ping(THERE, 25, "vrf-blue")
    exact(pair, 10, left=RED, right=RED)
    exact(pair, 25, left=BLUE, right=BLUE)


def test_stock_peer_sees_no_vpn_id(stock):
    "Towards a peer that is not ours nothing private is sent; its SA goes to the only link."
    gw, peer = stock.both
    gw.xfrm("red", RED, HERE, THERE)
    peer.ipip("red", GW, THERE, HERE)
    gw.links(PEER, {"red": (RED, RED_ID, TRANSPORT)})
    peer.configure(GW, {"red": signal(PEER, GW)})
    up(stock, "gw")
    assert "52685" not in peer.log() and "N((5" not in peer.log()
    peer.ping(HERE)
    exact(stock, 20)


# ---------------------------------------------------------------- refused


@VERSIONS
@pytest.mark.parametrize(
    "theirs, words",
    [
        ("00a0c900000077", "no link to this peer .* has VPN-ID 00a0c9:00000077"),
        (BLUE_ID, "VPN-ID 00a0c9:00000002 is that of link blue, which is to another gateway"),
        (None, "the peer's link has no VPN-ID, ours has one"),
    ],
    ids=["unknown", "another-gateway", "none"],
)
def test_vpn_id_is_refused(pair, version, theirs, words):
    "A VPN-ID that is unknown here, of another gateway's link, or missing."
    pair.left.links(PEER, {"red": (RED, RED_ID, TRANSPORT)}, version)
    pair.left.link("blue", BLUE, BLUE_ID, conn="vpnd-link-other")
    pair.right.links(GW, {"red": (RED, theirs, TRANSPORT)}, version)
    out = pair.right.up("red", check=False)
    assert "failed" in out, out
    alert = pair.left.wait_alert(words)
    assert alert["conn"] == CONN and alert["peer"] == PEER
    pair.right.wait_alert("the peer refused the link")
    nothing(pair)
    # the IKE_SA stays, and what is right comes up in it
    pair.right.links(GW, {"red": (RED, RED_ID, TRANSPORT)}, version)
    up(pair, "peer")


@VERSIONS
def test_signal_without_a_link_is_refused(stock, version):
    "No link for this peer: the signal is refused, what was configured by hand is not."
    gw, peer = stock.both
    gw.configure(PEER, {"hosts": ["mode = transport", "local_ts = dynamic", "remote_ts = dynamic"]}, version=version)
    peer.configure(GW, {"red": signal(PEER, GW), "hosts": ["mode = transport"]}, version=version)
    out = peer.up("red", check=False)
    assert "failed" in out, out
    gw.wait_alert("proposes a tunnel link .* none is configured")
    nothing(stock)
    peer.up("hosts")
    wait_for(lambda: gw.installed("hosts") == 1, "the SA between the hosts")
    assert all("mode transport" in sa for sa in gw.sa_blocks())
    gw.ping(PEER)
    exact(stock, 20)
    peer.swanctl("--terminate --ike site")
    # somebody's own ipip device: asked for by hand, given
    gw.configure(PEER, {"byhand": signal(GW, PEER)}, version=version)
    peer.up("red")
    wait_for(lambda: gw.installed("byhand") == 1, "the SA configured by hand")
    assert all("mode transport" in sa for sa in gw.sa_blocks())


def test_tunnel_mode_answered_is_refused(stock):
    "A peer that answers tunnel mode to the signal: refused, and taken down at its end too."
    gw, peer = stock.both
    gw.links(PEER, {"red": (RED, None, TRANSPORT)})
    peer.configure(GW, {"red": ["mode = tunnel"] + signal(PEER, GW)[1:]})
    gw.up("red", check=False)
    alert = gw.wait_alert("the peer wants tunnel mode where this link is in transport mode")
    assert alert["child"] == "red" and alert["conn"] == CONN
    nothing(stock)
    # nor is it taken when the peer proposes it
    out = peer.up("red", check=False)
    assert "failed" in out, out
    nothing(stock)


@VERSIONS
def test_nat_is_refused(stock, version):
    "NAT on the way (as `encap = yes` pretends): the signal is refused, a wildcard tunnel is not."
    gw, peer = stock.both
    gw.links(PEER, {"red": (RED, None, TRANSPORT), "blue": (BLUE, None, NONE)}, version)
    peer.configure(GW, {"red": signal(PEER, GW), "blue": wildcards(7)}, version=version, more="encap = yes")
    peer.up("red", check=False)
    gw.wait_alert("there is NAT on the way")
    nothing(stock)
    gw.xfrm("blue", BLUE, HERE, THERE)
    peer.xfrm("blue", 7, THERE, HERE)
    up(stock, "peer", "blue", "blue")
    assert all("encap type espinudp" in sa for sa in gw.sa_blocks())
    gw.ping(THERE)
    exact(stock, 20)


def test_child_that_is_no_link_is_refused(pair):
    "A child of a link's connection that vpnd has not named, or has taken back."
    pair.left.links(PEER, {"red": (RED, RED_ID, TRANSPORT)})
    pair.right.links(GW, {"red": (RED, RED_ID, TRANSPORT)})
    up(pair, "peer")
    pair.left.client.link_del(CONN, "red", RED)
    pair.left.client.link_del(CONN, "red", RED, error=2)
    pair.right.swanctl("--rekey --child red")
    pair.left.wait_alert("vpnd has not said that it is a link")
    pair.right.swanctl("--terminate --ike " + CONN)
    nothing(pair)
    assert "failed" in pair.right.up("red", check=False)
    nothing(pair)


def test_narrowed_wildcards_are_refused(stock):
    "A peer that wants some networks only gets no link."
    gw, peer = stock.both
    gw.links(PEER, {"red": (RED, None, NONE)})
    peer.configure(GW, {"red": wildcards(7, "10.9.0.0/24")})
    out = peer.up("red", check=False)
    assert "failed" in out, out
    gw.wait_alert("narrows the traffic selectors")
    nothing(stock)


def test_nonsense_is_refused(stock):
    "LINK that cannot be: EINVAL, and the connection stays."
    client = stock.left.client
    assert "vpnd-link-" in client.link("site", "red", RED, error=22)["text"]
    assert "if_id" in client.link(CONN, "red", 0, error=22)["text"]
    assert "signal" in client.link(CONN, "red", RED, signal=3, error=22)["text"]
    client.link(CONN, "red", RED)


# ---------------------------------------------------------------- beside others


def nets(local, remote):
    return ["mode = tunnel", "local_ts = " + local, "remote_ts = " + remote]


@VERSIONS
def test_static_sas_are_undisturbed(stock, version):
    "Policy-based SAs of the same two machines, before, beside and after a link."
    gw, peer = stock.both
    gw.run("ip addr add 10.1.0.1/24 dev lo")
    peer.run("ip addr add 10.2.0.1/24 dev lo")
    gw.run("ip route add 10.2.0.0/24 via {} src 10.1.0.1".format(PEER))
    peer.run("ip route add 10.1.0.0/24 via {} src 10.2.0.1".format(GW))
    gw.xfrm("red", RED, HERE, THERE)
    peer.ipip("red", GW, THERE, HERE)
    ours, theirs = nets("10.1.0.0/24", "10.2.0.0/24"), nets("10.2.0.0/24", "10.1.0.0/24")
    ids = {"local_id": "site-gw", "remote_id": "site-peer"}
    gw.link("red", RED)
    gw.configure(None, None, conns=[
        gw.connection("static", PEER, {"nets": ours}, version, **ids),
        gw.connection(CONN, PEER, {"red": signal(GW, PEER, RED)}, version),
    ])
    peer.configure(None, None, conns=[
        peer.connection("static", GW, {"nets": theirs}, version, local_id="site-peer", remote_id="site-gw"),
        peer.connection("site", GW, {"red": signal(PEER, GW)}, version),
    ])
    gw.up("nets")
    wait_for(lambda: gw.installed("nets") == 1 and peer.installed("nets") == 1, "the static SA at both ends")
    gw.ping("10.2.0.1")
    static = [policy for policy in re.split(r"\n(?=src )", gw.run("ip xfrm policy")) if "10.2.0.0" in policy]
    assert len(static) == 3
    up(stock, "peer")
    gw.ping(THERE, 30)
    gw.ping("10.2.0.1")
    peer.swanctl("--terminate --ike site")
    wait_for(lambda: not gw.installed("red"), "the link is down")
    gw.ping("10.2.0.1")
    exact(stock, 60)
    policies = re.split(r"\n(?=src )", gw.run("ip xfrm policy"))
    assert [policy for policy in policies if "10.2.0.0" in policy] == static
    assert not gw.alerts()


@pytest.mark.parametrize("first", ["static", CONN])
def test_static_connection_of_the_same_identities(stock, first):
    "IKEv2: whichever is loaded first, each offer finds the connection that has a child for it."
    gw, peer = stock.both
    conns = {
        "static": gw.connection("static", PEER, {"nets": nets("10.1.0.0/24", "10.2.0.0/24")}),
        CONN: gw.connection(CONN, PEER, {"red": signal(GW, PEER, RED)}),
    }
    gw.link("red", RED)
    gw.configure(None, None, conns=[conns.pop(first)] + list(conns.values()))
    # charon would put children of two connections that are alike under one IKE_SA
    peer.configure(None, None, conns=[
        peer.connection("static", GW, {"nets": nets("10.2.0.0/24", "10.1.0.0/24")}, ike_rekey=35000),
        peer.connection("site", GW, {"red": signal(PEER, GW)}),
    ])
    up(stock, "peer")
    peer.up("nets")
    wait_for(lambda: gw.installed("red") == gw.installed("nets") == 1, "both")
    assert not gw.alerts()


def test_vendor_id_signal(pair):
    "Method 1, IKEv1: tunnel mode without client identifiers is a link to a peer of our vendor ID."
    for node, here, there in ((pair.left, HERE, THERE), (pair.right, THERE, HERE)):
        node.xfrm("red", RED, here, there)
    pair.left.links(PEER, {"red": (RED, None, VENDOR_ID)}, 1)
    pair.right.links(GW, {"red": (RED, None, VENDOR_ID)}, 1)
    up(pair, "gw")
    # HASH SA No, and no ID
    assert re.search(r"generating QUICK_MODE request \d+ \[ HASH SA No \]", pair.left.log())
    assert re.search(r"generating QUICK_MODE response \d+ \[ HASH SA No \]", pair.right.log())
    pair.left.ping(THERE)
    exact(pair, 20)
    for node in pair.both:
        policies = node.run("ip xfrm policy")
        assert policies.count("if_id 0x30000001") == 6 and len(re.findall(r"src 0.0.0.0/0 dst 0.0.0.0/0 \n\tdir", policies)) == 3
    rekey_with_traffic(pair, pair.left, THERE, 1)
    wait_for(lambda: all(one_pair(node, 1) for node in pair.both), "the old SAs are gone")


def test_vendor_id_signal_needs_the_vendor_id(stock):
    "A peer that is not ours would understand something else: refused."
    gw, peer = stock.both
    gw.links(PEER, {"red": (RED, None, VENDOR_ID)}, 1)
    peer.configure(GW, {"red": wildcards(7)}, version=1)
    gw.up("red", check=False)
    gw.wait_alert("has not sent our vendor ID")
    assert "failed" in peer.up("red", check=False)
    nothing(stock)


@ROLES
def test_link_over_ipv6(tmp_path, initiator):
    "IPv6 outside, IPv4 inside, with a stock peer's ip6tnl."
    for wire in run_wire(Gateway("gw", "2001:db8::1", str(tmp_path)), Stock("peer", "2001:db8::2", str(tmp_path))):
        gw, peer = wire.both
        gw.xfrm("red", RED, HERE, THERE)
        peer.run("ip link add red type ip6tnl mode ipip6 local 2001:db8::2 remote 2001:db8::1 encaplimit none")
        peer.plug("red", THERE, HERE)
        gw.links(peer.address, {"red": (RED, None, TRANSPORT)})
        peer.configure(gw.address, {"red": signal(peer.address, gw.address)})
        up(wire, initiator)
        gw.ping(THERE)
        peer.ping(HERE)
        for node in wire.both:
            assert set(node.packets().values()) == {40} and node.dropped() == {}


def test_on_traffic(stock):
    "A trap of a link: the first packet brings it up, as a tunnel for all packets, and it goes when idle."
    gw, peer = stock.both
    gw.xfrm("red", RED, HERE, THERE)
    peer.ipip("red", GW, THERE, HERE)
    gw.link("red", RED)
    gw.configure(PEER, {"red": signal(GW, PEER, RED) + ["start_action = trap", "inactivity = 6"]}, name=CONN)
    peer.configure(GW, {"red": signal(PEER, GW)})
    wait_for(lambda: gw.run("ip xfrm policy").count("if_id 0x30000001") == 6, "the trap's policies")
    gw.run("ping -c 1 -W 1 " + THERE, check=False)
    wait_for(lambda: gw.installed("red") == 1, "the link is up")
    gw.ping(THERE)
    wait_for(lambda: not gw.installed("red") and not gw.sa_blocks(), "the link is down when idle", 30)
    assert gw.run("ip xfrm policy").count("if_id 0x30000001") == 6
    gw.run("ping -c 1 -W 1 " + THERE, check=False)
    wait_for(lambda: gw.installed("red") == 1, "the link is up again")
    assert not gw.alerts()
