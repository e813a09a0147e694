"""A validation as a page that needs nothing but itself, in the look of the feedback: no script, its style is in it."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING

from grader.feedback.page import make_environment
from grader.validation import story
from grader.validation.results import Validation

if TYPE_CHECKING:
    import jinja2

_TEMPLATES = Path(__file__).parent / "templates"


def render_html(validation: Validation, *, title: str) -> str:
    """The page of a validation. It is the author's: it shows hidden cases and the reference."""
    evaluations = sum(case.evaluations or 0 for case in validation.cases)
    return _environment().get_template("validation.html.j2").render(
        validation=validation,
        title=title,
        headline=story.headline(validation),
        problems=story.problems(validation),
        groups=[(kind, story.groups(validation, (kind,))) for kind in ("unexplained", "accepted", "equivalent")],
        evaluations=evaluations,
        milliseconds=1000 * sum(case.seconds for case in validation.cases),
    )  # fmt: skip


@functools.cache
def _environment() -> jinja2.Environment:
    environment = make_environment(_TEMPLATES, _TEMPLATES / "validation.css")
    environment.globals.update(
        describe_bar=story.describe_bar,
        describe_status=story.describe_status,
        share=story.share,
        magnitude=story.magnitude,
        names=story.names,
    )
    return environment
