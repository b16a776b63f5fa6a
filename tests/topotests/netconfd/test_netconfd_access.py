# SPDX-License-Identifier: GPL-2.0-or-later
"""
Who may do what over NETCONF (RFC 8341): rules for groups, defaults, secrets.

     ncclient as admin (write) and as guest ══ SSH on loopback ══ r1          zebra, staticd, vpnd, mgmtd, netconfd

What may not be read is not there, and no filter finds it; what may not be
changed is not changed, by whatever operation, and the error names the node.
Rules are one configuration, by commands and over NETCONF.
"""
import os
import sys

import pytest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), ".."))
# pylint: disable=C0413
import nctopo as nc
import vpntopo as vpn
from nctopo import configure, error_of, r1

pytestmark = [pytest.mark.netconfd]

VPN = ("subtree", '<vpn xmlns="{}"/>'.format(nc.VPN_NS))
STATIC = "http://frrouting.org/yang/staticd"
PROFILES = "/frr-vpnd:vpn/ipsec-profile"
SECRET = "only-for-the-test"
ACM = "urn:ietf:params:xml:ns:yang:ietf-netconf-acm"


def setup_module(module):
    nc.start_r1(module, daemons=("zebra", "staticd", "vpnd"))


def teardown_module(_module):
    nc.stop_r1()


@pytest.fixture
def rules():
    "Configures rules of the list L; afterwards there are none, and the defaults are what they were."

    def configured(*lines, group="G"):
        configure(
            "access group G user guest",
            "access rule-list L group {}".format(group),
            *["access rule L {}".format(line) for line in lines],
        )

    yield configured
    configure(
        "no access rule-list L",
        "no access group G user guest",
        "access read-default permit",
        "access write-default deny",
        "access exec-default deny",
    )


@pytest.fixture
def admin():
    session = nc.connect(r1())
    yield session
    vpn.wait_for("nobody has a lock", lambda: session.discard_changes().ok)  # a roll-back has, for a moment
    left = nc.prefixes_in(session.get_config("running"))
    edit(
        session,
        nc.routes(*left, operation="remove"),
        '<vpn xmlns="{}" nc:operation="remove"/>'.format(nc.VPN_NS),
        nacm(operation="remove"),
    )
    session.commit()
    session.close_session()


@pytest.fixture
def guest():
    session = nc.connect(r1(), "guest")
    yield session
    session.close_session()


def names(session, source="candidate", what=VPN):
    return nc.texts(session.get_config(source, what), nc.VPN_NS, "name")


def edit(session, *parts, **options):
    session.edit_config(nc.config(*parts), target="candidate", **options)


def nacm(*parts, operation=None):
    return '<nacm xmlns="{}"{}>{}</nacm>'.format(ACM, nc.mark(operation), "".join(parts))


def group(name, user="guest"):
    return "<groups><group><name>{}</name><user-name>{}</user-name></group></groups>".format(name, user)


def rule(name, what, rights="*", action="permit"):
    "A rule of the list L, for the group G."
    return (
        "<rule-list><name>L</name><group>G</group><rule><name>{}</name>{}<access-operations>{}</access-operations>"
        "<action>{}</action></rule></rule-list>".format(name, what, rights, action)
    )


def path(text):
    return '<path xmlns:v="{}">{}</path>'.format(nc.VPN_NS, text)


def lines():
    "Of access control, as vtysh writes them."
    return [line for line in vpn.vtysh(r1(), "show running-config").splitlines() if line.startswith(" access ")]


def secret_profile(name):
    return (
        '<vpn xmlns="{}"><ipsec-profile><name>{}</name><authentication>'
        "<pre-shared-key>{}</pre-shared-key></authentication></ipsec-profile></vpn>".format(nc.VPN_NS, name, SECRET)
    )


