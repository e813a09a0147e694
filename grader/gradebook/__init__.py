"""The gradebook: results, attempts, runs, overrides, and a ledger of every grade, in SQLite or PostgreSQL.

docs/reference/gradebook.md describes the tables and what is promised.
"""

from grader.gradebook.book import Gradebook, open_gradebook
from grader.gradebook.model import (
    Break,
    CaseChange,
    Counting,
    Diff,
    Entry,
    HandedIn,
    Known,
    Move,
    Override,
    Recorded,
    Row,
    RowExercise,
    Run,
    RunStart,
    Standing,
    StoredNote,
    StoredResult,
    Verification,
    VersionChange,
    WorthChange,
)

__all__ = [
    "Break",
    "CaseChange",
    "Counting",
    "Diff",
    "Entry",
    "Gradebook",
    "HandedIn",
    "Known",
    "Move",
    "Override",
    "Recorded",
    "Row",
    "RowExercise",
    "Run",
    "RunStart",
    "Standing",
    "StoredNote",
    "StoredResult",
    "Verification",
    "VersionChange",
    "WorthChange",
    "open_gradebook",
]
