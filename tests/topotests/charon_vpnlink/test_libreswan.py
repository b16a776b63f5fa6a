# SPDX-License-Identifier: GPL-2.0-or-later
"""
Tunnel links with libreswan at the other end: an ipip device and transport mode
for protocol 4, or a VTI and tunnel mode for everything.

      10.9.0.1 ── red (xfrm) ─ gw ──── core ──── peer (libreswan) ─ ipip or VTI ── 10.9.0.2
                        192.0.2.1          192.0.2.2
"""
import os
import sys

import pytest

sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))
from libreswan import Libreswan, signal_lines, wildcard_lines  # noqa: E402
from linklab import CONN, NONE, TRANSPORT, Gateway, Wire, wait_for  # noqa: E402

GW, PEER = "192.0.2.1", "192.0.2.2"
RED = 0x30000001
HERE, THERE = "10.9.0.1", "10.9.0.2"


@pytest.fixture
def wire(tmp_path):
    "Our gateway and libreswan; both run, nothing is configured."
    both = Wire(Gateway("gw", GW, str(tmp_path)), Libreswan("peer", PEER, str(tmp_path)))
    try:
        for node in both.both:
            node.start()
        yield both
    finally:
        both.remove()


@pytest.mark.parametrize("version", [1, 2], ids=["ikev1", "ikev2"])
@pytest.mark.parametrize("kind", ["ipip", "vti"])
def test_link_with_libreswan(wire, version, kind):
    "Initiator and responder; all packets come through, in both directions, and nothing is dropped."
    gw, peer = wire.both
    gw.xfrm("red", RED, HERE, THERE)
    gw.links(PEER, {"red": (RED, None, TRANSPORT if kind == "ipip" else NONE)}, version)
    if kind == "ipip":
        peer.ipip("red", GW, THERE, HERE)
        peer.configure(GW, {"red": signal_lines(PEER, GW)}, version=version)
    else:
        peer.vti("red", GW, 7, THERE, HERE)
        peer.configure(GW, {"red": wildcard_lines(7)}, version=version)
    for initiator in (gw, peer):
        initiator.up("red")
        wait_for(lambda: gw.installed("red") == 1 and peer.installed("red") == 1, "the link at both ends")
        assert all("mode tunnel" in sa for sa in gw.sa_blocks())
        gw.ping(THERE)
        peer.ping(HERE)
        for node in wire.both:
            assert node.packets() == {(GW, PEER): 40, (PEER, GW): 40}, node.run("ip -s xfrm state")
            assert node.dropped() == {}, node.dropped()
        if initiator is gw:
            gw.swanctl("--terminate --ike " + CONN)
            wait_for(lambda: not gw.sa_blocks() and not peer.sa_blocks(), "the link is gone at both ends")
    rekeys = [lambda: gw.swanctl("--rekey --child red")]
    if version == 2:  # pluto 5.2 crashes when it is asked to rekey an IKEv1 SA
        rekeys.append(lambda: peer.rekey("red"))
    for rekey in rekeys:
        before = gw.spis()
        rekey()
        wait_for(lambda: gw.spis() - before and gw.installed("red") == 1, "new SAs")
        gw.ping(THERE)
    assert not gw.alerts()


def test_signal_of_libreswan_is_refused(wire):
    "No link is configured for it."
    gw, peer = wire.both
    gw.configure(PEER, {"hosts": ["mode = transport", "local_ts = dynamic", "remote_ts = dynamic"]})
    peer.configure(GW, {"red": signal_lines(PEER, GW)})
    peer.whack("--name red --initiate --asynchronous")
    gw.wait_alert("proposes a tunnel link .* none is configured")
    assert not gw.installed("hosts") and not peer.installed("red")
