# SPDX-License-Identifier: GPL-2.0-or-later
"""
RPCs of FRR's daemons over NETCONF.

     ncclient ══ SSH on loopback ══ r1          zebra, staticd, ripd, vpnd, mgmtd, netconfd

mgmtd passes an RPC on to the daemon that has it; its answer, or why not, comes
back in its own words. Nothing here has an answer but <ok/>: FRR 10.3 has no
such RPC in a daemon that mgmtd knows.
"""
import os
import sys
import threading

import pytest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), ".."))
# pylint: disable=C0413
import nctopo as nc
import vpntopo as vpn
from lxml import etree
from nctopo import error_of, r1

pytestmark = [pytest.mark.netconfd]

RIP = "http://frrouting.org/yang/ripd"


def setup_module(module):
    nc.start_r1(
        module,
        daemons=("zebra", "staticd", "ripd", "vpnd"),
        config="""
vpn
 ipsec-profile A
  authentication pre-shared-key only-for-the-test
 exit
 tunnel-link one vrf default
  local 192.0.2.1
  remote 192.0.2.2
  ipsec-profile A
 exit
 tunnel-link two vrf default
  local 192.0.2.1
  remote 192.0.2.3
  ipsec-profile A
 exit
exit
""",
    )


def teardown_module(_module):
    nc.stop_r1()


@pytest.fixture
def admin():
    session = nc.connect(r1())
    yield session
    session.close_session()


def rpc(session, name, ns, content=""):
    return session.dispatch(etree.fromstring('<{0} xmlns="{1}">{2}</{0}>'.format(name, ns, content)))


def test_an_rpc_of_ripd(admin):
    assert rpc(admin, "clear-rip-route", RIP).ok


def cleared():
    "What vpnd has logged of links that were cleared."
    return r1().net.cmd_nostatus("grep -o 'tunnel-link [a-z]*: cleared' vpnd.log", warn=False).split("\n")[:-1]


def test_an_rpc_of_vpnd_does_what_the_command_does(admin):
    "One link, all links."
    vpn.wait_for("the links are there", lambda: sorted(vpn.show(r1(), "show vpn tunnel-link")["tunnelLinks"]) == ["one", "two"])
    assert rpc(admin, "clear-tunnel-link", nc.VPN_NS, "<name>one</name>").ok
    vpn.wait_for("one is cleared", lambda: cleared() == ["tunnel-link one: cleared"])
    assert rpc(admin, "clear-tunnel-link", nc.VPN_NS).ok
    vpn.wait_for("all are cleared", lambda: sorted(cleared()) == ["tunnel-link one: cleared"] * 2 + ["tunnel-link two: cleared"])
    assert rpc(admin, "clear-peer", nc.VPN_NS).ok


def test_what_the_daemon_refuses(admin):
    "In its own words."
    error = error_of(rpc, admin, "clear-tunnel-link", nc.VPN_NS, "<name>nobody</name>")
    assert error.tag == "operation-failed" and error.message == "there is no tunnel-link nobody", (error.tag, error.message)
    error = error_of(rpc, admin, "clear-peer", nc.VPN_NS, "<address>192.0.2.9</address>")
    assert error.message == "192.0.2.9 is no peer", error.message


def test_what_the_module_refuses(admin):
    "A value that is none, a node that is none, an RPC that is none."
    assert error_of(rpc, admin, "clear-peer", nc.VPN_NS, "<address>nowhere</address>").tag in ("invalid-value", "operation-failed")
    assert error_of(rpc, admin, "clear-peer", nc.VPN_NS, "<nothing/>").tag in ("unknown-element", "operation-failed")
    assert error_of(rpc, admin, "clear-nothing", nc.VPN_NS).tag in ("unknown-element", "operation-not-supported", "operation-failed")


def test_an_action(admin):
    "FRR's modules have none; the error says what is not known, and the session goes on."
    name = '<tunnel-link xmlns="{}"><name>one</name><clear/></tunnel-link>'
    action = '<action xmlns="urn:ietf:params:xml:ns:yang:1"><vpn xmlns="{0}">{1}</vpn></action>'.format(nc.VPN_NS, name.format(nc.VPN_NS))
    error = error_of(admin.dispatch, etree.fromstring(action))
    assert error.tag in ("unknown-element", "operation-not-supported", "operation-failed"), error.tag
    assert "clear" in (error.message or "") + str(error.info), (error.message, error.info)
    assert admin.get_config("running").ok


def test_who_may(admin):
    "Nobody but who may write, and whom a rule permits it."
    guest = nc.connect(r1(), "guest")
    assert error_of(rpc, guest, "clear-peer", nc.VPN_NS).tag == "access-denied"
    vpn.vtysh(
        r1(),
        "configure terminal",
        "netconf",
        "access group G user guest",
        "access rule-list L group G",
        "access rule L one permit module frr-vpnd rpc clear-peer exec",
    )
    assert rpc(guest, "clear-peer", nc.VPN_NS).ok
    assert error_of(rpc, guest, "clear-tunnel-link", nc.VPN_NS).tag == "access-denied"
    guest.close_session()


def test_a_daemon_that_dies_meanwhile_and_one_that_is_away(admin):
    "An error, and not silence: at once, and not when mgmtd's minute is over."
    assert "ripd" in vpn.vtysh(r1(), "show mgmt backend-adapter all")
    r1().net.cmd_raises("kill -STOP $(cat {}/ripd.pid)".format(vpn.RUN))
    errors = []
    asks = threading.Thread(target=lambda: errors.append(error_of(rpc, admin, "clear-rip-route", RIP)))
    asks.start()
    # a vtysh for all daemons would wait for ripd
    vpn.wait_for("ripd is asked", lambda: "RPC" in r1().net.cmd_raises("vtysh -d mgmtd -c 'show mgmt transaction all'"))
    vpn.kill(r1(), "ripd")
    asks.join(30)
    assert [error.message for error in errors] == ["the daemon that does it went away meanwhile"]
    vpn.wait_for("mgmtd knows", lambda: "ripd" not in vpn.vtysh(r1(), "show mgmt backend-adapter all"))
    error = error_of(rpc, admin, "clear-rip-route", RIP)
    assert error.tag == "operation-failed" and error.message == "the daemon that does it is not there", error.message
    assert admin.get_config("running").ok
