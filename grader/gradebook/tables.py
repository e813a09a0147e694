"""The tables, as docs/reference/gradebook.md describes them. A change here needs a migration; a test compares the two.

Times are text in ISO 8601, UTC, and names and numbers are as they were given: the ledger's hashes are over exactly what is stored.
"""

from __future__ import annotations

from sqlalchemy import (
    DDL,
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    event,
)

VERSION = "0003"  # the newest migration's revision

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# Names are compared and sorted by their code points, whatever the database's language.
_NAME = Text().with_variant(Text(collation="C"), "postgresql")
_SHA256 = String(64)
_TIME = String(32)
_IS_FINITE = "{0} IS NULL OR ({0} >= 0 AND {0} < 1e9)"


def _not_negative(name: str) -> CheckConstraint:
    """Neither negative nor infinite nor a NaN, which PostgreSQL takes for larger than every number."""
    return CheckConstraint(_IS_FINITE.format(name), name=f"{name}_is_a_number")


def _one_of(name: str, *words: str) -> CheckConstraint:
    listed = ", ".join(f"'{word}'" for word in words)
    return CheckConstraint(f"{name} IN ({listed})", name=f"{name}_is_known")


students = Table("students", metadata, Column("name", _NAME, primary_key=True), CheckConstraint("name <> ''", name="name_is_there"))

