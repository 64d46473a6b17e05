"""What the reconciliation of an entity found, for its report."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from flows.conciliacao.months import Cells, Month
from flows.conciliacao.repair import Repaired


@dataclass(frozen=True)
class Compared:
    """What the first two levels found.

    Attributes:
        months: that were compared.
        ours: our totals by month; under None those of rows without a day.
        theirs: the source's totals of the months that differ.
        causes: by document to be read again, why.
    """

    months: Sequence[Month] = ()
    ours: Mapping[Month | None, Cells] = field(default_factory=dict)
    theirs: Mapping[Month | None, Cells] = field(default_factory=dict)
    causes: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Found:
    """What the reconciliation of an entity found and did.

    Attributes:
        name, title: the entity's.
        cuts, measures: what its totals are told apart by and sum, in the operators' words.
        compared: what differed.
        repaired: what became of the documents.
        left: documents that wait for the next run, since one run reads no more than `MOST`.
        still: the months that differ even now, with the totals of both sides (ours, theirs).
        closing: the totals of each month part by part; empty unless they were asked for.
        calls: requests to the source.
        skipped: why it was not compared; None: it was.
    """

    name: str
    title: str
    cuts: Sequence[str] = ()
    measures: Sequence[str] = ()
    compared: Compared = field(default_factory=Compared)
    repaired: Repaired = field(default_factory=Repaired)
    left: int = 0
    still: Mapping[Month | None, tuple[Cells, Cells]] = field(default_factory=dict)
    closing: pd.DataFrame = field(default_factory=pd.DataFrame)
    calls: int = 0
    skipped: str | None = None

    @property
    def agreed(self) -> bool:
        """Whether nothing differed."""
        return self.skipped is None and not self.compared.theirs and not self.compared.causes
