#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs unit tests and fuzz targets, prints what a person wants, writes JUnit XML.

    run_tests.py --source DIR --build DIR --junit FILE [--runs N] [--seconds S] [--seed N] PROGRAM...

PROGRAM is tests/unit/test_NAME (cmocka) or tests/fuzz/fuzz_NAME, below the build
directory, or tests/unit/test_NAME.py (unittest), below the source; both
directories are in its environment as BUILD and SRCDIR.

A unit test's cases are read from its output; a case that began and did not end
(a crash, a sanitizer's report) failed.  A program over its time is ended by
SIGABRT, of which Python says where it stands, and with it all that it started.  A fuzz target is one case: its seed
corpus tests/fuzz/corpus/NAME and a bounded run.  A program that is not there
was not built: it failed.  Exit status 0: all passed, and there was at least one.
"""

import argparse
import concurrent.futures
import os
import re
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ET

UNIT_SECONDS = 120
LAST_WORDS_SECONDS = 5
PYTHON_CASE = re.compile(r"^(test_\w+) \(")
PYTHON_VERDICT = re.compile(r"(?:^|\.\.\. )(ok|FAIL|ERROR|skipped)(?: '.*)?$")
CASE = re.compile(r"^\[ +(RUN|OK|FAILED|SKIPPED|ERROR) +\] (\S+)$")

running = set()  # processes; each leads a group of its own, which Ctrl-C does not reach


class Case:
    def __init__(self, program, name):
        self.program, self.name = program, name
        self.verdict, self.seconds, self.output = "failed", 0.0, ""


def run(args, command, seconds):
    """(exit status, output, seconds taken); a run over its time is ended."""
    env = dict(os.environ)
    env.setdefault("ASAN_OPTIONS", "detect_leaks=1:abort_on_error=0:allocator_may_return_null=1")
    env.setdefault("UBSAN_OPTIONS", "print_stacktrace=1")
    env.setdefault("LSAN_OPTIONS", f"print_suppressions=0:suppressions={args.source}/tests/lsan.supp")
    env.update(BUILD=args.build, SRCDIR=args.source)
    env.pop("CMOCKA_MESSAGE_OUTPUT", None)
    start = time.monotonic()
    try:
        with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              env=env, start_new_session=True) as process:
            running.add(process)
            try:
                status, output = wait(process, seconds)
            finally:
                running.discard(process)
    except OSError as error:
        status, output = -1, str(error).encode()
    return status, output.decode(errors="replace"), time.monotonic() - start


def end_group(process):
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def wait(process, seconds):
    try:
        output, _ = process.communicate(timeout=seconds)
        return process.returncode, output
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGABRT)
    try:
        output, _ = process.communicate(timeout=LAST_WORDS_SECONDS)
    except subprocess.TimeoutExpired:
        end_group(process)
        output, _ = process.communicate()
    end_group(process)
    return -1, output + b"\nended: it took over %d s\n" % seconds


def cases_of(program, status, output, seconds):
    """A cmocka program's cases, from what it printed."""
    cases = {}
    for line in output.splitlines():
        match = CASE.match(line)
        if not match or match[2].isdigit():
            continue
        word, name = match.groups()
        case = cases.setdefault(name, Case(program, name))
        if word == "OK":
            case.verdict = "passed"
        elif word == "SKIPPED":
            case.verdict = "failed"
            case.output = "skipped: a test that cannot run here is a failed test\n"
        elif word in ("FAILED", "ERROR"):
            case.verdict = "failed"
    cases = list(cases.values())
    bad = [case for case in cases if case.verdict != "passed"]
    if status and not bad or not cases:
        bad = [Case(program, "exit" if cases else "start")]
        cases += bad
    for case in bad:
        case.output += f"exit status {status}\n{output}"
    for case in cases:
        case.seconds = seconds / len(cases)
    return cases


def python_cases_of(program, status, output, seconds):
    """
    A unittest program's cases, from what it printed with -v: each one's name, the first
    line of its documentation if it has some, and its verdict, on lines of their own if it prints.
    """
    words = {"ok": "OK", "skipped": "SKIPPED"}
    lines, name = [], None
    for line in output.splitlines():
        case, verdict = PYTHON_CASE.match(line), PYTHON_VERDICT.search(line)
        if case:
            name = case[1]
            lines.append(f"[ RUN ] {name}\n")
        if name and verdict:
            lines.append(f"[ {words.get(verdict[1], 'FAILED')} ] {name}\n")
            name = None
    cases = cases_of(program, status, "".join(lines), seconds)
    for case in cases:
        if case.verdict != "passed":
            case.output = output
    return cases


def run_python(args, program):
    command = [sys.executable, "-B", "-X", "faulthandler", os.path.join(args.source, program), "-v"]
    return python_cases_of(program, *run(args, command, UNIT_SECONDS))


def run_unit(args, program):
    path = os.path.join(args.build, program)
    status, output, seconds = run(args, [path], UNIT_SECONDS)
    return cases_of(program, status, output, seconds)


def run_fuzz(args, program):
    name = os.path.basename(program)[len("fuzz_"):]
    corpus = os.path.join(args.source, "tests/fuzz/corpus", name)
    length = [f"-max_total_time={args.seconds}"]
    if args.runs:
        length.insert(0, f"-runs={args.runs}")
    command = [os.path.join(args.build, program), *length, f"-seed={args.seed}",
               f"-artifact_prefix={os.path.join(args.build, program)}-"]
    if os.path.isdir(corpus):
        command.append(corpus)
    status, output, seconds = run(args, command, args.seconds * 2 + 300)
    case = Case(program, f"seed_{args.seed}")
    case.verdict = "passed" if status == 0 else "failed"
    case.output, case.seconds = output, seconds
    if status:
        case.output = f"{' '.join(command)}: exit status {status}\n{output}"
    return [case]


def run_program(args, program):
    if program.endswith(".py"):
        return run_python(args, program)
    if not os.access(os.path.join(args.build, program), os.X_OK):
        case = Case(program, "build")
        case.output = "it was not built: the compiler's messages are above\n"
        return [case]
    fuzz = os.path.basename(program).startswith("fuzz_")
    return (run_fuzz if fuzz else run_unit)(args, program)


def show(program, cases):
    failed = [case for case in cases if case.verdict != "passed"]
    seconds = sum(case.seconds for case in cases)
    note = ""
    if len(cases) == 1 and not failed and cases[0].output:
        note = ": " + cases[0].output.strip().splitlines()[-1]
    print(f"{program}: {len(cases) - len(failed)} passed, {len(failed)} failed in {seconds:.2f}s{note}", flush=True)
    if failed:
        print("".join(f"  FAILED {case.name}\n" for case in failed) + failed[0].output.rstrip(), flush=True)


def write_junit(path, cases, seconds):
    failed = sum(case.verdict != "passed" for case in cases)
    suite = ET.Element("testsuite", name="unit", tests=str(len(cases)), failures=str(failed),
                       errors="0", skipped="0", time=f"{seconds:.3f}")
    for case in cases:
        item = ET.SubElement(suite, "testcase", classname=case.program.replace("/", "."),
                             name=case.name, time=f"{case.seconds:.3f}")
        if case.verdict != "passed":
            text = "".join(c for c in case.output if c.isprintable() or c in "\n\t")
            ET.SubElement(item, "failure", message="failed").text = text
    top = ET.Element("testsuites")
    top.append(suite)
    ET.ElementTree(top).write(path, encoding="utf-8", xml_declaration=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--source", required=True)
    parser.add_argument("--build", required=True)
    parser.add_argument("--junit", required=True)
    parser.add_argument("--runs", type=int, help="inputs to a fuzz target; without it, what --seconds allow")
    parser.add_argument("--seconds", type=int, default=10, help="for a fuzz target")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("programs", nargs="*")
    args = parser.parse_args()

    if not os.path.isdir("/proc/self/task"):
        print("run_tests: /proc is not mounted: the leak check needs it", file=sys.stderr)
        return 1
    start, cases = time.monotonic(), []
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        try:
            for program, results in zip(args.programs, pool.map(lambda p: run_program(args, p), args.programs)):
                show(program, results)
                cases += results
        except KeyboardInterrupt:
            pool.shutdown(wait=False, cancel_futures=True)
            for process in list(running):
                end_group(process)
            raise
    seconds = time.monotonic() - start
    write_junit(args.junit, cases, seconds)
    failed = sum(case.verdict != "passed" for case in cases)
    print(f"unit tests: {len(cases) - failed} passed, {failed} failed in {seconds:.1f}s ({args.junit})")
    return 1 if failed or not cases else 0


if __name__ == "__main__":
    sys.exit(main())
