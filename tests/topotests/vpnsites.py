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
import calendar
import json
import os
import shutil
import time

import nctopo
import vpntopo as vpn
from lib.topogen import Topogen, get_topogen

NUMBERS = {"paris": 1, "rome": 2, "oslo": 3, "turin": 4, "delft": 5}
SITES = {"red": ("paris", "rome", "oslo"), "blue": ("paris", "turin", "delft")}
SERVER = "10.0.9.2"
FOLDER = "/tmp/vpn-sites"
CREDENTIALS = "/etc/frr/vpn-ce"
DATABASE = {"where": FOLDER + "/vpn.db"}
said = []  # by vpnctl

# the CE's own: its side of the provider's network
BASE = """
hostname {name}
interface {name}-eth0
 ip address {address}/24
exit
ip route 10.0.0.0/16 {gateway}
ip route 203.0.113.1/32 blackhole
"""
# a CE in mode push that calls nobody, instead of what preconfigure says: who may write, and where it listens
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
# the same over SSH
MANAGEMENT_SSH = """
netconf
 ssh host-key {folder}/host
 user server-a
 user server-a public-key {folder}/server.pub
 user server-a write
 listen ssh {address} port 830
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


def build(tgen, names):
    core = tgen.add_router("core")
    for name in names + ["server"]:
        router = tgen.add_router(name, cls=nctopo.NetconfRouter)
        tgen.add_switch("to-" + name).add_link(core)
        tgen.gears["to-" + name].add_link(router)


def start_network(module_name, names=tuple(NUMBERS)):
    "Links, addresses, forwarding: the provider's network, in which no daemon runs."
    tgen = Topogen(lambda tgen: build(tgen, list(names)), module_name)
    tgen.start_topology()
    core, server = tgen.gears["core"].net, tgen.gears["server"].net
    ends = [NUMBERS[name] for name in names] + [9]
    core.cmd_raises(
        "sysctl -qw net.ipv4.ip_forward=1; "
        + "; ".join("ip address add 10.0.{}.1/24 dev core-eth{}".format(end, i) for i, end in enumerate(ends))
    )
    server.cmd_raises("ip address add {}/24 dev server-eth0; ip route add 10.0.0.0/16 via 10.0.9.1".format(SERVER))
    DATABASE["where"] = FOLDER + "/vpn.db"  # another module of this run may have had another one
    said.clear()
    shutil.rmtree(FOLDER, ignore_errors=True)
    os.makedirs(FOLDER)
    return tgen


# ---- the server


def vpnctl(*arguments):
    "vpnctl's output, which is kept; it must succeed."
    said.append(
        gear("server").net.cmd_raises(
            "VPN_DATABASE='{}' vpnctl {}".format(DATABASE["where"], " ".join("'{}'".format(a) for a in arguments))
        )
    )
    return said[-1]


def status():
    return json.loads(vpnctl("status", "--json"))


def ce_status(name):
    return status()["ces"].get(name)


def add(vpn_name, name, *options):
    "A CE into a VPN, with what is behind it where routes are static."
    static = ["--prefix", prefix(vpn_name, name)] if vpn_name == "red" else []
    vpnctl("ce", "add", name, "--vpn", vpn_name, "--address", address(name), *static, *options)


def provisioning(name):
    "What the CE says of its server."
    return vpn.show(gear(name), "show vpn provisioning")


class Server(vpn.Background):
    "vpn-serverd, until it is ended or killed."

    def __init__(self, name="server-a", *options):
        super().__init__(
            gear("server"), name, "env VPN_DATABASE={} vpn-serverd --name {} {}".format(DATABASE["where"], name, " ".join(options))
        )


def wait_provisioned(*names, timeout=60):
    "Until nothing is left to be told to these CEs, and each was told."

    def probe():
        ces = status()["ces"]
        late = {name: ces.get(name) for name in names if ces.get(name, {}).get("state") != "provisioned"}
        return not late or vpn._fail(late)

    return vpn.wait_for("{} are provisioned".format(" ".join(names)), probe, timeout)


# ---- CEs


def preconfigure(name, *options, calls=True):
    "What the provider does before a CE is shipped, which calls its server or only listens; the lines that it prints."
    if calls:
        options += ("--server", SERVER, "--provider-interface", name + "-eth0")
    lines = vpnctl("ce", "preconfigure", name, "--key-pair", "--output", "{}/{}".format(FOLDER, name), *options)
    gear(name).net.cmd_raises(
        "rm -rf {0} && cp -r {1}/{2} {0} && chown -R frr:frr {0}".format(CREDENTIALS, FOLDER, name)
    )
    return lines


def credentials(name):
    "The key and certificate that the CE proves itself by; it has shown the certificate, which is good for the better part of a year."
    good_for = calendar.timegm(time.strptime(ce_status(name)["certificateUntil"], "%Y-%m-%dT%H:%M:%SZ")) - time.time()
    line = next(l for l in vpn.vtysh(gear(name), "show running-config").splitlines() if l.startswith("  certificate "))
    return (line.split()[1], line.split()[3]) if good_for > 300 * 86400 else None


def wait_files(name, *files):
    "Until the CE has these and nothing else in the folder of its credentials, but the authority's certificate and the lines of preconfigure."
    wanted = {CREDENTIALS + "/ca.pem", CREDENTIALS + "/frr.conf", *files}

    def probe():
        there = set(gear(name).net.cmd_raises("ls -d {}/*".format(CREDENTIALS)).split())
        return there == wanted or vpn._fail(there)

    vpn.wait_for("{} has no other files".format(name), probe)


def ssh_keys(name):
    "A host key of a CE, and the server's public key at it; what vpnctl and vpn-serverd are to know of them."
    gear("server").net.cmd_raises("[ -e {0}/server ] || ssh-keygen -q -t ed25519 -N '' -f {0}/server".format(FOLDER))
    said = gear(name).net.cmd_raises(
        "mkdir -p {0} && ssh-keygen -q -t ecdsa -m PEM -N '' -f {0}/host && cp {1}/server.pub {0} && chown -R frr:frr {0} && ssh-keygen -l -f {0}/host".format(
            CREDENTIALS, FOLDER
        )
    )
    return ("--mode", "push", "--transport", "ssh", "--login", "server-a", "--host-key", said.split()[1]), "--ssh-key {}/server".format(FOLDER)


def start_ce(name, push=False):
    """
    The CE's first start: interfaces and VRFs of the customer's side, charon, FRR; what preconfigure wrote, unless push says that
    somebody has set it up by hand to be pushed to: True, over TLS; "ssh".
    """
    router = gear(name)
    text = BASE.format(name=name, address=address(name), gateway="10.0.{}.1".format(NUMBERS[name]))
    for table, vrf in enumerate(vpns_of(name), 101):
        vpn.dummy(router.net, vrf + "0")
        vpn.vrf(router.net, vrf, table, [vrf + "0"])
        router.net.cmd_raises("ip address add {}/16 dev {}0".format(behind(vrf, name), vrf))
        if vrf == "blue":
            text += OSPF.format(vrf=vrf, behind=behind(vrf, name))
    if push:
        text += (MANAGEMENT_SSH if push == "ssh" else MANAGEMENT).format(folder=CREDENTIALS, address=address(name))
    else:
        with open("{}/{}/frr.conf".format(FOLDER, name), encoding="ascii") as file:
            text += file.read()
    path = "{}/{}.conf".format(FOLDER, name)
    with open(path, "w", encoding="ascii") as file:
        file.write(text)
    daemons = ["zebra", "staticd", "vpnd", "netconfd"] + (["ospfd"] if "blue" in vpns_of(name) else [])
    vpn.start_pe(get_topogen(), name, daemons=daemons, config=path)
    if push:
        nctopo.wait_listening(router, 1)


def link(name, link_name):
    return vpn.show(gear(name), "show vpn tunnel-link")["tunnelLinks"].get(link_name)


def links(name):
    return vpn.show(gear(name), "show vpn tunnel-link")["tunnelLinks"]


def ping(vpn_name, name, other, count=10):
    "From a site to another, (sent, received)."
    return vpn.ping(gear(name), behind(vpn_name, other), count, interval=0.02, options="-I " + vpn_name)


def reaches(vpn_name, name, other):
    "Does one of three pings come back? There may be no route at all."
    command = "ping -n -q -c 3 -i 0.2 -W 1 -I {} {}".format(vpn_name, behind(vpn_name, other))
    return gear(name).net.cmd_status(command, warn=False)[0] == 0


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


def wait_link(name, link_name, state="up", timeout=60):
    vpn.wait_for(
        "{}: link {} is {}".format(name, link_name, state),
        lambda: link(name, link_name)["state"] == state or vpn._fail(link(name, link_name)),
        timeout,
    )


CE_DAEMONS = ("netconfd", "vpnd", "staticd", "zebra", "mgmtd", "charon")


def kill_ce(name):
    "The power fails: no daemon of the CE has time for anything."
    for daemon in CE_DAEMONS:
        vpn.kill(gear(name), daemon)


def boot_ce(name):
    "It is back, with the configuration that it was shipped with, and a kernel that knows nothing of tunnels."
    router = gear(name)
    router.net.cmd_raises(
        "ip xfrm state flush; ip xfrm policy flush; for l in $(ls /sys/class/net); do case $l in {}-eth0 | lo | *0 | red | blue) ;; "
        "*) ip link del $l ;; esac; done; ip route flush proto static; rm -f {}/*.pid".format(name, vpn.RUN)
    )
    router.net.start_charon()
    vpn.start_daemons(router)


class Flow(vpn.Flow):
    "A steady flow of pings between two sites of a VPN."

    def __init__(self, vpn_name, name, other):
        super().__init__(gear(name), behind(vpn_name, other), options="-I " + vpn_name)


def forwarded(name):
    "How many packets a CE has forwarded so far."
    return vpn.snmp(gear(name), "Ip", "ForwDatagrams")


def echoes():
    "How many echo requests each CE has received so far."
    return {name: vpn.snmp(gear(name), "Icmp", "InEchos") for name in NUMBERS}
