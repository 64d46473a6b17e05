"""Migrated databases for tests: one whose schema a test has left alone is emptied and serves another test.

To make one takes up to half a second, most of it for a thousand files on the disk; to empty one, a twentieth of that.
"""

import time
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg2

from demo.postgres import Postgres
from schema import metadata

EMPTIED = "; ".join(f"DELETE FROM {table.fullname}" for table in reversed(metadata.sorted_tables))
_REWOUND = "SELECT setval(seqrelid::regclass, seqstart, false) FROM pg_sequence"
_SESSIONS = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend'"
)
_CATALOGUES = (
    *("pg_class", "pg_attribute", "pg_attrdef", "pg_constraint", "pg_index", "pg_trigger", "pg_rewrite", "pg_proc"),
    *("pg_type", "pg_policy", "pg_default_acl", "pg_description", "pg_event_trigger", "pg_extension"),
)
_SCHEMA = " UNION ALL ".join(
    [
        *(f"SELECT '{name}', (count(*), max(xmin::text::bigint))::text FROM {name}" for name in _CATALOGUES),
        # Sessions that have made a temporary table leave a schema for the next one.
        "SELECT 'schemas', (count(*), max(xmin::text::bigint))::text FROM pg_namespace "
        "WHERE nspname !~ '^pg_(toast_)?temp_'",
        "SELECT 'rights', (datacl, datconnlimit)::text FROM pg_database WHERE datname = current_database()",
        "SELECT 'settings', count(*)::text FROM pg_database JOIN pg_db_role_setting ON setdatabase = pg_database.oid "
        "WHERE datname = current_database()",
    ]
)
"""What shows whether anything but rows was changed since the database was copied from its template."""


_MIGRATION = "SELECT version_num FROM alembic_version"
"""The only row of a new database."""


@dataclass(frozen=True)
class Databases:
    """Copies of `template`, which is migrated and empty."""

    postgres: Postgres
    template: str
    _made: dict[str, tuple[object, object]] = field(default_factory=dict)
    _free: list[str] = field(default_factory=list)

    @contextmanager
    def lent(self) -> Iterator[str]:
        """The name of an empty one, until the block ends."""
        name = self._free.pop() if self._free else self._new()
        yield name
        if self._emptied(name):
            self._free.append(name)

    def _new(self) -> str:
        name = copied(self.postgres, self.template)
        with self._cursor(name) as cursor:
            self._made[name] = _fetched(cursor, _SCHEMA), _fetched(cursor, _MIGRATION)
        return name

    def _emptied(self, name: str) -> bool:
        """Whether the database is as it was: nobody is left in it, and only rows had changed, which are gone."""
        with self._cursor(name) as cursor:
            schema, migration = self._made[name]
            if not _alone(cursor) or _fetched(cursor, _SCHEMA) != schema or _fetched(cursor, _MIGRATION) != migration:
                return False
            cursor.execute(f"{EMPTIED}; {_REWOUND}")
            return True

    @contextmanager
    def _cursor(self, name: str) -> Iterator[Any]:
        with closing(psycopg2.connect(self.postgres.dsn(name))) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                yield cursor


def copied(postgres: Postgres, template: str) -> str:
    """The name of a new database, a copy of `template`."""
    name = f"teste_{uuid.uuid4().hex[:12]}"
    postgres.create_database(name, template=template)
    return name


def _fetched(cursor: Any, query: str) -> object:
    cursor.execute(query)
    return cursor.fetchall()


def _alone(cursor: Any) -> bool:
    """Whether ours is the only session, once those that were closed just now have ended."""
    give_up = time.monotonic() + 1
    while _fetched(cursor, _SESSIONS) != [(1,)]:
        if time.monotonic() > give_up:
            return False
        time.sleep(0.01)
    return True
