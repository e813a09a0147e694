"""A validation for a terminal: the figures first, then what is wrong."""

from __future__ import annotations

import io
from collections.abc import Sequence

from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from grader.console import make_console
from grader.validation import story
from grader.validation.results import Validation

_MIN_WIDTH = 60


def render_text(validation: Validation, *, width: int = 80, color: bool = False) -> str:
    """The validation in lines of at most `width` columns; escape sequences only with `color`."""
    page = _Page(max(_MIN_WIDTH, width), color)
    _print_figures(page, validation)
    _print_problems(page, validation)
    _print_survivors(page, validation)
    _print_cases(page, validation)
    _print_tolerances(page, validation)
    page.items("Warnings", validation.warnings)
    return page.text()


class _Page:
    """Lines and tables, wrapped to the width. What they show is the author's, and is printed as it is."""

    def __init__(self, width: int, color: bool) -> None:
        self._file = io.StringIO()
        self._console = make_console(self._file, width, color)

    def line(self, text: str = "", *, indent: int = 0, style: str = "") -> None:
        """`text`, wrapped under its own first column."""
        self._console.print(Padding(Text(text, style=style, overflow="fold"), (0, 0, 0, indent), expand=False) if text else "")

    def title(self, text: str) -> None:
        """A heading."""
        self.line()
        self.line(text, style="bold")

    def items(self, title: str, texts: Sequence[str]) -> None:
        """A list under a heading; nothing where it is empty."""
        if texts:
            self.title(title)
        for text in texts:
            grid = Table.grid(padding=(0, 1))
            grid.add_row(Text("-"), Text(text, overflow="fold"))
            self._console.print(Padding(grid, (0, 0, 0, 2), expand=False))

    def table(self, heads: Sequence[str], rows: Sequence[Sequence[str]], left: int = 1) -> None:
        """A table, its first `left` columns of text, the others of numbers."""
        table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="dim")
        for number, head in enumerate(heads):
            table.add_column(Text(head), justify="left" if number < left else "right", overflow="fold")
        for row in rows:
            table.add_row(*map(Text, row))
        self._console.print(Padding(table, (0, 0, 0, 2), expand=False))

    def text(self) -> str:
        """What was printed, without the blanks that rich fills lines with."""
        return "\n".join(line.rstrip(" ") for line in self._file.getvalue().split("\n"))


def _print_figures(page: _Page, validation: Validation) -> None:
    made = validation.provenance
    page.line(story.headline(validation), style="bold green" if validation.adequate else "bold red")
    total = sum(validation.seconds.values())
    page.line(f"{total:.0f} s · {made.engine}, walls {made.walls} · Python {made.python}, NumPy {made.numpy}", style="dim")
    page.line()
    for bar in validation.bars:
        shown = str(bar.count) if bar.name == "false_names" else story.share(bar.figure)
        asked = str(int(bar.bar)) if bar.name == "false_names" else story.share(bar.bar)
        mark, style = ("✓", "green") if bar.met else ("✗", "red")
        page.line(f"{mark} {shown:>7}  {story.describe_bar(bar)} (bar {asked})", indent=2, style=style)
    page.line()
    heads = ("exercise", "killed", "named", "right", "mutants", "equiv.", "accepted", "open")
    rows = [
        (
            item.name, f"{item.killed}/{item.misconceptions}", f"{item.diagnosed}/{item.misconceptions}",
            f"{item.equivalents_right}/{item.equivalents}", f"{item.mutants_killed}/{item.mutants}", str(item.mutants_equivalent),
            str(item.mutants_accepted), str(item.mutants_unexplained),
        )
        for item in validation.exercises
    ]  # fmt: skip
    page.table(heads, rows)


def _print_problems(page: _Page, validation: Validation) -> None:
    page.items("What is wrong", story.problems(validation))
    page.items("What the cases cannot tell apart", [", ".join(group) for group in validation.confused])
    unexplained = story.groups(validation, ("unexplained",))
    if unexplained:
        page.title("Mutants that survive without a reason in survivors.toml")
    for group in unexplained:
        for survivor in group.survivors:
            page.line(survivor.id, indent=2)
            _print_diff(page, survivor.diff)


def _print_survivors(page: _Page, validation: Validation) -> None:
    """Those with a reason, by reason; the page and the JSON show every diff."""
    for kind, title in (("accepted", "Mutants that survive, accepted"), ("equivalent", "Mutants that survive because they are equivalent")):
        found = story.groups(validation, (kind,))
        if found:
            page.title(title)
        for group in found:
            count = len(group.survivors)
            page.line(f"{group.function}: {group.reason}" + (f" ({count} mutants, the first of them:)" if count > 1 else ""), indent=2)
            _print_diff(page, group.survivors[0].diff)


def _print_diff(page: _Page, diff: str) -> None:
    for line in diff.splitlines():
        if line[:1] in "-+":
            page.line(f"{line[0]} {line[1:].strip()}", indent=4, style="red" if line[0] == "-" else "green")


def _print_cases(page: _Page, validation: Validation) -> None:
    page.title("What each case costs and adds")
    told = (
        "evaluations of injected functions and milliseconds of the reference; mistakes, and mutants, that fail it; those that fail it "
        "alone; mistakes that are named only because of it"
    )
    page.line(told, indent=2, style="dim")
    rows: list[tuple[str, ...]] = []
    for function, cases in story.by_exercise(validation.cases):
        rows.append((function,))
        rows += [
            (
                f"  {case.id}", "–" if case.evaluations is None else str(case.evaluations), f"{1000 * case.seconds:.1f}",
                str(case.kills_misconceptions), str(case.kills_mutants), str(len(case.only_killer)), str(len(case.only_namer)),
            )
            for case in cases
        ]  # fmt: skip
    page.table(("case", "eval.", "ms", "mistakes", "mutants", "alone", "named"), rows)
    evaluations = sum(case.evaluations or 0 for case in validation.cases)
    page.line(f"together {evaluations} evaluations, {1000 * sum(case.seconds for case in validation.cases):.1f} ms", indent=2)
    page.items("Cases that add nothing: without any one of them the same is noticed and named", _idle(validation))


def _idle(validation: Validation) -> list[str]:
    """The cases that add nothing, by exercise."""
    found = []
    for function, cases in story.by_exercise(validation.cases):
        idle = [case.id + (f" (but for {', '.join(case.relations)})" if case.relations else "") for case in cases if case.adds_nothing]
        found += [f"{function}: {', '.join(idle)}"] if idle else []
    return found


def _print_tolerances(page: _Page, validation: Validation) -> None:
    page.title("Where the tolerances stand")
    kernels = f" (BLAS: the reference with the kernels {', '.join(validation.settings)})" if validation.settings else ""
    told = f"the error model's bound, the spread of right implementations{kernels}, the tolerance, the misconception nearest to it"
    page.line(told, indent=2, style="dim")
    rows: list[tuple[str, ...]] = []
    for function, cases in story.by_exercise(validation.cases):
        rows.append((function,))
        measured = [(case.id, case.tolerance) for case in cases]
        rows += [
            (f"  {case_id}", *map(story.magnitude, (item.model, item.spread, item.settings, item.value, item.nearest)))
            for case_id, item in measured
        ]
    page.table(("case", "model", "spread", "BLAS", "tolerance", "nearest"), rows)
