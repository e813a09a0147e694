"""What lateness was told by, beside each attempt."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Adds it, unknown for the attempts that are there."""
    op.add_column("attempts", sa.Column("submitted_at", sa.Text()))
    op.add_column("attempts", sa.Column("flagged_late", sa.Boolean()))
    op.add_column("attempts", sa.Column("due", sa.Text()))
