# SPDX-License-Identifier: GPL-2.0-or-later
"""
Two customers' VPNs built from an empty database by vpnctl alone, and changed while they carry traffic.  A CE has what
"vpnctl ce preconfigure" says, filters what its provider sends, and calls its server: at its start, when somebody whom it does
not know knocks, and when the server tells it to (mode notify; delft is never told, mode pull).  turin calls nobody: the
server comes to it, over SSH (mode push).

     red:  paris, rome, oslo     static routes; hub and spoke, then full mesh
     blue: paris, turin, delft   OSPF over the links, full mesh
                                 the topology and the addresses: vpnsites.py

The tests follow each other: each begins with what the one before left.
"""
import os

import pytest

import vpnsites as sites
import vpntopo as vpn
from lib.topogen import get_topogen

servers = {}
NOTIFY = ("--mode", "notify")
PULL = ("--mode", "pull")
pytestmark = [pytest.mark.netconfd, pytest.mark.ospfd, pytest.mark.vpnd]


def setup_module(module):
    sites.start_network(module.__name__)


def teardown_module(_module):
    get_topogen().stop_topology()


def test_built_from_an_empty_database():
    "vpnctl describes two VPNs and their first four CEs; each CE is shipped; the server makes them VPNs."
    sites.vpnctl("vpn", "add", "red", "--vpn-id", "00a0c9:1", "--topology", "hub-and-spoke", "--prefix", "10.0.0.0/8")
    sites.vpnctl("vpn", "add", "blue", "--vpn-id", "00a0c9:2", "--topology", "full-mesh", "--routing", "dynamic")
    sites.add("red", "paris", "--hub", *NOTIFY)
    sites.add("red", "rome", *NOTIFY)
    sites.add("blue", "paris", "--link-name", "paris-b")
    how, ssh_key = sites.ssh_keys("turin")
    sites.add("blue", "turin", *how)
    sites.add("blue", "delft", *PULL)
    sites.start_ce("turin", push="ssh")
    for name in ("paris", "rome", "delft"):
        # what rome and delft are delivered with is for their way there
        sites.preconfigure(name, *(("--days", "7") if name != "paris" else ()))
        sites.start_ce(name)
    servers["server-a"] = sites.Server("server-a", ssh_key)
    sites.wait_provisioned("paris", "rome", "turin", "delft")
    sites.wait_reach("red", "paris", "rome")
    sites.wait_reach("blue", "paris", "turin", "delft")
    note_secrets()
    assert {n: ce["mode"] for n, ce in sites.status()["ces"].items()} == {"paris": "notify", "rome": "notify", "turin": "push", "delft": "pull"}
    # it listens for SSH alone
    assert "session 1 of server-a from " in sites.gear("turin").net.cmd_raises("cat /tmp/gearlogdir/netconfd.log")
    for name in ("paris", "rome", "delft"):
        said = sites.provisioning(name)
        assert said["identity"] == name and said["filtered"], said
        assert said["version"] == sites.ce_status(name)["version"], (said, sites.ce_status(name))
        assert vpn.ping(sites.gear("core"), sites.address(name), 3, wait=1)[1] == 0  # filtered


def test_each_vpn_reaches_its_own_sites_only():
    "Exact counts: what is sent in a VPN arrives at its site of that address, and at no other."
    for vpn_name, names in (("red", ("paris", "rome")), ("blue", ("paris", "turin", "delft"))):
        for name in names:
            for other in names:
                if name == other:
                    continue
                before = sites.echoes()
                assert sites.ping(vpn_name, name, other) == (10, 10), (vpn_name, name, other)
                after = sites.echoes()
                assert {n: after[n] - before[n] for n in after} == {n: 10 if n == other else 0 for n in after}


def test_ces_make_their_own_keys():
    """
    rome and delft at their first sessions, as what they were delivered with ends soon; paris when somebody says so, under traffic, with no loss.
    Whoever has another one shows it at once, also who is never told to come (delft).
    """
    for name in ("rome", "delft"):
        vpn.wait_for(name + " has shown the certificate of its own key", lambda n=name: sites.credentials(n))
    flow = sites.Flow("red", "rome", "paris")
    before = sites.credentials("paris")
    assert before == (sites.CREDENTIALS + "/certificate.pem", sites.CREDENTIALS + "/key.pem")
    sites.vpnctl("key", "renew", "paris")
    vpn.wait_for("paris has another key", lambda: sites.credentials("paris") != before)
    vpn.wait_for("nothing is left to be renewed", lambda: not any("certificateToRenew" in ce for ce in sites.status()["ces"].values()))
    sites.wait_provisioned("paris", "rome")
    flow.wait_packets(20)
    sent, received = flow.stop()
    assert sent == received
    for name in ("rome", "paris", "delft"):
        certificate, key = sites.credentials(name)
        router = sites.gear(name).net
        assert router.cmd_raises("stat -c '%a %U' " + key).split() == ["600", "frr"]
        public = "openssl {} -noout -pubkey -in {}".format("x509", certificate), "openssl pkey -pubout -in {}".format(key)
        assert router.cmd_raises(public[0]) == router.cmd_raises(public[1])
        vpn.wait_for(name + " has it in its file", lambda r=router, c=certificate: c in r.cmd_raises("cat /etc/frr/frr.conf"))
        # … and what it was shipped with is nobody's any more
        sites.wait_files(name, certificate, key)
    assert sites.status()["expiring"] == {}


