"""What a run read and wrote, in numbers that can be added up."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from flows.run.agreement import agreed


@dataclass(frozen=True)
class Counts:
    """Lines read and what became of them, and rows written.

    `lidos = novos + atualizados + inalterados + ignorados + rejeitados` for what was read;
    documents that did not need reading add their rows to `inalterados` and `assentados` alike. People are shown
    `became` instead, where those are apart.

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

    @property
    def became(self) -> dict[str, int]:
        """What became of the lines read, by name, without zeros: it adds up to `lidos`.

        Lines that the run did not come to, because it ended early, are `por tratar`. Records that went to quarantine
        besides the lines read are not among these.
        """
        found = {
            "novos": self.novos,
            "atualizados": self.atualizados,
            "inalterados": max(self.inalterados - self.assentados, 0),
            "ignorados": self.ignorados,
        }
        found["rejeitados"] = min(self.rejeitados, max(self.lidos - sum(found.values()), 0))
        found["por tratar"] = self.lidos - sum(found.values())
        return {name: number for name, number in found.items() if number}

    @property
    def besides(self) -> dict[str, int]:
        """What happened beside the lines read, by name, without zeros.

        `rejeitados à parte` are records in quarantine that are no further lines: a line that was stored and claims
        another document's number, a document without lines, or a deleted one, of which
        something does not fit.
        """
        found = {
            "assentados": self.assentados,
            "rejeitados à parte": self.rejeitados - self.became.get("rejeitados", 0),
            "removidos": self.removidos,
            "ocultos": self.ocultos,
        }
        return {name: number for name, number in found.items() if number}

    def as_dict(self) -> dict[str, Any]:
        """Plain numbers, ready for JSON."""
        return asdict(self)


def described(counts: Counts) -> str:
    """The lines read, in brackets what became of them, which adds up, and what happened besides; empty: nothing."""
    besides = [agreed(number, name) for name, number in counts.besides.items()]
    if not counts.lidos:
        return ", ".join(besides)
    became = ", ".join(agreed(number, name) for name, number in counts.became.items())
    return ", ".join([f"{agreed(counts.lidos, 'lidos')} ({became})", *besides])


def _added(one: Mapping[str, int], other: Mapping[str, int]) -> dict[str, int]:
    return {name: one.get(name, 0) + other.get(name, 0) for name in sorted({*one, *other})}
