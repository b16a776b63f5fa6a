# SPDX-License-Identifier: GPL-2.0-or-later
"""
Configuration of tunnel links, from vtysh, YANG and frr-reload through mgmtd to vpnd and back.

     r1 ── backbone          zebra, mgmtd, ripd, ripngd, vpnd; no charon: nothing here is about packets

What is typed is what is written and what is read again; each command has a no
form; what is wrong is refused in words that name the link, and changes nothing;
what commands say and what YANG says is the same; what is missing is the reason
of the link that misses it.
"""
import json
import os
import sys

import pytest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), ".."))
# pylint: disable=C0413
import vpntopo as vpn
from lib.topogen import Topogen, get_topogen

pytestmark = [pytest.mark.vpnd]

HERE = os.path.dirname(os.path.realpath(__file__))
LINK = '/frr-vpnd:vpn/tunnel-link[name="{}"]'


def build_topo(tgen):
    tgen.add_switch("backbone").add_link(tgen.add_router("r1", cls=vpn.VpnRouter))


def setup_module(module):
    tgen = Topogen(build_topo, module.__name__)
    tgen.start_topology()
    vpn.start_pe(tgen, "r1", daemons=("zebra", "ripd", "ripngd", "vpnd"), charon=False)
    wait_for_vpnd()


def teardown_module(_module):
    get_topogen().stop_topology()


def r1():
    return get_topogen().gears["r1"]


def links():
    return vpn.show(r1(), "show vpn tunnel-link")["tunnelLinks"]


def reason(name):
    return links()[name]["reason"]


def wait_for_vpnd():
    "vpnd has the links that are typed."
    vpn.wait_for("vpnd has the links", lambda: sorted(links()) == names(typed()) or vpn._fail(links()))


def names(lines):
    return [line.split()[1] for line in lines if line.startswith(" tunnel-link ")]


def running():
    return vpn.vpn_section(vpn.vtysh(r1(), "show running-config"))


def file_text():
    with open(os.path.join(HERE, "r1", "frr.conf"), encoding="utf-8") as config:
        return config.read()


def typed():
    return vpn.vpn_section(file_text())


def run_vtysh(*commands):
    return vpn.type_in(r1(), *commands)


def configure(*commands):
    return run_vtysh("configure terminal", "vpn", *commands)


def accepted(*commands):
    fine, said = configure(*commands)
    assert fine, said
    return said


def refused(*commands):
    "The commands are refused; the running configuration is what it was. Returns the words."
    before = running()
    fine, said = configure(*commands)
    assert not fine, "{} was accepted".format(commands)
    assert running() == before, said
    return said


def session(*commands):
    "One vtysh that is typed all of it and goes on after errors; what is said. A vtysh for each would take its time."
    r1().net.cmd_raises("cat > /tmp/vpn_link_config.commands", stdin="\n".join(commands) + "\n")
    _, output, error = r1().net.cmd_status("vtysh < /tmp/vpn_link_config.commands", warn=False)
    return output + error


def said_in_order(said, expected):
    "Each of (commands, words) was answered with the words, one after the other."
    position = 0
    for commands, words in expected:
        found = said.find(words, position)
        assert found >= 0, "{}: not \"{}\" but {}".format(commands, words, said[position:])
        position = found + len(words)


def test_what_is_typed_is_shown():
    "Every command, in the order and form of the file."
    assert running() == typed()


def test_written_and_read_again():
    "write; a vtysh that reads the file changes nothing, and brings it back after all was removed."
    vpn.vtysh(r1(), "write")
    assert vpn.vpn_section(r1().net.cmd_raises("cat /etc/frr/frr.conf")) == typed()
    r1().net.cmd_raises("vtysh -f /etc/frr/frr.conf")
    assert running() == typed()
    vpn.vtysh(r1(), "configure terminal", "no vpn")
    assert running() == []
    vpn.wait_for("vpnd has no link", lambda: links() == {})
    r1().net.cmd_raises("vtysh -f /etc/frr/frr.conf")
    assert running() == typed()
    wait_for_vpnd()