def keys(name):
    "Profile → key, as the CE's running configuration has them."
    found, profile = {}, None
    for line in vpn.vtysh(sites.gear(name), "show running-config").splitlines():
        words = line.split()
        if words[:1] == ["ipsec-profile"] and line.startswith(" ipsec"):
            profile = words[1]
        elif words[:2] == ["authentication", "pre-shared-key"]:
            found[profile] = words[2]
    return found


def test_a_site_joins_under_traffic():
    "oslo joins the hub: nothing is lost between the sites that are there, and only the hub and oslo are told."
    versions = {name: sites.ce_status(name)["version"] for name in sites.NUMBERS if sites.ce_status(name)}
    red = sites.Flow("red", "rome", "paris")
    blue = sites.Flow("blue", "turin", "delft")
    red.wait_packets(20)
    sites.add("red", "oslo", *NOTIFY)
    sites.preconfigure("oslo")
    sites.start_ce("oslo")
    sites.wait_provisioned("paris", "oslo")
    sites.wait_reach("red", "paris", "rome", "oslo")
    for flow in (red, blue):
        flow.wait_packets(20)
        sent, received = flow.stop()
        assert sent == received
    after = {name: sites.ce_status(name)["version"] for name in versions}
    assert {name for name in versions if versions[name] != after[name]} == {"paris"}
    assert set(sites.links("rome")) == {"paris"}


def test_hub_and_spoke_becomes_a_full_mesh():
    "rome and oslo speak over the hub, then directly; who speaks with the hub notices nothing."
    before = sites.forwarded("paris")
    assert sites.ping("red", "rome", "oslo") == (10, 10)
    assert sites.forwarded("paris") - before == 20
    flow = sites.Flow("red", "oslo", "paris")
    flow.wait_packets(20)
    sites.vpnctl("topology", "set", "red", "full-mesh")
    sites.wait_provisioned("paris", "rome", "oslo")
    for name, other in (("rome", "oslo"), ("oslo", "rome")):
        sites.wait_link(name, other)
        vpn.wait_route(sites.gear(name), "red", sites.prefix("red", other))
    flow.wait_packets(20)
    sent, received = flow.stop()
    assert sent == received
    sites.wait_reach("red", "rome", "oslo")
    before = sites.forwarded("paris")
    assert sites.ping("red", "rome", "oslo") == (10, 10)
    assert sites.forwarded("paris") == before


def test_keys_rotate_under_traffic():
    "Each pair has a new key and all links are the same ones; nothing is lost; the new keys are what counts."
    names = sites.SITES["red"]
    old = {name: keys(name) for name in names}
    flows = [sites.Flow("red", a, b) for a, b in (("rome", "paris"), ("oslo", "rome"))]
    for flow in flows:
        flow.wait_packets(20)
    note_secrets()
    sites.vpnctl("key", "rotate", "red")
    note_secrets()
    vpn.wait_for("the rotation has ended", lambda: not sites.status()["rotations"])
    sites.wait_provisioned(*names)
    for flow in flows:
        flow.wait_packets(20)
        sent, received = flow.stop()
        assert sent == received
    new = {name: keys(name) for name in names}
    for name in names:
        for other in names:
            if name != other:
                profile = "vpn:red:" + other
                assert new[name][profile] == new[other]["vpn:red:" + name] != old[name][profile]
        assert {p: k for p, k in new[name].items() if ":blue:" in p} == {p: k for p, k in old[name].items() if ":blue:" in p}
    vpn.vtysh(sites.gear("rome"), "clear vpn tunnel-link all")
    sites.wait_reach("red", "rome", "paris", "oslo")


secrets = set()


def note_secrets():
    "What is secret in the database now, and the private keys that are there: lines to search for."
    said = sites.gear("server").net.cmd_raises(
        "sqlite3 -cmd '.timeout 10000' {}/vpn.db 'SELECT secret FROM psk UNION SELECT private_key FROM authority'".format(sites.FOLDER)
    )
    said += sites.gear("server").net.cmd_raises("cat {}/server {}/*/key.pem".format(sites.FOLDER, sites.FOLDER))
    for name in sites.NUMBERS:
        said += sites.gear(name).net.cmd_raises("cat {}/key*.pem 2> /dev/null || true".format(sites.CREDENTIALS))
    secrets.update(line for line in said.split() if len(line) > 40)


def with_secrets(name, *where):
    "Files below, in which one of them is."
    with open(sites.FOLDER + "/secrets", "w", encoding="ascii") as file:
        file.write("\n".join(sorted(secrets)) + "\n")
    return sites.gear(name).net.cmd_raises("grep -rlFf {}/secrets {} || true".format(sites.FOLDER, " ".join(where))).split()


