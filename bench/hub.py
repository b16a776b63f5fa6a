# SPDX-License-Identifier: GPL-2.0-or-later
"""
A hub with N tunnel links, from start to all OSPF adjacencies Full, beside the same links made by a shell script with
ip(8) and swanctl.

     hub 192.0.2.1 ═══ N links ═══ spokes 198.18.x.y     one VRF "red" at either end

Ours: the hub has one tunnel-link-template, certificates, and nothing else of its spokes.  By hand: a swanctl.conf with a
connection for each spoke, an xfrm interface each by ip -batch.  ipsec-tunnel, point-to-point, unnumbered, the same OSPF.

The spokes are one system: a second router with N addresses, and for each of them a connection of its charon and an
xfrm interface, made by ip(8) and swanctl in both cases; it has no vpnd.  So N negotiations run with one peer's CPU,
which the hub shares: times are for both ends together, and a ratio of two of them is what can be compared.

    hub LINKS [ours|by-hand]

Measured: seconds until all interfaces are up, and until all adjacencies are Full; resident memory per link of vpnd and
charon; CPU of vpnd at rest; seconds from the death of a spoke (its packets are dropped) until the hub's OSPF has gone
over to the other way to the network behind it, and what was blocked meanwhile.  A table, JSON on the last line, and
hub.svg in $RESULTS if that is set.
"""
import json
import os
import time

import hosted
import vpntopo as vpn
from lib.topogen import Topogen

LINKS = int(os.environ.get("BENCH_LINKS", "500"))
ONLY = os.environ.get("BENCH_ONLY", "")
REST = 30  # seconds
DEAD = 10  # seconds of silence, and as many for an answer
SAMPLE = 0.5

OSPF = """
router ospf vrf red
 ospf router-id 10.{n}.0.1
 network 10.0.0.0/8 area 0
 timers throttle spf 50 100 1000
exit
interface red0
 ip ospf passive
exit
"""
HUB = """
vpn
 ipsec-profile GOLD
  authentication certificate {pki}/hub.pem key {pki}/hub.key ca {pki}/ca.pem
  dead-peer-detection {dead} timeout {dead}
 exit
 tunnel-link-template hub- vrf red
  local 192.0.2.1
  encapsulation ipsec-tunnel
  ipsec-profile GOLD
  local-identity hub.example
  limit {links}
 exit
exit
"""
CONNECTION = """
 {name} {{
  version = 2
  proposals = aes256gcm16-prfsha384-x25519
  local_addrs = {local}
  remote_addrs = {remote}
  mobike = no
  keyingtries = 0
  dpd_delay = {dead}
  local {{
   auth = pubkey
   id = {local_id}
   certs = {pki}/{cert}.pem
  }}
  remote {{
   auth = pubkey
   id = {remote_id}
   cacerts = {pki}/ca.pem
  }}
  children {{
   {name} {{
    mode = tunnel
    local_ts = 0.0.0.0/0,::/0
    remote_ts = 0.0.0.0/0,::/0
    esp_proposals = aes256gcm16-x25519
    if_id_in = {if_id}
    if_id_out = {if_id}
    dpd_action = clear
    start_action = {start}
   }}
  }}
 }}
"""
OPENSSL_CNF = """
[req]
distinguished_name = name
[name]
[ca]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
[end]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
subjectAltName = ${ENV::NAMES}
"""


