# SPDX-License-Identifier: GPL-2.0-or-later
"""
A hub with templates: spokes that it knows nothing of but the authority of their certificates get an interface each,
the same whenever they return, in two VPNs with the same addresses.

              VRF red and VRF blue: 10.0.0.1 ── hub 192.0.2.1, templates "red-" and "blue-"
                                                 ║
       ┌─────────────────────────┬───────────────╨─────────┬─────────────────────┐ underlay 192.0.2.0/24
  s1 192.0.2.11            s2 192.0.2.12            s3 192.0.2.13           s4 192.0.2.14
  red, blue: 10.1.0.1      red, blue: 10.2.0.1      red: 10.3.0.1           red: 10.4.0.1; first with a
                                                                           certificate of a stranger's CA

The hub's configuration names no spoke, and no link in OSPF.
"""
import os
import re

import pytest

import vpnlink
import vpntopo as vpn
from lib.topogen import Topogen, get_topogen

pytestmark = [pytest.mark.ospfd, pytest.mark.vpnd]
SPOKES = {"s1": ("red", "blue"), "s2": ("red", "blue"), "s3": ("red",), "s4": ("red",)}
FIRST = ("s1", "s2", "s3")  # the others come later
VPN_IDS = {"red": "00a0c9:00000001", "blue": "00a0c9:00000002"}
DPD = 5

PROFILE = """
hostname {name}
interface {name}-eth0
 ip address {address}/24
exit
vpn
 ipsec-profile GOLD
  authentication certificate {pki}/{name}.pem key {pki}/{name}.key ca {pki}/provider.pem
  dead-peer-detection {dpd} timeout {dpd}
  retry initial 1 maximum 4
 exit
"""
TEMPLATE = """ tunnel-link-template {vrf}- vrf {vrf}
  local 192.0.2.1
  encapsulation ipip-shared
  ipsec-profile GOLD
  local-identity hub.example
  remote-identity *.example
  vpn-id {vpn_id}
  limit 3
 exit
"""
LINK = """ tunnel-link {vrf}hub vrf {vrf}
  local {address}
  remote 192.0.2.1
  encapsulation ipip-shared
  ipsec-profile GOLD
  local-identity {name}.example
  remote-identity hub.example
  vpn-id {vpn_id}
 exit
"""
GROUP = """
 ipsec-profile GROUP
  authentication pre-shared-key only-for-the-test
  ike version {version}
  ike proposal aes256-sha256-modp2048
  retry initial 1 maximum 4
 exit
"""
GROUP_TEMPLATE = """ tunnel-link-template grp- vrf red
  local 192.0.2.1
  encapsulation ipip-shared
  ipsec-profile GROUP
  local-identity hub.group
  remote-identity *.group
  limit 3
 exit
"""
GROUP_LINK = """ tunnel-link grphub vrf red
  local {address}
  remote 192.0.2.1
  encapsulation ipip-shared
  ipsec-profile GROUP
  local-identity {name}.group
  remote-identity hub.group
 exit
"""
OPENSSL_CNF = """
[req]
distinguished_name = name
[name]
[ca]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
[end]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
subjectAltName = DNS:${ENV::NAME}.example
"""

pki = None  # directory of keys and certificates, on the machine that all routers share; set by setup_module


def certificate(name, authority=None):
    "A certificate for NAME.example of this authority, or an authority."
    signed = "-extensions end -CA {0}.pem -CAkey {0}.key".format(authority) if authority else "-extensions ca"
    gear("hub").net.cmd_raises(
        "cd {} && NAME={} openssl req -config openssl.cnf -x509 -days 2 -subj /CN={} -noenc -newkey ec "
        "-pkeyopt ec_paramgen_curve:P-256 -keyout {}.key -out {}.pem {} && chown frr {}.key".format(
            pki, name, name, name, name, signed, name
        )
    )


def gear(name):
    return get_topogen().gears[name]


def number(name):
    return 0 if name == "hub" else int(name[1:])


def address(name):
    return "192.0.2.1" if name == "hub" else "192.0.2.1{}".format(number(name))


def inner(name):
    return "10.{}.0.1".format(number(name))


def vrfs_of(name):
    return ("red", "blue") if name == "hub" else SPOKES[name]


def build(tgen):
    switch = tgen.add_switch("underlay")
    for name in ("hub",) + tuple(SPOKES):
        switch.add_link(tgen.add_router(name, cls=vpn.VpnRouter))


def configured(name):
    text = PROFILE.format(name=name, address=address(name), pki=pki, dpd=DPD)
    for vrf in vrfs_of(name):
        text += (TEMPLATE if name == "hub" else LINK).format(
            name=name, vrf=vrf, address=address(name), vpn_id=VPN_IDS[vrf]
        )
    text += "exit\n"
    for vrf in vrfs_of(name):
        text += vpnlink.OSPF.format(vrf=vrf, address=inner(name))
    return text