def test_secrets_are_for_those_who_may_write(admin, guest):
    "default-deny-all of the YANG module: the pre-shared key is not there for a reader, nor found by a predicate."
    edit(admin, secret_profile("A"))
    assert nc.texts(admin.get_config("candidate", VPN), nc.VPN_NS, "pre-shared-key") == [SECRET]
    assert names(guest) == ["A"]
    for what in (VPN, None, ("xpath", "/*"), ("xpath", ({"v": nc.VPN_NS}, "//v:pre-shared-key"))):
        assert SECRET not in guest.get_config("candidate", what).xml
    guess = ("xpath", ({"v": nc.VPN_NS}, "/v:vpn/v:ipsec-profile[v:authentication/v:pre-shared-key='{}']".format(SECRET)))
    assert names(admin, what=guess) == ["A"] and names(guest, what=guess) == []
    guess = (
        "subtree",
        '<vpn xmlns="{}"><ipsec-profile><name/><authentication><pre-shared-key>{}</pre-shared-key>'
        "</authentication></ipsec-profile></vpn>".format(nc.VPN_NS, SECRET),
    )
    assert SECRET in admin.get_config("candidate", guess).xml and SECRET not in guest.get_config("candidate", guess).xml.replace("data", "")


def test_a_module_that_may_not_be_read(admin, guest, rules):
    edit(admin, nc.profile("A", 600))
    rules("hide deny module frr-staticd read")
    for call, options in (("get_config", ("running",)), ("get", ())):
        assert nc.ALWAYS in nc.texts(getattr(admin, call)(*options), STATIC, "prefix")
        assert nc.texts(getattr(guest, call)(*options), STATIC, "prefix") == []
    assert names(guest) == ["A"]


def test_only_a_path_may_be_read(admin, guest, rules):
    "read-default deny: what is above a permitted node stays, with its keys, and nothing beside it."
    edit(admin, nc.profile("A", 600), nc.profile("B", 700), nc.routes("192.0.2.1/32"))
    rules("one permit path {}[name=\"A\"]/lifetime read".format(PROFILES))
    configure("access read-default deny")
    reply = guest.get_config("candidate")
    assert nc.texts(reply, nc.VPN_NS, "name") == ["A"] and nc.texts(reply, nc.VPN_NS, "lifetime") == ["600"]
    assert nc.prefixes_in(reply) == [] and "203.0.113.1" not in reply.xml
    assert names(admin) == ["A", "B"]


def test_the_first_rule_decides(admin, guest, rules):
    edit(admin, nc.profile("A"), nc.profile("B"))
    rules("a deny path {}[name=\"A\"] read".format(PROFILES), "b permit path {} read".format(PROFILES))
    assert names(guest) == ["B"]
    configure("no access rule L a")
    assert names(guest) == ["A", "B"]


def test_edits_are_asked_for_node_by_node(admin, guest, rules):
    "One profile may be edited; what else an edit would change is named in the error, and nothing of it is done."
    edit(admin, nc.profile("B", 700))
    assert error_of(edit, guest, nc.profile("A", 600)).tag == "access-denied"
    before = nc.state(r1())["deniedDataWrites"]
    rules("mine permit path {}[name=\"A\"] read create update".format(PROFILES))
    edit(guest, nc.profile("A", 600))
    edit(guest, nc.profile("A", 650))
    for parts, options in (
        ((nc.profile("B", 800),), {}),
        ((nc.profile("A", 660), nc.profile("C", 800)), {}),
        ((nc.profile("A", 660), nc.profile("B", None, "delete")), {"error_option": "continue-on-error"}),
        ((nc.profile("A", None, "delete"),), {}),
        ((nc.profile("A", 660),), {"default_operation": "replace"}),
        ((nc.routes("192.0.2.1/32"),), {}),
    ):
        error = error_of(edit, guest, *parts, **options)
        assert error.tag == "access-denied" and error.path, (parts, error.tag, error.message)
        assert names(admin) == ["A", "B"] or names(admin) == ["B", "A"]
        assert sorted(nc.texts(admin.get_config("candidate", VPN), nc.VPN_NS, "lifetime")) == ["650", "700"]
        assert nc.prefixes_in(admin.get_config("candidate")) == []
    assert nc.state(r1())["deniedDataWrites"] == before + 6


def test_a_commit_is_asked_for_what_it_changes(admin, guest, rules):
    "The candidate is everybody's: who may commit may still not commit another's edit of what is not theirs."
    rules("mine permit path {}[name=\"A\"]".format(PROFILES), "commit permit module ietf-netconf rpc commit exec")
    edit(guest, nc.profile("A", 600))
    edit(admin, nc.profile("B", 700))
    error = error_of(guest.commit)
    assert error.tag == "access-denied" and "'B'" in error.path, (error.path, error.message)
    assert names(admin, "running") == []
    edit(admin, nc.profile("B", None, "delete"))
    guest.commit()
    assert names(admin, "running") == ["A"]
    assert error_of(guest.discard_changes).tag == "access-denied"