def spoke_address(n):
    return "198.18.{}.{}".format(n // 250, n % 250 + 1)


def build(tgen):
    switch = tgen.add_switch("underlay")
    for name in ("hub", "spokes"):
        switch.add_link(tgen.add_router(name, cls=vpn.VpnRouter))


def certificate(router, pki, name, names, signed):
    router.net.cmd_raises(
        "cd {} && NAMES={} openssl req -config openssl.cnf -x509 -days 2 -subj /CN={} -noenc -newkey ec "
        "-pkeyopt ec_paramgen_curve:P-256 -keyout {}.key -out {}.pem {} && chown frr {}.key".format(
            pki, names, name, name, name, signed, name
        )
    )


def make_pki(tgen):
    pki = os.path.join(tgen.logdir, "pki")
    os.makedirs(pki, exist_ok=True)
    with open(pki + "/openssl.cnf", "w", encoding="ascii") as file:
        file.write(OPENSSL_CNF)
    hub = tgen.gears["hub"]
    certificate(hub, pki, "ca", "DNS:ca", "-extensions ca")
    by_ca = "-extensions end -CA ca.pem -CAkey ca.key"
    certificate(hub, pki, "hub", "DNS:hub.example", by_ca)
    certificate(hub, pki, "spokes", "DNS:spokes.example", by_ca)
    # one key, a certificate for each: 500 names in one would have every spoke send all of them
    hub.net.cmd_raises(
        "cd {} && openssl req -new -key spokes.key -subj /CN=spoke -out spokes.csr && for n in $(seq 0 {}); do "
        "NAMES=DNS:s$n.example openssl x509 -req -in spokes.csr -CA ca.pem -CAkey ca.key -days 2 -extfile openssl.cnf "
        "-extensions end -out s$n.pem; done".format(pki, LINKS - 1)
    )
    return pki


def devices(router, prefix, up):
    "N xfrm interfaces in VRF red that borrow its address: one ip -batch."
    lines = []
    for n in range(LINKS):
        name = "{}{}".format(prefix, n + 1)
        lines += [
            "link add {} type xfrm dev lo if_id {}".format(name, n + 1),
            'link set {} alias "frr-vpnd link xfrm"'.format(name),  # zebra takes it for point-to-point
            "link set {} mtu 1446 multicast on".format(name),
            "link set {} master red".format(name),
            "addr add {}/32 dev {}".format("10.1.0.1" if prefix == "hub-" else "10.2.0.1", name),
        ]
        lines += ["link set {} up".format(name)] if up else []
    router.net.cmd_raises("ip -batch -", stdin="\n".join(lines) + "\n")


def connections(router, pki, hub):
    "A swanctl.conf with a connection for each link."
    text = "connections {\n"
    for n in range(LINKS):
        ends = ("192.0.2.1", spoke_address(n)) if hub else (spoke_address(n), "192.0.2.1")
        ids = ("hub.example", "s{}.example".format(n)) if hub else ("s{}.example".format(n), "hub.example")
        text += CONNECTION.format(
            name="l{}".format(n), local=ends[0], remote=ends[1], local_id=ids[0], remote_id=ids[1],
            pki=pki, cert="hub" if hub else "s{}".format(n), if_id=n + 1, dead=DEAD,
            start="none" if hub else "start",
        )
    router.net.cmd_raises("mkdir -p {0}/swanctl/private {0}/swanctl/x509 {0}/swanctl/x509ca".format(vpn.RUN))
    router.net.cmd_raises("cp {0}/{1}.key {2}/swanctl/private/".format(pki, "hub" if hub else "spokes", vpn.RUN))
    router.net.cmd_raises("cat > {}/swanctl/swanctl.conf".format(vpn.RUN), stdin=text + "}\n")


def load(router):
    router.net.cmd_raises("SWANCTL_DIR={0}/swanctl swanctl --load-all --noprompt --file {0}/swanctl/swanctl.conf --uri {1}".format(vpn.RUN, vpn.VICI))


def prepare(tgen):
    "VRFs, a network behind each end."
    for n, name in enumerate(("hub", "spokes"), 1):
        net = tgen.gears[name].net
        vpn.dummy(net, "red0")
        vpn.vrf(net, "red", 101, ["red0"])
        net.cmd_raises("ip address add 10.{}.0.1/24 dev red0".format(n))


def underlay(tgen):
    "Addresses and routes; the harness takes away what was there before the daemons."
    for n, name in enumerate(("hub", "spokes"), 1):
        net = tgen.gears[name].net
        net.cmd_raises("ip address add 192.0.2.{}/24 dev {}-eth0".format(n, name))
        net.cmd_raises("ip link set {}-eth0 up".format(name))
    tgen.gears["hub"].net.cmd_raises("ip route add 198.18.0.0/16 via 192.0.2.2")
    spokes = tgen.gears["spokes"].net
    spokes.cmd_raises("ip -batch -", stdin="".join("addr add {}/32 dev lo\n".format(spoke_address(n)) for n in range(LINKS)))


def kib(router, process):
    pid = router.net.cmd_raises("cat {}/{}.pid".format(vpn.RUN, process)).strip()
    return int(router.net.cmd_raises("grep VmRSS /proc/{}/status".format(pid)).split()[1])


def ticks(router, process):
    pid = router.net.cmd_raises("cat {}/{}.pid".format(vpn.RUN, process)).strip()
    fields = router.net.cmd_raises("cat /proc/{}/stat".format(pid)).rsplit(")", 1)[1].split()
    return int(fields[11]) + int(fields[12])


def interfaces_up(hub):
    return hub.net.cmd_raises("ip -br link show type xfrm up").count("hub-")


def full(hub):
    return hub.net.cmd_raises("vtysh -c 'show ip ospf vrf red neighbor'").count(" Full/")


def note(what):
    print("  {}".format(what), flush=True)


def watch(hub, start, count, patience=60 + 3 * LINKS):
    "Samples (seconds, count) until all are there."
    samples = []
    told = time.monotonic()
    while True:
        now = count(hub)
        samples.append((round(time.monotonic() - start, 1), now))
        if time.monotonic() - told > 10:
            told = time.monotonic()
            note("{}: {} of {} after {} s".format(count.__name__, now, LINKS, samples[-1][0]))
        if now >= LINKS or samples[-1][0] > patience:
            return samples
        time.sleep(SAMPLE)


def death(hub, spokes):
    """
    A spoke dies: everything of its ESP and IKE is dropped at its end. Seconds until the hub's interface is down, which
    takes OSPF off at once; packets that a flow through that interface lost meanwhile, over its rate.
    """
    way = json.loads(hub.net.cmd_raises("vtysh -c 'show ip route vrf red 10.2.0.0/24 json'"))["10.2.0.0/24"][0]
    victim = way["nexthops"][0]["interfaceName"]
    hub.net.cmd_raises("ip route replace 10.2.0.1/32 vrf red dev {} metric 1 proto static".format(victim)) if len(way["nexthops"]) > 1 else None
    remote = victims_address(hub, victim)
    flow = vpn.Flow(hub, "10.2.0.1", interval=0.05, options="-I red")
    flow.wait_packets(20)
    start = time.monotonic()
    spokes.net.cmd_raises("nft -f -", stdin=(
        "add table inet dead; add chain inet dead i {{ type filter hook input priority -300; }};"
        "add chain inet dead o {{ type filter hook output priority -300; }};"
        "add rule inet dead i ip daddr {0} drop; add rule inet dead o ip saddr {0} drop;".format(remote)))
    vpn.wait_for("the hub's interface is down", lambda: "LOWER_UP" not in hub.net.cmd_raises("ip link show " + victim), 300)
    down = time.monotonic() - start
    flow.wait_packets(20)
    sent, received = flow.stop()
    spokes.net.cmd_raises("nft delete table inet dead")
    return {"interfaceDownSeconds": round(down, 1), "blockedSeconds": round((sent - received) * 0.05, 1), "sent": sent, "lost": sent - received}


def victims_address(hub, name):
    links = vpn.show(hub, "show vpn tunnel-link")["tunnelLinks"]
    return links[name]["remote"] if name in links else spoke_address(int(name.split("-")[1]) - 1)


def run(ours):
    "One of the two, in a topology of its own."
    tgen = Topogen(build, "bench_hub_" + ("ours" if ours else "by_hand"))
    tgen.start_topology()
    pki = make_pki(tgen)
    prepare(tgen)
    hub, spokes = tgen.gears["hub"], tgen.gears["spokes"]
    for n, (name, router) in enumerate((("hub", hub), ("spokes", spokes)), 1):
        path = "/tmp/{}.conf".format(name)
        with open(path, "w", encoding="ascii") as file:
            file.write("hostname {}\n".format(name) + OSPF.format(n=n))
        vpn.start_pe(tgen, name, daemons=("zebra", "ospfd") + (("vpnd",) if ours and name == "hub" else ()), config=path,
                     plugin="yes" if ours and name == "hub" else "no", retransmit_tries=5, retransmit_timeout=4)
    note("{}: the routers run".format("ours" if ours else "by hand"))
    underlay(tgen)
    connections(spokes, pki, False)
    devices(spokes, "s-", True)
    processes = ("vpnd", "charon") if ours else ("charon",)
    before = {process: kib(hub, process) for process in processes}
    start = time.monotonic()
    if ours:
        hub.net.cmd_raises("cat > {}/hub.conf".format(vpn.RUN), stdin=HUB.format(pki=pki, dead=DEAD, links=LINKS))
        hub.net.cmd_raises("vtysh -f {}/hub.conf".format(vpn.RUN))
    else:
        connections(hub, pki, True)
        load(hub)
        devices(hub, "hub-", True)
    made = time.monotonic() - start
    load(spokes)  # they begin, each as it is loaded
    note("configured after {:.1f} s, the spokes begin".format(made))
    result = {"configuredSeconds": round(made, 1)}
    if ours:
        result["up"] = watch(hub, start, interfaces_up)
    result["full"] = watch(hub, start, full)
    note("{} of {} adjacencies Full after {} s".format(result["full"][-1][1], LINKS, result["full"][-1][0]))
    result["fullSeconds"] = result["full"][-1][0]
    result["kibPerLink"] = {p: round((kib(hub, p) - before[p]) / LINKS, 1) for p in processes}
    assert result["full"][-1][1] >= LINKS, result["full"][-5:]
    if ours:
        cpu = ticks(hub, "vpnd")
        time.sleep(REST)
        result["vpndCpuAtRest"] = round((ticks(hub, "vpnd") - cpu) / 100 / REST, 5)
        result["death"] = death(hub, spokes)
    tgen.stop_topology()
    return result


def draw(results, path):
    width, height = 640, 360
    last = max(r["full"][-1][0] for r in results.values())
    with open(path, "w", encoding="ascii") as svg:
        svg.write('<svg xmlns="http://www.w3.org/2000/svg" width="{}" height="{}" font-family="sans-serif" font-size="12">\n'.format(width, height))
        svg.write('<text x="60" y="20">OSPF adjacencies Full at a hub with {} links, by seconds from its start</text>\n'.format(LINKS))
        for part in range(5):
            y, x = 320 - part * 70, 60 + part * 115
            svg.write('<path d="M60 {0}H520" stroke="#ddd"/><text x="20" y="{0}">{1}</text>\n'.format(y, LINKS * part // 4))
            svg.write('<text x="{}" y="340">{:.0f} s</text>\n'.format(x, last * part / 4))
        for (name, result), colour in zip(results.items(), ("#06c", "#c60")):
            points = " ".join("{:.1f},{:.1f}".format(60 + 460 * t / last, 320 - 280 * n / LINKS) for t, n in result["full"])
            svg.write('<polyline fill="none" stroke="{}" points="{}"/>\n'.format(colour, points))
            svg.write('<text x="530" y="{}" fill="{}">{}</text>\n'.format(60 if name == "ours" else 80, colour, name))
        svg.write("</svg>\n")


def test_hub(request):
    hosted.quiet(request.config)
    results = {name: run(name == "ours") for name in ("ours", "by hand") if ONLY in ("", name.replace(" ", "-"))}
    print("\nA hub with {} tunnel links, to one system that is all of its spokes".format(LINKS))
    print("{:<10} {:>12} {:>16} {:>20} {:>20}".format("", "configured", "all Full", "KiB a link: charon", "vpnd"))
    for name, result in results.items():
        print("{:<10} {:>10.1f} s {:>14.1f} s {:>20} {:>20}".format(
            name, result["configuredSeconds"], result["fullSeconds"], result["kibPerLink"]["charon"], result["kibPerLink"].get("vpnd", "-")))
    if "ours" in results:
        print("ours: all interfaces up after {:.1f} s; CPU of vpnd at rest over {} s: {:.3%}".format(
            results["ours"]["up"][-1][0], REST, results["ours"]["vpndCpuAtRest"]))
        print("a spoke dies (dead-peer-detection {0} timeout {0}): its interface is down after {1[interfaceDownSeconds]} s, "
              "traffic was blocked for {1[blockedSeconds]} s".format(DEAD, results["ours"]["death"]))
    if os.environ.get("RESULTS"):
        draw(results, os.path.join(os.environ["RESULTS"], "hub.svg"))
    print(json.dumps({"bench": "hub", "links": LINKS, **{name.replace(" ", ""): result for name, result in results.items()}}))
