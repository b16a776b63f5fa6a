# SPDX-License-Identifier: GPL-2.0-or-later
"""
netconfd driven by yangcli (yuma123), a client with a parser, a schema and
habits of its own.

     yangcli ══ SSH on loopback ══ r1          zebra, staticd, vpnd, mgmtd, netconfd

yangcli's own checks come before the server's: what it refuses to send cannot be
tried with it, and is tried with ncclient (test_netconfd.py).
"""
import os
import sys

import pytest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), ".."))
# pylint: disable=C0413
import nctopo as nc
import vpntopo as vpn
from nctopo import r1

pytestmark = [pytest.mark.netconfd]

HOME = "/tmp/yangcli-home"


def setup_module(module):
    nc.start_r1(module, daemons=("zebra", "staticd", "vpnd"))
    with open("/tmp/yangcli-profile.xml", "w", encoding="ascii") as file:
        file.write('<?xml version="1.0"?>' + nc.config(nc.profile("A", 600)))


def teardown_module(_module):
    nc.stop_r1()


def yangcli(*lines, user="admin", modules=("frr-vpnd",)):
    "What yangcli says to a script; the modules are YANG 1.1, which no <hello> names: it is told of them."
    script = "/tmp/yangcli-script"
    with open(script, "w", encoding="ascii") as file:
        file.write("\n".join(lines) + "\n")
    said = r1().net.cmd_nostatus(
        "rm -rf {home}; mkdir -p {home}; cd {home}; HOME={home} timeout 100 yangcli --server=127.0.0.1 --ncport=830"
        " --user={user} --password=none --public-key={keys}/{user}.pub --private-key={keys}/{user}"
        " --batch-mode --display-mode=xml --modpath=/usr/share/yang:/usr/share/yuma/modules {modules}"
        " --log={home}/log --run-script={script} < /dev/null; cat {home}/log".format(
            home=HOME,
            user=user,
            keys=nc.KEYS,
            script=script,
            modules=" ".join("--module=" + m for m in modules),
        ),
        warn=False,
    )
    assert "NETCONF session established" in said, said
    return said[said.index("Checking Server Modules") :]


def all_good(count, said):
    "As many replies as commands, and no error of either side."
    assert said.count("RPC OK Reply") + said.count("RPC Data Reply") == count, said
    assert "Error" not in said and "canceled" not in said, said
    return said


def in_running(text, there=True):
    vpn.wait_for(
        "{} is {}in running".format(text, "" if there else "not "),
        lambda: (text in vpn.vtysh(r1(), "show running-config")) == there,
    )


def test_edit_validate_commit_with_a_lock():
    said = yangcli(
        "lock target=candidate",
        "$x = @/tmp/yangcli-profile.xml",
        "edit-config target=candidate config=$x error-option=rollback-on-error",
        "validate source=candidate",
        "commit",
        "unlock target=candidate",
    )
    all_good(5, said)
    in_running("ipsec-profile A")


def test_its_own_edit_commands():
    "create, merge, replace, delete and remove of yangcli are <edit-config> with an operation; save is commit."
    said = yangcli(
        "create /vpn/ipsec-profile[name='B']/lifetime value=700",
        "merge /vpn/ipsec-profile[name='B'] -- lifetime=800",
        "sget-config source=candidate /vpn/ipsec-profile",
        "replace /vpn/ipsec-profile[name='B']/lifetime value=900",
        "xget-config source=candidate select=/vpn/ipsec-profile[name='B']",
        "delete /vpn/ipsec-profile[name='B']",
        "remove /vpn/ipsec-profile[name='B']",
        "xget-config source=candidate select=/vpn/ipsec-profile[name='B']",
        "discard-changes",
    )
    all_good(9, said)
    assert said.count("<lifetime>800</lifetime>") == 1 and said.count("<lifetime>900</lifetime>") == 1, said
    said = yangcli("delete /vpn/ipsec-profile[name='nobody']")
    assert "data-missing" in said, said
    said = yangcli("create /vpn/ipsec-profile[name='C']/lifetime value=300", "create /vpn/ipsec-profile[name='C']/lifetime value=300")
    assert "data-exists" in said, said
    all_good(1, yangcli("discard-changes"))


def test_reading():
    "get, get-config, get-data, filters of both types, with-defaults, get-schema."
    monitoring = ("frr-vpnd", "frr-interface", "ietf-netconf-monitoring", "ietf-netconf-nmda")
    said = all_good(1, yangcli("get-config source=running with-defaults=report-all", modules=monitoring))
    assert "<dead-peer-detection>30</dead-peer-detection>" in said, said
    said = all_good(1, yangcli("xget select=/netconf-state/sessions", modules=monitoring))
    assert "netconf-ssh</transport>" in said, said
    said = all_good(1, yangcli("sget /netconf-state/capabilities", modules=monitoring))
    assert "urn:ietf:params:netconf:base:1.1" in said and "netconf-ssh" not in said, said
    assert "r1-eth0" in yangcli("get", modules=monitoring)
    assert "<name>A</name>" in yangcli("get-data datastore=ds:running", modules=monitoring)
    assert "module frr-vpnd {" in all_good(1, yangcli("get-schema identifier=frr-vpnd"))


def test_cancel_commit():
    "yangcli 2.14 cannot ask for a confirmed commit (it knows no parameter of commit), but can end another's."
    admin = nc.connect(r1())
    admin.edit_config(nc.config(nc.profile("D", 700)), target="candidate")
    admin.commit(confirmed=True, timeout="600", persist="me")
    in_running("ipsec-profile D")
    admin.close_session()
    said = yangcli("cancel-commit")
    assert "RPC Error" in said and "RPC OK" not in said, said
    all_good(1, yangcli("cancel-commit persist-id=me"))
    in_running("ipsec-profile D", False)


def test_copy_config():
    said = yangcli(
        "$x = @/tmp/yangcli-profile.xml",
        "create /vpn/ipsec-profile[name='E']/lifetime value=700",
        "copy-config source=running target=candidate",
        "xget-config source=candidate select=/vpn/ipsec-profile[name='E']",
    )
    all_good(3, said)
    assert "<lifetime>700</lifetime>" not in said


def test_sessions_and_locks():
    "kill-session, get-locks (all datastores that there are), a lock of another's."
    victim = nc.connect(r1())
    victim.lock("candidate")
    said = yangcli("lock target=candidate")
    assert "lock-denied" in said and "<session-id>{}</session-id>".format(victim.session_id) in said, said
    all_good(1, yangcli("kill-session session-id={}".format(victim.session_id)))
    said = yangcli("get-locks", "release-locks")
    assert "get-locks finished OK" in said and "Error" not in said, said
    said = yangcli("kill-session session-id=4000")
    assert "invalid-value" in said and "there is no session 4000" in said, said


def test_who_may_read_only():
    said = yangcli("discard-changes", user="guest")
    assert "access-denied" in said and "guest" in said, said


def test_a_subscription():
    said = yangcli("create-subscription", "create-subscription")
    assert said.count("RPC OK Reply") == 1 and "this session has a subscription already" in said, said