def test_rules_hold_for_who_may_write_too(admin, rules):
    "A list for everybody denies what write would permit."
    rules("fixed deny path {}[name=\"FIXED\"] create update delete".format(PROFILES), "nokill deny rpc kill-session", group="*")
    victim = nc.connect(r1())
    error = error_of(edit, admin, nc.profile("FIXED"))
    assert error.tag == "access-denied" and "FIXED" in error.path
    edit(admin, nc.profile("OTHER"))
    assert error_of(admin.kill_session, victim.session_id).tag == "access-denied"
    assert victim.get_config("running").ok
    victim.close_session()


def test_defaults(admin, guest, rules):
    "exec-default permit does not hold for what the YANG module denies; write-default permit is for every node."
    assert error_of(guest.discard_changes).tag == "access-denied"
    configure("access exec-default permit")
    guest.discard_changes()
    assert error_of(guest.kill_session, admin.session_id).tag == "access-denied"
    assert error_of(edit, guest, nc.profile("A")).tag == "access-denied"
    configure("access write-default permit")
    edit(guest, nc.profile("A", 600))
    error = error_of(edit, guest, secret_profile("A"))
    assert error.tag == "access-denied" and error.path.endswith("pre-shared-key"), error.path
    guest.commit()
    assert names(admin, "running") == ["A"]


def test_notifications(admin, guest, rules):
    "A notification that a rule denies reaches the others."
    other = nc.connect(r1())
    rules("quiet deny notification vpn-alarm")
    guest.create_subscription()
    other.create_subscription()
    edge = '<vpn xmlns="{}"><provider-edge><local-address>10.9.9.9</local-address><ipsec-profile>A</ipsec-profile></provider-edge></vpn>'
    edit(admin, secret_profile("A"), edge.format(nc.VPN_NS))
    admin.commit()
    assert other.take_notification(timeout=60) is not None
    vpn.wait_for("it is denied", lambda: nc.state(r1())["deniedNotifications"] > 0)
    assert guest.take_notification(block=False) is None
    other.close_session()


def test_rules_are_written_and_read_again(rules):
    rules(
        "a permit module frr-vpnd path {}[name=\"A\"] read create".format(PROFILES),
        "b deny rpc * exec",
        "c permit notification vpn-alarm",
        "d permit",
    )
    configure("access comment L d all that is left", "access rule-list M", "access read-default deny", "access exec-default permit")

    written = lines()
    assert written == [
        " access read-default deny",
        " access exec-default permit",
        " access group G user guest",
        " access rule-list L group G",
        " access rule L a permit module frr-vpnd path {}[name='A'] create read".format(PROFILES),
        " access rule L b deny rpc * exec",
        " access rule L c permit notification vpn-alarm",
        " access rule L d permit",
        " access comment L d all that is left",
        " access rule-list M",
    ]
    configure("no access rule-list M", "no access rule-list L", *[line.strip().replace("'", '"') for line in written])
    assert lines() == written
    said = r1().net.cmd_nostatus("vtysh -c 'configure terminal' -c netconf -c 'access rule L e permit path vpn/nothing'", warn=False)
    assert "is no path" in said and lines() == written
    configure("no access rule-list M")


def test_rules_over_netconf_and_by_command(admin, guest):
    "What one says the other shows. A rule holds when it is committed, and no sooner."
    edit(admin, nacm(group("G"), rule("a", path("/v:vpn/v:ipsec-profile[v:name='A']"), "read create update")))
    assert error_of(edit, guest, nc.profile("A")).tag == "access-denied"
    admin.commit()
    edit(guest, nc.profile("A", 600))
    assert lines() == [
        " access group G user guest",
        " access rule-list L group G",
        " access rule L a permit path {}[name='A'] create read update".format(PROFILES),
    ]
    configure("access rule L b permit module ietf-netconf rpc commit exec")
    reply = admin.get_config("running", ("subtree", nacm()))
    assert nc.texts(reply, ACM, "rpc-name") == ["commit"] and nc.texts(reply, ACM, "user-name") == ["guest"]
    guest.commit()
    edit(admin, nacm(operation="remove"))
    admin.commit()
    assert lines() == []
    assert error_of(edit, guest, nc.profile("A", 700)).tag == "access-denied"


