"""What was deleted in the source: believed only when asked for by id, and never too much at once."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine

from blocks.banco import fetch, transaction
from flows.run import quarantine
from flows.run.batches import chunks
from flows.run.deletions import most_believed
from flows.run.errors import DeletionRefused
from flows.sync.entity import Entity, Listed, Source
from flows.sync.statements import SYNC

DOCUMENTS_AT_ONCE = 1000
"""Whose lines are asked for together, so that memory does not grow with what is stored."""


@dataclass(frozen=True)
class Missing:
    """What the source no longer has: whole documents, and documents (as stored) that lost a line without a trace."""

    documents: tuple[int, ...] = ()
    shrunk: tuple[Listed, ...] = ()


def missing(engine: Engine, entity: Entity, source: Source, share: float) -> Missing:
    """Stored or kept-aside documents, and stored lines, that the source, asked by id, no longer has.

    Raises:
        DeletionRefused: more of those asked for would vanish at once than is believed, given `share`.
        SincroniaError: the source could not be asked; nothing may be concluded from that.
    """
    if entity.deletable is None:
        return Missing()
    with transaction(engine) as connection:
        found = fetch(connection, entity.deletable, entidade=entity.name)
        stored = {number for (number,) in found}.union(quarantine.unresolved(connection, entity.name))
    gone = stored - source.existing(stored)
    _refuse(entity, "documentos", gone, len(stored), share)
    return Missing(tuple(sorted(gone)), _shrunk(engine, entity, source, stored - gone, share))


def _shrunk(
    engine: Engine, entity: Entity, source: Source, documents: Collection[int], share: float
) -> tuple[Listed, ...]:
    """Those of the documents of which a line is gone: deleting one need not move any write date."""
    asked, gone, shrunk = 0, set[int](), dict[int, datetime]()
    for some in chunks(tuple(sorted(documents)), DOCUMENTS_AT_ONCE):
        with transaction(engine) as connection:
            rows = fetch(connection, SYNC["lines_of_documents"], entidade=entity.name, documentos=list(some))
        lines = {line for _, _, line in rows}
        missing_now = lines - source.existing_lines(lines) if lines else set[int]()
        asked, gone = asked + len(lines), gone | missing_now
        shrunk |= {number: version for number, version, line in rows if line in missing_now}
    _refuse(entity, "linhas", gone, asked, share)
    return tuple(sorted(shrunk.items()))


def _refuse(entity: Entity, what: str, gone: Collection[int], asked: int, share: float) -> None:
    if len(gone) > most_believed(asked, share):
        raise DeletionRefused(
            f"{entity.title}: {len(gone)} de {asked} {what} sumiriam de uma vez (limite {share:.0%}); "
            "nada foi desativado. Confira o acesso do usuário na origem; se a exclusão for real, aumente "
            f"LIMITE_EXCLUSAO para esta execução. Exemplos de id: {sorted(gone)[:5]}"
        )
