# SPDX-License-Identifier: GPL-2.0-or-later
"""
A hub with N tunnel links, from start to all OSPF adjacencies Full, beside the same links made by a shell script with
ip(8) and swanctl.

     hub 192.0.2.1 ═══ link 1 ═══ spoke 1 ─┐
         VRF red   ═══ link 2 ═══ spoke 2 ─┴─ 10.255.0.0/24, by spoke 1 if it can be
                   ═══ ...    ═══ spoke N     10.x.y.1 each

Ours: the hub has a tunnel-link-template for each area, certificates, and nothing else of its spokes.  By hand: a
swanctl.conf with a connection for each spoke, an xfrm interface each by ip -batch.  ipsec-tunnel, point-to-point,
unnumbered, the same OSPF.

The spokes are routers of their own as far as the hub can tell: each has a VRF with one link in it, a router ID, a
link-state database, one adjacency.  They share a second system: one charon with a connection for each of N addresses, one
ospfd with an instance for each VRF, xfrm interfaces made by ip(8) and swanctl in both cases; no vpnd.  What N machines
would do side by side is done by this one's CPU, which the hub shares: times are for both ends together, and a ratio of
two of them is what can be compared.  So that the hub is measured and not the spokes, these compute routes lazily, and
their zebra installs but the default route.  (One router with N links to the hub is no substitute: each of its and the
hub's router-LSAs is flooded on N adjacencies and comes back on others.)

The spokes are in totally stubby areas of PER_AREA (5).  In one area for all (PER_AREA = LINKS), each adjacency that comes
Full has FRR 10.3's ospfd originate the hub's router-LSA at once, of 12 octets for each spoke, and flood it to all of them:
it keeps RFC 2328's MinLSInterval for opaque LSAs alone.  That is in the order of N^3 octets, and with 200 spokes on one CPU
too much; 500 spokes in areas of 25 do not settle either.

    hub LINKS [ours|by-hand|both [PER_AREA]]

Measured: seconds until all interfaces are up, and until all adjacencies are Full at both ends; resident memory per link of
vpnd and charon; CPU of each process until then, and of vpnd at rest; seconds from the death of a spoke (its packets are
dropped) until the hub's OSPF has gone over to the other way to the network behind it, and what was blocked meanwhile.  A
table, JSON on the last line, and hub.svg in $RESULTS if that is set.
"""
import json
import os
import time

import hosted
import vpntopo as vpn
from lib.topogen import Topogen

LINKS = int(os.environ.get("BENCH_LINKS", "500"))
ONLY = os.environ.get("BENCH_ONLY", "")
PER_AREA = int(os.environ.get("BENCH_PER_AREA", "5"))
AREAS = (LINKS + PER_AREA - 1) // PER_AREA
REST = 30  # seconds
DEAD = 10  # seconds of silence, and as many for an answer
SAMPLE = 1

