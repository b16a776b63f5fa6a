# SPDX-License-Identifier: GPL-2.0-or-later
"""
What the VPN topotests and the demo share: PEs with vpnd and charon, VRFs, CEs,
waiting for states, exact packet counts, captures.

A topology is built with FRR's Topogen; a PE is a VpnRouter, which knows vpnd and
runs a charon of its own with the plugin vpnspi.  Everything of a router,
charon's sockets included, lies in its private /var/run/frr.

Nothing here sleeps for a fixed time and hopes: wait_for() polls a state and fails
with what it saw last.
"""
import functools
import json
import os
import re
import signal
import time

from lib import topotest
from lib.topogen import TopoRouter

RD_VPND = 100
TopoRouter.RD[RD_VPND] = "vpnd"

RUN = "/var/run/frr"
VICI = "unix://" + RUN + "/charon.vici"

STRONGSWAN_CONF = """
include /etc/strongswan.conf
charon {{
    group = frr
    retransmit_tries = {retransmit_tries}
    retransmit_timeout = {retransmit_timeout}
    retransmit_base = {retransmit_base}
    filelog {{
        log {{
            path = {log}
            flush_line = yes
            default = 1
            ike = 2
            knl = 2
        }}
    }}
    plugins {{
        vici {{
            socket = unix://{run}/charon.vici
        }}
        vpnspi {{
            load = {plugin}
            socket = unix://{run}/charon.vpnspi
        }}
    }}
    {extra}
}}
"""


class VpnRouter(topotest.Router):
    "A PE: a router that runs vpnd, and charon beside FRR."

    def __init__(self, name, *args, **params):
        super().__init__(name, *args, **params)
        self.daemons["vpnd"] = 0
        self.charon_log = None

    def start_charon(self, plugin="yes", extra="", retransmit_tries=4, retransmit_timeout=1, retransmit_base=1.5):
        "Starts charon with the plugin and waits until its sockets are there."
        self.charon_log = "/tmp/gearlogdir/charon.log"
        self.cmd_raises(
            "cat > {}/strongswan.conf".format(RUN),
            stdin=STRONGSWAN_CONF.format(
                log=self.charon_log,
                run=RUN,
                plugin=plugin,
                extra=extra,
                retransmit_tries=retransmit_tries,
                retransmit_timeout=retransmit_timeout,
                retransmit_base=retransmit_base,
            ),
        )
        self.cmd_raises("rm -f {0}/charon.vici {0}/charon.vpnspi".format(RUN))
        # charon-systemd writes no pidfile: the shell does, under its own pid; a core would be beside the log
        self.cmd_raises(
            "cd /tmp/gearlogdir; STRONGSWAN_CONF={0}/strongswan.conf setsid sh -c 'echo $$ > {0}/charon.pid; exec /usr/sbin/charon-systemd' "
            "> /tmp/gearlogdir/charon.out 2>&1 < /dev/null &".format(RUN)
        )
        sockets = ["charon.vici"] + (["charon.vpnspi"] if plugin == "yes" else [])
        for sock in sockets:
            wait_for(
                "{}: charon's socket {}".format(self.name, sock),
                functools.partial(self.path_exists, "{}/{}".format(RUN, sock)),
            )

    def swanctl(self, arguments):
        return self.cmd_raises("swanctl {} --uri {}".format(arguments, VICI))


def vrf(router, name, table, interfaces):
    "Makes VRF name and puts the interfaces into it."
    router.cmd_raises("ip link add {} type vrf table {}".format(name, table))
    router.cmd_raises("ip link set {} up".format(name))
    for ifname in interfaces:
        router.cmd_raises("ip link set {} master {}".format(ifname, name))


def dummy(router, name):
    "A network behind a CE: an interface that is always up."
    router.cmd_raises("ip link add {0} type dummy && ip link set {0} up".format(name))


def start_pe(tgen, name, daemons=("zebra", "bgpd", "ospfd", "vpnd"), charon=True, config=None, **charon_options):
    "Loads NAME/frr.conf (or config), starts charon, then the FRR daemons."
    router = tgen.gears[name]
    if charon:
        router.net.start_charon(**charon_options)
    router.load_frr_config(config or "frr.conf", [(daemon_id(d), daemon_options(d)) for d in daemons])
    start_daemons(router)


def start_plain(tgen, name, daemons):
    "A router without VPN functions: P, CE, route reflector."
    router = tgen.gears[name]
    router.load_frr_config("frr.conf", [(daemon_id(d), "") for d in daemons])
    start_daemons(router)


def start_daemons(router):
    "As router.start(), less a vtysh for each daemon that sets up the log which its command line has set up."
    error = router.net.startRouter(router.tgen)
    assert not error, error