NO_FORMS = [
    ("local 10.0.0.9", ("no local", "no local 10.0.0.9")),
    ("local 2001:db8::9", ("no local 2001:db8::9",)),
    ("remote 10.0.0.9", ("no remote", "no remote 10.0.0.9")),
    ("remote any", ("no remote any",)),
    ("encapsulation ipsec-tunnel", ("no encapsulation", "no encapsulation ipsec-tunnel")),
    ("encapsulation ipip-shared", ("no encapsulation ipip-shared",)),
    ("encapsulation ipip-distinct", ("no encapsulation ipip-distinct",)),
    ("encapsulation gre", ("no encapsulation gre",)),
    ("encapsulation gre key 0", ("no encapsulation gre key 0",)),
    ("encapsulation mpls-in-ip label 17 remote-label 18", ("no encapsulation mpls-in-ip label 17 remote-label 18",)),
    (
        "encapsulation l2tp tunnel-id 9 peer-tunnel-id 9 session-id 9 peer-session-id 9 cookie 0badcafe",
        ("no encapsulation",),
    ),
    ("ipsec-profile GOLD", ("no ipsec-profile", "no ipsec-profile GOLD")),
    ("no ipsec", ("ipsec",)),
    ("local-identity ce 1", ("no local-identity", "no local-identity ce 1")),
    ("remote-identity C=BE, CN=pe", ("no remote-identity", "no remote-identity C=BE, CN=pe")),
    ("vpn-id 00a0c9:00000009", ("no vpn-id", "no vpn-id 00a0c9:00000009")),
    ("signal vendor-id", ("no signal", "no signal vendor-id")),
    ("establish on-traffic", ("no establish", "no establish on-traffic", "establish permanent")),
    ("establish on-traffic idle 10", ("no establish on-traffic idle 10", "establish permanent")),
    ("address 10.7.0.1/30", ("no address", "no address 10.7.0.1/30")),
    ("address 10.7.0.1/32 peer 10.7.0.2", ("no address 10.7.0.1/32 peer 10.7.0.2",)),
    ("address 2001:db8:7::1/64", ("no address", "no address 2001:db8:7::1/64")),
    ("unnumbered lo", ("no unnumbered", "no unnumbered lo")),
    ("mtu 1280", ("no mtu", "no mtu 1280")),
]


def test_no_forms():
    "Each command is shown, each undo takes it back, and taking back what is not there is no error."
    node = ("configure terminal", "vpn", "tunnel-link unfinished vrf red")
    cases = [(command, no_form) for command, undo in NO_FORMS for no_form in undo]
    script = []
    for command, no_form in cases:
        show = "do show running-config"
        script += [*node, command, show, no_form, show, no_form, "end"]
    said = session(*script)
    assert "%" not in said, [line for line in said.splitlines() if "%" in line]
    shown = [vpn.vpn_section(text) for text in said.split("Building configuration...")[1:]]
    assert len(shown) == 2 * len(cases), said
    for (command, no_form), there, gone in zip(cases, shown[::2], shown[1::2]):
        assert "  " + command in there, (command, there)
        assert gone == typed(), (no_form, gone)
    assert running() == typed()


def test_a_command_replaces_the_whole():
    "Nothing of the kind before, of the other protection, of the address before stays."
    node = "tunnel-link unfinished vrf red"
    accepted(node, "encapsulation l2tp tunnel-id 9 peer-tunnel-id 9 session-id 9 peer-session-id 9 cookie 0badcafe")
    accepted(node, "encapsulation gre key 9", "encapsulation gre")
    assert "  encapsulation gre" in running()
    accepted(node, "no ipsec", "ipsec-profile GOLD")
    assert "  no ipsec" in typed() and running().count("  no ipsec") == typed().count("  no ipsec")
    accepted(node, "no ipsec")
    assert running().count("  ipsec-profile GOLD") == typed().count("  ipsec-profile GOLD")
    accepted(node, "address 10.7.0.1/32 peer 10.7.0.2", "address 10.7.0.1/30")
    assert "  address 10.7.0.1/30" in running()
    accepted("no tunnel-link unfinished", node)
    assert running() == typed()


def test_links_come_move_and_go():
    accepted("tunnel-link zinc vrf red", "local 10.0.0.1")
    accepted("tunnel-link zinc vrf blue")
    assert " tunnel-link zinc vrf blue" in running() and " tunnel-link zinc vrf red" not in running()
    vpn.wait_for("vpnd knows the VRF", lambda: links()["zinc"]["vrf"] == "blue")
    accepted("no tunnel-link zinc vrf red")
    assert " tunnel-link zinc vrf blue" in running(), "another VRF's link was removed"
    accepted("no tunnel-link zinc vrf blue")
    assert running() == typed()
    accepted("no tunnel-link zinc")
    vpn.wait_for("vpnd has forgotten it", lambda: "zinc" not in links())


