#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
vpn-serverd as a process, with CEs that are stood in for: it is killed in the middle of a
push; two of them share a replicated database, whose primary is killed in the middle of one.

        vpnctl --> SQLite | PostgreSQL primary ==> standby
                      |         |      |
                  vpn-serverd  one    two  --NETCONF/TLS--> provisioning-ces (a, b, c)
"""

import calendar
import glob
import json
import os
import re
import signal
import subprocess
import tempfile
import time
import unittest

BUILD = os.environ.get("BUILD", "build")
SOURCE = os.environ.get("SRCDIR", os.path.join(os.path.dirname(__file__), "..", ".."))
PROGRAMS = os.path.join(BUILD, "vpn-server")
POSTGRES = "/usr/lib/postgresql/17/bin/"
PATIENCE = 60


def wait_for(what, probe):
    end = time.monotonic() + PATIENCE
    while True:
        found = probe()
        if found:
            return found
        if time.monotonic() > end:
            raise AssertionError("not in {} s: {}".format(PATIENCE, what))
        time.sleep(0.1)


def opened_file(path):
    "Of a descriptor in /proc, which may have been closed meanwhile."
    try:
        return os.readlink(path)
    except FileNotFoundError:
        return None


def compile_ces(directory):
    "The stand-in, of two sources and of objects that are there."
    objects = [os.path.join(PROGRAMS, name + ".o") for name in
               "db db_sqlite db_postgres authority files prefix vpn ce revocation site topology task key renewal serverd_tls".split()]
    flags = subprocess.run("pkg-config --cflags --libs libpq sqlite3 libyang json-c libssl libcrypto", shell=True,
                           check=True, stdout=subprocess.PIPE, text=True).stdout.split()
    out = os.path.join(directory, "ces")
    subprocess.run(["cc", "-std=gnu11", "-I" + SOURCE, "-o", out, os.path.join(SOURCE, "bench/provisioning-ces.c"),
                    os.path.join(SOURCE, "tests/vpn_server/standin.c")] + objects + flags + ["-lnetconf2", "-lpthread"],
                   check=True)
    return out


class WithCes(unittest.TestCase):
    "Programs of vpn-server and CEs that are stood in for; ended and removed after each test."

    def setUp(self):
        self.temporary = tempfile.TemporaryDirectory(prefix="vpn-serverd.")
        self.directory = self.temporary.name
        os.chmod(self.directory, 0o755)
        self.ces = os.path.join(self.directory, "edits")
        os.mkdir(self.ces, 0o700)
        self.processes = []

    def tearDown(self):
        for process in reversed(self.processes):
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
                try:
                    process.wait(20)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
            if process.stdout:
                process.stdout.close()
            if process.stdin:
                process.stdin.close()
        self.temporary.cleanup()

    def start(self, *command, **more):
        process = subprocess.Popen(command, **more)
        self.processes.append(process)
        return process

    def stand_in(self, database):
        process = self.start(compile_ces(self.directory), database, self.ces, stdin=subprocess.PIPE,
                             stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        return process.stdout.readline().strip()

    def serverd(self, name, database):
        with open(os.path.join(self.directory, name + ".log"), "a") as log:
            return self.start(os.path.join(PROGRAMS, "vpn-serverd"), "--name", name, "--database", database,
                              "--tls-port", "0", "--ssh-port", "0", stderr=log)

    def vpnctl(self, database, *arguments):
        done = subprocess.run([os.path.join(PROGRAMS, "vpnctl"), "--database", database, *arguments],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
        return done.returncode, done.stdout, done.stderr

    def works(self, database, *arguments):
        status, out, error = self.vpnctl(database, *arguments)
        self.assertEqual((status, error), (0, ""), arguments)
        return out

    def states(self, database):
        status, out, _ = self.vpnctl(database, "status", "--json")
        return {name: ce["state"] for name, ce in json.loads(out)["ces"].items()} if status == 0 else {}

    def provisioned(self, database, *names):
        try:
            wait_for("all of {} provisioned".format(names),
                     lambda: self.states(database) == dict.fromkeys(names, "provisioned"))
        except AssertionError as late:
            raise AssertionError("{}: {}\n{}".format(late, self.states(database), self.logs())) from late

    def logs(self):
        text = ""
        for name in ("one.log", "two.log"):
            path = os.path.join(self.directory, name)
            if os.path.exists(path):
                with open(path) as file:
                    text += file.read()[-3000:]
        return text

    def add(self, database, name, number, port):
        self.works(database, "ce", "add", name, "--vpn", "red", "--address", "198.51.100.{}".format(number), "--host",
                   "127.0.0.1", "--port", port)

    def edits(self, name):
        texts = []
        for path in sorted(glob.glob(os.path.join(self.ces, name + ".*.xml"))):
            with open(path) as file:
                texts.append(file.read())
        return texts

    def slow(self, name):
        "The CE's commits wait until what this returns is called."
        path = os.path.join(self.ces, name + ".slow")
        with open(path, "w"):
            pass
        return lambda: os.unlink(path)

    def owned(self, database, name, what="owner"):
        "Somebody is telling the CE: its row says so."
        query = "SELECT {} FROM ce WHERE name = '{}' AND owner <> ''".format(what, name)
        if database.startswith("postgresql:"):
            command = ["psql", "-At", database, "-c", query]
        else:
            command = ["sqlite3", database, query]
        return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                              check=False).stdout.strip()


class Serverd(WithCes):
    def test_killed_in_the_middle_of_a_push(self):
        database = os.path.join(self.directory, "vpn.db")
        self.works(database, "vpn", "add", "red", "--vpn-id", "1:1")
        port = self.stand_in(database)
        server = self.serverd("one", database)
        self.add(database, "a", 1, port)
        self.add(database, "b", 2, port)
        wait_for("a and b told of each other", lambda: self.edits("a") and self.edits("b"))
        faster = self.slow("a")
        self.add(database, "c", 3, port)
        wait_for("the server at a", lambda: self.owned(database, "a"))
        server.kill()
        server.wait()
        faster()
        self.serverd("one", database)
        self.provisioned(database, "a", "b", "c")
        self.assertIn("<name>c</name>", "".join(self.edits("a")[1:]))
        self.assertIn("<name>a</name>", "".join(self.edits("c")))
        self.assertIn("<name>b</name>", "".join(self.edits("c")))

    def rotation(self, database):
        return json.loads(self.works(database, "status", "--json"))["rotations"].get("red")

    def waits(self, database, step, names):
        "What status says of the rotation, if that step waits for those."
        said = self.rotation(database) or {}
        return said if (said.get("step"), said.get("waitsFor")) == (step, names) else None

    def test_a_rotation_waits_for_whom_it_names_and_no_longer_than_it_says(self):
        "c answers nobody: each step of the rotation names c and nobody else, and ends at its time without it; c is told when it is back."
        database = os.path.join(self.directory, "vpn.db")
        self.works(database, "vpn", "add", "red", "--vpn-id", "1:1")
        port = self.stand_in(database)
        self.serverd("one", database)
        for number, name in enumerate("abc", 1):
            self.add(database, name, number, port)
        self.provisioned(database, "a", "b", "c")
        told = len(self.edits("c"))
        faster = self.slow("c")
        begun = time.time()
        self.works(database, "key", "rotate", "red", "--max-wait", "600")
        for step in (1, 2):
            said = wait_for("step {}: c alone is waited for".format(step), lambda s=step: self.waits(database, s, ["c"]))
            until = calendar.timegm(time.strptime(said["until"], "%Y-%m-%dT%H:%M:%SZ"))
            self.assertTrue(begun + 599 <= until <= time.time() + 600, (begun, until))
            text = self.works(database, "status")
            self.assertRegex(text, r"(?m)^keys of VPN red: step {} of 2, waits until \S+ for: c$".format(step))
            # the time comes
            subprocess.run(["sqlite3", "-cmd", ".timeout 10000", database, "UPDATE vpn SET rotation_deadline = 1"], check=True)
        wait_for("the rotation ends without c", lambda: self.rotation(database) is None)
        self.assertEqual(len(self.edits("c")), told)
        keys = {name: re.findall("<pre-shared-key>(0x[0-9a-f]+)<", "".join(self.edits(name))) for name in "ab"}
        faster()
        self.provisioned(database, "a", "b", "c")
        last = re.findall("<pre-shared-key>(0x[0-9a-f]+)<", self.edits("c")[-1])
        # those that a and b have proved themselves by to c since the second step
        self.assertEqual(len(last), 2)
        self.assertTrue(set(last) <= set(keys["a"] + keys["b"]), (last, keys))

    def postgres(self, *command, **more):
        user = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.getuid() == 0 else {}
        with open(os.path.join(self.directory, "postgres.log"), "a") as log:
            if more.pop("stays", False):
                return self.start(*command, stdout=subprocess.DEVNULL, stderr=log, **user)
            return subprocess.run(command, stdout=log, stderr=log, check=True, **user)

    def replicated(self):
        "A primary whose commits wait for its standby; (the primary, the standby's data, a connection string)."
        home = os.path.join(self.directory, "pg")
        os.mkdir(home)
        if os.getuid() == 0:
            import shutil
            shutil.chown(home, "postgres", "postgres")
        data = [os.path.join(home, name) for name in ("primary", "standby")]
        sockets = [path + ".s" for path in data]
        self.postgres("mkdir", *sockets)
        self.postgres(POSTGRES + "initdb", "-D", data[0], "-U", "vpn", "-A", "trust", "--no-sync", "--locale=C", "-E", "UTF8")

        def run(n, *more):
            process = self.postgres(POSTGRES + "postgres", "-D", data[n], "-k", sockets[n], "-h", "", "-F", *more, stays=True)
            wait_for("PostgreSQL", lambda: subprocess.run([POSTGRES + "pg_isready", "-q", "-h", sockets[n]],
                                                          check=False).returncode == 0)
            return process
        primary = run(0)
        self.postgres(POSTGRES + "pg_basebackup", "-h", sockets[0], "-U", "vpn", "-D", data[1], "-R", "-c", "fast", "--no-sync")
        run(1)
        self.postgres("psql", "-h", sockets[0], "-U", "vpn", "postgres", "-c",
                      "ALTER SYSTEM SET synchronous_standby_names = '*'", "-c", "SELECT pg_reload_conf()")
        return primary, data[1], "postgresql://vpn@/postgres?host={},{}".format(*sockets)

    def in_a_transaction(self, database, *arguments):
        "vpnctl with these arguments, stopped in its transaction after it has written: somebody holds the number of the change."
        def waits(event):
            done = subprocess.run(["psql", "-At", database, "-c",
                                   "SELECT count(*) FROM pg_stat_activity WHERE wait_event = '{}'".format(event)],
                                  stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False)
            return done.stdout.strip() not in ("", "0")
        self.start("psql", database, "-c", "BEGIN; UPDATE counter SET value = value WHERE name = 'version'; SELECT pg_sleep(3600)",
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for("the holder", lambda: waits("PgSleep"))
        stopped = self.start(os.path.join(PROGRAMS, "vpnctl"), "--database", database, *arguments, stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, text=True)
        wait_for("vpnctl waits", lambda: waits("transactionid"))
        return stopped

    def test_the_primary_is_killed_in_the_middle_of_a_push(self):
        "And in the middle of a transaction, of which nothing is left."
        primary, standby, database = self.replicated()
        self.works(database, "vpn", "add", "red", "--vpn-id", "1:1")
        port = self.stand_in(database)
        self.serverd("one", database)
        self.serverd("two", database)
        self.add(database, "a", 1, port)
        self.add(database, "b", 2, port)
        self.provisioned(database, "a", "b")
        faster = self.slow("a")
        self.add(database, "c", 3, port)
        wait_for("a server at a", lambda: self.owned(database, "a"))
        stopped = self.in_a_transaction(database, "ce", "add", "d", "--vpn", "red", "--address", "198.51.100.4",
                                        "--host", "127.0.0.1", "--port", port)
        primary.send_signal(signal.SIGQUIT)
        primary.wait()
        self.assertIn("vpnctl: the database: ", stopped.stdout.read())
        self.assertEqual(stopped.wait(), 1)
        faster()
        self.postgres(POSTGRES + "pg_ctl", "promote", "-D", standby)
        self.provisioned(database, "a", "b", "c")
        self.assertIn("<name>c</name>", "".join(self.edits("a")[1:]))
        self.assertIn("<name>a</name>", "".join(self.edits("c")))
        # and vpnctl goes on, with the new primary
        self.add(database, "d", 4, port)
        self.provisioned(database, "a", "b", "c", "d")
        self.works(database, "ce", "remove", "d", "--forget")
        self.provisioned(database, "a", "b", "c")
        self.works(database, "ce", "remove", "b")
        self.provisioned(database, "a", "c")
        self.assertIn('<tunnel-link nc:operation="remove"><name>b</name>', self.edits("c")[-1])

    def test_commands_that_end_take_nothing_from_the_server(self):
        "Nobody else has the database open: each vpnctl that ends is the last but the server, whose records stay."
        database = os.path.join(self.directory, "vpn.db")
        self.works(database, "vpn", "add", "red", "--vpn-id", "00a0c9:1")
        for number, name in enumerate(("a", "b"), 1):
            self.add(database, name, number, "1")  # nobody listens there
        server = self.serverd("one", database)
        wait_for("what the server records is seen", lambda: self.states(database)["a"] == "unreachable")
        opened = [where for where in map(opened_file, glob.glob("/proc/{}/fd/*".format(server.pid))) if where]
        self.assertIn(database, opened)
        self.assertEqual([path for path in opened if "(deleted)" in path], [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