def start(name):
    net = gear(name).net
    for table, vrf in enumerate(vrfs_of(name), 101):
        vpn.dummy(net, vrf + "0")
        vpn.vrf(net, vrf, table, [vrf + "0"])
        net.cmd_raises("ip address add {}/24 dev {}0".format(inner(name), vrf))
    path = "/tmp/{}.conf".format(name)
    with open(path, "w", encoding="ascii") as file:
        file.write(configured(name))
    vpn.start_pe(get_topogen(), name, daemons=("zebra", "ospfd", "vpnd"), config=path)


def setup_module(module):
    tgen = Topogen(build, module.__name__)
    tgen.start_topology()
    module.pki = os.path.join(tgen.logdir, "pki")
    os.makedirs(pki, exist_ok=True)
    with open(pki + "/openssl.cnf", "w", encoding="ascii") as file:
        file.write(OPENSSL_CNF)
    certificate("provider")
    certificate("stranger")
    for name in ("hub",) + FIRST:
        certificate(name, "provider")
    certificate("s4", "stranger")
    for name in ("hub",) + FIRST:
        start(name)
    vpn.Background(gear("hub"), "monitor", "ip -o monitor link > /tmp/gearlogdir/monitor.txt")


def teardown_module(_module):
    get_topogen().stop_topology()


def template(vrf="red"):
    return vpn.show(gear("hub"), "show vpn tunnel-link-template")["tunnelLinkTemplates"][vrf + "-"]


def alarms():
    return vpn.show(gear("hub"), "show vpn alarm")["alarms"]


def links():
    "The hub's links, by who is behind them and the VRF."
    said = vpn.show(gear("hub"), "show vpn tunnel-link")["tunnelLinks"]
    for name, link in said.items():
        assert link["template"] == link["vrf"] + "-" and name.startswith(link["template"]), said
    return {(link["peerIdentity"].split(".")[0], link["vrf"]): dict(link, name=name) for name, link in said.items()}


def expected(names=FIRST):
    return {(name, vrf) for name in names for vrf in vrfs_of(name)}


def wait_links(names, timeout=60, full=True):
    "Waits until all links of these are up at the hub and OSPF is Full over each, at both ends."

    def probe():
        up = {key: link for key, link in links().items() if link["state"] == "up"}
        return expected(names) <= set(up) and up or vpn._fail(links())

    now = vpn.wait_for("hub: links of {} up".format(names), probe, timeout)
    for name, vrf in expected(names) if full else ():
        for router, link in (("hub", now[name, vrf]["name"]), (name, vrf + "hub")):
            vpn.wait_for(
                "{}: OSPF over {} is Full".format(router, link),
                lambda r=router, v=vrf, l=link: vpnlink.adjacencies(r, v)[l].startswith("Full/")
                or vpn._fail(vpnlink.adjacencies(r, v)),
                60,
            )
    return now


def places(names=FIRST):
    "Which interface, with which index, each has."
    return {key: (link["name"], link["ifIndex"]) for key, link in links().items() if key[0] in names}


def downs():
    "How often an interface of the hub's was seen to go down."
    text = gear("hub").net.cmd_raises("cat /tmp/gearlogdir/monitor.txt")
    state, count = {}, 0
    for line in text.splitlines():
        if line.startswith("Deleted") or "<" not in line:
            continue
        name, flags = line.split(": ")[1].split("@")[0], line.split("<")[1].split(">")[0].split(",")
        if name.startswith(("red-", "blue-")):
            count += state.get(name, False) and "UP" not in flags
            state[name] = "UP" in flags
    return count


def exact_pings(source, target, vrf, count=20):
    "Each one is answered, and the hub's interface of each end carried it, in its VPN and in no other."
    vpn.wait_ping(gear(source), inner(target), "-I {}".format(vrf))
    gear("hub").net.cmd_raises("nft flush ruleset")
    here = links()
    rules = "add table inet count; add chain inet count c { type filter hook prerouting priority 0; };"
    for name, other_vrf in expected(FIRST):
        rules += 'add counter inet count {0}{1}; add rule inet count c iifname "{2}" icmp type echo-request counter name {0}{1};'.format(
            name, other_vrf, here[name, other_vrf]["name"]
        )
    gear("hub").net.cmd_raises("nft -f -", stdin=rules)
    assert vpn.ping(gear(source), inner(target), count, options="-I {}".format(vrf)) == (count, count)
    listed = gear("hub").net.cmd_raises("nft list counters")
    for name, other_vrf in expected(FIRST):
        packets = int(listed.split("counter {}{} {{".format(name, other_vrf))[1].split("packets ")[1].split()[0])
        assert packets == (count if (name, other_vrf) == (source, vrf) else 0), listed
    gear("hub").net.cmd_raises("nft flush ruleset")


