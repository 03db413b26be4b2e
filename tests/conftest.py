"""What every test shares: one hypothesis profile, no window system, and skips that cannot hide.

In CI (the variable ``CI`` is set, as GitHub and `.ci/run` do) a skipped test or an expected failure that
is not in ``proof/allowed_exceptions.toml`` fails the whole session.
"""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

import pytest
from hypothesis import settings

IN_CI = os.environ.get("CI", "").lower() in {"1", "true", "yes"}

os.environ["MPLBACKEND"] = "Agg"  # also for the command-line processes that tests start

# The first example of a test that simulates includes the compiler's seconds, so there is no deadline.
settings.register_profile(
    "mutualfund",
    deadline=None,
    max_examples=25,
    derandomize=IN_CI,
    database=None,
)
settings.load_profile("mutualfund")


class SkipWatch:
    """Collects what did not run, and turns the session red over what is not listed."""

    def __init__(self) -> None:
        path = Path(__file__).parent / "proof" / "allowed_exceptions.toml"
        listed = tomllib.loads(path.read_text(encoding="utf-8")).get("not_run", [])
        self.allowed = {entry["test"] for entry in listed}
        self.unlisted: dict[str, str] = {}

    def note(self, report: pytest.TestReport | pytest.CollectReport) -> None:
        expected_failure = hasattr(report, "wasxfail")
        if not (report.skipped or expected_failure) or report.nodeid in self.allowed:
            return
        if expected_failure:
            reason = f"expected to fail: {report.wasxfail}"
        else:
            reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else "skipped"
        self.unlisted[report.nodeid] = reason

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.note(report)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        self.note(report)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self.unlisted and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self.unlisted:
            terminalreporter.section(
                "not run, and not listed in tests/proof/allowed_exceptions.toml"
            )
            for test, reason in sorted(self.unlisted.items()):
                terminalreporter.line(f"{test}: {reason}", red=True)


def pytest_configure(config: pytest.Config) -> None:
    is_worker = hasattr(config, "workerinput")  # with pytest-xdist only the controller judges
    if IN_CI and not is_worker:
        config.pluginmanager.register(SkipWatch(), "skip-watch")
