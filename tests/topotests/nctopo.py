# SPDX-License-Identifier: GPL-2.0-or-later
"""
What the tests of netconfd share: a router that runs it, keys and certificates,
and clients, which are not ours: ncclient, in the router's network namespace.
"""
import contextlib
import os
import socket
import ssl

import pytest
import vpntopo as vpn
from lib.topogen import Topogen, TopoRouter, get_topogen
from lxml import etree
from ncclient import manager
from ncclient.operations.rpc import RPCError
from ncclient.transport.tls import TLSSession

TopoRouter.RD[101] = "netconfd"

KEYS = "/tmp/netconf-keys"
VPN_NS = "http://frrouting.org/yang/vpnd"
NC = "urn:ietf:params:xml:ns:netconf:base:1.0"

# staticd of FRR 10.3 crashes when the last of it is removed as a whole; so there is always a route
ALWAYS = "203.0.113.1/32"

CONFIG = """
ip route {always} blackhole
hostname {name}
netconf
 ssh host-key {keys}/host
 tls certificate {keys}/server.pem key {keys}/server.key ca {keys}/ca.pem
 tls client 10 common-name
 user admin
 user admin public-key {keys}/admin.pub
 user admin write
 user guest
 user guest public-key {keys}/guest.pub
 listen ssh 127.0.0.1 port 830
 listen tls 127.0.0.1 port 6513
{more}exit
"""


class NetconfRouter(vpn.VpnRouter):
    "A router that runs netconfd."

    def __init__(self, name, *args, **params):
        super().__init__(name, *args, **params)
        self.daemons["netconfd"] = 0


def make_keys(router):
    "Keys of SSH, and certificates of one CA: of the server, admin, guest and a stranger's own CA."
    script = """
set -e
rm -rf {0}; mkdir -p {0}; cd {0}
ssh-keygen -q -t ecdsa -m PEM -N '' -f host
for key in admin guest stranger; do ssh-keygen -q -t ed25519 -N '' -f $key; done
for ca in ca strangers-ca; do
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 -subj /CN=$ca \\
        -keyout $ca.key -out $ca.pem 2> /dev/null
done
certificate() # NAME CA EXTENSION
{{
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=${{1#cert-}} -keyout $1.key -out $1.csr 2> /dev/null
    printf '%s\\n' "$3" > $1.ext
    openssl x509 -req -in $1.csr -CA $2.pem -CAkey $2.key -CAcreateserial -days 30 -extfile $1.ext -out $1.pem 2> /dev/null
}}
certificate server ca subjectAltName=IP:127.0.0.1
certificate cert-branch ca extendedKeyUsage=serverAuth
certificate cert-admin ca extendedKeyUsage=clientAuth
certificate cert-guest ca extendedKeyUsage=clientAuth
certificate cert-stranger strangers-ca extendedKeyUsage=clientAuth
chown -R frr:frr .
""".format(KEYS)
    router.net.cmd_raises("sh -s", stdin=script)


def start(tgen, name, daemons=("zebra", "staticd"), more="", config=""):
    "A router with netconfd, when somebody can come."
    router = tgen.gears[name]
    make_keys(router)
    path = "/tmp/{}-netconf.conf".format(name)
    with open(path, "w", encoding="ascii") as file:
        file.write(CONFIG.format(name=name, keys=KEYS, more=more, always=ALWAYS) + config)
    daemons = tuple(daemons) + ("netconfd",)
    router.load_frr_config(path, [(vpn.daemon_id(d), vpn.daemon_options(d)) for d in daemons])
    router.start()
    wait_listening(router)
    return router


def r1():
    "The only router of most topologies."
    return get_topogen().gears["r1"]


def start_r1(module, **options):
    "A topology with r1 only, as start() has it."
    tgen = Topogen(lambda t: t.add_switch("backbone").add_link(t.add_router("r1", cls=NetconfRouter)), module.__name__)
    tgen.start_topology()
    start(tgen, "r1", **options)


def stop_r1():
    get_topogen().stop_topology()


def configure(*lines):
    "Lines below netconf, at r1."
    vpn.vtysh(r1(), "configure terminal", "netconf", *lines)


def listened():
    return int(r1().net.cmd_raises("grep -c 'NETCONF: listening on' /tmp/gearlogdir/netconfd.log || true"))


@contextlib.contextmanager
def listening_anew():
    "What changes below netconf has netconfd close its sockets and open them again, a moment later."
    before = listened()
    yield
    vpn.wait_for("netconfd listens anew", lambda: listened() > before)


def wait_listening(router, sockets=2):
    vpn.wait_for("netconfd listens", lambda: (lambda s: s["listening"] >= sockets and s["mgmtd"] or fail(s))(state(router)))


def fail(value):
    raise ValueError(value)


def error_of(call, *args, **kwargs):
    "The RPCError that a call raises."
    with pytest.raises(RPCError) as info:
        call(*args, **kwargs)
    return info.value


def state(router):
    return vpn.show(router, "show netconf")


def sessions(router):
    return vpn.show(router, "show netconf sessions")["sessions"]


@contextlib.contextmanager
def inside(router):
    "This thread opens its sockets in the router's network namespace."
    home = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    there = os.open("/proc/{}/ns/net".format(router.net.pid), os.O_RDONLY)
    try:
        os.setns(there, os.CLONE_NEWNET)
        yield
    finally:
        os.setns(home, os.CLONE_NEWNET)
        os.close(home)
        os.close(there)


