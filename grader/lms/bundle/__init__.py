"""Inside a platform: what its container runs, made by `grader bundle`, and the harness that runs there.

`wheels` pins the packages, `contents` lays out the files of a platform (the scripts are in `files/`), `packing` writes them. There,
`harness` starts `grading` for the one submission and writes the platform's own file whatever becomes of it. `xqueue` answers a queue.
"""

from __future__ import annotations

from typing import Literal, get_args

Platform = Literal["gradescope", "coursera", "prairielearn", "github-classroom"]
PLATFORMS: tuple[Platform, ...] = get_args(Platform)
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
