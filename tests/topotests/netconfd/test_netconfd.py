# SPDX-License-Identifier: GPL-2.0-or-later
"""
netconfd driven by ncclient: every operation, over SSH and TLS.

     ncclient ══ SSH, TLS on loopback ══ r1          zebra, staticd, vpnd, mgmtd, netconfd

What goes in over NETCONF is what mgmtd has, what the daemons do and what vtysh
shows; what is wrong is refused with the error that RFC 6241 has for it, in the
words of the one that refused.
"""
import os
import sys
import time

import pytest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), ".."))
# pylint: disable=C0413
import nctopo as nc
import vpntopo as vpn
from lxml import etree
from ncclient.operations.rpc import RPCError
from ncclient.transport.errors import AuthenticationError, SessionCloseError
from nctopo import error_of, r1

pytestmark = [pytest.mark.netconfd]

VRF = "http://frrouting.org/yang/vrf"
STATIC = "http://frrouting.org/yang/staticd"


def setup_module(module):
    nc.start_r1(module, daemons=("zebra", "staticd", "vpnd"))


def teardown_module(_module):
    nc.stop_r1()


@pytest.fixture
def admin():
    "A session that may write; afterwards there is no configuration of a test."
    session = nc.connect(r1())
    yield session
    if not session.connected:
        session = nc.connect(r1())
    vpn.wait_for("nobody has a lock", lambda: session.discard_changes().ok)  # a roll-back has, for a moment
    with session.locked("candidate"):
        left = nc.prefixes_in(session.get_config("running"))
        session.edit_config(
            nc.config(nc.routes(*left, operation="remove"), '<vpn xmlns="{}" nc:operation="remove"/>'.format(nc.VPN_NS)),
            target="candidate",
        )
        session.commit()
    session.close_session()


def kernel_routes():
    return vpn.vtysh(r1(), "show ip route static")


def in_kernel(prefix, there=True):
    vpn.wait_for("{}{} in zebra".format("" if there else "no ", prefix), lambda: (prefix in kernel_routes()) == there)


def test_hello_names_what_is_offered(admin):
    "Capabilities of RFC 6241 that are kept, and none that is not; the YANG library; every module by get-schema."
    capabilities = list(admin.server_capabilities)
    for wanted in ("base:1.1", "candidate:1.0", "confirmed-commit:1.1", "validate:1.1", "rollback-on-error:1.0", "xpath:1.0"):
        assert any(c.endswith(wanted) for c in capabilities), (wanted, capabilities)
    for unwanted in (":startup", ":writable-running", ":url"):
        assert not any(unwanted in c for c in capabilities), capabilities
    assert any("with-defaults" in c and "basic-mode=explicit" in c for c in capabilities)
    assert any("yang-library" in c for c in capabilities)


def test_every_module_of_mgmtd_is_offered(admin):
    "The YANG library that clients read has each module that mgmtd says it has, and get-schema gives their text."
    offered = set(nc.texts(admin.get(("xpath", ({"yl": "urn:ietf:params:xml:ns:yang:ietf-yang-library"}, "/yl:yang-library"))), "urn:ietf:params:xml:ns:yang:ietf-yang-library", "name"))
    for module in ("frr-interface", "frr-staticd", "frr-vpnd", "frr-ripd", "frr-filter", "ietf-key-chain"):
        assert module in offered, offered
        assert "module " + module in admin.get_schema(module).data


def test_edit_commit_and_read_back(admin):
    "An edit is in the candidate only, until it is committed; then it is in the kernel."
    admin.edit_config(nc.config(nc.routes("192.0.2.1/32", "192.0.2.2/32")), target="candidate")
    assert nc.prefixes_in(admin.get_config("candidate")) == ["192.0.2.1/32", "192.0.2.2/32"]
    assert nc.prefixes_in(admin.get_config("running")) == []
    admin.validate()
    admin.commit()
    assert nc.prefixes_in(admin.get_config("running")) == ["192.0.2.1/32", "192.0.2.2/32"]
    in_kernel("192.0.2.1/32")
    assert "ip route 192.0.2.1/32 " in vpn.vtysh(r1(), "show running-config")


def test_discard_changes(admin):
    admin.edit_config(nc.config(nc.routes("192.0.2.3/32")), target="candidate")
    admin.discard_changes()
    assert nc.prefixes_in(admin.get_config("candidate")) == []


