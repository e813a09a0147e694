"""The page of a class where a folder of results keeps it."""

from __future__ import annotations

from grader.assignments import Assignment
from grader.dashboard.census import take_census
from grader.dashboard.page import render
from grader.feedback import texts_of
from grader.gradebook import Gradebook
from grader.output import Output


def write_index(output: Output, book: Gradebook, assignment: Assignment, language: str | None = None) -> None:
    """Writes index.html of everyone who has a result in the folder, earlier runs included. Raises OutputError where it cannot."""
    census = take_census(book, assignment.id, assignment.attempts.keep, output.folder)
    output.write_index(render(census, texts_of(assignment), language=language, noted=len(assignment.notes)))
