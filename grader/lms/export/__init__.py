"""Results out: one file a platform's format. Every converter is pure: results (and a template's bytes) in, bytes out.

Formats of one file a submission have `convert(result, …) -> bytes`, and `SUFFIX`. Formats of one file for a class have
`write(results, file)`. Templates that are filled in have `layout(sheet, …)`, which says what their columns mean.
"""

from __future__ import annotations

from typing import Literal

# The name on the command line -> the module here.
TEMPLATES = {"canvas": "canvas", "moodle": "moodle", "blackboard": "blackboard", "brightspace": "brightspace"}
CLASS_FILES = {"nbgrader": "nbgrader", "csv": "plain_csv", "json": "plain_json", "junit": "junit"}
SUBMISSION_FILES = {
    "gradescope": "gradescope",
    "coursera": "coursera",
    "prairielearn": "prairielearn",
    "xqueue": "xqueue",
    "check50": "check50",
    "github-classroom": "github_classroom",
    "lti-ags": "lti_ags",
}
FORMATS = (*TEMPLATES, *CLASS_FILES, *SUBMISSION_FILES)
FEEDBACK_ARCHIVES: tuple[Literal["canvas", "moodle"], ...] = ("canvas", "moodle")
