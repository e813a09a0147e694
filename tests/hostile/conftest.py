"""The table at the end of the hostile tests: what was tried, and what came of it."""

from __future__ import annotations

import pytest

collect_ignore_glob = ["[0-9][0-9]_*"]  # hostile code: never imported

COUNTED = ("points gained", "keys read", "siblings touched", "results lost")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Prints the table."""
    tallies = [dict(report.user_properties) for report in finished(terminalreporter) if ("attack", True) in report.user_properties]
    if not tallies:
        return
    held = max(tallies, key=lambda tally: float(str(tally["seconds"])))
    terminalreporter.section("attacks on the grader")
    skipped = [report for report in terminalreporter.stats.get("skipped", ()) if "test_hostile.py" in report.nodeid]
    rows = {"attacks tried": f"{len(tallies)}", **{name: f"{sum(float(str(tally[name])) for tally in tallies):g}" for name in COUNTED}}
    rows["longest time an attack held the run"] = f"{held['seconds']} s ({held['name']})"
    rows["all together"] = f"{sum(float(str(tally['seconds'])) for tally in tallies):.1f} s"
    rows["not tried (skipped)"] = f"{len(skipped)}"
    for name, value in rows.items():
        terminalreporter.write_line(f"{name:<40}{value}")


def finished(terminalreporter: pytest.TerminalReporter) -> list[pytest.TestReport]:
    """The reports of the tests that ran."""
    return [report for outcome in ("passed", "failed") for report in terminalreporter.stats.get(outcome, ()) if report.when == "call"]
