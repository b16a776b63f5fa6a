# SPDX-License-Identifier: GPL-2.0-or-later
"""
FRR's topotest library without most of its processes.

The library forks a shell in the router's namespaces for every sysctl that it sets
and every file that it looks at: some hundred for each router before the first daemon
runs, and more until the last one has gone.  In User-Mode Linux a fork costs ten times
what it costs elsewhere, so half of a test's time went there.  The same is done here by
this process: sysctls by a thread that enters the router's network namespace, files
through /proc/PID/root.  What the library decides stays its own.
"""
import glob
import os
import shlex
import subprocess
import threading

from lib import topotest
from munet.base import LinuxNamespace


def in_network_of(node, call):
    "Answers call(), made in the node's network namespace; what it raises is raised here."
    result = {}

    def run():
        try:
            with open("/proc/{}/ns/net".format(node.pid), "rb") as namespace:
                os.setns(namespace.fileno(), os.CLONE_NEWNET)  # of this thread only
            result["value"] = call()
        except OSError as error:
            result["error"] = error

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if "error" in result:
        raise result["error"]
    return result["value"]


class Sysctl:
    "Stands for a router, or for the host, and knows two commands: sysctl -n NAME and sysctl -w NAME=VALUE."

    def __init__(self, node):
        self.node = node

    def cmd_raises(self, command):
        _, option, assignment = shlex.split(command)
        name, _, value = assignment.partition("=")
        path = "/proc/sys/" + name.replace(".", "/")

        def access():
            with open(path, "r" if option == "-n" else "w", encoding="ascii") as file:
                return file.read() if option == "-n" else file.write(value)

        try:
            return in_network_of(self.node, access) if isinstance(self.node, LinuxNamespace) else access()
        except OSError as error:
            raise subprocess.CalledProcessError(1, command, str(error)) from error


def quick_sysctl(function):
    "The library's function, which is given a Sysctl in place of a router."
    return lambda node, variable, value: function(Sysctl(node), variable, value)


def inside(node, path):
    "Path of the node's file for us. Symlinks are the same in all routers, but resolve in our own root."
    return "/proc/{}/root{}".format(node.pid, os.path.realpath(path))


def path_exists(node, path):
    return os.path.exists(inside(node, path))


def list_daemons(router):
    "[(name, pid)] of the daemons that run; the pidfiles of those that do not are removed."
    running = []
    for pidfile in glob.glob(inside(router, "/var/run/{}".format(router.routertype)) + "/*.pid"):
        try:
            with open(pidfile, encoding="ascii") as file:
                pid = int(file.read())
            if os.path.isdir("/proc/{}".format(pid)):
                running.append((os.path.basename(pidfile)[: -len(".pid")], pid))
            else:
                os.unlink(pidfile)
        except (OSError, ValueError):  # being written, or removed by its daemon
            pass
    return running


def install():
    "Once, before the first topology."
    # pylint: disable=W0212
    topotest._sysctl_atleast = quick_sysctl(topotest._sysctl_atleast)
    topotest._sysctl_assure = quick_sysctl(topotest._sysctl_assure)
    topotest.Router.listDaemons = list_daemons
    LinuxNamespace.path_exists = path_exists