OSPF_HUB = """
hostname hub
router ospf vrf red
 ospf router-id 10.1.0.1
 network 10.1.0.0/24 area 0
 timers throttle spf 50 100 1000
exit
interface red0
 ip ospf passive
exit
"""
OSPF_AREA = """
interface area{area}
 ip ospf passive
exit
router ospf vrf red
 network 10.1.{area}.1/32 area {area}
 area {area} stub no-summary
exit
"""
OSPF_SPOKES = """
hostname spokes
ip prefix-list DEFAULT permit 0.0.0.0/0
route-map DEFAULT permit 1
 match ip address prefix-list DEFAULT
exit
interface site0
 ip ospf passive
exit
interface site1
 ip ospf passive
 ip ospf cost 1000
exit
"""
OSPF_SPOKE = """
vrf {vrf}
 ip protocol ospf route-map DEFAULT
exit-vrf
router ospf vrf {vrf}
 ospf router-id {address}
 network 10.0.0.0/8 area {area}
 area {area} stub
 timers throttle spf 2000 10000 20000
 no socket-per-interface
exit
"""
SITE = "10.255.0.0/24"
HUB = """
vpn
 ipsec-profile GOLD
  authentication certificate {pki}/hub.pem key {pki}/hub.key ca {pki}/ca.pem
  dead-peer-detection {dead} timeout {dead}
 exit
"""
TEMPLATE = """
 tunnel-link-template h{area}- vrf red
  local 192.0.2.1
  encapsulation ipsec-tunnel
  ipsec-profile GOLD
  local-identity hub.example
  remote-identity *.a{area}.example
  unnumbered area{area}
  limit {links}
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


def inner_address(n):
    return "10.{}.{}.1".format(2 + n // 250, n % 250 + 1)


def area_of(n):
    return 1 + n // PER_AREA


def identity(n):
    return "s{}.a{}.example".format(n, area_of(n))


def vpn_config(pki):
    return HUB.format(pki=pki, dead=DEAD) + "".join(TEMPLATE.format(area=k, links=PER_AREA) for k in range(1, AREAS + 1)) + "exit\n"


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
        "NAMES=DNS:s$n.a$((1 + n / {})).example openssl x509 -req -in spokes.csr -CA ca.pem -CAkey ca.key -days 2 -extfile openssl.cnf "
        "-extensions end -out s$n.pem; done".format(pki, LINKS - 1, PER_AREA)
    )
    return pki


def devices(router, hub):
    "N xfrm interfaces that borrow their VRF's address, all in one VRF or each in its own: one ip -batch."
    lines = []
    for n in range(LINKS):
        name = "h{}-{}".format(area_of(n), n + 1) if hub else "s-{}".format(n + 1)
        lines += [
            "link add {} type xfrm dev lo if_id {}".format(name, n + 1),
            'link set {} alias "frr-vpnd link xfrm"'.format(name),  # zebra takes it for point-to-point
            "link set {} mtu 1446 multicast on".format(name),
            "link set {} master {}".format(name, "red" if hub else "vs{}".format(n + 1)),
            "addr add {}/32 dev {}".format("10.1.{}.1".format(area_of(n)) if hub else inner_address(n), name),
            "link set {} up".format(name),
        ]
    router.net.cmd_raises("ip -batch -", stdin="\n".join(lines) + "\n")


def connections(router, pki, hub):
    "A swanctl.conf with a connection for each link."
    text = "connections {\n"
    for n in range(LINKS):
        ends = ("192.0.2.1", spoke_address(n)) if hub else (spoke_address(n), "192.0.2.1")
        ids = ("hub.example", identity(n)) if hub else (identity(n), "hub.example")
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
    "VRFs, and the networks behind the hub and the first two spokes."
    net = tgen.gears["hub"].net
    vpn.dummy(net, "red0")
    vpn.vrf(net, "red", 101, ["red0"])
    net.cmd_raises("ip address add 10.1.0.1/24 dev red0")
    for area in range(1, AREAS + 1):  # what an area's links borrow, by which OSPF takes them for that area's
        net.cmd_raises("ip link add area{0} type dummy && ip link set area{0} master red up && ip address add 10.1.{0}.1/32 dev area{0}".format(area))
    net = tgen.gears["spokes"].net
    net.cmd_raises("sysctl -qw net.ipv6.conf.default.disable_ipv6=1")
    lines = []
    for n in range(LINKS):
        vrf = "vs{}".format(n + 1)
        lines += [
            "link add {} type vrf table {}".format(vrf, 1001 + n),
            "link set {} up".format(vrf),
            "addr add {}/32 dev {}".format(inner_address(n), vrf),
        ]
    for n in range(2):
        lines += [
            "link add site{} type dummy".format(n),
            "link set site{0} master vs{1} up".format(n, n + 1),
            "addr add 10.255.0.1/24 dev site{}".format(n),
        ]
    net.cmd_raises("ip -batch -", stdin="\n".join(lines) + "\n")


def ospf(hub):
    if hub:
        return OSPF_HUB + "".join(OSPF_AREA.format(area=k) for k in range(1, AREAS + 1))
    return OSPF_SPOKES + "".join(
        OSPF_SPOKE.format(vrf="vs{}".format(n + 1), address=inner_address(n), area=area_of(n)) for n in range(LINKS)
    )


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


def templates_loaded(hub):
    "Does charon know the connection of each template?  It refuses spokes of others, and stock strongSwan takes that for final."
    return hub.net.swanctl("--list-conns").count("local:  192.0.2.1") >= AREAS


def interfaces_up(hub):
    return hub.net.cmd_raises("ip -br link show type xfrm up").count("\n")


def full(hub):
    return hub.net.cmd_raises("vtysh -c 'show ip ospf vrf red neighbor'").count(" Full/")


def spokes_full(spokes):
    "Adjacencies that the spokes have for Full."
    return spokes.net.cmd_raises("vtysh -c 'show ip ospf vrf all neighbor'").count(" Full/")


def cpu_seconds(router, processes):
    return {process: ticks(router, process) / 100 for process in processes}


def note(what):
    print("  {}".format(what), flush=True)


def watch(router, start, count, everyone, patience=60 + 3 * LINKS):
    "Samples (seconds, count) until all are there; says every ten seconds how far it is, and who uses the CPU."
    samples = []
    told, cpu = time.monotonic(), {name: cpu_seconds(*what) for name, what in everyone.items()}
    while True:
        now = count(router)
        samples.append((round(time.monotonic() - start, 1), now))
        passed = time.monotonic() - told
        if passed > 10:
            before, cpu = cpu, {name: cpu_seconds(*what) for name, what in everyone.items()}
            shares = ("{}: {} {:.0%}".format(name, p, (used - before[name][p]) / passed) for name in cpu for p, used in cpu[name].items())
            note("{}: {} of {} after {} s; CPU: {}".format(count.__name__, now, LINKS, samples[-1][0], ", ".join(shares)))
            told = time.monotonic()
        if now >= LINKS or samples[-1][0] > patience:
            return samples
        time.sleep(SAMPLE)


def way_to_site(hub):
    "The interface by which the hub reaches the network behind two spokes; None while there is none."
    found = json.loads(hub.net.cmd_raises("vtysh -c 'show ip route vrf red {} json'".format(SITE))).get(SITE, [])
    for route in found:
        for hop in route["nexthops"]:
            if route.get("installed") and hop.get("fib"):
                return hop["interfaceName"]
    return None


def death(hub, spokes):
    """
    A spoke dies: everything of its ESP and IKE is dropped at its end. Seconds until the hub's interface is down (by hand
    it never is), until OSPF goes by the other spoke, and what a flow to the network behind both lost, over its rate.
    """
    links = ("10.255.0.1", spoke_address(0))
    victim = vpn.wait_for("a way to the site", lambda: way_to_site(hub), 60)
    flow = vpn.Flow(hub, links[0], interval=0.05, options="-I red")
    flow.wait_packets(20)
    start = time.monotonic()
    spokes.net.cmd_raises("nft -f -", stdin=(
        "add table inet dead; add chain inet dead i {{ type filter hook input priority -300; }};"
        "add chain inet dead o {{ type filter hook output priority -300; }};"
        "add rule inet dead i ip daddr {0} drop; add rule inet dead o ip saddr {0} drop;".format(links[1])))
    down = None
    while way_to_site(hub) in (victim, None):
        if down is None and "LOWER_UP" not in hub.net.cmd_raises("ip link show " + victim):
            down = round(time.monotonic() - start, 1)
        assert time.monotonic() - start < 300, "no other way to the site"
        time.sleep(0.1)
    over = time.monotonic() - start
    flow.wait_packets(20)
    sent, received = flow.stop()
    spokes.net.cmd_raises("nft delete table inet dead")
    if down is None and "LOWER_UP" not in hub.net.cmd_raises("ip link show " + victim):
        down = round(over, 1)
    return {"interfaceDownSeconds": down, "otherWaySeconds": round(over, 1), "blockedSeconds": round((sent - received) * 0.05, 1),
            "sent": sent, "lost": sent - received}


def run(ours):
    "One of the two, in a topology of its own."
    tgen = Topogen(build, "bench_hub_" + ("ours" if ours else "by_hand"))
    tgen.start_topology()
    pki = make_pki(tgen)
    prepare(tgen)
    hub, spokes = tgen.gears["hub"], tgen.gears["spokes"]
    for name in ("hub", "spokes"):
        path = "/tmp/{}.conf".format(name)
        with open(path, "w", encoding="ascii") as file:
            file.write(ospf(name == "hub"))
        vpn.start_pe(tgen, name, daemons=("zebra", "ospfd") + (("vpnd",) if ours and name == "hub" else ()), config=path,
                     plugin="yes" if ours and name == "hub" else "no", retransmit_tries=5, retransmit_timeout=4)
    note("{}: the routers run".format("ours" if ours else "by hand"))
    underlay(tgen)
    connections(spokes, pki, False)
    devices(spokes, False)
    processes = ("vpnd", "charon") if ours else ("charon",)
    everyone = {"hub": (hub, processes + ("ospfd", "zebra")), "spokes": (spokes, ("charon", "ospfd", "zebra"))}
    cpu = {name: cpu_seconds(*what) for name, what in everyone.items()}
    before = {process: kib(hub, process) for process in processes}
    start = time.monotonic()
    if ours:
        hub.net.cmd_raises("cat > {}/hub.conf".format(vpn.RUN), stdin=vpn_config(pki))
        hub.net.cmd_raises("vtysh -f {}/hub.conf".format(vpn.RUN))
        vpn.wait_for("charon has all templates", lambda: templates_loaded(hub), 60)
    else:
        connections(hub, pki, True)
        load(hub)
        devices(hub, True)
    made = time.monotonic() - start
    load(spokes)  # they begin, each as it is loaded
    note("configured after {:.1f} s, the spokes begin".format(made))
    result = {"configuredSeconds": round(made, 1)}
    if ours:
        result["up"] = watch(hub, start, interfaces_up, everyone)
    result["full"] = watch(hub, start, full, everyone)
    result["bothFull"] = watch(spokes, start, spokes_full, everyone)
    note("{} of {} adjacencies Full after {} s, by the spokes {} after {} s".format(
        result["full"][-1][1], LINKS, result["full"][-1][0], result["bothFull"][-1][1], result["bothFull"][-1][0]))
    result["fullSeconds"] = result["full"][-1][0]
    result["bothFullSeconds"] = result["bothFull"][-1][0]
    result["kibPerLink"] = {p: round((kib(hub, p) - before[p]) / LINKS, 1) for p in processes}
    result["cpuSeconds"] = {
        name: {p: round(now - cpu[name][p], 1) for p, now in cpu_seconds(*what).items()} for name, what in everyone.items()
    }
    note("CPU: {}".format(result["cpuSeconds"]))
    assert result["full"][-1][1] >= LINKS and result["bothFull"][-1][1] >= LINKS, (result["full"][-5:], result["bothFull"][-5:])
    if ours:
        rest = ticks(hub, "vpnd")
        time.sleep(REST)
        result["vpndCpuAtRest"] = round((ticks(hub, "vpnd") - rest) / 100 / REST, 5)
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
    print("\nA hub with {} tunnel links to as many routers, which are VRFs of one system, in {} areas".format(LINKS, AREAS))
    row = "{:<8} {:>10} {:>9} {:>10} {:>12} {:>6} {:>13} {:>13} {:>13} {:>14}"
    print(row.format("", "configured", "all Full", "both ends", "KiB: charon", "vpnd", "CPU: charon", "vpnd", "ospfd", "spokes: ospfd"))
    for name, result in results.items():
        cpu = result["cpuSeconds"]
        print(row.format(name, *("{:.1f} s".format(result[key]) for key in ("configuredSeconds", "fullSeconds", "bothFullSeconds")),
                         result["kibPerLink"]["charon"], result["kibPerLink"].get("vpnd", "-"),
                         *("{} s".format(cpu["hub"].get(p, "-")) for p in ("charon", "vpnd", "ospfd")), "{} s".format(cpu["spokes"]["ospfd"])))
    if "ours" in results:
        print("ours: all interfaces up after {:.1f} s; CPU of vpnd at rest over {} s: {:.3%}".format(
            results["ours"]["up"][-1][0], REST, results["ours"]["vpndCpuAtRest"]))
    for name, result in results.items():
        print("a spoke dies, {0} (dead peer detection {1} s; OSPF's dead interval 40 s): its interface is down after {2[interfaceDownSeconds]} s, "
              "the other way taken after {2[otherWaySeconds]} s, traffic blocked for {2[blockedSeconds]} s".format(name, DEAD, result["death"]))
    if os.environ.get("RESULTS"):
        draw(results, os.path.join(os.environ["RESULTS"], "hub.svg"))
    print(json.dumps({"bench": "hub", "links": LINKS, "areas": AREAS, **{name.replace(" ", ""): result for name, result in results.items()}}))
