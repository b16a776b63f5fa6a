# SPDX-License-Identifier: GPL-2.0-or-later
"""
A tunnel link comes up, carries OSPF, and does not flap whatever is restarted while traffic passes; it is down when
traffic cannot pass.

     red 10.1.0.1 ── r1 ═══ paris (ipsec-tunnel), lyon (gre) ═══ r2 ── 10.2.0.1 red
                     192.0.2.1 ──────────────────────── 192.0.2.2

Unnumbered links: both borrow the address of red0. Pings go over the one that the route behind uses.
"""
import re

import pytest

import vpnlink
import vpntopo as vpn
from lib.topogen import get_topogen

pytestmark = [pytest.mark.ospfd, pytest.mark.vpnd]
LINKS = ("paris", "lyon")
DPD = 30  # seconds; a charon in a busy lab takes half of them to start
TIMEOUT = 10
FOREIGN = "ip xfrm state {} src 192.0.2.1 dst 192.0.2.2 proto esp spi 0x1234 {}"
DELIVERED = {"retransmit_tries": 5, "retransmit_timeout": 4, "retransmit_base": 1.8}  # charon's own: it gives up after 165 s


def configured(name):
    return (
        vpnlink.head(name, "{} timeout {}".format(DPD, TIMEOUT))
        + vpnlink.link(name, "paris", "red", "ipsec-tunnel")
        + vpnlink.link(name, "lyon", "red", "gre key 7")
        + "exit\n"
        + vpnlink.ospf(name, "red")
    )


def setup_module(module):
    vpnlink.start(module.__name__, configured, **DELIVERED)
    for name in ("r1", "r2"):
        vpn.Background(vpnlink.gear(name), "monitor", "ip -o monitor link > /tmp/gearlogdir/monitor.txt")


def teardown_module(_module):
    get_topogen().stop_topology()


def downs(name):
    "How often a link was seen not up since it first was up."
    text = vpnlink.gear(name).net.cmd_raises("cat /tmp/gearlogdir/monitor.txt")
    seen = []
    for link in LINKS:
        was_up = False
        for flags in re.findall(r"^\d+: {}@\S+ <(\S*)>".format(link), text, re.MULTILINE):
            up = "UP" in flags.split(",")
            seen += [(name, link)] if was_up and not up else []
            was_up |= up
    return seen


def no_flap(action, lost):
    "Runs action(flow) under traffic: no link goes down at either end, at most so many packets are lost."
    before = downs("r1") + downs("r2")
    flow = vpn.Flow(vpnlink.gear("r1"), "10.2.0.1", options="-I red")
    flow.wait_packets(50)
    action(flow)
    flow.wait_packets(100)
    sent, received = flow.stop()
    assert downs("r1") + downs("r2") == before
    assert sent - received <= lost and sent > 150, "{} of {} lost".format(sent - received, sent)
    for name in ("r1", "r2"):
        for link in LINKS:
            vpnlink.wait_state(name, link, "up")


def test_links_come_up():
    "Both ends say up, the devices are up, OSPF is Full, and the network behind answers."
    vpnlink.wait_up(*LINKS)
    for link in LINKS:
        for name in ("r1", "r2"):
            assert vpnlink.device_up(name, link)
        vpnlink.wait_full(link, "red")
    vpn.wait_route(vpnlink.gear("r1"), "red", "10.2.0.0/24")
    vpn.wait_ping(vpnlink.gear("r1"), "10.2.0.1", "-I red")


def test_rekeying():
    "CHILD_SA and IKE_SA, from either end, in turn: nothing lost."

    def action(flow):
        for name, what in (("r1", "child paris"), ("r2", "child paris"), ("r1", "child proto-gre"), ("r2", "ike")):
            net = vpnlink.gear(name).net
            if what == "ike":
                what += " " + net.swanctl("--list-conns").split(":")[0]
            net.swanctl("--rekey --" + what)
            flow.wait_packets(50)

    no_flap(action, lost=0)
    vpn.wait_for("paris counts its rekeys", lambda: vpnlink.state("r1", "paris")["rekeys"] >= 2)


def test_vpnd_killed():
    "Nothing lost, and the new vpnd finds all as it was."

    def action(flow):
        vpn.kill(vpnlink.gear("r1"), "vpnd")
        flow.wait_packets(100)
        vpn.restart(vpnlink.gear("r1"), "vpnd")
        for link in LINKS:
            vpnlink.wait_state("r1", link, "up")

    no_flap(action, lost=0)


def child_sas(name):
    "charon's CHILD_SAs that are installed, by name and number."
    return set(re.findall(r"^  (\S+: #\d+), .*INSTALLED", vpnlink.gear(name).net.swanctl("--list-sas"), re.MULTILINE))


def of_charon(name):
    "SPIs of the CHILD_SAs that charon has, in both directions."
    return set(re.findall(r"^    (?:in|out) +([0-9a-f]{8})", vpnlink.gear(name).net.swanctl("--list-sas"), re.MULTILINE))


def of_kernel(name):
    "SPIs of the SAs that the kernel has."
    said = vpnlink.gear(name).net.cmd_raises("ip -o xfrm state")
    return {"{:08x}".format(int(spi, 16)) for spi in re.findall(r"proto esp spi 0x([0-9a-f]+)", said)}


