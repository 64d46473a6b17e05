"""The one way rows are written: stage, write only what differs, count by what was written.

`ON CONFLICT DO UPDATE … WHERE` alone locks and logs every unchanged row (36 MB of WAL for 100,000
of them), so a LEFT JOIN first keeps the unchanged away and ON CONFLICT is only the fence against a
concurrent insert (measured: 0.7 / 0.5 / 0.6 s new / unchanged / 10 % changed, 100,000 x 25).
"""

from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import Any, NamedTuple

from psycopg2 import sql
from sqlalchemy import Connection

from blocks.banco.errors import BancoRejected, about, translated
from blocks.banco.halves import by_halves
from blocks.banco.names import assignments, equal, listed
from blocks.banco.queries import driver_cursor, execute
from blocks.banco.stage import STAGE, stage
from blocks.banco.target import Target, table_of


class Written(NamedTuple):
    """Rows inserted, updated and left alone by one upsert."""

    novos: int
    atualizados: int
    inalterados: int

    def plus(self, other: "Written") -> "Written":
        """The sum, number by number."""
        return Written(*(one + two for one, two in zip(self, other, strict=True)))


def merge(connection: Connection, target: Target) -> Written:
    """Write the stage's rows that are missing in the target or differ from it.

    The stage must hold each key once.

    Raises:
        BancoRejected: a row breaks a constraint of the table.
    """
    with about(target.table), translated(), closing(driver_cursor(connection)) as active:
        active.execute(_merge_statement(target))
        staged, novos, atualizados = active.fetchone() or (0, 0, 0)
    return Written(novos, atualizados, staged - novos - atualizados)


def upsert(connection: Connection, target: Target, rows: Sequence[Mapping[str, Any]]) -> Written:
    """Stage and merge `rows` in the caller's transaction; see `stage` and `merge`."""
    stage(connection, target, rows)
    return merge(connection, target)


def stage_fitting(connection: Connection, target: Target, rows: Sequence[Mapping[str, Any]]) -> bool:
    """Stage the rows ahead of `upsert_fitting`; False if one of them does not fit, and nothing is staged then."""
    try:
        with connection.begin_nested():
            stage(connection, target, rows)
    except BancoRejected:
        return False
    return True


def upsert_fitting(
    connection: Connection, target: Target, rows: Sequence[Mapping[str, Any]], *, staged: bool = False
) -> tuple[Written, dict[int, str]]:
    """Upsert the rows that the database accepts; the others by index, each with the database's reason.

    Good rows cost nothing, see `by_halves`. The stage holds the last part that was tried. `staged` says that it holds
    all rows already.
    """

    def write(some: Sequence[Mapping[str, Any]]) -> Written:
        if not staged or len(some) < len(rows):
            stage(connection, target, some)
        return merge(connection, target)

    done, refused = by_halves(connection, rows, write)
    written = Written(0, 0, 0)
    for some in done:
        written = written.plus(some)
    return written, {index: str(error) for index, error in refused.items()}


def update(connection: Connection, target: Target) -> int:
    """Bring rows that are there up to the stage's, by key: how many differed. None is added.

    Raises:
        BancoRejected: a row breaks a constraint of the table.
    """
    written = [name for name in target.columns if name not in target.key]
    statement = sql.SQL(
        "UPDATE {table} t SET {assignments} FROM {stage} s WHERE {same_key} AND {theirs} IS DISTINCT FROM {ours}"
    ).format(
        table=table_of(target),
        assignments=assignments({name: sql.Identifier("s", name) for name in written}, target.stamps),
        stage=sql.Identifier(STAGE),
        same_key=equal(target.key, "t", "s"),
        theirs=_row(target.compared, "s"),
        ours=_row(target.compared, "t"),
    )
    with about(target.table):
        return execute(connection, statement)


def _merge_statement(target: Target) -> sql.Composed:
    """The condition with ANY says what the join says already, so that rows are looked up by an index.

    Of a table that grows the server knows the size only once autovacuum has looked at it: until then it would read
    the whole table for each batch.
    """
    written = [name for name in target.columns if name not in target.key]
    worked_out = {**target.stamps, **target.initial}
    set_to = [_assignment(target, name) for name in (*written, *target.stamps)]
    return sql.SQL(
        """
        WITH written AS (
            INSERT INTO {table} AS t ({columns})
            SELECT {values}
            FROM {stage} s
            LEFT JOIN {table} t ON {same_key} AND t.{one_key} = ANY(ARRAY(SELECT {one_key} FROM {stage}))
            WHERE t.{one_key} IS NULL OR {theirs} IS DISTINCT FROM {ours}
            ON CONFLICT ({key}) DO UPDATE SET {assignments}
            RETURNING (xmax = 0) AS novo
        )
        SELECT (SELECT count(*) FROM {stage}),
               count(*) FILTER (WHERE novo), count(*) FILTER (WHERE NOT novo)
        FROM written
        """
    ).format(
        table=table_of(target),
        stage=sql.Identifier(STAGE),
        columns=listed([*target.columns, *worked_out]),
        values=sql.SQL(", ").join([listed(target.columns, "s"), *map(sql.SQL, worked_out.values())]),
        same_key=equal(target.key, "t", "s"),
        one_key=sql.Identifier(target.key[0]),
        theirs=_row(target.compared, "s"),
        ours=_row(target.compared, "t"),
        key=listed(target.key),
        assignments=sql.SQL(", ").join(set_to),
    )


def _assignment(target: Target, name: str) -> sql.Composed:
    """What a row that is there gets in a column; of a suggestion that a person has overruled, what it has."""
    column = sql.Identifier(name)
    if name not in target.suggestions:
        return sql.SQL("{0} = excluded.{0}").format(column)
    return sql.SQL("{0} = CASE WHEN t.{0} IS NOT DISTINCT FROM t.{1} THEN excluded.{0} ELSE t.{0} END").format(
        column, sql.Identifier(target.suggestions[name])
    )


def _row(names: Sequence[str], prefix: str) -> sql.Composed:
    return sql.Composed([sql.SQL("ROW("), listed(names, prefix), sql.SQL(")")])