def test_spokes_come():
    "An interface each, up, OSPF Full over all, the template says how many."
    here = wait_links(FIRST, 90)
    assert len(links()) == len(expected(FIRST)), links()
    assert template()["state"] == "up" and template()["spokesUp"] == 3 and template("blue")["spokes"] == 2
    for link in here.values():
        assert "POINTOPOINT" not in link and vpnlink.device_up("hub", link["name"])
    assert {link["name"] for (_, vrf), link in here.items() if vrf == "red"} == {"red-1", "red-2", "red-3"}


def test_spokes_talk_through_the_hub():
    "Spoke to spoke, in both VPNs, which have the same addresses: exact counts."
    exact_pings("s1", "s2", "red")
    exact_pings("s2", "s1", "blue")
    exact_pings("s3", "s1", "red")


def test_rekeying():
    "From either end: the interface stays, nothing is lost."
    before, went = places(), downs()
    flow = vpn.Flow(gear("s1"), inner("s2"), options="-I red")
    flow.wait_packets(20)
    for router, child in (("hub", places()["s1", "red"][0]), ("s2", "redhub")):
        gear(router).net.swanctl("--rekey --child " + child)
        flow.wait_packets(30)
    sent, received = flow.stop()
    assert sent == received and sent > 50
    assert places() == before and downs() == went


def test_stranger_refused():
    "A certificate of another authority: no interface, and the hub says who and why."
    start("s4")
    vpn.wait_for("hub: a refusal", lambda: "stranger" in template().get("lastRefusal", "") or vpn._fail(template()))
    assert "s4" in template()["lastRefusal"], template()
    assert not [key for key in links() if key[0] == "s4"]
    assert set(places()) == expected(FIRST)


def test_vpnd_killed():
    "The hub's vpnd is killed and comes back: nothing lost, no interface went down, each has the same."
    before, went = places(), downs()
    flow = vpn.Flow(gear("s1"), inner("s2"), options="-I red")
    flow.wait_packets(50)
    vpn.kill(gear("hub"), "vpnd")
    flow.wait_packets(50)
    vpn.restart(gear("hub"), "vpnd")
    wait_links(FIRST)
    flow.wait_packets(50)
    sent, received = flow.stop()
    assert sent == received and sent > 150
    assert places() == before and downs() == went


def test_spoke_returns():
    "A spoke that is cut off is down within the time of dead peer detection, and has its interface again when it is back."
    before = places()
    gear("s2").net.cmd_raises("ip link set s2-eth0 down")
    vpn.wait_for(
        "hub: links of s2 down",
        lambda: not any(vpnlink.device_up("hub", before["s2", vrf][0]) for vrf in ("red", "blue")),
        timeout=DPD + DPD + 10,
    )
    assert links()["s2", "red"]["reason"]
    vpnlink.wait_no_adjacency("hub", before["s2", "red"][0], "red")
    exact_pings("s1", "s3", "red")
    gear("s2").net.cmd_raises("ip link set s2-eth0 up")
    wait_links(FIRST)
    assert places() == before


def test_limit():
    "The fourth spoke of a template with room for three is refused, with an alarm, until there is room."
    certificate("s4", "provider")
    vpn.vtysh(gear("s4"), "configure terminal", "vpn", "no tunnel-link redhub")
    path = "/tmp/s4.again"
    with open(path, "w", encoding="ascii") as file:
        file.write("vpn\n" + LINK.format(name="s4", vrf="red", address=address("s4"), vpn_id=VPN_IDS["red"]))
    gear("s4").net.swanctl("--flush-certs")
    gear("s4").net.cmd_raises("vtysh -f " + path)
    vpn.wait_for(
        "hub: a refusal for the limit",
        lambda: "limit of 3" in template().get("lastRefusal", "") and "s4.example" in template()["lastRefusal"] or vpn._fail(template()),
    )
    assert [(a["object"], "limit of 3" in a["text"]) for a in alarms()] == [("tunnel-link-template red-", True)]
    assert set(places()) == expected(FIRST)
    vpn.vtysh(gear("hub"), "configure terminal", "vpn", "tunnel-link-template red- vrf red", "limit 4")
    here = wait_links(tuple(SPOKES), full=False)
    assert here["s4", "red"]["name"] == "red-4"
    assert not alarms()


def spis():
    "Of the SAs that the hub's kernel has."
    return set(re.findall(r"proto esp spi (0x[0-9a-f]+)", gear("hub").net.cmd_raises("ip -o xfrm state")))