def test_a_vtysh_that_only_looks_leaves_the_candidate(admin):
    admin.edit_config(nc.config(nc.routes("192.0.2.4/32")), target="candidate")
    vpn.vtysh(r1(), "show version")
    assert nc.prefixes_in(admin.get_config("candidate")) == ["192.0.2.4/32"]


def test_several_modules_in_one_edit(admin):
    admin.edit_config(nc.config(nc.routes("192.0.2.5/32"), nc.profile("GOLD", 1234)), target="candidate")
    candidate = admin.get_config("candidate")
    assert nc.prefixes_in(candidate) == ["192.0.2.5/32"]
    assert nc.texts(candidate, nc.VPN_NS, "lifetime") == ["1234"]


def test_operations(admin):
    "create, delete, remove, replace and merge do what RFC 6241 says, and say what is wrong."
    admin.edit_config(nc.config(nc.profile("A", 600, "create")), target="candidate")
    error = error_of(admin.edit_config, nc.config(nc.profile("A", 600, "create")), target="candidate")
    assert error.tag == "data-exists" and "A" in error.path, error
    admin.edit_config(nc.config(nc.profile("A", 700, "merge")), target="candidate")
    assert nc.texts(admin.get_config("candidate"), nc.VPN_NS, "lifetime") == ["700"]
    admin.edit_config(nc.config(nc.profile("A", None, "replace")), target="candidate")
    assert nc.texts(admin.get_config("candidate"), nc.VPN_NS, "lifetime") == []
    admin.edit_config(nc.config(nc.profile("A", None, "delete")), target="candidate")
    error = error_of(admin.edit_config, nc.config(nc.profile("A", None, "delete")), target="candidate")
    assert error.tag == "data-missing", error
    admin.edit_config(nc.config(nc.profile("A", None, "remove")), target="candidate")


def test_default_operation(admin):
    "none does only what is marked, and not below what is not there; replace replaces all."
    error = error_of(admin.edit_config, nc.config(nc.profile("A", 600)), target="candidate", default_operation="none")
    assert error.tag == "data-missing", error
    admin.edit_config(nc.config(nc.profile("A", 600, "create")), target="candidate", default_operation="none")
    admin.edit_config(nc.config(nc.profile("A", 700)), target="candidate", default_operation="none")
    assert nc.texts(admin.get_config("candidate"), nc.VPN_NS, "lifetime") == ["600"]
    admin.discard_changes()
    below = '<vpn xmlns="{}"><ipsec-profile><name>A</name><lifetime nc:operation="merge">600</lifetime></ipsec-profile></vpn>'
    error = error_of(admin.edit_config, nc.config(below.format(nc.VPN_NS)), target="candidate", default_operation="none")
    assert error.tag == "data-missing", error
    admin.edit_config(nc.config(nc.profile("A"), nc.routes("192.0.2.6/32")), target="candidate")
    admin.edit_config(nc.config(nc.profile("B")), target="candidate", default_operation="replace")
    candidate = admin.get_config("candidate")
    assert nc.texts(candidate, nc.VPN_NS, "name") == ["B"] and nc.prefixes_in(candidate) == []


def test_an_edit_is_done_as_a_whole_or_not_at_all(admin):
    "One of three operations fails: the candidate is what it was; with continue-on-error the others are done."
    admin.edit_config(nc.config(nc.profile("A", 600)), target="candidate")
    mixed = nc.config(nc.profile("B", 700, "create"), nc.profile("A", 600, "create"), nc.profile("C", 800, "create"))
    for option in (None, "rollback-on-error", "stop-on-error"):
        assert error_of(admin.edit_config, mixed, target="candidate", error_option=option).tag == "data-exists"
        assert nc.texts(admin.get_config("candidate"), nc.VPN_NS, "name") == ["A"]
    assert error_of(admin.edit_config, mixed, target="candidate", error_option="continue-on-error").tag == "data-exists"
    assert sorted(nc.texts(admin.get_config("candidate"), nc.VPN_NS, "name")) == ["A", "B", "C"]


def test_test_option(admin):
    "test-only changes nothing; test-then-set refuses what cannot be committed, in the backend's words."
    admin.edit_config(nc.config(nc.routes("192.0.2.7/32")), target="candidate", test_option="test-only")
    assert nc.prefixes_in(admin.get_config("candidate")) == []
    edge = '<vpn xmlns="{}"><provider-edge><ipsec-profile>NOBODY</ipsec-profile></provider-edge></vpn>'.format(nc.VPN_NS)
    error = error_of(admin.edit_config, nc.config(edge), target="candidate", test_option="test-then-set")
    assert "NOBODY" in error.message or "profile" in error.message, error
    assert nc.texts(admin.get_config("candidate"), nc.VPN_NS, "ipsec-profile") == []


