# SPDX-License-Identifier: GPL-2.0-or-later
"""
A VPN of three sites, two servers on one PostgreSQL database, and what goes wrong: programs killed at the worst moment,
CEs that refuse, are not who or where they say, or are trusted no more.

     paris, rome, oslo     red, full mesh, static routes; the network and the addresses: vpnsites.py
                           paris is a customer edge that calls nobody, as preconfigured; the others are set up by hand
     server                vpn-serverd twice (server-a, server-b), postgres

The tests follow each other: each begins with what the one before left.
"""
import os
import re
import signal

import pytest

import vpnsites as sites
import vpntopo as vpn
from lib.topogen import get_topogen

pytestmark = [pytest.mark.netconfd, pytest.mark.vpnd]

POSTGRES = "/usr/lib/postgresql/17/bin"
NAMES = ("paris", "rome", "oslo")
PORTS = {"server-a": 4335, "server-b": 5335}
servers = {}


def setup_module(module):
    sites.start_network(module.__name__, NAMES)
    start_postgres()


def teardown_module(_module):
    get_topogen().stop_topology()


def start_postgres():
    "A database of the test's own, on a Unix socket; only its user can reach it."
    server, folder = sites.gear("server"), sites.FOLDER
    sites.DATABASE["where"] = "postgresql://vpn@/postgres?host={}/pg".format(folder)
    server.net.cmd_raises(
        "mkdir {0}/pg && chown postgres {0}/pg && setpriv --reuid postgres --regid postgres --clear-groups "
        "{1}/initdb -D {0}/pg/data -U vpn -A trust -N > {0}/initdb 2>&1".format(folder, POSTGRES)
    )
    vpn.Background(
        server,
        "postgres",
        "setpriv --reuid postgres --regid postgres --clear-groups {1}/postgres -D {0}/pg/data -k {0}/pg -h \"\" -F".format(folder, POSTGRES),
    )
    vpn.wait_for("the database answers", lambda: server.net.cmd_status("psql -h {}/pg -U vpn -l postgres".format(folder), warn=False)[0] == 0)


def start_server(name):
    servers[name] = sites.Server(name, "--tls-port {} --ssh-port 0".format(PORTS[name]))


def running(name):
    "The CE's running configuration, as vtysh shows it."
    return vpn.vtysh(sites.gear(name), "show running-config")


def pid_of(name, daemon):
    return int(sites.gear(name).net.cmd_raises("cat {}/{}.pid".format(vpn.RUN, daemon)))


def wait_error(name, words, timeout=60):
    vpn.wait_for(
        "the server says of {}: {}".format(name, words),
        lambda: words in sites.ce_status(name).get("error", "") or vpn._fail(sites.ce_status(name)),
        timeout,
    )


def wait_said(words, timeout=60):
    "Until one of the servers has said so."
    vpn.wait_for(
        "a server says: " + words,
        lambda: any(words in s.errors() for s in servers.values()) or vpn._fail({n: s.errors()[-500:] for n, s in servers.items()}),
        timeout,
    )


def call_home(name, more=""):
    "The CE calls its server now."
    vpn.vtysh(sites.gear(name), "configure terminal", "netconf", "call-home PROVIDER tls {} port {}".format(sites.SERVER, PORTS["server-b"]),
              "call-home PROVIDER every 3600 seconds", "call-home PROVIDER retry 1 attempts 1")


def no_call_home(name):
    vpn.vtysh(sites.gear(name), "configure terminal", "netconf", "no call-home PROVIDER")


def test_two_servers_on_one_database():
    "Both work at once; every CE is told by one at a time, and all is as one server would have done it."
    sites.vpnctl("vpn", "add", "red", "--vpn-id", "00a0c9:1", "--topology", "full-mesh", "--dead-peer-detection", "10")
    for name in ("paris", "rome"):
        sites.add("red", name)
    # what paris is delivered with is good for a first session
    sites.preconfigure("paris", "--days", "7", calls=False)
    sites.start_ce("paris")
    sites.preconfigure("rome")
    sites.start_ce("rome", push=True)
    for name in PORTS:
        start_server(name)
    sites.wait_provisioned("paris", "rome")
    sites.wait_reach("red", "paris", "rome")
    assert sites.ping("red", "paris", "rome") == (10, 10)
    for server in servers.values():
        assert server.running() and "another server" not in server.errors(), server.errors()