def test_unfinished_link_says_what_is_missing():
    "One after the other, in the order in which a link is typed."
    node = "tunnel-link unfinished vrf red"
    for command, words in (
        (None, "tunnel-link unfinished: no local address is configured"),
        ("local 10.0.0.1", "no remote address is configured"),
        ("remote any", "no encapsulation is configured"),
        ("encapsulation ipip-shared", "no ipsec-profile is configured, nor 'no ipsec'"),
        ("ipsec-profile GOLD", "remote any needs a remote-identity"),
    ):
        if command:
            accepted(node, command)
        vpn.wait_for(words, lambda w=words: w in reason("unfinished") or vpn._fail(reason("unfinished")))
    assert reason("unfinished") in vpn.vtysh(r1(), "show vpn tunnel-link")
    assert reason("unfinished") in vpn.vtysh(r1(), "show vpn tunnel-link unfinished")
    accepted("no tunnel-link unfinished", node)
    assert running() == typed()


def test_template():
    "Each command of a template is taken back by its no form; those of a link that mean nothing for many are refused."
    node = ("configure terminal", "vpn", "tunnel-link-template spokes- vrf red")
    lines = typed()
    start = lines.index(" tunnel-link-template spokes- vrf red") + 1
    mine = [line.strip() for line in lines[start : lines.index(" exit", start)]]
    script = []
    for command in mine:
        script += [*node, "no " + command, "do show running-config", command, "do show running-config", "end"]
    said = session(*script)
    assert "%" not in said, said
    shown = [vpn.vpn_section(text) for text in said.split("Building configuration...")[1:]]
    for command, gone, there in zip(mine, shown[::2], shown[1::2]):
        assert gone.count("  " + command) == lines.count("  " + command) - 1, (command, gone)
        assert there == lines, command
    for command in ("remote any", "encapsulation gre key 1", "no ipsec", "establish on-traffic", "address 10.7.0.1/30"):
        assert "a tunnel-link-template has no " in refused("tunnel-link-template spokes- vrf red", command)
    assert "is for a tunnel-link-template" in refused("tunnel-link unfinished vrf red", "limit 5")
    assert "the last no digit" in refused("tunnel-link-template spokes1 vrf red")
    assert "have such names" in refused("tunnel-link spokes-12 vrf red")
    assert "needs the peer's address" in refused("tunnel-link-template spokes- vrf red", "encapsulation ipip-distinct")
    state = vpn.show(r1(), "show vpn tunnel-link-template")["tunnelLinkTemplates"]["spokes-"]
    assert state["state"] == "down" and state["limit"] == 400 and state["spokes"] == 0


NEW = "tunnel-link zinc vrf red"
ENDS = ("local 10.0.0.1", "remote 10.0.0.2")