def test_a_commit_that_a_backend_refuses(admin):
    "The words are the backend's; running is unchanged; the candidate keeps the edit; the next one works."
    bad = '<vpn xmlns="{}"><ipsec-profile><name>A</name><ike><proposal>nonsense</proposal></ike></ipsec-profile></vpn>'
    admin.edit_config(nc.config(bad.format(nc.VPN_NS)), target="candidate")
    error = error_of(admin.commit)
    assert "nonsense" in error.message, error
    error = error_of(admin.validate)
    assert "nonsense" in error.message, error
    assert nc.texts(admin.get_config("running"), nc.VPN_NS, "name") == []
    admin.discard_changes()
    admin.edit_config(nc.config(nc.routes("192.0.2.8/32")), target="candidate")
    admin.commit()
    assert nc.prefixes_in(admin.get_config("running")) == ["192.0.2.8/32"]


def test_validate_changes_nothing(admin):
    "A valid candidate is validated, and neither mgmtd nor a backend has it."
    admin.edit_config(nc.config(nc.routes("192.0.2.9/32")), target="candidate")
    admin.validate()
    admin.discard_changes()
    admin.edit_config(nc.config(nc.routes("192.0.2.10/32")), target="candidate")
    admin.commit()
    in_kernel("192.0.2.10/32")
    assert "192.0.2.9/32" not in kernel_routes()


@pytest.mark.parametrize(
    "part, tag",
    [
        ('<nothing xmlns="urn:nobody"/>', "unknown-namespace"),
        ('<vpn xmlns="{0}"><nothing/></vpn>', "unknown-element"),
        ('<vpn xmlns="{0}"><ipsec-profile><name>A</name><lifetime>soon</lifetime></ipsec-profile></vpn>', "invalid-value"),
        ('<vpn xmlns="{0}"><ipsec-profile><lifetime>600</lifetime></ipsec-profile></vpn>', "invalid-value"),
    ],
)
def test_what_no_module_has_is_refused(admin, part, tag):
    error = error_of(admin.edit_config, nc.config(part.format(nc.VPN_NS)), target="candidate")
    assert error.tag == tag, (error.tag, error.message)
    assert nc.texts(admin.get_config("candidate"), nc.VPN_NS, "name") == []


def test_locks(admin):
    "A lock is one session's; others are told whose; it goes with its session, and with it the changes."
    other = nc.connect(r1())
    admin.lock("candidate")
    admin.edit_config(nc.config(nc.routes("192.0.2.11/32")), target="candidate")
    error = error_of(other.lock, "candidate")
    assert error.tag == "lock-denied" and admin.session_id in error.info, error.info
    assert error_of(other.edit_config, nc.config(nc.routes("192.0.2.12/32")), target="candidate").tag == "in-use"
    assert error_of(other.commit).tag == "in-use"
    assert error_of(other.unlock, "candidate").tag == "operation-failed"
    assert any(s["candidateLocked"] for s in nc.sessions(r1()))
    admin.close_session()
    vpn.wait_for("the lock is free", lambda: other.lock("candidate").ok)
    assert nc.prefixes_in(other.get_config("candidate")) == []
    other.close_session()


def test_vtysh_and_a_lock(admin):
    "vtysh cannot configure what mgmtd has while a session has the lock."
    with admin.locked("candidate"):
        said = r1().net.cmd_nostatus("vtysh -c 'configure terminal' -c 'ip route 198.51.100.1/32 blackhole'", warn=False)
        assert "198.51.100.1" not in kernel_routes(), said


