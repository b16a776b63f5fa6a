# SPDX-License-Identifier: GPL-2.0-or-later
"""
A fifth site joins a full mesh of four: how long until it reaches each of them?

     paris, rome, oslo, turin in VPN red ── plain IP core ── delft, shipped and running, in no VPN yet      (vpnsites.py)

by vpnctl     from the start of "vpnctl ce add delft --vpn red" to the first answer of a ping between delft and each peer: the
              database, vpn-serverd, five NETCONF pushes over TLS, mgmtd, vpnd, charon, staticd
by script     the same links by a shell script that knows all addresses and keys beforehand: ip(8) and swanctl on each of the
              five, one after the other, and then with all five at once.  It enters their namespaces where an operator's would use
              ssh, so ssh's hand shakes are not in its time; and it does not store, check, or undo anything.

Both use the same charons.  Pings are sent every 10 ms from one process that is there all the time.  Rounds alternate; the
median counts.  Prints a table and, on the last line, JSON; draws new-site.svg into $RESULTS if that is set.
"""
import json
import os
import select
import socket
import statistics
import struct
import subprocess
import threading
import time

import hosted
import nctopo
import vpnsites as sites
import vpntopo as vpn
from lib.topogen import get_topogen

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))
PEERS = ("paris", "rome", "oslo", "turin")
NEW = "delft"
KEY = "0x" + "5a" * 32

CONNECTION = """
connections {{
 by-script-{peer} {{
  version = 2
  local_addrs = {local}
  remote_addrs = {remote}
  if_id_in = {if_id}
  if_id_out = {if_id}
  proposals = aes256gcm16-prfsha384-x25519
  local {{
   auth = psk
   id = {local}
  }}
  remote {{
   auth = psk
   id = {remote}
  }}
  children {{
   {peer} {{
    local_ts = 0.0.0.0/0
    remote_ts = 0.0.0.0/0
    esp_proposals = aes256gcm16-x25519
    start_action = {start}
   }}
  }}
 }}
}}
secrets {{
 ike-{peer} {{
  id = {remote}
  secret = {key}
 }}
}}
"""


class Prober(threading.Thread):
    "Pings all peers from delft's VRF, and notes when each answers first."

    def __init__(self):
        super().__init__(daemon=True)
        self.first = {}
        self.ended = threading.Event()
        self.start()

    def run(self):
        with nctopo.inside(sites.gear(NEW)):
            sock = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"red\0")
        targets = {sites.behind("red", name): name for name in PEERS}
        echo = struct.pack("!BBHHH", 8, 0, 0xFFFF - (8 << 8) - 0x7777 - 1, 0x7777, 1)
        while not self.ended.is_set():
            for target in targets:
                try:
                    sock.sendto(echo, (target, 0))
                except OSError:
                    pass  # no route yet
            end = time.monotonic() + 0.01
            while select.select([sock], [], [], max(0, end - time.monotonic()))[0]:
                packet, (source, _) = sock.recvfrom(2048)
                if source in targets and packet[20] == 0 and packet[24:26] == b"\x77\x77":
                    self.first.setdefault(targets[source], time.monotonic())
        sock.close()

    def wait(self, what):
        vpn.wait_for(what + ": delft reaches all", lambda: len(self.first) == len(PEERS) or vpn._fail(sorted(self.first)), 120)
        self.ended.set()
        self.join()


def measured(what, action):
    "Seconds from the beginning of the action until each peer has answered."
    prober = Prober()
    start = time.monotonic()
    action()
    try:
        prober.wait(what)
    except AssertionError as error:
        log = sites.gear(NEW).net.cmd_raises("ip route show vrf red; ip -d link show type xfrm; tail -n 60 /tmp/gearlogdir/charon.log")
        raise AssertionError("{}\n{}".format(error, log)) from error
    return {name: when - start for name, when in prober.first.items()}


# ---- by vpnctl


def by_vpnctl():
    sites.vpnctl("ce", "add", NEW, "--vpn", "red", "--prefix", sites.prefix("red", NEW))


def undo_vpnctl():
    sites.vpnctl("ce", "remove", NEW, "--vpn", "red")
    sites.wait_provisioned(*PEERS)
    for name in PEERS:
        vpn.wait_for("{} has no link to delft".format(name), lambda n=name: NEW not in sites.links(n))
    vpn.wait_for("delft has no links", lambda: not sites.links(NEW))


# ---- by script


def commands(name, peer, number):
    "What one system needs for its link to the other."
    conf = CONNECTION.format(
        peer=peer, local=sites.address(name), remote=sites.address(peer), if_id=number, key=KEY, start="start" if name == NEW else "none"
    )
    return (
        "cat > {run}/conf.d/{peer}.conf <<'END'\n{conf}\nEND\n"
        "ip link add s-{peer} type xfrm dev {name}-eth0 if_id {number} && ip link set s-{peer} master red up && "
        "ip route add {prefix} dev s-{peer} vrf red\n"
    ).format(run=vpn.RUN, peer=peer, name=name, conf=conf, number=number, prefix=sites.prefix("red", peer))


