#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""vpnctl itself: what it prints, what it refuses, and that no secret leaves it."""

import json
import os
import sqlite3
import stat
import subprocess
import tempfile
import unittest

VPNCTL = os.path.join(os.environ.get("BUILD", "build"), "vpn-server", "vpnctl")
SOURCE = os.environ.get("SRCDIR", os.path.join(os.path.dirname(__file__), "..", ".."))


class Vpnctl(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.TemporaryDirectory()
        self.database = os.path.join(self.directory.name, "vpn.db")
        self.said = []

    def tearDown(self):
        self.directory.cleanup()

    def run_it(self, *arguments, database=None):
        environment = dict(os.environ, VPN_DATABASE=database or self.database)
        done = subprocess.run([VPNCTL, *arguments], env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, check=False)
        self.said.append(done.stdout + done.stderr)
        return done

    def works(self, *arguments, **more):
        done = self.run_it(*arguments, **more)
        self.assertEqual((done.returncode, done.stderr), (0, ""), arguments)
        return done.stdout

    def refuses(self, words, *arguments, **more):
        before = self.works("export")
        done = self.run_it(*arguments, **more)
        self.assertEqual(done.returncode, 1, arguments)
        self.assertIn(words, done.stderr)
        self.assertEqual(done.stdout, "")
        self.assertEqual(self.works("export"), before)

    def network(self):
        self.works("vpn", "add", "red", "--vpn-id", "00a0c9:1", "--topology", "hub-and-spoke", "--prefix", "10.0.0.0/8")
        self.works("ce", "add", "hub", "--address", "198.51.100.1", "--vpn", "red", "--prefix", "10.1.0.0/16", "--hub")
        self.works("ce", "add", "paris", "--address", "198.51.100.2", "--vpn", "red", "--prefix", "10.2.0.0/16")
        self.works("ce", "add", "rome", "--address", "2001:db8::3", "--vpn", "red", "--prefix", "10.3.0.0/16",
                   "--mode", "pull", "--transport", "ssh", "--host-key", "SHA256:x")

    def secrets(self):
        connection = sqlite3.connect(self.database)
        found = [row[0] for row in connection.execute("SELECT secret FROM psk UNION SELECT private_key FROM authority")]
        connection.close()
        return found

    def test_bad_input_is_refused_in_words_and_changes_nothing(self):
        self.network()
        for words, arguments in (
                ("there is a VPN red already", "vpn add red --vpn-id 1:2"),
                ("VPN-ID 00a0c9:00000001 is in use by VPN red", "vpn add blue --vpn-id 00A0C9:1"),
                ("needs a VPN-ID", "vpn add blue"),
                ("there is a CE paris already", "ce add paris --address 198.51.100.9"),
                ("its address is 198.51.100.2", "ce add paris --address 198.51.100.9 --vpn red"),
                ("address 198.51.100.1 is that of CE hub", "ce add x --address 198.51.100.1 --vpn red"),
                ("overlaps 10.2.0.0/16 of CE paris", "ce add x --address 198.51.100.9 --vpn red --prefix 10.2.3.0/24"),
                ("is a hub of VPN red", "ce remove hub"),
                ("would fall apart", "topology set red graph hub:paris"),
                ("VPN red has 3 sites", "vpn remove red"),
                ("there is no VPN \"blue\"", "topology show blue"),
                ("there is no CE \"x\"", "key revoke x"),
                ("no command \"frob\"", "frob"),
                ("has no option --hub", "vpn add x --vpn-id 1:3 --hub"),
                ("is no number", "vpn add x --vpn-id 1:3 --lifetime 1h"),
                ("usage: vpnctl vpn add", "vpn add"),
                ("cannot be read" if os.getuid() else "no JSON", "import /dev/null"),
        ):
            self.refuses(words, *arguments.split())

    def test_no_secret_is_printed_or_readable(self):
        self.network()
        out = os.path.join(self.directory.name, "paris")
        for arguments in ("vpn show", "vpn show --json", "ce show", "ce show --json", "ce show paris --config",
                          "topology show red", "key rotate red", "ce show hub --config --json", "status",
                          "status --json", "export", "key authority", "key crl",
                          "ce preconfigure paris --server 192.0.2.1 --key-pair --output " + out,
                          "ce preconfigure hub --server 192.0.2.1 --json"):
            self.works(*arguments.split())
        secrets = self.secrets()
        self.assertEqual(len(secrets), 5)  # two links, two generations, and the authority's key
        with open(os.path.join(out, "key.pem")) as file:
            secrets.append(file.read())
        for secret in secrets:
            self.assertGreater(len(secret), 60)
            self.assertFalse(any(secret in text for text in self.said))
        self.assertFalse(any("PRIVATE KEY" in text for text in self.said))
        for root, _, files in os.walk(self.directory.name):
            for name in files:
                with open(os.path.join(root, name), "rb") as file:
                    data = file.read()
                if any(secret.encode() in data for secret in secrets):
                    mode = stat.S_IMODE(os.stat(os.path.join(root, name)).st_mode)
                    self.assertEqual(mode, 0o600, name)

    def test_what_is_exported_can_be_imported(self):
        self.network()
        self.works("vpn", "add", "blue", "--vpn-id", "1:2", "--topology", "graph", "--encapsulation", "gre")
        self.works("ce", "add", "rome", "--vpn", "blue")
        self.works("ce", "add", "paris", "--vpn", "blue", "--link", "rome")
        exported = self.works("export")
        path, other = self.database + ".json", self.database + ".other"
        with open(path, "w") as file:
            file.write(exported)
        self.works("import", path, database=other)
        self.assertEqual(self.works("export", database=other), exported)
        self.assertEqual(self.works("topology", "show", "blue", database=other), self.works("topology", "show", "blue"))
        self.assertNotEqual(self.secrets(), [])
        # all of it or nothing
        broken = json.loads(exported)
        broken["sites"][-1]["prefixes"] = ["10.1.1.1/8"]
        with open(path, "w") as file:
            json.dump(broken, file)
        done = self.run_it("import", path, database=other + "2")
        self.assertEqual(done.returncode, 1)
        self.assertIn("bits beyond its length", done.stderr)
        self.assertEqual(json.loads(self.works("export", database=other + "2"))["vpns"], [])

    def test_json_and_drawings(self):
        self.network()
        ces = json.loads(self.works("ce", "show", "--json"))["ces"]
        self.assertEqual(ces["rome"]["transport"], "ssh")
        self.assertEqual(ces["paris"]["sites"][0]["prefixes"], ["10.2.0.0/16"])
        status = json.loads(self.works("status", "--json"))
        self.assertEqual(status["ces"]["hub"], {"state": "pending", "address": "198.51.100.1", "mode": "push",
                                                "version": 0, "pendingLinks": 2, "failures": 0})
        links = json.loads(self.works("topology", "show", "red", "--json"))["links"]
        self.assertEqual(sorted(links), [["hub", "paris"], ["hub", "rome"]])
        self.assertIn('"hub" -- "paris";', self.works("topology", "show", "red", "--dot"))
        self.assertEqual(self.works("topology", "show", "red", "--svg").count("<line "), 2)
        config = json.loads(self.works("ce", "show", "paris", "--config"))
        self.assertEqual(config["frr-vpnd:vpn"]["tunnel-link"][0]["name"], "hub")

    def test_whatever_prints_prints_json(self):
        self.network()
        for arguments in ("vpn show", "vpn show red", "ce show", "ce show paris", "ce show paris --config", "topology show red",
                          "status", "export", "key authority", "key crl", "ce preconfigure paris --server 192.0.2.1"):
            self.assertIsInstance(json.loads(self.works(*arguments.split(), "--json")), dict, arguments)
        self.assertIn("BEGIN CERTIFICATE", json.loads(self.works("key", "authority", "--json"))["pem"])

    def test_a_watched_status_follows_the_database(self):
        "A whole status at first, and another one after a change; nothing is asked for in between."
        self.network()
        environment = dict(os.environ, VPN_DATABASE=self.database)
        with subprocess.Popen([VPNCTL, "status", "--watch", "--json"], env=environment, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, text=True) as watch:
            def whole():
                lines = []
                while not lines or lines[-1] != "}\n":
                    lines.append(watch.stdout.readline())
                    self.assertNotEqual(lines[-1], "", "it has ended")
                return json.loads("".join(lines))
            self.assertEqual(sorted(whole()["ces"]), ["hub", "paris", "rome"])
            self.works("ce", "add", "oslo", "--address", "198.51.100.4", "--vpn", "red")
            while sorted(whole()["ces"]) != ["hub", "oslo", "paris", "rome"]:
                pass
            self.works("ce", "remove", "oslo", "--forget")
            while "oslo" in whole()["ces"]:
                pass
            watch.terminate()

    def test_a_newer_database_is_refused(self):
        self.network()
        connection = sqlite3.connect(self.database)
        connection.execute("UPDATE schema_version SET version = version + 1")
        connection.commit()
        connection.close()
        for arguments in ("status", "ce show", "ce remove paris", "import /dev/null"):
            done = self.run_it(*arguments.split())
            self.assertEqual((done.returncode, done.stdout), (1, ""), arguments)
            self.assertIn("newer program", done.stderr)

    def test_a_ce_is_to_renew_its_key(self):
        self.network()
        self.assertNotIn("certificateToRenew", json.loads(self.works("status", "--json"))["ces"]["paris"])
        self.works("key", "renew", "paris")
        self.assertIs(json.loads(self.works("status", "--json"))["ces"]["paris"]["certificateToRenew"], True)
        self.refuses("there is no CE \"x\"", "key", "renew", "x")
        self.works("key", "revoke", "paris")
        self.refuses("CE paris is revoked", "key", "renew", "paris")

    def test_a_request_is_signed_for_the_ce_and_nobody_else(self):
        self.network()
        request, key = self.database + ".csr", self.database + ".key"
        subprocess.run(["openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-keyout", key, "-subj", "/CN=somebody-else", "-out", request], check=True,
                       stderr=subprocess.DEVNULL)
        answer = json.loads(self.works("ce", "preconfigure", "paris", "--server", "192.0.2.1", "--csr", request, "--json"))
        with open(self.database + ".pem", "w") as file:
            file.write(answer["certificate"])
        with open(self.database + ".ca", "w") as file:
            file.write(answer["authority"])
        for more in (["-verify_hostname", "paris"], ["-verify_ip", "198.51.100.2"]):
            subprocess.run(["openssl", "verify", "-CAfile", self.database + ".ca", *more, self.database + ".pem"],
                           check=True, stdout=subprocess.DEVNULL)
        self.refuses("no certificate signing request", "ce", "preconfigure", "paris", "--server", "192.0.2.1", "--csr", key)

    def test_a_ce_that_only_listens_is_preconfigured(self):
        "Without a server's address, in mode push over TLS; who is to call a server has to be told where it is."
        self.network()
        lines = self.works("ce", "preconfigure", "paris")
        self.assertIn(" exit\nexit\nnetconf\n listen tls 198.51.100.2 port 6513\n", lines)
        self.assertNotIn("  server ", lines)
        self.assertNotIn("netconf", self.works("ce", "preconfigure", "paris", "--server", "192.0.2.1"))
        self.refuses("CE rome is to call it", "ce", "preconfigure", "rome")
        self.refuses("name them (--server)", "ce", "preconfigure", "paris", "--provider-interface", "eth0")

    def test_no_two_authorities_have_one_name(self):
        "Who verifies keeps one list of revoked certificates for each name."
        def name(database):
            pem = self.works("key", "authority", database=database)
            return subprocess.run(["openssl", "x509", "-noout", "-subject"], input=pem, check=True, stdout=subprocess.PIPE, text=True).stdout
        self.assertEqual(name(self.database), name(self.database))
        self.assertNotEqual(name(self.database), name(self.database + ".other"))

    def completes(self, line):
        "The words that bash would offer at the end of the line."
        script = ("set -e; PATH={}:$PATH; export VPN_DATABASE={}; . {}/vpn-server/completion/vpnctl; "
                  "COMP_WORDS=({}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); _vpnctl; echo ${{COMPREPLY[@]}}")
        done = subprocess.run(["bash", "-c", script.format(os.path.dirname(os.path.abspath(VPNCTL)), self.database, SOURCE, line)],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
        self.assertEqual(done.stderr, "", line)
        return done.stdout.split()

    def test_completion_knows_commands_and_names(self):
        self.network()
        for line, wanted in (("vpnctl ''", "vpn ce topology key status export import"),
                             ("vpnctl ce show ''", "hub paris rome"), ("vpnctl ce show p", "paris"),
                             ("vpnctl topology set red g", "graph"), ("vpnctl vpn remove ''", "red"),
                             ("vpnctl ce add x --vpn ''", "red"), ("vpnctl ce remove hub --f", "--forget")):
            self.assertEqual(self.completes(line), wanted.split(), line)

    def commands(self):
        "What the help has, as lists of one or two words."
        found = []
        for line in self.run_it("--help").stdout.splitlines():
            if line.startswith("  ") and not line.startswith("      "):
                words = []
                for word in line.split():
                    if not (word.isalpha() and word.islower()):
                        break
                    words.append(word)
                found.append(words[:2])
        return found

    def test_every_command_is_completed_and_no_option_that_it_has_not(self):
        self.network()
        commands = self.commands()
        self.assertIn(["key", "renew"], commands)
        for words in commands:
            self.assertIn(words[-1], self.completes("vpnctl {} ''".format(" ".join(words[:-1]))), words)
            for option in self.completes("vpnctl {} --".format(" ".join(words))):
                self.assertNotIn("has no option", self.run_it(*words, option, "x", database="/nonexistent/vpn.db").stderr, (words, option))

    def test_whatever_changes_takes_json_and_says_nothing(self):
        self.network()
        path = self.database + ".json"
        with open(path, "w") as file:
            file.write(self.works("export", database=self.database + ".other"))
        for arguments in ("vpn add blue --vpn-id 1:2", "ce add oslo --address 198.51.100.4 --vpn red", "topology set red full-mesh",
                          "key rotate red", "key renew paris", "key revoke rome", "ce remove oslo --forget", "vpn remove blue",
                          "key issue server-a --output " + os.path.join(self.directory.name, "server-a"), "import " + path):
            self.assertEqual(self.works(*arguments.split(), "--json"), "", arguments)

    def test_a_certificate_that_ends_soon_is_listed(self):
        self.network()
        for name, days in (("server-a", "5"), ("server-b", "40")):
            self.works("key", "issue", name, "--days", days, "--output", os.path.join(self.directory.name, name))
        self.assertEqual(list(json.loads(self.works("status", "--json"))["expiring"]), ["server-a"])
        self.assertIn("the certificate of server-a expires 2", self.works("status"))

    def test_every_command_is_in_the_manual(self):
        with open(os.path.join(SOURCE, "doc", "man", "vpnctl.8")) as file:
            manual = file.read().replace("\\-", "-")
        for words in self.commands():
            self.assertIn("\\fB" + " ".join(words) + "\\fR", manual, words)


if __name__ == "__main__":
    unittest.main(verbosity=2)