REFUSED = [
    # what a link is called
    (("tunnel-link abcdefghijklmnop vrf red",), "has 1 to 15 characters"),
    (("tunnel-link a/b vrf red",), "the first a letter or a digit"),
    (("tunnel-link vpni256 vrf red",), "tunnel-link vpni256: vpnd's own interfaces have such names"),
    (("tunnel-link red vrf red",), "tunnel-link red: the VRF's interface has that name"),
    (("tunnel-link lo vrf red",), "tunnel-link lo: the kernel uses that name"),
    # its ends
    (("tunnel-link unfinished vrf red", "local 127.0.0.1"), "local 127.0.0.1 is not the address of a host"),
    (("tunnel-link unfinished vrf red", "remote 224.0.0.1"), "remote 224.0.0.1 is not the address of a host"),
    (("tunnel-link gre-key vrf red", "remote 2001:db8::2"), "are of different families"),
    (("tunnel-link gre-key vrf red", "remote 10.0.0.1"), "local and remote are both 10.0.0.1"),
    (("tunnel-link gre-key vrf red", "remote any"), "encapsulation gre needs the peer's address"),
    (("tunnel-link answer vrf green", "establish on-traffic"), "remote any only answers"),
    # its kind
    (("tunnel-link unfinished vrf red", "encapsulation mpls-in-ip label 15 remote-label 16"), "16 to 1048575"),
    (
        ("tunnel-link unfinished vrf red", "encapsulation l2tp tunnel-id 0 peer-tunnel-id 1 session-id 1 peer-session-id 1"),
        "must be 1 to 4294967295",
    ),
    (
        (
            "tunnel-link unfinished vrf red",
            "encapsulation l2tp tunnel-id 1 peer-tunnel-id 1 session-id 1 peer-session-id 1 cookie 0bad",
        ),
        "8 or 16 hexadecimal digits",
    ),
    (("tunnel-link shared-1 vrf red", "no ipsec"), "encapsulation ipip-shared is made of IPsec"),
    (("tunnel-link distinct vrf blue", "establish on-traffic"), "cannot go with 'no ipsec'"),
    (("tunnel-link gre-key vrf red", "signal transport"), "encapsulation gre tells by its protocol"),
    (("tunnel-link answer vrf green", "signal transport"), "ipsec-tunnel negotiates tunnel mode"),
    (("tunnel-link unfinished vrf red", "vpn-id 00a0c9"), "6 hexadecimal digits"),
    # its profile
    (("tunnel-link gre-key vrf red", "ipsec-profile LEAD"), "tunnel-link gre-key: there is no ipsec-profile LEAD"),
    (("no ipsec-profile SILVER",), "there is no ipsec-profile SILVER: configure it first, remove it last"),
    # its addresses
    (("tunnel-link gre-key vrf red", "mtu 1279"), "IPv6 needs an mtu of 1280 at least, not 1279"),
    (("tunnel-link unfinished vrf red", "mtu 67"), "mtu must be 68 to 65535"),
    (("tunnel-link gre-key vrf red", "unnumbered lo"), "remove address or unnumbered"),
    (("tunnel-link unfinished vrf red", "unnumbered unfinished"), "cannot borrow its own address"),
    (("tunnel-link unfinished vrf red", "establish on-traffic idle 9"), "must be 10 to 86400 seconds"),
]
APART = [
    (("encapsulation ipip-shared", "vpn-id 00a0c9:00000001", "ipsec-profile GOLD"), "same endpoints and vpn-id"),
    (("encapsulation gre",), "give one another gre key"),
    (("encapsulation gre key 4294967295",), "give one another gre key"),
    (("encapsulation gre key 5", "ipsec-profile GOLD"), "give both the same ipsec-profile"),
    (("encapsulation gre key 5", "no ipsec"), "give both the same ipsec-profile"),
    (
        ("encapsulation l2tp tunnel-id 1 peer-tunnel-id 2 session-id 3 peer-session-id 5",),
        "tunnel-link l2tp.1 has the same session-id",
    ),
    (
        ("encapsulation l2tp tunnel-id 1 peer-tunnel-id 2 session-id 5 peer-session-id 4",),
        "same remote and peer-session-id",
    ),
    (
        ("encapsulation l2tp tunnel-id 1 peer-tunnel-id 3 session-id 5 peer-session-id 5",),
        "same tunnel-id and other ends",
    ),
    (("remote 10.0.0.3", "encapsulation ipip-distinct"), "a pair of addresses for each link"),
    # the kernel's carrier of mpls-in-ip takes the packets of ipip-distinct without IPsec, too
    (
        ("remote 10.0.0.3", "encapsulation mpls-in-ip label 30 remote-label 31"),
        "tunnel-link distinct has the same endpoints, and the kernel gives the packets of both to one of them",
    ),
    (
        ("local 2001:db8::1", "remote 2001:db8::2", "no ipsec", "encapsulation ipip-distinct"),
        "tunnel-link mpls_6 has the same endpoints, and the kernel gives the packets of both to one of them",
    ),
    (
        ("local 2001:db8::1", "remote 2001:db8::2", "encapsulation mpls-in-ip label 16 remote-label 17"),
        "same endpoints and label",
    ),
    (("vpn-id 00a0c9:00000002",), "same vpn-id in another VRF"),
]


def test_refused():
    "Each in words that name the link; nothing has changed."
    script = []
    for commands, _ in REFUSED:
        script += ["configure terminal", "vpn", *commands, "end"]
    said_in_order(session(*script), REFUSED)
    assert running() == typed()


def test_links_that_cannot_be_told_apart_are_refused():
    "The last command of each, by the name of the other link; what was typed before stays."
    script = []
    for commands, _ in APART:
        ends = () if commands[0].startswith("local") else ENDS
        script += ["configure terminal", "vpn", NEW, *ends, *commands, "exit", "no tunnel-link zinc", "end"]
    said = session(*script)
    said_in_order(said, [(commands, "tunnel-link zinc: tunnel-link ") for commands, _ in APART])
    said_in_order(said, APART)
    assert said.count("% Configuration failed") == len(APART), said
    assert running() == typed()


