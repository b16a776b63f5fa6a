# SPDX-License-Identifier: GPL-2.0-or-later
"""
Tunnel links of each kind, beside what ip(8) makes by hand, in one run.

     r1 ═══ underlay, MTU 1500 ═══ r2        one link after the other carries; all stand at once

"by hand" are devices, SAs and policies of ip(8): without vpnd, without charon, with the same cipher (AES-GCM-128) and
on addresses of their own.  Ours are configured in vtysh, and charon negotiates.  Every link has a VRF of its own.

Measured for each link: UDP packets a second by the octets of the inner packet, from what arrived; the throughput of a
TCP stream; and the octets that a packet has more on the underlay than inside.  Both systems share one CPU, so a rate
is the cost of a packet's whole way: encapsulation, ESP, the underlay, and back.  Datagrams are counted and dropped by
nftables as they come out of the link at r2.

By hand does what ours do: GRE and IP in IP copy the inner DSCP ("tos inherit", RFC 2983's uniform model).  That costs
the kernel a look-up of the route for each packet; "hand-gre-fixed" is without.

Links take turns, and their order is turned around with each round.  A ratio is the median of those of the rounds, in
each of which a link and its equivalent run one after the other: what else the machine does meets both.  Rates are those
of the fastest round.  A link is good if its packets a second are at least NEEDED of those of its equivalent, over all
sizes (geometric mean).  The range beside it is where the median of that mean's rounds is, with a probability of 95%.

    links [ROUNDS [SECONDS [LINK...]]]

With names of ours, only these and their equivalents are measured.
"""
import json
import os
import statistics
import time

import hosted
import vpntopo as vpn
from figure import bars
from lib.topogen import Topogen

HERE = os.path.dirname(os.path.realpath(__file__))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "16"))
SECONDS = float(os.environ.get("BENCH_SECONDS", "0.1"))
SIZES = (64, 512, 1300)  # octets of an inner IPv4 packet
NEEDED = 0.98
ONLY = os.environ.get("BENCH_ONLY", "").split()  # of ours; all stand in any case
KEY = "0x" + "{:040x}".format(0x123456789ABCDEF)  # 16 octets and 4 of salt
LOAD = "/tmp/links-load"
PORT = 5001

ROUTERS = {"r1": 1, "r2": 2}
# address pairs of the underlay: IPsec selects by address and protocol, so by hand, in clear and ours are apart,
# and so are IP in IP and MPLS in IP, whose devices the kernel finds by addresses
PAIRS = {
    "vpnd": "192.0.2.{}",
    "vpnd-clear": "198.51.100.{}",
    "vpnd-ipip-clear": "100.64.1.{}",
    "hand": "203.0.113.{}",
    "hand-clear": "100.64.0.{}",
    "hand-mpls-clear": "100.64.2.{}",
}

# name: what makes it, encapsulation or recipe, equivalent by hand
LINKS = {
    "plain": ("underlay", None, None),
    "hand-xfrm": ("hand", "xfrm", None),
    "ipsec-tunnel": ("vpnd", "ipsec-tunnel", "hand-xfrm"),
    "ipip-shared": ("vpnd", "ipip-shared", "hand-xfrm"),
    "hand-gre-fixed": ("hand", "gre-fixed", None),
    "hand-gre": ("hand", "gre", None),
    "gre": ("vpnd", "gre key 5", "hand-gre"),
    "hand-mpls": ("hand", "mpls", None),
    "mpls": ("vpnd", "mpls-in-ip label {m} remote-label {o}", "hand-mpls"),
    "hand-l2tp": ("hand", "l2tp", None),
    "l2tp": ("vpnd", "l2tp tunnel-id {m} peer-tunnel-id {o} session-id {m} peer-session-id {o}", "hand-l2tp"),
    "hand-ipip-clear": ("hand-clear", "ipip", None),
    "ipip-clear": ("vpnd-ipip-clear", "ipip-distinct", "hand-ipip-clear"),
    "hand-gre-clear": ("hand-clear", "gre", None),
    "gre-clear": ("vpnd-clear", "gre key 5", "hand-gre-clear"),
    "hand-mpls-clear": ("hand-mpls-clear", "mpls", None),
    "mpls-clear": ("vpnd-clear", "mpls-in-ip label {m} remote-label {o}", "hand-mpls-clear"),
    "hand-l2tp-clear": ("hand-clear", "l2tp", None),
    "l2tp-clear": ("vpnd-clear", "l2tp tunnel-id 9{m} peer-tunnel-id 9{o} session-id 9{m} peer-session-id 9{o}", "hand-l2tp-clear"),
}

