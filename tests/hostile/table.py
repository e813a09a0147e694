"""The table at the end of the hostile tests: what was tried, and what came of it."""

from __future__ import annotations

import pytest

COUNTED = ("points gained", "keys read", "siblings touched", "results lost")


def write(terminalreporter: pytest.TerminalReporter) -> None:
    """Prints the table, if attacks ran."""
    reports = finished(terminalreporter)
    tallies = [dict(report.user_properties) for report in reports if ("attack", True) in report.user_properties]
    classes = {f"a {name} among attacks": str(value) for report in reports for name, value in report.user_properties if name == "class"}
    if not tallies and not classes:
        return
    terminalreporter.section("attacks on the grader")
    rows = {**(tried(terminalreporter, tallies) if tallies else {}), **classes}
    for name, value in rows.items():
        terminalreporter.write_line(f"{name:<40}{value}")


def tried(terminalreporter: pytest.TerminalReporter, tallies: list[dict[str, object]]) -> dict[str, str]:
    """What came of the attacks."""
    held = max(tallies, key=lambda tally: float(str(tally["seconds"])))
    skipped = [report for report in terminalreporter.stats.get("skipped", ()) if "test_hostile.py" in report.nodeid]
    rows = {"attacks tried": f"{len(tallies)}", **{name: f"{sum(float(str(tally[name])) for tally in tallies):g}" for name in COUNTED}}
    rows["longest time an attack held the run"] = f"{held['seconds']} s ({held['name']})"
    rows["all together"] = f"{sum(float(str(tally['seconds'])) for tally in tallies):.1f} s"
    rows["not tried (skipped)"] = f"{len(skipped)}"
    return rows


def finished(terminalreporter: pytest.TerminalReporter) -> list[pytest.TestReport]:
    """The reports of the tests that ran."""
    return [report for outcome in ("passed", "failed") for report in terminalreporter.stats.get(outcome, ()) if report.when == "call"]
