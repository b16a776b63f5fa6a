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
from ncclient import NCClientError
from ncclient.operations.rpc import RPCError
from nctopo import configure, r1

pytestmark = [pytest.mark.netconfd]

PORTS = (14335, 24335, 34335)


def setup_module(module):
    nc.start_r1(module)


def teardown_module(_module):
    nc.stop_r1()


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


def homes():
    return vpn.show(r1(), "show netconf call-home")


def test_back_off(call):
    "Nobody anywhere: the time between rounds doubles up to the maximum; an answer ends it."
    call(PORTS[0], PORTS[1], more=("retry 2 attempts 1 maximum 600",))
    vpn.wait_for("four rounds without anybody", lambda: homes()["LAB"]["failures"] >= 8, timeout=120)
    shown = homes()["LAB"]
    assert shown["state"] == "waiting" and 6 < shown["nextCall"] <= 16, shown
    assert "127.0.0.1 port {}: Connection refused".format(PORTS[1]) == shown["error"]
    with nc.Home(r1(), PORTS[0]) as home:
        r1().net.cmd_raises("vtysh -c 'netconf call-home LAB now'")
        session, _ = home.session(timeout=10)
        shown = homes()["LAB"]
        assert shown["state"] == "connected" and shown["failures"] == 0 and "error" not in shown, shown
        assert shown["lastServer"] == "127.0.0.1 port {}".format(PORTS[0])
        session.close_session()


def test_periodic(call):
    "Called each five seconds, counted from the begin of a session to the begin of the next."
    with nc.Home(r1(), PORTS[0]) as home:
        call(PORTS[0], more=("retry 1 attempts 1", "every 5 seconds"))
        times = []
        for _ in range(3):
            session, _ = home.session()
            times.append(homes()["LAB"]["lastContact"])
            session.close_session()
        between = [b - a for a, b in zip(times, times[1:])]
        assert all(4 <= t <= 20 for t in between), between


def test_a_periodic_session_that_breaks_off(call):
    "The first client dies in its session: the second is called now, not in an hour; that one closes its session, and is called in an hour."
    with nc.Home(r1(), PORTS[0]) as first, nc.Home(r1(), PORTS[1]) as second:
        call(PORTS[0], PORTS[1], more=("retry 1 attempts 1", "every 3600 seconds"))
        session, _ = first.session()
        session._session.close()  # pylint: disable=W0212 # of the connection, without a word
        session, _ = second.session()
        shown = homes()["LAB"]
        assert shown["state"] == "connected" and shown["failures"] == 0, shown
        session.close_session()
        shown = vpn.wait_for("it is over", lambda: homes()["LAB"]["state"] == "waiting" and homes()["LAB"])
        assert shown["nextCall"] > 3000 and "error" not in shown, shown


def test_the_last_server_first(call):
    "With last-connected the next call goes to the server that answered, and without to the first of the list."
    with nc.Home(r1(), PORTS[1]) as second:
        call(PORTS[0], PORTS[1], more=("retry 1 attempts 1 last-connected",))
        session, _ = second.session()
        with nc.Home(r1(), PORTS[0]) as first:
            session.close_session()
            session, _ = second.session()
            configure("call-home LAB retry 1 attempts 1")
            session.close_session()
            session, _ = first.session()
            session.close_session()


def test_a_change_of_the_configuration_leaves_a_session(call):
    "Something else is configured: the session goes on, and there is no second one beside it."
    with nc.Home(r1(), PORTS[0]) as home:
        call(PORTS[0])
        session, _ = home.session()
        configure("session-limit 99", "tls client 30 common-name", "no tls client 30", "no session-limit")
        with pytest.raises(TimeoutError):
            home.accept(timeout=5)
        assert session.get_config("running").ok
        session.close_session()
        session, _ = home.session()
        session.close_session()


def test_credentials_of_its_own(call):
    "A name that is called may have a certificate, a CA and a user of its own; others have those of all."
    own = "tls certificate {0}/cert-branch.pem key {0}/cert-branch.key ca {0}/strangers-ca.pem".format(nc.KEYS)
    with nc.Home(r1(), PORTS[0], user="stranger") as home:
        call(PORTS[0], more=("retry 1 attempts 1", own, "user guest"))
        session, name = home.session()
        assert name == "branch"
        assert [s["user"] for s in nc.sessions(r1())] == ["guest"]
        text = vpn.vtysh(r1(), "show running-config")
        assert " call-home LAB {}\n call-home LAB user guest\n".format(own) in text
        session.close_session()


def test_who_is_called_now_sees_what_is_configured_now(call):
    """
    An hour before the next call: another certificate, "call now", and more lines, for longer than the second in which
    libnetconf2 tries once.  What is configured takes effect a moment after the last line; nobody is shown the old certificate until then.
    """
    certificate = "call-home LAB tls certificate {0}/cert-branch.pem key {0}/cert-branch.key ca {0}/ca.pem".format(nc.KEYS)
    more = ["tls client 30 common-name", "no tls client 30"] * 500
    with nc.Home(r1(), PORTS[0]) as home:
        call(PORTS[0], more=("retry 1 attempts 1", "every 3600 seconds"))
        session, name = home.session()
        assert name == "server"
        session.close_session()
        vpn.wait_for("it is over", lambda: homes()["LAB"]["state"] == "waiting")
        configure(certificate, "do netconf call-home LAB now", *more)
        session, name = home.session()
        assert name == "branch"
        session.close_session()


def test_two_names_at_one_address_are_refused(call):
    call(PORTS[0])
    said = r1().net.cmd_nostatus(
        "vtysh -c 'configure terminal' -c netconf -c 'call-home OTHER tls 127.0.0.1 port {}'".format(PORTS[0]), warn=False
    )
    assert "is LAB's already" in said, said
    assert list(homes()) == ["LAB"]


def test_keep_alive(call):
    "The kernel probes a connection that is silent: a timer of keep-alive on it, no longer than configured."
    with nc.Home(r1(), PORTS[0]) as home:
        call(PORTS[0], more=("retry 1 attempts 1", "keep-alive 30 interval 10"))
        session, _ = home.session()
        command = "ss -Htno state established dst 127.0.0.1:{}".format(PORTS[0])
        # while something is not acknowledged another timer is shown
        vpn.wait_for("a timer of keep-alive", lambda: "timer:(keepalive," in r1().net.cmd_raises(command))
        session.close_session()
