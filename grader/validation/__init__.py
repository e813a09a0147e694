"""Whether an assignment's cases are worth their points: what they notice, what they name, and where their tolerances stand."""

from grader.validation.page import render_html
from grader.validation.results import SCHEMA, Validation
from grader.validation.run import validate
from grader.validation.text import render_text

__all__ = ["SCHEMA", "Validation", "render_html", "render_text", "validate"]
