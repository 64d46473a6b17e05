"""What was deleted in the source: believed only when asked for by id, and never too much at once."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Engine

from blocks.banco import fetch, transaction
from flows.engine import quarantine
from flows.engine.entity import Entity, Listed, Source
from flows.engine.errors import DeletionRefused
from flows.engine.statements import ENGINE

ALWAYS_ALLOWED = 10
"""So many deletions at once are believed whatever their share (design §3)."""


@dataclass(frozen=True)
class Missing:
    """What the source no longer has: whole documents, and documents (as stored) that lost a line without a trace."""

    documents: tuple[int, ...] = ()
    shrunk: tuple[Listed, ...] = ()


def missing(engine: Engine, entity: Entity, source: Source, share: float) -> Missing:
    """Stored or kept-aside documents, and stored lines, that the source, asked by id, no longer has.

    Raises:
        DeletionRefused: more than `share` of those asked for (and more than 10) would vanish at once.
        SincroniaError: the source could not be asked; nothing may be concluded from that.
    """
    if entity.deletable is None:
        return Missing()
    with transaction(engine) as connection:
        found = fetch(connection, entity.statements[entity.deletable], entidade=entity.name)
        stored = {number for (number,) in found}.union(quarantine.unresolved(connection, entity.name))
    gone = stored - source.existing(stored)
    _refuse(entity, "documentos", gone, stored, share)
    return Missing(tuple(sorted(gone)), _shrunk(engine, entity, source, stored - gone, share))


def refuses(missing: int, stored: int, share: float) -> bool:
    """Whether so many deletions at once are more likely a fault of the source than the truth."""
    return missing > max(ALWAYS_ALLOWED, stored * share)


def _shrunk(
    engine: Engine, entity: Entity, source: Source, documents: Collection[int], share: float
) -> tuple[Listed, ...]:
    """Those of the documents of which a line is gone: deleting one need not move any write date (behaviour.md §5)."""
    with transaction(engine) as connection:
        rows = fetch(connection, ENGINE["lines_of_documents"], entidade=entity.name, documentos=list(documents))
    stored = {line for _, _, line in rows}
    gone = stored - source.existing_lines(stored) if stored else set()
    _refuse(entity, "linhas", gone, stored, share)
    return tuple(sorted({number: version for number, version, line in rows if line in gone}.items()))


def _refuse(entity: Entity, what: str, gone: Collection[int], stored: Collection[int], share: float) -> None:
    if refuses(len(gone), len(stored), share):
        raise DeletionRefused(
            f"{entity.title}: {len(gone)} de {len(stored)} {what} sumiriam de uma vez (limite {share:.0%}); "
            "nada foi desativado. Confira o acesso do usuário na origem; se a exclusão for real, aumente "
            f"LIMITE_EXCLUSAO para esta execução. Exemplos de id: {sorted(gone)[:5]}"
        )
