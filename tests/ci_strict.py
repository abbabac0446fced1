"""Where CI is set, a skipped test has failed: the machine should have had what the test needs.

The one way out is ``@pytest.mark.not_here("why")``, for what no build machine can have.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator

IN_CI = os.environ.get("CI", "").lower() in {"1", "true"}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    excused = item.get_closest_marker("not_here")
    if IN_CI and report.skipped and not hasattr(report, "wasxfail") and not (excused and excused.args):
        report.outcome = "failed"
        report.longrepr = f"skipped, which CI does not allow: {_reason(report)}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    if IN_CI and report.skipped:
        report.outcome = "failed"
        report.longrepr = f"a whole file was skipped, which CI does not allow: {_reason(report)}"
    return report


def _reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    """What the skip said; pytest keeps it as (path, line, sentence)."""
    told = report.longrepr
    return str(told[2]) if isinstance(told, tuple) else str(told)
