"""From an older version of the tables to today's, one file a step. alembic is imported where a step is to be taken.

A new step is a file in versions/ with `revision`, `down_revision` and `upgrade`; `VERSION` in tables.py then names it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

FOLDER = Path(__file__).parent


def known() -> set[str]:
    """The revisions that this grader can start from; "" is an empty database."""
    return {"", *(script.revision for script in _scripts().walk_revisions())}


def upgrade(connection: Connection, version_table: str) -> None:
    """Takes the steps that are missing, in the connection's transaction."""
    scripts = _scripts()

    def steps(revision: Any, _: object) -> Any:
        return scripts._upgrade_revs("head", revision)

    with EnvironmentContext(Config(), scripts, fn=steps) as environment:
        environment.configure(connection=connection, version_table=version_table)
        environment.run_migrations()


def _scripts() -> ScriptDirectory:
    return ScriptDirectory(str(FOLDER))
