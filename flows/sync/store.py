"""The one transaction of a batch: rows, what vanished, what follows from both, quarantine, versions."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from psycopg2 import sql
from sqlalchemy import Connection

from blocks.banco import STAGE, Written, execute, fetch, owned_elsewhere, stage, table_of, transaction, upsert_fitting
from flows.run import quarantine
from flows.run.counts import Counts
from flows.run.quarantine import Rejected
from flows.run.writer import Writer
from flows.settings import Settings
from flows.sync.context import Context
from flows.sync.entity import Entity, Record
from flows.sync.followups import follow
from flows.sync.hidden import counted
from flows.sync.history import snapshot
from flows.sync.mapping import map_documents, owned_by_another, reject
from flows.sync.statements import SYNC
from flows.sync.window import OVERLAP

Key = tuple[Any, ...]


@dataclass(frozen=True)
class Batch:
    """What was read.

    Attributes:
        documents: whole documents.
        listed: the versions that they were listed in.
        read_at: the source's clock before the read.
        hidden: by document, the ids of lines that it has and that may not be seen any more; only those with such.
    """

    documents: Sequence[Record]
    listed: Mapping[int, datetime]
    read_at: datetime
    hidden: Mapping[int, Collection[int]] = field(default_factory=dict)

    def version(self, document: Record) -> datetime:
        """The later of the versions in which a document was listed and read: a list may have seen less of it."""
        listed = self.listed[document["id"]]
        return max(listed, document.get("versao") or listed)


def store(writer: Writer, entity: Entity, batch: Batch, settings: Settings) -> Counts:
    """Map a batch and write it in one transaction; what does not fit goes to quarantine, the rest is stored.

    Raises:
        BancoError: the database is away, busy or not migrated, or a follow-up statement failed;
            nothing of the batch was written.
    """
    context = Context(settings, _known(writer, entity, batch.documents))
    mapped = map_documents(entity, batch.documents, context)
    with writer.transaction(entity.domain) as connection:
        documents = _not_outdated(connection, entity, batch)
        if len(documents) < len(batch.documents):
            mapped = map_documents(entity, documents, context)
        ids = [document["id"] for document in documents]
        written, refused = _write(connection, entity, mapped.rows)
        rejected = (*mapped.rejected, *(reject(*mapped.origins[key], reason) for key, reason in refused.items()))
        aside = (*rejected, *mapped.waiting)
        removed = _retire_vanished(connection, entity, ids, aside, mapped.left_out, batch.hidden)
        followed = _follow(connection, writer, entity, ids)
        quarantine.put(connection, entity.name, aside)
        quarantine.resolve(connection, entity.name, ids, aside)
        stored = Counter(row[entity.document] for key, row in mapped.rows.items() if key not in refused)
        _record(connection, entity, batch, documents, stored)
    ignored = sum(mapped.ignored.values())
    return (
        followed
        + Counts(
            documentos=len(ids),
            lidos=mapped.lines,
            novos=written.novos,
            atualizados=written.atualizados,
            inalterados=written.inalterados,
            somados=mapped.lines - ignored - len(mapped.rejected) - len(mapped.rows),
            ignorados=ignored,
            rejeitados=len(rejected),
            removidos=removed,
            motivos=mapped.ignored,
        )
        + counted(len(batch.hidden.keys() & set(ids)))
    )


def retire(writer: Writer, entity: Entity, ids: Sequence[int]) -> Counts:
    """Deactivate the rows of documents that are gone from the source, with all that follows from it."""
    with writer.transaction(entity.domain) as connection:
        removed = execute(connection, _retirement(entity), documentos=list(ids), **entity.retired)
        followed = _follow(connection, writer, entity, ids)
        quarantine.resolve(connection, entity.name, ids, ())
        execute(connection, SYNC["record_deleted"], entidade=entity.name, documentos=list(ids))
    return followed + Counts(removidos=removed)


def _known(writer: Writer, entity: Entity, documents: Sequence[Record]) -> dict[str, dict[Any, Any]]:
    """What the entity's lookups find for these documents, in a short transaction of their own."""
    known: dict[str, dict[Any, Any]] = {}
    if not entity.lookups:
        return known
    with transaction(writer.engine) as connection:
        for name, lookup in entity.lookups.items():
            keys = sorted({key for document in documents for key in lookup.keys(document) if key is not None})
            known[name] = dict(fetch(connection, lookup.statement, **writer.parameters, chaves=keys))
    return known


def _not_outdated(connection: Connection, entity: Entity, batch: Batch) -> list[Record]:
    """The batch's documents, less those of which a newer version is stored already."""
    newer = fetch(
        connection,
        SYNC["newer_documents"],
        entidade=entity.name,
        documentos=[document["id"] for document in batch.documents],
        versoes=[batch.version(document) for document in batch.documents],
        lido_em=batch.read_at,
    )
    outdated = {number for (number,) in newer}
    return [document for document in batch.documents if document["id"] not in outdated]


