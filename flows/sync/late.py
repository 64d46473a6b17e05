"""What a document that is read again without a reason is found to differ in, and why nobody had noticed."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg2 import sql
from sqlalchemy import Connection

from blocks.banco import Target, fetch, table_of
from flows.run.counts import Counts
from flows.sync.batch import Batch
from flows.sync.entity import Entity
from flows.sync.grouped import Grouped
from flows.sync.mapping import Mapped
from flows.sync.statements import SYNC
from flows.sync.window import OVERLAP

BY_RULE = "regra nova"
BY_REFERENCE = "parceiro fundido ou outra referência"
UNDATED = "mudou sem data"
CHANGED_HERE = "linha aqui alterada"
UNSEEN = "mudou com data, e nenhuma janela viu"
"""Why a document differs, in the operators' words."""


@dataclass(frozen=True)
class Before:
    """What was stored of a document before it was read again.

    Attributes:
        version: in which it was stored.
        rule: by which its rows were made; None: not known.
        summary: the digest of the rows that followed from what was read; None: not known, or without rows.
        news_since: a dated change is news from this instant on; None: there was no complete run yet.
    """

    version: datetime | None
    rule: str | None
    summary: str | None
    news_since: datetime | None


@dataclass(frozen=True)
class Again:
    """A document as it was read now.

    Attributes:
        version: the latest write date of it and of all that it shows.
        written: the latest write date of its lines and itself; None: without rows.
        rule, summary: as in `Before`.
    """

    version: datetime | None
    written: datetime | None
    rule: str
    summary: str | None


def cause(before: Before, now: Again) -> str | None:
    """Why a document's rows differ from what was stored; None: it changed since the last run, which is no fault. Pure.

    If the same follows from what was read as the last time, it was the rows here that were changed.
    """
    if before.rule != now.rule:
        return BY_RULE
    if before.version == now.version:
        return CHANGED_HERE if before.summary == now.summary else UNDATED
    if now.version is not None and (before.news_since is None or now.version >= before.news_since):
        return None
    own = now.written is None or (before.version is not None and now.written <= before.version)
    return BY_REFERENCE if own else UNSEEN


def read_before(connection: Connection, entity: str, ids: Collection[int]) -> dict[int, Before]:
    """What is stored of these documents; those that are not stored are left out."""
    if not ids:
        return {}
    found = fetch(connection, SYNC["before_check"], entidade=entity, documentos=list(ids), sobreposicao=OVERLAP)
    return {number: Before(*rest) for number, *rest in found}


def late(connection: Connection, entity: Entity, before: Mapping[int, Before], batch: Batch, mapped: Mapped) -> Counts:
    """Count the documents of which the transaction wrote rows, by cause. In the transaction that stored them."""
    counts = Counts()
    versions = {document["id"]: document["versao"] for document in batch.documents}
    for number in _written(connection, entity, list(before)):
        now = Again(versions[number], _latest(entity, number, mapped), batch.rule, mapped.summaries.get(number))
        if told := cause(before[number], now):
            counts += Counts(tardios=1, causas={told: 1})
    return counts


def _latest(entity: Entity, number: int, mapped: Mapped) -> datetime | None:
    version = entity.target.version
    rows = (row for row in mapped.rows.values() if row[entity.document] == number)
    return max((row[version] for row in rows if version and row.get(version)), default=None)


def _written(connection: Connection, entity: Entity, ids: Sequence[int]) -> set[int]:
    """The documents with a row of theirs that this transaction wrote: it has the transaction's instant as its stamp."""
    found = set[int]()
    for target, document in _tables(entity):
        stamp = next((name for name, how in target.stamps.items() if how == "now()"), None)
        if stamp:
            query = sql.SQL(
                "SELECT DISTINCT {document} FROM {table} WHERE {document} = ANY(%(ids)s) AND {stamp} = now()"
            )
            names = {"document": sql.Identifier(document), "table": table_of(target), "stamp": sql.Identifier(stamp)}
            found.update(number for (number,) in fetch(connection, query.format(**names), ids=ids))
    return found


def _tables(entity: Entity) -> Iterable[tuple[Target, str]]:
    """The tables with rows of the entity's documents, and the column with the document's id in each."""
    yield entity.target, entity.document
    for step in entity.after:
        if isinstance(step, Grouped) and step.entity == entity.name:
            yield step.target, step.document