def test_on_traffic_and_rip_exclude_each_other():
    "Whichever comes first, the other is refused; RIP in another VRF is none of it."
    for protocol in ("rip", "ripng"):
        router = "router {} vrf ".format(protocol)
        fine, said = run_vtysh("configure terminal", router + "blue")
        assert not fine and "tunnel-link shared-2: establish on-traffic" in said and "VRF blue" in said, said
        fine, said = run_vtysh("configure terminal", router + "red")
        assert fine, said
        assert "remove 'router {} vrf red'".format(protocol) in refused("tunnel-link shared-1 vrf red", "establish on-traffic")
        fine, said = run_vtysh("configure terminal", "no " + router + "red")
        assert fine, said
        accepted("tunnel-link shared-1 vrf red", "establish on-traffic", "establish permanent")
    assert running() == typed()


def edit(operation, name, **leaves):
    "The command that edits a link and commits it."
    tree = {"frr-vpnd:tunnel-link": [dict(leaves, name=name)]}
    return "mgmt edit {} {} json lock commit {}".format(
        operation, LINK.format(name), json.dumps(tree, separators=(",", ":"))
    )


def yang(*edits):
    "Edits of the data tree as a management system would make them; what is said."
    return session("configure terminal", *edits)


def data(name):
    "A configured link as YANG data, defaults apart."
    output = vpn.vtysh(r1(), "show mgmt get-data {} only-config".format(LINK.format(name)))
    (link,) = json.loads(output)["frr-vpnd:vpn"]["tunnel-link"]
    return link


def test_yang_and_commands_say_the_same():
    "A link is edited as YANG data: its commands are written; the same commands make the same data."
    yang(
        edit(
            "merge",
            "zinc",
            vrf="red",
            local="10.0.0.1",
            remote="10.0.0.2",
            encapsulation={"type": "gre", "key": 5},
            **{
                "ipsec-profile": "SILVER",
                "vpn-id": "00A0C9:00000001",
                "establish": {"mode": "on-traffic", "idle": 11},
                "address": "10.7.0.1/30",
                "mtu": 1300,
            },
        )
    )
    commands = [
        " " + NEW,
        "  local 10.0.0.1",
        "  remote 10.0.0.2",
        "  encapsulation gre key 5",
        "  ipsec-profile SILVER",
        "  vpn-id 00A0C9:00000001",
        "  establish on-traffic idle 11",
        "  address 10.7.0.1/30",
        "  mtu 1300",
        " exit",
        " !",
    ]
    lines = running()
    start = lines.index(commands[0])
    assert lines[start : start + len(commands)] == commands
    edited = data("zinc")
    accepted("no tunnel-link zinc", *[command.strip() for command in commands if command != " !"])
    assert data("zinc") == edited
    accepted("no tunnel-link zinc")
    assert running() == typed()


def test_yang_choice_of_protection():
    "Naming a profile takes no-ipsec away, and the other way round."
    node = "tunnel-link unfinished vrf red"
    accepted(node, "no ipsec")
    yang(edit("merge", "unfinished", vrf="red", **{"ipsec-profile": "GOLD"}))
    assert running().count("  ipsec-profile GOLD") == typed().count("  ipsec-profile GOLD") + 1
    assert running().count("  no ipsec") == typed().count("  no ipsec")
    yang(edit("merge", "unfinished", vrf="red", **{"no-ipsec": [None]}))
    assert running().count("  ipsec-profile GOLD") == typed().count("  ipsec-profile GOLD")
    accepted(node, "ipsec")
    assert running() == typed()


EDITS = [
    ({"encapsulation": {"type": "gre", "label": 16}}, "label is for encapsulation mpls-in-ip, not gre"),
    ({"encapsulation": {"type": "ipip-shared", "key": 1}}, "key is for encapsulation gre, not ipip-shared"),
    ({"encapsulation": {"type": "gre", "session-id": 1}}, "are for encapsulation l2tp, not gre"),
    ({"peer-address": "10.7.0.2"}, "peer-address goes with an address"),
    ({"establish": {"idle": 60}}, "idle is for establish on-traffic"),
    ({"remote": "any", "no-ipsec": [None]}, "remote any is known by IKE"),
]


