# SPDX-License-Identifier: GPL-2.0-or-later
"""
What an operator can get wrong on a running network: each is told in words that
name the object, and leaves everything else running.

     ce1-red ─┐                            ┌─ ce2-red
     10.1.0.0/24                             10.2.0.0/24
              pe1 ────── p ────── pe2
     ce1-blue ┘        (plain IP)          └─ ce2-blue

The network is that of vpn_demo.  Blue carries traffic all the time.
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


def setup_module(module):
    network.wait_up(network.start(module.__name__))


def teardown_module(_module):
    get_topogen().stop_topology()


def gear(name):
    return get_topogen().gears[name]


@pytest.fixture(name="blue_goes_on", autouse=True)
def fixture_blue_goes_on():
    "Blue's traffic crosses while the test does its worst; not one packet may be lost."
    flow = vpn.Flow(gear("ce1-blue"), "10.2.0.1", options=network.LAN1)
    flow.wait_packets(20)
    yield flow
    flow.wait_packets(20)
    sent, received = flow.stop()
    assert sent == received, "blue lost {} of {}".format(sent - received, sent)


def refused(router, *commands):
    "The commands as configuration; asserts that they are refused and returns the words."
    before = vpn.vtysh(router, "show running-config")
    output = router.net.cmd_nostatus(
        "vtysh -c 'configure terminal' " + " ".join("-c '{}'".format(c) for c in commands) + " 2>&1", warn=False
    )
    assert vpn.vtysh(router, "show running-config") == before, "the running configuration changed"
    return output


@pytest.mark.parametrize(
    "commands, words",
    [
        (("vpn", "ipsec-profile GOLD", "esp proposal aes999gcm16-x25519"), "aes999gcm16"),
        (("vpn", "ipsec-profile GOLD", "ike proposal aes256gcm16-nonsense"), "nonsense"),
        (("vpn", "provider-edge", "spi-prefix-length 6"), ""),
        (("vpn", "provider-edge", "spi-prefix-length 0"), ""),
        (("vpn", "provider-edge", "spi-prefix-length 27"), ""),
        (("vpn", "provider-edge", "ipsec-profile SILVER"), "SILVER"),
    ],
)
def test_refused_at_commit(commands, words):
    "Unknown proposals, prefix lengths 0-6 and over 26, a profile that is not there."
    output = refused(gear("pe1"), *commands)
    assert words in output and output.strip(), output


def test_vrf_deleted_in_use():
    "The kernel's VRF red goes: its label says so, blue goes on; red works again when the VRF is back."
    pe1 = gear("pe1")
    pe1.net.cmd_raises("ip link del red")
    vpn.wait_for(
        "pe1: red's label is down, with the VRF in the reason",
        lambda: (lambda l: l["state"] != "up" and "red" in l["reason"])(
            vpn.show(pe1, "show vpn spi-label")["labels"]["red"]
        ),
    )
    vpn.vrf(pe1.net, "red", 1001, ["pe1-eth1"])
    vpn.wait_route(pe1, "red", "10.2.0.0/24")
    vpn.wait_kernel_route(gear("ce1-red"), "10.2.0.0/24")
    vpn.wait_ping(gear("ce1-red"), "10.2.0.1", network.LAN1)
