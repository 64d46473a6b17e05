"""Documents deleted in the source: believed only when asked for by id, and never too many at once."""

from sqlalchemy import Engine

from blocks.banco import fetch, transaction
from flows.engine import quarantine
from flows.engine.entity import Entity, Source
from flows.engine.errors import DeletionRefused

ALWAYS_ALLOWED = 10
"""So many deletions at once are believed whatever their share (design §3)."""


def deleted(engine: Engine, entity: Entity, source: Source, share: float) -> list[int]:
    """Stored or quarantined documents that the source, asked by id, no longer has.

    Raises:
        DeletionRefused: more than `share` of those asked for (and more than 10) would vanish at once.
        SincroniaError: the source could not be asked; nothing may be concluded from that.
    """
    if entity.deletable is None:
        return []
    with transaction(engine) as connection:
        found = fetch(connection, entity.statements[entity.deletable], entidade=entity.name)
        stored = {number for (number,) in found}.union(quarantine.unresolved(connection, entity.name))
    missing = sorted(stored - source.existing(stored))
    if refuses(len(missing), len(stored), share):
        raise DeletionRefused(
            f"{entity.title}: {len(missing)} de {len(stored)} documentos sumiriam de uma vez (limite {share:.0%}); "
            "nada foi desativado. Confira o acesso do usuário na origem; se a exclusão for real, aumente "
            f"LIMITE_EXCLUSAO para esta execução. Exemplos de id: {missing[:5]}"
        )
    return missing


def refuses(missing: int, stored: int, share: float) -> bool:
    """Whether so many deletions at once are more likely a fault of the source than the truth."""
    return missing > max(ALWAYS_ALLOWED, stored * share)
