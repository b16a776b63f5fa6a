# SPDX-License-Identifier: GPL-2.0-or-later
"""
The demo: brings the network of network.py up and shows a person what it does.

Run by ./vpnlab demo, through pytest because FRR's topotest library lives there;
it prints, asserts what it says, and fails when one statement does not hold.
"""
import contextlib
import json
import os
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))
# pylint: disable=C0413
import hosted
import vpntopo as vpn
import network

PICTURE = """
     ce1-red ─┐                            ┌─ ce2-red       red and blue use the same
     10.1.0.0/24                             10.2.0.0/24    addresses at both ends
              pe1 ────── p ────── pe2
     ce1-blue ┘        (plain IP)          └─ ce2-blue

     pe1 10.0.0.1, pe2 10.0.0.2: zebra, mgmtd, bgpd, ospfd, vpnd, charon with the plugin vpnspi
     p   10.0.0.9:               zebra, ospfd; nothing of the VPNs
     PE-CE:                      eBGP in red, OSPF in blue
"""
CUSTOMERS = (
    "--customer 10.1.0.0/24 --customer 10.2.0.0/24 --customer 10.11.0.0/16 --customer 10.22.0.0/16 "
    "--customer 192.168.0.0/16"
)


def say(text=""):
    print(text, flush=True)


def title(text):
    say("\n\033[1m── {} {}\033[0m".format(text, "─" * max(0, 90 - len(text))) if sys.stdout.isatty() else "\n== " + text)


@contextlib.contextmanager
def step(text):
    start = time.monotonic()
    print("   {} ".format(text), end="", flush=True)
    yield
    say("({:.1f} s)".format(time.monotonic() - start))


def run(router, command):
    "Shows a vtysh command and what it answers."
    say("\n{}# {}".format(router.name, command))
    say(vpn.vtysh(router, command).rstrip())


def show_control_plane(tgen):
    pe1 = tgen.gears["pe1"]
    title("The peer was discovered from BGP, the labels name the VRFs")
    for command in ("show vpn peer", "show vpn spi-label", "show bgp ipv4 unlabeled-vpn"):
        run(pe1, command)
    title("The VRFs of pe1: the other site's network is behind an xfrm interface")
    for vrf_name in ("red", "blue"):
        run(pe1, "show ip route vrf " + vrf_name)


def show_pings(tgen):
    title("Red reaches red, blue reaches blue: different hosts answer to the same address")
    for color, other in (("red", "blue"), ("blue", "red")):
        source = tgen.gears["ce1-" + color]
        hosts = [tgen.gears["ce2-" + c] for c in (color, other)]
        before = [vpn.snmp(host, "Icmp", "InEchos") for host in hosts]
        sent, received = vpn.ping(source, "10.2.0.1", 5, options="-I 10.1.0.1")
        counts = [vpn.snmp(host, "Icmp", "InEchos") - then for host, then in zip(hosts, before)]
        say(
            "   {}: ping 10.2.0.1: {} sent, {} answered; asked were: {} {}, {} {}".format(
                source.name, sent, received, hosts[0].name, counts[0], hosts[1].name, counts[1]
            )
        )
        assert (sent, received, counts) == (5, 5, [5, 0])
    sent, received = vpn.ping(tgen.gears["ce1-red"], "10.22.0.1", 2, options="-I 10.1.0.1", wait=1)
    say("   ce1-red: ping 10.22.0.1, which is in blue: {} sent, {} answered".format(sent, received))
    assert received == 0


def spi_names(tgen):
    "(destination, label) → VRF, from the PEs that gave the labels."
    names = {}
    for pe, address in network.PES.items():
        for vrf_name, label in vpn.show(tgen.gears[pe], "show vpn spi-label")["labels"].items():
            names[address, label["label"]] = vrf_name
    return names


