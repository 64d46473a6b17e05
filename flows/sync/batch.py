"""What was read of a batch of documents, and what is remembered of them besides their rows."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection

from blocks.banco import execute
from blocks.unreadable import Unreadable
from flows.run import quarantine
from flows.sync.entity import Entity, Record
from flows.sync.statements import SYNC
from flows.sync.window import CHECK_HOLDS, LONG, Now


@dataclass(frozen=True)
class Batch:
    """What was read.

    Attributes:
        documents: whole documents.
        read_at: how late it was in the source.
        read: the number of the read (`begin_read`).
        unreadable: documents that were listed and could not be read: what is stored of them stays.
        hidden: by document, the ids of lines that it has and that may not be seen any more; only those with such.
        again: documents that are read though nothing said that they changed: what they differ in is late.
        missing: documents that were listed and that the source does not give: what is stored of them stays.
        rule: the fingerprint of the rule by which they become rows; `store` sets it.
    """

    documents: Sequence[Record]
    read_at: Now
    read: int
    unreadable: Sequence[Unreadable] = ()
    hidden: Mapping[int, Collection[int]] = field(default_factory=dict)
    again: Collection[int] = ()
    missing: Collection[int] = ()
    rule: str = ""


def record_documents(
    connection: Connection, entity: Entity, batch: Batch, stored: Mapping[int, int], summaries: Mapping[int, str]
) -> None:
    """Remember the batch's documents: version, lines, rule, and that they were checked now.

    By document, `stored` is how many rows it has, and `summaries` the digest of these as they were mapped.
    """
    documents = batch.documents

    def hidden(document: Record) -> list[int]:
        return sorted(batch.hidden.get(document["id"], ()))

    execute(
        connection,
        SYNC["record_documents"],
        entidade=entity.name,
        documentos=[document["id"] for document in documents],
        numeros=[quarantine.storable(document["numero"], quarantine.NUMBER_LENGTH) for document in documents],
        versoes=[document["versao"] for document in documents],
        lidos_em=[batch.read_at.for_version(document["versao"]) for document in documents],
        linhas=[stored.get(document["id"], 0) for document in documents],
        registros=[_array([*_line_ids(entity, document), *hidden(document)]) for document in documents],
        ocultas=[_array(hidden(document)) for document in documents],
        resumos=[summaries.get(document["id"]) for document in documents],
        leitura=batch.read,
        long=LONG,
        regra=batch.rule,
        vale=CHECK_HOLDS,
    )


def looked_at(connection: Connection, entity: Entity, batch: Batch) -> None:
    """Remember that documents were looked at of which nothing was read, so that others have their turn."""
    numbers = [*batch.missing, *(one.id for one in batch.unreadable)]
    if numbers:
        execute(connection, SYNC["checked"], entidade=entity.name, documentos=numbers, regra=batch.rule)


def _line_ids(entity: Entity, document: Record) -> list[int]:
    """The ids of a document's lines; of none where the document is its own line."""
    return [line["id"] for line in entity.lines_of(document)] if entity.lines else []


def _array(ids: Sequence[int]) -> str:
    """Ids as a PostgreSQL array."""
    return "{" + ",".join(map(str, ids)) + "}"
