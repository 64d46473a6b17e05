"""The one way rows are written: stage by COPY, write only what differs, count by what was written.

`ON CONFLICT DO UPDATE … WHERE` alone locks and logs every unchanged row (36 MB of WAL for 100,000
of them), so a LEFT JOIN first keeps the unchanged away and ON CONFLICT is only the fence against a
concurrent insert (measured: 1.5 / 0.7 / 0.8 s new / unchanged / 10 % changed, 100,000 x 25).
"""

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any, NamedTuple, cast

from psycopg2 import sql
from psycopg2.errors import QueryCanceled
from sqlalchemy import Connection

from blocks.banco.copy import CopyText
from blocks.banco.errors import BancoRejected, translated
from blocks.banco.queries import driver_cursor

STAGE = "sincronia_stage"


@dataclass(frozen=True)
class Target:
    """What an upsert may write, and how it recognises a row.

    Attributes:
        table: the table's name, with its schema if that is not public: `tiny.contatos`.
        key: its UNIQUE columns.
        columns: every column that the source owns, key included. No other column is ever written.
        version: the owned column with the source's write date. It is written along but not
            compared, and a row is never replaced by one whose version is older.
        stamps: columns set on each row written, by SQL expression (`{"updated_at": "now()"}`).
        owner: the owned column that says which document a row belongs to: a row is never taken from
            the document that holds it, unless that one has let it go.
        released: column and value by which a row shows that its document has let it go.
    """

    table: str
    key: tuple[str, ...]
    columns: tuple[str, ...]
    version: str | None = None
    stamps: Mapping[str, str] = field(default_factory=dict)
    owner: str | None = None
    released: tuple[str, Any] | None = None

    def let_go(self, row: Mapping[str, Any]) -> bool:
        """Whether the row's own document has let it go."""
        return self.released is not None and row[self.released[0]] == self.released[1]


class Written(NamedTuple):
    """Rows inserted, updated and left alone by one upsert."""

    novos: int
    atualizados: int
    inalterados: int

    def plus(self, other: "Written") -> "Written":
        """The sum, number by number."""
        return Written(*(one + two for one, two in zip(self, other, strict=True)))


def stage(connection: Connection, target: Target, rows: Sequence[Mapping[str, Any]]) -> None:
    """Put `rows` into the session's stage, typed as the target's columns; it goes with the transaction.

    Raises:
        BancoRejected: a value does not fit its column (which one stands in the message).
    """
    names = {"stage": sql.Identifier(STAGE), "table": table_of(target), "columns": _listed(target.columns)}
    with translated(), closing(driver_cursor(connection)) as active:
        active.execute(sql.SQL("DROP TABLE IF EXISTS pg_temp.{stage}").format(**names))
        active.execute(
            sql.SQL("CREATE TEMP TABLE {stage} ON COMMIT DROP AS SELECT {columns} FROM {table} WITH NO DATA").format(
                **names
            )
        )
        copy = sql.SQL("COPY {stage} ({columns}) FROM STDIN").format(**names)
        text = CopyText(rows, target.columns)
        try:
            active.copy_expert(copy, cast(Any, text))  # psycopg2 itself needs no more than `read`
        except QueryCanceled as error:
            raise text.refused or error from error
        # The planner asks about the key alone; the other columns would cost seven times as much.
        active.execute(sql.SQL("ANALYZE {stage} ({key})").format(key=_listed(target.key), **names))


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
                key=_listed(target.key, "s"),
                owner=sql.Identifier(target.owner),
                stage=sql.Identifier(STAGE),
                table=table_of(target),
                same_key=_same_key(target),
                claims=claims,
            )
        )
        return list(active.fetchall())


def table_of(target: Target) -> sql.Identifier:
    """The table as statements name it."""
    return sql.Identifier(*target.table.split("."))


def _listed(names: Sequence[str], prefix: str | None = None) -> sql.Composed:
    identifiers = [sql.Identifier(prefix, name) if prefix else sql.Identifier(name) for name in names]
    return sql.SQL(", ").join(identifiers)


def _merge_statement(target: Target) -> sql.Composed:
    compared = [name for name in target.columns if name not in target.key and name != target.version]
    written = [name for name in target.columns if name not in target.key]
    assignments = [sql.SQL("{0} = excluded.{0}").format(sql.Identifier(name)) for name in written]
    assignments += [sql.SQL("{0} = excluded.{0}").format(sql.Identifier(name)) for name in target.stamps]
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
        columns=_listed([*target.columns, *target.stamps]),
        values=sql.SQL(", ").join(
            [_listed(target.columns, "s"), *(sql.SQL(expression) for expression in target.stamps.values())]
        ),
        same_key=_same_key(target),
        one_key=sql.Identifier(target.key[0]),
        staged_may_write=_may_write(target, "s"),
        excluded_may_write=_may_write(target, "excluded"),
        theirs=_row(compared, "s"),
        ours=_row(compared, "t"),
        key=_listed(target.key),
        assignments=sql.SQL(", ").join(assignments),
    )


def _row(names: Sequence[str], prefix: str) -> sql.Composed:
    return sql.Composed([sql.SQL("ROW("), _listed(names, prefix), sql.SQL(")")])


def _same_key(target: Target) -> sql.Composed:
    return sql.SQL(" AND ").join(sql.SQL("t.{0} = s.{0}").format(sql.Identifier(name)) for name in target.key)


def _may_write(target: Target, source: str) -> sql.Composable:
    """Whether the row of `source` may replace the table's row `t`: same document and not older, or let go."""
    conditions: list[sql.Composable] = []
    names = {"source": sql.Identifier(source)}
    if target.version:
        version = sql.SQL("(t.{version} IS NULL OR {source}.{version} >= t.{version})")
        conditions.append(version.format(version=sql.Identifier(target.version), **names))
    if target.owner:
        conditions.append(sql.SQL("t.{owner} = {source}.{owner}").format(owner=sql.Identifier(target.owner), **names))
    allowed = sql.SQL(" AND ").join(conditions) if conditions else sql.SQL("true")
    if not (target.owner and target.released):
        return sql.SQL("({})").format(allowed)
    column, value = target.released
    return sql.SQL("({allowed} OR (t.{owner} <> {source}.{owner} AND t.{column} = {value}))").format(
        allowed=allowed,
        owner=sql.Identifier(target.owner),
        column=sql.Identifier(column),
        value=sql.Literal(value),
        **names,
    )
