"""Instructors' notes."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

NAME = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
KEPT = "notes are never changed: a newer one takes the place"
APPEND_ONLY = {
    "sqlite": (
        f"CREATE TRIGGER notes_are_not_updated BEFORE UPDATE ON notes BEGIN SELECT RAISE(ABORT, '{KEPT}'); END",
        f"CREATE TRIGGER notes_are_not_deleted BEFORE DELETE ON notes BEGIN SELECT RAISE(ABORT, '{KEPT}'); END",
        "CREATE TRIGGER notes_are_not_replaced BEFORE INSERT ON notes WHEN EXISTS (SELECT 1 FROM notes WHERE id = NEW.id) "
        f"BEGIN SELECT RAISE(ABORT, '{KEPT}'); END",
    ),
    "postgresql": (
        f"CREATE FUNCTION notes_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '{KEPT}'; END $$",
        "CREATE TRIGGER notes_are_not_changed BEFORE UPDATE OR DELETE ON notes FOR EACH ROW EXECUTE FUNCTION notes_refuse()",
        "CREATE TRIGGER notes_are_not_emptied BEFORE TRUNCATE ON notes FOR EACH STATEMENT EXECUTE FUNCTION notes_refuse()",
    ),
}


def upgrade() -> None:
    """Makes their table."""
    op.create_table(
        "notes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assignment", NAME, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("name", NAME, nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.CheckConstraint("kind IN ('misconception', 'cluster', 'exercise', 'student')", name="ck_notes_kind_is_known"),
        sa.CheckConstraint("text IS NULL OR text <> ''", name="ck_notes_text_is_there"),
        sa.ForeignKeyConstraint(["assignment"], ["assignments.id"], name="fk_notes_assignment"),
        sa.PrimaryKeyConstraint("id", name="pk_notes"),
    )
    op.create_index("ix_notes_assignment_kind_name", "notes", ["assignment", "kind", "name"])
    for statement in APPEND_ONLY[op.get_bind().dialect.name]:
        op.execute(statement)