def test_subtree_filter(admin):
    "Content match, containment and selection nodes; keys stay; nothing else does."
    admin.edit_config(nc.config(nc.profile("A", 600), nc.profile("B", 700), nc.routes("192.0.2.13/32")), target="candidate")
    reply = admin.get_config("candidate", ("subtree", '<vpn xmlns="{}"/>'.format(nc.VPN_NS)))
    assert nc.texts(reply, nc.VPN_NS, "name") == ["A", "B"] and nc.prefixes_in(reply) == []
    one = '<vpn xmlns="{}"><ipsec-profile><name>B</name></ipsec-profile></vpn>'.format(nc.VPN_NS)
    reply = admin.get_config("candidate", ("subtree", one))
    assert nc.texts(reply, nc.VPN_NS, "name") == ["B"] and nc.texts(reply, nc.VPN_NS, "lifetime") == ["700"]
    names = '<vpn xmlns="{}"><ipsec-profile><name/></ipsec-profile></vpn>'.format(nc.VPN_NS)
    reply = admin.get_config("candidate", ("subtree", names))
    assert nc.texts(reply, nc.VPN_NS, "name") == ["A", "B"] and nc.texts(reply, nc.VPN_NS, "lifetime") == []
    reply = admin.get_config("candidate", ("subtree", '<vpn xmlns="{}"><provider-edge/></vpn>'.format(nc.VPN_NS)))
    assert nc.texts(reply, nc.VPN_NS, "name") == []


def test_xpath_filter(admin):
    admin.edit_config(nc.config(nc.profile("A", 600), nc.profile("B", 700)), target="candidate")
    reply = admin.get_config("candidate", ("xpath", ({"v": nc.VPN_NS}, "/v:vpn/v:ipsec-profile[v:lifetime > 650]")))
    assert nc.texts(reply, nc.VPN_NS, "name") == ["B"]
    assert error_of(admin.get_config, "candidate", ("xpath", "/nobody:vpn[")).tag in ("invalid-value", "operation-failed")


def test_with_defaults(admin):
    "explicit leaves defaults out, report-all has them, trim leaves out what is a default although it was set."
    admin.edit_config(nc.config(nc.profile("A", 3600)), target="candidate")
    one = ("subtree", '<vpn xmlns="{}"/>'.format(nc.VPN_NS))
    assert nc.texts(admin.get_config("candidate", one), nc.VPN_NS, "lifetime") == ["3600"]
    assert nc.texts(admin.get_config("candidate", one, with_defaults="trim"), nc.VPN_NS, "lifetime") == []
    everything = admin.get_config("candidate", one, with_defaults="report-all")
    assert nc.texts(everything, nc.VPN_NS, "dead-peer-detection") == ["30"], everything.xml


def test_get_has_state(admin):
    "Interfaces from zebra, the server's own sessions, and streams."
    state = admin.get(("subtree", '<lib xmlns="http://frrouting.org/yang/interface"/>'))
    assert "r1-eth0" in nc.texts(state, "http://frrouting.org/yang/interface", "name"), state.xml
    monitoring = "urn:ietf:params:xml:ns:yang:ietf-netconf-monitoring"
    state = admin.get(("subtree", '<netconf-state xmlns="{}"><sessions/></netconf-state>'.format(monitoring)))
    assert admin.session_id in nc.texts(state, monitoring, "session-id")
    everything = admin.get()
    assert "r1-eth0" in nc.texts(everything, "http://frrouting.org/yang/interface", "name")
    assert nc.texts(everything, "urn:ietf:params:xml:ns:netmod:notification", "replaySupport") == ["true"]


def test_get_data_and_edit_data(admin):
    "RFC 8526: datastores by identity, filters, depth."
    nmda = 'xmlns="urn:ietf:params:xml:ns:yang:ietf-netconf-nmda" xmlns:ds="urn:ietf:params:xml:ns:yang:ietf-datastores"'

    def call(text):
        return admin.dispatch(etree.fromstring(text.replace("NMDA", nmda)))

    call("<edit-data NMDA><datastore>ds:candidate</datastore><config>{}</config></edit-data>".format(nc.profile("A", 600)))
    reply = call("<get-data NMDA><datastore>ds:candidate</datastore></get-data>")
    assert nc.texts(reply, nc.VPN_NS, "lifetime") == ["600"]
    reply = call("<get-data NMDA><datastore>ds:candidate</datastore><max-depth>2</max-depth></get-data>")
    assert nc.texts(reply, nc.VPN_NS, "name") == ["A"] and nc.texts(reply, nc.VPN_NS, "lifetime") == []
    reply = call(
        "<get-data NMDA><datastore>ds:operational</datastore><subtree-filter>"
        '<lib xmlns="http://frrouting.org/yang/interface"/></subtree-filter></get-data>'
    )
    assert "r1-eth0" in nc.texts(reply, "http://frrouting.org/yang/interface", "name")
    with pytest.raises(RPCError):
        call("<get-data NMDA><datastore>ds:startup</datastore></get-data>")


