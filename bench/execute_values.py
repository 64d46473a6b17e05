"""psycopg2's `execute_values` with ON CONFLICT, the way that most who write many rows by hand take."""

from collections.abc import Callable
from typing import Final

from psycopg2.extensions import connection as Connection  # noqa: N812 - a class with a function's name
from psycopg2.extras import execute_values

from bench.rows import COLUMNS, KEY, Row

_NAMES: Final = ", ".join(column.name for column in COLUMNS)
_OTHERS: Final = [column.name for column in COLUMNS if column.name != KEY]
_PAGE: Final = 1_000
"""Rows a statement; hundreds to thousands are the same here, psycopg2's 100 is slower."""

ON_CONFLICT: Final = f"""
    ON CONFLICT ({KEY}) DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in _OTHERS)}
    WHERE ROW({", ".join(f"t.{name}" for name in _OTHERS)})
          IS DISTINCT FROM ROW({", ".join(f"excluded.{name}" for name in _OTHERS)})
"""
"""Updates the rows of a table `t` that differ."""


def writer(connection: Connection, table: str) -> Callable[[list[Row]], None]:
    """Brings the table in step with rows in one transaction."""
    statement = f"INSERT INTO {table} AS t ({_NAMES}) VALUES %s {ON_CONFLICT}"

    def write(rows: list[Row]) -> None:
        with connection, connection.cursor() as cursor:
            execute_values(cursor, statement, [tuple(row.values()) for row in rows], page_size=_PAGE)

    return write
