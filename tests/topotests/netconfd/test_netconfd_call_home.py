# SPDX-License-Identifier: GPL-2.0-or-later
"""
netconfd calls home over TLS (RFC 8071).

     ncclient on the sockets that netconfd opens ══ TLS on loopback ══ r1          zebra, staticd, mgmtd, netconfd

Both ends prove who they are by certificates; which user a client is, is decided
by fingerprint or by name. Of several servers the next one is called when one
does not answer, or is not who it should be.
"""
import os
import ssl
import sys

import pytest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), ".."))
# pylint: disable=C0413
import nctopo as nc
import vpntopo as vpn
from lib.topogen import Topogen, get_topogen
from ncclient import NCClientError
from ncclient.operations.rpc import RPCError

pytestmark = [pytest.mark.netconfd]

PORTS = (14335, 24335, 34335)


def build_topo(tgen):
    tgen.add_switch("backbone").add_link(tgen.add_router("r1", cls=nc.NetconfRouter))


def setup_module(module):
    tgen = Topogen(build_topo, module.__name__)
    tgen.start_topology()
    nc.start(tgen, "r1")


def teardown_module(_module):
    get_topogen().stop_topology()


def r1():
    return get_topogen().gears["r1"]


def configure(*lines):
    vpn.vtysh(r1(), "configure terminal", "netconf", *lines)


@pytest.fixture
def call():
    "Configures whom r1 calls: ports of its own loopback; afterwards it calls nobody."

    def configured(*ports, more=("retry 1 attempts 1",)):
        servers = ["call-home LAB tls 127.0.0.1 port {}".format(p) for p in ports]
        configure(*servers, *["call-home LAB " + line for line in more])

    yield configured
    configure("no call-home LAB")
    vpn.wait_for("no session is left", lambda: not nc.sessions(r1()))


def fingerprint(name):
    "Of a certificate, as RFC 7407 writes it: 04 is SHA-256."
    text = r1().net.cmd_raises("openssl x509 -in {}/{}.pem -noout -fingerprint -sha256".format(nc.KEYS, name))
    return "04:" + text.strip().split("=")[1]


def test_a_session_that_was_called_home(call):
    "Both certificates are checked; the session is one like others, and called again after its end."
    with nc.Home(r1(), PORTS[0]) as home:
        call(PORTS[0])
        for _ in range(2):
            session, name = home.session()
            assert name == "server"
            assert session.get_config("running").ok
            session.edit_config(nc.config(nc.routes("192.0.2.1/32")), target="candidate")
            assert nc.prefixes_in(session.get_config("candidate")) == ["192.0.2.1/32"]
            session.discard_changes()
            shown = nc.sessions(r1())
            assert [(s["user"], s["transport"], s["callHome"]) for s in shown] == [("admin", "netconf-tls", True)], shown
            session.close_session()


def test_the_next_server_when_one_does_not_answer(call):
    "Nobody is at the first address; at the second is somebody who is silent in the handshake; the third gets it."
    with nc.Home(r1(), PORTS[1]) as silent, nc.Home(r1(), PORTS[2]) as home:
        call(*PORTS)
        there = silent.accept()
        session, _ = home.session()
        assert session.get_config("running").ok
        session.close_session()
        there.close()


def test_a_server_with_anothers_certificate_gets_nothing(call):
    "Who is not of our CA is no client; the next one in the list is called."
    with nc.Home(r1(), PORTS[0], user="stranger") as stranger, nc.Home(r1(), PORTS[1]) as home:
        call(PORTS[0], PORTS[1])
        with pytest.raises((OSError, NCClientError)):
            stranger.session()
        session, _ = home.session()
        assert [s["user"] for s in nc.sessions(r1())] == ["admin"]
        session.close_session()


def test_who_calls_is_checked_by_the_server(call):
    "A client that trusts another CA refuses this server, and is called again later."
    with nc.Home(r1(), PORTS[0], ca="strangers-ca") as picky, nc.Home(r1(), PORTS[1]) as home:
        call(PORTS[0], PORTS[1])
        with pytest.raises(ssl.SSLCertVerificationError):
            picky.session()
        session, _ = home.session()
        session.close_session()


def test_a_fingerprint_names_the_user(call):
    "The lowest number that fits decides: a fingerprint before a common name; changed, it holds for the next session."
    configure("tls client 5 fingerprint {} user guest".format(fingerprint("cert-admin")))
    with nc.Home(r1(), PORTS[0]) as home:
        call(PORTS[0])
        session, _ = home.session()
        assert [s["user"] for s in nc.sessions(r1())] == ["guest"]
        with pytest.raises(RPCError) as refused:
            session.discard_changes()
        assert refused.value.tag == "access-denied"
        configure("no tls client 5")
        session.close_session()
        vpn.wait_for("it is somebody else", lambda: home_user(home) == "admin")
    configure("tls client 10 common-name")


def home_user(home):
    session, _ = home.session()
    users = [s["user"] for s in nc.sessions(r1()) if s["callHome"]]
    session.close_session()
    return users[0] if users else None


def test_without_a_mapping_nobody_comes(call):
    "A certificate of the CA that no mapping names is nobody's."
    configure("no tls client 10", "tls client 20 fingerprint {} user admin".format(fingerprint("cert-guest")))
    with nc.Home(r1(), PORTS[0], user="admin") as unknown, nc.Home(r1(), PORTS[1], user="guest") as home:
        call(PORTS[0], PORTS[1])
        with pytest.raises((OSError, NCClientError)):
            unknown.session()
        session, _ = home.session()
        assert [s["user"] for s in nc.sessions(r1())] == ["admin"]
        session.close_session()
    configure("no tls client 20", "tls client 10 common-name")


def test_keep_alive(call):
    "The kernel probes a connection that is silent: a timer of keep-alive on it, no longer than configured."
    with nc.Home(r1(), PORTS[0]) as home:
        call(PORTS[0], more=("retry 1 attempts 1", "keep-alive 30 interval 10"))
        session, _ = home.session()
        line = r1().net.cmd_raises("ss -Htno state established dst 127.0.0.1:{}".format(PORTS[0]))
        assert "timer:(keepalive," in line, line
        session.close_session()