assignments = Table(
    "assignments",
    metadata,
    Column("id", _NAME, primary_key=True),
    Column("version", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("points", Float, nullable=False),
    Column("exercises", Text, nullable=False),  # JSON: name -> points, in the assignment's order
)

submissions = Table(
    "submissions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("student", _NAME, ForeignKey("students.name"), nullable=False),
    Column("assignment", _NAME, ForeignKey("assignments.id"), nullable=False),
    Column("sha256", _SHA256, nullable=False),  # "" where the file could not be read
    Column("source", Text, nullable=False),
    CheckConstraint("length(sha256) IN (0, 64)", name="sha256_is_one"),
    UniqueConstraint("student", "assignment", "sha256"),
)

attempts = Table(
    "attempts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("submission", Integer, ForeignKey("submissions.id"), nullable=False),
    Column("student", _NAME, ForeignKey("students.name"), nullable=False),
    Column("assignment", _NAME, ForeignKey("assignments.id"), nullable=False),
    Column("number", Integer, nullable=False),
    # What lateness was told by in the newest run with this attempt; with their own offsets. flagged_late is null where nobody noted it.
    Column("submitted_at", Text),
    Column("flagged_late", Boolean),
    Column("due", Text),  # the student's own, where there is an extension
    CheckConstraint("number >= 1", name="number_counts"),
    UniqueConstraint("student", "assignment", "number"),
)

results = Table(
    "results",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("submission", Integer, ForeignKey("submissions.id"), nullable=False),
    Column("attempt", Integer, ForeignKey("attempts.id"), index=True),  # none where it could not be graded
    Column("inputs_sha256", _SHA256, nullable=False),
    Column("content_sha256", _SHA256, nullable=False, index=True),
    Column("status", String(16), nullable=False),
    Column("score", Float),
    Column("data", LargeBinary, nullable=False),  # the result's JSON before adjustments, zlib
    Column("material", LargeBinary, nullable=False),  # zlib
    _one_of("status", "graded", "unreadable", "not_graded"),
    _not_negative("score"),
    CheckConstraint("(status = 'not_graded') = (score IS NULL)", name="a_score_unless_our_fault"),
    CheckConstraint("(status = 'not_graded') = (attempt IS NULL)", name="an_attempt_unless_our_fault"),
)

runs = Table(
    "runs",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("assignment", _NAME, ForeignKey("assignments.id"), nullable=False),
    Column("version", Text, nullable=False),
    Column("started", _TIME, nullable=False),
    Column("finished", _TIME),
    Column("ended", String(16)),
    Column("seconds", Float),
    Column("who", Text, nullable=False),
    Column("grader", Text, nullable=False),
    Column("answer_key_sha256", Text, nullable=False),
    Column("engine", Text, nullable=False),
    Column("walls", Text, nullable=False),
    Column("python", Text, nullable=False),
    Column("numpy", Text, nullable=False),
    Column("settings", Text, nullable=False),  # JSON
    _one_of("ended", "done", "interrupted"),
    _not_negative("seconds"),
    CheckConstraint("(ended IS NULL) = (finished IS NULL)", name="finished_when_ended"),
)

overrides = Table(
    "overrides",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("student", _NAME, ForeignKey("students.name"), nullable=False),
    Column("assignment", _NAME, ForeignKey("assignments.id"), nullable=False),
    Column("exercise", Text, nullable=False),
    Column("points", Float),  # none revokes
    Column("why", Text, nullable=False),
    Column("who", Text, nullable=False),
    Column("at", _TIME, nullable=False),
    _not_negative("points"),
    CheckConstraint("why <> ''", name="why_is_there"),
    Index(None, "student", "assignment"),
)

# Every column is part of its entry's hash, nulls left out: a column that a migration adds must be null in older entries.
ledger = Table(
    "ledger",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("kind", String(20), nullable=False),
    Column("at", _TIME, nullable=False),
    Column("who", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("student", _NAME, ForeignKey("students.name"), nullable=False),
    Column("assignment", _NAME, ForeignKey("assignments.id"), nullable=False),
    Column("attempt", Integer),
    Column("run", Integer, ForeignKey("runs.id")),
    Column("result", Integer, ForeignKey("results.id"), index=True),
    Column("result_sha256", _SHA256),
    Column("submission_sha256", _SHA256),
    Column("answer_key_sha256", Text),
    Column("grader", Text),
    Column("python", Text),
    Column("numpy", Text),
    Column("engine", Text),
    Column("walls", Text),
    Column("status", String(16)),
    Column("score", Float),
    Column("grade", Float),
    Column("adjustments", Text),  # JSON, as it was hashed
    Column("override", Integer, ForeignKey("overrides.id"), unique=True),
    Column("override_sha256", _SHA256),
    Column("exercise", Text),
    Column("points", Float),
    Column("hash", _SHA256, nullable=False),
    _one_of("kind", "graded", "regraded", "not_graded", "override", "override_revoked"),
    _not_negative("grade"),
    CheckConstraint("number >= 1", name="number_counts"),
    CheckConstraint("(result IS NULL) <> (override IS NULL)", name="about_one_thing"),
    Index(None, "student", "assignment"),
)

ledger_head = Table(
    "ledger_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("entries", Integer, nullable=False),
    Column("hash", _SHA256, nullable=False),
    CheckConstraint("id = 1", name="one_row"),
)

penalties = Table(
    "penalties",
    metadata,
    Column("entry", Integer, ForeignKey("ledger.number"), primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),  # among the entry's adjustments
    Column("kind", Text, nullable=False),
    Column("points", Float, nullable=False),
    Column("why", Text, nullable=False),
)

run_results = Table(
    "run_results",
    metadata,
    Column("run", Integer, ForeignKey("runs.id"), primary_key=True, autoincrement=False),
    Column("student", _NAME, ForeignKey("students.name"), primary_key=True),
    Column("attempt", Integer, primary_key=True, autoincrement=False),
    Column("position", Integer, nullable=False),
    Column("result", Integer, ForeignKey("results.id"), nullable=False),
    Column("entry", Integer, ForeignKey("ledger.number"), nullable=False),  # has the grade and the adjustments
    Column("kept", Boolean, nullable=False),
    Column("seconds", Float, nullable=False),
    UniqueConstraint("run", "position"),
)

# What instructors have to say to everyone whom something is about. The newest row of a kind and name is in force.
notes = Table(
    "notes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("assignment", _NAME, ForeignKey("assignments.id"), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("name", _NAME, nullable=False),
    Column("text", Text),  # Markdown; none takes back
    Column("who", Text, nullable=False),
    Column("at", _TIME, nullable=False),
    _one_of("kind", "misconception", "cluster", "exercise", "student"),
    CheckConstraint("text IS NULL OR text <> ''", name="text_is_there"),
    Index(None, "assignment", "kind", "name"),
)

_REFUSED = "the ledger is append-only"
APPEND_ONLY = {
    "sqlite": (
        f"CREATE TRIGGER ledger_is_not_updated BEFORE UPDATE ON ledger BEGIN SELECT RAISE(ABORT, '{_REFUSED}'); END",
        f"CREATE TRIGGER ledger_is_not_deleted BEFORE DELETE ON ledger BEGIN SELECT RAISE(ABORT, '{_REFUSED}'); END",
        # INSERT OR REPLACE deletes without the trigger above.
        "CREATE TRIGGER ledger_is_not_replaced BEFORE INSERT ON ledger WHEN EXISTS (SELECT 1 FROM ledger WHERE number = NEW.number) "
        f"BEGIN SELECT RAISE(ABORT, '{_REFUSED}'); END",
    ),
    "postgresql": (
        f"CREATE FUNCTION ledger_refuses() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '{_REFUSED}'; END $$",
        "CREATE TRIGGER ledger_is_not_changed BEFORE UPDATE OR DELETE ON ledger FOR EACH ROW EXECUTE FUNCTION ledger_refuses()",
        "CREATE TRIGGER ledger_is_not_emptied BEFORE TRUNCATE ON ledger FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuses()",
    ),
}
for _dialect, _statements in APPEND_ONLY.items():
    for _statement in _statements:
        event.listen(ledger, "after_create", DDL(_statement).execute_if(dialect=_dialect))  # type: ignore[no-untyped-call]

_KEPT = "notes are never changed: a newer one takes the place"
NOTES_APPEND_ONLY = {
    "sqlite": (
        f"CREATE TRIGGER notes_are_not_updated BEFORE UPDATE ON notes BEGIN SELECT RAISE(ABORT, '{_KEPT}'); END",
        f"CREATE TRIGGER notes_are_not_deleted BEFORE DELETE ON notes BEGIN SELECT RAISE(ABORT, '{_KEPT}'); END",
        "CREATE TRIGGER notes_are_not_replaced BEFORE INSERT ON notes WHEN EXISTS (SELECT 1 FROM notes WHERE id = NEW.id) "
        f"BEGIN SELECT RAISE(ABORT, '{_KEPT}'); END",
    ),
    "postgresql": (
        f"CREATE FUNCTION notes_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '{_KEPT}'; END $$",
        "CREATE TRIGGER notes_are_not_changed BEFORE UPDATE OR DELETE ON notes FOR EACH ROW EXECUTE FUNCTION notes_refuse()",
        "CREATE TRIGGER notes_are_not_emptied BEFORE TRUNCATE ON notes FOR EACH STATEMENT EXECUTE FUNCTION notes_refuse()",
    ),
}
for _dialect, _statements in NOTES_APPEND_ONLY.items():
    for _statement in _statements:
        event.listen(notes, "after_create", DDL(_statement).execute_if(dialect=_dialect))  # type: ignore[no-untyped-call]