CONFIG = """
hostname {name}
vpn
 ipsec-profile GOLD
  authentication pre-shared-key only-for-the-bench
  esp proposal aes128gcm16-x25519
 exit
{links}
exit
interface {name}-eth0
"""
LINK = """ tunnel-link {ifname} vrf {ifname}v
  local {local}
  remote {remote}
  encapsulation {encapsulation}
  {protection}
  mtu 1400
 exit
"""


def number(name):
    return list(LINKS).index(name) + 1


def ifname(name):
    return "b{}".format(number(name))


def vrf_of(name):
    return "-" if name == "plain" else ifname(name) + "v"


def inner(name, n):
    "The address behind a link."
    return "192.0.2.{}".format(n) if name == "plain" else "10.{}.{}.1".format(number(name), n)


def build(tgen):
    switch = tgen.add_switch("underlay")
    for name in ROUTERS:
        switch.add_link(tgen.add_router(name, cls=vpn.VpnRouter))


def config(router, n):
    links = ""
    for name, (maker, recipe, _) in LINKS.items():
        if not maker.startswith("vpnd"):
            continue
        links += LINK.format(
            ifname=ifname(name),
            local=PAIRS[maker].format(n),
            remote=PAIRS[maker].format(3 - n),
            encapsulation=recipe.format(m=100 + n, o=103 - n),
            protection="no ipsec" if maker.endswith("clear") else "ipsec-profile GOLD",
        )
    text = CONFIG.format(name=router, n=n, links=links)
    return text + "".join(" ip address {}/24\n".format(pair.format(n)) for pair in PAIRS.values())


def by_hand_sas(net, n):
    "Both directions: an xfrm interface's tunnel, and transport mode for GRE, MPLS and L2TP."
    pair = PAIRS["hand"]
    for source in (1, 2):
        ends = "src {} dst {}".format(pair.format(source), pair.format(3 - source))
        out = source == n
        state = "ip xfrm state add {} proto esp spi 0x{} reqid {} mode {} replay-window 32 aead 'rfc4106(gcm(aes))' {} 128 {}"
        policy = "ip xfrm policy add dir {} {} tmpl {} proto esp reqid {} mode {}"
        net.cmd_raises(state.format(ends, 1000 + source, 7, "tunnel", KEY, "if_id 7"))
        for direction in ("out",) if out else ("in", "fwd"):
            everything = "src 0.0.0.0/0 dst 0.0.0.0/0 if_id 7"
            net.cmd_raises(policy.format(direction, everything, ends, 7, "tunnel"))
        for reqid, protocol in ((47, "gre"), (137, "137"), (115, "115")):
            net.cmd_raises(state.format(ends, 10 * reqid + source, reqid, "transport", KEY, ""))
            direction = "out" if out else "in"
            net.cmd_raises(policy.format(direction, ends + " proto " + protocol, ends, reqid, "transport"))


def by_hand(net, name, n):
    maker, recipe, _ = LINKS[name]
    link, local, remote = ifname(name), PAIRS[maker].format(n), PAIRS[maker].format(3 - n)
    ends = "local {} remote {}".format(local, remote)
    own = number(name)
    make = {
        "xfrm": "ip link add {0} type xfrm if_id 7",
        "gre-fixed": "ip link add {0} type gre {1} ttl 64 key 6",
        "gre": "ip link add {0} type gre {1} ttl 64 tos inherit key 5",
        "ipip": "ip link add {0} type ipip {1} ttl 64 tos inherit",
        "mpls": "ip link add {0} type ipip {1} ttl 64 mode mplsip && sysctl -qw net.mpls.conf.{0}.input=1"
        " && ip -f mpls route add {2} dev {0}v",
        "l2tp": "ip l2tp add tunnel {1} encap ip tunnel_id {2} peer_tunnel_id {2}"
        " && ip l2tp add session name {0} tunnel_id {2} session_id {2} peer_session_id {2} l2spec_type none",
    }[recipe]
    net.cmd_raises(make.format(link, ends, 700 + own))
    if recipe != "mpls":  # the route says what goes into the device
        net.cmd_raises("ip link set {0} master {0}v".format(link))
    net.cmd_raises("ip link set {} mtu 1400 up".format(link))