def test_a_ce_that_only_listens_is_given_another_certificate():
    "paris makes a key for its first session already, listens with its certificate, and deletes what it was delivered with."
    vpn.wait_for("paris has shown the certificate of its own key", lambda: sites.credentials("paris"))
    pair = sites.credentials("paris")
    sites.wait_files("paris", *pair)
    assert re.fullmatch(sites.CREDENTIALS + r"/key-\d+.pem", pair[1])
    assert served("paris") == serial(pair[0])
    # who has shown what he is configured to is not asked again
    vpn.wait_for("nothing is left to be renewed", lambda: "certificateToRenew" not in sites.ce_status("paris"))
    sites.wait_provisioned("paris", "rome")


def serial(path):
    return sites.gear("paris").net.cmd_raises("openssl x509 -noout -serial -in " + path)


def served(name):
    "The serial number of the certificate that the CE's netconfd shows to whoever connects."
    return sites.gear("server").net.cmd_raises(
        "openssl s_client -connect {}:6513 < /dev/null 2> /dev/null | openssl x509 -noout -serial".format(sites.address(name))
    )


def test_what_a_ce_refuses_is_told_in_its_words():
    "A VPN with a proposal that no CE has: nothing of it is applied, and the other VPN is not disturbed."
    before = running("paris")
    flow = sites.Flow("red", "rome", "paris")
    sites.vpnctl("vpn", "add", "wrong", "--vpn-id", "00a0c9:9", "--ike", "nonsense", "--dead-peer-detection", "10")
    for name in ("paris", "rome"):
        sites.vpnctl("ce", "add", name, "--vpn", "wrong", "--link-name", name + "-w", "--prefix", "10.9{}.0.0/16".format(sites.NUMBERS[name]))
    wait_error("paris", "the CE refuses: ")
    wait_error("paris", "nonsense")
    assert running("paris") == before
    flow.wait_packets(20)
    for name in ("paris", "rome"):
        sites.vpnctl("ce", "remove", name, "--vpn", "wrong")
    sites.vpnctl("vpn", "remove", "wrong")
    sites.wait_provisioned("paris", "rome")
    sent, received = flow.stop()
    assert sent == received
    assert running("paris") == before


def test_a_server_dies_in_the_middle_of_a_push():
    "rome's mgmtd holds its breath while it is told of oslo; the server that tells it is killed, and the other one goes on."
    mgmtd = pid_of("rome", "mgmtd")
    os.kill(mgmtd, signal.SIGSTOP)
    log = "/tmp/gearlogdir/netconfd.log"
    told = lambda: sites.gear("rome").net.cmd_raises("grep -o \"session [0-9]* of server-[ab] .*begins\" {} | tail -n 1".format(log))
    last = told()
    sites.add("red", "oslo")
    sites.preconfigure("oslo")
    vpn.wait_for("a server talks to rome", lambda: told() != last)
    killed = told().split()[3]
    servers[killed].end("KILL")
    os.kill(mgmtd, signal.SIGCONT)
    sites.start_ce("oslo", push=True)
    sites.wait_provisioned(*NAMES, timeout=90)
    start_server(killed)
    sites.wait_reach("red", *NAMES)
    for name in NAMES:
        assert set(sites.links(name)) == set(NAMES) - {name}


def test_a_ce_reboots_while_its_configuration_changes():
    "oslo's power fails, the keys of its VPN rotate, it comes back as it was shipped: it is told all, with the new keys."
    before = running("oslo")
    sites.kill_ce("oslo")
    sites.vpnctl("key", "rotate", "red", "--max-wait", "5")
    vpn.wait_for("the rotation does not wait for ever", lambda: not sites.status()["rotations"], 60)
    assert sites.ping("red", "paris", "rome") == (10, 10)
    sites.boot_ce("oslo")
    sites.wait_provisioned(*NAMES, timeout=90)
    sites.wait_reach("red", *NAMES)
    after = running("oslo")
    assert after != before and after.count("pre-shared-key") == before.count("pre-shared-key")


