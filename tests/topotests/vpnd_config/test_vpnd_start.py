# SPDX-License-Identifier: GPL-2.0-or-later
"""
vpnd as a service starts it: /etc/frr/daemons, watchfrr, reload, write.

     r1          FRR's own start-up scripts instead of the test harness
"""
import os
import sys

import pytest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), ".."))
# pylint: disable=C0413
import vpntopo as vpn
from lib.topogen import Topogen, get_topogen

pytestmark = [pytest.mark.vpnd]

DAEMONS = """
vpnd=yes
zebra_options="-A 127.0.0.1"
mgmtd_options="-A 127.0.0.1"
vpnd_options="-A 127.0.0.1 --log file:/tmp/gearlogdir/vpnd.log"
staticd_options="-A 127.0.0.1"
watchfrr_options="-t 5 -i 1"
"""
CONFIG = """
vpn
 ipsec-profile GOLD
  authentication pre-shared-key only-for-the-test
 exit
 provider-edge
  local-address 10.9.9.1
  ipsec-profile GOLD
 exit
exit
"""
FILES = {"daemons": DAEMONS, "frr.conf": CONFIG, "vtysh.conf": "service integrated-vtysh-config\n"}
CAP_NET_ADMIN = 12


def setup_module(module):
    tgen = Topogen(lambda t: t.add_switch("backbone").add_link(t.add_router("r1", cls=vpn.VpnRouter)), module.__name__)
    tgen.start_topology()
    for name, text in FILES.items():
        r1().net.cmd_raises("cat > /etc/frr/" + name, stdin=text)
    r1().net.cmd_raises("chown -R frr:frr /etc/frr /var/run/frr")
    r1().net.cmd_raises("/usr/lib/frr/frrinit.sh start > /tmp/gearlogdir/frrinit.log 2>&1 < /dev/null")


def teardown_module(_module):
    r1().net.cmd_raises("/usr/lib/frr/frrinit.sh stop > /tmp/gearlogdir/frrinit.stop.log 2>&1 < /dev/null")
    get_topogen().stop_topology()


def r1():
    return get_topogen().gears["r1"]


def blocked():
    return vpn.show(r1(), "show vpn peer")["blocked"]


def pid():
    return r1().net.cmd_raises("cat /var/run/frr/vpnd.pid").strip()


def test_started_and_configured():
    "It runs, watched, with the configuration of frr.conf."
    vpn.wait_for("the address in the reason", lambda: "10.9.9.1" in blocked())
    assert ["vpnd", "Up"] in [line.split() for line in vpn.vtysh(r1(), "show watchfrr").splitlines()]


def test_privileges():
    "Not root, and nothing beyond CAP_NET_ADMIN."
    status = dict(
        line.split(":", 1) for line in r1().net.cmd_raises("cat /proc/{}/status".format(pid())).strip().splitlines()
    )
    assert "0" not in status["Uid"].split(), status["Uid"]
    assert int(status["CapPrm"], 16) & ~(1 << CAP_NET_ADMIN) == 0, status["CapPrm"]


def test_killed_and_watched():
    "watchfrr starts it again, and it has its configuration."
    before = pid()
    r1().net.cmd_raises("kill -9 " + before)
    # a minute after the last start at the earliest, if watchfrr already had to start it twice
    vpn.wait_for(
        "another vpnd", lambda: pid() != before and r1().net.cmd_raises("kill -0 " + pid()) is not None, timeout=150
    )
    vpn.wait_for("the address in the reason", lambda: "10.9.9.1" in blocked())


def reload(config):
    r1().net.cmd_raises("cat > /tmp/vpnd_start.conf", stdin=config)
    r1().net.cmd_raises("/usr/lib/frr/frr-reload.py --reload /tmp/vpnd_start.conf")
    return [line.strip() for line in vpn.vtysh(r1(), "show running-config").splitlines()]


def test_reload():
    "frr-reload.py knows what is below what: it changes, adds and removes at each level, in one commit."
    vpn.vtysh(r1(), "configure terminal", "debug vpn config")
    silver = CONFIG.replace("10.9.9.1", "10.9.9.2").replace("GOLD", "SILVER")
    lines = reload("debug vpn config\n" + silver.replace("pre-shared-key only-for-the-test", "pre-shared-key-file /psk"))
    assert "ipsec-profile SILVER" in lines and "ipsec-profile GOLD" not in lines
    assert "local-address 10.9.9.2" in lines and "authentication pre-shared-key-file /psk" in lines
    vpn.wait_for("the new address in the reason", lambda: "10.9.9.2" in blocked())
    # whatever vpnd was given meanwhile, there was always the one profile and the provider edge
    commits = r1().net.cmd_raises("grep -o 'configuration: .*' /tmp/gearlogdir/vpnd.log").splitlines()
    assert set(commits) == {"configuration: 1 ipsec-profiles, a provider-edge, 0 tunnel links"}, commits
    assert "vpn" not in reload("!\n")
    vpn.wait_for("nothing", lambda: "no provider-edge" in blocked())
    assert "ipsec-profile GOLD" in reload(CONFIG)


def test_write():
    "What is written has all of it."
    vpn.vtysh(r1(), "write")
    written = [line.strip() for line in r1().net.cmd_raises("cat /etc/frr/frr.conf").splitlines()]
    for line in CONFIG.split("\n"):
        assert line.strip() in written or not line, line