def test_copy_and_delete_config(admin):
    # ncclient's copy_config() takes no configuration: the request as it is
    admin.dispatch(
        etree.fromstring(
            '<copy-config xmlns="{}"><target><candidate/></target><source>{}</source></copy-config>'.format(
                nc.NC, nc.config(nc.profile("A", 600))
            )
        )
    )
    assert nc.texts(admin.get_config("candidate"), nc.VPN_NS, "name") == ["A"]
    admin.copy_config("running", "candidate")
    assert nc.texts(admin.get_config("candidate"), nc.VPN_NS, "name") == []
    # the YANG module knows running as a target only with writable-running
    assert error_of(admin.copy_config, "candidate", "running").tag == "operation-failed"
    assert error_of(admin.delete_config, "candidate").type == "application"


def test_who_may_write(admin):
    "A user without write reads all and changes nothing; nobody else comes in."
    guest = nc.connect(r1(), "guest")
    assert guest.get_config("running").ok
    for call in (
        lambda: guest.edit_config(nc.config(nc.profile("A")), target="candidate"),
        guest.commit,
        guest.discard_changes,
        lambda: guest.lock("candidate"),
        lambda: guest.kill_session(admin.session_id),
    ):
        assert error_of(call).tag == "access-denied"
    guest.close_session()
    for user, key in (("guest", "stranger"), ("nobody", "guest")):
        with pytest.raises(AuthenticationError):
            nc.connect(r1(), user, key)


def test_rights_change_at_once(admin):
    guest = nc.connect(r1(), "guest")
    assert error_of(guest.discard_changes).tag == "access-denied"
    vpn.vtysh(r1(), "configure terminal", "netconf", "user guest write")
    guest.discard_changes()
    vpn.vtysh(r1(), "configure terminal", "netconf", "no user guest write")
    assert error_of(guest.discard_changes).tag == "access-denied"
    guest.close_session()


def test_kill_session(admin):
    victim = nc.connect(r1())
    victim.lock("candidate")
    assert error_of(admin.kill_session, admin.session_id).tag == "invalid-value"
    assert error_of(admin.kill_session, "4000000").tag == "invalid-value"
    admin.kill_session(victim.session_id)
    vpn.wait_for("its lock is free", lambda: admin.lock("candidate").ok)
    admin.unlock("candidate")
    with pytest.raises((SessionCloseError, RPCError, Exception)):
        victim.get_config("running")


def test_tls(admin):
    "A certificate of the CA is the user of its common name; another's is nobody."
    session = nc.connect_tls(r1())
    session.edit_config(nc.config(nc.profile("A", 600)), target="candidate")
    assert nc.texts(admin.get_config("candidate"), nc.VPN_NS, "name") == ["A"]
    assert [s["user"] for s in nc.sessions(r1()) if s["transport"] == "netconf-tls"] == ["admin"]
    session.close_session()
    guest = nc.connect_tls(r1(), "guest")
    assert error_of(guest.discard_changes).tag == "access-denied"
    guest.close_session()
    with pytest.raises(Exception):
        nc.connect_tls(r1(), "stranger")


def test_confirmed_commit(admin):
    "Confirmed: it stays. Not confirmed: what was before comes back, in the daemons too."
    admin.edit_config(nc.config(nc.routes("192.0.2.15/32")), target="candidate")
    admin.commit(confirmed=True, timeout="60")
    assert nc.state(r1())["confirmWithin"] <= 60
    admin.commit()
    assert "confirmWithin" not in nc.state(r1())
    admin.edit_config(nc.config(nc.routes("192.0.2.16/32")), target="candidate")
    admin.commit(confirmed=True, timeout="10")
    in_kernel("192.0.2.16/32")
    in_kernel("192.0.2.16/32", False)
    vpn.wait_for("running is what it was", lambda: nc.prefixes_in(admin.get_config("running")) == ["192.0.2.15/32"])


