# SPDX-License-Identifier: GPL-2.0-or-later
"""
The suite's own alarm: a daemon that crashes, or that a sanitizer complains of,
while its topology goes down fails the test (daemons_ended_well in conftest.py).

     r1        zebra, vpnd and charon, nobody else

A pytest of its own, with the real conftest, runs modules of one test each.  The
test passes; what happens in the module's teardown differs, and with it the verdict.
The crashes are real signals to real daemons, whose cores the kernel writes: once in
a whole topology, then in daemons that run alone in the directory of a router's logs.
"""
import os
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET

import pytest

TOPOTESTS = os.path.join(os.path.dirname(os.path.realpath(__file__)), "..")

TOPOLOGY = """
import os
import vpntopo as vpn
from lib.topogen import Topogen, get_topogen

def setup_module(module):
    tgen = Topogen(lambda t: t.add_router("r1", cls=vpn.VpnRouter), module.__name__)
    tgen.start_topology()
    vpn.start_pe(tgen, "r1", daemons=("zebra", "vpnd"), config=os.path.devnull)

def test_all_is_well():
    pass

def teardown_module(module):
    tgen = get_topogen()
    for daemon, number in {fault!r}:
        vpn.kill(tgen.gears["r1"], daemon, number)
    tgen.stop_topology()
"""

DAEMON = """
import os, resource, shutil, signal, subprocess
import vpntopo as vpn
from lib import topotest

def test_all_is_well():
    pass

def teardown_module(module):
    daemon, number = {fault!r}
    directory = os.path.join({rundir!r}, module.__name__, "r1")
    os.makedirs(directory)
    shutil.chown(directory, "frr", "frr")
    command = ["unshare", "-n", "/usr/lib/frr/" + daemon, "--vty_socket", directory, "-i", directory + "/pid"]
    command += ["-z", directory + "/zserv.api", "--log", "file:" + directory + "/log"]
    topotest.fix_host_limits()  # which a topology does; names cores
    resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    for _ in range(10):
        process = subprocess.Popen(command, cwd=directory, stdin=subprocess.DEVNULL)
        vpn.wait_for(daemon + " runs", lambda: os.path.exists(directory + "/" + daemon + ".vty"))
        process.send_signal(signal.Signals[number])
        status = process.wait(60)
        if os.path.exists(directory + "/" + daemon + ".vty"):
            os.unlink(directory + "/" + daemon + ".vty")
        if status != -signal.SIGALRM:  # FRR gives itself a second for its last words, which a busy machine may not have
            break
    assert status == (0 if number == "SIGTERM" else -signal.Signals[number])
"""

REPORT = """
import os

def test_all_is_well():
    pass

def teardown_module(module):
    directory = os.path.join({rundir!r}, module.__name__)
    os.makedirs(directory, exist_ok=True)
    with open(os.path.join(directory, "r1.asan.zebra.4711"), "w", encoding="ascii") as report:
        report.write({fault!r})
"""

USE_AFTER_FREE = """=================================================================
==4711==ERROR: AddressSanitizer: heap-use-after-free on address 0x602000000010 at pc 0x55d9 bp 0x7ffc sp 0x7ffc
READ of size 4 at 0x602000000010 thread T0
    #0 0x55d9 in rib_delnode zebra/zebra_rib.c:3000
"""
LEAK = """=================================================================
==4711==ERROR: LeakSanitizer: detected memory leaks

Direct leak of 24 byte(s) in 1 object(s) allocated from:
    #0 0x7f61 in calloc
    #1 0x7f62 in qcalloc lib/memory.c:111
    #2 0x55d9 in {} {}
"""

# module → what its teardown does, and what the verdict says of it (None: passed)
MODULES = {
    "test_zebra_abort": (DAEMON, ("zebra", "SIGABRT"), "zebra_core-sig_6"),
    "test_orderly": (DAEMON, ("zebra", "SIGTERM"), None),
    "test_zebra_slow": (DAEMON, ("zebra", "SIGBUS"), None),
    "test_vpnd_stuck": (DAEMON, ("vpnd", "SIGBUS"), "vpnd_core-sig_7"),
    "test_use_after_free": (REPORT, USE_AFTER_FREE, "heap-use-after-free"),
    "test_undefined": (REPORT, "vpnd/vici.c:7:2: runtime error: index 9 out of bounds\n", "index 9 out of bounds"),
    "test_leak_of_ours": (REPORT, LEAK.format("vpn_use_find", "vpnd/vpn_use.c:7"), "vpn_use_find"),
    "test_leak_of_frr": (REPORT, LEAK.format("bgp_create", "bgpd/bgpd.c:7"), None),
    "test_two_of_a_topology": (TOPOLOGY, (("vpnd", "SIGSEGV"), ("charon", "SIGSEGV")), "vpnd_core-sig_11"),
}


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory):
    "module → (failures and errors of its test, their text)"
    directory = tmp_path_factory.mktemp("nested")
    rundir = tempfile.mkdtemp(prefix="nested-")  # pytest's own are closed to the user frr
    os.chmod(rundir, 0o755)
    for name, (kind, fault, _) in MODULES.items():
        (directory / (name + ".py")).write_text(kind.format(rundir=rundir, fault=fault))
    junit = directory / "junit.xml"
    command = [sys.executable, "-m", "pytest", "-c", os.path.join(TOPOTESTS, "pytest.ini"), "-p", "conftest"]
    command += ["--rootdir=" + str(directory), "-p", "no:cacheprovider", "--junitxml=" + str(junit), "--rundir=" + rundir]
    command += [str(directory / (name + ".py")) for name in MODULES]
    environment = {**os.environ, "PYTHONPATH": TOPOTESTS, "PYTEST_ADDOPTS": ""}
    # into a file: a pipe would be held by what the crashed daemons leave running
    with open(directory / "output", "w+", encoding="utf-8") as output:
        status = subprocess.call(
            command, cwd=directory, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output, timeout=600
        )
        output.seek(0)
        text = output.read()
    print(text)
    assert status == 1, text
    found = {}
    for case in ET.parse(junit).iter("testcase"):
        bad = [e for e in case if e.tag in ("failure", "error")]
        seen = found.setdefault(case.get("classname").rsplit(".", 1)[-1], [])
        seen.extend((e.get("message") or "") + (e.text or "") for e in bad)
    return found


@pytest.mark.parametrize("module", MODULES)
def test_verdict(verdicts, module):
    "Who did it is named; who did nothing is not blamed, not for what an earlier test left either."
    expected = MODULES[module][2]
    assert module in verdicts, verdicts
    if expected is None:
        assert verdicts[module] == []
    else:
        (text,) = verdicts[module]
        assert expected in text, text


def test_every_core_is_named(verdicts):
    "charon's too, which is no daemon of FRR."
    (text,) = verdicts["test_two_of_a_topology"]
    assert "charon-systemd_core-sig_" in text, text
