"""Rows on their way into a table: a temporary table of the session, filled by COPY or by a query."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from contextvars import ContextVar
from tempfile import SpooledTemporaryFile
from typing import Any, cast

from psycopg2 import sql
from psycopg2.errors import QueryCanceled
from sqlalchemy import Connection

from blocks.banco.copy import CopyText
from blocks.banco.errors import about, translated
from blocks.banco.names import listed
from blocks.banco.queries import driver_cursor, execute
from blocks.banco.target import Target, table_of

STAGE = "sincronia_stage"


_OPENED = sql.SQL(
    """
    DROP TABLE IF EXISTS pg_temp.{stage};
    CREATE TEMP TABLE {stage} ON COMMIT DROP AS SELECT {columns} FROM {table} WITH NO DATA
    """
)
_CLOSED = sql.SQL("SET LOCAL default_statistics_target = 10; ANALYZE {stage} ({key})")
"""The planner asks about the key alone; the other columns would cost seven times as much, and so would a sample of
30,000 rows, as the server usually takes, beside one of 3,000."""


def stage(connection: Connection, target: Target, rows: Sequence[Mapping[str, Any]]) -> None:
    """Put `rows` into the session's stage, typed as the target's columns; it goes with the transaction.

    Raises:
        BancoRejected: a value does not fit its column (which one stands in the message).
    """
    names = _stage_names(target)
    with about(target.table), translated(), closing(driver_cursor(connection)) as active:
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
        BancoRejected: a value does not fit its column; within `values_named` the message says which.
    """
    names = _stage_names(target)
    rows = sql.SQL(query) if isinstance(query, str) else query
    given = sql.SQL("SELECT {columns} FROM (\n{query}\n) q").format(query=rows, **names)
    with about(target.table):
        if _NAMED.get():
            _copy_query(connection, given, names, parameters)
            return
        filled = sql.SQL("INSERT INTO {stage} ({columns}) {given}").format(given=given, **names)
        execute(
            connection, sql.SQL(";\n").join([_OPENED.format(**names), filled, _CLOSED.format(**names)]), **parameters
        )


@contextmanager
def values_named() -> Iterator[None]:
    """Within the block `stage_query` sends its rows by way of COPY, whose errors name column and value.

    They go through this process, so it is meant for few rows, to find the one that was refused.
    """
    token = _NAMED.set(True)
    try:
        yield
    finally:
        _NAMED.reset(token)


_NAMED = ContextVar("values_named", default=False)
_IN_MEMORY = 1 << 20
"""Bytes of copied rows that are kept in memory; more go to a file."""


def _copy_query(
    connection: Connection, given: sql.Composed, names: Mapping[str, sql.Composable], parameters: Mapping[str, Any]
) -> None:
    with (
        translated(),
        closing(driver_cursor(connection)) as active,
        SpooledTemporaryFile(_IN_MEMORY) as copied,
    ):
        active.execute(_OPENED.format(**names))
        active.copy_expert(f"COPY ({active.mogrify(given, parameters).decode()}) TO STDOUT", copied)
        copied.seek(0)
        active.copy_expert(sql.SQL("COPY {stage} ({columns}) FROM STDIN").format(**names), copied)


def _stage_names(target: Target) -> dict[str, sql.Composable]:
    return {
        "stage": sql.Identifier(STAGE),
        "table": table_of(target),
        "columns": listed(target.columns),
        "key": listed(target.key),
    }
