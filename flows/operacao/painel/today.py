"""The artifacts `hoje-<domínio>`: which documents changed in the source today, by domain."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from blocks.banco import fetch
from blocks.zone import BUSINESS_ZONE
from flows.operacao.situacao.statements import SITUACAO
from flows.operacao.situacao.words import number, plain
from flows.run.agreement import agreed

PREFIX = "hoje-"
SHOWN = 200
"""Documents of a domain that are shown at most, the newest."""

NOTE = (
    "De cada documento a última mudança de hoje na origem (no Tiny e na produção: a última gravada aqui). "
    "Quem o mudou não aparece: o Odoo só o diz a quem pergunta também por isso, e o Tiny não o diz; veja-o lá."
)


@dataclass(frozen=True)
class Changed:
    """A document: what operators call its kind, its number, when it changed last, and whether it is gone."""

    title: str
    number: str
    at: datetime
    gone: bool


@dataclass(frozen=True)
class Today:
    """The documents of a domain that changed today, the newest first, at most `SHOWN`; `total`: how many there are."""

    changed: tuple[Changed, ...] = ()
    total: int = 0


def read_today(connection: Connection, now: datetime, domains: Sequence[str]) -> Mapping[str, Today]:
    """What changed since midnight in São Paulo, by domain; every one of `domains` is there."""
    since = now.astimezone(BUSINESS_ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
    found: dict[str, list[Changed]] = {domain: [] for domain in domains}
    totals: dict[str, int] = {}
    for domain, title, told, at, gone, total in fetch(connection, SITUACAO["changed_today"], since=since, most=SHOWN):
        found.setdefault(domain, []).append(Changed(title, told, at, gone))
        totals[domain] = total
    return {domain: Today(tuple(some), totals.get(domain, 0)) for domain, some in found.items()}


def markdown(domain: str, today: Today, now: datetime) -> str:
    """The artifact's text."""
    local = now.astimezone(BUSINESS_ZONE)
    parts = [
        f"## {headline(domain, today)}",
        f"Desde a meia-noite de {local:%d/%m/%Y} até {local:%H:%M} (São Paulo). {NOTE}",
    ]
    if today.changed:
        rows = (
            f"| {each.at.astimezone(BUSINESS_ZONE):%H:%M:%S} | {plain(each.title)} | {plain(each.number)} | "
            f"{'excluído na origem' if each.gone else ''} |"
            for each in today.changed
        )
        parts.append("\n".join(("| Hora | De quê | Número | |", "| :-- | :-- | :-- | :-- |", *rows)))
    if today.total > len(today.changed):
        parts.append(f"E mais {number(today.total - len(today.changed))}, mais antigos.")
    return "\n\n".join(parts)


def headline(domain: str, today: Today) -> str:
    """How many, in one line."""
    if not today.total:
        return f"{domain}: nada mudou hoje"
    return f"{domain}: {agreed(today.total, 'documentos mudaram', number(today.total))} hoje"
