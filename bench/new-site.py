# SPDX-License-Identifier: GPL-2.0-or-later
"""
A fifth site joins a full mesh of four: how long until it reaches each of them?

     paris, rome, oslo, turin in VPN red ──┐              ┌── delft, shipped and running, in no VPN yet       (vpnsites.py)
                                           core (plain IP)
     paris-s, rome-s, oslo-s, turin-s    ──┘              └── delft-s: the same machines without FRR, a charon each

by vpnctl     from the start of "vpnctl ce add delft --vpn red" to the first answer of a ping between delft and each peer: the
              database, vpn-serverd, five NETCONF pushes over TLS, mgmtd, vpnd, charon, staticd
by script     the same links between the others by a shell script that knows all addresses and keys beforehand: ip(8) and
              swanctl on each of the five, the new one last, since who begins before its peer has the connection is refused
              and does not try again.  Peers one after the other, and with all four at once.  It enters their namespaces
              where an operator's would use ssh, so ssh's hand shakes are not in its time; and it does not store, check, or undo
              anything.

Both ways have the same charon with the same settings.  Pings are sent every 10 ms from one process that is there all the
time.  Rounds alternate; the median counts.  Prints a table and, on the last line, JSON; draws new-site.svg into $RESULTS if
that is set.
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

import figure
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
  mobike = no
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


def note(what):
    print("  {}".format(what), flush=True)


def scripted(name):
    "The machine of the script's that is like this one of ours."
    return name + "-s"


class Prober(threading.Thread):
    "Pings all peers from a new site's VRF, and notes when each answers first."

    def __init__(self, where):
        super().__init__(daemon=True)
        self.where = where
        self.first = {}
        self.ended = threading.Event()
        self.start()

    def run(self):
        with nctopo.inside(sites.gear(self.where)):
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

    def wait(self):
        vpn.wait_for(self.where + " reaches all", lambda: len(self.first) == len(PEERS) or vpn._fail(sorted(self.first)), 120)

    def end(self):
        self.ended.set()
        self.join()


def measured(way, where, action):
    "Seconds from the beginning of the action until each peer has answered."
    prober = Prober(where)
    start = time.monotonic()
    try:
        action()
        prober.wait()
    except AssertionError as error:
        log = sites.gear(where).net.cmd_raises("ip route show vrf red; tail -n 60 /tmp/gearlogdir/charon.log")
        raise AssertionError("{}: {}\n{}".format(way, error, log)) from error
    finally:
        prober.end()
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


def ship():
    "Our five; four of them in the VPN."
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


# ---- by script


def commands(name, peer, number):
    "What one system needs for its link to the other."
    conf = CONNECTION.format(
        peer=peer, local=sites.address(scripted(name)), remote=sites.address(scripted(peer)), if_id=number, key=KEY,
        start="start" if name == NEW else "none"
    )
    return (
        "cat > {run}/conf.d/{peer}.conf <<'END'\n{conf}\nEND\n"
        "ip link add {peer} type xfrm dev {machine}-eth0 if_id {number} && ip link set {peer} master red up && "
        "ip route add {prefix} dev {peer} vrf red\n"
    ).format(run=vpn.RUN, peer=peer, machine=scripted(name), conf=conf, number=number, prefix=sites.prefix("red", peer))


def load(name):
    return "swanctl --load-all --noprompt --file {0}/by-script.conf --uri {1} > {0}/by-script.out 2>&1\n".format(vpn.RUN, vpn.VICI)


def script_of(name):
    "All of one system: one shell, one swanctl."
    if name == NEW:
        links = "".join(commands(NEW, peer, 901 + i) for i, peer in enumerate(PEERS))
    else:
        links = commands(name, NEW, 901 + PEERS.index(name))
    return "set -e; mkdir -p {0}/conf.d; echo 'include conf.d/*.conf' > {0}/by-script.conf\n".format(vpn.RUN) + links + load(name)


def enter(name):
    return ["nsenter", "-t", str(sites.gear(scripted(name)).net.pid), "-n", "-m", "--", "sh", "-s"]


def run_scripts(names, at_once):
    running = []
    for name in names:
        process = subprocess.Popen(enter(name), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
        process.stdin.write(script_of(name))
        process.stdin.close()
        running.append(process)
        if not at_once:
            process.wait()
    assert [process.wait() for process in running] == [0] * len(running), "the script failed"


def by_script(at_once):
    "Peers first: a new site is known before it talks."
    run_scripts(PEERS, at_once)
    run_scripts((NEW,), False)


def undo_script():
    for name in (NEW,) + PEERS:
        others = PEERS if name == NEW else (NEW,)
        sites.gear(scripted(name)).net.cmd_raises(
            "rm -rf {0}/conf.d/*; swanctl --load-all --noprompt --file {0}/by-script.conf --uri {1} > /dev/null 2>&1; ".format(vpn.RUN, vpn.VICI)
            + "".join("swanctl --terminate --force --ike by-script-{} --uri {} > /dev/null 2>&1; ".format(other, vpn.VICI) for other in others)
            + "; ".join("ip link del {}".format(other) for other in others)
        )
    for name in PEERS + (NEW,):
        sas = lambda n=name: sites.gear(scripted(n)).net.swanctl("--list-sas").strip()
        vpn.wait_for(scripted(name) + " has no SAs", lambda: not sas() or vpn._fail(sas()))


def ready():
    "The script's five: a VRF with the customer's network, a way to the others, a charon."
    for name in PEERS + (NEW,):
        net = sites.gear(scripted(name)).net
        vpn.dummy(net, "red0")
        vpn.vrf(net, "red", 101, ["red0"])
        net.cmd_raises(
            "ip address add {}/16 dev red0; ip address add {}/24 dev {}-eth0; ip route add 10.0.0.0/16 via 10.0.{}.1".format(
                sites.behind("red", name), sites.address(scripted(name)), scripted(name), sites.NUMBERS[scripted(name)]
            )
        )
        net.start_charon(plugin="no")


# ---- all


WAYS = (
    ("vpnctl", NEW, by_vpnctl, undo_vpnctl),
    ("script, one after the other", scripted(NEW), lambda: by_script(False), undo_script),
    ("script, peers at once", scripted(NEW), lambda: by_script(True), undo_script),
)


def summary(rounds):
    return {
        "first": statistics.median(min(r.values()) for r in rounds),
        "last": statistics.median(max(r.values()) for r in rounds),
        "rounds": [{name: round(s, 3) for name, s in sorted(r.items())} for r in rounds],
    }


def report(results):
    print("{:<30} {:>14} {:>14}".format("a fifth site joins, by", "first peer s", "all peers s"))
    for way, r in results.items():
        print("{:<30} {:>14.2f} {:>14.2f}".format(way, r["first"], r["last"]))
    ratios = {way: results["vpnctl"]["last"] / results[way]["last"] for way in results if way != "vpnctl"}
    for way, ratio in ratios.items():
        print("vpnctl over {}: {:.2f} ({:.2f} s / {:.2f} s)".format(way, ratio, results["vpnctl"]["last"], results[way]["last"]))
    if os.environ.get("RESULTS"):
        milliseconds = {way: {"first peer": 1000 * r["first"], "all peers": 1000 * r["last"]} for way, r in results.items()}
        with open(os.path.join(os.environ["RESULTS"], "new-site.svg"), "w", encoding="utf-8") as svg:
            svg.write(figure.bars("A fifth site joins: milliseconds until it reaches its peers", milliseconds))
    print(json.dumps({"newSite": results, "ratios": ratios}))


def test_new_site(request):
    hosted.quiet(request.config)
    sites.NUMBERS.update({scripted(name): 10 + number for name, number in sites.NUMBERS.items()})
    sites.SITES.update(red=PEERS + (NEW,), blue=())
    sites.start_network("new-site", tuple(sites.NUMBERS))
    try:
        ready()
        note("the script's machines run")
        ship()
        note("four sites are a VPN, the fifth is shipped")
        rounds = {way: [] for way, *_ in WAYS}
        for _ in range(ROUNDS):
            for way, where, action, undo in WAYS:
                rounds[way].append(measured(way, where, action))
                note("{}: {:.2f} s".format(way, max(rounds[way][-1].values())))
                undo()
        results = {way: summary(values) for way, values in rounds.items()}
    finally:
        get_topogen().stop_topology()
    report(results)
