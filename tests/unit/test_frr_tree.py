#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""tools/make/frr_tree.py: the tree that is built follows its sources, and no file is touched without need.

A small "FRR" stands for the real one: what matters is which files come, change
and go, not what is in them.
"""

import os
import subprocess
import sys
import tempfile
import unittest

TREE = os.path.join(os.environ["SRCDIR"], "tools/make/frr_tree.py")
PATCH = """--- a/lib/zebra.h
+++ b/lib/zebra.h
@@ -1,3 +1,3 @@
 one
-two
+{}
 three
"""


class FrrTree(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.top = folder.name
        for name in ("ours", "frr", "build"):
            os.mkdir(os.path.join(self.top, name))
        self.write("frr/lib/zebra.h", "one\ntwo\nthree\n")
        self.write("frr/bgpd/bgpd.c", "int bgpd;\n")
        self.write("frr/configure.ac", "AC_INIT([frr],[10.3])\n")
        self.write("ours/patches/10.3/series", "# what we change\n0001-two.patch\n")
        self.write("ours/patches/10.3/0001-two.patch", PATCH.format("2"))
        self.write("ours/bgpd-spilabel/bgp_spi.c", "int spi;\n")
        self.write("ours/vpnd/subdir.am", "vpnd\n")

    def path(self, name):
        return os.path.join(self.top, name)

    def write(self, name, text):
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name), "w", encoding="utf-8") as out:
            out.write(text)

    def read(self, name):
        with open(self.path(name), encoding="utf-8") as text:
            return text.read()

    def run_tree(self, status=0):
        done = subprocess.run(
            [sys.executable, TREE, self.path("ours"), self.path("frr"), "10.3", self.path("build")],
            capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def stamp(self):
        "Makes every file of the tree old; returns what tells whether it was touched since."
        for folder, _, names in os.walk(self.path("build")):
            for name in names:
                os.utime(os.path.join(folder, name), (1, 1))

    def touched(self):
        out = set()
        for folder, _, names in os.walk(self.path("build/frr")):
            for name in names:
                path = os.path.join(folder, name)
                if os.stat(path).st_mtime != 1:
                    out.add(os.path.relpath(path, self.path("build/frr")))
        return out

    def test_made_and_kept(self):
        self.run_tree()
        self.assertEqual(self.read("build/frr/lib/zebra.h"), "one\n2\nthree\n")
        self.assertEqual(self.read("build/frr/bgpd/bgp_spi.c"), "int spi;\n")
        self.assertEqual(self.read("build/frr.ours"), "bgpd/bgp_spi.c\n")
        self.stamp()
        self.assertEqual(self.run_tree(), "")
        self.assertEqual(self.touched(), set())

    def test_our_file_changes(self):
        self.run_tree()
        self.stamp()
        self.write("ours/bgpd-spilabel/bgp_spi.c", "long spi;\n")
        self.run_tree()
        self.assertEqual(self.touched(), {"bgpd/bgp_spi.c"})
        self.assertEqual(self.read("build/frr/bgpd/bgp_spi.c"), "long spi;\n")

    def test_our_file_comes_and_goes(self):
        self.run_tree()
        self.write("ours/vpnd/vpn_main.c", "int main;\n")
        self.run_tree()
        self.assertTrue(os.path.exists(self.path("build/frr/vpnd/vpn_main.c")))
        os.unlink(self.path("ours/vpnd/vpn_main.c"))
        self.run_tree()
        self.assertFalse(os.path.exists(self.path("build/frr/vpnd/vpn_main.c")))

    def test_patch_changes(self):
        self.run_tree()
        autotools = self.read("build/frr.autotools")
        self.write("build/frr/bgpd/bgpd.o", "an object")
        self.stamp()
        self.write("ours/patches/10.3/0001-two.patch", PATCH.format("II"))
        self.run_tree()
        self.assertEqual(self.touched() - {".laid-over"}, {"lib/zebra.h"})
        self.assertEqual(self.read("build/frr/lib/zebra.h"), "one\nII\nthree\n")
        self.assertEqual(self.read("build/frr/bgpd/bgpd.o"), "an object")
        self.assertEqual(self.read("build/frr.autotools"), autotools)

    def test_patch_goes(self):
        self.run_tree()
        self.write("ours/patches/10.3/series", "")
        self.run_tree()
        self.assertEqual(self.read("build/frr/lib/zebra.h"), "one\ntwo\nthree\n")

    def test_autotools_input(self):
        self.run_tree()
        before = self.read("build/frr.autotools")
        self.write("ours/vpnd/subdir.am", "vpnd more\n")
        self.run_tree()
        self.assertNotEqual(self.read("build/frr.autotools"), before)

    def test_source_changes(self):
        self.run_tree()
        self.write("frr/bgpd/bgpd.c", "int other;\n")
        self.run_tree()
        self.assertEqual(self.read("build/frr/bgpd/bgpd.c"), "int other;\n")

    def test_patch_does_not_apply(self):
        self.write("ours/patches/10.3/0001-two.patch", PATCH.replace("-two", "-zwei").format("2"))
        said = self.run_tree(status=1)
        self.assertIn("0001-two.patch does not apply to FRR 10.3", said)
        self.write("ours/patches/10.3/0001-two.patch", PATCH.format("2"))
        self.run_tree()
        self.assertEqual(self.read("build/frr/lib/zebra.h"), "one\n2\nthree\n")

    def test_fuzz_is_refused(self):
        self.write("frr/lib/zebra.h", "1\ntwo\nthree\n")
        self.assertIn("0001-two.patch does not apply", self.run_tree(status=1))

    def test_patch_is_not_there(self):
        self.write("ours/patches/10.3/series", "0002-gone.patch\n")
        self.assertIn("names 0002-gone.patch, which is not there", self.run_tree(status=1))

    def test_file_of_frr_is_not_replaced(self):
        self.write("ours/bgpd-spilabel/bgpd.c", "ours\n")
        self.assertIn("FRR has a bgpd/bgpd.c of its own", self.run_tree(status=1))


if __name__ == "__main__":
    unittest.main()
