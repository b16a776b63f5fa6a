# SPDX-License-Identifier: GPL-2.0-or-later
"""
./vpnlab demo --keep, as a person at a terminal has it (the part inside the lab): what
it prints, the shell, on ROUTER COMMAND, and that after exit nothing is left running.
The network is that of network.py.
"""
import os
import pty
import re
import select
import time

import pytest

pytestmark = [pytest.mark.bgpd, pytest.mark.ospfd, pytest.mark.vpnd]
DEMO = os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "..", "demo", "demo")


class Terminal:
    "A program on a terminal of its own."

    def __init__(self, *command):
        self.unread = ""
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            # without what munet knows its own processes by: the demo's munet would end them as left over, the demo too
            env = {name: value for name, value in os.environ.items() if not name.startswith(("MUNET", "PYTEST"))}
            os.execve(command[0], command, dict(env, TERM="dumb"))

    def read_until(self, pattern, timeout):
        "What comes until the pattern does, and its match; None is the end."
        end = time.monotonic() + timeout
        while True:
            match = pattern and re.search(pattern, self.unread)
            if match:
                seen, self.unread = self.unread[: match.start()], self.unread[match.end() :]
                return seen, match
            assert time.monotonic() < end, "no {!r} within {} s in:\n{}".format(pattern, timeout, self.unread)
            if not select.select([self.terminal], [], [], 1)[0]:
                continue
            try:
                self.unread += os.read(self.terminal, 65536).decode(errors="replace").replace("\r", "")
            except OSError:  # nobody has the terminal any more
                assert pattern is None, "ended without {!r}:\n{}".format(pattern, self.unread)
                return self.unread, None

    def type(self, line):
        os.write(self.terminal, line.encode() + b"\n")

    def status(self):
        "Waits for the end."
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


@pytest.fixture(scope="module")
def demo():
    "The demo, up to its shell; what it printed is demo.shown."
    terminal = Terminal(DEMO, "--keep")
    terminal.shown, _ = terminal.read_until("exit ends it.", 600)
    return terminal


def say(demo, command):
    "Types it; answers its exit status and what came."
    demo.type(command + "; echo status=$?.")
    seen, match = demo.read_until(r"status=(\d+)\.", 60)
    return int(match.group(1)), seen


def daemons():
    "Processes of FRR and strongSwan that run in the lab."
    names = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open("/proc/{}/comm".format(pid), encoding="utf-8") as file:
                names.append(file.read().strip())
        except OSError:  # it has just ended
            pass
    return sorted({"zebra", "mgmtd", "bgpd", "ospfd", "staticd", "vpnd", "charon-systemd"}.intersection(names))


def test_it_shows_what_it_promises(demo):
    "The statements that the demo makes, in its own words."
    for words in (
        "10.2.0.1: 5 sent, 5 answered; asked were: ce2-red 5, ce2-blue 0",
        "10.2.0.1: 5 sent, 5 answered; asked were: ce2-blue 5, ce2-red 0",
        "ping 10.22.0.1, which is in blue: 2 sent, 0 answered",
        "one IKE_SA and one CHILD_SA for both VPNs",
        "cleartext customer packets: 0",
        "IKE messages: 0",
        "All of it held",
    ):
        assert words in demo.shown, demo.shown


def test_nothing_else_is_printed(demo):
    "Nothing of pytest, of the daemons, of Python: it is for people."
    for words in ("pytest", "Warning", "Traceback", "memory leaks", "DEBUG", "collected"):
        assert words not in demo.shown, demo.shown


def test_shell_reaches_every_router(demo):
    "on ROUTER COMMAND runs it there, and its exit status comes back."
    for router in ("pe1", "pe2", "p", "ce1-red", "ce1-blue", "ce2-red", "ce2-blue"):
        status, output = say(demo, "on {0} ip link show dev {0}-eth0".format(router))
        assert status == 0, output
    assert say(demo, "on ce1-red ping -n -c 2 -I 10.1.0.1 10.2.0.1")[0] == 0
    assert "10.0.0.2" in say(demo, "on pe1 vtysh -c 'show vpn peer'")[1]
    assert say(demo, "on pe1 false")[0] == 1


def test_exit_takes_everything_down(demo):
    "The network goes, with a word about it, and the status is 0."
    assert daemons() != []
    demo.type("exit")
    seen, _ = demo.read_until(None, 120)
    assert "going down" in seen
    assert demo.status() == 0
    assert daemons() == []
