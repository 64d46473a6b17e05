"""What is known of an entity's documents, and where the source differs from it.

Counts are compared first, of everything and then by halves; ids are asked for only where the counts differ, so that a
quiet run costs two counts, however much is stored.
"""

from collections.abc import Collection, Iterator, Mapping, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine

from blocks.banco import fetch, transaction
from flows.sync.entity import Presence
from flows.sync.statements import SYNC

BLOCK = 1000
"""Documents whose ids are compared together."""

_GREATEST = 2**63 - 1

_KNOWN = SYNC["known_documents"]
_MIDDLE = f"SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY documento_id) FROM ({_KNOWN}) k"  # noqa: S608 - ours
_ENDS = f"""
SELECT documento_id
FROM (SELECT documento_id, row_number() OVER (ORDER BY documento_id) AS n FROM ({_KNOWN}) k) o
WHERE n %% {BLOCK} = 0
ORDER BY documento_id
"""  # noqa: S608

Range = tuple[int | None, int | None]
"""The first and the last id; None is no bound."""


@dataclass(frozen=True)
class Lines:
    """The lines of a known document, by their ids.

    Attributes:
        version: in which the document is stored; None if it is only kept aside, so that not all lines are known.
        stored: those that it had when it was read, less those that are hidden.
        aside: those in quarantine.
    """

    version: datetime | None
    stored: Set[int]
    aside: Set[int]


@dataclass(frozen=True)
class Known:
    """The documents of an entity that are stored or kept aside, and not hidden."""

    engine: Engine
    entity: str

    def counted(
        self, ids: Range = (None, None), *, only: Collection[int] | None = None, without: Collection[int] = ()
    ) -> tuple[int, int]:
        """How many documents there are in the range, and how many lines they have.

        `only` counts nothing but these documents, and `without` all but these.
        """
        documents, lines, _ = self._counts(ids, only, without)
        return documents, lines

    def totals(self) -> tuple[int, int, int]:
        """How many documents there are, how many lines they have, and how many of them have none."""
        return self._counts((None, None))

    def between(self, ids: Range) -> Mapping[int, Lines]:
        """The documents in the range."""
        rows = self._fetch(SYNC["known_documents"], ids)
        return {number: Lines(version, set(lines), set(aside)) for number, version, lines, aside in rows}

    def ranges(self) -> list[Range]:
        """All ids, in ranges of `BLOCK` known documents."""
        ends = [number for (number,) in self._fetch(_ENDS, (None, None))]
        return list(zip([None, *(end + 1 for end in ends)], [*ends, None], strict=True))

    def differing(self, presence: Presence, counted: tuple[int, int]) -> Iterator[Range]:
        """The ranges, of `BLOCK` known documents at most, in which the source counts other than we do.

        `counted` is what `counted()` gave for all ids.
        """
        everything: Range = (None, None)
        open_ranges = [(everything, counted, presence.counted(None, None))]
        while open_ranges:
            (first, last), ours, theirs = open_ranges.pop()
            if ours == theirs:
                continue
            if ours[0] <= BLOCK:
                yield first, last
                continue
            [(middle,)] = self._fetch(_MIDDLE, (first, last))
            below, below_there = self.counted((first, middle)), presence.counted(first, middle)
            above = (ours[0] - below[0], ours[1] - below[1])
            above_there = (theirs[0] - below_there[0], theirs[1] - below_there[1])
            open_ranges += [((first, middle), below, below_there), ((middle + 1, last), above, above_there)]

    def _counts(
        self, ids: Range, only: Collection[int] | None = None, without: Collection[int] = ()
    ) -> tuple[int, int, int]:
        some = {"so": None if only is None else list(only), "sem": list(without)}
        [(documents, lines, bare)] = self._fetch(SYNC["known_counts"], ids, **some)
        return documents, lines, bare

    def _fetch(self, query: str, ids: Range, **more: Any) -> list[Any]:
        first, last = ids
        with transaction(self.engine) as connection:
            return fetch(
                connection,
                query,
                entidade=self.entity,
                de=0 if first is None else first,
                ate=_GREATEST if last is None else last,
                **more,
            )
