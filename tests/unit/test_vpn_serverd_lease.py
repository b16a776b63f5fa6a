#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
Whose a CE is while a vpn-serverd talks to it, for how long, and who goes on when that one has ended.

        vpnctl --> SQLite --> vpn-serverd  one, two  --NETCONF/TLS--> provisioning-ces (a, b, c)

Apart from test_vpn_serverd.py, as leases take their time.
"""

import os
import unittest

from test_vpn_serverd import PATIENCE, WithCes, wait_for


class Lease(WithCes):
    def test_another_goes_on_where_one_was_killed(self):
        "A CE that is slow stays its server's, whose lease is renewed; when that server is killed, the other one tells the CE."
        database = os.path.join(self.directory, "vpn.db")
        self.works(database, "vpn", "add", "red", "--vpn-id", "1:1")
        port = self.stand_in(database)
        servers = {name: self.serverd(name, database) for name in ("one", "two")}
        self.add(database, "a", 1, port)
        self.add(database, "b", 2, port)
        self.provisioned(database, "a", "b")
        faster = self.slow("a")
        self.add(database, "c", 3, port)
        name = wait_for("a server at a", lambda: self.owned(database, "a"))
        until = self.owned(database, "a", "owned_until")
        wait_for("its lease is renewed", lambda: int(self.owned(database, "a", "owned_until")) > int(until))
        self.assertEqual(self.owned(database, "a"), name)
        servers[name].kill()
        servers[name].wait()
        faster()
        self.provisioned(database, "a", "b", "c")
        self.assertIn("<name>c</name>", "".join(self.edits("a")[1:]))

    def test_told_to_end_it_ends_what_it_is_at(self):
        "SIGTERM in the middle of a push to a CE that is slow: it stays this server's until it has been told, and that is recorded."
        database = os.path.join(self.directory, "vpn.db")
        self.works(database, "vpn", "add", "red", "--vpn-id", "1:1")
        port = self.stand_in(database)
        server = self.serverd("one", database)
        self.add(database, "a", 1, port)
        self.add(database, "b", 2, port)
        self.provisioned(database, "a", "b")
        faster = self.slow("a")
        self.add(database, "c", 3, port)
        wait_for("the server at a", lambda: self.owned(database, "a"))
        server.terminate()
        until = self.owned(database, "a", "owned_until")
        wait_for("its lease is renewed", lambda: int(self.owned(database, "a", "owned_until")) > int(until))
        faster()
        self.assertEqual(server.wait(PATIENCE), 0)
        self.assertEqual(self.owned(database, "a"), "")
        self.assertEqual(self.states(database)["a"], "provisioned")
        self.assertIn("<name>c</name>", "".join(self.edits("a")[1:]))


if __name__ == "__main__":
    unittest.main(verbosity=2)