LONELY_PE = """
hostname pe1
vpn
 ipsec-profile GOLD
  authentication pre-shared-key only-for-the-test
 exit
 provider-edge
  local-address {address}
  ipsec-profile GOLD
  spi-prefix-length {prefix_length}
 exit
exit
interface pe1-eth0
 ip address 10.0.0.1/24
router bgp 65000
 bgp router-id 10.0.0.1
"""
EXPORTING_VRF = """
router bgp 65000 vrf {vrf}
 bgp router-id 10.0.0.1
 address-family ipv4 unicast
  rd vpn export 65000:{number}
  rt vpn both 65000:{number}
  spi-label vpn export auto
  export vpn
  import vpn
"""


def build_lonely_pe(tgen):
    "pe1 on a switch, and nobody else."
    tgen.add_switch("backbone").add_link(tgen.add_router("pe1", cls=VpnRouter))


def start_lonely_pe(tgen, vrfs=("red",), address="10.0.0.1", prefix_length=16):
    "pe1, which exports the VRFs."
    path = "/tmp/lonely-pe.conf"
    with open(path, "w", encoding="ascii") as config:
        config.write(LONELY_PE.format(address=address, prefix_length=prefix_length))
        config.writelines(EXPORTING_VRF.format(vrf=vrf_name, number=n) for n, vrf_name in enumerate(vrfs, 1))
    start_pe(tgen, "pe1", daemons=("zebra", "bgpd", "vpnd"), config=path)


def daemon_id(name):
    return next(number for number, daemon in TopoRouter.RD.items() if daemon == name)


def daemon_options(name):
    return "--vici {0}/charon.vici --vpnspi {0}/charon.vpnspi".format(RUN) if name == "vpnd" else ""


def wait_for(what, probe, timeout=60, interval=0.2):
    """
    Polls probe() until it is true and returns that; fails with the last answer.
    An exception of the probe counts as "not yet".
    """
    end = time.monotonic() + timeout
    while True:
        try:
            last = probe()
            if last:
                return last
        except Exception as error:  # pylint: disable=W0718 # what pytest itself throws is none
            last = repr(error)
        if time.monotonic() > end:
            raise AssertionError("{}: not within {} s; last seen: {!r}".format(what, timeout, last))
        time.sleep(interval)


def show(router, command):
    "A show command's JSON."
    return json.loads(router.net.cmd_raises("vtysh -c '{} json'".format(command)))


def vtysh(router, *commands):
    return router.net.cmd_raises("vtysh " + " ".join("-c '{}'".format(c) for c in commands))


def type_in(router, *commands):
    "Types the commands, whatever quotes are in them; whether all went well, and what is said."
    path = RUN + "/typed.commands"
    router.net.cmd_raises("cat > " + path, stdin="\n".join(commands) + "\n")
    options = " ".join('-c "$(sed -n {}p {})"'.format(n, path) for n in range(1, len(commands) + 1))
    status, output, error = router.net.cmd_status("vtysh " + options, warn=False)
    return status == 0, output + error


def vpn_section(text):
    "The lines of the vpn section of a configuration."
    lines = text.splitlines()
    if "vpn" not in lines:
        return []
    start = lines.index("vpn")
    return lines[start : lines.index("exit", start) + 1]


def peer(router, address):
    "What show vpn peer says of one peer."
    return show(router, "show vpn peer")["peers"].get(address, {})


def wait_peer(router, address, state, timeout=60):
    def probe():
        seen = peer(router, address)
        return seen if seen.get("state") == state else _fail(seen)

    return wait_for("{}: peer {} {}".format(router.name, address, state), probe, timeout)


def _fail(value):
    "For probes: not yet, and this is what there was."
    raise ValueError(value)


def routes(router, vrf_name):
    return show(router, "show ip route vrf {}".format(vrf_name))


def wait_route(router, vrf_name, prefix, installed=True, timeout=90):
    "Waits until prefix is (not) a selected and installed route of the VRF."

    def probe():
        entries = routes(router, vrf_name).get(prefix, [])
        there = [e for e in entries if e.get("selected") and e.get("installed")]
        return (there or _fail(entries)) if installed else (not there or _fail(entries))

    return wait_for(
        "{}: route {} {}in VRF {}".format(router.name, prefix, "" if installed else "not ", vrf_name), probe, timeout
    )


def wait_kernel_route(router, prefix, timeout=60):
    "Waits until the router's own (default) table has the prefix: for CEs."
    return wait_for(
        "{}: route {}".format(router.name, prefix),
        lambda: router.net.cmd_raises("ip route show {}".format(prefix)).strip(),
        timeout,
    )


def ping(router, target, count=3, interval=0.05, options="", wait=2):
    "Pings and returns (sent, received)."
    output = router.net.cmd_nostatus(
        "ping -n -q -c {} -i {} -W {} {} {}".format(count, interval, wait, options, target), warn=False
    )
    output = output if isinstance(output, str) else output[0]
    match = re.search(r"(\d+) packets transmitted, (\d+) received", output)
    assert match, output
    return int(match.group(1)), int(match.group(2))


def wait_ping(router, target, options="", timeout=30):
    return wait_for(
        "{}: ping {}".format(router.name, target),
        lambda: ping(router, target, 1, options=options, wait=1)[1] == 1,
        timeout,
    )


