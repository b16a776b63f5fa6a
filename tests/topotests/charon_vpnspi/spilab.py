# SPDX-License-Identifier: GPL-2.0-or-later
"""
PEs for tests of charon's plugin alone: a network namespace each, a charon with
the plugin in it, and, in place of vpnd, a client that speaks wire/plugin.h.

No FRR is needed.  Everything of a PE lies in a directory of its own; nothing is
slept for, wait_for() polls a state and fails with what it saw last.
"""
import os
import re
import select
import signal
import socket
import struct
import subprocess
import time

CHARON = "/usr/sbin/charon-systemd"
# no test vectors, no hardware: charon starts in a moment
PLUGINS = "random nonce pem openssl kdf vpnspi kernel-netlink socket-default vici updown"
SECRET = "correct horse battery staple"

# enum vpnspi_type
CONFIG, LABEL_IN, LABEL_IN_DEL, LABEL_OUT, LABEL_OUT_DEL, SYNC_BEGIN, SYNC_END, COUNTERS_GET, LINK, LINK_DEL = range(1, 11)
HELLO, DONE, PEER_IS, OUT_IS, ALERT, COUNTERS, LINK_ALERT, KNOCK, SILENT = range(64, 73)

HEADER = struct.Struct("=IHHI")
ADDR = "HH16s"
TEXT = "256s"
BODIES = {
    HELLO: ("magic version strongswan", struct.Struct("=II32s")),
    DONE: ("error text", struct.Struct("=i" + TEXT)),
    PEER_IS: (
        "peer local state prefix_in prefix_out generations rekeys labels_in labels_out rekey_in "
        "overhead trailer block encap proposal text",
        struct.Struct("=" + ADDR + ADDR + "IIIIIIIIHHHH96s" + TEXT),
    ),
    OUT_IS: ("peer label if_id spi label_len up text", struct.Struct("=" + ADDR + "IIIBB2x" + TEXT)),
    ALERT: ("peer text", struct.Struct("=" + ADDR + TEXT)),
    COUNTERS: (
        "peer bytes_in bytes_out packets_in packets_out",
        struct.Struct("=" + ADDR + "4xQQQQ"),
    ),
    LINK_ALERT: ("conn child peer text", struct.Struct("=96s64s" + ADDR + TEXT)),
    KNOCK: ("peer local", struct.Struct("=" + ADDR + ADDR)),
    SILENT: ("peer conn id since", struct.Struct("=" + ADDR + "96sII")),
}


def run(command, check=True, **kwargs):
    "Runs a shell command; its output, or an exception with it."
    done = subprocess.run(
        command, shell=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, **kwargs
    )
    if check and done.returncode:
        raise AssertionError("{}: exit status {}\n{}".format(command, done.returncode, done.stdout))
    return done.stdout


def wait_for(state, what, timeout=20):
    "Polls state() until it is true; its value.  Fails with the last one."
    end = time.monotonic() + timeout
    while True:
        value = state()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError("after {} s still not: {}: {!r}".format(timeout, what, value))
        time.sleep(0.05)


def pack_addr(text):
    if text is None:
        return struct.pack("=" + ADDR, 0, 0, b"")
    family = socket.AF_INET6 if ":" in text else socket.AF_INET
    return struct.pack("=" + ADDR, family, 0, socket.inet_pton(family, text))


def unpack(kind, body):
    names, layout = BODIES[kind]
    values = list(layout.unpack(body))
    message = {"type": kind}
    for name in names.split():
        if name in ("peer", "local"):
            family, _, octets = values[:3]
            del values[:3]
            size = 4 if family == socket.AF_INET else 16
            message[name] = socket.inet_ntop(family, octets[:size]) if family else None
            continue
        value = values.pop(0)
        message[name] = value.split(b"\0")[0].decode() if isinstance(value, bytes) else value
    return message


