"""Both sides of one entity compared: totals, then lines, then contents, each only where needed."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import partial

import pandas as pd

from blocks.banco import transaction
from blocks.odoo import local_day
from flows.conciliacao import lines
from flows.conciliacao.closing import closing as closing_of
from flows.conciliacao.found import Compared, Found
from flows.conciliacao.months import Cells, Month, added, agree, between, differing, less
from flows.conciliacao.ours import Ours
from flows.conciliacao.parties import other_parties, refused_ids
from flows.conciliacao.repair import Repaired, repair
from flows.conciliacao.theirs import Theirs, theirs
from flows.run.errors import SourceChanged
from flows.run.steps import Step
from flows.sync.standing import read_standing
from flows.sync.sync import Sync
from flows.sync.totals import Totals

MOST = 2000
"""Documents that one run reads again of an entity, the newest first; the others wait for the next one."""

LATEST = 2
"""Months of which the closing is shown where no period was asked for, besides those that differ."""


class Comparison:
    """Both sides of an entity, for one run."""

    def __init__(self, sync: Sync, totals: Totals) -> None:
        self.sync, self.totals = sync, totals
        self.engine, self.entity, self.source = sync.run.writer.engine, sync.entity, sync.source
        self.stale: set[int] = set()

    def done(self, months: Sequence[Month], closed: bool) -> Found:
        """Compare, repair, and compare again what differed."""
        with transaction(self.engine) as connection:
            standing = read_standing(connection, self.entity.name)
        if standing.checkpoint is None:
            return self._found(skipped="ainda sem a primeira carga completa")
        if standing.kind not in (None, self.source.kind):
            raise SourceChanged(
                f"{self.entity.title}: a tabela foi preenchida de {standing.kind}, e a origem agora é "
                f"{self.source.kind}; nada foi comparado"
            )
        compared = self.sync.run.submit(self._step(months)).result()
        newest = sorted(compared.causes, reverse=True)
        repaired = repair(self.sync, newest[:MOST])
        compared = replace(compared, causes=_told(compared.causes, repaired))
        still, table = {}, pd.DataFrame()
        if compared.theirs or closed:
            ours, theirs = self._sides()
            now = ours.by_month()
            still = _still(theirs, now, compared.theirs) if newest else _both(now, compared.theirs)
            if closed:
                shown = [*months] or sorted({*_dated(compared.theirs), *compared.months[-LATEST:]})
                table = closing_of(theirs, shown, now, ours.by_month("hidden"))
        return self._found(
            compared=compared,
            repaired=repaired,
            left=max(len(newest) - MOST, 0),
            still=still,
            closing=table,
        )

    def _step(self, months: Sequence[Month]) -> Step[Compared]:
        def told(found: Compared) -> str:
            span = f"{found.months[0]} a {found.months[-1]}" if found.months else "nenhum mês"
            return f"{span}; {len(found.theirs)} meses diferem, {len(found.causes)} documentos a reler"

        title = f"🔎 Comparação de {self.entity.name}"
        return Step("comparar", f"comparar {self.entity.name}", title, partial(self._compare, months), told)

    def _sides(self) -> tuple[Ours, Theirs]:
        settings, sums = self.sync.run.settings, self.source.sums
        here = Ours(self.engine, self.entity, self.totals, self.totals.cuts, self.totals.measures, self.stale)
        there = theirs(sums, self.totals, lambda rule: refused_ids(sums, rule, settings), here.apart())
        return replace(here, cuts=tuple(there.cuts), measures=tuple(there.measures)), there

    def _compare(self, asked: Sequence[Month]) -> Compared:
        """The first level, and the second where that differs."""
        ours, there = self._sides()
        whole = there.in_months(asked)
        self.stale = there.stale()
        if self.stale:  # what they add up to says nothing: they are left out, and read again
            ours, there = self._sides()
            whole = there.in_months(asked)
        here = ours.by_month()
        months = list(asked) or _known(here)
        differ: dict[Month | None, Cells] = {}
        if not agree(added(here.get(month, {}) for month in months) if asked else added(here.values()), whole):
            if not asked:
                undated = there.undated()
                differ |= {} if agree(here.get(None, {}), undated) else {None: undated}
                whole = less(whole, undated)
                months = self._all_months(months)
            for differs, cells in differing(months, here, there.in_months, whole).items():
                differ[differs] = cells
        causes: dict[int, str] = {}
        for month in differ:
            causes |= self._lines(ours, there, month)
        if not asked:
            causes = other_parties(ours, self.source.sums, self.totals.party) | causes
        badly = dict.fromkeys(ours.badly_grouped(), lines.BADLY_GROUPED)
        return Compared(months, here, differ, badly | causes | dict.fromkeys(self.stale, lines.STALE))

    def _lines(self, ours: Ours, there: Theirs, month: Month | None) -> dict[int, str]:
        """The documents of a month to read again; all of it if its lines do not explain why its totals differ."""
        mine, other = ours.lines(month), there.lines(month)
        documents = {int(each) for frame in (mine, other) for each in frame["documento"]}
        versions = ours.versions(documents)
        found = lines.differing(mine, other, versions, ours.checkpoint())
        return found or dict.fromkeys(sorted(documents), lines.NO_CAUSE)

    def _all_months(self, known: Sequence[Month]) -> list[Month]:
        """All months of which either side has a document."""
        days = [_day(each) for each in self.source.sums.span(self.totals.day)]
        ends = [*known[:1], *known[-1:], *(Month.of(day) for day in days if day)]
        return between(min(ends), max(ends)) if ends else []

    def _found(self, **told: object) -> Found:
        cuts, measures = (tuple(each.told for each in some) for some in (self.totals.cuts, self.totals.measures))
        return Found(self.entity.name, self.entity.title, cuts, measures, calls=self.source.calls, **told)  # type: ignore[arg-type]


def _told(causes: Mapping[int, str], repaired: Repaired) -> dict[int, str]:
    """The causes without those documents that only the source contradicts itself about: they were right here."""
    changed = {*repaired.changes["documento"], *repaired.gone}
    return {document: cause for document, cause in causes.items() if cause != lines.STALE or document in changed}


def _known(cells: Mapping[Month | None, Cells]) -> list[Month]:
    dated = _dated(cells)
    return between(dated[0], dated[-1]) if dated else []


def _dated(cells: Mapping[Month | None, Cells]) -> list[Month]:
    return sorted(month for month in cells if month is not None)


def _day(text: str | None) -> date | None:
    """The day of a date, or in São Paulo of a datetime."""
    if text is None:
        return None
    return local_day(text) if len(text) > len("2026-11-28") else datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007


def _still(
    there: Theirs, now: Mapping[Month | None, Cells], before: Mapping[Month | None, Cells]
) -> dict[Month | None, tuple[Cells, Cells]]:
    """The months that differ even now, after the repair."""
    found = {month: there.in_months([month]) if month else there.undated() for month in before}
    return {
        month: (now.get(month, {}), cells) for month, cells in found.items() if not agree(now.get(month, {}), cells)
    }


def _both(
    now: Mapping[Month | None, Cells], before: Mapping[Month | None, Cells]
) -> dict[Month | None, tuple[Cells, Cells]]:
    return {month: (now.get(month, {}), cells) for month, cells in before.items()}