def load(name):
    return "swanctl --load-all --file {0}/by-script.conf --uri {1} > /dev/null 2>&1\n".format(vpn.RUN, vpn.VICI)


def script_of(name):
    "All of one system: one shell, one swanctl."
    if name == NEW:
        links = "".join(commands(NEW, peer, 901 + i) for i, peer in enumerate(PEERS))
    else:
        links = commands(name, NEW, 901 + PEERS.index(name))
    return "set -e; mkdir -p {0}/conf.d; echo 'include conf.d/*.conf' > {0}/by-script.conf\n".format(vpn.RUN) + links + load(name)


def enter(name):
    return ["nsenter", "-t", str(sites.gear(name).net.pid), "-n", "-m", "--", "sh", "-s"]


def by_script(at_once):
    "Peers first: a new site is known before it talks."
    running = []
    for name in PEERS + (NEW,):
        process = subprocess.Popen(enter(name), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
        process.stdin.write(script_of(name))
        process.stdin.close()
        running.append(process)
        if not at_once and process.wait():
            raise AssertionError("the script failed on " + name)
    for process in running:
        assert process.wait() == 0


def undo_script():
    for name in PEERS + (NEW,):
        others = PEERS if name == NEW else (NEW,)
        sites.gear(name).net.cmd_raises(
            "rm -rf {0}/conf.d/*; ".format(vpn.RUN)
            + "; ".join("ip link del s-{}".format(other) for other in others)
            + "; swanctl --load-all --file {0}/by-script.conf --uri {1} > /dev/null 2>&1; ".format(vpn.RUN, vpn.VICI)
            + "; ".join("swanctl --terminate --force --ike by-script-{} --uri {} > /dev/null 2>&1 || true".format(other, vpn.VICI) for other in others)
        )


# ---- all


def ship():
    sites.SITES["red"] = PEERS + (NEW,)
    sites.SITES["blue"] = ()
    sites.vpnctl("vpn", "add", "red", "--vpn-id", "00a0c9:1", "--topology", "full-mesh")
    for name in PEERS:
        sites.add("red", name)
    sites.vpnctl("ce", "add", NEW, "--address", sites.address(NEW))
    for name in PEERS + (NEW,):
        sites.preconfigure(name)
        sites.start_ce(name, push=True)
    sites.Server()
    sites.wait_provisioned(*PEERS)
    sites.wait_reach("red", *PEERS)


WAYS = (
    ("vpnctl", by_vpnctl, undo_vpnctl),
    ("script, one after the other", lambda: by_script(False), undo_script),
    ("script, all at once", lambda: by_script(True), undo_script),
)


def draw(results, path):
    "A bar for each way: until the first peer, and until the last."
    longest = max(r["last"] for r in results.values())
    with open(path, "w", encoding="ascii") as svg:
        svg.write('<svg xmlns="http://www.w3.org/2000/svg" width="640" height="{}" font-family="sans-serif" font-size="12">'
                  '<title>A site joins: seconds until it reaches the first peer and all</title>\n'.format(40 + 40 * len(results)))
        for row, (way, r) in enumerate(results.items()):
            y, scale = 20 + 40 * row, 400 / longest
            svg.write('<text x="10" y="{0}">{1}</text><rect x="190" y="{2}" width="{3:.0f}" height="20" fill="#9bd"/>'
                      '<rect x="190" y="{2}" width="{4:.0f}" height="20" fill="#36c"/><text x="{5:.0f}" y="{0}">{6:.2f} s</text>\n'
                      .format(y + 14, way, y, scale * r["last"], scale * r["first"], 194 + scale * r["last"], r["last"]))
        svg.write("</svg>\n")


def summary(rounds):
    return {
        "first": statistics.median(min(r.values()) for r in rounds),
        "last": statistics.median(max(r.values()) for r in rounds),
        "rounds": [{name: round(s, 3) for name, s in sorted(r.items())} for r in rounds],
    }


def test_new_site(request):
    hosted.quiet(request.config)
    sites.start_network("new-site")
    try:
        ship()
        rounds = {way: [] for way, _, _ in WAYS}
        for _ in range(ROUNDS):
            for way, action, undo in WAYS:
                rounds[way].append(measured(way, action))
                undo()
        results = {way: summary(values) for way, values in rounds.items()}
    finally:
        get_topogen().stop_topology()
    print("{:<30} {:>14} {:>14}".format("a fifth site joins, by", "first peer s", "all peers s"))
    for way, r in results.items():
        print("{:<30} {:>14.2f} {:>14.2f}".format(way, r["first"], r["last"]))
    ratio = results["vpnctl"]["last"] / results["script, one after the other"]["last"]
    if os.environ.get("RESULTS"):
        draw(results, os.path.join(os.environ["RESULTS"], "new-site.svg"))
    print(json.dumps({"newSite": results, "ratio": ratio}))
