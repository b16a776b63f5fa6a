# SPDX-License-Identifier: GPL-2.0-or-later
"""
The configuration of N tunnel links, read and written over NETCONF and by FRR's
own tools: vtysh and frr-reload.py.

     OpenSSH, ncclient ══ SSH on loopback ══ r1          zebra, vpnd, mgmtd, netconfd
     vtysh, frr-reload.py ────────────────── r1

Each does the same: read all of it; change one leaf of each tenth link in a
configuration of N, in effect (commit; --reload). NETCONF's edit is a merge of
the links that change, as a client would send it; frr-reload gets the whole file,
because that is all it takes. Links have no peer to talk to, so vpnd's own work
is the same for both. All of it is read by OpenSSH's client, connection and
<hello> included, as vtysh is started, too; what ncclient, which is Python, takes
on a session that is there is printed beside it. Ratio: NETCONF's time over theirs; at most 1.0 is wanted.
Prints a table and, on the last line, JSON; draws netconf.svg into $RESULTS.
"""
import json
import os
import subprocess
import time

import hosted
import nctopo as nc
import vpntopo as vpn
from lib.topogen import Topogen

COUNTS = [int(n) for n in os.environ.get("BENCH_LINKS", "10000").split()]
NEEDED = 1.0

LINK = """ tunnel-link t{n} vrf default
  local 10.1.0.1
  remote 10.{a}.{b}.1
  ipsec-profile GOLD
  mtu {mtu}
 exit
"""
XML = "<tunnel-link><name>t{n}</name><mtu>{mtu}</mtu></tunnel-link>"


def build(tgen):
    tgen.add_switch("s1").add_link(tgen.add_router("r1", cls=nc.NetconfRouter))


