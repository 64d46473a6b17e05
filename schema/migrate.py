"""Migrations without an alembic.ini: the database's address comes from the caller."""

from dataclasses import dataclass
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine


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
    """Bring the database to `revision`; running it again changes nothing.

    All steps run in one transaction: a migration that fails leaves the database as it was.
    """
    config = _config()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


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