def test_no_secret_is_in_a_log_or_a_file_that_others_read():
    """
    Keys of pairs, before, during and after their rotation, and private keys: not in what vpn-serverd, vpnctl and the CEs' daemons
    have logged or said; in the server's files only where they belong, and those are their owner's alone.
    """
    note_secrets()
    # red: three pairs of two generations, blue: three; the authority's, the server's, and each CE's private key
    assert len([s for s in secrets if s.startswith("0x")]) == 9 and len(secrets) > 20
    server = sites.gear("server").net
    for name in ("server",) + tuple(sites.NUMBERS):
        assert with_secrets(name, "/tmp/gearlogdir") == [], name
    with open(sites.FOLDER + "/said", "w", encoding="utf8") as file:
        file.write("\n".join(sites.said))
        for command in (("export",), ("status",), ("status", "--json"), ("ce", "show", "paris", "--config"), ("vpn", "show", "--json"),
                        ("key", "authority"), ("key", "crl"), ("topology", "show", "red", "--json")):
            file.write(sites.vpnctl(*command))
    found = set(with_secrets("server", sites.FOLDER)) - {sites.FOLDER + "/secrets"}
    allowed = {sites.FOLDER + name for name in ("/vpn.db", "/vpn.db-wal", "/server")}
    allowed |= {"{}/{}/key.pem".format(sites.FOLDER, name) for name in sites.NUMBERS}
    assert sites.FOLDER + "/paris/key.pem" in found and found <= allowed, found
    for path in found:
        assert server.cmd_raises("stat -c '%a %U' " + path).split() == ["600", "root"], path
    # what the server has open is nothing but its database
    opened = server.cmd_raises("ls -l /proc/$(cat {}/server-a.background)/fd".format(vpn.RUN))
    files = {word for line in opened.splitlines() for word in line.split()[-1:] if word.startswith("/") and not word.startswith("/dev/")}
    assert files <= {sites.FOLDER + name for name in ("/vpn.db", "/vpn.db-wal", "/vpn.db-shm", "/server")} | {path for path in files if path.endswith("/server-a.stderr")}, files
    os.unlink(sites.FOLDER + "/secrets")


def test_a_site_is_removed_by_provisioning_it():
    "oslo's peers lose its link, then oslo all of its VPN; nobody else loses a packet; then nobody knows oslo."
    flow = sites.Flow("red", "rome", "paris")
    flow.wait_packets(20)
    sites.vpnctl("ce", "remove", "oslo")
    vpn.wait_for("oslo is forgotten", lambda: not sites.ce_status("oslo"))
    sites.wait_provisioned("paris", "rome")
    flow.wait_packets(20)
    sent, received = flow.stop()
    assert sent == received
    vpn.wait_for("rome has no link to oslo", lambda: set(sites.links("rome")) == {"paris"})
    vpn.wait_for("paris has no link to oslo", lambda: "oslo" not in sites.links("paris"))
    vpn.wait_for("oslo has no link", lambda: sites.links("oslo") == {})
    assert keys("oslo") == {}
    assert " dev red0 " in sites.gear("oslo").net.cmd_raises("ip route show vrf red").replace("\n", " ")
    assert "static" not in sites.gear("oslo").net.cmd_raises("ip route show vrf red")
    assert not sites.reaches("red", "oslo", "paris")


def test_a_site_disappears_from_the_database():
    "delft is forgotten: nobody tells it; its peers drop it, its links end, and it comes in no more."
    sites.vpnctl("ce", "remove", "delft", "--forget")
    assert not sites.ce_status("delft")
    sites.wait_provisioned("paris", "turin")
    for name in ("paris", "turin"):
        vpn.wait_for(name + " has no link to delft", lambda n=name: "delft" not in sites.links(n))
    assert set(sites.links("delft")) == {"paris-b", "turin"}  # what it was told is there …
    for name in ("paris-b", "turin"):  # … and of no use
        vpn.wait_for("delft: link {} is not up".format(name), lambda n=name: sites.link("delft", n)["state"] != "up", 90)
    assert not sites.reaches("blue", "delft", "turin")
    assert sites.ping("blue", "turin", "paris") == (10, 10)


def test_a_ce_goes_to_the_next_server():
    """
    server-a is killed, perhaps while rome calls it; server-b, of the same database, has rome come, which finds nobody at
    its first server and goes to this one.
    """
    vpn.vtysh(sites.gear("rome"), "configure terminal", "vpn", "customer-edge", "server {} port 5335".format(sites.SERVER))
    servers["server-a"].end("KILL")
    servers["server-b"] = sites.Server("server-b", "--tls-port 5335 --ssh-port 0")
    before = sites.credentials("rome")
    sites.vpnctl("key", "renew", "rome")
    vpn.wait_for("rome has another key", lambda: sites.credentials("rome") not in (None, before))
    vpn.wait_for("rome says that it was server-b", lambda: sites.provisioning("rome")["port"] == 5335)
    assert "{} port 5335, ".format(sites.SERVER) in vpn.vtysh(sites.gear("rome"), "show vpn provisioning")
    assert sites.ping("red", "rome", "paris") == (10, 10)
