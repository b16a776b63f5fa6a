# SPDX-License-Identifier: GPL-2.0-or-later
"""
Gateways for tests of tunnel links in charon: on spilab.py's namespaces and
client, swanctl configuration as vpnd would load it, and devices made by ip(8).

Gateway has the plugin, Stock is strongSwan as Debian has it, with nothing of
ours.  Nothing is slept for.
"""
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "charon_vpnspi"))
import spilab  # noqa: E402
from spilab import LINK_ALERT, Pe, wait_for  # noqa: E402

CONN = "vpnd-link-peer"
NONE, TRANSPORT, VENDOR_ID = range(3)
STOCK_PLUGINS = spilab.PLUGINS.replace(" vpnspi", "")
assert STOCK_PLUGINS != spilab.PLUGINS

IKE = {1: "aes256-sha256-modp2048", 2: "aes256gcm16-prfsha384-x25519"}

CONNECTION = """
 {name} {{
  version = {version}
  local_addrs = {local}
  remote_addrs = {remote}
  proposals = {ike}
  mobike = no
  keyingtries = 1
  rekey_time = {ike_rekey}
  {more}
  local {{
   auth = psk
   id = {local_id}
  }}
  remote {{
   auth = psk
   id = {remote_id}
  }}
  children {{
{children}
  }}
 }}
"""

CHILD = """
   {name} {{
    esp_proposals = aes256gcm16
    rekey_time = {rekey}
    life_time = {life}
    rand_time = 0
    {lines}
   }}
"""


def signal(local, remote, if_id=None):
    "Transport mode for protocol 4 between the gateways."
    lines = ["mode = transport", "local_ts = {}[4]".format(host(local)), "remote_ts = {}[4]".format(host(remote))]
    return lines + with_if_id(if_id)


def wildcards(if_id=None, ts="0.0.0.0/0"):
    "Tunnel mode for everything."
    return ["mode = tunnel", "local_ts = " + ts, "remote_ts = " + ts] + with_if_id(if_id)


def with_if_id(if_id):
    return ["if_id_in = {}".format(if_id), "if_id_out = {}".format(if_id)] if if_id else []


def host(address):
    return address + ("/128" if ":" in address else "/32")


