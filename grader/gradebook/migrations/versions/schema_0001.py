"""The first version of the tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

NAME = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
APPEND_ONLY = {
    "sqlite": (
        "CREATE TRIGGER ledger_is_not_updated BEFORE UPDATE ON ledger BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END",
        "CREATE TRIGGER ledger_is_not_deleted BEFORE DELETE ON ledger BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END",
        "CREATE TRIGGER ledger_is_not_replaced BEFORE INSERT ON ledger WHEN EXISTS (SELECT 1 FROM ledger WHERE number = NEW.number) "
        "BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END",
    ),
    "postgresql": (
        "CREATE FUNCTION ledger_refuses() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'the ledger is append-only'; END $$",
        "CREATE TRIGGER ledger_is_not_changed BEFORE UPDATE OR DELETE ON ledger FOR EACH ROW EXECUTE FUNCTION ledger_refuses()",
        "CREATE TRIGGER ledger_is_not_emptied BEFORE TRUNCATE ON ledger FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuses()",
    ),
}


def upgrade() -> None:
    """Makes them."""
    op.create_table(
        "assignments",
        sa.Column("id", NAME, nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("points", sa.Float(), nullable=False),
        sa.Column("exercises", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_assignments"),
    )
    op.create_table(
        "ledger_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.CheckConstraint("id = 1", name="ck_ledger_head_one_row"),
        sa.PrimaryKeyConstraint("id", name="pk_ledger_head"),
    )
    op.create_table(
        "students",
        sa.Column("name", NAME, nullable=False),
        sa.CheckConstraint("name <> ''", name="ck_students_name_is_there"),
        sa.PrimaryKeyConstraint("name", name="pk_students"),
    )
    op.create_table(
        "overrides",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("student", NAME, nullable=False),
        sa.Column("assignment", NAME, nullable=False),
        sa.Column("exercise", sa.Text(), nullable=False),
        sa.Column("points", sa.Float(), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.CheckConstraint("why <> ''", name="ck_overrides_why_is_there"),
        sa.CheckConstraint("points IS NULL OR (points >= 0 AND points < 1e9)", name="ck_overrides_points_is_a_number"),
        sa.ForeignKeyConstraint(["assignment"], ["assignments.id"], name="fk_overrides_assignment"),
        sa.ForeignKeyConstraint(["student"], ["students.name"], name="fk_overrides_student"),
        sa.PrimaryKeyConstraint("id", name="pk_overrides"),
    )
    op.create_index("ix_overrides_student_assignment", "overrides", ["student", "assignment"], unique=False)
    op.create_table(
        "runs",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("assignment", NAME, nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("started", sa.String(length=32), nullable=False),
        sa.Column("finished", sa.String(length=32), nullable=True),
        sa.Column("ended", sa.String(length=16), nullable=True),
        sa.Column("seconds", sa.Float(), nullable=True),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("grader", sa.Text(), nullable=False),
        sa.Column("answer_key_sha256", sa.Text(), nullable=False),
        sa.Column("engine", sa.Text(), nullable=False),
        sa.Column("walls", sa.Text(), nullable=False),
        sa.Column("python", sa.Text(), nullable=False),
        sa.Column("numpy", sa.Text(), nullable=False),
        sa.Column("settings", sa.Text(), nullable=False),
        sa.CheckConstraint("ended IN ('done', 'interrupted')", name="ck_runs_ended_is_known"),
        sa.CheckConstraint("(ended IS NULL) = (finished IS NULL)", name="ck_runs_finished_when_ended"),
        sa.CheckConstraint("seconds IS NULL OR (seconds >= 0 AND seconds < 1e9)", name="ck_runs_seconds_is_a_number"),
        sa.ForeignKeyConstraint(["assignment"], ["assignments.id"], name="fk_runs_assignment"),
        sa.PrimaryKeyConstraint("id", name="pk_runs"),
    )
    op.create_table(
        "submissions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("student", NAME, nullable=False),
        sa.Column("assignment", NAME, nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.CheckConstraint("length(sha256) IN (0, 64)", name="ck_submissions_sha256_is_one"),
        sa.ForeignKeyConstraint(["assignment"], ["assignments.id"], name="fk_submissions_assignment"),
        sa.ForeignKeyConstraint(["student"], ["students.name"], name="fk_submissions_student"),
        sa.PrimaryKeyConstraint("id", name="pk_submissions"),
        sa.UniqueConstraint("student", "assignment", "sha256", name="uq_submissions_student_assignment_sha256"),
    )
    op.create_table(
        "attempts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("submission", sa.Integer(), nullable=False),
        sa.Column("student", NAME, nullable=False),
        sa.Column("assignment", NAME, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.CheckConstraint("number >= 1", name="ck_attempts_number_counts"),
        sa.ForeignKeyConstraint(["assignment"], ["assignments.id"], name="fk_attempts_assignment"),
        sa.ForeignKeyConstraint(["student"], ["students.name"], name="fk_attempts_student"),
        sa.ForeignKeyConstraint(["submission"], ["submissions.id"], name="fk_attempts_submission"),
        sa.PrimaryKeyConstraint("id", name="pk_attempts"),
        sa.UniqueConstraint("student", "assignment", "number", name="uq_attempts_student_assignment_number"),
    )
    op.create_table(
        "results",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("submission", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=True),
        sa.Column("inputs_sha256", sa.String(length=64), nullable=False),
        sa.Column("content_sha256", sa.String(length=64), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("score", sa.Float(), nullable=True),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("material", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("(status = 'not_graded') = (attempt IS NULL)", name="ck_results_an_attempt_unless_our_fault"),
        sa.CheckConstraint("(status = 'not_graded') = (score IS NULL)", name="ck_results_a_score_unless_our_fault"),
        sa.CheckConstraint("status IN ('graded', 'unreadable', 'not_graded')", name="ck_results_status_is_known"),
        sa.CheckConstraint("score IS NULL OR (score >= 0 AND score < 1e9)", name="ck_results_score_is_a_number"),
        sa.ForeignKeyConstraint(["attempt"], ["attempts.id"], name="fk_results_attempt"),
        sa.ForeignKeyConstraint(["submission"], ["submissions.id"], name="fk_results_submission"),
        sa.PrimaryKeyConstraint("id", name="pk_results"),
    )
    op.create_index("ix_results_attempt", "results", ["attempt"], unique=False)
    op.create_index("ix_results_content_sha256", "results", ["content_sha256"], unique=False)
    op.create_table(
        "ledger",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("student", NAME, nullable=False),
        sa.Column("assignment", NAME, nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=True),
        sa.Column("run", sa.Integer(), nullable=True),
        sa.Column("result", sa.Integer(), nullable=True),
        sa.Column("result_sha256", sa.String(length=64), nullable=True),
        sa.Column("submission_sha256", sa.String(length=64), nullable=True),
        sa.Column("answer_key_sha256", sa.Text(), nullable=True),
        sa.Column("grader", sa.Text(), nullable=True),
        sa.Column("python", sa.Text(), nullable=True),
        sa.Column("numpy", sa.Text(), nullable=True),
        sa.Column("engine", sa.Text(), nullable=True),
        sa.Column("walls", sa.Text(), nullable=True),
        sa.Column("status", sa.String(length=16), nullable=True),
        sa.Column("score", sa.Float(), nullable=True),
        sa.Column("grade", sa.Float(), nullable=True),
        sa.Column("adjustments", sa.Text(), nullable=True),
        sa.Column("override", sa.Integer(), nullable=True),
        sa.Column("override_sha256", sa.String(length=64), nullable=True),
        sa.Column("exercise", sa.Text(), nullable=True),
        sa.Column("points", sa.Float(), nullable=True),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.CheckConstraint("kind IN ('graded', 'regraded', 'not_graded', 'override', 'override_revoked')", name="ck_ledger_kind_is_known"),
        sa.CheckConstraint("(result IS NULL) <> (override IS NULL)", name="ck_ledger_about_one_thing"),
        sa.CheckConstraint("grade IS NULL OR (grade >= 0 AND grade < 1e9)", name="ck_ledger_grade_is_a_number"),
        sa.CheckConstraint("number >= 1", name="ck_ledger_number_counts"),
        sa.ForeignKeyConstraint(["assignment"], ["assignments.id"], name="fk_ledger_assignment"),
        sa.ForeignKeyConstraint(["override"], ["overrides.id"], name="fk_ledger_override"),
        sa.ForeignKeyConstraint(["result"], ["results.id"], name="fk_ledger_result"),
        sa.ForeignKeyConstraint(["run"], ["runs.id"], name="fk_ledger_run"),
        sa.ForeignKeyConstraint(["student"], ["students.name"], name="fk_ledger_student"),
        sa.PrimaryKeyConstraint("number", name="pk_ledger"),
        sa.UniqueConstraint("override", name="uq_ledger_override"),
    )
    op.create_index("ix_ledger_result", "ledger", ["result"], unique=False)
    op.create_index("ix_ledger_student_assignment", "ledger", ["student", "assignment"], unique=False)
    op.create_table(
        "penalties",
        sa.Column("entry", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("points", sa.Float(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["entry"], ["ledger.number"], name="fk_penalties_entry"),
        sa.PrimaryKeyConstraint("entry", "position", name="pk_penalties"),
    )
    op.create_table(
        "run_results",
        sa.Column("run", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("student", NAME, nullable=False),
        sa.Column("attempt", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("result", sa.Integer(), nullable=False),
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.Column("kept", sa.Boolean(), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["entry"], ["ledger.number"], name="fk_run_results_entry"),
        sa.ForeignKeyConstraint(["result"], ["results.id"], name="fk_run_results_result"),
        sa.ForeignKeyConstraint(["run"], ["runs.id"], name="fk_run_results_run"),
        sa.ForeignKeyConstraint(["student"], ["students.name"], name="fk_run_results_student"),
        sa.PrimaryKeyConstraint("run", "student", "attempt", name="pk_run_results"),
        sa.UniqueConstraint("run", "position", name="uq_run_results_run_position"),
    )
    for statement in APPEND_ONLY[op.get_bind().dialect.name]:
        op.execute(statement)
    head = sa.table("ledger_head", sa.column("id"), sa.column("entries"), sa.column("hash"))
    op.execute(head.insert().values(id=1, entries=0, hash="0" * 64))
