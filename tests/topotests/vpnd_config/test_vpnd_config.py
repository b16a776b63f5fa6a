# SPDX-License-Identifier: GPL-2.0-or-later
"""
Configuration of vpnd, from vtysh and YANG through mgmtd to vpnd and back.

     r1 ── backbone          zebra, mgmtd, vpnd; no charon, no bgpd: nothing here is about IPsec

What is typed is what is written and what is read again; each command has a no
form that puts its default back; what is wrong is refused in words and changes
nothing; what mgmtd has reaches vpnd whichever of them starts first.
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
PROFILE = "/frr-vpnd:vpn/ipsec-profile[name=\"{}\"]"


def build_topo(tgen):
    tgen.add_switch("backbone").add_link(tgen.add_router("r1", cls=vpn.VpnRouter))


def setup_module(module):
    tgen = Topogen(build_topo, module.__name__)
    tgen.start_topology()
    vpn.start_pe(tgen, "r1", daemons=("zebra", "vpnd"), charon=False)
    wait_for_vpnd()


def teardown_module(_module):
    get_topogen().stop_topology()


def r1():
    return get_topogen().gears["r1"]


def wait_for_vpnd():
    "vpnd is a backend of mgmtd now, and has its configuration."
    vpn.wait_for("vpnd has a configuration", lambda: "no provider-edge" not in blocked())


def blocked():
    "Why nothing can work, as vpnd says: it shows what vpnd was given."
    return vpn.show(r1(), "show vpn peer")["blocked"]


def running():
    return vpn.vpn_section(vpn.vtysh(r1(), "show running-config"))


def typed():
    with open(os.path.join(HERE, "r1", "frr.conf"), encoding="utf-8") as config:
        return vpn.vpn_section(config.read())


def configure(*commands):
    "Types the commands below 'vpn' and returns what is said, and whether it went well."
    return vpn.type_in(r1(), "configure terminal", "vpn", *commands)


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


def test_what_is_typed_is_shown():
    "Every command, in the order and form of the file."
    assert running() == typed()


def test_defaults_are_not_shown():
    "Typed as they are, they change nothing that is written."
    accepted(
        "ipsec-profile GOLD",
        "ike proposal aes256gcm16-prfsha384-x25519",
        "ike version 2",
        "esp proposal aes256gcm16-x25519",
        "lifetime 3600",
        "dead-peer-detection 30",
        "retry initial 5 maximum 300 limit 20",
    )
    assert running() == typed()


def test_written_and_read_again():
    "write; then a vtysh that reads the file changes nothing, and a file with all removed brings it back."
    vpn.vtysh(r1(), "write")
    written = r1().net.cmd_raises("cat /etc/frr/frr.conf")
    assert vpn.vpn_section(written) == typed()
    r1().net.cmd_raises("vtysh -f /etc/frr/frr.conf")
    assert running() == typed()
    vpn.vtysh(r1(), "configure terminal", "no vpn")
    assert running() == []
    vpn.wait_for("vpnd has nothing", lambda: "no provider-edge" in blocked())
    r1().net.cmd_raises("vtysh -f /etc/frr/frr.conf")
    assert running() == typed()
    wait_for_vpnd()


@pytest.mark.parametrize(
    "node, command, undo",
    [
        ("ipsec-profile FILE", "ike proposal aes256-sha512-ecp384", "no ike proposal"),
        ("ipsec-profile FILE", "ike proposal aes256-sha512-ecp384", "no ike proposal aes256-sha512-ecp384"),
        ("ipsec-profile FILE", "ike version 1", "no ike version"),
        ("ipsec-profile FILE", "ike version 1", "no ike version 1"),
        ("ipsec-profile FILE", "esp proposal aes256-sha512", "no esp proposal"),
        ("ipsec-profile FILE", "esp proposal aes256-sha512", "no esp proposal aes256-sha512"),
        ("ipsec-profile FILE", "lifetime 7200", "no lifetime"),
        ("ipsec-profile FILE", "lifetime 7200", "no lifetime 7200"),
        ("ipsec-profile FILE", "dead-peer-detection 10", "no dead-peer-detection"),
        ("ipsec-profile FILE", "dead-peer-detection 10", "no dead-peer-detection 10"),
        ("ipsec-profile UNFINISHED", "retry initial 2 maximum 20 limit 3", "no retry"),
        ("ipsec-profile UNFINISHED", "retry initial 2 maximum 20 limit 3", "no retry initial 2 maximum 20 limit 3"),
        ("ipsec-profile UNFINISHED", "retry initial 5 maximum 300 limit 3", "no retry limit"),
        ("ipsec-profile UNFINISHED", "authentication pre-shared-key x", "no authentication"),
        ("ipsec-profile UNFINISHED", "authentication pre-shared-key x", "no authentication pre-shared-key"),
        ("ipsec-profile UNFINISHED", "authentication pre-shared-key x", "no authentication pre-shared-key x"),
        ("ipsec-profile UNFINISHED", "authentication pre-shared-key-file /x", "no authentication pre-shared-key-file /x"),
        (
            "ipsec-profile UNFINISHED",
            "authentication certificate /x key /y ca /z",
            "no authentication certificate /x key /y ca /z",
        ),
    ],
)
def test_no_form(node, command, undo):
    "command is shown, undo takes it back, and taking back what is not there is no error."
    accepted(node, command)
    assert "  " + command in running()
    accepted(node, undo)
    assert running() == typed()
    accepted(node, undo)
    assert running() == typed()


def test_no_forms_of_the_provider_edge():
    "Each leaf by itself, with and without its value; vpnd says what is missing next."
    for commands, reason in (
        (("no spi-prefix-length", "spi-prefix-length 20", "no spi-prefix-length 20"), None),
        (("no ipsec-profile GOLD",), "no ipsec-profile"),
        (("ipsec-profile UNFINISHED",), "UNFINISHED: no authentication"),
        (("no ipsec-profile",), "no ipsec-profile"),
        (("no local-address 10.0.0.1",), "no local-address"),
        (("local-address 2001:db8::1", "no local-address"), "no local-address"),
    ):
        accepted("provider-edge", *commands)
        if reason:
            vpn.wait_for(reason, lambda r=reason: r in blocked())
    assert [line for line in running() if line not in typed()] == []
    assert "  local-address 10.0.0.1" not in running()
    accepted("no provider-edge")
    vpn.wait_for("no provider-edge", lambda: "no provider-edge" in blocked())
    accepted("provider-edge", "local-address 10.0.0.1", "ipsec-profile GOLD", "spi-prefix-length 20")
    assert running() == typed()


def test_profiles_come_and_go():
    accepted("ipsec-profile ZINC", "lifetime 100")
    assert " ipsec-profile ZINC" in running()
    accepted("no ipsec-profile ZINC")
    assert running() == typed()
    accepted("no ipsec-profile ZINC")


@pytest.mark.parametrize(
    "commands, words",
    [
        (("ipsec-profile GOLD", "ike proposal aes256gcm16-prfsha999-x25519"), 'unknown keyword "prfsha999"'),
        (("ipsec-profile GOLD", "esp proposal aes999gcm16"), 'unknown keyword "aes999gcm16"'),
        (("ipsec-profile GOLD", "esp proposal aes256gcm16-prfsha256"), "for IKE only"),
        (("ipsec-profile GOLD", "ike proposal aes256gcm16"), "no key exchange"),
        (("ipsec-profile GOLD", "ike version 3"), "ike version must be 1 or 2"),
        (("ipsec-profile GOLD", "lifetime 9"), "lifetime must be 10 to 2592000 seconds"),
        (("ipsec-profile GOLD", "dead-peer-detection 3601"), "dead-peer-detection must be 0 (off) to 3600"),
        (("ipsec-profile GOLD", "retry initial 0"), "retry initial must be 1 to 3600"),
        (("ipsec-profile GOLD", "retry initial 301"), "ipsec-profile GOLD: retry: initial 301 is over maximum 300"),
        (
            ("ipsec-profile GOLD", "authentication certificate /c key /k ca /a"),
            "ipsec-profile GOLD: authentication: pre-shared-key and certificate together",
        ),
        (("ipsec-profile GOLD", "authentication pre-shared-key-file /f"), "pre-shared-key-file together"),
        (("ipsec-profile UNFINISHED", "authentication pre-shared-key-file f"), "named by its whole path"),
        (("ipsec-profile " + "X" * 64,), "at most 63 characters"),
        (("no ipsec-profile GOLD",), "provider-edge: there is no ipsec-profile GOLD"),
        (("provider-edge", "ipsec-profile SILVER"), "provider-edge: there is no ipsec-profile SILVER"),
        (("provider-edge", "spi-prefix-length 0"), "spi-prefix-length must be 7 to 26"),
        (("provider-edge", "spi-prefix-length 6"), "spi-prefix-length must be 7 to 26"),
        (("provider-edge", "spi-prefix-length 27"), "spi-prefix-length must be 7 to 26"),
        (("provider-edge", "local-address 127.0.0.1"), "local-address 127.0.0.1 is not the address of a host"),
        (("provider-edge", "local-address 224.0.0.1"), "local-address 224.0.0.1 is not the address of a host"),
    ],
)
def test_refused(commands, words):
    assert words in refused(*commands)


def edit(profile, **leaves):
    "The command that merges this into a profile and commits it."
    tree = {"frr-vpnd:ipsec-profile": [dict(leaves, name=profile)]}
    return "mgmt edit merge {} json lock commit {}".format(
        PROFILE.format(profile), json.dumps(tree, separators=(",", ":"))
    )


def yang(*edits):
    "Edits of the data tree as a management system would make them, each with its commit; what is said."
    commands = ["configure terminal"] + list(edits)
    r1().net.cmd_raises("cat > /tmp/vpnd_config.commands", stdin="\n".join(commands) + "\n")
    _, output, error = r1().net.cmd_status("vtysh < /tmp/vpnd_config.commands", warn=False)
    return output + error


def test_one_edit_with_two_methods_is_refused():
    "What the commands cannot say at once, YANG can: it is vpnd that refuses it."
    said = yang(edit("UNFINISHED", authentication={"pre-shared-key": "x", "pre-shared-key-file": "/f"}))
    assert "pre-shared-key and pre-shared-key-file together" in said, said
    assert running() == typed()


def test_one_edit_with_an_unknown_keyword_is_refused():
    "A proposal that no command has looked at."
    said = yang(edit("UNFINISHED", esp={"proposal": "aes999"}))
    assert 'ipsec-profile UNFINISHED: esp proposal aes999: unknown keyword "aes999"' in said, said
    assert running() == typed()


def test_one_edit_is_applied():
    "The same way, something that is right."
    yang(edit("UNFINISHED", lifetime=4711))
    assert "  lifetime 4711" in running()
    accepted("ipsec-profile UNFINISHED", "no lifetime")
    assert running() == typed()


def state():
    "The operational data."
    output = vpn.vtysh(r1(), "show mgmt get-data /frr-vpnd:vpn/state")
    return json.loads(output).get("frr-vpnd:vpn", {}).get("state", {})


def test_operational_data():
    "vpnd says the same by YANG as by its commands: an alarm that the address is not on this machine."

    def alarms():
        return {alarm["object"]: alarm["text"] for alarm in vpn.show(r1(), "show vpn alarm")["alarms"]}

    vpn.wait_for("an alarm about the address", lambda: "10.0.0.1" in alarms()["provider-edge"])
    vpn.wait_for("the same as YANG data", lambda: {a["object"]: a["text"] for a in state()["alarm"]} == alarms())


def test_nothing_to_show():
    "Without bgpd there is no peer and no label, in any form."
    assert vpn.show(r1(), "show vpn peer")["peers"] == {}
    labels = vpn.show(r1(), "show vpn spi-label")
    assert labels["labels"] == {} and labels["uses"] == []
    assert "No peers" in vpn.vtysh(r1(), "show vpn peer")
    vpn.vtysh(r1(), "show vpn spi-label")
    vpn.vtysh(r1(), "clear vpn peer all")
    assert "10.0.0.9 is no peer" in vpn.vtysh(r1(), "clear vpn peer 10.0.0.9")


def test_no_secret_is_told():
    "Neither state nor any log has the pre-shared key, though every command line is logged."
    secret = "k!ey#with"
    for command in ("show vpn peer", "show vpn spi-label", "show vpn alarm", "show mgmt get-data /frr-vpnd:vpn/state"):
        assert secret not in vpn.vtysh(r1(), command)
    logs = r1().net.cmd_raises("cat /tmp/gearlogdir/*.log")
    assert "authentication pre-shared-key" in logs
    assert secret not in logs, [line for line in logs.splitlines() if secret in line]


@pytest.mark.parametrize("what", ["config", "peer", "label", "link", "kernel", "vici", "plugin", "bgp"])
def test_debug(what):
    "On, written, off."
    vpn.vtysh(r1(), "configure terminal", "debug vpn " + what)
    assert "debug vpn " + what in vpn.vtysh(r1(), "show running-config").splitlines()
    vpn.vtysh(r1(), "configure terminal", "no debug vpn")
    assert "debug vpn" not in vpn.vtysh(r1(), "show running-config")


def test_completion():
    "vtysh knows the words of each node."
    script = "configure terminal\nvpn\nlist\nipsec-profile GOLD\nlist\nexit\nprovider-edge\nlist\n"
    r1().net.cmd_raises("cat > /tmp/vpnd_config.commands", stdin=script)
    known = r1().net.cmd_raises("vtysh < /tmp/vpnd_config.commands")
    for command in (
        "ipsec-profile NAME",
        "provider-edge",
        "customer-edge",
        "authentication pre-shared-key SECRET [accept SECRET]",
        "authentication pre-shared-key-file PATH",
        "authentication certificate FILE key FILE ca FILE [crl FILE]",
        "ike proposal PROPOSAL",
        "esp proposal PROPOSAL",
        "local-address <A.B.C.D|X:X::X:X>",
        "spi-prefix-length (0-255)",
    ):
        assert any(line.split() == command.split() for line in known.splitlines()), command


def test_vpnd_killed_and_restarted():
    "It gets the same configuration again."
    vpn.kill(r1(), "vpnd")
    vpn.restart(r1(), "vpnd")
    wait_for_vpnd()
    vpn.wait_for("the address in the reason", lambda: "10.0.0.1" in blocked())
    assert running() == typed()


def test_what_was_configured_without_vpnd():
    "A fault that nobody could see while vpnd was away: taken when it comes, and told."
    vpn.kill(r1(), "vpnd")
    accepted("provider-edge", "ipsec-profile SILVER")
    vpn.restart(r1(), "vpnd")
    vpn.wait_for("the fault is told", lambda: "there is no ipsec-profile SILVER" in blocked())
    accepted("provider-edge", "ipsec-profile GOLD")
    vpn.wait_for("the address in the reason", lambda: "10.0.0.1" in blocked())
    assert "SILVER" in refused("provider-edge", "ipsec-profile SILVER")
    assert running() == typed()


def test_mgmtd_killed_and_restarted():
    "vpnd keeps what it has, and takes changes again when mgmtd is back."
    vpn.kill(r1(), "mgmtd")
    assert "10.0.0.1" in blocked()
    vpn.restart(r1(), "mgmtd")
    vpn.wait_for("mgmtd has the configuration", lambda: running() == typed())
    accepted("provider-edge", "local-address 10.0.0.2")
    vpn.wait_for("the new address in the reason", lambda: "10.0.0.2" in blocked())
    accepted("provider-edge", "local-address 10.0.0.1")
