# SPDX-License-Identifier: GPL-2.0-or-later
"""
Not one packet is lost: rekeying, and any one process killed, while traffic flows.

     ce1-red ─┐                            ┌─ ce2-red
     10.1.0.0/24                             10.2.0.0/24
              pe1 ────── p ────── pe2
     ce1-blue ┘        (plain IP)          └─ ce2-blue

The network is that of vpn_demo.
"""
import os
import sys

import pytest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "vpn_demo"))
# pylint: disable=C0413
import vpntopo as vpn
import network
from lib.topogen import get_topogen

pytestmark = [pytest.mark.bgpd, pytest.mark.ospfd, pytest.mark.vpnd]
PATIENT = {"retransmit_tries": 6, "retransmit_timeout": 2, "retransmit_base": 1.5}  # charon gives up after 64 s
SILENCE = "table ip silence { chain f { type filter hook forward priority 0; udp dport 500 drop; ip protocol esp drop; }; }"


def setup_module(module):
    network.wait_up(network.start(module.__name__, **PATIENT))


def teardown_module(_module):
    get_topogen().stop_topology()


def gears(*names):
    return [get_topogen().gears[name] for name in names]


def no_loss(action):
    "Runs action(red flow, blue flow) under traffic in both VPNs; nothing may be lost."
    flows = [vpn.Flow(router, "10.2.0.1", options=network.LAN1) for router in gears("ce1-red", "ce1-blue")]
    for flow in flows:
        flow.wait_packets(20)
    action(flows)
    for flow in flows:
        flow.wait_packets(100)
    for flow in flows:
        sent, received = flow.stop()
        assert sent == received and sent > 120, "{} of {} lost".format(sent - received, sent)


def test_rekey_while_traffic_flows():
    "The CHILD_SA is rekeyed three times, from either end: the next prefix each time, no packet lost."
    pe1, pe2 = gears("pe1", "pe2")

    def rekey(flows):
        for router in (pe1, pe2, pe1):
            other = "10.0.0.2" if router is pe1 else "10.0.0.1"
            before = vpn.peer(router, other)
            vpn.rekey(router, other)
            vpn.wait_for(
                router.name + ": the next prefix",
                lambda r=router, o=other, b=before: vpn.peer(r, o)["prefixIn"] != b["prefixIn"]
                and vpn.peer(r, o)["rekeys"] > b["rekeys"],
            )
            for flow in flows:
                flow.wait_packets(50)

    no_loss(rekey)
    assert vpn.peer(pe1, "10.0.0.2")["state"] == "up"


def test_old_prefixes_are_gone_after_the_rekey():
    "One generation stays, with one SA per label and direction."
    for pe, other in (("pe1", "10.0.0.2"), ("pe2", "10.0.0.1")):
        (router,) = gears(pe)
        vpn.wait_for(
            pe + ": one generation", lambda r=router, o=other: vpn.peer(r, o)["generations"] == 1, timeout=30
        )
        states = router.net.cmd_raises("ip -o xfrm state").strip().splitlines()
        assert len(states) == 4, states  # red and blue, in and out


@pytest.mark.parametrize("daemon", ["vpnd", "mgmtd", "bgpd"])
def test_killed_and_restarted_while_traffic_flows(daemon):
    "kill -9 on one PE, and a new start: forwarding goes on, the same labels, the same SAs."
    (pe1, pe2) = gears("pe1", "pe2")
    labels = vpn.show(pe1, "show vpn spi-label")["labels"]
    spis = sorted(pe1.net.cmd_raises("ip -o xfrm state | grep -o 'spi 0x[0-9a-f]*'").split())

    def crash(flows):
        vpn.kill(pe1, daemon)
        for flow in flows:
            flow.wait_packets(50)
        vpn.restart(pe1, daemon)
        vpn.wait_for(
            "the same labels", lambda: vpn.show(pe1, "show vpn spi-label")["labels"] == labels
        )
        vpn.wait_peer(pe1, "10.0.0.2", "up")
        for pe, prefix in ((pe1, "10.2.0.0/24"), (pe2, "10.1.0.0/24")):
            for vrf_name in ("red", "blue"):
                vpn.wait_route(pe, vrf_name, prefix)

    if daemon == "bgpd":
        # without graceful restart on the CEs' and PEs' sessions routes go by protocol: only recovery is asked
        vpn.kill(pe1, daemon)
        vpn.restart(pe1, daemon)
        network.wait_up(get_topogen())
        vpn.wait_ping(gears("ce1-red")[0], "10.2.0.1", network.LAN1)
    else:
        no_loss(crash)
    assert vpn.show(pe1, "show vpn spi-label")["labels"] == labels
    assert sorted(pe1.net.cmd_raises("ip -o xfrm state | grep -o 'spi 0x[0-9a-f]*'").split()) == spis


