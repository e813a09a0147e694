"""A class at a glance: its scores, its exercises and cases, what went wrong together, and every student, on one page.

What a page is made of is in the gradebook; docs/dashboard.md says what it shows.
"""

from grader.dashboard.census import Census, census_of, take_census
from grader.dashboard.page import render
from grader.dashboard.writing import write_index

__all__ = ["Census", "census_of", "render", "take_census", "write_index"]