def route_over(name, n):
    to = "10.{}.{}.0/24 vrf {}v".format(number(name), 3 - n, ifname(name))
    if LINKS[name][1] == "mpls":
        return "ip route replace {} encap mpls {} dev {}".format(to, 700 + number(name), ifname(name))
    return "ip route replace {} dev {}".format(to, ifname(name))


def start(tgen):
    for router, n in ROUTERS.items():
        net = tgen.gears[router].net
        net.cmd_raises("cc -O2 -Wall -o {} {}/links-load.c".format(LOAD, HERE))
        for name in LINKS:
            if name == "plain":
                continue
            vrf = vrf_of(name)
            vpn.dummy(net, vrf + "d")
            vpn.vrf(net, vrf, 1000 + number(name), [vrf + "d"])
            net.cmd_raises("ip address add {}/24 dev {}d".format(inner(name, n), vrf))
        path = "/tmp/{}.conf".format(router)
        with open(path, "w", encoding="ascii") as file:
            file.write(config(router, n))
        vpn.start_pe(tgen, router, daemons=("zebra", "vpnd"), config=path)
        by_hand_sas(net, n)
        for name, (maker, _, _) in LINKS.items():
            if maker.startswith("hand"):
                by_hand(net, name, n)
    for router, n in ROUTERS.items():
        net = tgen.gears[router].net
        for name in LINKS:
            if name != "plain":
                vpn.wait_for(
                    "{}: {} ({}) is up".format(router, name, ifname(name)),
                    lambda l=ifname(name): "UP" in net.cmd_raises("ip link show dev " + l).split(">")[0].split("<")[1].split(","),
                    timeout=120,
                )
                net.cmd_raises(route_over(name, n))


# outside, by protocol: what ESP's transport mode protects comes by twice, once as ESP and once without
OUTSIDE = {"udp": "17", "ipip": "4", "gre": "47", "mpls": "137", "l2tp": "115", "esp": "50"}
RULES = """
table inet bench {{
{counters} counter inner {{ }}
 chain raw {{
  type filter hook prerouting priority raw; policy accept;
  udp dport {{ 500, 4500 }} accept
{rules}  udp dport {port} counter name inner drop
 }}
}}
"""


def rules():
    "nftables of r2: what comes in outside, and what comes out of the link."
    return RULES.format(
        counters="".join(" counter out_{} {{ }}\n".format(name) for name in OUTSIDE),
        rules="".join(
            '  iifname "r2-eth0" ip protocol {} counter name out_{}\n'.format(proto, name) for name, proto in OUTSIDE.items()
        ),
        port=PORT,
    )


def outside(name):
    "The outer protocol of a link."
    maker, recipe, _ = LINKS[name]
    if name == "plain":
        return "udp"
    return recipe.split("-")[0].split()[0] if maker.endswith("clear") else "esp"


class Link:
    "A link that is measured: r1 sends, r2 counts."

    def __init__(self, tgen, name):
        self.name = name
        self.r1, self.r2 = tgen.gears["r1"], tgen.gears["r2"]
        self.to = "{} {} {}".format(vrf_of(name), inner(name, 2), PORT)
        self.rates = {size: [] for size in SIZES}  # packets a second, of each round
        self.tcp_rates = []  # Mbit/s
        self.overhead = {}
        self.sink = vpn.Background(self.r2, "sink-" + name, "{} sink {} {}".format(LOAD, vrf_of(name), PORT))
        options = "" if name == "plain" else "-I " + vrf_of(name)
        vpn.wait_ping(self.r1, inner(name, 2), options=options)

    def counted(self, counter):
        "Packets and octets since the last time."
        said = json.loads(self.r2.net.cmd_raises("nft -j reset counter inet bench " + counter))["nftables"]
        (found,) = [entry["counter"] for entry in said if "counter" in entry]
        return found["packets"], found["bytes"]

    def send(self, size, seconds):
        "Datagrams; those sent, those that arrived, seconds."
        self.counted("inner")
        self.counted("out_" + outside(self.name))
        sent, taken = self.r1.net.cmd_raises("{} udp {} {} {}".format(LOAD, self.to, size - 28, seconds)).split()
        return int(sent), self.counted("inner")[0], float(taken)

    def measure_overhead(self):
        "What a packet has more on the underlay than inside."
        for size in SIZES:
            octets, packets = vpn.wait_for(self.name + ": nothing else on the link", lambda s=size: self.alone(s))
            assert octets % packets == 0, (self.name, octets, packets)
            self.overhead[size] = octets // packets - size

    def alone(self, size):
        "Octets and packets outside of one batch, or None if a router solicitation or so came between."
        _, arrived, _ = self.send(size, 0)
        packets, octets = self.counted("out_" + outside(self.name))
        return (octets, packets) if packets == arrived else None

    def round(self):
        for size in SIZES:
            sent, arrived, taken = self.send(size, SECONDS)
            assert arrived > 0.99 * sent, (self.name, size, sent, arrived)
            self.rates[size].append(arrived / taken)
        octets, taken = self.r1.net.cmd_raises("{} tcp {} {}".format(LOAD, self.to, SECONDS)).split()
        self.tcp_rates.append(int(octets) * 8e-6 / float(taken))

    @property
    def pps(self):
        return {size: max(rates) for size, rates in self.rates.items()}

    @property
    def tcp(self):
        return max(self.tcp_rates)


