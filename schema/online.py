"""How a migration changes a large table while runs read and write it: no lock for longer than two seconds.

Each step is a transaction of its own, so a migration that was interrupted is run again from its beginning: its steps
leave alone what is done (`if_not_exists`, a WHERE that no longer holds).
"""

from collections.abc import Sequence
from typing import Any

from alembic import op
from sqlalchemy import TextClause, text

BATCH = 10_000
"""Rows that are changed in one transaction: a second at most, for whoever wants to write one of them."""


def change_rows(table: str, assignments: str, left: str) -> None:
    """Set columns of all rows that meet the condition `left`, a batch at a time; once set, a row must not meet it."""
    statement = text(
        f"UPDATE {table} SET {assignments} "  # noqa: S608 - all of it is ours
        f"WHERE ctid = ANY(ARRAY(SELECT ctid FROM {table} WHERE {left} LIMIT {BATCH})) AND ({left})"
    )
    with op.get_context().autocommit_block():
        while op.get_bind().execute(statement).rowcount:
            pass


def make_index(
    name: str, table: str, columns: Sequence[str | TextClause], schema: str | None = None, **options: Any
) -> None:
    """Make an index while the table is written to; what an interrupted attempt left of it is removed first."""
    with op.get_context().autocommit_block():
        op.drop_index(name, table_name=table, schema=schema, if_exists=True, postgresql_concurrently=True)
        op.create_index(name, table, list(columns), schema=schema, postgresql_concurrently=True, **options)


def remove_index(name: str, table: str, schema: str | None = None) -> None:
    """Remove an index while the table is read and written to."""
    with op.get_context().autocommit_block():
        op.drop_index(name, table_name=table, schema=schema, if_exists=True, postgresql_concurrently=True)