def connect(router, user="admin", key=None, port=830, **options):
    "A session of ncclient over SSH."
    with inside(router):
        return manager.connect(
            host="127.0.0.1",
            port=port,
            username=user,
            key_filename="{}/{}".format(KEYS, key or user),
            password="",  # ncclient 0.6.17 wants one, or it cannot read a key
            hostkey_verify=False,
            allow_agent=False,
            look_for_keys=False,
            timeout=60,
            **options,
        )


def called_home(router, port, user="admin"):
    "The session of ncclient that the router calls home for, over SSH."
    with inside(router):
        return manager.call_home(
            host="127.0.0.1",
            port=port,
            username=user,
            key_filename="{}/{}".format(KEYS, user),
            password="",  # as above
            hostkey_verify=False,
            allow_agent=False,
            look_for_keys=False,
            timeout=60,
        )


def connect_tls(router, user="admin", port=6513, **options):
    "A session of ncclient over TLS."
    with inside(router):
        return manager.connect_tls(
            host="127.0.0.1",
            port=port,
            keyfile="{}/cert-{}.key".format(KEYS, user),
            certfile="{}/cert-{}.pem".format(KEYS, user),
            ca_certs="{}/ca.pem".format(KEYS),
            protocol=ssl.PROTOCOL_TLS_CLIENT,
            server_hostname="127.0.0.1",
            timeout=60,
            **options,
        )


class HomeSession(TLSSession):
    "ncclient's session over TLS, on a connection that the server opened: ncclient calls home over SSH only."

    def connect(self, sock):  # pylint: disable=W0221
        self._host = sock.getpeername()[0]
        self._socket = sock
        self._connected = True
        self._post_connect()


class Home:
    "Where a router calls home over TLS: a listening socket, and a certificate of ours."

    def __init__(self, router, port, user="admin", ca="ca", address="127.0.0.1"):
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        with inside(router):
            self.socket = socket.create_server((address, port), family=family, backlog=16)
        self.socket.settimeout(60)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        # who it is says the name in its certificate, wherever it calls from
        self.context.check_hostname = False
        self.context.load_cert_chain("{}/cert-{}.pem".format(KEYS, user), "{}/cert-{}.key".format(KEYS, user))
        self.context.load_verify_locations("{}/{}.pem".format(KEYS, ca))

    def __enter__(self):
        return self

    def __exit__(self, *args):
        self.socket.close()

    def accept(self, timeout=60):
        "A connection, as it comes."
        self.socket.settimeout(timeout)
        sock = self.socket.accept()[0]
        sock.settimeout(60)
        return sock

    def handshake(self, sock):
        return self.context.wrap_socket(sock)

    def session(self, timeout=60):
        "The session of the next one who calls, and the name in its certificate."
        sock = self.handshake(self.accept(timeout))
        name = dict(part[0] for part in sock.getpeercert()["subject"])["commonName"]
        handler = manager.make_device_handler(None)
        session = HomeSession(handler)
        session.connect(sock)
        made = manager.Manager(session, handler, timeout=60)
        # netconfd's hello comes before it has ours: a session that has answered is one in all that is shown
        assert made.get_config("running").ok
        return made, name


ROUTE = """
<route-list{mark}><prefix>{prefix}</prefix><src-prefix>::/0</src-prefix>
 <afi-safi xmlns:rt="http://frrouting.org/yang/routing">rt:ipv4-unicast</afi-safi>
 <path-list><table-id>0</table-id><distance>1</distance><frr-nexthops><nexthop>
  <nh-type>blackhole</nh-type><vrf>default</vrf><gateway/><interface>(null)</interface><bh-type>null</bh-type>
 </nexthop></frr-nexthops></path-list>
</route-list>"""
ROUTING = """
<routing xmlns="http://frrouting.org/yang/routing"><control-plane-protocols><control-plane-protocol>
 <type xmlns:st="http://frrouting.org/yang/staticd">st:staticd</type><name>staticd</name><vrf>default</vrf>
 <staticd xmlns="http://frrouting.org/yang/staticd">{}</staticd>
</control-plane-protocol></control-plane-protocols></routing>"""


def config(*parts):
    return '<config xmlns="{0}" xmlns:nc="{0}">{1}</config>'.format(NC, "".join(parts))


def mark(operation):
    return ' nc:operation="{}"'.format(operation) if operation else ""


def route(prefix, operation=None):
    return ROUTE.format(prefix=prefix, mark=mark(operation))


def routes(*prefixes, operation=None):
    "Blackhole routes of staticd, for <config>."
    return ROUTING.format("".join(route(p, operation) for p in prefixes))


def profile(name, lifetime=None, operation=None):
    "An IPsec profile of vpnd, for <config>."
    return (
        '<vpn xmlns="{ns}"><ipsec-profile{mark}><name>{name}</name>{lifetime}</ipsec-profile></vpn>'.format(
            ns=VPN_NS,
            mark=mark(operation),
            name=name,
            lifetime="<lifetime>{}</lifetime>".format(lifetime) if lifetime else "",
        )
    )


def prefixes_in(reply):
    "The routes in a reply, but for the one that is always there."
    return sorted(p for p in texts(reply, "http://frrouting.org/yang/staticd", "prefix") if p != ALWAYS)


def texts(reply, ns, name):
    return [e.text for e in etree.fromstring(reply.xml.encode()).iter("{{{}}}{}".format(ns, name))]
