# SPDX-License-Identifier: GPL-2.0-or-later
"""
What no client should send, what it should read, and many that say nothing.

     raw sockets, ssh, ncclient ══ loopback ══ r1          zebra, staticd, mgmtd, netconfd

Everything is answered with an error or ends its own session; a good client
beside it is served all the time, and netconfd is the same process afterwards.
"""
import os
import signal
import socket
import ssl
import subprocess
import sys
import threading

import pytest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), ".."))
# pylint: disable=C0413
import nctopo as nc
import vpntopo as vpn
from ncclient import NCClientError
from nctopo import r1

pytestmark = [pytest.mark.netconfd]

PID = []
DEAF = []


def setup_module(module):
    nc.start_r1(module, more=" message-limit 1\n")
    PID.append(pid())
    # while the other tests run, their time goes by
    DEAF.extend([DeafWindow(), DeafSsh(), DeafTls()])


def teardown_module(_module):
    for deaf in DEAF:
        deaf.close()
    nc.stop_r1()


def pid():
    return r1().net.cmd_raises("cat {}/netconfd.pid".format(vpn.RUN)).strip()


HELLO = '<hello xmlns="{}"><capabilities><capability>urn:ietf:params:netconf:base:1.0</capability></capabilities></hello>]]>]]>'.format(nc.NC)
GET = '<rpc xmlns="{}" message-id="1"><get/></rpc>]]>]]>'.format(nc.NC)
ASKS = 400  # more than all buffers hold of the answers


class Deaf:
    "A client that asks and asks, and reads no answer."

    def __init__(self):
        hello = b""
        while b"]]>]]>" not in hello:
            hello += self.read()
        self.session = hello.split(b"<session-id>")[1].split(b"<")[0].decode()
        self.write((HELLO + GET * ASKS).encode())


