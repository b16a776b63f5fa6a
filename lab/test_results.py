#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
Shares test files out to labs, and makes one summary of their JUnit files.

  test_results.py share   RESULTS DURATIONS LABS
  test_results.py summary RESULTS DURATIONS SECONDS SHOWN-PATH

RESULTS is the run's directory (test.sh): "files" lists the topotests, NAME.files
those of one lab; NAME.xml and unit.xml are what the runs left, *.status their exit
status.  DURATIONS keeps how long each file took, from run to run.

A run that left no JUnit file, or whose status says "failed" while its file does not,
counts as an error: nothing is passed by default.
"""
import json
import os
import sys
import xml.etree.ElementTree as ET

UNKNOWN_SECONDS = 60.0
TEXT_LINES = 40


def load_durations(path):
    try:
        with open(path, encoding="utf-8") as file:
            return {str(k): float(v) for k, v in json.load(file).items()}
    except (OSError, ValueError, AttributeError, TypeError):
        return {}


def store_durations(path, durations):
    with open(path + ".new", "w", encoding="utf-8") as file:
        json.dump(durations, file, indent=1, sort_keys=True)
    os.replace(path + ".new", path)


def lines(path):
    try:
        with open(path, encoding="utf-8") as file:
            return file.read().split("\n")[:-1]
    except OSError:
        return []


def share(results, durations_path, labs):
    "The longest first, each to the lab with the least to do."
    durations = load_durations(durations_path)
    seconds = {f: durations.get(f, UNKNOWN_SECONDS) for f in lines(os.path.join(results, "files"))}
    shares = [[] for _ in range(labs)]
    for file in sorted(seconds, key=lambda f: (-seconds[f], f)):
        min(shares, key=lambda s: sum(seconds[f] for f in s)).append(file)
    for number, files in enumerate(shares):
        with open(os.path.join(results, f"share{number}.files"), "w", encoding="utf-8") as out:
            out.writelines(f + "\n" for f in files)


class Case:
    "One test: its name, outcome (passed, failed, error, skipped) and the first words why."

    OUTCOMES = {"failure": "failed", "error": "error", "skipped": "skipped"}

    def __init__(self, name, outcome, seconds=0.0, message="", text="", file=None):
        self.name = name
        self.outcome = outcome
        self.seconds = seconds
        self.message = message
        self.text = text
        self.file = file

    @classmethod
    def of(cls, element):
        name = "::".join(filter(None, (element.get("file") or element.get("classname"), element.get("name"))))
        for tag, outcome in cls.OUTCOMES.items():
            found = element.find(tag)
            if found is not None:
                break
        else:
            found, outcome = None, "passed"
        return cls(
            name,
            outcome,
            float(element.get("time") or 0),
            "" if found is None else (found.get("message") or ""),
            "" if found is None else (found.text or ""),
            element.get("file"),
        )


def run_cases(results, name):
    "The tests of one run (lab, unit, share0, ...)."
    status = (lines(os.path.join(results, name + ".status")) or ["never ended"])[0]
    path = os.path.join(results, name + ".xml")
    try:
        cases = [Case.of(e) for e in ET.parse(path).iter("testcase")]
        if name == "asan":  # the same tests as in another run
            for case in cases:
                case.name, case.file = "asan/" + case.name, None
    except FileNotFoundError:
        return [Case(name, "error", message=f"it left no results, exit status {status}; see {name}.log")]
    except (ET.ParseError, ValueError) as error:
        return [Case(name, "error", message=f"{name}.xml cannot be read: {error}")]
    if status != "0" and not any(c.outcome in ("failed", "error") for c in cases):
        cases.append(Case(name, "error", message=f"exit status {status} though no test failed; see {name}.log"))
    return cases


def closing_line(counts, seconds):
    "As pytest ends: === 1 failed, 2 passed in 3.00s ==="
    order = (("failed", "failed"), ("passed", "passed"), ("skipped", "skipped"), ("error", "error"))
    words = []
    for outcome, word in order:
        if counts.get(outcome):
            plural = "s" if outcome == "error" and counts[outcome] > 1 else ""
            words.append(f"{counts[outcome]} {word}{plural}")
    text = ", ".join(words) or "no tests ran"
    clock = f" ({seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02})" if seconds >= 60 else ""
    return f" {text} in {seconds}.00s{clock} ".center(80, "=")


def summary(results, durations_path, seconds, shown):
    names = ["lab", "unit"]
    names += sorted(n[:-6] for n in os.listdir(results) if n.endswith(".files"))
    cases = []
    for name in names:
        if name in ("lab", "unit") or lines(os.path.join(results, name + ".files")):
            cases += run_cases(results, name)

    durations = load_durations(durations_path)
    took = {}
    for case in cases:
        if case.file:
            took[case.file] = took.get(case.file, 0.0) + case.seconds
    durations.update(took)
    store_durations(durations_path, durations)

    bad = [c for c in cases if c.outcome in ("failed", "error")]
    if bad:
        print(" FAILURES ".center(80, "="))
    shown_texts = {}
    for case in bad:
        print(f" {case.name} ".center(80, "_"))
        text = "\n".join((case.text or case.message).split("\n")[-TEXT_LINES:])
        first = shown_texts.setdefault(text, case.name)
        print(text if first == case.name else f"as {first}")
    if bad or any(c.outcome == "skipped" for c in cases):
        print(" short test summary info ".center(80, "="))
    for case in cases:
        if case.outcome == "skipped":
            print(f"SKIPPED {case.name} - {case.message.splitlines()[0] if case.message else ''}")
    for case in bad:
        first = (case.message or case.text).strip().split("\n")[0][:200]
        print(f"{'FAILED' if case.outcome == 'failed' else 'ERROR'} {case.name} - {first}")
    if bad:
        print(f"logs: {shown}")
    counts = {}
    for case in cases:
        counts[case.outcome] = counts.get(case.outcome, 0) + 1
    print(closing_line(counts, seconds))
    return 0 if counts.get("passed") and not bad else 1


def main():
    command, results, durations = sys.argv[1:4]
    if command == "share":
        share(results, durations, int(sys.argv[4]))
        return 0
    return summary(results, durations, int(sys.argv[4]), sys.argv[5])


if __name__ == "__main__":
    sys.exit(main())