def test_a_ce_that_lies_about_its_address():
    "oslo calls from an address that is not its own: it is told nothing, and the server says what is wrong."
    oslo = sites.gear("oslo").net
    oslo.cmd_raises("ip address add 10.0.3.77/24 dev oslo-eth0; ip route add {}/32 via 10.0.3.1 src 10.0.3.77".format(sites.SERVER))
    call_home("oslo")
    wait_error("oslo", "it calls from 10.0.3.77, but its address is 10.0.3.2")
    oslo.cmd_raises("ip route del {}/32; ip address del 10.0.3.77/24 dev oslo-eth0".format(sites.SERVER))
    no_call_home("oslo")
    call_home("oslo")
    vpn.wait_for("oslo is told again", lambda: sites.ce_status("oslo").get("error", "") == "")
    no_call_home("oslo")


def test_a_ce_with_the_certificate_of_another():
    "oslo shows rome's certificate: it is told nothing, neither when it is called nor when it calls; then its own again."
    oslo = sites.gear("oslo").net
    shipped = "{}/oslo".format(sites.FOLDER)
    oslo.cmd_raises("cp {1}/rome/certificate.pem {1}/rome/key.pem {0}; chown frr:frr {0}/*; kill -HUP $(cat {2}/netconfd.pid)".format(sites.CREDENTIALS, sites.FOLDER, vpn.RUN))
    sites.vpnctl("key", "rotate", "red", "--max-wait", "5")
    wait_error("oslo", "it has a certificate, but not that of CE oslo")
    call_home("oslo")
    wait_error("rome", "it calls from 10.0.3.2, but its address is 10.0.2.2")
    no_call_home("oslo")
    oslo.cmd_raises("cp {1}/certificate.pem {1}/key.pem {0}; chown frr:frr {0}/*; kill -HUP $(cat {2}/netconfd.pid)".format(sites.CREDENTIALS, shipped, vpn.RUN))
    vpn.wait_for("the rotation ends", lambda: not sites.status()["rotations"], 60)
    sites.wait_provisioned(*NAMES, timeout=90)
    sites.wait_reach("red", *NAMES)


def test_a_vpn_by_certificates():
    "A second VPN of the same CEs, in which no key is shared: IKE by the certificates that the CEs call their server with."
    sites.vpnctl("vpn", "add", "green", "--vpn-id", "00a0c9:3", "--topology", "full-mesh", "--authentication", "certificate", "--dead-peer-detection", "10")
    for name in NAMES:
        router, number = sites.gear(name), sites.NUMBERS[name]
        vpn.dummy(router.net, "green0")
        vpn.vrf(router.net, "green", 103, ["green0"])
        router.net.cmd_raises("ip address add 10.{}.0.1/16 dev green0".format(number))
        sites.vpnctl("ce", "add", name, "--vpn", "green", "--link-name", name + "-g", "--prefix", "10.{}.0.0/16".format(number))
    sites.wait_provisioned(*NAMES)
    for name in NAMES:
        for other in NAMES:
            if other != name:
                sites.wait_link(name, other + "-g")
        assert "crl " not in running(name)
    vpn.wait_for("rome reaches oslo in green", lambda: green("rome", "oslo") == (1, 1))


def test_a_key_that_is_not_used_any_more_is_forgotten():
    "paris makes another key for a VPN by certificates that is in use: nothing is lost; the old one is in no file, and charon has unloaded it."
    flow = sites.Flow("red", "paris", "rome")
    flow.wait_packets(20)
    before, count = sites.credentials("paris"), unloaded()
    sites.vpnctl("key", "renew", "paris")
    vpn.wait_for("paris has another key", lambda: sites.credentials("paris") != before)
    pair = sites.credentials("paris")
    sites.wait_files("paris", *pair)
    vpn.wait_for("paris listens with its certificate", lambda: served("paris") == serial(pair[0]))
    flow.wait_packets(20)
    sent, received = flow.stop()
    assert sent == received
    vpn.wait_for("charon has forgotten the old key", lambda: unloaded() == count + 1 or vpn._fail(unloaded()))
    vpn.vtysh(sites.gear("paris"), "clear vpn tunnel-link all")
    vpn.wait_for("paris reaches oslo by the new one", lambda: green("paris", "oslo") == (1, 1))


def unloaded():
    "How many private keys paris' charon has been told to forget."
    return int(sites.gear("paris").net.cmd_raises("grep -c 'unloaded private key with id' /tmp/gearlogdir/charon.log || true"))