def median_ratio(ours, theirs):
    return statistics.median(our / their for our, their in zip(ours, theirs))


def median_range(values):
    "Where the median of what these are samples of is, with a probability of 95% or more (of 8 and more)."
    values = sorted(values)
    low = max(int(len(values) / 2 - 0.98 * len(values) ** 0.5) - 1, 0)
    return [round(values[low], 3), round(values[-1 - low], 3)]


def each_round(ours, theirs):
    "Ours to by hand in each round, over all sizes."
    for turn in range(ROUNDS):
        yield statistics.geometric_mean(ours.rates[size][turn] / theirs.rates[size][turn] for size in SIZES)


def ratios(links):
    "Ours to by hand: the geometric mean over the sizes, each size, and TCP."
    result = {}
    for name, (_, _, equivalent) in LINKS.items():
        if not equivalent or name not in links:
            continue
        each = {size: median_ratio(links[name].rates[size], links[equivalent].rates[size]) for size in SIZES}
        product = 1.0
        for ratio in each.values():
            product *= ratio
        result[name] = {
            "equivalent": equivalent,
            "packets": round(product ** (1 / len(SIZES)), 3),
            "range": median_range(each_round(links[name], links[equivalent])),
            "bySize": {size: round(ratio, 3) for size, ratio in each.items()},
            "tcp": round(median_ratio(links[name].tcp_rates, links[equivalent].tcp_rates), 3),
        }
    return result


def report(links, rates):
    print("\nlink               packets a second, by inner octets      TCP   octets more by inner octets   ratio to by hand")
    sizes = "".join("{:>9}".format(size) for size in SIZES)
    print("                 " + sizes + "     Mbit/s" + "".join("{:>8}".format(s) for s in SIZES) + "     packets    TCP")
    for name, link in links.items():
        line = "{:<17}".format(name) + "".join("{:>9.0f}".format(link.pps[size]) for size in SIZES)
        line += "{:>11.0f}".format(link.tcp) + "".join("{:>8}".format(link.overhead[size]) for size in SIZES)
        if name in rates:
            line += "{packets:>12.3f}{tcp:>7.2f}  {equivalent}  {range[0]:.3f} to {range[1]:.3f}".format(**rates[name])
        print(line)


def measure(tgen):
    wanted = {name for ours in ONLY for name in (ours, LINKS[ours][2])} or set(LINKS)
    links = {name: Link(tgen, name) for name in LINKS if name in wanted}
    tgen.gears["r2"].net.cmd_raises("nft -f -", stdin=rules())
    for link in links.values():
        link.measure_overhead()
    for turn in range(ROUNDS):
        order = list(links.values())
        for link in order if turn % 2 else reversed(order):
            link.round()
    return links


def test_links(request):
    hosted.quiet(request.config)
    tgen = Topogen(build, "bench_links")
    tgen.start_topology()
    begin = time.monotonic()
    try:
        start(tgen)
        links = measure(tgen)
    finally:
        tgen.stop_topology()
    rates = ratios(links)
    report(links, rates)
    good = all(rate["packets"] >= NEEDED for rate in rates.values())
    results = {
        name: {"pps": {s: round(p) for s, p in link.pps.items()}, "tcpMbits": round(link.tcp), "overhead": link.overhead}
        for name, link in links.items()
    }
    print(bars("packets a second, by octets of an inner packet", {name: link.pps for name, link in links.items()}))
    print(
        json.dumps(
            {
                "bench": "links",
                "rounds": ROUNDS,
                "seconds": SECONDS,
                "took": round(time.monotonic() - begin),
                "needed": NEEDED,
                "good": good,
                "links": results,
                "ratios": rates,
            }
        )
    )
    assert good, {name: rate for name, rate in rates.items() if rate["packets"] < NEEDED}
