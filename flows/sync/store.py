"""The one transaction of a batch: rows, what vanished, what follows from both, quarantine, versions."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Engine

from blocks.banco import execute, fetch, transaction
from blocks.unreadable import Unreadable
from flows.run import quarantine
from flows.run.counts import Counts
from flows.run.quarantine import Rejected
from flows.run.writer import Writer
from flows.settings import Settings
from flows.sync.batch import Batch, looked_at, record_documents
from flows.sync.context import Context
from flows.sync.entity import Entity, Lookup, Record
from flows.sync.fitting import store_fitting
from flows.sync.followups import follow
from flows.sync.hidden import counted
from flows.sync.history import snapshot
from flows.sync.late import late, read_before
from flows.sync.mapping import UNEXPECTED, Mapped, map_documents, reject
from flows.sync.rows import retire_vanished, retirement, share_headers, stage_rows, write_rows
from flows.sync.rule import rule_of
from flows.sync.statements import SYNC


def begin_read(engine: Engine) -> int:
    """The number of a read that begins now. Of two reads of one document, the one with the greater number counts."""
    with transaction(engine) as connection:
        [(number,)] = fetch(connection, SYNC["begin_read"])
    return int(number)


def store(writer: Writer, entity: Entity, batch: Batch, settings: Settings) -> Counts:
    """Map a batch and write it in one transaction; what does not fit goes to quarantine, the rest is stored.

    A line goes there by itself if its own row does not fit; a whole document if that is so with what follows from it.

    Raises:
        BancoError: the database is away, busy or not migrated; nothing of the batch was written.
    """
    context = Context(settings, _known(writer, entity, batch.documents))
    everything = map_documents(entity, batch.documents, context)
    batch = replace(batch, rule=rule_of(entity, settings))

    staged = False

    def stage_everything(connection: Connection) -> None:
        nonlocal staged
        staged = stage_rows(connection, entity, everything.rows)

    def mapped(documents: Sequence[Record]) -> Mapped:
        whole = len(documents) == len(batch.documents)
        return everything if whole else map_documents(entity, documents, context)

    def attempt(documents: Sequence[Record]) -> Counts:
        part, some = replace(batch, documents=documents), mapped(documents)
        return _store_part(connection, writer, entity, part, some, staged=staged and some is everything)

    def keep_aside(document: Record, reason: str) -> Counts:
        part = replace(batch, documents=[document])
        return _keep_aside(connection, entity, part, mapped([document]).rejected, reason)

    with writer.transaction(entity.domain, stage_everything) as connection:
        outdated = _read_since(connection, entity, [document["id"] for document in batch.documents], batch.read)
        documents = [document for document in batch.documents if document["id"] not in outdated]
        before = read_before(
            connection, entity.name, {document["id"] for document in documents}.intersection(batch.again)
        )
        stored = store_fitting(connection, documents, attempt, keep_aside)
        if before:
            stored += late(connection, entity, before, batch, everything)
        quarantine.put(connection, entity.name, [_unread(one) for one in batch.unreadable])
        looked_at(connection, entity, batch)
        return stored + Counts(lidos=len(batch.unreadable), rejeitados=len(batch.unreadable))


def _unread(one: Unreadable) -> Rejected:
    return Rejected(one.id, one.id, one.number, one.reason, {"documento": one.known})


def _store_part(
    connection: Connection, writer: Writer, entity: Entity, part: Batch, mapped: Mapped, *, staged: bool
) -> Counts:
    """Write what was mapped of a part of a batch, its rows `staged` or not, and all that follows.

    Raises:
        BancoRejected: something that follows does not fit.
    """
    ids = [document["id"] for document in part.documents]
    written, refused = write_rows(connection, entity, mapped.rows, staged=staged)
    rejected = (*mapped.rejected, *(reject(*mapped.origins[key], reason) for key, reason in refused.items()))
    aside = (*rejected, *mapped.waiting)
    stored = Counter(row[entity.document] for line, row in mapped.rows.items() if line not in refused)
    kept = [*(one.record_id for one in aside), *(line for number in ids for line in part.hidden.get(number, ()))]
    if kept and stored:
        share_headers(connection, entity, mapped.headers[next(iter(stored))], kept)
    removed = retire_vanished(connection, entity, ids, kept, mapped.left_out)
    quarantine.put(connection, entity.name, aside)
    quarantine.resolve(connection, entity.name, ids, aside)
    followed = _follow(connection, writer, entity, ids)
    record_documents(connection, entity, part, stored, mapped.summaries)
    ignored = sum(mapped.ignored.values())
    hidden = counted(sum(1 for number in ids if part.hidden.get(number)))
    return (
        followed
        + hidden
        + Counts(
            documentos=len(ids),
            lidos=mapped.lines,
            novos=written.novos,
            atualizados=written.atualizados,
            inalterados=written.inalterados,
            ignorados=ignored,
            rejeitados=len(rejected),
            removidos=removed,
            motivos=mapped.ignored,
        )
    )


def _keep_aside(connection: Connection, entity: Entity, part: Batch, known: Sequence[Rejected], reason: str) -> Counts:
    """Put all lines of the document in `part` into quarantine, those of `known` for their own reasons.

    Its rows stay as they are.
    """
    [document] = part.documents
    own = {one.record_id: one for one in known}
    lines = entity.lines_of(document)
    aside = [own.get(line["id"]) or reject(document, line, reason) for line in lines or (document,)]
    quarantine.put(connection, entity.name, aside)
    quarantine.resolve(connection, entity.name, [document["id"]], aside)
    record_documents(connection, entity, part, {}, {})
    return Counts(documentos=1, lidos=len(lines), rejeitados=len(aside))


def retire(writer: Writer, entity: Entity, ids: Sequence[int], asked: int) -> Counts:
    """Deactivate the rows of documents that are gone from the source, with all that follows from it.

    `asked` is the number that `begin_read` gave before the source was asked for them: what was read later stays.
    A document of which something does not fit then goes to quarantine, and its rows stay.
    """

    def attempt(some: Sequence[int]) -> Counts:
        removed = execute(connection, retirement(entity), documentos=list(some), **entity.retired)
        followed = _follow(connection, writer, entity, some)
        quarantine.resolve(connection, entity.name, some, ())
        execute(connection, SYNC["record_deleted"], entidade=entity.name, documentos=list(some), leitura=asked)
        return followed + Counts(removidos=removed)

    def keep_aside(number: int, reason: str) -> Counts:
        [(name,)] = fetch(connection, SYNC["stored_number"], entidade=entity.name, documento=number) or [(None,)]
        payload = {"documento": {"id": number}, "excluido_na_origem": True}
        quarantine.put(connection, entity.name, [Rejected(number, number, name, reason, payload)])
        return Counts(rejeitados=1)

    with writer.transaction(entity.domain) as connection:
        later = _read_since(connection, entity, ids, asked)
        return store_fitting(connection, [number for number in ids if number not in later], attempt, keep_aside)


def _known(writer: Writer, entity: Entity, documents: Sequence[Record]) -> dict[str, dict[Any, Any]]:
    """What the entity's lookups find for these documents, in a short transaction of their own."""
    known: dict[str, dict[Any, Any]] = {}
    if not entity.lookups:
        return known
    with transaction(writer.engine) as connection:
        for name, lookup in entity.lookups.items():
            keys = sorted({key for document in documents for key in _keys(lookup, document)})
            known[name] = dict(fetch(connection, lookup.statement, **writer.parameters, chaves=keys))
    return known


def _keys(lookup: Lookup, document: Record) -> Iterator[Any]:
    """What a document wants to know about; nothing of a value that no database can hold, which its mapping refuses."""
    with suppress(ValueError, *UNEXPECTED):
        for key in lookup.keys(document):
            if isinstance(key, int) or (isinstance(key, str) and key == quarantine.storable(key)):
                yield key


def _read_since(connection: Connection, entity: Entity, ids: Sequence[int], read: int) -> set[int]:
    """Those documents of which a later read is stored, or that were missing when they were asked for later."""
    later = fetch(connection, SYNC["read_since"], entidade=entity.name, documentos=list(ids), leitura=read)
    return {number for (number,) in later}


def _follow(connection: Connection, writer: Writer, entity: Entity, ids: Sequence[int]) -> Counts:
    """What follows from the rows as they are written now: their history, and the entity's own steps."""
    kept = Counts()
    if entity.history:
        added = snapshot(connection, entity.history, entity.target, entity.document, ids)
        kept = Counts(efeitos={"mudanças no histórico": added})
    return kept + follow(connection, entity.after, **writer.parameters, documentos=list(ids))