def snmp(router, group, counter):
    "A counter of /proc/net/snmp, for example ('Icmp', 'InEchos')."
    lines = router.net.cmd_raises("cat /proc/net/snmp").splitlines()
    names, values = [line.split() for line in lines if line.startswith(group + ":")]
    return int(values[names.index(counter)])


def echoes(router):
    "Echo requests that a router has heard, of both families."
    six = re.search(r"Icmp6InEchos\s+(\d+)", router.net.cmd_raises("cat /proc/net/snmp6"))
    return snmp(router, "Icmp", "InEchos"), int(six.group(1))


class Background:
    """
    A command in the background of a router, under a pid that its namespaces know.
    """

    def __init__(self, router, name, command):
        self.router = router
        self.pidfile = "{}/{}.background".format(RUN, name)
        self.stderr = "/tmp/gearlogdir/{}.stderr".format(name)
        router.net.cmd_raises(
            "setsid sh -c 'echo $$ > {}; exec {}' > /dev/null 2> {} < /dev/null &".format(
                self.pidfile, command, self.stderr
            )
        )
        wait_for("{}: {} runs".format(router.name, name), lambda: self.pid() and self.running())

    def pid(self):
        return int(self.router.net.cmd_raises("cat {} 2>/dev/null || echo 0".format(self.pidfile)))

    def running(self):
        return self.router.net.cmd_status("kill -0 {}".format(self.pid()), warn=False)[0] == 0

    def errors(self):
        return self.router.net.cmd_raises("cat {} 2>/dev/null || true".format(self.stderr))

    def end(self, signal_name):
        self.router.net.cmd_status("kill -{} {}".format(signal_name, self.pid()), warn=False)
        wait_for("{}: {} ended".format(self.router.name, self.pidfile), lambda: not self.running())


class Flow:
    """
    A steady flow of pings.  stop() returns (sent, received), exact to the packet:
    the kernel's own counters of this host, which no other ping may use meanwhile.
    """

    def __init__(self, router, target, interval=0.01, options=""):
        self.router = router
        self.before = self.counters()
        self.ping = Background(router, "flow", "ping -n -q -i {} {} {}".format(interval, options, target))

    def counters(self):
        return snmp(self.router, "Icmp", "OutEchos"), snmp(self.router, "Icmp", "InEchoReps")

    def now(self):
        return tuple(now - before for now, before in zip(self.counters(), self.before))

    def wait_packets(self, count):
        "Waits until that many more replies have come: the flow flows."
        goal = self.now()[1] + count
        wait_for("{} more replies".format(count), lambda: self.now()[1] >= goal or _fail(self.now()))

    def stop(self):
        self.ping.end("INT")
        try:  # what is on its way may still arrive
            wait_for("last replies", lambda: self.now()[0] == self.now()[1], timeout=2)
        except AssertionError:
            pass
        return self.now()


class Capture:
    "tcpdump on one interface of a router into a file; stop(), then explain()."

    def __init__(self, router, ifname):
        self.router = router
        self.path = "/tmp/gearlogdir/{}.pcap".format(ifname)
        # immediate: what has been on the wire is in the file, not in a buffer for up to a second
        command = "tcpdump --immediate-mode -Z root -U -p -n -i {} -w {}".format(ifname, self.path)
        self.tcpdump = Background(router, ifname, command)
        wait_for("tcpdump on " + ifname, lambda: "listening on" in self.tcpdump.errors())

    def stop(self):
        self.tcpdump.end("TERM")
        assert " 0 packets dropped by kernel" in " " + self.tcpdump.errors().replace("\n", " "), self.tcpdump.errors()

    def explain(self, *options):
        "vpnspi-dump's JSON about what was captured."
        return json.loads(
            self.router.net.cmd_raises("vpnspi-dump -r {} --json {}".format(self.path, " ".join(options)))
        )


def rekey(router, address):
    "Has charon rekey its CHILD_SA with this peer now, as an operator would."
    for event in router.net.swanctl("--list-sas --raw").splitlines():
        # one that was rekeyed a moment ago is still in the list
        match = re.search(r"name=vpn uniqueid=(\d+) reqid=\d+ state=INSTALLED", event)
        if "remote-host={} ".format(address) in event and match:
            router.net.swanctl("--rekey --child-id " + match.group(1))
            return
    raise AssertionError("{}: no CHILD_SA with {}".format(router.name, address))


def kill(router, daemon, signal_name="SIGKILL"):
    "Ends a daemon: as a crash would, by default."
    pid = int(router.net.cmd_raises("cat {}/{}.pid".format(RUN, daemon)))
    os.kill(pid, signal.Signals[signal_name])
    wait_for("{}: {} is gone".format(router.name, daemon), lambda: not os.path.exists("/proc/{}/exe".format(pid)))
    return pid


def restart(router, daemon):
    "Starts an FRR daemon again and gives it what vtysh has for it (mgmtd gives vpnd its own)."
    router.net.startRouterDaemons([daemon])
    if daemon not in ("vpnd", "zebra"):
        router.net.cmd_raises("vtysh -d {} -f /etc/frr/frr.conf".format(daemon))
