#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""tests/fuzz/driver.c finds what it is there to find, and the same every time.

A small target with a known fault behind three octets: only a driver that sees
which places an input reaches gets there in so few inputs.
"""

import os
import re
import subprocess
import tempfile
import unittest

TARGET = """
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
void *volatile lost;
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size > 3 && data[0] == 'E')
		if (data[1] == 'S')
			if (data[2] == 'P') {
				FAULT;
			}
	return 0;
}
"""
SANITIZE = ["-g", "-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=undefined"]


def config(name):
    with open(os.path.join(os.environ["BUILD"], "config.mk"), encoding="utf-8") as text:
        return re.search(rf"^{name} = (.*)$", text.read(), re.M)[1]


class FuzzDriver(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.top = folder.name
        self.cc = config("CC").split()
        if "clang" in self.cc[0]:
            self.cc = ["gcc"]
        self.compile([os.path.join(os.environ["SRCDIR"], "tests/fuzz/driver.c")], "driver.o")

    def compile(self, sources, out, *flags):
        subprocess.run([*self.cc, *SANITIZE, *flags, "-c", *sources, "-o", os.path.join(self.top, out)], check=True)

    def target(self, fault):
        source = os.path.join(self.top, "target.c")
        with open(source, "w", encoding="utf-8") as out:
            out.write(TARGET.replace("FAULT", fault))
        self.compile([source], "target.o", "-fsanitize-coverage=trace-pc")
        subprocess.run([*self.cc, *SANITIZE, "target.o", "driver.o", "-o", "fuzz"], cwd=self.top, check=True)

    def fuzz(self, *args):
        done = subprocess.run(["./fuzz", *args], cwd=self.top, capture_output=True, text=True, check=False,
                              env={**os.environ, "ASAN_OPTIONS": "detect_leaks=1"})
        return done.returncode, done.stdout + done.stderr

    def crash_input(self):
        with open(os.path.join(self.top, "crash-input"), "rb") as data:
            return data.read()

    def test_reads_past_the_end(self):
        self.target("return data[size]")
        status, said = self.fuzz("-runs=2000000")
        self.assertNotEqual(status, 0)
        self.assertIn("heap-buffer-overflow", said)
        self.assertEqual(self.crash_input()[:3], b"ESP")
        # the saved input alone shows it again
        self.assertNotEqual(self.fuzz("-runs=0", "crash-input")[0], 0)

    def test_aborts(self):
        self.target("abort()")
        self.assertNotEqual(self.fuzz("-runs=2000000")[0], 0)
        self.assertEqual(self.crash_input()[:3], b"ESP")

    def test_leaks(self):
        self.target("lost = malloc(7); lost = NULL")
        status, said = self.fuzz("-runs=2000000")
        self.assertNotEqual(status, 0)
        self.assertIn("LeakSanitizer", said)

    def test_overflows_an_integer(self):
        self.target("return 0x7fffffff + data[3]")
        status, said = self.fuzz("-runs=2000000")
        self.assertNotEqual(status, 0)
        self.assertIn("signed integer overflow", said)

    def test_same_seed_same_inputs(self):
        self.target("return 0")
        first, second = self.fuzz("-runs=300000", "-seed=7"), self.fuzz("-runs=300000", "-seed=7")
        self.assertEqual(first[0], 0)
        self.assertEqual(first, second)

    def test_ends_by_time(self):
        self.target("return 0")
        status, said = self.fuzz("-max_total_time=1")
        self.assertEqual(status, 0, said)

    def test_input_that_is_not_there(self):
        self.target("return 0")
        self.assertEqual(self.fuzz("-runs=1", "nothing-here")[0], 1)


if __name__ == "__main__":
    unittest.main()