def test_charon_killed_and_restarted():
    "Its SAs are purged when it comes back, negotiated anew, and traffic flows again; meanwhile the reason is told."
    pe1, pe2 = gears("pe1", "pe2")
    vpn.kill(pe1, "charon")
    down = vpn.wait_for(
        "pe1: the peer is down, with a reason",
        lambda: (lambda p: p if p["state"] != "up" and "charon" in p["reason"] else None)(vpn.peer(pe1, "10.0.0.2")),
    )
    assert down["reason"]
    vpn.wait_route(pe1, "red", "10.2.0.0/24", installed=False)
    pe1.net.start_charon(**PATIENT)
    vpn.wait_peer(pe1, "10.0.0.2", "up")
    network.wait_up(get_topogen())
    for color in ("red", "blue"):
        (source,) = gears("ce1-" + color)
        vpn.wait_ping(source, "10.2.0.1", network.LAN1)
        assert vpn.ping(source, "10.2.0.1", 20, options=network.LAN1) == (20, 20)


def test_peer_that_does_not_answer():
    """
    IKE and ESP get lost between the PEs, BGP does not: within the time of dead peer detection and its timeout the peer is
    down and the VPN routes are gone, though charon goes on asking; when it is answered after all, all is as it was.
    """
    pes = {"pe1": "10.0.0.2", "pe2": "10.0.0.1"}
    for pe in pes:
        vpn.vtysh(*gears(pe), "configure terminal", "vpn", "ipsec-profile GOLD", "dead-peer-detection 3 timeout 6")
    (pe1,) = gears("pe1")
    generation = vpn.peer(pe1, "10.0.0.2")["prefixIn"]
    vpn.vtysh(pe1, "clear vpn peer 10.0.0.2")
    vpn.wait_for("pe1: another CHILD_SA", lambda: vpn.peer(pe1, "10.0.0.2").get("prefixIn") not in (None, generation))
    network.wait_up(get_topogen())
    before = {pe: vpn.peer(*gears(pe), peer)["prefixIn"] for pe, peer in pes.items()}
    (p,) = gears("p")
    p.net.cmd_raises("nft -f -", stdin=SILENCE)
    for pe, peer in pes.items():
        vpn.wait_for(
            pe + ": no answer",
            lambda r=pe, a=peer: vpn.peer(*gears(r), a)["reason"] == "no answer from {} for 6 s".format(a) or vpn._fail(vpn.peer(*gears(r), a)),
            timeout=30,
        )
        for vrf_name in ("red", "blue"):
            vpn.wait_route(*gears(pe), vrf_name, "10.2.0.0/24" if pe == "pe1" else "10.1.0.0/24", installed=False)
        (router,) = gears(pe)
        assert vpn.show(router, "show bgp neighbors " + peer)[peer]["bgpState"] == "Established"
        assert "INSTALLED" in router.net.swanctl("--list-sas")
    p.net.cmd_raises("nft delete table ip silence")
    for pe, peer in pes.items():
        vpn.wait_peer(*gears(pe), peer, "up")
    network.wait_up(get_topogen())
    assert {pe: vpn.peer(*gears(pe), peer)["prefixIn"] for pe, peer in pes.items()} == before
    for color in ("red", "blue"):
        (source,) = gears("ce1-" + color)
        vpn.wait_ping(source, "10.2.0.1", network.LAN1)
        assert vpn.ping(source, "10.2.0.1", 20, options=network.LAN1) == (20, 20)
