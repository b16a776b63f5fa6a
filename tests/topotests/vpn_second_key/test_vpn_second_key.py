# SPDX-License-Identifier: GPL-2.0-or-later
"""
Two ends of a link change their key, one after the other: no negotiation is refused at any time, and no packet is lost.

     r1 ═══ r2    a tunnel link, pre-shared keys

     step 0      r1 OLD               r2 OLD
     step 1      r1 OLD accept NEW    r2 OLD
                 r1 OLD accept NEW    r2 OLD accept NEW
     step 2      r1 NEW accept OLD    r2 OLD accept NEW
                 r1 NEW accept OLD    r2 NEW accept OLD
     step 3      r1 NEW               r2 NEW accept OLD
                 r1 NEW               r2 NEW

After each change each end begins a negotiation.  What is proved is always the
first key: where the other end has only one, only the first key of this one fits.
"""
import pytest

import vpnlink
import vpntopo as vpn
from lib.topogen import get_topogen

pytestmark = [pytest.mark.vpnd]

OLD = "the-old-key-of-the-test"
NEW = "the-new-key-of-the-test"
STEPS = [
    ("r1", OLD, NEW),
    ("r2", OLD, NEW),
    ("r1", NEW, OLD),
    ("r2", NEW, OLD),
    ("r1", NEW, None),
    ("r2", NEW, None),
]


def configured(name):
    text = vpnlink.head(name).replace("only-for-the-test", OLD)
    return text + vpnlink.link(name, "one", "red", "ipsec-tunnel", "address 10.11.0.{}/30".format(name[1:])) + "exit\n"


def setup_module(module):
    vpnlink.start(module.__name__, configured, daemons=("zebra", "vpnd"), retransmit_tries=1)


def teardown_module(_module):
    get_topogen().stop_topology()


def logged(name, words):
    "How often charon has said so."
    return int(vpnlink.gear(name).net.cmd("grep -c -- '{}' /tmp/gearlogdir/charon.log || true".format(words)))


def keys(name, key, accepted):
    accept = " accept " + accepted if accepted else ""
    vpn.vtysh(
        vpnlink.gear(name),
        "configure terminal",
        "vpn",
        "ipsec-profile GOLD",
        "authentication pre-shared-key {}{}".format(key, accept),
    )


def loaded(name):
    "How often charon was given a key, or told to forget one."
    return logged(name, "loaded IKE shared key with id") + logged(name, "unloaded shared key with id")


def negotiate(name):
    "A new IKE_SA that this end begins, and the link is up with it."
    before = {end: logged(end, "established between") for end in vpnlink.ADDRESSES}
    vpn.vtysh(vpnlink.gear(name), "clear vpn tunnel-link one")
    for end in vpnlink.ADDRESSES:
        vpn.wait_for(end + " has a new IKE_SA", lambda e=end: logged(e, "established between") > before[e])
    vpnlink.wait_up("one")


def refused():
    return sum(logged(end, "but MAC mismatched") + logged(end, "AUTH_FAILED") for end in vpnlink.ADDRESSES)


def test_keys_change_and_nobody_is_refused():
    "Each change by itself, and a negotiation from each end after it; the link carries packets after all."
    vpnlink.wait_up("one")
    # of a first attempt with cookies, which both ends' charons may see differently while they start
    already = refused()
    for name, key, accepted in STEPS:
        before = loaded(name)
        keys(name, key, accepted)
        vpn.wait_for(name + ": charon has the keys", lambda n=name, b=before: loaded(n) > b)
        for end in vpnlink.ADDRESSES:
            negotiate(end)
            assert refused() == already, "{} {} accept {}: {} began".format(name, key, accepted, end)
    vpn.wait_ping(vpnlink.gear("r1"), "10.11.0.2", "-I red")


def test_a_switch_of_keys_loses_nothing():
    "The same changes back to the old key and again to the new one, under traffic that is counted: no SA is touched."
    flow = vpn.Flow(vpnlink.gear("r1"), "10.11.0.2", options="-I one")
    flow.wait_packets(20)
    there = {OLD: NEW, NEW: OLD, None: None}
    for steps in ([(name, there[key], there[accepted]) for name, key, accepted in STEPS], STEPS):
        for name, key, accepted in steps:
            before = loaded(name)
            keys(name, key, accepted)
            vpn.wait_for(name + ": charon has the keys", lambda n=name, b=before: loaded(n) > b)
            flow.wait_packets(10)
    sent, received = flow.stop()
    assert sent == received and sent > 140, "{} of {} lost".format(sent - received, sent)


def test_what_is_written_is_what_was_typed():
    "The second key is part of the command, and goes with it."
    keys("r1", NEW, OLD)
    config = vpn.vtysh(vpnlink.gear("r1"), "show running-config")
    assert "  authentication pre-shared-key {} accept {}\n".format(NEW, OLD) in config
    keys("r1", NEW, None)
    config = vpn.vtysh(vpnlink.gear("r1"), "show running-config")
    assert "  authentication pre-shared-key {}\n".format(NEW) in config
    assert OLD not in config


def test_the_old_key_is_no_key_any_more():
    "An end that has only the old one is refused: what was accepted once is forgotten."
    before = refused()
    keys("r2", OLD, None)
    vpn.vtysh(vpnlink.gear("r2"), "clear vpn tunnel-link one")
    vpn.wait_for("r1 refuses the old key", lambda: refused() > before)
    assert vpnlink.wait_not_up("r2", "one")["state"] != "up"
    keys("r2", NEW, None)
    vpnlink.wait_up("one")


def test_a_second_key_is_refused_where_it_means_nothing():
    "In IKEv1 the key is part of what is negotiated."
    vpn.vtysh(vpnlink.gear("r1"), "configure terminal", "vpn", "ipsec-profile TRY", "ike version 1")
    text = vpnlink.gear("r1").net.cmd(
        "vtysh -c 'configure terminal' -c vpn -c 'ipsec-profile TRY' -c 'authentication pre-shared-key a accept b' 2>&1 || true"
    )
    assert "needs ike version 2" in text, text
    assert "accept b" not in vpn.vtysh(vpnlink.gear("r1"), "show running-config")
    vpn.vtysh(vpnlink.gear("r1"), "configure terminal", "vpn", "no ipsec-profile TRY")


def test_no_key_is_in_a_log():
    for end in vpnlink.ADDRESSES:
        found = vpnlink.gear(end).net.cmd("grep -l -e {} -e {} /tmp/gearlogdir/*.log || true".format(OLD, NEW))
        assert not found.strip(), found
