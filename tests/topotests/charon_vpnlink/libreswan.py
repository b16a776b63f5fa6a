# SPDX-License-Identifier: GPL-2.0-or-later
"""
libreswan in a namespace, in place of a stock strongSwan.

Debian's libreswan cannot be installed beside strongSwan, so it lies unpacked
under /opt/libreswan; pluto runs in a mount namespace where its programs are at
the path that they were built for.  Everything else of it lies in the node's
directory.
"""
import os
import re
import signal
import subprocess

from linklab import Stock, spilab, wait_for

OPT = "/opt/libreswan/usr/libexec/ipsec"
BUILT_FOR = "/usr/libexec/ipsec"

IKE = {1: "aes256-sha2_256-modp2048", 2: "aes_gcm256-sha2_384-dh31"}

CONN = """
conn {name}
\tleft={local}
\tright={remote}
\tauthby=secret
\tkeyexchange=ikev{version}
\tike={ike}
\tesp=aes_gcm256
\tpfs=no
\tleftupdown=%disabled
\tauto=add
{lines}
"""


def signal_lines(_local, _remote):
    "Transport mode for protocol 4 between the gateways."
    return ["type=transport", "leftprotoport=4", "rightprotoport=4"]


def wildcard_lines(mark):
    "Tunnel mode for everything, on a VTI."
    return ["type=tunnel", "leftsubnet=0.0.0.0/0", "rightsubnet=0.0.0.0/0", "mark={}/0xffffffff".format(mark)]


class Libreswan(Stock):
    "pluto; charon is what spilab calls the process."

    def start(self, extra=""):
        for name in ("nss", "ipsec.d", "run"):
            os.makedirs(self.path(name), exist_ok=True)
        os.makedirs(BUILT_FOR, exist_ok=True)
        spilab.run("certutil -N -d sql:{} --empty-password".format(self.path("nss")))
        self._write("secrets", '%any %any : PSK "{}"\n'.format(spilab.SECRET))
        self._write("ipsec.conf", "config setup\n\tikev1-policy=accept\n")
        command = "mount --bind {} {} && exec ip netns exec {} {}/pluto --nofork --config {} --rundir {} --ipsecdir {} --nssdir {} --secretsfile {} --logfile {}".format(
            OPT, BUILT_FOR, self.name, BUILT_FOR, *map(self.path, ("ipsec.conf", "run", "ipsec.d", "nss", "secrets", "charon.log"))
        )
        self.charon = subprocess.Popen(
            ["unshare", "-m", "sh", "-c", command], stdin=subprocess.DEVNULL,
            stdout=open(self.path("charon.out"), "a"), stderr=subprocess.STDOUT,
        )
        wait_for(lambda: "listening for IKE messages" in self.log(), "pluto of " + self.name)

    def log(self):
        return super().log() if os.path.exists(self.path("charon.log")) else ""

    def _write(self, name, text):
        with open(self.path(name), "w") as file:
            file.write(text)

    def whack(self, command, check=True):
        return self.run("{}/whack --ctlsocket {} {}".format(OPT, self.path("run/pluto.ctl"), command), check)

    def configure(self, remote, children, name=None, version=2, conns=(), **values):
        text = "config setup\n\tikev1-policy=accept\n"
        for child, lines in children.items():
            text += CONN.format(name=child, local=self.address, remote=remote, version=version, ike=IKE[version],
                                lines="\n".join("\t" + line for line in lines))
        self._write("ipsec.conf", text)
        return self.run("{}/addconn --ctlsocket {} --config {} --autoall".format(
            OPT, self.path("run/pluto.ctl"), self.path("ipsec.conf")))

    def up(self, child, check=True):
        return self.whack("--name {} --initiate".format(child), check)

    def down(self, child):
        return self.whack("--name {} --terminate".format(child))

    def rekey(self, child):
        return self.whack("--name {} --rekey-child".format(child))

    def installed(self, child):
        return len(re.findall(r'"{}"'.format(child), self.whack("--trafficstatus")))

    def stop_charon(self, how=signal.SIGTERM):
        "How it ends is not ours to judge: pluto has been seen to crash in its own shutdown."
        if not self.charon:
            return
        if how == signal.SIGTERM:
            self.whack("--shutdown", check=False)
        else:
            self.charon.send_signal(how)
        self.charon.wait(30)
        self.charon = None
