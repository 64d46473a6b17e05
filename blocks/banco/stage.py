"""Rows on their way into a table: a temporary table of the session, filled by COPY or by a query."""

from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import Any, cast

from psycopg2 import sql
from psycopg2.errors import QueryCanceled
from sqlalchemy import Connection

from blocks.banco.copy import CopyText
from blocks.banco.errors import translated
from blocks.banco.queries import driver_cursor, execute
from blocks.banco.target import Target, table_of

STAGE = "sincronia_stage"


_OPENED = sql.SQL(
    """
    DROP TABLE IF EXISTS pg_temp.{stage};
    CREATE TEMP TABLE {stage} ON COMMIT DROP AS SELECT {columns} FROM {table} WITH NO DATA
    """
)
_CLOSED = sql.SQL("ANALYZE {stage} ({key})")
"""The planner asks about the key alone; the other columns would cost seven times as much."""


def stage(connection: Connection, target: Target, rows: Sequence[Mapping[str, Any]]) -> None:
    """Put `rows` into the session's stage, typed as the target's columns; it goes with the transaction.

    Raises:
        BancoRejected: a value does not fit its column (which one stands in the message).
    """
    names = _stage_names(target)
    with translated(), closing(driver_cursor(connection)) as active:
        active.execute(_OPENED.format(**names))
        copy = sql.SQL("COPY {stage} ({columns}) FROM STDIN").format(**names)
        text = CopyText(rows, target.columns)
        try:
            active.copy_expert(copy, cast(Any, text))  # psycopg2 itself needs no more than `read`
        except QueryCanceled as error:
            raise text.refused or error from error
        active.execute(_CLOSED.format(**names))


def stage_query(connection: Connection, target: Target, query: str | sql.Composable, **parameters: Any) -> None:
    """Put what a query gives into the session's stage, as `stage` does with rows; it names the target's columns.

    Raises:
        BancoRejected: a value does not fit its column.
    """
    names = _stage_names(target)
    filled = sql.SQL("INSERT INTO {stage} ({columns}) SELECT {columns} FROM (\n{query}\n) q")
    steps = [
        _OPENED.format(**names),
        filled.format(query=sql.SQL(query) if isinstance(query, str) else query, **names),
        _CLOSED.format(**names),
    ]
    execute(connection, sql.SQL(";\n").join(steps), **parameters)


def _stage_names(target: Target) -> dict[str, sql.Composable]:
    return {
        "stage": sql.Identifier(STAGE),
        "table": table_of(target),
        "columns": listed(target.columns),
        "key": listed(target.key),
    }


def listed(names: Sequence[str], prefix: str | None = None) -> sql.Composed:
    """Column names with commas between them."""
    identifiers = [sql.Identifier(prefix, name) if prefix else sql.Identifier(name) for name in names]
    return sql.SQL(", ").join(identifiers)