class Client:
    "vpnd's part of wire/plugin.h."

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.connect(path)
        self.socket.settimeout(0.05)
        self.octets = b""
        self.next_id = 1
        self.done = {}
        self.events = []
        self.closed = False
        self.hello = self.wait(lambda: [e for e in self.events if e["type"] == HELLO], "HELLO")[0]

    def close(self):
        self.socket.close()

    def poll(self):
        "Takes in what is there, or waits a moment."
        try:
            got = self.socket.recv(1 << 20)
        except socket.timeout:
            return
        except ConnectionResetError:
            got = b""
        if not got:
            self.closed = True
            return
        self.octets += got
        offset = 0
        while len(self.octets) - offset >= HEADER.size:
            size, kind, _, number = HEADER.unpack_from(self.octets, offset)
            if len(self.octets) - offset < size:
                break
            message = unpack(kind, self.octets[offset + HEADER.size : offset + size])
            offset += size
            if kind == DONE:
                self.done[number] = message
            else:
                self.events.append(message)
        self.octets = self.octets[offset:]

    def wait(self, state, what, timeout=20):
        def polled():
            value = state()
            if not value and not self.closed:
                self.poll()
                value = state()
            return value

        return wait_for(polled, what, timeout)

    def message(self, kind, body=b""):
        "A request as octets, and its id."
        number = self.next_id
        self.next_id += 1
        return number, HEADER.pack(HEADER.size + len(body), kind, 0, number) + body

    def send(self, octets):
        "Sends all, taking in what comes meanwhile."
        rest = memoryview(octets)
        while rest:
            reads, writes, _ = select.select([self.socket], [self.socket], [], 20)
            if not reads and not writes:
                raise AssertionError("the plugin neither reads nor writes")
            if writes:
                self.socket.setblocking(False)
                rest = rest[self.socket.send(rest) :]
                self.socket.settimeout(0.05)
            if reads:
                self.poll()

    def batch(self, requests, timeout=60):
        "Sends requests (kind, body) in one go; their DONEs."
        numbered = [self.message(kind, body) for kind, body in requests]
        self.send(b"".join(octets for _, octets in numbered))
        last = numbered[-1][0]
        self.wait(lambda: last in self.done, "DONE of the last of {} requests".format(len(requests)), timeout)
        return [self.done.pop(number) for number, _ in numbered]

    def request(self, kind, body=b"", error=0):
        done = self.batch([(kind, body)])[0]
        assert done["error"] == error, done
        return done

    @staticmethod
    def config_body(local, prefix_len=16):
        return pack_addr(local) + struct.pack("=B3x", prefix_len)

    @staticmethod
    def in_body(label, if_id):
        return struct.pack("=II", label, if_id)

    @staticmethod
    def out_body(peer, label, if_id, label_len=16):
        return pack_addr(peer) + struct.pack("=IIB3x", label, if_id, label_len)

    def config(self, local, prefix_len=16, error=0):
        return self.request(CONFIG, self.config_body(local, prefix_len), error)

    def label_in(self, label, if_id, error=0):
        return self.request(LABEL_IN, self.in_body(label, if_id), error)

    def label_in_del(self, label, if_id, error=0):
        return self.request(LABEL_IN_DEL, self.in_body(label, if_id), error)

    def label_out(self, peer, label, if_id, label_len=16, error=0):
        return self.request(LABEL_OUT, self.out_body(peer, label, if_id, label_len), error)

    def label_out_del(self, peer, label, if_id, label_len=16, error=0):
        return self.request(LABEL_OUT_DEL, self.out_body(peer, label, if_id, label_len), error)

    @staticmethod
    def link_body(conn, child, if_id, vpn_id=None, signal=0):
        "vpn_id: hexadecimal digits."
        return struct.pack(
            "=96s64sIB7sB3x", conn.encode(), child.encode(), if_id, vpn_id is not None,
            bytes.fromhex(vpn_id or ""), signal,
        )

    def link(self, conn, child, if_id, vpn_id=None, signal=0, error=0):
        return self.request(LINK, self.link_body(conn, child, if_id, vpn_id, signal), error)

    def link_del(self, conn, child, if_id, error=0):
        return self.request(LINK_DEL, self.link_body(conn, child, if_id), error)

    def last(self, kind, **values):
        "The newest event of a kind about these values, or None."
        for event in reversed(self.events):
            if event["type"] == kind and all(event[name] == value for name, value in values.items()):
                return event
        return None

    def wait_peer(self, peer, timeout=20, **values):
        "Waits until the newest PEER_IS of a peer has these values."

        def now():
            event = self.last(PEER_IS, peer=peer)
            return event if event and all(event[name] == value for name, value in values.items()) else None

        try:
            return self.wait(now, "peer {} with {}".format(peer, values), timeout)
        except AssertionError as error:
            raise AssertionError("{}; events: {}".format(error, self.events[-5:])) from None

    def wait_out(self, peer, label, up, timeout=20):
        def now():
            event = self.last(OUT_IS, peer=peer, label=label)
            return event if event and event["up"] == up else None

        return self.wait(now, "label {} to {} {}".format(label, peer, "up" if up else "down"), timeout)

    def wait_alert(self, words, timeout=20, kind=ALERT):
        def found():
            return [e for e in self.events if e["type"] == kind and re.search(words, e["text"])]

        try:
            return self.wait(found, "an alert with {!r}".format(words), timeout)[-1]
        except AssertionError as error:
            texts = [e["text"] for e in self.events if e["type"] == kind]
            raise AssertionError("{} among {}".format(error, texts)) from None

    def counters(self, peer):
        self.events = [e for e in self.events if e["type"] != COUNTERS]
        self.request(COUNTERS_GET)
        return self.last(COUNTERS, peer=peer)