@pytest.mark.parametrize("signal_name", ("SIGTERM", "SIGKILL"))
def test_charon_restarted(signal_name):
    "The hub's charon is restarted, in order or not: all spokes are back, each at its place, and of before no SA is left."
    before, left = places(tuple(SPOKES)), spis()
    vpn.kill(gear("hub"), "charon", signal_name)
    gear("hub").net.start_charon()
    vpn.wait_for("hub: SAs of before are gone", lambda: not left & spis() or vpn._fail(left & spis()), 90)
    wait_links(tuple(SPOKES), 90)
    assert places(tuple(SPOKES)) == before


def test_spoke_forgotten():
    "A spoke that takes its leave has its interface down at once; it goes after a time, and the number is free."
    before = places()["s3", "red"]
    vpn.vtysh(gear("hub"), "configure terminal", "vpn", "tunnel-link-template red- vrf red", "forget 10")
    vpn.vtysh(gear("s3"), "configure terminal", "vpn", "no tunnel-link redhub")
    vpn.wait_for("hub: link of s3 down", lambda: not vpnlink.device_up("hub", before[0]), timeout=5)
    vpn.wait_for("hub: s3 is forgotten", lambda: ("s3", "red") not in links(), timeout=30)
    assert before[0] not in gear("hub").net.cmd_raises("ip -br link")
    assert template()["spokes"] == 3


def test_template_removed():
    "All of its interfaces go, and nothing of the other template's."
    vpn.vtysh(gear("hub"), "configure terminal", "vpn", "no tunnel-link-template red-")
    vpn.wait_for("hub: no link in red", lambda: not [key for key in links() if key[1] == "red"])
    vpn.wait_for("hub: no interface in red", lambda: "red-" not in gear("hub").net.cmd_raises("ip -br link"))
    assert "red" not in {key[1] for key in links()}
    exact = vpn.ping(gear("s1"), "10.0.0.1", 20, options="-I blue")
    assert exact == (20, 20)


def load(name, text):
    path = "/tmp/{}.more".format(name)
    with open(path, "w", encoding="ascii") as file:
        file.write("vpn\n" + text)
    gear(name).net.cmd_raises("vtysh -f " + path)


@pytest.mark.parametrize("version", (2, 1))
def test_group_key(version):
    "One key for all spokes, in both versions of IKE: who has it is who he says, and has an interface of his own."
    members = ("s1", "s2")
    for name in members:
        for link in set(vpn.show(gear(name), "show vpn tunnel-link")["tunnelLinks"]) & {"redhub", "grphub"}:
            vpn.vtysh(gear(name), "configure terminal", "vpn", "no tunnel-link " + link)
    if "grp-" in vpn.show(gear("hub"), "show vpn tunnel-link-template")["tunnelLinkTemplates"]:
        vpn.vtysh(gear("hub"), "configure terminal", "vpn", "no tunnel-link-template grp-")
    load("hub", GROUP.format(version=version) + GROUP_TEMPLATE)
    for name in members:
        load(name, GROUP.format(version=version) + GROUP_LINK.format(name=name, address=address(name)))

    def probe():
        said = vpn.show(gear("hub"), "show vpn tunnel-link")["tunnelLinks"]
        here = {link["peerIdentity"]: name for name, link in said.items() if link["template"] == "grp-" and link["state"] == "up"}
        return len(here) == len(members) and here or vpn._fail(said)

    here = vpn.wait_for("hub: two of the group", probe)
    assert {(who, link) for who, link in here.items()} in (
        {("s1.group", "grp-1"), ("s2.group", "grp-2")},
        {("s1.group", "grp-2"), ("s2.group", "grp-1")},
    )
    for name in members:
        said = vpn.wait_for(
            name + ": up",
            lambda n=name: (lambda link: link if link["state"] == "up" else vpn._fail(link))(
                vpn.show(gear(n), "show vpn tunnel-link")["tunnelLinks"]["grphub"]
            ),
        )
        assert said["ikeVersion"] == version
        vpn.wait_ping(gear(name), inner("hub"), "-I red")
        assert vpn.ping(gear(name), inner("hub"), 20, interval=0.01, options="-I red") == (20, 20)
    vpn.wait_ping(gear("s1"), inner("s2"), "-I red")  # by OSPF, through the hub
    assert vpn.ping(gear("s1"), inner("s2"), 20, interval=0.01, options="-I red") == (20, 20)
    child = here["s1.group"]
    before = gear("hub").net.swanctl("--list-sas --child " + child)
    gear("hub").net.swanctl("--rekey --child " + child)
    vpn.wait_for("rekeyed", lambda: vpn.show(gear("hub"), "show vpn tunnel-link")["tunnelLinks"][child]["rekeys"] >= 1 or vpn._fail(before))
    assert vpn.ping(gear("s1"), inner("s2"), 20, interval=0.01, options="-I red") == (20, 20)
