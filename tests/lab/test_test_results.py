# SPDX-License-Identifier: GPL-2.0-or-later
"""
The verdict of ./vpnlab test (lab/test_results.py): what counts as passed, what as
failed, and how tests are shared out.  Runs without a lab.
"""
import json
import os
import sys

import pytest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "..", "lab"))
import test_results as results

PASSED = '<testcase file="a/test_a.py" classname="a.test_a" name="test_one" time="1.5"/>'
FAILED = '<testcase file="a/test_a.py" name="test_two" time="2"><failure message="no route">trace</failure></testcase>'
ERROR = '<testcase file="a/test_a.py" name="test_three" time="0"><error message="setup">trace</error></testcase>'
SKIPPED = '<testcase file="a/test_a.py" name="test_four" time="0"><skipped message="not here"/></testcase>'


def junit(*cases):
    return "<testsuites><testsuite>" + "".join(cases) + "</testsuite></testsuites>"


@pytest.fixture
def run(tmp_path, capsys):
    "A run's directory made of files; answers with exit status and what was printed."

    def summary(files):
        files = {"lab.xml": junit(), "lab.status": "0\n", **files}
        for name, text in files.items():
            (tmp_path / name).write_text(text)
        status = results.summary(str(tmp_path), str(tmp_path / "durations.json"), 65, "/shown")
        return status, capsys.readouterr().out

    summary.directory = tmp_path
    return summary


def unit(*cases, status="0"):
    return {"unit.xml": junit(*cases), "unit.status": status + "\n"}


def share0(*cases, status="0"):
    return {"share0.files": "a/test_a.py\n", "share0.xml": junit(*cases), "share0.status": status + "\n"}


def test_all_passed(run):
    status, out = run({**unit(PASSED), **share0(PASSED)})
    assert status == 0
    assert out.rstrip().endswith("= 2 passed in 65.00s (0:01:05) =".center(80, "=").strip())


def test_one_failed(run):
    status, out = run({**unit(PASSED), **share0(PASSED, FAILED, status="1")})
    assert status == 1
    assert "FAILED a/test_a.py::test_two - no route" in out
    assert " 1 failed, 2 passed in " in out


def test_errors_and_skips_are_counted(run):
    status, out = run({**unit(PASSED), **share0(ERROR, SKIPPED, status="1")})
    assert status == 1
    assert " 1 passed, 1 skipped, 1 error in " in out


def test_nothing_ran(run):
    status, out = run({**unit(), "share0.files": ""})
    assert status == 1
    assert "no tests ran" in out


def test_a_run_without_results_is_an_error(run):
    status, out = run({**unit(PASSED), "share0.files": "a/test_a.py\n", "share0.status": "125\n"})
    assert status == 1
    assert "ERROR share0 - it left no results, exit status 125" in out


def test_a_run_that_never_ended_is_an_error(run):
    files = {**unit(PASSED), **share0(PASSED)}
    del files["share0.status"]
    status, out = run(files)
    assert status == 1
    assert "exit status never ended though no test failed" in out


def test_a_status_that_the_results_do_not_explain_is_an_error(run):
    status, _ = run({**unit(PASSED, status="2"), **share0(PASSED)})
    assert status == 1


def test_results_that_cannot_be_read_are_an_error(run):
    files = {**unit(PASSED), **share0(PASSED)}
    files["share0.xml"] = "<testsuites>"
    status, out = run(files)
    assert status == 1
    assert "cannot be read" in out


def test_an_empty_share_needs_no_results(run):
    status, _ = run({**unit(PASSED), "share0.files": ""})
    assert status == 0


def test_shares_are_even_by_what_files_took(run):
    run.directory.joinpath("files").write_text("long.py\nshort.py\nmiddle.py\n")
    durations = run.directory / "durations.json"
    durations.write_text(json.dumps({"long.py": 100, "short.py": 10, "middle.py": 80}))
    results.share(str(run.directory), str(durations), 2)
    assert (run.directory / "share0.files").read_text() == "long.py\n"
    assert (run.directory / "share1.files").read_text() == "middle.py\nshort.py\n"


def test_durations_are_remembered_and_a_broken_file_is_no_harm(run):
    (run.directory / "durations.json").write_text("not json")
    run({**unit(PASSED), **share0(PASSED, FAILED, status="1")})
    assert json.loads((run.directory / "durations.json").read_text()) == {"a/test_a.py": 5.0}
