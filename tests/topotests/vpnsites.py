# SPDX-License-Identifier: GPL-2.0-or-later
"""
What the tests of provisioned sites share: a provider's network with nothing of a VPN in it, the server, and five
customer edge devices (CEs).

     paris 10.0.1.2 ──┐
     rome  10.0.2.2 ──┤                               red:  paris, rome, oslo
     oslo  10.0.3.2 ──┼── core ── server 10.0.9.2     blue: paris, turin, delft
     turin 10.0.4.2 ──┤   (plain IP forwarding)
     delft 10.0.5.2 ──┘                               behind site N of any VPN: 10.N.0.0/16 (paris 1, turin and rome 2, …)

The addresses of the VPNs overlap with each other, in paris within one device, and with the provider's own: 10.0.0.0/16 is
the provider's, 10.0.0.0/8 is what a VPN says that it has.

A CE runs zebra, staticd or ospfd, vpnd, mgmtd, netconfd and charon.  It starts from what "vpnctl ce preconfigure"
wrote; beside that it has its interfaces, VRFs for the customer's side, and a route to the provider.  The server is vpn-serverd
and vpnctl, nothing of FRR.
"""
import json
import os
import shutil

import nctopo
import vpntopo as vpn
from lib.topogen import Topogen, get_topogen

NUMBERS = {"paris": 1, "rome": 2, "oslo": 3, "turin": 4, "delft": 5}
SITES = {"red": ("paris", "rome", "oslo"), "blue": ("paris", "turin", "delft")}
SERVER = "10.0.9.2"
FOLDER = "/tmp/vpn-sites"
CREDENTIALS = "/etc/frr/vpn-ce"
DATABASE = FOLDER + "/vpn.db"

# the CE's own: its side of the provider's network
BASE = """
hostname {name}
interface {name}-eth0
 ip address {address}/24
exit
ip route 10.0.0.0/16 {gateway}
ip route 203.0.113.1/32 blackhole
"""
# as long as no CE reads it by itself: who may write, and where it listens
MANAGEMENT = """
netconf
 tls certificate {folder}/certificate.pem key {folder}/key.pem ca {folder}/ca.pem
 tls client 10 common-name
 user server-a
 user server-a write
 user server-b
 user server-b write
 listen tls {address} port 6513
exit
"""
OSPF = """
router ospf vrf {vrf}
 ospf router-id {behind}
 network 10.0.0.0/8 area 0
exit
interface {vrf}0
 ip ospf passive
exit
"""


def address(name):
    return "10.0.{}.2".format(NUMBERS[name])


def number(vpn_name, name):
    "Of a site in its VPN: the same numbers in all of them."
    return 1 + SITES[vpn_name].index(name)


def behind(vpn_name, name):
    "The address behind a site."
    return "10.{}.0.1".format(number(vpn_name, name))


def prefix(vpn_name, name):
    return "10.{}.0.0/16".format(number(vpn_name, name))


def vpns_of(name):
    return [vpn_name for vpn_name, names in SITES.items() if name in names]


def gear(name):
    return get_topogen().gears[name]


# ---- the network


def build(tgen):
    core = tgen.add_router("core")
    for name in list(NUMBERS) + ["server"]:
        router = tgen.add_router(name, cls=nctopo.NetconfRouter)
        tgen.add_switch("to-" + name).add_link(core)
        tgen.gears["to-" + name].add_link(router)


def start_network(module_name):
    "Links, addresses, forwarding: the provider's network, in which no daemon runs."
    tgen = Topogen(build, module_name)
    tgen.start_topology()
    core, server = tgen.gears["core"].net, tgen.gears["server"].net
    ends = list(NUMBERS.values()) + [9]
    core.cmd_raises(
        "sysctl -qw net.ipv4.ip_forward=1; "
        + "; ".join("ip address add 10.0.{}.1/24 dev core-eth{}".format(end, i) for i, end in enumerate(ends))
    )
    server.cmd_raises("ip address add {}/24 dev server-eth0; ip route add 10.0.0.0/16 via 10.0.9.1".format(SERVER))
    shutil.rmtree(FOLDER, ignore_errors=True)
    os.makedirs(FOLDER)
    return tgen


