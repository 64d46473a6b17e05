"""Totals over all runs in `log_integracao`, brought up to date without reading the whole log again."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import Connection

from blocks.banco import fetch, load

SQL = load("flows.operacao", "metricas.sql")

BUCKETS = (1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0, 7200.0, 14400.0, 43200.0)
"""Upper bounds of the durations' histogram, in seconds."""
OUTCOMES = ("novos", "atualizados", "inalterados", "ignorados", "rejeitados", "removidos")
DOCUMENTS, LATE, CALLS, STATUS_CHANGES = "documentos", "tardios", "chamadas", "mudanças de situação"
COUNTED = (*OUTCOMES, DOCUMENTS, LATE, CALLS, STATUS_CHANGES)
"""The numbers that are added up out of the runs' details and effects."""

MARGIN = timedelta(minutes=10)
"""Longer than any transaction that writes the log takes: rows that began earlier are all visible."""
AT_ONCE = 20_000
"""Rows that one statement reads at most: only the first reading of a long log takes several."""


@dataclass
class Totals:
    """Every run that ended, counted once, when it was first seen ended. They never fall.

    Begun anew from an empty state they come to the same numbers, unless rows were deleted from the log.

    Attributes:
        runs: by job and status.
        seconds: their durations' sum, by job; a run that was killed has none.
        buckets: by job and index: durations up to `BUCKETS[index]` and above the bound before it.
        counts: by job and name (`COUNTED`).
    """

    runs: Counter[tuple[str, str]] = field(default_factory=Counter)
    seconds: Counter[str] = field(default_factory=Counter)
    buckets: Counter[tuple[str, int]] = field(default_factory=Counter)
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    _floor: int = 0
    _open: list[int] = field(default_factory=list)
    _counted: list[int] = field(default_factory=list)

    def update(self, connection: Connection) -> None:
        """Add what ended since the last update."""
        while self._step(connection):
            pass

    def jobs(self) -> set[str]:
        """All that ever ran."""
        return {job for job, _ in self.runs}

    def _step(self, connection: Connection) -> bool:
        """Read once; whether there is more."""
        found = fetch(
            connection,
            SQL["log"],
            margem=MARGIN,
            piso=self._floor,
            quantas=AT_ONCE,
            abertas=self._open,
            contadas=self._counted,
            nomes=list(COUNTED),
            faixas=list(BUCKETS),
        )
        before, self._open, self._counted, read = self._floor, [], [], 0
        for what, job, label, value in found:
            if what == "runs":
                self.runs[job, label] += int(value)
            elif what == "seconds":
                self.seconds[job] += value
            elif what == "bucket":
                self.buckets[job, int(label)] += int(value)
            elif what == "count":
                self.counts[job, label] += int(value)
            elif what == "open":
                self._open.append(int(value))
            elif what == "counted":
                self._counted.append(int(value))
            elif what == "floor":
                self._floor = int(value)
            else:
                read = int(value)
        return read >= AT_ONCE and self._floor > before