def text(count, changed=None):
    "The vpn section; each tenth link has another MTU when it is changed."
    links = [
        LINK.format(n=n, a=2 + n // 250, b=n % 250, mtu=changed if changed and n % 10 == 0 else 1300) for n in range(count)
    ]
    return "vpn\n ipsec-profile GOLD\n  authentication pre-shared-key only-for-the-bench\n exit\n" + "".join(links) + "exit\n"


def seconds(call):
    start = time.monotonic()
    result = call()
    return time.monotonic() - start, result


GET = """<hello xmlns="{nc}"><capabilities><capability>urn:ietf:params:netconf:base:1.0</capability></capabilities></hello>]]>]]>
<rpc xmlns="{nc}" message-id="1"><get-config><source><running/></source></get-config></rpc>]]>]]>""".format(nc=nc.NC)


def get_by_ssh(router):
    "The running configuration, as OpenSSH's client gets it from the subsystem netconf."
    command = "ssh -q -p 830 -i {0}/admin -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -s admin@127.0.0.1 netconf"
    with nc.inside(router):
        ssh = subprocess.Popen(command.format(nc.KEYS).split(), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    ssh.stdin.write(GET.encode())
    ssh.stdin.flush()
    got = bytearray()
    while not got[-100:].rstrip().endswith(b"</rpc-reply>]]>]]>"):
        piece = os.read(ssh.stdout.fileno(), 1 << 20)
        assert piece, bytes(got[-1000:])
        got += piece
    ssh.kill()
    ssh.wait()
    return got.decode()


def shown(router):
    return router.net.cmd_raises("vtysh -c 'show running-config'")


def reload(router, base, section):
    "frr-reload.py with what runs beside the section, and the section."
    router.net.cmd_raises("cat > /tmp/bench-netconf.conf", stdin=base + section)
    router.net.cmd_raises("/usr/lib/frr/frr-reload.py --reload /tmp/bench-netconf.conf")


def edit(session, count, mtu):
    links = "".join(XML.format(n=n, mtu=mtu) for n in range(0, count, 10))
    session.edit_config(nc.config('<vpn xmlns="{}">{}</vpn>'.format(nc.VPN_NS, links)), target="candidate")
    session.commit()


def changed(router, mtu):
    return shown(router).count("\n  mtu {}\n".format(mtu))


def measure(router, base, count):
    router.net.cmd_raises("cat > /tmp/bench-netconf.conf", stdin=text(count))
    loading, _ = seconds(lambda: router.net.cmd_raises("vtysh -f /tmp/bench-netconf.conf"))
    session = nc.connect(router)
    result = {"links": count, "loadSeconds": loading}
    result["getNcclientSeconds"], reply = seconds(lambda: session.get_config("running").xml)
    assert reply.count("<tunnel-link>") == count
    result["getNetconfSeconds"], reply = seconds(lambda: get_by_ssh(router))
    assert reply.count("<tunnel-link>") == count
    result["getVtyshSeconds"], said = seconds(lambda: shown(router))
    assert said.count("\n tunnel-link ") == count
    result["editNetconfSeconds"], _ = seconds(lambda: edit(session, count, 1310))
    assert changed(router, 1310) == (count + 9) // 10
    result["editReloadSeconds"], _ = seconds(lambda: reload(router, base, text(count, 1320)))
    assert changed(router, 1320) == (count + 9) // 10
    session.close_session()
    vpn.vtysh(router, "configure terminal", "no vpn")
    result["getRatio"] = result["getNetconfSeconds"] / result["getVtyshSeconds"]
    result["editRatio"] = result["editNetconfSeconds"] / result["editReloadSeconds"]
    return {key: round(value, 3) for key, value in result.items()}


def draw(results, path):
    "Seconds over links, both logarithmic."
    from math import log10

    lines = {"getNetconf": "#36c", "getVtysh": "#c33", "editNetconf": "#39c", "editReload": "#f80"}
    x = lambda n: 80 + 120 * log10(n / 10)
    y = lambda s: 320 - 60 * log10(max(s, 0.01) / 0.01)
    with open(path, "w", encoding="ascii") as svg:
        svg.write(
            '<svg xmlns="http://www.w3.org/2000/svg" width="580" height="380" font-family="sans-serif" '
            'font-size="12"><title>Configuration of tunnel links: seconds over links</title>\n'
        )
        for s in (0.01, 0.1, 1, 10, 100, 1000):
            svg.write('<path d="M80 {0}H460" stroke="#ddd"/><text x="20" y="{0}">{1} s</text>\n'.format(y(s), s))
        for n in (10, 100, 1000, 10000):
            svg.write('<text x="{}" y="350">{} links</text>\n'.format(x(n) - 20, n))
        for key, colour in lines.items():
            points = [(x(r["links"]), y(r[key + "Seconds"])) for r in results]
            svg.write(
                '<polyline fill="none" stroke="{}" points="{}"/><text x="465" y="{}">{}</text>\n'.format(
                    colour, " ".join("{:.0f},{:.0f}".format(*p) for p in points), points[-1][1], key
                )
            )
        svg.write("</svg>\n")


def test_netconf(request):
    hosted.quiet(request.config)
    tgen = Topogen(build, "bench_netconf")
    tgen.start_topology()
    router = nc.start(tgen, "r1", daemons=("zebra", "vpnd"), more=" message-limit 15\n")
    base = shown(router)
    base = base[base.index("!") :]
    results = [measure(router, base, count) for count in COUNTS]
    row = "{:>7} {:>10} {:>10} {:>7}   {:>10} {:>11} {:>7}   {:>12}"
    print("\n" + row.format("links", "get NETCONF", "vtysh", "ratio", "edit NETCONF", "frr-reload", "ratio", "get ncclient"))
    for r in results:
        print(
            "{links:>7} {getNetconfSeconds:>9.2f} s {getVtyshSeconds:>8.2f} s {getRatio:>7.2f}   "
            "{editNetconfSeconds:>10.2f} s {editReloadSeconds:>9.2f} s {editRatio:>7.2f}   {getNcclientSeconds:>10.2f} s".format(**r)
        )
    good = all(r["getRatio"] <= NEEDED and r["editRatio"] <= NEEDED for r in results)
    if os.environ.get("RESULTS"):
        draw(results, os.path.join(os.environ["RESULTS"], "netconf.svg"))
    print(json.dumps({"netconf": results, "needed": NEEDED, "good": good}))
    tgen.stop_topology()
    assert good, "a ratio is above {}".format(NEEDED)