def _write(connection: Connection, entity: Entity, rows: Mapping[Key, Record]) -> tuple[Written, dict[Key, str]]:
    """Upsert the rows; those that cannot be stored by key, with the reason. The stage then holds the others."""
    keys = list(rows)
    written, unfit = upsert_fitting(connection, entity.target, [rows[key] for key in keys])
    refused = {keys[index]: reason for index, reason in unfit.items()}
    if refused:
        stage(connection, entity.target, [row for key, row in rows.items() if key not in refused])
    elsewhere = owned_elsewhere(connection, entity.target)
    others = {tuple(key): owned_by_another(tuple(key), owner) for *key, owner in elsewhere}
    return written._replace(inalterados=written.inalterados - len(others)), refused | others


def _retire_vanished(  # noqa: PLR0917 - what became of a batch's lines
    connection: Connection,
    entity: Entity,
    ids: Sequence[int],
    aside: Sequence[Rejected],
    left_out: Sequence[int],
    hidden: Mapping[int, Collection[int]],
) -> int:
    """Deactivate rows of `ids` whose line came no more, or came and is not meant to be a row any more.

    The row of a line that is kept aside or hidden stays; where a row does not tell its line, so do all rows of that
    line's document.
    """
    doubtful = () if entity.line_id else {*hidden, *(one.document_id for one in aside)}
    whole = [number for number in ids if number not in doubtful]
    kept = [*(one.record_id for one in aside), *(line for lines in hidden.values() for line in lines)]
    if entity.line_id is None or entity.excluded is None:
        return execute(connection, _retirement(entity, _VANISHED), documentos=whole, guardados=kept, **entity.retired)
    gone = execute(
        connection, _retirement(entity, _VANISHED), documentos=whole, guardados=[*kept, *left_out], **entity.retired
    )
    excluded = _retirement(entity, _LEFT_OUT, entity.excluded)
    return gone + execute(connection, excluded, documentos=whole, deixados=list(left_out), **entity.excluded)


_VANISHED = "AND NOT EXISTS (SELECT FROM {stage} s WHERE {staged}) AND ({line} IS NULL OR {line} <> ALL(%(guardados)s))"
_LEFT_OUT = "AND {line} = ANY(%(deixados)s)"


def _retirement(entity: Entity, which: str = "", changes: Mapping[str, Any] | None = None) -> sql.Composed:
    """The statement that deactivates rows of documents (`which` of them): by default all, by what `retired` sets."""
    set_to = entity.retired if changes is None else changes
    names = [sql.Identifier(name) for name in set_to]
    values = [sql.Placeholder(name) for name in set_to]
    staged = [sql.SQL("s.{0} = t.{0}").format(sql.Identifier(name)) for name in entity.target.key]
    condition = sql.SQL(which).format(
        stage=sql.Identifier(STAGE),
        staged=sql.SQL(" AND ").join(staged),
        line=sql.Identifier("t", entity.line_id) if entity.line_id else sql.SQL("NULL::bigint"),
    )
    return sql.SQL(
        "UPDATE {table} t SET {changes} WHERE t.{document} = ANY(%(documentos)s) {condition} "
        "AND t.{mark} IS DISTINCT FROM {value}"
    ).format(
        table=table_of(entity.target),
        changes=sql.SQL(", ").join(
            sql.SQL("{} = {}").format(name, value)
            for name, value in [
                *zip(names, values, strict=True),
                *((sql.Identifier(name), sql.SQL(now)) for name, now in entity.target.stamps.items()),
            ]
        ),
        document=sql.Identifier(entity.document),
        condition=condition,
        mark=names[0],
        value=values[0],
    )


def _follow(connection: Connection, writer: Writer, entity: Entity, ids: Sequence[int]) -> Counts:
    """What follows from the rows as they are written now: their history, and the entity's own steps."""
    kept = Counts()
    if entity.history:
        added = snapshot(connection, entity.history, entity.target, entity.document, ids)
        kept = Counts(efeitos={"mudanças no histórico": added})
    return kept + follow(connection, entity.after, **writer.parameters, documentos=list(ids))


def _record(
    connection: Connection, entity: Entity, batch: Batch, documents: Sequence[Record], stored: Mapping[int, int]
) -> None:
    def hidden(document: Record) -> list[int]:
        return sorted(batch.hidden.get(document["id"], ()))

    execute(
        connection,
        SYNC["record_documents"],
        entidade=entity.name,
        documentos=[document["id"] for document in documents],
        numeros=[quarantine.storable(document["numero"], quarantine.NUMBER_LENGTH) for document in documents],
        versoes=[batch.version(document) for document in documents],
        linhas=[stored.get(document["id"], 0) for document in documents],
        registros=[_array([*_line_ids(entity, document), *hidden(document)]) for document in documents],
        ocultas=[_array(hidden(document)) for document in documents],
        lido_em=batch.read_at,
        overlap=OVERLAP,
    )


def _line_ids(entity: Entity, document: Record) -> list[int]:
    """The ids of a document's lines; of none where the document is its own line."""
    return [line["id"] for line in entity.lines_of(document)] if entity.lines else []


def _array(ids: Sequence[int]) -> str:
    """Ids as a PostgreSQL array."""
    return "{" + ",".join(map(str, ids)) + "}"