def test_confirmed_commit_and_its_session(admin):
    "Without persist it ends with its session; with persist another session confirms it, by its id."
    other = nc.connect(r1())
    other.edit_config(nc.config(nc.routes("192.0.2.17/32")), target="candidate")
    other.commit(confirmed=True, timeout="600")
    assert error_of(admin.commit).tag == "in-use"
    other.close_session()
    in_kernel("192.0.2.17/32", False)
    vpn.wait_for("nothing waits", lambda: "confirmWithin" not in nc.state(r1()))
    other = nc.connect(r1())
    other.edit_config(nc.config(nc.routes("192.0.2.18/32")), target="candidate")
    other.commit(confirmed=True, timeout="600", persist="me")
    other.close_session()
    assert error_of(admin.commit, persist_id="you").tag == "invalid-value"
    admin.commit(persist_id="me")
    assert nc.prefixes_in(admin.get_config("running")) == ["192.0.2.18/32"]


def test_cancel_commit(admin):
    admin.edit_config(nc.config(nc.routes("192.0.2.19/32")), target="candidate")
    admin.commit(confirmed=True, timeout="600")
    admin.cancel_commit()
    in_kernel("192.0.2.19/32", False)
    vpn.wait_for("nothing waits", lambda: "confirmWithin" not in nc.state(r1()))


def test_unconfirmed_commit_and_a_killed_netconfd(admin):
    "What was before comes back although netconfd was killed meanwhile."
    admin.edit_config(nc.config(nc.routes("192.0.2.20/32")), target="candidate")
    admin.commit(confirmed=True, timeout="600")
    in_kernel("192.0.2.20/32")
    vpn.kill(r1(), "netconfd")
    restart_netconfd()
    in_kernel("192.0.2.20/32", False)
    vpn.wait_for("nothing waits", lambda: "confirmWithin" not in nc.state(r1()))


def restart_netconfd():
    r1().net.startRouterDaemons(["netconfd"])
    r1().net.cmd_raises("vtysh -d netconfd -f /etc/frr/frr.conf")
    nc.wait_listening(r1())


def test_notifications(admin):
    "vpnd's alarm comes to who subscribed, and to nobody else; a filter keeps others out."
    listener = nc.connect(r1(), "guest")
    other = nc.connect(r1(), "guest")
    picky = nc.connect(r1(), "guest")
    listener.create_subscription()
    # ncclient puts the filter into NETCONF's namespace, where RFC 5277 does not have it
    picky.dispatch(
        etree.fromstring(
            '<create-subscription xmlns="urn:ietf:params:xml:ns:netconf:notification:1.0">'
            '<filter><nobody xmlns="urn:nobody"/></filter></create-subscription>'
        )
    )
    assert error_of(listener.create_subscription).tag == "operation-failed"
    assert error_of(other.create_subscription, stream_name="OTHER").tag == "invalid-value"
    make_alarm(admin)
    notification = listener.take_notification(timeout=60)
    assert notification is not None
    assert etree.QName(notification.notification_ele[1]).namespace == nc.VPN_NS, notification.notification_xml
    assert other.take_notification(block=False) is None
    assert picky.take_notification(block=False) is None
    assert listener.get_config("running").ok
    for session in (listener, other, picky):
        session.close_session()


def make_alarm(admin):
    "A provider edge without a charon to talk to: vpnd raises an alarm."
    edge = (
        '<vpn xmlns="{}"><ipsec-profile><name>A</name><authentication><pre-shared-key>only-for-the-test</pre-shared-key></authentication></ipsec-profile>'
        "<provider-edge><local-address>10.9.9.9</local-address><ipsec-profile>A</ipsec-profile></provider-edge></vpn>"
    )
    admin.edit_config(nc.config(edge.format(nc.VPN_NS)), target="candidate")
    admin.commit()


def subscribe(session, start=None, stop=None):
    "create-subscription with times, which ncclient's own takes as objects only."
    times = "".join("<{0}>{1}</{0}>".format(k, v) for k, v in (("startTime", start), ("stopTime", stop)) if v)
    return session.dispatch(
        etree.fromstring('<create-subscription xmlns="urn:ietf:params:xml:ns:netconf:notification:1.0">{}</create-subscription>'.format(times))
    )


def at(seconds):
    "So many seconds from now, as YANG has it."
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds))


def kinds(session, last):
    "The names of what comes, up to one."
    names = []
    while not names or names[-1] != last:
        notification = session.take_notification(timeout=60)
        assert notification is not None, names
        names.append(etree.QName(notification.notification_ele[1]).localname)
    return names


