"""Migrations without an alembic.ini: the database's address comes from the caller."""

import time
from dataclasses import dataclass
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import OperationalError

SESSION = "SET lock_timeout = '1s'; SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0"
PATIENCE = 600.0
"""Seconds in which a migration tries to get its locks."""
PAUSE = 1.0
_BUSY = ("55P03", "40P01")
"""No lock within the time, a deadlock: SQLSTATEs of what passes."""


@dataclass(frozen=True)
class Standing:
    """Which migration a database is at.

    Attributes:
        stored: its revision; None before the first migration.
        newest: the last revision of this code.
        known: whether this code has the stored one; if not, newer code has migrated the database.
    """

    stored: str | None
    newest: str
    known: bool


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Bring the database to `revision`; running it again changes nothing, or goes on where the last time stopped.

    Each migration is a transaction of its own, or several (`schema.online`). It waits a second for a lock, for whoever
    comes behind it waits as well; then it gives way to what is running, and tries again, for ten minutes.

    Raises:
        sqlalchemy.exc.OperationalError: a lock could not be had in all that time.
    """
    config = _config()
    until = time.monotonic() + PATIENCE
    while True:
        try:
            with engine.connect() as connection:
                connection.execute(text(SESSION))
                connection.commit()
                config.attributes["connection"] = connection
                try:
                    command.upgrade(config, revision)
                finally:
                    connection.invalidate()  # the next user of the session does not want its limits
        except OperationalError as error:
            if getattr(error.orig, "pgcode", None) not in _BUSY or time.monotonic() > until:
                raise
            time.sleep(PAUSE)
        else:
            return


def standing(connection: Connection) -> Standing:
    """Where a database stands against this code's migrations."""
    stored = MigrationContext.configure(connection).get_current_revision()
    script = ScriptDirectory.from_config(_config())
    known = {each.revision for each in script.walk_revisions()}
    newest = script.get_current_head()
    assert newest is not None
    return Standing(stored, newest, stored is None or stored in known)


def revision(engine: Engine, message: str) -> None:
    """Write the migration from the database's present state to the metadata, for a developer to review."""
    config = _config()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.revision(config, message, autogenerate=True)
