"""What the source does not let us see any more: kept as it is, remembered, and read once it can be seen again.

docs/decisoes/005-deletion-confirmed-by-id.md says why.
"""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

from sqlalchemy import Engine

from blocks.banco import execute, fetch, transaction
from flows.run.counts import Counts
from flows.run.writer import Writer
from flows.sync.entity import Entity, Presence, Record, Source
from flows.sync.statements import SYNC

TOLD = (
    "documentos que a origem não deixa mais ver, inteiros ou em parte: ficam como estavam; confira as regras de acesso "
    "do usuário da integração e ODOO_EMPRESAS"
)
"""What operators are told as long as something is hidden."""


Remembered = Sequence[tuple[int, Sequence[int], bool]]
"""Documents found hidden by earlier runs, which of their lines are (none: all of it is), and if that is a day old."""


@dataclass(frozen=True)
class Recalled:
    """What became of the documents that are remembered as hidden.

    Attributes:
        again: to be read in whatever version they are: they, or some of their lines, can be seen again.
        unseen: documents that cannot be seen, so that they cannot be read.
        hidden: those of them that were asked for and exist.
        gone: those of them that were asked for and do not, or are no longer what the entity reads.
    """

    again: Set[int] = frozenset()
    unseen: Set[int] = frozenset()
    hidden: Set[int] = frozenset()
    gone: Set[int] = frozenset()


def absent(presence: Presence, ids: Set[int]) -> tuple[Set[int], Set[int]]:
    """Which of the documents that were not seen are gone, and which hidden; those seen at a second look are neither.

    An answer that shows nothing is no proof: a document is gone if reading it is not refused, and if it is not among
    the visible ones when it is asked for by itself either.
    """
    if not ids:
        return frozenset(), frozenset()
    unseen = presence.hidden(ids)
    left = ids - unseen
    return left - set(presence.visible(left)) if left else left, unseen


def recall(presence: Presence, remembered: Remembered) -> Recalled:
    """Look again for what is remembered as hidden; nothing is asked of the source where nothing is.

    Whether unseen documents still exist is asked once a day, and whenever others can be seen again.
    """
    if not remembered:
        return Recalled()
    in_part = {number: set(lines) for number, lines, _ in remembered if lines}
    old = {number for number, _, expired in remembered if expired}
    whole = {number for number, *_ in remembered} - in_part.keys()
    seen = set(presence.visible(whole)) if whole else set()
    lines = presence.visible_lines(set().union(*in_part.values()))
    back = seen | {number for number, own in in_part.items() if own & lines}
    unseen = whole - seen
    asked = unseen if back else unseen & old
    gone, hidden = absent(presence, asked)
    return Recalled(back | (in_part.keys() & old), unseen, hidden, gone)


def hidden_lines(
    engine: Engine, entity: Entity, source: Source, documents: Sequence[Record]
) -> Mapping[int, frozenset[int]]:
    """By stored document, the lines that did not come with it since they may not be seen; only those with such."""
    if entity.lines is None or not documents:
        return {}
    ids = [document["id"] for document in documents]
    with transaction(engine) as connection:
        stored = dict(fetch(connection, SYNC["lines_of_documents"], entidade=entity.name, documentos=ids))
    lost = {
        document["id"]: set(stored.get(document["id"], ())) - {line["id"] for line in entity.lines_of(document)}
        for document in documents
    }
    asked = set[int]().union(*lost.values())
    hidden = source.presence.hidden_lines(asked) if asked else frozenset()
    return {number: frozenset(lines & hidden) for number, lines in lost.items() if lines & hidden}


def remember(writer: Writer, entity: Entity, ids: Sequence[int]) -> None:
    """Remember that these documents are hidden, as of now."""
    if ids:
        with writer.transaction(entity.domain) as connection:
            execute(connection, SYNC["record_hidden"], entidade=entity.name, documentos=list(ids))


def counted(documents: int) -> Counts:
    """The counts of so many documents that are hidden, whole or in part."""
    return Counts(ocultos=documents, avisos={TOLD: documents} if documents else {})
