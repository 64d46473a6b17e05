"""The rows of an entity's lines: written where they differ, kept in step with their document, deactivated."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from psycopg2 import sql
from sqlalchemy import Connection

from blocks.banco import STAGE, Written, assignments, execute, listed, stage, stage_fitting, table_of, upsert_fitting
from flows.sync.entity import Entity, Record


def stage_rows(connection: Connection, entity: Entity, rows: Mapping[int, Record]) -> bool:
    """Stage the rows ahead of `write_rows`; False if one of them does not fit, and nothing is staged then."""
    return stage_fitting(connection, entity.target, list(rows.values()))


def write_rows(
    connection: Connection, entity: Entity, rows: Mapping[int, Record], *, staged: bool = False
) -> tuple[Written, dict[int, str]]:
    """Upsert the rows; those that cannot be stored by their line, with the reason. The stage then holds the others.

    `staged` says that `stage_rows` has staged them.
    """
    lines = list(rows)
    written, unfit = upsert_fitting(connection, entity.target, list(rows.values()), staged=staged)
    refused = {lines[index]: reason for index, reason in unfit.items()}
    if refused:
        stage(connection, entity.target, [row for line, row in rows.items() if line not in refused])
    return written, refused


def share_headers(connection: Connection, entity: Entity, header: Collection[str], kept: Sequence[int]) -> None:
    """Give the stored rows of lines that are kept as they are what their document says now: its number, its status.

    `header` are the columns that the document gives; they are the same in all of its rows that the stage holds.
    """
    statement = sql.SQL(
        "UPDATE {table} t SET {changes} FROM (SELECT DISTINCT ON ({document}) * FROM {stage}) s "
        "WHERE t.{document} = s.{document} AND t.{line} = ANY(%(guardados)s) "
        "AND ROW({ours}) IS DISTINCT FROM ROW({theirs})"
    ).format(
        table=table_of(entity.target),
        changes=assignments({name: sql.Identifier("s", name) for name in header}, entity.target.stamps),
        document=sql.Identifier(entity.document),
        stage=sql.Identifier(STAGE),
        line=sql.Identifier(entity.line_id),
        ours=listed(header, "t"),
        theirs=listed(header, "s"),
    )
    execute(connection, statement, guardados=list(kept))


def retire_vanished(
    connection: Connection, entity: Entity, ids: Sequence[int], kept: Sequence[int], left_out: Sequence[int]
) -> int:
    """Deactivate rows of `ids` whose line came no more, or came and is not meant to be a row any more.

    The rows of the lines in `kept` stay: they are kept aside, or hidden.
    """
    if entity.excluded is None:
        return execute(connection, retirement(entity, _VANISHED), documentos=ids, guardados=kept, **entity.retired)
    gone = execute(
        connection, retirement(entity, _VANISHED), documentos=ids, guardados=[*kept, *left_out], **entity.retired
    )
    excluded = retirement(entity, _LEFT_OUT, entity.excluded)
    return gone + execute(connection, excluded, documentos=ids, deixados=list(left_out), **entity.excluded)


_VANISHED = "AND NOT EXISTS (SELECT FROM {stage} s WHERE s.{line} = t.{line}) AND t.{line} <> ALL(%(guardados)s)"
_LEFT_OUT = "AND t.{line} = ANY(%(deixados)s)"


def retirement(entity: Entity, which: str = "", changes: Mapping[str, Any] | None = None) -> sql.Composed:
    """The statement that deactivates rows of documents (`which` of them): by default all, by what `retired` sets."""
    set_to = entity.retired if changes is None else changes
    mark = next(iter(set_to))
    condition = sql.SQL(which).format(stage=sql.Identifier(STAGE), line=sql.Identifier(entity.line_id))
    return sql.SQL(
        "UPDATE {table} t SET {changes} WHERE t.{document} = ANY(%(documentos)s) AND t.{line} IS NOT NULL {condition} "
        "AND t.{mark} IS DISTINCT FROM {value}"
    ).format(
        table=table_of(entity.target),
        changes=assignments({name: sql.Placeholder(name) for name in set_to}, entity.target.stamps),
        document=sql.Identifier(entity.document),
        line=sql.Identifier(entity.line_id),
        condition=condition,
        mark=sql.Identifier(mark),
        value=sql.Placeholder(mark),
    )