class DeafWindow(Deaf):
    "Of SSH: what is on the other side of the channel reads nothing, so the channel's window is not opened again."

    def __init__(self):
        with nc.inside(r1()):
            self.ssh = subprocess.Popen(
                ["ssh", "-p", "830", "-i", nc.KEYS + "/guest", "-oStrictHostKeyChecking=no", "-oUserKnownHostsFile=/dev/null"]
                + ["-oIdentitiesOnly=yes", "-s", "guest@127.0.0.1", "netconf"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                bufsize=0,
            )
        super().__init__()

    def read(self):
        data = os.read(self.ssh.stdout.fileno(), 4096)
        assert data, "ssh ended"
        return data

    def write(self, data):
        self.ssh.stdin.write(data)

    def close(self):
        self.ssh.kill()
        self.ssh.communicate()


class DeafSsh(DeafWindow):
    "Of SSH: the client itself does nothing any more, so TCP's window stays closed."

    def write(self, data):
        super().write(data)
        vpn.wait_for("it is being answered", lambda: [s for s in nc.sessions(r1()) if str(s["sessionId"]) == self.session and s["rpcs"]])
        self.ssh.send_signal(signal.SIGSTOP)


class DeafTls(Deaf):
    "Of TLS."

    def __init__(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.load_cert_chain(nc.KEYS + "/cert-guest.pem", nc.KEYS + "/cert-guest.key")
        context.load_verify_locations(nc.KEYS + "/ca.pem")
        with nc.inside(r1()):
            sock = socket.socket()
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
            sock.settimeout(60)
            sock.connect(("127.0.0.1", 6513))
        self.socket = context.wrap_socket(sock)
        super().__init__()

    def read(self):
        return self.socket.recv(4096)

    def write(self, data):
        self.socket.sendall(data)

    def close(self):
        self.socket.close()


@pytest.fixture
def good():
    "A client that does nothing wrong: it is served before and after."
    session = nc.connect(r1(), "guest")
    assert session.get_config("running").ok
    yield session
    assert session.get_config("running").ok
    session.close_session()
    assert pid() == PID[0]


def raw(session, data):
    "Bytes as they are, behind ncclient's back; the other end may close meanwhile."
    inner = session._session  # pylint: disable=W0212
    # of SSH a channel, which ncclient forgets when the other end has closed it
    there = inner._channel if hasattr(inner, "_channel") else inner._socket  # pylint: disable=W0212
    try:
        if there:
            there.sendall(data)
    except (OSError, EOFError):
        pass


def ended(session):
    vpn.wait_for(
        "session {} is ended".format(session.session_id),
        lambda: session.session_id not in [str(s["sessionId"]) for s in nc.sessions(r1())],
        timeout=90,
    )


def chunk(text):
    return "\n#{}\n{}\n##\n".format(len(text), text).encode()


RPC = '<rpc xmlns="{}" message-id="1">{{}}</rpc>'.format(nc.NC)


@pytest.mark.parametrize(
    "data",
    [
        b"\n#18446744073709551615\n",
        b"\n#4294967295\n",
        b"\n#0\n",
        b"\n#-1\n",
        b"\n#nonsense\n",
        b"no frame at all",
        b"\n##\n",
        b"\n#2000000\n",
    ],
    ids=["2^64-1", "2^32-1", "0", "-1", "word", "none", "empty", "too long"],
)
def test_a_bad_frame_ends_its_session(good, data):
    bad = nc.connect(r1(), "guest")
    raw(bad, data)
    ended(bad)


def test_a_message_in_many_chunks_is_bounded_too(good):
    bad = nc.connect(r1(), "guest")
    piece = "\n#65536\n{}".format(" " * 65536).encode()
    for _ in range(40):
        raw(bad, piece)
    ended(bad)


def test_elements_too_deep_end_their_session(good):
    bad = nc.connect(r1(), "guest")
    raw(bad, chunk(RPC.format("<a>" * 100000 + "</a>" * 100000)))
    ended(bad)


@pytest.mark.parametrize(
    "text",
    [
        "<rpc",
        RPC.format("<get>"),
        '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;">]>' + RPC.format("<get>&c;</get>"),
        RPC.format("<get>&amp;&nothing;</get>"),
        RPC.format('<nothing xmlns="urn:nobody"/>'),
        RPC.format("<get><nothing/></get>"),
        RPC.format("<edit-config/>"),
        '<rpc xmlns="{}"><get/></rpc>'.format(nc.NC),
        '<rpc xmlns="urn:nobody" message-id="1"><get/></rpc>',
        "\x00\x01\x02",
        "&" * 1000,
    ],
)
def test_a_bad_message_is_answered_or_ends_its_session(good, text):
    bad = nc.connect(r1(), "guest")
    before = bad.session_id
    raw(bad, chunk(text))

    def dealt_with():
        mine = [s for s in nc.sessions(r1()) if str(s["sessionId"]) == before]
        return not mine or mine[0]["errors"] or mine[0]["badRpcs"]

    vpn.wait_for("it is dealt with", dealt_with, timeout=90)


def test_half_a_message_and_then_silence(good):
    "Over either transport, it is one session that waits, and it does not wait for ever."
    bad = [nc.connect(r1(), "guest"), nc.connect_tls(r1(), "guest")]
    for session in bad:
        raw(session, b"\n#100\n<rpc")
    assert good.get_config("running").ok
    for session in bad:
        ended(session)


def why_ended(session_id):
    return r1().net.cmd_nostatus("grep -o 'session {} of guest ends: .*' netconfd.log".format(session_id), warn=False).strip()


def test_one_that_reads_no_replies(good):
    "Its replies wait for half a minute, in one thread, whether TCP or SSH keeps them; then it is cut off."
    for deaf in DEAF:
        vpn.wait_for("{} is ended".format(type(deaf).__name__), lambda d=deaf: why_ended(d.session), timeout=90)
        assert why_ended(deaf.session).endswith("the client does not read its replies")


def banner(sock):
    "What a connection that says nothing gets first: SSH's first line, or its end."
    sock.settimeout(60)
    try:
        return sock.recv(100)
    except ConnectionResetError:
        return b""


def silent_from(address, port):
    silent = []
    with nc.inside(r1()):
        for _ in range(1000):
            sock = socket.socket()
            sock.bind((address, 0))
            sock.connect(("127.0.0.1", port))
            silent.append(sock)
    return silent


def is_open(sock):
    sock.setblocking(False)
    try:
        return sock.recv(100) != b""
    except BlockingIOError:
        return True
    except ConnectionResetError:
        return False


def test_a_thousand_connections_that_say_nothing_over_tls(good):
    "As the next, of which nobody hears anything: those in the handshake are left open, the others closed and counted."
    before = nc.state(r1())
    assert before["handshakes"] == 0
    silent = silent_from("127.0.0.2", 6513)
    assert nc.state(r1())["handshakes"] <= 16
    other = nc.connect_tls(r1(), "guest")
    assert other.get_config("running").ok and good.get_config("running").ok
    other.close_session()
    vpn.wait_for("each is refused or in the handshake", lambda: sum(is_open(sock) for sock in silent) <= 16)
    # a place in the handshake is free again when its time is up, so there may be more than 16 of them
    refused = nc.state(r1())["refused"] - before["refused"]
    assert 500 < refused <= 984, refused
    for sock in silent:
        sock.close()
    vpn.wait_for("none is left", lambda: nc.state(r1())["handshakes"] == 0)


def test_a_thousand_connections_that_say_nothing(good):
    """
    From one address 16 at a time are let into the handshake; each of the others is
    closed, and counted. A client from elsewhere comes in meanwhile.
    """
    before = nc.state(r1())
    assert before["handshakes"] == 0
    silent = silent_from("127.0.0.2", 830)
    assert nc.state(r1())["handshakes"] <= 16
    assert good.get_config("running").ok
    other = nc.connect(r1(), "guest")
    assert other.get_config("running").ok
    other.close_session()
    first = [banner(sock) for sock in silent]
    refused = first.count(b"")
    assert all(text.startswith(b"SSH-2.0-") for text in first if text)
    assert nc.state(r1())["refused"] - before["refused"] == refused
    # a place in the handshake is free again when its time is up, so there may be more than 16 of them
    assert 16 <= 1000 - refused < 500, refused
    for sock in silent:
        sock.close()
    vpn.wait_for("none is left", lambda: nc.state(r1())["handshakes"] == 0)


def answers(session):
    try:
        return session.get_config("running").ok
    except (NCClientError, OSError, EOFError, AttributeError):  # whatever ended ncclient's thread
        return False


def test_the_limit_of_sessions_is_exact(good):
    "Thirty come at once and twenty may: as many are sessions as may be, the others are counted, and nobody is disturbed."
    vpn.vtysh(r1(), "configure terminal", "netconf", "session-limit 20")
    killer = nc.connect(r1())
    for session in nc.sessions(r1()):  # what other tests have left
        if str(session["sessionId"]) not in (killer.session_id, good.session_id):
            killer.kill_session(str(session["sessionId"]))
    killer.close_session()
    vpn.wait_for("only a good one is there", lambda: nc.state(r1())["sessions"] == 1)
    before, come = nc.state(r1()), []

    def connect():
        try:
            come.append(nc.connect(r1(), "guest"))
        except Exception:  # pylint: disable=W0718
            come.append(None)

    for _ in range(3):
        threads = [threading.Thread(target=connect) for _ in range(10)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    # one that was a moment too late has seen a <hello>, and then the end
    sessions = [session for session in come if session and answers(session)]
    after = vpn.wait_for("eleven were refused", lambda: nc.state(r1())["refused"] - before["refused"] == 11 and nc.state(r1()))
    assert len(come) == 30 and len(sessions) == 19 and after["sessions"] == 20, (len(sessions), after)
    sessions.pop().close_session()
    vpn.wait_for("a place is free", lambda: nc.state(r1())["sessions"] == 19)
    sessions.append(nc.connect(r1(), "guest"))
    for session in sessions:
        session.close_session()
    vpn.vtysh(r1(), "configure terminal", "netconf", "no session-limit")
    vpn.wait_for("they are gone", lambda: nc.state(r1())["sessions"] == 1)
