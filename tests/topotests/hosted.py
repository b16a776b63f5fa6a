# SPDX-License-Identifier: GPL-2.0-or-later
"""
For programs that pytest only hosts, since FRR's topotest library lives there: the demo
and measurements.  What is printed shall be theirs alone.
"""
import pytest
from _pytest.junitxml import xml_key


class Quiet:
    "What pytest would print of its own when all went well."

    @staticmethod
    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(report):
        return report.outcome, "", ""


def quiet(config):
    config.pluginmanager.register(Quiet())
    xml = config.stash[xml_key]
    del config.stash[xml_key]
    config.pluginmanager.unregister(xml)