class Stock(Pe):
    "strongSwan without our plugin."

    plugins = STOCK_PLUGINS

    def start(self, extra=""):
        self.start_charon(plugins=self.plugins, extra=extra)

    def configure(self, remote, children, name=None, version=2, conns=(), **values):
        "Loads one connection with these children (name: lines), and further whole ones."
        whole = conns or [self.connection(name or "site", remote, children, version=version, **values)]
        with open(self.path("swanctl.conf"), "w") as conf:
            conf.write("connections {\n" + "".join(whole) + "}\n")
            conf.write('secrets {{\n ike-any {{\n  secret = "{}"\n }}\n}}\n'.format(spilab.SECRET))
        return self.swanctl("--load-all --clear --noprompt --file " + self.path("swanctl.conf"))

    def connection(self, name, remote, children, version=2, **values):
        text = "".join(
            CHILD.format(
                name=child, lines="\n    ".join(lines), rekey=values.get("rekey", 3600), life=values.get("life", 4000)
            )
            for child, lines in children.items()
        )
        return CONNECTION.format(
            name=name, version=version, local=self.address, remote=remote, ike=IKE[version], children=text,
            more=values.get("more", ""), ike_rekey=values.get("ike_rekey", 36000),
            local_id=values.get("local_id", self.address), remote_id=values.get("remote_id", remote),
        )

    def up(self, child, check=True):
        return self.swanctl("--initiate --child {} --timeout 30".format(child), check)

    def listed(self):
        return self.swanctl("--list-sas")

    def installed(self, child):
        "How many CHILD_SAs of this child are INSTALLED."
        return len(re.findall(r"^  {}: #\d+, reqid \d+, INSTALLED".format(re.escape(child)), self.listed(), re.M))

    def sa_blocks(self):
        out = self.run("ip -s xfrm state")
        return [block for block in re.split(r"\n(?=src )", out.strip()) if block]

    def spis(self):
        return set(re.findall(r"spi (0x[0-9a-f]+)", self.run("ip xfrm state")))

    def packets(self, if_id=None):
        "Packets that SAs have counted: {(src, dst): packets}, all or those of an if_id."
        found = {}
        for block in self.sa_blocks():
            if if_id is not None and "if_id 0x{:x}".format(if_id) not in block:
                continue
            ends = re.search(r"^src (\S+) dst (\S+)", block).groups()
            count = re.search(r"lifetime current:\s+\d+\(bytes\), (\d+)\(packets\)", block)
            found[ends] = found.get(ends, 0) + int(count.group(1))
        return found

    def dropped(self):
        lines = self.run("cat /proc/net/xfrm_stat").split("\n")
        counters = {line.split()[0]: int(line.split()[1]) for line in lines if line}
        return {name: number for name, number in counters.items() if number}

    def vrf(self, name, table):
        self.run("ip link add {} type vrf table {}".format(name, table))
        self.run("ip link set {} up".format(name))

    def xfrm(self, name, if_id, address, peer, vrf=None):
        self.run("ip link add {} type xfrm dev core if_id {}".format(name, if_id))
        self.plug(name, address, peer, vrf)

    def ipip(self, name, remote, address, peer):
        self.run("ip link add {} type ipip local {} remote {} ttl 64".format(name, self.address, remote))
        self.plug(name, address, peer)

    def vti(self, name, remote, key, address, peer):
        self.run("ip link add {} type vti local {} remote {} key {}".format(name, self.address, remote, key))
        self.run("sysctl -qw net.ipv4.conf.{}.disable_policy=1".format(name))
        self.plug(name, address, peer)

    def plug(self, name, address, peer, vrf=None):
        self.run("sysctl -qw net.ipv6.conf.{}.addr_gen_mode=1".format(name))
        if vrf:
            self.run("ip link set {} master {}".format(name, vrf))
        self.run("ip link set {} mtu 1400 up".format(name))
        self.run("ip addr add {} peer {} dev {}".format(address, peer, name))

    def popen(self, command):
        "In the background; its output comes with communicate()."
        return subprocess.Popen(
            ["ip", "netns", "exec", self.name] + command.split(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )

    def ping(self, to, count=20, device=None):
        "All must come back."
        out = self.run(
            "ping -q -c {} -i 0.005 -W 2 {} {}".format(count, "-I " + device if device else "", to), check=False
        )
        assert "{0} packets transmitted, {0} received, 0% packet loss".format(count) in out, out


class Gateway(Stock):
    "strongSwan with our plugin, told of its links by the test in vpnd's place."

    plugins = spilab.PLUGINS

    def start(self, extra=""):
        super().start(extra)
        self.connect(config=False)

    def link(self, child, if_id, vpn_id=None, how=TRANSPORT, conn=CONN):
        self.client.link(conn, child, if_id, vpn_id, how)

    def links(self, remote, links, version=2, name=CONN, **values):
        "Says LINK for each and loads the connection.  links: child → (if_id, vpn_id, signal)."
        children = {}
        for child, (if_id, vpn_id, how) in links.items():
            self.link(child, if_id, vpn_id, how, name)
            lines = signal(self.address, remote, if_id) if how == TRANSPORT else wildcards(if_id, values.get("ts", "0.0.0.0/0"))
            children[child] = lines
        self.configure(remote, children, name=name, version=version, **values)

    def wait_alert(self, words):
        return self.client.wait_alert(words, kind=LINK_ALERT)

    def alerts(self):
        return [e["text"] for e in self.client.events if e["type"] == LINK_ALERT]


class Wire:
    "Two nodes and the wire between them; takes them down again, and fails if a charon has died."

    def __init__(self, left, right, prefix=24):
        self.left, self.right = left, right
        self.both = left, right
        spilab.join(left, right, prefix=prefix)

    def remove(self):
        dead = [
            "charon of {} has died: {}\n{}".format(node.name, node.charon.returncode, node.log()[-3000:])
            for node in self.both
            if node.charon and node.charon.poll() is not None
        ]
        statuses = [node.stop_charon() for node in self.both]
        for node in self.both:
            node.remove()
        assert not dead, dead
        assert not any(statuses), statuses


__all__ = ["CONN", "NONE", "TRANSPORT", "VENDOR_ID", "Gateway", "Stock", "Wire", "host", "signal", "wait_for", "wildcards"]
