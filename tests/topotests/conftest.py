# SPDX-License-Identifier: GPL-2.0-or-later
"""
FRR's own topotest harness, used from outside FRR's tree.

./vpnlab sets VPNLAB_FRR_TOPOTESTS to the tests/topotests of the FRR source that
the daemons were built from.  Its libraries (lib, munet) go on sys.path and its
conftest.py, which has the command-line options and the checks for cores and
backtraces, is loaded as a plugin from here, as an initial conftest.
"""
import importlib.util
import os
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
