"""The one way rows are written: stage, write only what differs, count by what was written.

`ON CONFLICT DO UPDATE … WHERE` alone locks and logs every unchanged row (36 MB of WAL for 100,000
of them), so a LEFT JOIN first keeps the unchanged away and ON CONFLICT is only the fence against a
concurrent insert (measured: 1.5 / 0.7 / 0.8 s new / unchanged / 10 % changed, 100,000 x 25).
"""

from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import Any, NamedTuple

from psycopg2 import sql
from sqlalchemy import Connection

from blocks.banco.errors import BancoRejected, translated
from blocks.banco.queries import driver_cursor
from blocks.banco.stage import STAGE, listed, stage
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
    with translated(), closing(driver_cursor(connection)) as active:
        active.execute(_merge_statement(target))
        staged, novos, atualizados = active.fetchone() or (0, 0, 0)
    return Written(novos, atualizados, staged - novos - atualizados)


def upsert(connection: Connection, target: Target, rows: Sequence[Mapping[str, Any]]) -> Written:
    """Stage and merge `rows` in the caller's transaction; see `stage` and `merge`."""
    stage(connection, target, rows)
    return merge(connection, target)


def upsert_fitting(
    connection: Connection, target: Target, rows: Sequence[Mapping[str, Any]]
) -> tuple[Written, dict[int, str]]:
    """Upsert the rows that the database accepts; the others by index, each with the database's reason.

    Optimistic: all at once, and only if that is refused by halves, so that k bad rows among n cost
    about k·log n attempts and good ones nothing. The stage holds the last part that was tried.
    """
    try:
        with connection.begin_nested():
            return upsert(connection, target, rows), {}
    except BancoRejected as error:
        if len(rows) == 1:
            return Written(0, 0, 0), {0: str(error)}
    half = len(rows) // 2
    written, refused = upsert_fitting(connection, target, rows[:half])
    more, refused_too = upsert_fitting(connection, target, rows[half:])
    return written.plus(more), refused | {half + index: reason for index, reason in refused_too.items()}


def owned_elsewhere(connection: Connection, target: Target) -> list[tuple[Any, ...]]:
    """Keys of staged rows that another document holds, each followed by that document's id.

    A row that its own document has let go claims nothing, and is left out.
    """
    if target.owner is None:
        return []
    statement = sql.SQL(
        "SELECT {key}, t.{owner} FROM {stage} s JOIN {table} t ON {same_key} WHERE t.{owner} <> s.{owner} AND {claims}"
    )
    claims: sql.Composable = sql.SQL("true")
    if target.released:
        column, value = target.released
        claims = sql.SQL("s.{} IS DISTINCT FROM {}").format(sql.Identifier(column), sql.Literal(value))
    with translated(), closing(driver_cursor(connection)) as active:
        active.execute(
            statement.format(
                key=listed(target.key, "s"),
                owner=sql.Identifier(target.owner),
                stage=sql.Identifier(STAGE),
                table=table_of(target),
                same_key=_same_key(target),
                claims=claims,
            )
        )
        return list(active.fetchall())


def _merge_statement(target: Target) -> sql.Composed:
    written = [name for name in target.columns if name not in target.key]
    assignments = [_assignment(target, name) for name in (*written, *target.stamps)]
    return sql.SQL(
        """
        WITH written AS (
            INSERT INTO {table} AS t ({columns})
            SELECT {values}
            FROM {stage} s LEFT JOIN {table} t ON {same_key}
            WHERE t.{one_key} IS NULL
               OR ({staged_may_write} AND {theirs} IS DISTINCT FROM {ours})
            ON CONFLICT ({key}) DO UPDATE SET {assignments} WHERE {excluded_may_write}
            RETURNING (xmax = 0) AS novo
        )
        SELECT (SELECT count(*) FROM {stage}),
               count(*) FILTER (WHERE novo), count(*) FILTER (WHERE NOT novo)
        FROM written
        """
    ).format(
        table=table_of(target),
        stage=sql.Identifier(STAGE),
        columns=listed([*target.columns, *target.stamps]),
        values=sql.SQL(", ").join(
            [listed(target.columns, "s"), *(sql.SQL(expression) for expression in target.stamps.values())]
        ),
        same_key=_same_key(target),
        one_key=sql.Identifier(target.key[0]),
        staged_may_write=_may_write(target, "s"),
        excluded_may_write=_may_write(target, "excluded"),
        theirs=_row(target.compared, "s"),
        ours=_row(target.compared, "t"),
        key=listed(target.key),
        assignments=sql.SQL(", ").join(assignments),
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


def _same_key(target: Target) -> sql.Composed:
    return sql.SQL(" AND ").join(sql.SQL("t.{0} = s.{0}").format(sql.Identifier(name)) for name in target.key)


def _may_write(target: Target, source: str) -> sql.Composable:
    """Whether the row of `source` may replace the table's row `t`: of the same document, or let go."""
    if target.owner is None:
        return sql.SQL("true")
    names = {"source": sql.Identifier(source), "owner": sql.Identifier(target.owner)}
    if target.released is None:
        return sql.SQL("t.{owner} = {source}.{owner}").format(**names)
    column, value = target.released
    return sql.SQL("(t.{owner} = {source}.{owner} OR t.{column} = {value})").format(
        column=sql.Identifier(column), value=sql.Literal(value), **names
    )
