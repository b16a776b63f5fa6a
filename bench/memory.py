# SPDX-License-Identifier: GPL-2.0-or-later
"""
Resident memory of vpnd and charon before and after N VRFs are up on two PEs.

     N VRFs ── pe1 ────── pe2 ── N VRFs        each VRF: one label SA in, one out

So 500 VRFs are 1,000 label SAs on each PE.  Printed as a table and as JSON.
"""
import json
import os
import time

import hosted
import vpntopo as vpn
from lib.topogen import Topogen

VRFS = int(os.environ.get("BENCH_VRFS", "500"))
PES = {"pe1": 1, "pe2": 2}

BASE = """
hostname pe{n}
vpn
 ipsec-profile GOLD
  authentication pre-shared-key only-for-the-bench
 exit
 provider-edge
  local-address 10.0.0.{n}
  ipsec-profile GOLD
 exit
exit
interface pe{n}-eth0
 ip address 10.0.0.{n}/24
router bgp 65000
 bgp router-id 10.0.0.{n}
 no bgp default ipv4-unicast
 neighbor 10.0.0.{o} remote-as internal
 neighbor 10.0.0.{o} timers connect 1
 address-family ipv4 unlabeled-vpn
  neighbor 10.0.0.{o} activate
"""
VRF = """
router bgp 65000 vrf v{v}
 bgp router-id 10.0.0.{n}
 address-family ipv4 unicast
  redistribute connected
  rd vpn export 65000:{rd}
  rt vpn both 65000:{v}
  spi-label vpn export auto
  export vpn
  import vpn
"""


def build(tgen):
    switch = tgen.add_switch("s1")
    for name in PES:
        switch.add_link(tgen.add_router(name, cls=vpn.VpnRouter))


def rss(router, process):
    "Resident memory in KiB."
    pid = router.net.cmd_raises("cat {}/{}.pid".format(vpn.RUN, process)).strip()
    status = router.net.cmd_raises("grep VmRSS /proc/{}/status".format(pid))
    return int(status.split()[1])


def sas(router):
    return int(router.net.cmd_raises("ip -o xfrm state | wc -l"))


def make_vrfs(router, n):
    "All kernel devices of one PE in one ip batch."
    lines = []
    for v in range(VRFS):
        lines += [
            "link add v{} type vrf table {}".format(v, 10000 + v),
            "link set v{} up".format(v),
            "link add d{0} type dummy".format(v),
            "link set d{0} master v{0} up".format(v),
            "addr add 10.{}.0.1/24 dev d{}".format(n, v),
        ]
    router.net.cmd_raises("ip -batch -", stdin="\n".join(lines) + "\n")


def configure(router, n):
    text = "".join(VRF.format(v=v, n=n, rd=100 * v + n) for v in range(VRFS))
    router.net.cmd_raises("cat > {}/vrfs.conf".format(vpn.RUN), stdin=text)
    router.net.cmd_raises("vtysh -f {}/vrfs.conf".format(vpn.RUN))


def test_memory(request):
    hosted.quiet(request.config)
    tgen = Topogen(build, "bench_memory")
    tgen.start_topology()
    for name, n in PES.items():
        path = "/tmp/{}.conf".format(name)
        with open(path, "w", encoding="ascii") as config:
            config.write(BASE.format(n=n, o=3 - n))
        vpn.start_pe(tgen, name, daemons=("zebra", "bgpd", "vpnd"), config=path)
    pe1 = tgen.gears["pe1"]
    before = {process: rss(pe1, process) for process in ("vpnd", "charon", "bgpd")}
    for name, n in PES.items():
        make_vrfs(tgen.gears[name], n)
    start = time.monotonic()
    for name, n in PES.items():
        configure(tgen.gears[name], n)
    configured = time.monotonic() - start
    vpn.wait_for("label SAs", lambda: sas(pe1) >= 2 * VRFS or vpn._fail(sas(pe1)), timeout=600, interval=1)
    seconds = time.monotonic() - start
    after = {process: rss(pe1, process) for process in before}
    count = sas(pe1)
    print("\nResident memory of pe1 with {} VRFs, {} label SAs".format(VRFS, count))
    print("{:<8} {:>12} {:>12} {:>14}".format("", "at start", "with SAs", "per label SA"))
    for process, kib in after.items():
        print(
            "{:<8} {:>8} KiB {:>8} KiB {:>8.2f} KiB".format(process, before[process], kib, (kib - before[process]) / count)
        )
    print("\nall label SAs after {:.0f} s, of which vtysh took {:.0f} s to configure both PEs".format(seconds, configured))
    results = {"vrfs": VRFS, "labelSas": count, "beforeKiB": before, "afterKiB": after, "seconds": round(seconds, 1)}
    results["configureSeconds"] = round(configured, 1)
    print(json.dumps(results))
    tgen.stop_topology()
