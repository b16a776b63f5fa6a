# SPDX-License-Identifier: GPL-2.0-or-later
"""
A kernel without VRFs: the label is refused with a reason, all daemons run on.

     pe1 ── backbone       the lab's kernel is booted without its VRF driver (kernel-args)
"""
import os
import sys

import pytest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), ".."))
# pylint: disable=C0413
import vpntopo as vpn
from lib.topogen import Topogen, get_topogen

pytestmark = [pytest.mark.bgpd, pytest.mark.vpnd]


def setup_module(module):
    tgen = Topogen(vpn.build_lonely_pe, module.__name__)
    tgen.start_topology()
    vpn.start_lonely_pe(tgen)


def teardown_module(_module):
    get_topogen().stop_topology()


def test_the_kernel_has_no_vrfs():
    "Or this test would prove nothing."
    pe1 = get_topogen().gears["pe1"]
    status, _, error = pe1.net.cmd_status("ip link add red type vrf table 1001", warn=False)
    assert status != 0, error


def test_label_is_refused_with_the_vrf_in_the_reason():
    pe1 = get_topogen().gears["pe1"]
    label = vpn.wait_for(
        "a reason", lambda: vpn.show(pe1, "show vpn spi-label")["labels"]["red"].get("reason")
    )
    assert "red" in label and "VRF" in label, label


def test_daemons_run_on():
    pe1 = get_topogen().gears["pe1"]
    running = {name for name, _ in pe1.net.listDaemons()}
    assert {"zebra", "bgpd", "mgmtd", "vpnd", "charon"} <= running