def test_rules_are_for_those_who_may(admin, guest, rules):
    "Nobody but who may write sees and changes rules, unless a rule permits it."
    edit(admin, nacm(group("OTHER", "somebody")))
    assert nc.texts(guest.get_config("candidate"), ACM, "name") == []
    assert error_of(edit, guest, nacm(group("MINE"))).tag == "access-denied"
    rules("own permit path /ietf-netconf-acm:nacm/groups")
    assert nc.texts(guest.get_config("candidate"), ACM, "user-name") == ["guest", "somebody"]
    edit(guest, nacm(group("MINE")))
    assert error_of(edit, guest, nacm("<write-default>permit</write-default>")).tag == "access-denied"


def test_a_path_that_is_none_is_refused(admin):
    "Nobody has such a module; no rule can have such a path."
    for text, words in (("/nobody:vpn", "nobody"), ("/v:vpn/v:ipsec-profile[v:lifetime > 3]", "Invalid node-instance-identifier")):
        error = error_of(edit, admin, nacm(group("G"), rule("a", path(text))))
        assert error.tag in ("invalid-value", "operation-failed") and words in error.message, (error.tag, error.message)
    assert lines() == []


def test_rules_come_back_when_a_commit_is_not_confirmed(admin, guest):
    edit(admin, nacm("<read-default>deny</read-default>"))
    admin.commit(confirmed=True, timeout="10")
    assert nc.ALWAYS not in nc.texts(guest.get_config("running"), STATIC, "prefix")
    vpn.wait_for("the guest may read", lambda: nc.ALWAYS in nc.texts(guest.get_config("running"), STATIC, "prefix") or nc.fail("not yet"))
    assert lines() == []


def test_what_was_denied_is_counted(admin, guest):
    assert error_of(guest.discard_changes).tag == "access-denied"
    state, counted = nc.state(r1()), admin.get(("subtree", nacm()))
    for leaf, key in (
        ("denied-operations", "deniedOperations"),
        ("denied-data-writes", "deniedDataWrites"),
        ("denied-notifications", "deniedNotifications"),
    ):
        assert nc.texts(counted, ACM, leaf) == [str(state[key])], counted.xml
    assert state["deniedOperations"] > 0


def test_rules_hold_as_soon_as_netconfd_listens(rules):
    "They are mgmtd's; a netconfd that has just started lets nobody in before it has them."
    rules("hide deny module frr-staticd read")
    vpn.kill(r1(), "netconfd")
    r1().net.startRouterDaemons(["netconfd"])
    r1().net.cmd_raises("vtysh -d netconfd -f /etc/frr/frr.conf")
    nc.wait_listening(r1())
    guest = nc.connect(r1(), "guest")
    assert nc.texts(guest.get_config("running"), STATIC, "prefix") == []
    guest.close_session()


def test_rules_hold_while_mgmtd_is_away(rules, guest):
    "And when it is there again, until it tells what it has; then that holds alone."
    rules("hide deny module frr-staticd read")
    vpn.kill(r1(), "mgmtd")
    assert "mgmtd" in error_of(guest.get_config, "running").message
    vpn.restart(r1(), "mgmtd")
    vpn.wait_for("mgmtd is there", lambda: nc.state(r1())["mgmtd"])
    vpn.wait_for("its configuration is read", lambda: nc.ALWAYS in vpn.vtysh(r1(), "show running-config"))
    assert lines() == []

    def seen():
        return nc.texts(guest.get_config("running"), STATIC, "prefix")

    assert seen() == []
    # whoever comes back is told all that mgmtd has, and that is locked meanwhile
    vpn.wait_for("nobody has a lock", lambda: vpn.type_in(r1(), "configure terminal", "netconf", "access rule-list L")[0])
    # as a front end and as a backend netconfd comes back by itself, one after the other
    vpn.wait_for("what mgmtd has now holds", lambda: seen() == [nc.ALWAYS])