def show_capture(tgen, capture):
    title("What a capture on p, between the PEs, saw from the first packet on")
    capture.stop()
    seen = capture.explain(CUSTOMERS, "--prefix-length 16")
    say("   packets by kind: " + ", ".join("{} {}".format(n, kind) for kind, n in sorted(seen["kinds"].items())))
    ike = seen["ike"]
    say(
        "   IKE messages: {} IKE_SA_INIT, {} IKE_AUTH, {} CREATE_CHILD_SA: one IKE_SA and one CHILD_SA for both VPNs".format(
            ike["ikeSaInit"], ike["ikeAuth"], ike.get("createChildSa", 0)
        )
    )
    names = spi_names(tgen)
    say("   the SPIs in ESP:")
    for spi in seen["spis"]:
        vrf_name = names.get((spi["destination"], spi["label"]), "?")
        say(
            "     to {:<9} {} = prefix {} | label {:<5} VRF {:<5} {} packets".format(
                spi["destination"], spi["spi"], spi["prefix"], spi["label"], vrf_name, spi["packets"]
            )
        )
        assert vrf_name != "?"
    say("   cleartext customer packets: {}".format(seen["cleartextCustomerPackets"]))
    assert seen["cleartextCustomerPackets"] == 0 and ike["ikeSaInit"] == 2 and ike["ikeAuth"] == 2


def measure_new_vrf(tgen):
    "From the commit of a new VRF on both PEs to the first ping through it, and the IKE messages of it."
    title("A third VPN, green, while all runs: no IKE message")
    p = tgen.gears["p"]
    capture = vpn.Capture(p, "p-eth1")
    for n, pe in enumerate(network.PES, 1):
        net = tgen.gears[pe].net
        vpn.vrf(net, "green", 1003, [])
        net.cmd_raises("ip link add green-lan type dummy && ip link set green-lan master green up")
        net.cmd_raises("ip addr add 10.{0}.3.1/24 dev green-lan".format(n))
    start = time.monotonic()
    for n, pe in enumerate(network.PES, 1):
        vpn.vtysh(
            tgen.gears[pe],
            "configure terminal",
            "router bgp 65000 vrf green",
            "bgp router-id 10.0.0.{}".format(n),
            "address-family ipv4 unicast",
            "redistribute connected",
            "rd vpn export 65000:{}3".format(n),
            "rt vpn both 65000:3",
            "spi-label vpn export auto",
            "export vpn",
            "import vpn",
        )
    vpn.wait_for(
        "ping in green",
        lambda: vpn.ping(tgen.gears["pe1"], "10.2.3.1", 1, options="-I green -I 10.1.3.1", wait=1)[1] == 1,
        interval=0.01,
    )
    seconds = time.monotonic() - start
    capture.stop()
    seen = capture.explain(CUSTOMERS, "--prefix-length 16")
    ike = seen["kinds"].get("ike", 0)
    say("   from the commit on both PEs to the first ping: {:.2f} s; IKE messages: {}".format(seconds, ike))
    assert ike == 0
    return {"newVrfSeconds": round(seconds, 3), "newVrfIkeMessages": ike}


def shell(tgen):
    title("The network stays up: a shell")
    os.makedirs("/run/demo", exist_ok=True)
    for name, gear in tgen.routers().items():
        with open("/run/demo/" + name, "w", encoding="ascii") as pidfile:
            pidfile.write(str(gear.net.pid))
    with open("/usr/local/bin/on", "w", encoding="ascii") as script:
        script.write('#!/bin/sh\n# on ROUTER COMMAND: runs it there\nr=$1; shift\nexec nsenter -a -t "$(cat "/run/demo/$r")" "$@"\n')
    os.chmod("/usr/local/bin/on", 0o755)
    say("   on pe1 vtysh          on ce1-red ping 10.2.0.1          on p tcpdump -ni p-eth0\n   exit ends it.")
    subprocess.call([os.environ.get("SHELL", "/bin/bash"), "-i"])


def test_demo(request):
    hosted.quiet(request.config)
    title("The network")
    say(PICTURE)
    captures = []
    started = time.monotonic()
    with step("starting seven routers"):
        tgen = network.start(
            "demo",
            before_routers=lambda t: captures.append(vpn.Capture(t.gears["p"], "p-eth0")),
        )
    try:
        with step("waiting until both VPNs have their routes"):
            network.wait_up(tgen)
        show_control_plane(tgen)
        show_pings(tgen)
        show_capture(tgen, captures[0])
        results = measure_new_vrf(tgen)
        title("All of it held")
        say("   from nothing to here in {:.1f} s".format(time.monotonic() - started))
        say("   as JSON: " + json.dumps(results))
        if os.environ.get("VPNLAB_KEEP"):
            shell(tgen)
    finally:
        with step("going down"):
            tgen.stop_topology()
