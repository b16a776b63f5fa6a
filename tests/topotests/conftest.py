# SPDX-License-Identifier: GPL-2.0-or-later
"""
FRR's own topotest harness, used from outside FRR's tree.

./vpnlab sets VPNLAB_FRR_TOPOTESTS to the tests/topotests of the FRR source that
the daemons were built from.  Its libraries (lib, munet) go on sys.path and its
conftest.py, which has the command-line options and the checks for cores and
backtraces, is loaded as a plugin from here, as an initial conftest.
"""
import glob
import importlib.util
import os
import re
import signal
import sys

import pytest

HERE = os.path.dirname(os.path.realpath(__file__))
FRR_TOPOTESTS = os.environ.get("VPNLAB_FRR_TOPOTESTS")

if not FRR_TOPOTESTS or not os.path.isfile(os.path.join(FRR_TOPOTESTS, "conftest.py")):
    raise pytest.UsageError(
        "VPNLAB_FRR_TOPOTESTS must name the tests/topotests of the FRR source: "
        "run these tests with ./vpnlab test"
    )

sys.path[:0] = [HERE, FRR_TOPOTESTS]


def _frr_conftest():
    "FRR's conftest.py as a module of another name than this one."
    path = os.path.join(FRR_TOPOTESTS, "conftest.py")
    spec = importlib.util.spec_from_file_location("frr_topotests_conftest", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


quick = importlib.import_module("quick")  # found, as lib and munet, by the path above
quick.install()

# What FRR's conftest.py defines (hooks, fixtures) is this conftest's as well.
globals().update(
    {
        name: value
        for name, value in vars(_frr_conftest()).items()
        if name.startswith("pytest_")
        or name.endswith("_autouse")
        or name in ("module_check_memtest", "rundir_module")
    }
)


# Ours, in a report of LeakSanitizer; FRR's daemons leave a few things behind at their end, whoever uses them.
OUR_FRAMES = re.compile(r" in (vpn_|netconf_|vici_|bgp_spi_|bgp_uvpn_)")


def _sanitizer_reports(rundir):
    "What AddressSanitizer had to say of the daemons: every error, and leaks of ours."
    for path in glob.glob(os.path.join(rundir, "**", "*.asan.*"), recursive=True):
        with open(path, encoding="utf-8", errors="replace") as file:
            text = file.read()
        if "ERROR: AddressSanitizer" in text or "runtime error:" in text or OUR_FRAMES.search(text):
            yield path, text


# Whoever of these does not end in 15 s is stuck; another may just be slow. FRR's harness sends SIGBUS to both.
NEVER_SLOW = ("vpnd_", "bgpd_", "charon-systemd_")


def _cores(rundir):
    "Of any process; a core bears the name of the thread that crashed, so names tell little."
    for path in glob.glob(os.path.join(rundir, "**", "*_core-sig_*.dmp"), recursive=True):
        name = os.path.basename(path)
        if "_core-sig_{}-".format(int(signal.SIGBUS)) not in name or name.startswith(NEVER_SLOW):
            yield path


@pytest.fixture(autouse=True, scope="module")
def daemons_ended_well(request):
    "FRR's harness only logs what it finds when a topology is stopped; here it fails the test."
    rundir = request.config.option.rundir
    before = set(_cores(rundir)) | {path for path, _ in _sanitizer_reports(rundir)}
    yield
    for path, text in _sanitizer_reports(rundir):
        if path not in before:
            pytest.fail("{}:\n{}".format(path, text[:8000]))
    cores = set(_cores(rundir)) - before
    assert not cores, "a daemon crashed: {}".format(sorted(cores))
