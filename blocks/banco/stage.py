"""Rows on their way into a table: a temporary table of the session, filled by COPY or by a query."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from typing import Any, cast

from psycopg2 import sql
from psycopg2.errors import QueryCanceled
from psycopg2.extensions import cursor
from sqlalchemy import Connection

from blocks.banco.copy import CopyText
from blocks.banco.errors import translated
from blocks.banco.queries import adapted, driver_cursor
from blocks.banco.target import Target, table_of

STAGE = "sincronia_stage"


def stage(connection: Connection, target: Target, rows: Sequence[Mapping[str, Any]]) -> None:
    """Put `rows` into the session's stage, typed as the target's columns; it goes with the transaction.

    Raises:
        BancoRejected: a value does not fit its column (which one stands in the message).
    """
    with translated(), _new_stage(connection, target) as active:
        copy = sql.SQL("COPY {stage} ({columns}) FROM STDIN")
        text = CopyText(rows, target.columns)
        try:
            # psycopg2 itself needs no more than `read`
            active.copy_expert(copy.format(**_stage_names(target)), cast(Any, text))
        except QueryCanceled as error:
            raise text.refused or error from error


def stage_query(connection: Connection, target: Target, query: str, **parameters: Any) -> None:
    """Put what a query gives into the session's stage, as `stage` does with rows; it names the target's columns.

    Raises:
        BancoRejected: a value does not fit its column.
    """
    with translated(), _new_stage(connection, target) as active:
        insert = sql.SQL("INSERT INTO {stage} ({columns}) SELECT {columns} FROM (\n{query}\n) q")
        active.execute(insert.format(query=sql.SQL(query), **_stage_names(target)), adapted(parameters))


@contextmanager
def _new_stage(connection: Connection, target: Target) -> Iterator[cursor]:
    """An empty stage, to be filled with the cursor that is given."""
    names = _stage_names(target)
    with closing(driver_cursor(connection)) as active:
        active.execute(sql.SQL("DROP TABLE IF EXISTS pg_temp.{stage}").format(**names))
        create = sql.SQL("CREATE TEMP TABLE {stage} ON COMMIT DROP AS SELECT {columns} FROM {table} WITH NO DATA")
        active.execute(create.format(**names))
        yield active
        # The planner asks about the key alone; the other columns would cost seven times as much.
        active.execute(sql.SQL("ANALYZE {stage} ({key})").format(**names))


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
