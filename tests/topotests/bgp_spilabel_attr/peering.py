# SPDX-License-Identifier: GPL-2.0-or-later
"""
What the tests with BGP speakers (speaker.py) share: pe1 with its configuration, the
speakers, and what they say and hear.
"""
import os

import vpntopo as vpn
from lib.topogen import get_topogen

HERE = os.path.dirname(os.path.realpath(__file__))
FIFO, LOG = vpn.RUN + "/speaker.fifo", vpn.RUN + "/speaker.log"  # a router has its own

INTERFACES = """
interface pe1-eth0
 ip address 10.0.0.1/24
interface lan
 ip address 192.168.1.1/24
"""
RED = """
router bgp 65000 vrf red
 bgp router-id 10.0.0.1
 address-family ipv4 unicast
  redistribute connected
  rd vpn export 65000:1
  rt vpn both 65000:1
  spi-label vpn export auto
  export vpn
  import vpn
 exit-address-family
"""


def start_pe1(tgen, bgp):
    "Starts zebra and bgpd (no vpnd) of pe1, with VRF red on the interface lan; bgp: its router bgp."
    pe1 = tgen.gears["pe1"]
    vpn.dummy(pe1, "lan")
    vpn.vrf(pe1, "red", 1001, ["lan"])
    config = os.path.join(tgen.logdir, "pe1.conf")
    with open(config, "w", encoding="ascii") as file:
        file.write(INTERFACES + bgp + RED)
    pe1.load_frr_config(config, [(vpn.daemon_id(d), "") for d in ("zebra", "bgpd")])
    vpn.start_daemons(pe1)


def start_speaker(router, address, asn=65000):
    "A speaker at address that opens a session to pe1; end() ends it."
    router.net.cmd_raises("ip addr add {}/24 dev {}-eth0".format(address, router.name))
    return attach_speaker(router, address, asn)


def attach_speaker(router, address, asn=65000):
    "The same where the address is there."
    router.net.cmd_raises("mkfifo {}".format(FIFO))
    command = "python3 {}/speaker.py {} 10.0.0.1 {} {} {}".format(HERE, address, asn, FIFO, LOG)
    return vpn.Background(router, "speaker", command)


def log(name="peer"):
    "The lines that a speaker has written."
    return get_topogen().gears[name].net.cmd_raises("cat {} 2>/dev/null || true".format(LOG)).splitlines()


def wait_established(name="peer"):
    vpn.wait_for(name + ": the session is up", lambda: "established" in log(name) or vpn._fail(log(name)))


def send(*updates, name="peer"):
    "Has a speaker send updates, and waits until they are sent."
    goal = len([line for line in log(name) if line.startswith("sent")]) + len(updates)
    get_topogen().gears[name].net.cmd_raises("cat > {}".format(FIFO), stdin="\n".join(updates) + "\n")
    vpn.wait_for("{} updates sent".format(goal), lambda: "sent {}".format(goal) in log(name) or vpn._fail(log(name)))