def test_replay(admin):
    "What came before is sent again, and what comes until the stop time; then there may be another subscription."
    alarms = nc.connect(r1(), "guest")
    alarms.create_subscription()
    make_alarm(admin)
    assert alarms.take_notification(timeout=60) is not None
    alarms.close_session()
    late = nc.connect(r1(), "guest")
    subscribe(late, at(-3600))
    past = kinds(late, "replayComplete")
    assert "vpn-alarm" in past and "notificationComplete" not in past, past
    late.close_session()
    late = nc.connect(r1(), "guest")
    stop = at(3)
    subscribe(late, at(-3600), stop)
    names = kinds(late, "notificationComplete")
    # alarms that followed the first may have come meanwhile: they are replayed, too
    replayed = names[: names.index("replayComplete")]
    assert replayed[: len(past) - 1] == past[:-1] and "notificationComplete" not in replayed, (past, names)
    assert at(0) >= stop
    mine = late.session_id
    vpn.wait_for("it is over", lambda: not [s for s in nc.sessions(r1()) if str(s["sessionId"]) == mine and s["subscribed"]])
    subscribe(late, at(0))
    assert kinds(late, "replayComplete")[-1] == "replayComplete"
    late.close_session()
    bad = nc.connect(r1(), "guest")
    assert error_of(subscribe, bad, at(3600)).tag == "bad-element"
    assert error_of(subscribe, bad, None, at(3600)).tag == "missing-element"
    assert error_of(subscribe, bad, at(-10), at(-20)).tag == "bad-element"
    bad.close_session()


def test_call_home(admin):
    "netconfd calls; nobody is at the first address, so the second gets it; the session is one like others."
    vpn.vtysh(
        r1(),
        "configure terminal",
        "netconf",
        "call-home LAB ssh 127.0.0.1 port 14334",
        "call-home LAB ssh 127.0.0.1 port 24334",
        "call-home LAB retry 1 attempts 1",
    )
    home = nc.called_home(r1(), 24334)
    assert home.get_config("running").ok
    assert [s["user"] for s in nc.sessions(r1()) if s["callHome"]] == ["admin"]
    home.close_session()
    with nc.listening_anew():
        vpn.vtysh(r1(), "configure terminal", "netconf", "no call-home LAB")
    assert admin.get_config("running").ok


def test_configuration_is_written_and_read_again(admin):
    "vtysh writes the netconf section as it was typed, and reads it again without changing it."
    text = vpn.vtysh(r1(), "show running-config")
    section = text[text.index("netconf\n") :].split("exit\n")[0]
    assert " user admin write\n" in section and " listen ssh 127.0.0.1 port 830\n" in section
    with nc.listening_anew():
        r1().net.cmd_raises("vtysh -d netconfd -f /etc/frr/frr.conf")
    again = vpn.vtysh(r1(), "show running-config")
    assert section == again[again.index("netconf\n") :].split("exit\n")[0]
    assert admin.get_config("running").ok


def test_mgmtd_restarts(admin):
    "Sessions live on, get an error meanwhile, and work again; one that had a lock is ended, as the lock is gone."
    holder = nc.connect(r1())
    holder.lock("candidate")
    vpn.kill(r1(), "mgmtd")
    assert "mgmtd" in error_of(admin.get_config, "running").message
    vpn.restart(r1(), "mgmtd")
    vpn.wait_for("mgmtd is there", lambda: nc.state(r1())["mgmtd"])
    vpn.wait_for("an old session works", lambda: admin.get_config("running").ok)
    with pytest.raises(Exception):
        holder.edit_config(nc.config(nc.profile("A")), target="candidate")
        holder.edit_config(nc.config(nc.profile("A")), target="candidate")
    vpn.wait_for("it is gone", lambda: holder.session_id not in [str(s["sessionId"]) for s in nc.sessions(r1())])


def test_a_hundred_sessions(admin):
    "As many as are allowed, all at once, each answered; one more is refused; afterwards there is room again."
    before = len(nc.sessions(r1()))
    many = [nc.connect(r1(), "guest") for _ in range(100 - before)]
    vpn.wait_for("all are there", lambda: len(nc.sessions(r1())) == 100)
    for session in many:
        session.async_mode = True
    waiting = [session.get_config("running") for session in many]
    for call in waiting:
        call.event.wait(60)
        assert call.reply.ok
    with pytest.raises(Exception):
        nc.connect(r1(), "guest")
    for session in many:
        session.async_mode = False
        session.close_session()
    vpn.wait_for("they are gone", lambda: len(nc.sessions(r1())) == before)
    nc.connect(r1(), "guest").close_session()
