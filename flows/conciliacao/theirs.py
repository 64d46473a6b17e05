"""The source's side of the comparison: what its documents add up to, and their lines."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pandas as pd

from blocks.odoo import Record, Sums, latest
from blocks.odoo.records import Leaf
from blocks.odoo.sums import DOCUMENT
from flows.conciliacao.months import Cell, Cells, Month, added
from flows.sync.totals import CURRENCY, Cut, Measure, Refused, Totals

Conditions = list[Leaf | str]
"""A domain of Odoo on paths of the declaration."""


@dataclass(frozen=True)
class Applied:
    """A rule as this server can be asked: why lines are no rows, and what holds of those that are."""

    reason: str
    kept: Conditions


ASIDE, HIDDEN, RETURNED = "em quarentena", "oculto na origem", "devolvido por inteiro"
STALE = "o documento e as suas linhas não dizem o mesmo na origem"
"""Why lines need not be rows here although no rule leaves them out."""


@dataclass(frozen=True)
class Apart:
    """What is known here of lines that need not be rows.

    Attributes:
        lines, documents: in quarantine, the latter as a whole.
        hidden: documents that may not be seen.
        dormant: lines whose row does not count.
        stale: documents whose state in the source is not what their lines repeat of it.
    """

    lines: Sequence[int] = ()
    documents: Sequence[int] = ()
    hidden: Sequence[int] = ()
    dormant: Sequence[int] = ()
    stale: Sequence[int] = ()


@dataclass(frozen=True)
class Theirs:
    """The documents of a source, for one entity.

    Attributes:
        sums: adds them up.
        totals: how.
        cuts: those by which this server can group, each with the fields of a line to group by (None: it has no such).
        measures: those that this server can sum, each with its field of a line.
        rules: those that apply on this server.
        apart: what else tells lines that need not be rows here: kept aside, hidden, returned.
        seen: by field of a line, the values that groups have shown.
    """

    sums: Sums
    totals: Totals
    cuts: Mapping[Cut, tuple[str | None, ...]]
    measures: Mapping[Measure, str]
    rules: tuple[Applied, ...]
    apart: tuple[Applied, ...]
    seen: dict[str, set[Any]] = field(default_factory=dict)

    @cached_property
    def rows(self) -> Conditions:
        """What holds of the lines that should be rows here."""
        return [leaf for rule in (*self.rules, *self.apart) for leaf in rule.kept]

    def in_months(self, months: Sequence[Month], domain: Conditions | None = None) -> Cells:
        """What lines in some months that follow each other add up to; none: in all there are."""
        span = self.sums.during(self.totals.day, months[0].first, months[-1].next.first) if months else []
        return self._cells([*span, *(self.rows if domain is None else domain)])

    def undated(self) -> Cells:
        """What the lines of documents without a date add up to."""
        return self._cells([(self.totals.day, "=", False), *self.rows])

    def stale(self) -> set[int]:
        """Documents whose state is not what their lines repeat of it, as far as groups have shown the lines."""
        repeated = [
            (path, name)
            for cut in self._plain
            for (path, _), name in zip(cut.fields, self.cuts[cut], strict=True)
            if name and "." not in name and not path.startswith(f"{self.sums.documents.lines}.")
        ]
        found = [self.sums.stale(path, name, self.seen.get(name, set())) for path, name in repeated]
        return set[int]().union(*found)

    def lines(self, month: Month | None) -> pd.DataFrame:
        """The lines of a month: `linha`, `documento`, `versao` (of line and header), `situacao`, the measures."""
        day = self.totals.day
        undated: Conditions = [(day, "=", False)]
        span = self.sums.during(day, month.first, month.next.first) if month else undated
        headers = {each["id"]: each for page in self._headers(span) for each in page}
        rows = [self._row(line, headers) for page in self._lines([*span, *self.rows]) for line in page]
        columns = ["linha", "documento", "versao", "situacao", *(each.told for each in self.measures)]
        return pd.DataFrame(rows, columns=columns)

    def _cells(self, domain: Conditions) -> Cells:
        by = [name for names in self.cuts.values() for name in names if name]
        groups = self.sums.grouped(domain, by, list(self.measures.values()))
        for group in groups:
            for name, value in zip(by, group.values, strict=True):
                self.seen.setdefault(name, set()).add(value)

        def key(values: tuple[Any, ...]) -> tuple[str, ...]:
            left = iter(values)
            return tuple(cut.said([next(left) if name else None for name in names]) for cut, names in self.cuts.items())

        return added({key(group.values): Cell(group.documents, group.lines, group.sums)} for group in groups)

    @property
    def _plain(self) -> list[Cut]:
        """The cuts that pages of records can tell: a many2one has no label there."""
        return [cut for cut in self.cuts if cut is not CURRENCY]

    def _headers(self, span: Conditions) -> Iterator[list[Record]]:
        """Pages of the documents of a month, with the date and the values that their lines do not tell."""
        lines = self.sums.documents.lines
        if lines is None:
            return iter(())
        paths = [path for cut in self._plain for path, _ in cut.fields if not path.startswith(f"{lines}.")]
        return self.sums.headers(span, [self.sums.documents.written, *paths])

    def _lines(self, domain: Conditions) -> Iterator[list[Record]]:
        own = {name for cut in self._plain for name in self.cuts[cut] if name and "." not in name}
        parent = {self.sums.parent} - {"id"}
        return self.sums.lines(domain, sorted({"write_date", *parent, *self.measures.values(), *own}))

    def _row(self, line: Record, headers: Mapping[int, Record]) -> tuple[Any, ...]:
        header = headers.get(line[self.sums.parent], {})

        def value(path: str, name: str | None) -> Any:
            return header[path] if path in header else line.get(name or "")

        said = [
            cut.said([value(path, name) for (path, _), name in zip(cut.fields, self.cuts[cut], strict=True)])
            for cut in self._plain
        ]
        version = latest(line["write_date"], header.get(self.sums.documents.written))
        measures = [line[name] for name in self.measures.values()]
        return (line["id"], line[self.sums.parent], version, "|".join(said), *measures)


def theirs(sums: Sums, totals: Totals, refused: Callable[[Refused], Sequence[int]], known: Apart) -> Theirs:
    """The source's side of an entity with these `totals`.

    Args:
        sums: of the source.
        totals: the declaration.
        refused: gives the ids of the records that a rule refuses.
        known: what is known here of lines that need not be rows.
    """
    cuts = {cut: _fields(sums, cut) for cut in totals.cuts}
    measures = {each: name for each in totals.measures if (name := sums.summable(each.path))}
    rules = [Applied(rule.reason, kept) for rule in totals.rules if (kept := _applied(sums, rule.kept))]
    rules += [
        Applied(each.reason, [(each.path, "not in", ids)]) for each in totals.refused if (ids := list(refused(each)))
    ]
    aside: Conditions = [
        *([("id", "not in", list(known.lines))] if known.lines else []),
        *([(DOCUMENT, "not in", list(known.documents))] if known.documents else []),
    ]
    hidden: Conditions = [(DOCUMENT, "not in", list(known.hidden))] if known.hidden else []
    asleep: Conditions = []
    if known.dormant and all(sums.has(path) for path, *_ in totals.dormant):
        asleep = ["!", *negatable([("id", "in", list(known.dormant)), *totals.dormant])]
    stale: Conditions = [(DOCUMENT, "not in", list(known.stale))] if known.stale else []
    told = ((ASIDE, aside), (HIDDEN, hidden), (RETURNED, asleep), (STALE, stale))
    return Theirs(
        sums,
        totals,
        {cut: names for cut, names in cuts.items() if names is not None},
        measures,
        tuple(rules),
        tuple(Applied(reason, kept) for reason, kept in told if kept),
    )


def negatable(leaves: Sequence[Leaf | str]) -> Conditions:
    """Conditions that all hold, as one term."""
    return [*(["&"] * (len(leaves) - 1)), *leaves]


def _fields(sums: Sums, cut: Cut) -> tuple[str | None, ...] | None:
    """The fields of a line to group by; None if the server has one that it cannot group by."""
    names = tuple(sums.groupable(path, stored) if sums.has(path) else None for path, stored in cut.fields)
    lacking = [path for (path, _), name in zip(cut.fields, names, strict=True) if name is None and sums.has(path)]
    return None if lacking or not any(names) else names


def _applied(sums: Sums, kept: Collection[Sequence[Leaf]]) -> Conditions:
    """The first of several conditions whose fields the server has; none: the rule does not apply there."""
    return next(([*condition] for condition in kept if all(sums.has(path) for path, *_ in condition)), [])