class Pe:
    "A PE: namespace, charon, directory."

    def __init__(self, name, address, directory):
        self.name = name
        self.address = address
        self.dir = os.path.join(directory, name)
        self.charon = None
        self.client = None
        os.makedirs(self.dir, exist_ok=True)
        run("ip netns add {}".format(name))
        self.run("ip link set lo up")
        self.run("sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0")

    def run(self, command, check=True):
        return run("ip netns exec {} {}".format(self.name, command), check)

    def path(self, name):
        return os.path.join(self.dir, name)

    def start_charon(self, charon=CHARON, extra="", wait=True, plugins=PLUGINS):
        with open(self.path("strongswan.conf"), "w") as conf:
            conf.write(
                """
include /etc/strongswan.conf
charon {{
    load_modular = no
    load = {plugins}
    spi_min = 0x100
    spi_max = 0x7fffffff
    install_routes = no
    retransmit_tries = 3
    retransmit_timeout = 1
    retransmit_base = 1.2
    delete_rekeyed_delay = 2
    {extra}
    filelog {{
        log {{
            path = {dir}/charon.log
            flush_line = yes
            time_format = %H:%M:%S
            time_precision = ms
            default = 1
            ike = 1
            chd = 2
        }}
    }}
    plugins {{
        vici {{
            socket = unix://{dir}/vici
        }}
        vpnspi {{
            socket = unix://{dir}/vpnspi
        }}
    }}
}}
swanctl {{
    load = pem openssl
}}
""".format(dir=self.dir, plugins=plugins, extra=extra)
            )
        for name in ("vici", "vpnspi"):
            if os.path.exists(self.path(name)):
                os.unlink(self.path(name))
        command = ["ip", "netns", "exec", self.name]
        if os.environ.get("VPNSPI_CHARON_PRELOAD"):
            # a plugin built with sanitizers wants their libraries there before charon
            command += ["env", "LD_PRELOAD=" + os.environ["VPNSPI_CHARON_PRELOAD"]]
        self.charon = subprocess.Popen(
            command + [charon],
            env=dict(os.environ, STRONGSWAN_CONF=self.path("strongswan.conf")),
            stdin=subprocess.DEVNULL,
            stdout=open(self.path("charon.out"), "a"),
            stderr=subprocess.STDOUT,
        )
        if wait:
            wait_for(lambda: os.path.exists(self.path("vici")), "VICI of " + self.name)

    def log(self):
        with open(self.path("charon.log")) as log:
            return log.read()

    def connect(self, prefix_len=16, config=True):
        "Connects the client; says CONFIG."
        if self.client:
            self.client.close()
        wait_for(lambda: os.path.exists(self.path("vpnspi")), "the plugin's socket of " + self.name)
        self.client = Client(self.path("vpnspi"))
        if config:
            self.client.config(self.address, prefix_len)
        return self.client

    def stop_charon(self, how=signal.SIGTERM):
        "Its exit status, or None if it does not run."
        if not self.charon:
            return None
        self.charon.send_signal(how)
        status = self.charon.wait(30)
        self.charon = None
        if self.client:
            self.client.close()
            self.client = None
        return status

    def swanctl(self, command, check=True):
        return self.run(
            "env STRONGSWAN_CONF={0}/strongswan.conf swanctl {1} --uri unix://{0}/vici".format(self.dir, command), check
        )

    def load(self, peers, secret=SECRET, rekey=3600, life=4000, esp="aes256gcm16", **extra):
        "Loads a connection to each peer address."
        with open(self.path("swanctl.conf"), "w") as conf:
            conf.write("connections {\n")
            for peer in peers:
                conf.write(CONNECTION.format(
                    name=extra.get("name", "vpnd-pe-") + re.sub("[.:]", "-", peer), local=self.address, peer=peer, rekey=rekey,
                    life=life, esp=esp, more=extra.get("more", ""), child=extra.get("child", "")))
            conf.write("}}\nsecrets {{\n ike-vpn {{\n  secret = \"{}\"\n }}\n}}\n".format(secret))
        return self.swanctl("--load-all --clear --noprompt --file " + self.path("swanctl.conf"))

    def initiate(self, check=True):
        return self.swanctl("--initiate --child vpn --timeout 20", check)

    def sas(self, src=None, dst=None):
        "Label SAs in the kernel: SPI (a number) → text."
        out = self.run("ip -s xfrm state")
        found = {}
        for block in re.split(r"\n(?=src )", out.strip()):
            match = re.search(r"^src (\S+) dst (\S+)\n.*?spi 0x([0-9a-f]+)", block, re.S)
            if not match or (src and match.group(1) != src) or (dst and match.group(2) != dst):
                continue
            found[int(match.group(3), 16)] = block
        return found

    def counts(self):
        "How many SAs and policies the kernel has: sas, in, out, fwd."
        text = self.run("ip xfrm state count") + self.run("ip xfrm policy count")
        found = re.findall(r"(SAD count|IN|OUT|FWD) +(\d+)", text)
        return {name.replace("SAD count", "sas").lower(): int(number) for name, number in found}

    def remove(self):
        self.stop_charon()
        run("ip netns del {}".format(self.name), check=False)


