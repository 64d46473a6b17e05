"""What the panel tells of the data itself: how fresh each table is, its oldest checks, its last reconciliation."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from blocks.banco import fetch
from flows.operacao.checks import Checks, read_checks
from flows.operacao.situacao.overview import Overview
from flows.operacao.situacao.statements import SITUACAO
from flows.operacao.situacao.words import ago, clock, number, plain
from flows.run.agreement import agreed


@dataclass(frozen=True)
class Fresh:
    """A table, or the part of it that one job keeps: `age` in seconds, None if no run of it has seen everything yet."""

    table: str
    title: str
    age: int | None
    late: bool


@dataclass(frozen=True)
class Reconciled:
    """The newest comparison of all months of an entity with its source.

    Attributes:
        title: what operators call the entity.
        at: when it began.
        months: how many it compared.
        differed: those that differed; still: those of them that differ after the repair.
    """

    title: str
    at: datetime
    months: int
    differed: tuple[str, ...]
    still: tuple[str, ...]


@dataclass(frozen=True)
class Standing:
    """All of it at one instant; `checks` by entity."""

    fresh: tuple[Fresh, ...] = ()
    checks: Mapping[str, Checks] = field(default_factory=dict)
    reconciled: tuple[Reconciled, ...] = ()


def read_standing(connection: Connection) -> Standing:
    """Read it, in three statements."""
    return Standing(
        tuple(Fresh(*row) for row in fetch(connection, SITUACAO["freshness"])),
        read_checks(connection),
        tuple(
            Reconciled(title, at, months, tuple(differed), tuple(still))
            for title, at, months, differed, still in fetch(connection, SITUACAO["reconciliations"])
        ),
    )


def told(standing: Standing, overview: Overview) -> Iterator[str]:
    """The sections of the panel, in markdown."""
    if standing.fresh:
        yield "### Frescor das tabelas"
        yield "\n".join(
            ("| Tabela | Mantida por | Segundos | |", "| :-- | :-- | --: | :-- |", *map(_fresh, standing.fresh))
        )
    yield "### Conferência com a origem"
    yield "\n".join(_reconciled(standing, overview.now)) or (
        "Nenhuma conciliação de todos os meses no último mês: `sincronia conciliacao`"
    )
    titles = {each.job: each.title for each in overview.situations}
    rows = [_checked(titles[job], standing.checks[job], overview.now) for job in titles if job in standing.checks]
    if rows:
        yield "### Releitura"
        yield "\n".join(("| Documentos de | Quantos | Conferência mais antiga |", "| :-- | --: | :-- |", *rows))


def _fresh(each: Fresh) -> str:
    age = "–" if each.age is None else number(each.age)
    return f"| {plain(each.table)} | {plain(each.title)} | {age} | {'⚠️ atrasada' if each.late else '✅'} |"


def _reconciled(standing: Standing, now: datetime) -> Iterator[str]:
    """Green for the months that agree, blue for those that were repaired, red for those that still differ."""
    if not standing.reconciled:
        return
    yield "| Entidade | Quando | Meses |"
    yield "| :-- | :-- | :-- |"
    for each in standing.reconciled:
        repaired = [month for month in each.differed if month not in each.still]
        good = max(each.months - len(repaired) - len(each.still), 0)
        parts = [f"🟩 {agreed(good, 'conferem')}"] if good or not each.months else []
        if repaired:
            parts.append(f"🟦 {agreed(len(repaired), 'reparados')}: {_months(repaired)}")
        if each.still:
            parts.append(f"🟥 {agreed(len(each.still), 'diferem')}: {_months(each.still)}")
        yield f"| {plain(each.title)} | {clock(each.at, now)}, {ago(each.at, now)} | {' · '.join(parts)} |"


def _months(months: tuple[str, ...] | list[str], most: int = 6) -> str:
    """The newest first; the UI breaks no line in a cell."""
    newest = sorted(months, reverse=True)
    return ", ".join(newest[:most]) + (f" e mais {len(newest) - most}" if len(newest) > most else "")


def _checked(title: str, each: Checks, now: datetime) -> str:
    return f"| {plain(title)} | {number(each.documents)} | {clock(each.oldest, now)}, {ago(each.oldest, now)} |"