# ---- the server


def vpnctl(*arguments):
    "vpnctl's output; it must succeed."
    return gear("server").net.cmd_raises(
        "VPN_DATABASE={} vpnctl {}".format(DATABASE, " ".join("'{}'".format(a) for a in arguments))
    )


def status():
    return json.loads(vpnctl("status", "--json"))


def ce_status(name):
    return status()["ces"].get(name)


class Server(vpn.Background):
    "vpn-serverd, until it is ended or killed."

    def __init__(self, name="server-a", *options):
        super().__init__(
            gear("server"), name, "env VPN_DATABASE={} vpn-serverd --name {} {}".format(DATABASE, name, " ".join(options))
        )


def wait_provisioned(*names, timeout=60):
    "Until nothing is left to be told to these CEs, and each was told."

    def probe():
        ces = status()["ces"]
        late = {name: ces.get(name) for name in names if ces.get(name, {}).get("state") != "provisioned"}
        return not late or vpn._fail(late)

    return vpn.wait_for("{} are provisioned".format(" ".join(names)), probe, timeout)


# ---- CEs


def preconfigure(name, *options):
    "What the provider does before a CE is shipped; the lines that it prints."
    lines = vpnctl("ce", "preconfigure", name, "--server", SERVER, "--output", "{}/{}".format(FOLDER, name), *options)
    gear(name).net.cmd_raises(
        "rm -rf {0} && cp -r {1}/{2} {0} && chown -R frr:frr {0}".format(CREDENTIALS, FOLDER, name)
    )
    return lines


def start_ce(name, more=""):
    "The CE's first start: interfaces and VRFs of the customer's side, charon, FRR."
    router = gear(name)
    text = BASE.format(name=name, address=address(name), gateway="10.0.{}.1".format(NUMBERS[name]))
    for table, vrf in enumerate(vpns_of(name), 101):
        vpn.dummy(router.net, vrf + "0")
        vpn.vrf(router.net, vrf, table, [vrf + "0"])
        router.net.cmd_raises("ip address add {}/16 dev {}0".format(behind(vrf, name), vrf))
        if vrf == "blue":
            text += OSPF.format(vrf=vrf, behind=behind(vrf, name))
    text += MANAGEMENT.format(folder=CREDENTIALS, address=address(name))
    path = "{}/{}.conf".format(FOLDER, name)
    with open(path, "w", encoding="ascii") as file:
        file.write(text + more)
    daemons = ["zebra", "staticd", "vpnd", "netconfd"] + (["ospfd"] if "blue" in vpns_of(name) else [])
    vpn.start_pe(get_topogen(), name, daemons=daemons, config=path)
    nctopo.wait_listening(router, 1)


def link(name, link_name):
    return vpn.show(gear(name), "show vpn tunnel-link")["tunnelLinks"].get(link_name)


def links(name):
    return vpn.show(gear(name), "show vpn tunnel-link")["tunnelLinks"]


def ping(vpn_name, name, other, count=10):
    "From a site to another, (sent, received)."
    return vpn.ping(gear(name), behind(vpn_name, other), count, interval=0.02, options="-I " + vpn_name)


def wait_reach(vpn_name, *names, timeout=60):
    "Until each of the sites reaches each other."
    for name in names:
        for other in names:
            if other != name:
                vpn.wait_for(
                    "{}: {} reaches {}".format(vpn_name, name, other),
                    lambda n=name, o=other: ping(vpn_name, n, o, 1) == (1, 1),
                    timeout,
                )


def echoes():
    "How many echo requests each CE has received so far."
    return {name: vpn.snmp(gear(name), "Icmp", "InEchos") for name in NUMBERS}
