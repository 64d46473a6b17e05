"""What a run read and wrote, in numbers that can be added up."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any


@dataclass(frozen=True)
class Counts:
    """Lines read and what became of them, and rows written.

    `lidos = novos + atualizados + inalterados + ignorados + rejeitados` for what was read;
    documents that did not need reading add their rows to `inalterados` and `assentados` alike.

    Attributes:
        documentos: documents read whole.
        lidos: their lines.
        novos: rows inserted.
        atualizados: rows that differed and were updated.
        inalterados: rows that were already right.
        ignorados: lines that are not meant to be rows (`motivos` says why).
        rejeitados: lines in quarantine.
        removidos: rows deactivated because their line or document is gone from the source.
        assentados: rows of settled documents, which were not read (docs/decisoes/004-settled-documents.md).
        ocultos: documents that the source does not let us see any more, whole or some of their lines: they are kept.
        tardios: documents whose change an earlier window should have shown and did not.
        motivos: ignored lines by reason.
        efeitos: rows that followed from these, by what operators call them (`lotes liberados`).
        avisos: what operators are warned of, by what they are told (`linhas sem CNPJ: corrija no Odoo`).
        causas: late documents by cause, as far as it can be told (flows/sync/late.py).
    """

    documentos: int = 0
    lidos: int = 0
    novos: int = 0
    atualizados: int = 0
    inalterados: int = 0
    ignorados: int = 0
    rejeitados: int = 0
    removidos: int = 0
    assentados: int = 0
    ocultos: int = 0
    tardios: int = 0
    motivos: Mapping[str, int] = field(default_factory=dict)
    efeitos: Mapping[str, int] = field(default_factory=dict)
    avisos: Mapping[str, int] = field(default_factory=dict)
    causas: Mapping[str, int] = field(default_factory=dict)

    def __add__(self, other: "Counts") -> "Counts":
        def total(name: str) -> Any:
            mine, theirs = getattr(self, name), getattr(other, name)
            return mine + theirs if isinstance(mine, int) else _added(mine, theirs)

        return Counts(**{item.name: total(item.name) for item in fields(self)})

    @classmethod
    def of(cls, details: Mapping[str, Any]) -> "Counts":
        """The counts in `details`, the column of `log_integracao`; those that are missing there are zero."""
        known = {item.name: details[item.name] for item in fields(cls) if details.get(item.name)}
        return cls(**known)

    def as_dict(self) -> dict[str, Any]:
        """Plain numbers, ready for JSON."""
        return asdict(self)


def _added(one: Mapping[str, int], other: Mapping[str, int]) -> dict[str, int]:
    return {name: one.get(name, 0) + other.get(name, 0) for name in sorted({*one, *other})}