CONNECTION = """
 {name} {{
  version = 2
  local_addrs = {local}
  remote_addrs = {peer}
  proposals = aes256gcm16-prfsha384-x25519
  mobike = no
  keyingtries = 1
  rekey_time = 36000
  {more}
  local {{
   auth = psk
   id = {local}
  }}
  remote {{
   auth = psk
   id = {peer}
  }}
  children {{
   vpn {{
    local_ts = 0.0.0.0/0,::/0
    remote_ts = 0.0.0.0/0,::/0
    esp_proposals = {esp}
    mode = tunnel
    policies = no
    rekey_time = {rekey}
    life_time = {life}
    rand_time = 0
    {child}
   }}
  }}
 }}
"""


def join(left, right, name="core", prefix=24):
    "A veth between two PEs."
    run("ip link add {0} netns {1} type veth peer name {0} netns {2}".format(name, left.name, right.name))
    for pe in (left, right):
        pe.run("ip addr add {}/{} dev {} {}".format(pe.address, prefix, name, "nodad" if ":" in pe.address else ""))
        pe.run("ip link set {} up".format(name))


def vrf_side(pe, if_in, if_out, inner, other, core="core"):
    "A receiving and a sending xfrm interface, an inner address, a route to the other."
    names = "i{}".format(if_in), "o{}".format(if_out)
    for name, if_id in zip(names, (if_in, if_out)):
        pe.run("ip link add {} type xfrm dev {} if_id {}".format(name, core, if_id))
        pe.run("sysctl -qw net.ipv6.conf.{}.router_solicitations=0 net.ipv6.conf.{}.addr_gen_mode=1".format(name, name))
        pe.run("ip link set {} mtu 1400 up".format(name))
    pe.run("ip addr add {} dev {}".format(inner, names[0]))
    pe.run("ip route add {} dev {} src {}".format(other, names[1], inner))