def wait_no_more_than_charons(name):
    "The kernel has the SAs of each link's one CHILD_SA, and no others."
    vpn.wait_for(
        name + ": the kernel has charon's SAs, and no others",
        lambda: (len(of_charon(name)) == 2 * len(LINKS) and of_kernel(name) == of_charon(name))
        or vpn._fail((of_kernel(name), of_charon(name))),
    )


def test_charon_killed():
    """
    The kernel's SAs carry on; the new charon negotiates anew, only what is on its way then is lost, and what the killed
    one has left goes.  An SA between the same addresses that was made by hand is no link's, and stays.
    """
    net = vpnlink.gear("r1").net
    wait_no_more_than_charons("r1")
    killed = of_kernel("r1")
    net.cmd_raises(FOREIGN.format("add", "mode transport aead 'rfc4106(gcm(aes))' 0x" + 20 * "5a" + " 128"))

    def action(flow):
        vpn.kill(vpnlink.gear("r1"), "charon")
        flow.wait_packets(50)
        assert killed <= of_kernel("r1")
        net.start_charon(**DELIVERED)
        vpn.wait_for("r1: new CHILD_SAs", lambda: net.swanctl("--list-sas").count("INSTALLED") >= len(LINKS))
        vpn.wait_for("r1: nothing of the killed charon is left", lambda: not killed & of_kernel("r1"))

    no_flap(action, lost=50)
    assert "00001234" in of_kernel("r1")
    net.cmd_raises(FOREIGN.format("delete", ""))
    wait_no_more_than_charons("r1")


def test_zebra_killed():
    """
    The links and their addresses stay; OSPF comes back over them.  ospfd does not tell a new zebra its routes:
    watchfrr starts it, too.
    """
    before = downs("r1")
    addresses = vpnlink.gear("r1").net.cmd_raises("ip -br -4 addr show dev paris")
    for daemon in ("zebra", "ospfd"):
        vpn.kill(vpnlink.gear("r1"), daemon)
    for daemon in ("zebra", "ospfd"):
        vpn.restart(vpnlink.gear("r1"), daemon)
    vpn.wait_route(vpnlink.gear("r1"), "red", "10.2.0.0/24")
    vpn.wait_ping(vpnlink.gear("r1"), "10.2.0.1", "-I red")
    assert downs("r1") == before
    assert vpnlink.gear("r1").net.cmd_raises("ip -br -4 addr show dev paris") == addresses
    for link in LINKS:
        vpnlink.wait_state("r1", link, "up")


def test_peer_gone():
    """
    The underlay is cut: both ends are down within the time of dead peer detection and its timeout, and so are the
    adjacencies, while charon goes on asking; when the peer answers after all, the links are up with the same SAs.
    """
    before = child_sas("r1")
    assert len(before) == len(LINKS), before
    vpnlink.gear("r2").net.cmd_raises("ip link set r2-eth0 down")
    for name in ("r1", "r2"):
        for link in LINKS:
            vpn.wait_for(
                "{}: {} is not up".format(name, link),
                lambda n=name, l=link: vpnlink.state(n, l)["state"] != "up" and not vpnlink.device_up(n, l),
                timeout=DPD + TIMEOUT + 5,
            )
            vpnlink.wait_no_adjacency(name, link, "red")
            assert vpnlink.state(name, link)["reason"].startswith("no answer from 192.0.2."), vpnlink.state(name, link)
    assert child_sas("r1") == before
    vpnlink.gear("r2").net.cmd_raises("ip link set r2-eth0 up")
    vpnlink.wait_up(*LINKS, timeout=60)
    assert child_sas("r1") == before
    for link in LINKS:
        vpnlink.wait_full(link, "red")


def test_charon_restarted_in_order():
    "SIGTERM says good-bye to the peer: links are down at both ends, come back, and nothing of before is left."
    wait_no_more_than_charons("r1")
    vpn.kill(vpnlink.gear("r1"), "charon", "SIGTERM")
    vpn.wait_for("r1: no SA", lambda: not of_kernel("r1"))
    for link in LINKS:
        vpn.wait_for("r2: {} is down".format(link), lambda l=link: not vpnlink.device_up("r2", l))
    vpnlink.gear("r1").net.start_charon(**DELIVERED)
    vpnlink.wait_up(*LINKS, timeout=60)
    for link in LINKS:
        vpnlink.wait_full(link, "red")
    for name in ("r1", "r2"):
        wait_no_more_than_charons(name)
        for link in LINKS:
            assert vpnlink.state(name, link)["failures"] == 0
    vpn.wait_ping(vpnlink.gear("r1"), "10.2.0.1", "-I red")


def test_link_removed():
    "One end forgets a link: it goes there at once, and at the other end; the other link stays."
    vpn.vtysh(vpnlink.gear("r2"), "configure terminal", "vpn", "no tunnel-link paris")
    vpn.wait_for("r2: paris is forgotten", lambda: "paris" not in vpn.show(vpnlink.gear("r2"), "show vpn tunnel-link")["tunnelLinks"])
    vpn.wait_for(
        "r1: paris is not up", lambda: vpnlink.state("r1", "paris")["state"] != "up" and not vpnlink.device_up("r1", "paris")
    )
    vpn.wait_for(
        "r2: paris is gone", lambda: "paris" not in vpnlink.gear("r2").net.cmd_raises("ip -br link")
    )
    for name in ("r1", "r2"):
        assert vpnlink.state(name, "lyon")["state"] == "up"
