"""How old the check of an entity's documents is, and how many are of the rule by which rows are made now."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from blocks.banco import fetch
from flows.operacao.situacao.statements import SITUACAO


@dataclass(frozen=True)
class Checks:
    """The documents of an entity, without deleted and hidden ones.

    Attributes:
        documents: how many there are.
        current: how many of them are of the rule of the entity's last run.
        oldest: when the one was checked that was checked longest ago, aware UTC.
    """

    documents: int
    current: int
    oldest: datetime

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "documentos": self.documents,
            "na_regra_atual": self.current,
            "mais_antiga": self.oldest.isoformat(),
        }


def read_checks(connection: Connection) -> dict[str, Checks]:
    """The checks by entity; of those that have documents."""
    return {entity: Checks(*rest) for entity, *rest in fetch(connection, SITUACAO["checks"])}
