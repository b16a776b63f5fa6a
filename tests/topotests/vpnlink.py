# SPDX-License-Identifier: GPL-2.0-or-later
"""
What the topotests of tunnel links share: two systems on one underlay, VRFs with
a network behind each, configurations, states of links.

A system is a VpnRouter (vpntopo) without a provider edge.  VRFs of the same
number on both systems are one VPN; every VPN uses the same addresses, 10.1.0.1
on the first system and 10.2.0.1 on the second, so whatever arrives in the wrong
one is answered from the wrong one, and the counters say so.
"""
import vpntopo as vpn
from lib.topogen import get_topogen

ADDRESSES = {"r1": "192.0.2.1", "r2": "192.0.2.2"}
BEHIND = {"r1": "10.1.0.1", "r2": "10.2.0.1"}
NETWORK = {"r1": "10.1.0.0/24", "r2": "10.2.0.0/24"}
NETWORK6 = {"r1": "fd00:1::/64", "r2": "fd00:2::/64"}
BEHIND6 = {"r1": "fd00:1::1", "r2": "fd00:2::1"}

HEAD = """
hostname {name}
interface {name}-eth0
 ip address {address}/24
 ipv6 address 2001:db8::{number}/64
exit
vpn
 ipsec-profile GOLD
  authentication pre-shared-key only-for-the-test
  dead-peer-detection {dpd}
  retry initial 1 maximum 4
 exit
"""
LINK = """ tunnel-link {link} vrf {vrf}
  local {local}
  remote {remote}
  encapsulation {encapsulation}
{lines} exit
"""
OSPF = """
router ospf vrf {vrf}
 ospf router-id {address}
 network 10.0.0.0/8 area 0
exit
interface {vrf}0
 ip ospf passive
exit
"""


def other(name):
    return "r2" if name == "r1" else "r1"


def head(name, dpd=10):
    "The underlay and the profile; links follow."
    return HEAD.format(name=name, address=ADDRESSES[name], number=name[1:], dpd=dpd)


def link(name, link_name, vrf, encapsulation, *lines, protection="ipsec-profile GOLD", addresses=None):
    "A tunnel link of one system to the other."
    addresses = addresses or ADDRESSES
    return LINK.format(
        link=link_name,
        vrf=vrf,
        local=addresses[name],
        remote=addresses[other(name)],
        encapsulation=encapsulation,
        lines="".join("  {}\n".format(line) for line in (protection,) + lines),
    )


def ospf(name, vrf):
    "OSPF over whatever has an address of the VPN: nothing of it names a link."
    return OSPF.format(vrf=vrf, address=BEHIND[name])


def build(tgen):
    switch = tgen.add_switch("underlay")
    for name in ADDRESSES:
        switch.add_link(tgen.add_router(name, cls=vpn.VpnRouter))


def start(module_name, config, vrfs=("red",), daemons=("zebra", "ospfd", "vpnd"), **charon):
    "Both systems, with config(name) each."
    from lib.topogen import Topogen

    tgen = Topogen(build, module_name)
    tgen.start_topology()
    for name in ADDRESSES:
        net = tgen.gears[name].net
        for table, vrf in enumerate(vrfs, 101):
            vpn.dummy(net, vrf + "0")
            vpn.vrf(net, vrf, table, [vrf + "0"])
            net.cmd_raises("ip address add {}/24 dev {}0".format(BEHIND[name], vrf))
            net.cmd_raises("ip address add {}/64 dev {}0 nodad".format(BEHIND6[name], vrf))
        path = "/tmp/{}.conf".format(name)
        with open(path, "w", encoding="ascii") as file:
            file.write(config(name))
        vpn.start_pe(tgen, name, daemons=daemons, config=path, **charon)
    return tgen


def gear(name):
    return get_topogen().gears[name]


def state(name, link_name):
    "What show vpn tunnel-link says of one link."
    return vpn.show(gear(name), "show vpn tunnel-link")["tunnelLinks"][link_name]


def wait_state(name, link_name, wanted, timeout=40):
    def probe():
        now = state(name, link_name)
        if now["state"] != wanted:
            raise ValueError(now)
        return now

    return vpn.wait_for("{}: tunnel link {} {}".format(name, link_name, wanted), probe, timeout)


def wait_up(*link_names, timeout=40):
    for link_name in link_names:
        for name in ADDRESSES:
            wait_state(name, link_name, "up", timeout)


def wait_not_up(name, link_name, timeout=20):
    "Waits until the link is not up, and its device not either."

    def probe():
        now = state(name, link_name)
        if now["state"] == "up" or device_up(name, link_name):
            raise ValueError(now)
        return now

    return vpn.wait_for("{}: tunnel link {} not up".format(name, link_name), probe, timeout)


def device_up(name, link_name):
    "Is the device administratively up?"
    return "UP" in gear(name).net.cmd_raises("ip -o link show dev {}".format(link_name)).split("<")[1].split(">")[0].split(",")


def adjacencies(name, vrf):
    "OSPF's neighbours: interface → state."
    said = vpn.show(gear(name), "show ip ospf vrf {} neighbor".format(vrf))
    neighbors = said[vrf]["neighbors"] if vrf in said else said["neighbors"]
    return {
        entry["ifaceName"].split(":")[0]: entry["nbrState"]
        for entries in neighbors.values()
        for entry in entries
    }


def wait_full(link_name, vrf, timeout=60):
    for name in ADDRESSES:
        vpn.wait_for(
            "{}: OSPF over {} is Full".format(name, link_name),
            lambda n=name: adjacencies(n, vrf)[link_name].startswith("Full/") or vpn._fail(adjacencies(n, vrf)),
            timeout,
        )


def wait_no_adjacency(name, link_name, vrf, timeout=10):
    vpn.wait_for(
        "{}: no OSPF adjacency over {}".format(name, link_name),
        lambda: link_name not in adjacencies(name, vrf),
        timeout,
    )