def test_yang_edits_refused():
    "What the commands cannot say, YANG can: vpnd refuses it."
    said = yang(*[edit("merge", "unfinished", vrf="red", **leaves) for leaves, _ in EDITS])
    said_in_order(said, EDITS)
    said_in_order(said, [(leaves, "tunnel-link unfinished: ") for leaves, _ in EDITS])
    assert running() == typed()


def reload(text):
    r1().net.cmd_raises("cat > /tmp/vpn_link_config.conf", stdin=text)
    r1().net.cmd_raises("/usr/lib/frr/frr-reload.py --reload /tmp/vpn_link_config.conf")
    return running()


def test_reload():
    "frr-reload.py changes, moves, adds and removes links, each in one commit, and back again."
    other = (
        file_text()
        .replace("encapsulation gre key 4294967295", "encapsulation gre key 77")
        .replace("tunnel-link shared-1 vrf red", "tunnel-link shared-1 vrf green")
        .replace("  no ipsec\n  address", "  ipsec-profile SILVER\n  address")
        .replace("tunnel-link unfinished", "tunnel-link zfinished")
        .replace("  mtu 1400\n", "")
        .replace("  vpn-id 00a0c9:000000ff\n", "")
    )
    assert reload(other) == vpn.vpn_section(other)
    wait = sorted(names(vpn.vpn_section(other)))
    vpn.wait_for("vpnd has them", lambda: sorted(links()) == wait or vpn._fail(links()))
    vpn.wait_for("shared-1 is another VRF's", lambda: links()["shared-1"]["vrf"] == "green")
    assert reload(file_text()) == typed()
    wait_for_vpnd()


def test_no_vpn_with_many_links():
    "More than a command has changes: all of them go at once."
    many = ["tunnel-link many{} vrf red".format(n) for n in range(40)]
    r1().net.cmd_raises(
        "cat > /tmp/vpn_link_config.conf", stdin="\n".join(["vpn"] + [m + "\nexit" for m in many] + ["exit", ""])
    )
    r1().net.cmd_raises("vtysh -f /tmp/vpn_link_config.conf")
    vpn.wait_for("40 more links", lambda: len(links()) == 40 + len(names(typed())))
    vpn.vtysh(r1(), "configure terminal", "no vpn")
    assert running() == []
    vpn.wait_for("no link", lambda: links() == {})
    r1().net.cmd_raises("vtysh -f /etc/frr/frr.conf")
    assert running() == typed()
    wait_for_vpnd()


def test_completion():
    "vtysh knows the words of the node."
    known = session("configure terminal", "vpn", "list", "tunnel-link unfinished vrf red", "list").splitlines()
    for command in (
        "tunnel-link NAME vrf NAME",
        "local <A.B.C.D|X:X::X:X>",
        "remote <A.B.C.D|X:X::X:X|any>",
        "encapsulation <ipsec-tunnel|ipip-shared|ipip-distinct>",
        "encapsulation gre [key (0-4294967295)]",
        "encapsulation mpls-in-ip label (0-4294967295) remote-label (0-4294967295)",
        "ipsec-profile NAME",
        "[no] ipsec",
        "local-identity LINE...",
        "remote-identity LINE...",
        "vpn-id WORD",
        "signal <none|transport|vendor-id>",
        "establish <permanent|on-traffic [idle (0-4294967295)]>",
        "address <A.B.C.D/M [peer A.B.C.D]|X:X::X:X/M>",
        "unnumbered IFNAME",
        "mtu (0-4294967295)",
    ):
        assert any(line.split() == command.split() for line in known), command


def test_vpnd_killed_and_restarted():
    "It gets the same links again."
    vpn.kill(r1(), "vpnd")
    vpn.restart(r1(), "vpnd")
    wait_for_vpnd()
    assert running() == typed()


def test_what_was_configured_without_vpnd():
    "A contradiction that nobody could see while vpnd was away: taken when it comes, and told as the link's reason."
    vpn.kill(r1(), "vpnd")
    accepted("tunnel-link gre-plain vrf blue", "encapsulation gre key 4294967295")
    vpn.restart(r1(), "vpnd")
    vpn.wait_for(
        "the fault is told", lambda: "tunnel-link gre-key has the same endpoints and key" in reason("gre-plain")
    )
    accepted("tunnel-link gre-plain vrf blue", "encapsulation gre")
    vpn.wait_for("no fault", lambda: "same endpoints" not in reason("gre-plain"))
    assert running() == typed()