def green(name, other, count=1):
    "Pings in the VPN by certificates, (sent, received)."
    return vpn.ping(sites.gear(name), "10.{}.0.1".format(sites.NUMBERS[other]), count, interval=0.02, options="-I green")


def test_a_revoked_ce_is_refused():
    "By its peers, which know it no more in IKE, and by the server, which does not listen to its NETCONF session."
    sites.vpnctl("key", "revoke", "oslo")
    sites.wait_provisioned("paris", "rome")
    for name in ("paris", "rome"):
        vpn.wait_for(name + " has no link to oslo", lambda n=name: "oslo" not in sites.links(n))
        sites.wait_link("oslo", name, "connecting" if sites.link("oslo", name)["state"] == "connecting" else "down")
    vpn.vtysh(sites.gear("oslo"), "clear vpn tunnel-link all")
    vpn.wait_for(
        "paris refuses oslo in IKE",
        lambda: sites.gear("oslo").net.cmd_raises("grep -c 'received \\(AUTHENTICATION_FAILED\\|NO_PROPOSAL_CHOSEN\\) notify' /tmp/gearlogdir/charon.log || true") != "0\n",
    )
    assert not sites.reaches("red", "oslo", "paris")
    call_home("oslo")
    wait_said("is revoked")
    assert sites.ce_status("oslo")["state"] == "revoked"
    assert sites.ping("red", "paris", "rome") == (10, 10)


def test_a_revoked_certificate_is_refused_in_the_place_of_another():
    """
    Another CE takes oslo's place and address; oslo, which nobody has told anything, is still there, with its key and certificate.
    paris and rome have the list of revoked certificates, and refuse it; between them nothing is lost.
    """
    flow = sites.Flow("red", "rome", "paris")
    flow.wait_packets(20)
    sites.vpnctl("ce", "remove", "oslo", "--forget")
    sites.vpnctl("ce", "add", "oslo2", "--vpn", "green", "--address", sites.address("oslo"), "--mode", "pull", "--prefix", "10.3.0.0/16")
    sites.wait_provisioned("paris", "rome")
    for name in ("paris", "rome"):
        assert re.search(r"authentication certificate \S+ key \S+ ca \S+ crl {}/crl-\d+.pem\n".format(sites.CREDENTIALS), running(name))
    vpn.vtysh(sites.gear("oslo"), "clear vpn tunnel-link all")
    for name in ("paris", "rome"):
        vpn.wait_for(
            name + " refuses the certificate",
            lambda n=name: sites.gear(n).net.cmd_status("grep -q 'certificate was revoked' /tmp/gearlogdir/charon.log", warn=False)[0] == 0,
        )
        assert sites.link(name, "oslo2")["state"] != "up"
    assert green("paris", "rome", 10) == (10, 10)
    flow.wait_packets(20)
    sent, received = flow.stop()
    assert sent == received


def lists(name):
    "The lists of revoked certificates that the CE's profiles name."
    return set(re.findall(r" crl (\S+)\n", running(name)))


def test_a_list_of_revoked_certificates_is_made_anew_before_it_ends():
    "Its day has come: paris and rome get and use another one, nobody loses a packet, and who is revoked is refused as before."
    before = lists("paris")
    assert len(before) == 1 and before == lists("rome")
    flow = sites.Flow("red", "rome", "paris")
    flow.wait_packets(20)
    sites.gear("server").net.cmd_raises("psql -h {}/pg -U vpn postgres -c 'UPDATE authority SET crl_until = 0' -c 'NOTIFY frr_vpnd'".format(sites.FOLDER))
    for name in ("paris", "rome"):
        vpn.wait_for(name + " has another list", lambda n=name: len(lists(n)) == 1 and lists(n) != before or vpn._fail(lists(n)))
    sites.wait_provisioned("paris", "rome")
    flow.wait_packets(20)
    sent, received = flow.stop()
    assert sent == received
    sites.wait_files("paris", *sites.credentials("paris"), *lists("paris"))
    vpn.vtysh(sites.gear("rome"), "clear vpn tunnel-link all")
    vpn.wait_for("rome reaches paris in green", lambda: green("rome", "paris") == (1, 1))
    used = "grep -c 'using cached crl' /tmp/gearlogdir/charon.log || true"
    vpn.wait_for("paris has used the list", lambda: int(sites.gear("paris").net.cmd_raises(used)) > 0)
    assert sites.link("paris", "oslo2")["state"] != "up"
